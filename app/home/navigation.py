"""What each person finds in the main navigation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.accounts.models import STATE_ROLES, Role


@dataclass(frozen=True, slots=True)
class Entry:
    label: Any
    url: str
    # As in aria-current: "page", "true" for a page that belongs to the entry, or "".
    current: str


# Label, endpoint, roles, and where pages begin that belong to the entry without standing under it.
ENTRIES: tuple[tuple[Any, str, frozenset[Role], tuple[str, ...]], ...] = (
    (_l("Our State"), "membership.our_state", STATE_ROLES, ("/how-to-join",)),
    (_l("Our needs"), "needs.index", STATE_ROLES, ("/round",)),
    (_l("Our offers"), "offers.index", STATE_ROLES, ()),
    (_l("Proposals"), "plans.proposals", STATE_ROLES, ()),
    (_l("Mentorships"), "engagements.index", STATE_ROLES, ()),
    (_l("Workbook"), "workbooks.index", STATE_ROLES, ()),
    (_l("Our record"), "oversight.record", STATE_ROLES, ("/our-people",)),
    (
        _l("Rounds"),
        "rounds.index",
        frozenset({Role.PROGRAMME_COORDINATOR}),
        ("/runs", "/plans", "/states"),
    ),
    (
        _l("Roster"),
        "membership.roster",
        frozenset({Role.PROGRAMME_COORDINATOR, Role.REGION_COORDINATOR, Role.ADMINISTRATOR}),
        (),
    ),
    (_l("People"), "accounts.people", frozenset({Role.ADMINISTRATOR}), ()),
    (_l("Audit trail"), "oversight.trail", frozenset({Role.ADMINISTRATOR}), ()),
)


FOOTER: tuple[tuple[Any, str], ...] = (
    (_l("About Tandem"), "home.about"),
    (_l("What Tandem keeps, and who sees it"), "home.privacy"),
)


def init_navigation(app: Flask) -> None:
    app.jinja_env.globals.update(navigation=navigation, footer_links=footer_links)


def navigation() -> list[Entry]:
    if not current_user or not current_user.is_authenticated:
        return []
    return [
        _entry(label, endpoint, beginnings)
        for label, endpoint, roles, beginnings in ENTRIES
        if current_user.plays(*roles)
    ]


def footer_links() -> list[Entry]:
    return [_entry(label, endpoint) for label, endpoint in FOOTER]


def _entry(label: Any, endpoint: str, beginnings: tuple[str, ...] = ()) -> Entry:
    url = url_for(endpoint)
    if request.endpoint == endpoint:
        return Entry(label, url, "page")
    inside = any(f"{request.path}/".startswith(f"{begin}/") for begin in (url, *beginnings))
    return Entry(label, url, "true" if inside else "")
