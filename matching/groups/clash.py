"""Why no groups are possible: a smallest set of rules that contradict each other, in names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from matching.cpsat import run
from matching.groups.codes import GroupRule
from matching.groups.model import GroupProblem
from matching.groups.rules import Only, Rules, classes_of
from matching.groups.space import Space
from matching.outcome import Clash
from matching.watch import Watch

Rule = tuple[GroupRule, int]
Thing = TypeVar("Thing")

TRY_WORK = 5.0
"""Most deterministic time for one question whether some rules alone leave groups."""
NAMED = 12
"""Participants who must be placed are named when they are no more than this."""


def smallest_clash(space: Space, watch: Watch, seed: int) -> tuple[tuple[Clash, ...], bool]:
    """Rules that together leave no groups, none of which can be left out.

    Returns
    -------
    clash, smallest
        That a participant must have a place is a rule too: few of them are named, many are one
        line. ``smallest`` is False when time ran out, or a question took too much work.

    Notes
    -----
    By deletion in ever smaller blocks, first of the rules, then of who must be placed. What
    counting shows needs no search: too many people, or too few.
    """
    people = len(space.unit)
    if space.least.sum() > people:
        order = sorted(range(len(space.least)), key=lambda at: -int(space.least[at]))
        chosen: list[int] = []
        while sum(int(space.least[at]) for at in chosen) <= people:
            chosen.append(order[len(chosen)])
        return tuple(_named(space, [(GroupRule.LEAST, at) for at in sorted(chosen)])), True
    if space.most.sum() < people:
        everywhere = [(GroupRule.MOST, at) for at in range(len(space.most))]
        needed = _needed(space, [], int(space.most.sum()) + 1)
        return (*needed, *_named(space, everywhere)), True
    asking = _Asking(space, watch, seed)
    everyone = [len(members) for members in asking.classes]
    kept = asking.shrink(_rules(space), lambda rules: asking.clash(rules, everyone))
    places = asking.shrink(
        list(range(len(everyone))),
        lambda classes: asking.clash(
            kept, [n if at in set(classes) else 0 for at, n in enumerate(everyone)]
        ),
    )
    placed = [n if at in places else 0 for at, n in enumerate(everyone)]
    for at in places:
        placed[at] = asking.fewest(kept, placed, at)
    named = [
        person
        for members, number in zip(asking.classes, placed, strict=True)
        for person in members[:number]
    ]
    return (*_needed(space, sorted(named), len(named)), *_named(space, kept)), asking.sure


def _rules(space: Space) -> list[Rule]:
    """Every rule of a Problem but that people must be placed."""
    problem = space.problem
    return [
        *((GroupRule.LEAST, at) for at, least in enumerate(space.least) if least),
        *((GroupRule.MOST, at) for at in range(len(space.most))),
        *((GroupRule.FIXED, at) for at, group in enumerate(problem.groups) if group.fixed),
        *((GroupRule.SAME, at) for at in range(len(problem.same))),
        *((GroupRule.SPREAD, at) for at in range(len(problem.spread))),
        *((GroupRule.TOGETHER, at) for at in range(len(problem.together))),
        *((GroupRule.APART, at) for at in range(len(problem.apart))),
    ]


def _needed(space: Space, named: list[int], number: int) -> list[Clash]:
    """Who must be placed, by name or in one line."""
    if number > NAMED:
        parameters = {"participants": number, "groups": len(space.least)}
        return [Clash(GroupRule.PLACES, parameters)]
    people = space.problem.participants
    if not named:
        named = list(range(number))
    return [Clash(GroupRule.PLACED, {"participant": people[at].key}) for at in named[:number]]


def _named(space: Space, rules: list[Rule]) -> list[Clash]:
    """Rules with the names that they are about."""
    problem = space.problem
    found = []
    for code, at in rules:
        found += [Clash(code, entry) for entry in _entries(problem, code, at)]
    return found


def _entries(problem: GroupProblem, code: GroupRule, at: int) -> list[dict[str, str | int]]:
    """Parameters of a rule's lines: a group with two fixed words has two."""
    if code is GroupRule.LEAST:
        return [{"group": problem.groups[at].key, "least": problem.groups[at].least}]
    if code is GroupRule.MOST:
        return [{"group": problem.groups[at].key, "most": problem.groups[at].most}]
    if code is GroupRule.FIXED:
        group = problem.groups[at]
        return [
            {"group": group.key, "attribute": name, "word": word}
            for name, word in group.fixed.items()
        ]
    if code is GroupRule.SAME:
        return [{"attribute": problem.same[at]}]
    if code is GroupRule.SPREAD:
        rule = problem.spread[at]
        return [{"attribute": rule.attribute, "most": f"{rule.most / rule.precision:g}"}]
    pairs = problem.together if code is GroupRule.TOGETHER else problem.apart
    return [{"first": pairs[at][0], "second": pairs[at][1]}]


class _Asking:
    def __init__(self, space: Space, watch: Watch, seed: int) -> None:
        self.space, self.watch, self.seed = space, watch, seed
        self.classes = classes_of(space, alike=False, singly=False)
        self.sure = True

    def clash(self, rules: list[Rule], placed: list[int]) -> bool:
        """Whether some rules and places leave no groups, for sure."""
        if self.watch.stopped():
            self.sure = False
            return False
        asked = Rules(self.space, only=Only(frozenset(rules), tuple(placed)))
        answer = run(
            asked.model, watch=self.watch, seed=self.seed, workers=1,
            work_limit=TRY_WORK, linearization=2,
        )  # fmt: skip
        self.sure = self.sure and (answer.found or answer.impossible)
        return answer.impossible

    def shrink(self, chosen: list[Thing], clash: Callable[[list[Thing]], bool]) -> list[Thing]:
        """Leave out what is not needed, in blocks that halve."""
        kept = list(chosen)
        size = max(len(kept) // 2, 1)
        while kept:
            at = 0
            while at < len(kept):
                rest = kept[:at] + kept[at + size :]
                if clash(rest):
                    kept = rest
                else:
                    at += size
            if size == 1:
                break
            size = max(size // 2, 1)
        return kept

    def fewest(self, rules: list[Rule], placed: list[int], at: int) -> int:
        """Fewest of a class that must be placed for the clash to stay."""
        low, high = 0, placed[at]
        while high - low > 1:
            middle = (low + high) // 2
            if self.clash(rules, [middle if c == at else n for c, n in enumerate(placed)]):
                high = middle
            else:
                low = middle
        return high
