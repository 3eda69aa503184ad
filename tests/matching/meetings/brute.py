"""Every schedule of a tiny Problem, one by one, judged from the statement."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

from matching.forum.meetings.codes import MeetingRule
from matching.forum.meetings.model import (
    Kept,
    MeetingSlot,
    MeetingsProblem,
    Participant,
    Wish,
)
from matching.outcome import Clash

Schedule = tuple[int | None, ...]


def draw(seed: int) -> MeetingsProblem:
    """A tiny Problem with a bit of everything."""
    dice = random.Random(seed)
    number, people = dice.randint(3, 5), [f"P{at}" for at in range(dice.randint(3, 4))]
    slots = tuple(
        MeetingSlot(
            key=f"s{at}",
            day="one" if at < 3 or dice.random() < 0.6 else "two",
            part=dice.choice(("morning", "afternoon")),
            tables=dice.choice((1, 2, 2, 3)),
            interpreters=dice.choice((0, 1)),
        )
        for at in range(number)
    )
    slots = (*slots[:3], *sorted(slots[3:], key=lambda slot: slot.day or ""))
    parts = sorted({slot.part for slot in slots if slot.part})
    wishes = tuple(
        Wish(
            key=f"w{at}",
            a=(pair := dice.sample(people, 2))[0],
            b=pair[1],
            weight=dice.choice((1, 1, 2, 3)),
            part=dice.choice(parts) if dice.random() < 0.2 else None,
        )
        for at in range(dice.randint(3, 4 if number > 3 else 5))
    )
    place_all = dice.random() < 0.6
    pins: dict[frozenset[str], Kept] = {}
    previous = []
    for wish in wishes:
        slot = dice.choice(slots).key
        if dice.random() < 0.12:
            pins.setdefault(frozenset((wish.a, wish.b)), Kept(wish=wish.key, slot=slot))
        if dice.random() < 0.25:
            previous.append(Kept(wish=wish.key, slot=dice.choice(slots).key))
    return MeetingsProblem(
        slots=slots,
        participants=tuple(
            Participant(
                key=key,
                languages=tuple(dice.sample(("ar", "en", "fr"), dice.choice((0, 1, 1, 2)))),
                away=tuple(slot.key for slot in slots if dice.random() < 0.12),
            )
            for key in people
        ),
        wishes=wishes,
        pins=tuple(pins.values()),
        place_all=place_all,
        fairness=dice.choice((None, 0, 1)),
        previous=tuple(previous) if dice.random() < 0.5 else (),
    )


def rules(problem: MeetingsProblem) -> list[Clash]:
    """Every rule of the Problem that can be part of a clash, in the engine's own terms."""
    everything = [
        Clash(MeetingRule.ALL_PLACED, {"wish": w.key}) for w in problem.wishes if problem.place_all
    ]
    everything += [Clash(MeetingRule.PINNED_SLOT, {"wish": pin.wish}) for pin in problem.pins]
    for person in problem.participants:
        everything.append(Clash(MeetingRule.PARTICIPANT_ONCE, {"participant": person.key}))
        everything.append(Clash(MeetingRule.PARTICIPANT_AWAY, {"participant": person.key}))
    everything += [Clash(MeetingRule.PART_OF_DAY, {"wish": wish.key}) for wish in problem.wishes]
    everything += [
        Clash(MeetingRule.NO_COMMON_LANGUAGE, {"wish": wish.key}) for wish in problem.wishes
    ]
    everything += [Clash(code, {}) for code in (MeetingRule.TABLES, MeetingRule.INTERPRETERS)]
    return [*everything, Clash(MeetingRule.FAIRNESS, {})]


def keeps(problem: MeetingsProblem, schedule: Schedule, rule: Clash) -> bool:
    """Whether a schedule keeps one rule."""
    code, about = rule.code, rule.parameters
    at = {wish.key: slot for wish, slot in zip(problem.wishes, schedule, strict=True)}
    placed = [(wish, at[wish.key]) for wish in problem.wishes if at[wish.key] is not None]
    match code:
        case MeetingRule.ALL_PLACED:
            return at[str(about["wish"])] is not None
        case MeetingRule.PINNED_SLOT:
            pin = next(pin for pin in problem.pins if pin.wish == about["wish"])
            slot = at[pin.wish]
            return slot is not None and problem.slots[slot].key == pin.slot
        case MeetingRule.PARTICIPANT_ONCE:
            mine = [slot for wish, slot in placed if about["participant"] in (wish.a, wish.b)]
            return len(mine) == len(set(mine))
        case MeetingRule.PARTICIPANT_AWAY:
            person = next(p for p in problem.participants if p.key == about["participant"])
            return not any(
                problem.slots[slot].key in person.away
                for wish, slot in placed
                if slot is not None and person.key in (wish.a, wish.b)
            )
        case MeetingRule.PART_OF_DAY:
            wish = next(w for w in problem.wishes if w.key == about["wish"])
            slot = at[wish.key]
            return slot is None or wish.part in (None, problem.slots[slot].part)
        case MeetingRule.TABLES:
            return all(
                sum(where == slot for _, where in placed) <= record.tables
                for slot, record in enumerate(problem.slots)
            )
        case MeetingRule.FAIRNESS:
            gaps = [gaps_of(problem, schedule, person.key) for person in problem.participants]
            return problem.fairness is None or max(gaps) - min(gaps) <= problem.fairness
    raise ValueError(code)


def foreign(problem: MeetingsProblem, wish: Wish) -> bool:
    """Whether a wish needs an interpreter."""
    spoken = {person.key: set(person.languages) for person in problem.participants}
    a, b = spoken[wish.a], spoken[wish.b]
    return bool(a) and bool(b) and not a & b


def helped(problem: MeetingsProblem, schedule: Schedule, wishes: set[str]) -> bool:
    """Whether interpreters suffice for these wishes, as far as they need one."""
    return all(
        sum(
            where == slot and wish.key in wishes and foreign(problem, wish)
            for wish, where in zip(problem.wishes, schedule, strict=True)
        )
        <= record.interpreters
        for slot, record in enumerate(problem.slots)
    )


def gaps_of(problem: MeetingsProblem, schedule: Schedule, person: str) -> int:
    """Idle gaps: for each day the runs of meetings, less one."""
    found = 0
    for day in {slot.day for slot in problem.slots}:
        text = "".join(
            "x" if any(
                where == at and person in (wish.a, wish.b)
                for wish, where in zip(problem.wishes, schedule, strict=True)
            ) else " "
            for at, slot in enumerate(problem.slots) if slot.day == day
        )  # fmt: skip
        found += max(len(text.split()) - 1, 0)
    return found


def schedules(problem: MeetingsProblem, chosen: list[Clash]) -> Iterator[Schedule]:
    """Every schedule that keeps these rules."""
    foreigners = {
        str(rule.parameters["wish"])
        for rule in chosen
        if rule.code is MeetingRule.NO_COMMON_LANGUAGE
    }
    interpreters = any(rule.code is MeetingRule.INTERPRETERS for rule in chosen)
    others = [
        rule
        for rule in chosen
        if rule.code not in (MeetingRule.NO_COMMON_LANGUAGE, MeetingRule.INTERPRETERS)
    ]
    for schedule in product((None, *range(len(problem.slots))), repeat=len(problem.wishes)):
        if all(keeps(problem, schedule, rule) for rule in others) and (
            not interpreters or helped(problem, schedule, foreigners)
        ):
            yield schedule


def best(problem: MeetingsProblem) -> tuple[int, int, int] | None:
    """Fewest moved, most weight, fewest idle gaps; None when no schedule is possible."""
    found = []
    for schedule in schedules(problem, rules(problem)):
        placed = [w for w, slot in zip(problem.wishes, schedule, strict=True) if slot is not None]
        pairs = {frozenset((wish.a, wish.b)) for wish in placed}
        if not problem.place_all and len(pairs) < len(placed):
            continue
        at = {
            wish.key: problem.slots[slot].key
            for wish, slot in zip(problem.wishes, schedule, strict=True)
            if slot is not None
        }
        moved = sum(at.get(kept.wish) != kept.slot for kept in problem.previous)
        gaps = sum(gaps_of(problem, schedule, person.key) for person in problem.participants)
        found.append((moved, -sum(wish.weight for wish in placed), gaps))
    return min(found, default=None)
