"""The options of a Problem in words, to lay beside those that are due."""

from __future__ import annotations

from matching.joint.audit.due import Fact
from matching.joint.model import INSTRUMENTS, JointProblem
from matching.model import Instrument

OptionKey = tuple[Instrument, str, str, int]
"""Instrument, giver, guest, mode."""


def stated_options(problem: JointProblem) -> dict[OptionKey, Fact]:
    """Every option of a Problem by its key."""
    points: list[dict[str, int]] = [{} for _ in range(len(problem.options))]
    serving = problem.serving
    for option, need, worth in zip(
        serving.option.tolist(), serving.need.tolist(), serving.points.tolist(), strict=True
    ):
        points[option][problem.themes[problem.needs[need].theme]] = worth
    weeks = [frozenset(calendar) for calendar in problem.calendars]
    tongues = [
        {problem.languages[t.language]: (t.cost, t.interpreted) for t in choice}
        for choice in problem.tongues
    ]
    purses = [frozenset(problem.sources[at].key for at in purse) for purse in problem.purses]
    givers = [[row.key for row in problem.givers(number)] for number in range(4)]
    guests = [row.key for row in problem.parties]
    nothing: frozenset[str] = frozenset()
    found: dict[OptionKey, Fact] = {}
    columns = (column.tolist() for column in problem.options.columns().values())
    for at, row in enumerate(zip(*columns, strict=True)):
        (number, giver, guest, mode, persons, cost, calendar, tongue, purse, themes, language,
         network, contexts, marks) = row  # fmt: skip
        found[INSTRUMENTS[number], givers[number][giver], guests[guest], mode] = Fact(
            persons, cost,
            None if calendar < 0 else weeks[calendar],
            None if tongue < 0 else tongues[tongue],
            nothing if purse < 0 else purses[purse],
            _named(themes, problem.themes),
            (
                None if language < 0 else problem.languages[language],
                None if network < 0 else problem.networks[network],
                _named(contexts, problem.contexts), marks,
            ),
            points[at],
        )  # fmt: skip
    return found


def _named(bits: int, names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for at, name in enumerate(names) if bits >> at & 1)
