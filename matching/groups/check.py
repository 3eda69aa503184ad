"""Check a grouping against its Problem: every rule and every value, from the statement alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from matching.groups.codes import GroupObjective, GroupOutcome, GroupViolation
from matching.groups.model import GroupLine, GroupPlan, GroupProblem, Participant, Spread
from matching.model import Sense, Violation


@dataclass(frozen=True)
class GroupChecked:
    """An objective as found; ``checked`` False means that its bound is a claim."""

    code: GroupObjective
    value: int
    bound: int
    checked: bool


@dataclass(frozen=True)
class GroupReport:
    """Rules looked at, violations, objectives recomputed."""

    rules: tuple[str, ...]
    violations: tuple[Violation, ...]
    objectives: tuple[GroupChecked, ...]

    @property
    def good(self) -> bool:
        """No violation was found."""
        return not self.violations


def check(problem: GroupProblem, plan: GroupPlan) -> GroupReport:
    """Check a grouping, rule by rule and objective by objective.

    Parameters
    ----------
    problem, plan
        As read from files; nothing about how they were made is trusted.

    Returns
    -------
    GroupReport
        A bound is *checked* when the statement alone, by counting, shows that nothing is better.
    """
    people = {person.key: person for person in problem.participants}
    reading = _Reading(problem, plan, people)
    found = [violation for rule in RULES for violation in rule(reading)]
    objectives = tuple(_objectives(reading))
    found += _statements(reading, objectives)
    return GroupReport(tuple(rule.__name__ for rule in RULES), tuple(found), objectives)


class _Reading:
    """A plan read against its Problem: who is where, as far as both know them."""

    def __init__(
        self, problem: GroupProblem, plan: GroupPlan, people: dict[str, Participant]
    ) -> None:
        self.problem, self.plan, self.people = problem, plan, people
        self.groups = {group.key: group for group in problem.groups}
        self.members: dict[str, list[Participant]] = {key: [] for key in self.groups}
        self.home: dict[str, str] = {}
        for entry in plan.groups:
            for key in entry.members:
                if entry.group in self.groups and key in people:
                    self.members[entry.group].append(people[key])
                    self.home.setdefault(key, entry.group)


def _violation(code: GroupViolation, **parameters: str | int) -> Violation:
    return Violation(code, parameters)


def known_names(reading: _Reading) -> Iterator[Violation]:
    """Every group of the Problem stands in the plan once, and nobody else does."""
    named = Counter(entry.group for entry in reading.plan.groups)
    for key in named:
        if key not in reading.groups:
            yield _violation(GroupViolation.UNKNOWN_GROUP, group=key)
        elif named[key] > 1:
            yield _violation(GroupViolation.GROUP_REPEATED, group=key)
    for key in reading.groups:
        if key not in named:
            yield _violation(GroupViolation.GROUP_MISSING, group=key)
    for entry in reading.plan.groups:
        for key in entry.members:
            if key not in reading.people:
                yield _violation(
                    GroupViolation.UNKNOWN_PARTICIPANT, group=entry.group, participant=key
                )


def placed(reading: _Reading) -> Iterator[Violation]:
    """Every participant stands in exactly one group."""
    times = Counter(key for entry in reading.plan.groups for key in entry.members)
    for key in reading.people:
        if times[key] == 0:
            yield _violation(GroupViolation.NOT_PLACED, participant=key)
        elif times[key] > 1:
            yield _violation(GroupViolation.PLACED_TWICE, participant=key)


def sizes(reading: _Reading) -> Iterator[Violation]:
    """A group has at least its least and at most its most members."""
    for group in reading.problem.groups:
        count = len(reading.members[group.key])
        if count < group.least:
            yield _violation(
                GroupViolation.TOO_FEW, group=group.key, least=group.least, members=count
            )
        if count > group.most:
            yield _violation(
                GroupViolation.TOO_MANY, group=group.key, most=group.most, members=count
            )


def fixed(reading: _Reading) -> Iterator[Violation]:
    """A group with a fixed word holds only participants who have that word."""
    for group in reading.problem.groups:
        for attribute, word in group.fixed.items():
            for person in reading.members[group.key]:
                if word not in person.words.get(attribute, ()):
                    yield _violation(
                        GroupViolation.NOT_AS_FIXED,
                        group=group.key, participant=person.key, attribute=attribute, word=word,
                    )  # fmt: skip


def same(reading: _Reading) -> Iterator[Violation]:
    """The members of a group have a word of the attribute in common, all of them."""
    for attribute in reading.problem.same:
        for key, members in reading.members.items():
            if members and not _common(members, attribute):
                yield _violation(GroupViolation.NOTHING_SHARED, group=key, attribute=attribute)


def _common(members: list[Participant], attribute: str) -> set[str]:
    """Words of an attribute that all members have; none for no members."""
    sets = [set(person.words.get(attribute, ())) for person in members]
    return set.intersection(*sets) if sets else set()


def spread(reading: _Reading) -> Iterator[Violation]:
    """The numbers of a group lie within a stretch of the rule's length."""
    for rule in reading.problem.spread:
        for key, members in reading.members.items():
            numbers = [person.numbers.get(rule.attribute) for person in members]
            present = [number for number in numbers if number is not None]
            if len(present) < len(numbers) or not _within(present, rule):
                yield _violation(
                    GroupViolation.TOO_FAR_APART,
                    group=key, attribute=rule.attribute, most=f"{rule.most / rule.precision:g}",
                )  # fmt: skip


def _within(numbers: list[int], rule: Spread) -> bool:
    """Whether a stretch that begins at one of the numbers holds them all."""
    if rule.around is None:
        return not numbers or max(numbers) - min(numbers) <= rule.most
    circle = rule.around
    return not numbers or any(
        all((number - start) % circle <= rule.most for number in numbers) for start in numbers
    )


def together(reading: _Reading) -> Iterator[Violation]:
    """Two who are to be together are in one group."""
    for one, other in reading.problem.together:
        if reading.home.get(one) != reading.home.get(other):
            yield _violation(GroupViolation.NOT_TOGETHER, first=one, second=other)


def apart(reading: _Reading) -> Iterator[Violation]:
    """Two who are to be apart are in different groups."""
    for one, other in reading.problem.apart:
        home = reading.home.get(one)
        if home is not None and home == reading.home.get(other):
            yield _violation(GroupViolation.NOT_APART, first=one, second=other, group=home)


def shared(reading: _Reading) -> Iterator[Violation]:
    """A group states the words that all its members have, and no others."""
    for entry in reading.plan.groups:
        if entry.group not in reading.groups:
            continue
        for attribute in sorted({*reading.problem.same, *entry.shared}):
            common = _common(reading.members[entry.group], attribute)
            listed = attribute in reading.problem.same
            if not listed or list(entry.shared.get(attribute, ())) != sorted(common):
                yield _violation(
                    GroupViolation.WRONG_SHARED, group=entry.group, attribute=attribute
                )


RULES = (known_names, placed, sizes, fixed, same, spread, together, apart, shared)


def _objectives(reading: _Reading) -> Iterator[GroupChecked]:
    problem = reading.problem
    stated = {line.code: line.bound for line in reading.plan.objectives}
    if problem.balance:
        value = _out_of_balance(reading)
        bound = stated.get(GroupObjective.BALANCE, 0)
        yield GroupChecked(GroupObjective.BALANCE, value, 0 if value == 0 else bound, value == 0)
    if problem.alike or problem.values.first:
        value = _total(reading)
        shown = _bound_by_counting(problem) == value
        bound = stated.get(GroupObjective.TOTAL, 0)
        yield GroupChecked(GroupObjective.TOTAL, value, value if shown else bound, shown)


def _out_of_balance(reading: _Reading) -> int:
    """What groups have above, or lack below, an equal share, rounded, of each word's holders."""
    groups = len(reading.groups)
    people = 0
    for attribute in reading.problem.balance:
        everyone = Counter(
            word for person in reading.people.values() for word in person.words.get(attribute, ())
        )
        for word, holders in everyone.items():
            low, high = holders // groups, -(-holders // groups)
            for members in reading.members.values():
                count = sum(word in person.words.get(attribute, ()) for person in members)
                people += max(count - high, low - count, 0)
    return people


def _total(reading: _Reading) -> int:
    """Values of all pairs in one group, and what its members have alike."""
    problem = reading.problem
    homes = [reading.home.get(person.key) for person in problem.participants]
    table = problem.values
    total = sum(
        value
        for one, other, value in zip(table.first, table.second, table.value, strict=True)
        if homes[one] is not None and homes[one] == homes[other]
    )
    for rule in problem.alike:
        for members in reading.members.values():
            held = Counter(
                word for person in members for word in person.words.get(rule.attribute, ())
            )
            total += rule.weight * sum(count * (count - 1) // 2 for count in held.values())
    return total


def _bound_by_counting(problem: GroupProblem) -> int | None:
    """What no total can pass, when counting shows it: None where it takes more.

    Pairs of holders of a word within groups are fewest when the groups share them equally.
    """
    groups = len(problem.groups)
    smaller = problem.sense is Sense.MIN
    if problem.values.first or any((rule.weight >= 0) is not smaller for rule in problem.alike):
        return None
    total = 0
    for rule in problem.alike:
        everyone = Counter(
            word for person in problem.participants for word in person.words.get(rule.attribute, ())
        )
        for holders in everyone.values():
            share, over = divmod(holders, groups)
            pairs = over * (share + 1) * share + (groups - over) * share * (share - 1)
            total += rule.weight * pairs // 2
    return total


def _statements(reading: _Reading, objectives: tuple[GroupChecked, ...]) -> Iterator[Violation]:
    """What the plan says about its objectives is what is found."""
    plan = reading.plan
    stated = tuple(line.code for line in plan.objectives)
    asked = tuple(line.code for line in objectives)
    if stated != asked:
        yield _violation(
            GroupViolation.WRONG_OBJECTIVES, stated=" ".join(stated), found=" ".join(asked)
        )
        return
    before: tuple[GroupObjective, ...] = ()
    for line, found in zip(plan.objectives, objectives, strict=True):
        yield from _statement(reading.problem, line, found, before)
        if not line.proven:
            before = (*before, line.code)
    proven = all(line.proven for line in plan.objectives)
    if proven is not (plan.outcome is GroupOutcome.PROVEN):
        yield _violation(GroupViolation.WRONG_STATEMENT, objective="all", field="outcome")


def _statement(
    problem: GroupProblem,
    line: GroupLine,
    found: GroupChecked,
    before: tuple[GroupObjective, ...],
) -> Iterator[Violation]:
    name = line.code.value
    if line.value != found.value:
        yield _violation(
            GroupViolation.WRONG_VALUE, objective=name, stated=line.value, found=found.value
        )
    balance = line.code is GroupObjective.BALANCE
    sense = Sense.MIN if balance else problem.sense
    past = line.bound > found.value if sense is Sense.MIN else line.bound < found.value
    if past or (line.proven and line.bound != found.value):
        yield _violation(
            GroupViolation.WRONG_BOUND, objective=name, stated=line.bound, found=found.value
        )
    for field, fine in (
        ("sense", line.sense is sense),
        ("gap", line.gap == abs(line.bound - line.value)),
        ("proven", line.proven == (line.bound == line.value)),
        ("conditional_on", line.conditional_on == before),
    ):
        if not fine:
            yield _violation(GroupViolation.WRONG_STATEMENT, objective=name, field=field)
