"""Codes of the agenda: rules, objectives, terms of the penalty, violations, with parameters."""

from __future__ import annotations

from enum import StrEnum


class AgendaRule(StrEnum):
    """Hard rules that can contradict each other, one code for each statement of the Problem."""

    SESSION_LENGTH = "session_length"
    SESSION_SLOTS = "session_slots"
    SESSION_ROOMS = "session_rooms"
    SESSION_SEATS = "session_seats"
    SESSION_BOOTHS = "session_booths"
    SESSION_KIND = "session_kind"
    SESSION_ALONE = "session_alone"
    ROOM_CLOSED = "room_closed"
    PERSON_AWAY = "person_away"
    PERSON_ONCE = "person_once"
    TEAMS = "teams"
    PAIR = "pair"
    ROOM_PLACES = "room_places"


class AgendaObjective(StrEnum):
    """What an agenda is judged by, in this order."""

    MOVES = "moves"
    PENALTY = "penalty"


class Term(StrEnum):
    """What a penalty is made of."""

    PLACES = "places"
    CLASHES = "clashes"
    PAIRS = "pairs"
    SIMILAR_TRACKS = "similar_tracks"
    TRACK_ROOMS = "track_rooms"
    TRACK_PARALLEL = "track_parallel"
    TRACK_GAPS = "track_gaps"
    ORDER = "order"


class AgendaViolation(StrEnum):
    """What a check found wrong."""

    UNKNOWN_SESSION = "unknown_session"
    UNKNOWN_SLOT = "unknown_slot"
    UNKNOWN_ROOM = "unknown_room"
    SESSION_MISSING = "session_missing"
    SESSION_REPEATED = "session_repeated"
    SESSION_TOO_LONG = "session_too_long"
    SLOT_NOT_ALLOWED = "slot_not_allowed"
    ROOM_NOT_ALLOWED = "room_not_allowed"
    TOO_FEW_SEATS = "too_few_seats"
    TOO_FEW_BOOTHS = "too_few_booths"
    WRONG_KIND = "wrong_kind"
    NOT_ALONE = "not_alone"
    ROOM_IS_CLOSED = "room_is_closed"
    PERSON_IS_AWAY = "person_is_away"
    PERSON_TWICE = "person_twice"
    TOO_FEW_TEAMS = "too_few_teams"
    PAIR_BROKEN = "pair_broken"
    ROOM_OVERLAP = "room_overlap"
    TRACKS_MIXED = "tracks_mixed"
    WRONG_OBJECTIVES = "agenda_wrong_objectives"
    WRONG_VALUE = "agenda_wrong_value"
    WRONG_BOUND = "agenda_wrong_bound"
    WRONG_STATEMENT = "agenda_wrong_statement"
    WRONG_TERM = "wrong_term"


PARAMETERS: dict[StrEnum, tuple[str, ...]] = {
    AgendaRule.SESSION_LENGTH: ("session", "length"),
    AgendaRule.SESSION_SLOTS: ("session", "slots"),
    AgendaRule.SESSION_ROOMS: ("session", "rooms"),
    AgendaRule.SESSION_SEATS: ("session", "seats"),
    AgendaRule.SESSION_BOOTHS: ("session", "booths"),
    AgendaRule.SESSION_KIND: ("session", "kind"),
    AgendaRule.SESSION_ALONE: ("session",),
    AgendaRule.ROOM_CLOSED: ("room", "slots"),
    AgendaRule.PERSON_AWAY: ("person", "slots"),
    AgendaRule.PERSON_ONCE: ("person",),
    AgendaRule.TEAMS: ("language", "teams"),
    AgendaRule.PAIR: ("first", "second", "rule"),
    AgendaRule.ROOM_PLACES: ("sessions", "rooms", "slots"),
    AgendaObjective.MOVES: (),
    AgendaObjective.PENALTY: (),
    Term.PLACES: (),
    Term.CLASHES: (),
    Term.PAIRS: (),
    Term.SIMILAR_TRACKS: (),
    Term.TRACK_ROOMS: (),
    Term.TRACK_PARALLEL: (),
    Term.TRACK_GAPS: (),
    Term.ORDER: (),
    AgendaViolation.UNKNOWN_SESSION: ("session",),
    AgendaViolation.UNKNOWN_SLOT: ("session", "slot"),
    AgendaViolation.UNKNOWN_ROOM: ("session", "room"),
    AgendaViolation.SESSION_MISSING: ("session",),
    AgendaViolation.SESSION_REPEATED: ("session",),
    AgendaViolation.SESSION_TOO_LONG: ("session", "slot"),
    AgendaViolation.SLOT_NOT_ALLOWED: ("session", "slot"),
    AgendaViolation.ROOM_NOT_ALLOWED: ("session", "room"),
    AgendaViolation.TOO_FEW_SEATS: ("session", "room"),
    AgendaViolation.TOO_FEW_BOOTHS: ("session", "room"),
    AgendaViolation.WRONG_KIND: ("session", "room"),
    AgendaViolation.NOT_ALONE: ("session", "other"),
    AgendaViolation.ROOM_IS_CLOSED: ("room", "slot"),
    AgendaViolation.PERSON_IS_AWAY: ("person", "session", "slot"),
    AgendaViolation.PERSON_TWICE: ("person", "session", "other"),
    AgendaViolation.TOO_FEW_TEAMS: ("language", "slot", "teams", "needed"),
    AgendaViolation.PAIR_BROKEN: ("first", "second", "rule"),
    AgendaViolation.ROOM_OVERLAP: ("room", "session", "other"),
    AgendaViolation.TRACKS_MIXED: ("room", "slot"),
    AgendaViolation.WRONG_OBJECTIVES: ("stated", "found"),
    AgendaViolation.WRONG_VALUE: ("objective", "stated", "found"),
    AgendaViolation.WRONG_BOUND: ("objective", "stated", "found"),
    AgendaViolation.WRONG_STATEMENT: ("objective", "field"),
    AgendaViolation.WRONG_TERM: ("term", "stated", "found"),
}
"""Names of the parameters of every code."""
