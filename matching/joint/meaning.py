"""Faults of meaning in a joint Problem: positions that point nowhere, rows that contradict.

What has the wrong shape is passed over, and so is what rests on it: first every position is
looked at, then, where all positions of a part are good, whether its rows make sense together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from matching.io.faults import repeated
from matching.io.meaning import policy_faults, week_faults
from matching.joint.model import Giver, JointProblemDocument, MentorRow, Mode
from matching.model import Column, Fault, Mark

MOST = 2**62
GIVERS = ("mentors", "visits", "experts", "courses")
"""Names of the parts that hold the givers of the instruments 0 to 3."""


@dataclass(frozen=True)
class Reading:
    """A Problem under way: its sound parts, the lengths of all, and its columns.

    ``sizes`` counts the entries of every list, also of one with faults; a part in ``broken`` is
    empty in ``document``.
    """

    document: JointProblemDocument
    sizes: dict[str, int]
    broken: frozenset[str]
    options: dict[str, Column]
    serving: dict[str, Column]

    def rows(self, giver: str) -> tuple[Giver, ...]:
        """Mentors, visits, experts or courses."""
        found: tuple[Giver, ...] = getattr(self.document, giver)
        return found

    def size(self, name: str) -> int:
        return self.sizes.get(name, MOST)


Check: TypeAlias = Callable[[Reading], Iterator[Fault]]


def meaning_faults(reading: Reading) -> list[Fault]:
    """Every fault of meaning that can be told from the sound parts."""
    document = reading.document
    faults = list(policy_faults(document.policy.model_dump(mode="json"), "policy."))
    faults += week_faults({"horizon": document.horizon.model_dump(mode="json")})
    faults += _names(reading)
    broken = set(reading.broken)
    for name, positions in PLACES.items():
        if name not in broken:
            found = list(positions(reading))
            faults += found
            broken |= {name} if found else set()
    for parts, sense in SENSE:
        if not broken & set(parts):
            faults += sense(reading)
    return faults


def _names(reading: Reading) -> Iterator[Fault]:
    """A key or a word stands once in its list."""
    for name in ("parties", *GIVERS, "sources"):
        keys = [row.key for row in getattr(reading.document, name)]
        yield from repeated(name + "[{at}].key", "key", list(keys))
    for name in ("themes", "languages", "networks", "contexts"):
        yield from repeated(name + "[{at}]", "word", list(getattr(reading.document, name)))


def _equal_lengths(columns: dict[str, Column]) -> bool:
    return len({len(column) for column in columns.values()}) == 1


# Positions lie inside their lists.


def _inside(path: str, values: Iterable[int], size: int) -> Iterator[Fault]:
    """Positions of a list, each once and in order, all below ``size``."""
    listed = list(values)
    for at, value in enumerate(listed):
        if value >= size:
            yield Fault(f"{path}[{at}]", f"{value} is not below {size}")
    for at, (one, other) in enumerate(pairwise(listed)):
        if one >= other:
            yield Fault(f"{path}[{at + 1}]", "must be in order and differ")


def _below(path: str, value: int, size: int) -> Iterator[Fault]:
    if value >= size:
        yield Fault(path, f"{value} is not below {size}")


def _need_places(reading: Reading) -> Iterator[Fault]:
    for at, row in enumerate(reading.document.needs):
        yield from _below(f"needs[{at}].guest", row.guest, reading.size("parties"))
        yield from _below(f"needs[{at}].theme", row.theme, reading.size("themes"))


def _giver_places(name: str) -> Check:
    def check(reading: Reading) -> Iterator[Fault]:
        for at, row in enumerate(reading.rows(name)):
            path = f"{name}[{at}]"
            yield from _below(f"{path}.party", row.party, reading.size("parties"))
            for part in ("themes", "languages"):
                yield from _inside(f"{path}.{part}", getattr(row, part, ()), reading.size(part))
            if not isinstance(row, MentorRow):
                yield from _open_weeks(f"{path}.weeks", row.weeks, reading)

    return check


def _open_weeks(path: str, weeks: tuple[int, ...], reading: Reading) -> Iterator[Fault]:
    """Weeks in order, inside the horizon and not closed."""
    horizon = reading.document.horizon
    if "horizon" not in reading.broken:
        yield from _inside(path, weeks, horizon.weeks)
        for at, week in enumerate(weeks):
            if week in horizon.closed:
                yield Fault(f"{path}[{at}]", f"week {week} is closed")


def _calendar_places(reading: Reading) -> Iterator[Fault]:
    for at, weeks in enumerate(reading.document.calendars):
        yield from _open_weeks(f"calendars[{at}]", weeks, reading)


def _tongue_places(reading: Reading) -> Iterator[Fault]:
    for at, tongues in enumerate(reading.document.tongues):
        path, size = f"tongues[{at}]", reading.size("languages")
        yield from _inside(path, (tongue.language for tongue in tongues), size)
        for place, tongue in enumerate(tongues):
            if tongue.cost and not tongue.interpreted:
                yield Fault(f"{path}[{place}].cost", "costs without interpretation")


def _purse_places(reading: Reading) -> Iterator[Fault]:
    for at, purse in enumerate(reading.document.purses):
        yield from _inside(f"purses[{at}]", purse, reading.size("sources"))


def _apart_places(reading: Reading) -> Iterator[Fault]:
    for at, (_, one, other) in enumerate(reading.document.apart):
        for place in (one, other):
            yield from _below(f"apart[{at}]", place, reading.size("parties"))
        if one == other:
            yield Fault(f"apart[{at}]", "a party is not apart from itself")


def _outside(
    path: str, column: Column, low: int | Column, high: int | Column
) -> Iterator[Fault]:  # fmt: skip
    """Cells that are not between ``low`` and ``high``, both included."""
    least, most = np.broadcast_to(low, column.shape), np.broadcast_to(high, column.shape)
    for at in np.flatnonzero((column < least) | (column > most)).tolist():
        message = f"{int(column[at])} is not between {int(least[at])} and {int(most[at])}"
        yield Fault(f"{path}[{at}]", message)


def _bits(size: int) -> int:
    """The largest number with only the lowest ``size`` bits."""
    return (1 << min(size, 62)) - 1


def _option_places(reading: Reading) -> Iterator[Fault]:
    columns, size = reading.options, reading.size
    if not _equal_lengths(columns):
        yield Fault("options", "columns differ in length")
        return
    wrong = list(_outside("options.instrument", columns["instrument"], 0, 3))
    yield from wrong
    if not wrong:
        instrument = columns["instrument"]
        givers = np.array([size(name) for name in GIVERS], np.int64)
        timed, course = instrument > 0, instrument == 3
        # Only mentorships have no week; they, and experts who can't lead, have no language.
        spoken = (instrument == 1) | course
        yield from _outside("options.giver", columns["giver"], 0, givers[instrument] - 1)
        yield from _outside(
            "options.mode", columns["mode"], np.where(course, Mode.ONLINE, Mode.ANY),
            np.where(course, Mode.IN_PERSON, Mode.ANY),
        )  # fmt: skip
        yield from _outside(
            "options.calendar", columns["calendar"], np.where(timed, 0, -1),
            np.where(timed, size("calendars") - 1, -1),
        )  # fmt: skip
        yield from _outside(
            "options.tongue", columns["tongue"], np.where(spoken, 0, -1),
            np.where(timed, size("tongues") - 1, -1),
        )  # fmt: skip
        free = ~timed | (columns["mode"] == Mode.ONLINE)
        yield from _outside("options.cost", columns["cost"], 0, np.where(free, 0, 10**15))
    for name, low, high in (
        ("guest", 0, size("parties") - 1), ("persons", 1, 10**6),
        ("purse", -1, size("purses") - 1), ("themes", 0, _bits(size("themes"))),
        ("language", -1, size("languages") - 1), ("network", -1, size("networks") - 1),
        ("contexts", 0, _bits(size("contexts"))), ("marks", 0, sum(Mark)),
    ):  # fmt: skip
        yield from _outside(f"options.{name}", columns[name], low, high)
    keys = zip(*(columns[name].tolist() for name in ("instrument", "giver", "guest", "mode")),
               strict=True)  # fmt: skip
    for at, (one, other) in enumerate(pairwise(keys)):
        if one >= other:
            yield Fault(f"options.instrument[{at + 1}]", "options must be in order and differ")


def _serving_places(reading: Reading) -> Iterator[Fault]:
    columns = reading.serving
    if not _equal_lengths(columns):
        yield Fault("serving", "columns differ in length")
        return
    for name, high in (
        ("option", reading.size("options") - 1), ("need", reading.size("needs") - 1),
        ("points", 100),
    ):  # fmt: skip
        yield from _outside(f"serving.{name}", columns[name], 0, high)
    keys = zip(columns["option"].tolist(), columns["need"].tolist(), strict=True)
    for at, (one, other) in enumerate(pairwise(keys)):
        if one >= other:
            yield Fault(f"serving.option[{at + 1}]", "servings must be in order and differ")


PLACES: dict[str, Check] = {
    "needs": _need_places, **{name: _giver_places(name) for name in GIVERS},
    "calendars": _calendar_places, "tongues": _tongue_places, "purses": _purse_places,
    "apart": _apart_places, "options": _option_places, "serving": _serving_places,
}  # fmt: skip


# Rows make sense together.


def _needs_together(reading: Reading) -> Iterator[Fault]:
    """The needs of a guest stand together; it asks for a theme once."""
    seen: set[int] = set()
    asked: set[tuple[int, int]] = set()
    before = -1
    for at, row in enumerate(reading.document.needs):
        if row.guest != before and row.guest in seen:
            yield Fault(f"needs[{at}].guest", "the needs of a guest must stand together")
        if (row.guest, row.theme) in asked:
            yield Fault(f"needs[{at}].theme", f"guest {row.guest} asks for it twice")
        seen.add(row.guest)
        asked.add((row.guest, row.theme))
        before = row.guest


def _least_and_most(reading: Reading) -> Iterator[Fault]:
    """Least is not above most; a course has a mode."""
    for name, parts in (("visits", ("delegations", "persons")), ("courses", ("seats",))):
        for at, row in enumerate(reading.rows(name)):
            for part in parts:
                low, high = getattr(row, f"{part}_min"), getattr(row, f"{part}_max")
                if low > high:
                    message = f"{low} is more than {part}_max {high}"
                    yield Fault(f"{name}[{at}].{part}_min", message)
    for at, course in enumerate(reading.document.courses):
        if not course.modes or list(course.modes) != sorted(set(course.modes)):
            yield Fault(f"courses[{at}].modes", "must be one or both of 1 and 2, in order")


def _one_mentorship(reading: Reading) -> Iterator[Fault]:
    """A party offers mentorship once."""
    seen: set[int] = set()
    for at, row in enumerate(reading.document.mentors):
        if row.party in seen:
            yield Fault(f"mentors[{at}].party", f"party {row.party} offers mentorship twice")
        seen.add(row.party)


def _options_of_givers(reading: Reading) -> Iterator[Fault]:
    """An option has weeks and languages of its giver, whose party is not the guest."""
    columns, document = reading.options, reading.document
    names = ("instrument", "giver", "guest", "mode", "calendar", "tongue")
    known: dict[tuple[int, int, int, int], tuple[bool, bool]] = {}
    asks = {row.guest for row in document.needs}
    missions = {row.guest for row in document.needs if row.mission}
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    for at, (instrument, giver, guest, mode, calendar, tongue) in enumerate(rows):
        row = reading.rows(GIVERS[instrument])[giver]
        if row.party == guest:
            yield Fault(f"options.guest[{at}]", "gives and asks at once")
        if guest not in (missions if instrument == 2 else asks):
            yield Fault(f"options.guest[{at}]", f"party {guest} has no such need")
        if instrument == 3 and mode not in getattr(row, "modes", ()):
            yield Fault(f"options.mode[{at}]", f"{mode} is not a mode of the course")
        pair = (instrument, giver, calendar, tongue)
        if pair not in known:
            weeks = document.calendars[calendar] if calendar >= 0 else ()
            spoken = document.tongues[tongue] if tongue >= 0 else ()
            known[pair] = (
                set(weeks) <= set(getattr(row, "weeks", ())),
                instrument == 2
                or {entry.language for entry in spoken} <= set(getattr(row, "languages", ())),
            )
        in_weeks, in_languages = known[pair]
        if not in_weeks:
            yield Fault(f"options.calendar[{at}]", "has weeks that the giver has not")
        if not in_languages:
            yield Fault(f"options.tongue[{at}]", "has languages that the giver has not")


def _servings_of_options(reading: Reading) -> Iterator[Fault]:
    """A serving is of a need of the option's guest; whatever is not an expert serves a need."""
    serving, options = reading.serving, reading.options
    guests = np.array([row.guest for row in reading.document.needs], np.int64)
    missions = np.array([row.mission for row in reading.document.needs], bool)
    option, need = serving["option"], serving["need"]
    for at in np.flatnonzero(guests[need] != options["guest"][option]).tolist():
        yield Fault(f"serving.need[{at}]", "is a need of another guest")
    of_mission = options["instrument"][option] == 2
    for at in np.flatnonzero(of_mission & ~missions[need]).tolist():
        yield Fault(f"serving.need[{at}]", "is not part of the mission request")
    served = np.zeros(len(options["guest"]), bool)
    served[option] = True
    for at in np.flatnonzero(~served & (options["instrument"] != 2)).tolist():
        yield Fault(f"options.guest[{at}]", "the option serves no need")


SENSE: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("needs",), _needs_together),
    ((), _least_and_most),
    (("mentors",), _one_mentorship),
    (("options", "needs", *GIVERS, "calendars", "tongues"), _options_of_givers),
    (("options", "needs", "serving"), _servings_of_options),
)
"""Checks that need the parts named to be without fault."""
