"""The four people whom anyone may step into in a demonstration, and all its other people."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from flask_login import current_user

from app.demo.names import InventedPerson, InventedState, load_invented_states, load_people
from app.demo.script import MENTEE_CODE, MENTOR_CODE
from app.i18n import reader_locale

NETWORK_HOST = "network.example"
# Letters that do not come apart into a plain one and a mark.
PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "'": ""})


class Persona(StrEnum):
    """A role to step into with one click."""

    COORDINATOR = "coordinator"
    MENTEE = "mentee"
    MENTOR = "mentor"
    ADMINISTRATOR = "administrator"


STATE_CODES = {Persona.MENTEE: MENTEE_CODE, Persona.MENTOR: MENTOR_CODE}


def persona_email(persona: Persona) -> str:
    if persona in STATE_CODES:
        state = state_of(persona)
        return email_of(focal_point(state), state)
    return f"{persona}@{NETWORK_HOST}"


def state_of(persona: Persona) -> InventedState:
    """The invented State whose focal point a mentee or mentor is."""
    return load_invented_states()[int(STATE_CODES[persona]) - 1]


def demo_personas() -> list[tuple[str, str, bool]]:
    """Key, words for the button, and whether the reader is that person now."""
    signed_in = getattr(current_user, "email", None)
    return [
        (str(persona), _label(persona), persona_email(persona) == signed_in) for persona in Persona
    ]


def _label(persona: Persona) -> str:
    if persona is Persona.COORDINATOR:
        return str(_("Programme coordinator"))
    if persona is Persona.ADMINISTRATOR:
        return str(_("Administrator"))
    if persona is Persona.MENTEE:
        return str(_("Mentee: %(state)s", state=state_name(persona)))
    return str(_("Mentor: %(state)s", state=state_name(persona)))


def state_name(persona: Persona) -> str:
    """The name of a mentee's or mentor's State in the reader's language."""
    return state_of(persona).name(reader_locale().language)


@dataclass(frozen=True, slots=True)
class Staff:
    """Someone who works for the Network."""

    person: InventedPerson
    email: str


def focal_point(state: InventedState) -> InventedPerson:
    return load_people()[state.index - 1]


def alternate(state: InventedState) -> InventedPerson:
    return load_people()[len(load_invented_states()) + state.index - 1]


def colleague(state: InventedState) -> InventedPerson:
    """A third person of a State: the alternate's given name with the next family name."""
    people = load_people()
    return InventedPerson(alternate(state).given, people[-state.index].family)


def staff(place: int, mailbox: str) -> Staff:
    return Staff(load_people()[-1 - place], f"{mailbox}@{NETWORK_HOST}")


def host_of(state: InventedState) -> str:
    """Mail domain of a mechanism; nothing under ``.example`` can ever exist."""
    return f"{_plain(state.name('en'))}.example"


def email_of(person: InventedPerson, state: InventedState) -> str:
    return f"{_plain(person.given)}.{_plain(person.family)}@{host_of(state)}"


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.lower().translate(PLAIN))
    kept = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return kept.replace(" ", "-")
