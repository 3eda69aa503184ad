"""What is wanted of two sessions, as constraints that hold or whose literal ``broken`` is true."""

from __future__ import annotations

from ortools.sat.python import cp_model

from matching.forum.agenda.model import PairRule
from matching.forum.agenda.variables import Linear, Literal, Variables, total

Constraints = list[cp_model.Constraint]


def pair_holds(
    rules: Variables, one: int, other: int, rule: PairRule, broken: Literal | None
) -> Constraints:
    """Constraints that hold when a pair's rule holds or ``broken`` is true."""
    states = {
        PairRule.APART: _apart,
        PairRule.BEFORE: _before,
        PairRule.SAME_DAY: _same_day,
        PairRule.OTHER_DAY: _other_day,
        PairRule.SAME_ROOM: _same_room,
    }
    return states[rule](rules, one, other, broken)


def _apart(rules: Variables, one: int, other: int, broken: Literal | None) -> Constraints:
    """The two are not at once in different rooms."""
    spared = [] if broken is None else [broken]
    found = []
    for slot, first in rules.y[one].items():
        for meeting in rules.grid.meets[slot]:
            second = rules.y[other].get(meeting)
            if second is None:
                continue
            if meeting != slot or not rules.can_share(one, other, slot):
                found.append(rules.model.add_bool_or(~first, ~second, *spared))
                continue
            for group in range(rules.groups):
                x = rules.x.get((one, slot, group))
                if x is not None:
                    same = rules.x.get((other, slot, group))
                    with_it = [] if same is None else [same]
                    found.append(rules.model.add_bool_or(~x, ~second, *with_it, *spared))
    return found


def _before(rules: Variables, one: int, other: int, broken: Literal | None) -> Constraints:
    """The first one's slot has ended when the second one's begins."""
    slots = rules.grid.problem.slots
    found = []
    for at in sorted(rules.y[other]):
        begin = (slots[at].day, slots[at].start)
        late = [x for s, x in rules.y[one].items() if (slots[s].day, slots[s].end) > begin]
        early = [x for s, x in rules.y[other].items() if (slots[s].day, slots[s].start) <= begin]
        found.append(rules.model.add(total([*late, *early]) <= 1 + _spare(broken)))
    return found


def _days(rules: Variables, at: int) -> dict[str, Linear]:
    """For each day, an expression that is 1 when a session is on it."""
    found: dict[str, list[Literal]] = {}
    for slot, literal in rules.y[at].items():
        found.setdefault(rules.grid.problem.slots[slot].day, []).append(literal)
    return {day: total(literals) for day, literals in found.items()}


def _same_day(rules: Variables, one: int, other: int, broken: Literal | None) -> Constraints:
    """The two are on one day."""
    second = _days(rules, other)
    return [
        rules.model.add(first <= second.get(day, 0) + _spare(broken))
        for day, first in _days(rules, one).items()
    ]


def _other_day(rules: Variables, one: int, other: int, broken: Literal | None) -> Constraints:
    """The two are on different days."""
    second = _days(rules, other)
    return [
        rules.model.add(first + second[day] <= 1 + _spare(broken))
        for day, first in _days(rules, one).items()
        if day in second
    ]


def _same_room(rules: Variables, one: int, other: int, broken: Literal | None) -> Constraints:
    """The two are in one room."""
    rooms: list[dict[int, list[Literal]]] = [{}, {}]
    for side, at in enumerate((one, other)):
        for (session, _, group), literal in rules.x.items():
            if session == at:
                rooms[side].setdefault(group, []).append(literal)
    return [
        rules.model.add(total(literals) <= total(rooms[1].get(group, [])) + _spare(broken))
        for group, literals in rooms[0].items()
    ]


def _spare(broken: Literal | None) -> Linear:
    return 0 if broken is None else broken
