"""Every arrangement of a tiny agenda, one by one, and random tiny agendas."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import permutations, product

from matching.forum.agenda.check import check
from matching.forum.agenda.codes import AgendaObjective, AgendaRule, AgendaViolation
from matching.forum.agenda.model import (
    AgendaItem,
    AgendaPlan,
    AgendaProblem,
    AgendaWeights,
    Interest,
    Pair,
    PairRule,
    Person,
    Placed,
    PlacePenalty,
    Room,
    Session,
    SimilarTracks,
    Slot,
    Teams,
    Track,
)
from matching.outcome import Violation

Rule = tuple[str, ...]
OF_SESSION = {
    AgendaViolation.SLOT_NOT_ALLOWED: AgendaRule.SESSION_SLOTS,
    AgendaViolation.ROOM_NOT_ALLOWED: AgendaRule.SESSION_ROOMS,
    AgendaViolation.TOO_FEW_SEATS: AgendaRule.SESSION_SEATS,
    AgendaViolation.TOO_FEW_BOOTHS: AgendaRule.SESSION_BOOTHS,
    AgendaViolation.WRONG_KIND: AgendaRule.SESSION_KIND,
    AgendaViolation.NOT_ALONE: AgendaRule.SESSION_ALONE,
}


def plans(problem: AgendaProblem) -> Iterator[AgendaPlan]:
    """Every way to give sessions slots, rooms and a turn within them."""
    cells = list(product(problem.slots, problem.rooms))
    for places in product(range(len(cells)), repeat=len(problem.sessions)):
        inside = [
            [at for at, place in enumerate(places) if place == cell] for cell in range(len(cells))
        ]
        for turns in product(*(permutations(members) for members in inside)):
            items = []
            for cell, turn in enumerate(turns):
                start = 0
                for at in turn:
                    slot, room = cells[cell]
                    items.append(
                        AgendaItem(session=problem.sessions[at].key, slot=slot.key,
                                   room=room.key, start=start)
                    )  # fmt: skip
                    start += problem.sessions[at].length
            yield AgendaPlan(items=tuple(items), objectives=())


def rules_broken(
    problem: AgendaProblem, plan: AgendaPlan, violation: Violation
) -> tuple[Rule, ...]:
    """The rules of the Problem that a violation breaks, none for what is said of objectives."""
    rule = _rule(problem, violation)
    if violation.code is AgendaViolation.SESSION_TOO_LONG:
        item = next(item for item in plan.items if item.session == violation.parameters["session"])
        # It is too long for the slot, and comes after others besides.
        return (rule, (AgendaRule.ROOM_PLACES.value,)) if rule and item.start else (rule,)  # type: ignore[return-value]
    return (rule,) if rule else ()


def _rule(problem: AgendaProblem, violation: Violation) -> Rule | None:
    what = violation.parameters
    code = violation.code
    if code in OF_SESSION:
        return OF_SESSION[AgendaViolation(code)].value, str(what["session"])
    if code is AgendaViolation.SESSION_TOO_LONG:
        length = next(s.length for s in problem.sessions if s.key == what["session"])
        slot = next(s.length for s in problem.slots if s.key == what["slot"])
        if length > slot:
            return AgendaRule.SESSION_LENGTH.value, str(what["session"])
        return (AgendaRule.ROOM_PLACES.value,)
    if code in (AgendaViolation.ROOM_OVERLAP, AgendaViolation.TRACKS_MIXED):
        return (AgendaRule.ROOM_PLACES.value,)
    if code is AgendaViolation.ROOM_IS_CLOSED:
        return AgendaRule.ROOM_CLOSED.value, str(what["room"])
    if code is AgendaViolation.PERSON_IS_AWAY:
        return AgendaRule.PERSON_AWAY.value, str(what["person"])
    if code is AgendaViolation.PERSON_TWICE:
        return AgendaRule.PERSON_ONCE.value, str(what["person"])
    if code is AgendaViolation.TOO_FEW_TEAMS:
        return AgendaRule.TEAMS.value, str(what["language"])
    if code is AgendaViolation.PAIR_BROKEN:
        return AgendaRule.PAIR.value, str(what["first"]), str(what["second"]), str(what["rule"])
    return None


def every(problem: AgendaProblem) -> list[tuple[frozenset[Rule], tuple[int, ...]]]:
    """Rules broken and values of the objectives, in order, of every arrangement."""
    found = []
    for plan in plans(problem):
        report = check(problem, plan)
        broken = {
            rule
            for violation in report.violations
            for rule in rules_broken(problem, plan, violation)
        }
        values = tuple(report.values[code] for code in AgendaObjective if code in report.values)
        found.append((frozenset(broken), values))
    return found


def best(arrangements: list[tuple[frozenset[Rule], tuple[int, ...]]]) -> tuple[int, ...] | None:
    """The least values of an arrangement that breaks no rule."""
    return min((values for broken, values in arrangements if not broken), default=None)


def tiny(seed: int) -> AgendaProblem:
    """A random agenda of two to four sessions with a few of every kind of rule."""
    draw = random.Random(seed)

    def some(share: float) -> bool:
        return draw.random() < share

    def subset(keys: tuple[str, ...], share: float) -> tuple[str, ...]:
        return tuple(key for key in keys if draw.random() < share)

    starts = [540, 600, 660] if some(0.7) else [540, 570, 660]
    slots = tuple(
        Slot(key=f"s{at}", day="2027-05-10" if at < 2 or some(0.5) else "2027-05-11",
             start=start, end=start + 60, length=draw.choice((1, 2, 3, 3)))
        for at, start in enumerate(starts[: draw.choice((2, 2, 3))])
    )  # fmt: skip
    slot_keys = tuple(slot.key for slot in slots)
    rooms = tuple(
        Room(key=f"r{at}", seats=draw.choice((None, 10, 20)), booths=draw.choice((1, 2)),
             kinds=draw.choice(((), ("a",))), closed=subset(slot_keys, 0.1))
        for at in range(2)
    )  # fmt: skip
    tracks = (Track(key="t", chairs=("p0",) if some(0.2) else ()), Track(key="u"))
    count = draw.choice((2, 3, 3, 4)) if len(slots) == 2 else draw.choice((2, 3))
    sessions = tuple(
        Session(
            key=f"x{at}", length=draw.choice((1, 1, 1, 2)),
            track=draw.choice((None, "t", "t", "u")),
            kind=draw.choice((None, None, None, "a", "b")),
            seats=draw.choice((0, 0, 15)),
            speakers=("p0",) if some(0.25) else (), chairs=("p1",) if some(0.25) else (),
            languages=("fr",) if some(0.25) else (),
            slots=subset(slot_keys, 0.5) if some(0.2) else (),
            rooms=subset(("r0", "r1"), 0.5) if some(0.15) else (),
            alone=some(0.07), place=draw.choice((None, 1, 2)),
        )
        for at in range(count)
    )  # fmt: skip
    keys = tuple(session.key for session in sessions)

    def pair(hard: float) -> Pair:
        one, other = draw.sample(keys, 2)
        penalty = None if some(hard) else draw.randint(1, 5)
        return Pair(first=one, second=other, rule=draw.choice(list(PairRule)), penalty=penalty)

    return AgendaProblem(
        slots=slots, rooms=rooms, sessions=sessions, tracks=tracks,
        people=tuple(
            Person(key=key, away=subset(slot_keys, 0.2))
            for key in ("p0", "p1")
            if any(key in (*session.speakers, *session.chairs) for session in sessions)
        ),
        interest=tuple(
            Interest(person=person, session=key, points=draw.randint(1, 3))
            for person in ("a", "b") for key in keys if some(0.5)
        ),
        pairs=tuple(pair(0.3) for _ in range(draw.choice((0, 1, 2)))),
        similar=(SimilarTracks(first="t", second="u", penalty=2),) if some(0.4) else (),
        penalties=tuple(
            PlacePenalty(
                session=draw.choice(keys) if kind == 0 else None,
                track="t" if kind == 1 else None,
                slot=draw.choice(slot_keys) if some(0.6) else None,
                room=draw.choice(("r0", "r1")) if some(0.4) else None,
                penalty=draw.randint(1, 9),
            )
            for kind in (draw.randrange(3) for _ in range(draw.choice((0, 2, 4))))
        ),
        teams=(Teams(language="fr", teams=1),) if some(0.5) else (),
        weights=AgendaWeights(
            clash=draw.choice((0, 1, 2)), track_rooms=draw.choice((0, 2)),
            track_parallel=draw.choice((0, 3)), track_gaps=draw.choice((0, 2)),
            order=draw.choice((0, 1)),
        ),
        previous=tuple(
            Placed(session=key, slot=draw.choice((*slot_keys, "gone")), room="r0")
            for key in keys if some(0.7)
        ) if some(0.25) else (),
    )  # fmt: skip
