"""A plan as its page and its workbook show it: rows with names, filtered and in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from app.i18n import collation_key, language_name, sorted_for_reader
from app.membership.catalogue import group_name, theme_title
from app.membership.queries import StateName, state_names
from app.plans import queries
from app.plans.contents import Contents, GapLine, ItemLine
from app.plans.models import ProposalState
from app.plans.words import Words

SORTS = ("mentee", "mentor", "region", "language")


class Pair(NamedTuple):
    """An item with its States, and what became of it."""

    item: ItemLine
    mentor: StateName
    mentee: StateName
    # Codes of what the mentee asked for beyond the themes that are served.
    rest: list[str]
    proposal: ProposalState | None
    is_new: bool
    words: Words

    @property
    def region(self) -> str:
        return self.mentee.group_label

    @property
    def language(self) -> str:
        return self.words.language(self.item.language) if self.item.language else ""

    @property
    def themes(self) -> list[str]:
        return [self.words.theme(code) for code in self.item.themes]

    @property
    def reasons(self) -> list[str]:
        return self.words.reasons(self.item.reasons)

    @property
    def also_asked(self) -> list[str]:
        return [self.words.theme(code) for code in self.rest]

    @property
    def can_be_chosen(self) -> bool:
        """Whether it can be put to its parties, as far as a page can tell."""
        settled = self.proposal is not None and self.proposal != ProposalState.CALLED_OFF
        return not self.item.kept and not settled


class Gap(NamedTuple):
    """A State that asked and gets nothing in the plan; in words only where it is shown."""

    row: GapLine
    state: StateName
    words: Words

    @property
    def region(self) -> str:
        return self.state.group_label

    @property
    def themes(self) -> list[str]:
        return [self.words.theme(code) for code in self.row.themes]

    @property
    def obstacles(self) -> list[str]:
        return [
            self.words.obstacle(found["code"], found["parameters"]) for found in self.row.obstacles
        ]

    @property
    def change(self) -> str:
        """The smallest change that would help; empty where no change of others would."""
        beyond_help = any(row["code"] in ("not_wanted", "lapsed") for row in self.row.obstacles)
        return "" if beyond_help else self.words.change(self.row.change)


class Load(NamedTuple):
    """How many of the places a mentor offers the plan uses."""

    mentor: StateName
    used: int
    places: int

    @property
    def region(self) -> str:
        return self.mentor.group_label


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader wants to see of a plan; empty means everything."""

    region: str = ""
    language: str = ""
    theme: str = ""
    text: str = ""
    sort: str = "mentee"

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Filter:
        sort = arguments.get("sort", "mentee")
        return cls(
            region=arguments.get("region", ""),
            language=arguments.get("language", ""),
            theme=arguments.get("theme", ""),
            text=arguments.get("q", "")[:100].strip(),
            sort=sort if sort.removeprefix("-") in SORTS else "mentee",
        )

    @property
    def is_set(self) -> bool:
        return bool(self.region or self.language or self.theme or self.text)

    def takes(self, pair: Pair) -> bool:
        return (
            self._region(pair.mentee, pair.mentor)
            and self.language in ("", pair.item.language or "-")
            and self.theme in ("", *pair.item.themes)
            and self._names(pair.mentor.name, pair.mentee.name)
        )

    def takes_gap(self, gap: Gap) -> bool:
        return (
            self._region(gap.state)
            and self.theme in ("", *gap.row.themes)
            and self._names(gap.state.name)
        )

    def _region(self, *states: StateName) -> bool:
        return not self.region or any(
            self.region == (state.regional_group or "-") for state in states
        )

    def _names(self, *names: str) -> bool:
        if not self.text:
            return True
        key = collation_key()
        wanted = key(self.text)[0]
        return any(wanted in key(name)[0] for name in names)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed since the plan before; gone pairs are kept by their States' ids."""

    kept: int
    new: int
    gone: list[tuple[StateName | None, StateName | None]]


class Overview:
    """Everything a coordinator may see of a plan; each part is read when it is asked for."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.plan = contents.facts
        self.round, self.is_newest = queries.round_of(contents.facts)
        self.states = state_names(contents.states)
        self.words = Words(self.states)
        self.items = contents.items

    @property
    def unmet(self) -> int:
        """How many States asked and get nothing."""
        return len(self.contents.gaps)

    @cached_property
    def pairs(self) -> list[Pair]:
        asked, before = self.contents.asked, self.contents.pairs_before
        proposals = queries.proposals_by_pair(self.round.id)
        return [
            Pair(
                item=item,
                mentor=self.states[item.mentor_id],
                mentee=self.states[item.mentee_id],
                rest=[code for code in asked.get(item.mentee_id, ()) if code not in item.themes],
                proposal=proposals.get(item.parties),
                is_new=before is not None and item.parties not in before,
                words=self.words,
            )
            for item in self.items
        ]

    @cached_property
    def gaps(self) -> list[Gap]:
        return [Gap(row, self.states[row.state_id], self.words) for row in self.contents.gaps]

    @cached_property
    def loads(self) -> list[Load]:
        used = Counter(item.mentor_id for item in self.items)
        loads = (
            Load(self.states[mentor_id], used[mentor_id], places)
            for mentor_id, places in self.contents.places.items()
        )
        return sorted_for_reader(loads, lambda load: load.mentor.name)

    @property
    def mentors(self) -> int:
        return len(self.contents.places)

    @property
    def mentors_with_mentees(self) -> int:
        return len(self.contents.places.keys() & {item.mentor_id for item in self.items})

    @cached_property
    def difference(self) -> Difference | None:
        """What is new and what is gone since the plan before, if there was one."""
        before = self.contents.pairs_before
        if before is None:
            return None
        now = {item.parties for item in self.items}
        gone = before - now
        missing = {state_id for pair in gone for state_id in pair} - self.states.keys()
        known = self.states | state_names(missing) if missing else self.states
        return Difference(
            kept=len(now & before),
            new=len(now - before),
            gone=sorted_for_reader(
                ((known.get(mentor_id), known.get(mentee_id)) for mentor_id, mentee_id in gone),
                lambda pair: pair[1].name if pair[1] else "",
            ),
        )

    def shown_pairs(self, chosen: Filter) -> list[Pair]:
        pairs = self.pairs
        if chosen.is_set:
            pairs = [pair for pair in pairs if chosen.takes(pair)]
        return _sorted(pairs, chosen.sort)

    def shown_gaps(self, chosen: Filter) -> list[Gap]:
        if chosen.language:
            # Who has no mentorship has no language of one.
            return []
        gaps = [gap for gap in self.gaps if chosen.takes_gap(gap)]
        return sorted_for_reader(gaps, lambda gap: gap.state.name)

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """What mentorships can be filtered by: regions, languages and themes that occur."""
        return _choices(
            (state for pair in self.pairs for state in (pair.mentee, pair.mentor)),
            (item.language for item in self.items),
            (code for item in self.items for code in item.themes),
        )

    def choices_of_gaps(self) -> dict[str, list[tuple[str, str]]]:
        """What unmet needs can be filtered by."""
        themes = (code for gap in self.gaps for code in gap.row.themes)
        return _choices((gap.state for gap in self.gaps), (), themes)

    @property
    def accepted(self) -> int:
        return sum(1 for item in self.items if item.kept)


def _choices(
    states: Iterable[StateName], languages: Iterable[str], themes: Iterable[str]
) -> dict[str, list[tuple[str, str]]]:
    """Values with their names, in the order of the reader's language."""
    found = {
        "region": {(code or "-"): group_name(code) for code in {s.regional_group for s in states}},
        "language": {code: language_name(code) for code in set(languages) if code},
        "theme": {code: theme_title(code) for code in set(themes)},
    }
    return {
        name: sorted_for_reader(named.items(), lambda choice: choice[1])
        for name, named in found.items()
    }


def _sorted(pairs: list[Pair], sort: str) -> list[Pair]:
    """In alphabetical order of what is chosen, then of the mentee: never by points."""
    key = collation_key()
    columns: dict[str, Callable[[Pair], str]] = {
        "mentee": lambda pair: pair.mentee.name,
        "mentor": lambda pair: pair.mentor.name,
        "region": lambda pair: pair.region,
        "language": lambda pair: pair.language,
    }
    column = columns[sort.removeprefix("-")]
    by_mentee = sorted(pairs, key=lambda pair: key(pair.mentee.name))
    if sort == "mentee":
        return by_mentee
    return sorted(by_mentee, key=lambda pair: key(column(pair)), reverse=sort.startswith("-"))
