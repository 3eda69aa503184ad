"""Seven equal interface languages: which one a reader gets, how things are named and sorted."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import Domain, get_locale
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app.extensions import babel

# Own names, in the alphabetical order of their codes but for English, the Network's first.
INTERFACE_LANGUAGES: dict[str, str] = {
    "en": "English",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "ar": "العربية",
    "ru": "Русский",
    "zh": "中文",
}
ENGLISH = Locale("en")
# Languages whose catalog is complete; the others are prepared and not yet offered.
COMPLETE_LANGUAGES = ("en", "fr", "es", "ar")


def init_i18n(app: Flask) -> None:
    words = Words()
    babel.init_app(app, locale_selector=choose_language, timezone_selector=choose_zone)
    babel.domain_instance = words
    app.jinja_env.globals.update(
        _=words.in_template,
        gettext=words.in_template,
        ngettext=words.count_in_template,
        interface_languages=[(code, INTERFACE_LANGUAGES[code]) for code in COMPLETE_LANGUAGES],
        language_name=language_name,
    )

    @app.context_processor
    def _reading_direction() -> dict[str, str]:
        locale = reader_locale()
        return {"locale_code": locale.language, "text_direction": locale.text_direction}


def reader_locale() -> Locale:
    """The reader's language; English where nobody reads.

    A page asks for it some hundred times, and the library looks it up anew each time. What it
    has found is read here in one step.
    """
    try:
        found: Locale = g._flask_babel.babel_locale
    except (AttributeError, RuntimeError):
        return get_locale() or ENGLISH
    return found or ENGLISH


class Words(Domain):
    """The translations of the site: catalogs do not change while it runs."""

    def __init__(self) -> None:
        super().__init__()
        self._by_language: dict[str, Any] = {}
        self._said: dict[tuple[str, bool, str], str] = {}

    def get_translations(self) -> Any:
        language = reader_locale().language
        if language not in self._by_language:
            self._by_language[language] = super().get_translations()
        return self._by_language[language]

    @pass_eval_context
    def in_template(self, context: EvalContext, text: str, **named: object) -> str:
        """A text of a template; what is put into it is escaped like all else on the page."""
        key = reader_locale().language, context.autoescape, text
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = _marked(self.get_translations().ugettext(text), context)
        return found % named if named or "%" in text else found

    @pass_eval_context
    def count_in_template(
        self, context: EvalContext, one: str, many: str, num: int, **named: object
    ) -> str:
        """A text of a template whose form depends on a number."""
        said = self.get_translations().ungettext(one, many, num)
        return _marked(said, context) % {"num": num, **named}


def _marked(said: str, context: EvalContext) -> str:
    # Translations are the site's own: they may hold an entity, and are not escaped themselves.
    return Markup(said) if context.autoescape else said  # noqa: S704


def choose_language() -> str:
    """The address's ``lang``, then the reader's own choice, then the browser's, then English."""
    if not has_request_context():
        return "en"
    wanted = request.args.get("lang") or session.get("lang")
    if wanted not in COMPLETE_LANGUAGES and _reader_is_known():
        wanted = current_user.language
    if wanted in COMPLETE_LANGUAGES:
        return str(wanted)
    return request.accept_languages.best_match(COMPLETE_LANGUAGES) or "en"


def choose_zone() -> str:
    return str(current_user.zone or "UTC") if _reader_is_known() else "UTC"


def _reader_is_known() -> bool:
    """Whether somebody is signed in; never asks a database that has just failed."""
    if not has_request_context() or g.get("database_failed"):
        return False
    return bool(current_user and current_user.is_authenticated)


def language_name(code: str, locale: Locale | None = None) -> str:
    """The name of any language in the reader's; its code where nobody has named it."""
    return _language_name(code, locale or reader_locale()) if code else ""


@lru_cache(maxsize=2048)
def _language_name(code: str, reader: Locale) -> str:
    try:
        found = Locale.parse(code, sep="-").get_display_name(reader)
    except (UnknownLocaleError, ValueError):
        found = reader.languages.get(code.split("-")[0])
    return found or reader.languages.get(code) or code


def sorted_for_reader(items: Iterable[Any], name: Callable[[Any], str]) -> list[Any]:
    """Items in the alphabetical order of the reader's language (ICU order where installed)."""
    key = collation_key()
    return sorted(items, key=lambda item: key(name(item)))


def collation_key() -> Callable[[str], tuple[str, str]]:
    """A sort key that ignores accents and case first, then respects them.

    Good for the alphabets of the seven languages; ties are broken by the text itself.
    """
    return _collation_key


# Names recur on every page; a key depends on nothing but its text.
@lru_cache(maxsize=4096)
def _collation_key(text: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(ch for ch in plain if not unicodedata.combining(ch)).casefold()
    return (bare.removeprefix("ال"), text.casefold())


def base_url() -> str:
    """The configured address of the site; links in mail never follow a request's Host header."""
    return str(current_app.config["BASE_URL"])


def link(endpoint: str, **values: object) -> str:
    """The whole address of a page, for mail and files; also where there is no request."""
    adapter = current_app.url_map.bind("", url_scheme="http")
    return base_url() + adapter.build(endpoint, values)
