"""Every template: used, safe, and without a word that can't be translated."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, template_rendered
from flask_babel import force_locale
from jinja2 import meta

from app import notices
from app.config import ROOT
from app.database import now
from app.engagements.calendar import call_words
from app.engagements.queries import contacts
from app.extensions import db
from app.i18n import COMPLETE_LANGUAGES, link
from app.notices import Notice
from app.plans.words import themes_listed
from tests.app.everything import Everything
from tests.app.places import pages

FOLDER = ROOT / "templates"
PAGES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
MAILS = sorted(path.stem for path in (FOLDER / "mail").glob("*.txt"))
# Templates that no page shows when it is read in an installation, and where they are tested.
SHOWN_OTHERWISE = {
    "accounts/code.html": "after the password (accounts/test_second_factor.py)",
    "accounts/confirm.html": "when a form asks for the password (accounts/test_sign_in.py)",
    "accounts/recovery_codes.html": "once, as answer (accounts/test_second_factor.py)",
    "accounts/link_is_over.html": "for a link that opens nothing (accounts/test_links.py)",
    "demo/mail.html": "in a demonstration (demo, browser)",
    "demo/outbox.html": "in a demonstration (demo, browser)",
    "errors/400.html": "for a request that is none",
    "errors/403.html": "when nothing more can be said",
    "errors/404.html": "for what is not there (test_tenancy.py)",
    "errors/405.html": "for a method that is not for the page",
    "errors/413.html": "for a body that is too big (web/test_serving.py)",
    "errors/429.html": "for too many tries (accounts/test_limits.py)",
    "errors/500.html": "when something broke",
    "errors/csrf.html": "for a form without token (test_routes.py)",
    "errors/refused.html": "when an action is refused",
    "needs/need.html": "for colleagues, what was submitted",
    "plans/progress.html": "the box that htmx fetches (plans/test_path.py)",
    "workbooks/progress.html": "the box that htmx fetches (workbooks/test_import.py)",
}
BLOCK = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
# A macro without a tag answers with a code, not with words.
CODE_MACRO = re.compile(r"{%-? macro (?:(?!endmacro)[^<])*endmacro -?%}", re.DOTALL)
TAG = re.compile(r"<!--.*?-->|<(script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
INLINE = r"<style\b|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)"
ENTITY = re.compile(r"&\w+;|&#\w+;")
SPOKEN_ATTRIBUTE = re.compile(
    r'\b(?:title|alt|placeholder|aria-label|aria-description|data-label|content)="([^"]*)"'
)
# Written in a template because it is the same in every language.
SAME_EVERYWHERE = {
    "Tandem": "the name",
    "· Tandem": "the name",
    "width=device-width, initial-scale=1": "for browsers",
    "light": "for browsers",
    "#0c3f4a": "for browsers",
}


def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def words_outside_gettext(name: str) -> list[str]:
    """Text of a template that is neither an expression nor a tag."""
    html = BLOCK.sub("\0", CODE_MACRO.sub("", source(name)))
    texts = [*TAG.sub("\0", html).split("\0")]
    for attribute in SPOKEN_ATTRIBUTE.findall(html):
        texts += attribute.split("\0")
    folded = (" ".join(ENTITY.sub(" ", text).split()) for text in texts)
    return [text for text in folded if re.search(r"[^\W\d_]", text)]


@pytest.mark.parametrize("name", PAGES)
def test_every_word_of_a_template_can_be_translated(name: str) -> None:
    assert set(words_outside_gettext(name)) - SAME_EVERYWHERE.keys() == set()


def test_the_scanner_finds_what_it_is_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.app.test_templates.FOLDER", tmp_path)
    page = '<p title="Hello">{{ _("Fine") }} and <b>{% if a %}more{% endif %}</b> 7 &amp;</p>'
    (tmp_path / "one.html").write_text(page)
    assert words_outside_gettext("one.html") == ["and", "more", "Hello"]


@pytest.mark.parametrize("name", PAGES)
def test_a_template_trusts_no_text_and_holds_nothing_inline(name: str) -> None:
    html = BLOCK.sub("", source(name))
    assert re.findall(r"\|\s*safe\b|Markup\(|autoescape\s+false", html) == []
    assert (
        re.findall(r"<style\b|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", html) == []
    )


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_changes_something_carries_a_token(name: str) -> None:
    for form in re.split(r"<form\b", source(name))[1:]:
        head = form.split(">", 1)[0].lower()
        if 'method="post"' in head or "method={{" in head or 'method="{{' in head:
            assert re.search(r"csrf_token|\bcsrf\(\)", form.split("</form>")[0]), name


def test_every_template_is_used(everything: Everything) -> None:
    """Shown by a page, or part of one that is; nothing lies about."""
    app = everything.world.app
    shown: set[str] = set()

    def note(_app: Flask, template: Any, **_rest: Any) -> None:
        if not str(template.name).startswith("mail/"):
            shown.add(str(template.name))

    with template_rendered.connected_to(note, app):
        for page in pages(everything):
            everything.client(page.person).get(page.path)
    assert SHOWN_OTHERWISE.keys() & shown == set()
    assert _with_parts(app, shown | SHOWN_OTHERWISE.keys()) == set(PAGES)


def _with_parts(app: Flask, names: set[str]) -> set[str]:
    """The templates and all that they extend, include and import."""
    found, waiting = set(names), set(names)
    while waiting:
        tree = app.jinja_env.parse(source(waiting.pop()))
        parts = {name for name in meta.find_referenced_templates(tree) if name} - found
        found |= parts
        waiting |= parts
    return found


def words_of(e: Everything) -> dict[str, dict[str, Any]]:
    """What each mail is written with; the same names as in the actions that write it."""
    engagement = e.engagement()
    day = dt.date(2027, 3, 1)
    entry = {
        "other": e.mentor,
        "as_mentor": False,
        "themes": ["TRACK"],
        "answer_by": day,
        "url": link("plans.proposals"),
    }
    parties = {"state": e.state, "entries": [entry, entry], "all_url": link("plans.proposals")}
    parties |= {"themes_listed": themes_listed, "round": e.round, "answer_by": day}
    person = {"name": "Amina", "url": link("accounts.settings")}
    invited = {**person, "inviter": "Bo", "roles": ["Colleague"], "state": "Aland", "until": now()}
    round_ = {"title": "Round 1", "answers_due": day, "first_week": day, "last_week": day} | {
        f"{name}_link": link("needs.index") for name in ("needs", "offers", "workbook", "nothing")
    }
    proposed = {"titles": ["One", "Two"], "state": "Aland", "url": link("needs.index")}
    agreed = {
        "engagement": engagement,
        "own": e.state,
        "other": engagement.mentor,
        "as_mentor": False,
        "contact": contacts(engagement)[0],
        "themes_listed": themes_listed,
        "call_words": call_words,
        "url": link("engagements.index"),
    }
    return {
        **dict.fromkeys((name for name in MAILS if name.startswith("accounts_")), person),
        "accounts_invitation": invited,
        "accounts_invitation_in_use": invited,
        "accounts_recovery_code_used": {**person, "left": 3},
        "accounts_second_factor_changed": {**person, "what": "codes"},
        "audit_anchor": {"anchor": "7:" + "0" * 64, "entries": 7},
        "engagements_agreed": agreed,
        "engagements_call_moved": {**agreed, "mover": agreed["other"]},
        "needs_proposed": proposed,
        "offers_proposed": proposed,
        "oversight_trail_broken": person,
        "plans_not_going_ahead": parties,
        "plans_proposed": parties,
        "plans_reminder": parties,
        "rounds_opened": round_,
        "rounds_reminder": round_,
    }


@pytest.mark.parametrize("language", COMPLETE_LANGUAGES)
def test_every_mail_is_written_in_every_language(everything: Everything, language: str) -> None:
    words = words_of(everything)
    assert sorted(words) == MAILS
    for name in MAILS:
        mail = notices.write(Notice("amina@example.org", language, name, words[name]))
        english = notices.write(Notice("amina@example.org", "en", name, words[name]))
        assert mail.subject, name
        assert "\n\n" not in mail.subject + mail.text[:1], name
        assert len(mail.text.split()) > 5, name
        assert "%(" not in mail.text + mail.subject, name
        assert re.findall(r"{[{%#]|&(?:amp|#39|quot|lt|gt);|None", mail.text) == [], name
        if language != "en":
            assert mail.subject != english.subject, name
            same = _sentences(mail.text) & _sentences(english.text)
            assert {line for line in same if "@" not in line} == set(), name
    db.session.rollback()


def _sentences(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if len(line.split()) > 3}


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_begins_with_its_subject_on_a_line_of_its_own(name: str) -> None:
    first = source(f"mail/{name}.txt").splitlines()[0]
    assert first.startswith(("{{ _(", "{{ ngettext("))
    assert first.endswith("}}")


@pytest.mark.parametrize("name", MAILS)
def test_every_word_of_a_mail_can_be_translated(name: str) -> None:
    text = BLOCK.sub("", source(f"mail/{name}.txt"))
    assert re.findall(r"[^\W\d_]+", text) == []


def test_a_mail_is_plain_text_and_not_escaped(everything: Everything) -> None:
    with force_locale("en"):
        words = {"name": "Amina <O'Brien> & Söhne", "url": "https://example.org/?a=1&b=2"}
        mail = notices.write(Notice("a@example.org", "en", "accounts_reset", words))
    assert "Amina <O'Brien> & Söhne" in mail.text
    assert "?a=1&b=2" in mail.text
    db.session.rollback()
