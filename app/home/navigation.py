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
    current: bool


# Label, endpoint, roles; the blueprint of the page being read marks the current entry.
ENTRIES: tuple[tuple[Any, str, frozenset[Role]], ...] = (
    (_l("Our State"), "membership.our_state", STATE_ROLES),
    (_l("Our needs"), "needs.index", STATE_ROLES),
    (_l("Our offers"), "offers.index", STATE_ROLES),
    (_l("Proposals"), "plans.proposals", STATE_ROLES),
    (_l("Mentorships"), "engagements.index", STATE_ROLES),
    (_l("Workbook"), "workbooks.index", STATE_ROLES),
    (_l("Our record"), "oversight.record", STATE_ROLES),
    (_l("Rounds"), "rounds.index", frozenset({Role.PROGRAMME_COORDINATOR})),
    (
        _l("Roster"),
        "membership.roster",
        frozenset({Role.PROGRAMME_COORDINATOR, Role.ADMINISTRATOR}),
    ),
    (_l("People"), "accounts.people", frozenset({Role.ADMINISTRATOR})),
    (_l("Audit trail"), "oversight.trail", frozenset({Role.ADMINISTRATOR})),
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
        Entry(label, url_for(endpoint), request.endpoint == endpoint)
        for label, endpoint, roles in ENTRIES
        if current_user.plays(*roles)
    ]


def footer_links() -> list[Entry]:
    return [
        Entry(label, url_for(endpoint), request.endpoint == endpoint) for label, endpoint in FOOTER
    ]
