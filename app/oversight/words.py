"""Entries of the trail in words: who acted, seen by whom; what was looked at."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import STATE_ROLES, Role, User
from app.audit.actions import SYSTEM
from app.audit.models import AuditEntry
from app.audit.tags import TAG_LABELS, Tag

# What pages say they show, by the first word of what they give to ``audit.record_look``.
LOOKS = {
    "needs": _l("Your submitted needs"),
    "offer": _l("Your submitted offer"),
    "answers": _l("Your State's answers in a round"),
    "plan": _l("A plan in which your State takes part"),
    "workbook": _l("A workbook with your State's entries"),
}
# Who of the Network acted is told by the highest of these roles, not by name.
OF_THE_NETWORK = (Role.PROGRAMME_COORDINATOR, Role.REGION_COORDINATOR, Role.ADMINISTRATOR)


def looked_at(what: str) -> str:
    return str(LOOKS.get(what.split(" ")[0], _l("Your State's records")))


def tag_label(tag: str) -> str:
    """The words of a tag; the tag itself where a later version wrote it."""
    try:
        return str(TAG_LABELS[Tag(tag)])
    except (KeyError, ValueError):
        return tag


def actor_for_state(pseudonym: str, known: dict[str, User], state_id: int) -> str:
    """Who acted, as a State is told: its own people by name, the Network's by role."""
    if pseudonym == SYSTEM:
        return str(_("Tandem, by itself"))
    person = known.get(pseudonym)
    if person is None:
        return str(_("A person who has left"))
    if person.state_id == state_id and person.plays(*STATE_ROLES):
        return person.name
    for role in OF_THE_NETWORK:
        if person.plays(role):
            return str(role.label)
    return str(_("A person of another State"))


def actor_for_administrator(pseudonym: str, known: dict[str, User]) -> str:
    if pseudonym == SYSTEM:
        return str(_("Tandem, by itself"))
    person = known.get(pseudonym)
    return person.name if person else str(_("A person who has left"))


def entry_for_state(entry: AuditEntry, known: dict[str, User], state_id: int) -> dict[str, Any]:
    looked = entry.tag == Tag.RECORD_LOOKED_AT
    return {
        "at": entry.at,
        "what": tag_label(entry.tag),
        "detail": looked_at(entry.subject) if looked else "",
        "actor": actor_for_state(entry.actor, known, state_id),
    }
