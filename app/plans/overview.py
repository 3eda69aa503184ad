"""A plan as its page and its workbook show it: rows with names, filtered and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.i18n import collation_key, language_name
from app.membership.catalogue import group_name, theme_title
from app.membership.models import State
from app.plans import queries
from app.plans.models import Plan, PlanItem, Proposal, ProposalState, UnmetNeed
from app.plans.words import Words
from app.rounds.models import SnapshotParty

SORTS = ("mentee", "mentor", "region", "language")


@dataclass(frozen=True, slots=True)
class Pair:
    """An item with its States, reasons in words, and what became of it."""

    item: PlanItem
    mentor: State
    mentee: State
    region: str
    language: str
    themes: list[str]
    also_asked: list[str]
    reasons: list[str]
    proposal: Proposal | None
    is_new: bool

    @property
    def can_be_chosen(self) -> bool:
        """Whether it can be put to its parties, as far as a page can tell."""
        settled = self.proposal is not None and self.proposal.state != ProposalState.CALLED_OFF
        return not self.item.kept and not settled


@dataclass(frozen=True, slots=True)
class Gap:
    """A State that asked and gets nothing in the plan."""

    row: UnmetNeed
    state: State
    region: str
    themes: list[str]
    obstacles: list[str]
    change: str


@dataclass(frozen=True, slots=True)
class Load:
    """How many of the places a mentor offers the plan uses."""

    mentor: State
    region: str
    used: int
    places: int


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

    def _region(self, *states: State) -> bool:
        return not self.region or any(
            self.region == (state.regional_group or "-") for state in states
        )

    def _names(self, *names: str) -> bool:
        key = collation_key()
        wanted = key(self.text)[0]
        return any(wanted in key(name)[0] for name in names)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed since the plan before; gone pairs are kept by their States' ids."""

    kept: int
    new: int
    gone: list[tuple[State | None, State | None]]


class Overview:
    """Everything a coordinator may see of a plan, read in a fixed number of statements."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.snapshot = plan.run.scenario.snapshot
        self.round = self.snapshot.round
        parties = queries.parties_of(self.snapshot.id)
        self.keys: list[SnapshotParty] = parties
        self.states: dict[int, State] = {party.state_id: party.state for party in parties}
        self.words = Words(self.states)
        proposals = queries.proposals_of_round(self.round.id)
        self.proposals = {proposal.parties: proposal for proposal in proposals}
        before, newest = queries.neighbours(plan)
        self.is_newest = newest == plan.id
        pairs_before = queries.pairs_of_plan(before) if before else set()
        asked = _asked(self.snapshot.content, parties)
        self.pairs = [
            self._pair(item, asked, pairs_before if before else None) for item in plan.items
        ]
        self.gaps = [self._gap(row) for row in plan.unmet]
        self.loads = self._loads()
        self.difference = self._difference(pairs_before) if before else None

    def _pair(
        self,
        item: PlanItem,
        asked: Mapping[int, list[str]],
        before: set[tuple[int, int]] | None,
    ) -> Pair:
        mentor, mentee = self.states[item.mentor_id], self.states[item.mentee_id]
        rest = [theme for theme in asked.get(mentee.id, ()) if theme not in item.themes]
        return Pair(
            item=item,
            mentor=mentor,
            mentee=mentee,
            region=group_name(mentee.regional_group),
            language=language_name(item.language) if item.language else "",
            themes=[theme_title(code) for code in item.themes],
            also_asked=[theme_title(code) for code in rest],
            reasons=self.words.reasons(item.reasons),
            proposal=self.proposals.get((item.mentor_id, item.mentee_id)),
            is_new=before is not None and (item.mentor_id, item.mentee_id) not in before,
        )

    def _gap(self, row: UnmetNeed) -> Gap:
        state = self.states[row.state_id]
        return Gap(
            row=row,
            state=state,
            region=group_name(state.regional_group),
            themes=[theme_title(code) for code in row.themes],
            obstacles=[
                self.words.obstacle(found["code"], found["parameters"]) for found in row.obstacles
            ],
            change=self.words.change(row.change) if _can_be_helped(row) else "",
        )

    def _loads(self) -> list[Load]:
        used: dict[int, int] = {}
        for item in self.plan.items:
            used[item.mentor_id] = used.get(item.mentor_id, 0) + 1
        policy = self.plan.run.scenario.policy
        left_out = set(policy.get("left_out", {}).get("offers", ()))
        ids = {party.key: party.state_id for party in self.keys}
        loads = [
            Load(
                mentor=self.states[ids[row["party"]]],
                region=group_name(self.states[ids[row["party"]]].regional_group),
                used=used.get(ids[row["party"]], 0),
                places=policy.get("places", {}).get(row["party"], row["capacity"]),
            )
            for row in self.snapshot.content["offers"]
            if row["key"] not in left_out
        ]
        key = collation_key()
        return sorted(loads, key=lambda load: key(load.mentor.name))

    def _difference(self, before: set[tuple[int, int]]) -> Difference:
        now = {(item.mentor_id, item.mentee_id) for item in self.plan.items}
        gone = before - now
        missing = {state_id for pair in gone for state_id in pair} - set(self.states)
        known = {**self.states, **(queries.states_by_id(missing) if missing else {})}
        key = collation_key()
        return Difference(
            kept=len(now & before),
            new=len(now - before),
            gone=sorted(
                ((known.get(mentor_id), known.get(mentee_id)) for mentor_id, mentee_id in gone),
                key=lambda pair: key(pair[1].name if pair[1] else ""),
            ),
        )

    def shown_pairs(self, chosen: Filter) -> list[Pair]:
        return _sorted([pair for pair in self.pairs if chosen.takes(pair)], chosen.sort)

    def shown_gaps(self, chosen: Filter) -> list[Gap]:
        if chosen.language:
            # Who has no mentorship has no language of one.
            return []
        key = collation_key()
        gaps = [gap for gap in self.gaps if chosen.takes_gap(gap)]
        return sorted(gaps, key=lambda gap: key(gap.state.name))

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """What can be filtered by: regions, languages and themes that occur."""
        key = collation_key()
        states = [pair.mentee for pair in self.pairs] + [pair.mentor for pair in self.pairs]
        states += [gap.state for gap in self.gaps]
        regions = {s.regional_group or "-": group_name(s.regional_group) for s in states}
        languages = {pair.item.language: pair.language for pair in self.pairs if pair.language}
        codes = {code for pair in self.pairs for code in pair.item.themes}
        codes |= {code for gap in self.gaps for code in gap.row.themes}
        themes = {code: theme_title(code) for code in codes}
        return {
            name: sorted(found.items(), key=lambda entry: key(entry[1]))
            for name, found in (("region", regions), ("language", languages), ("theme", themes))
        }

    @property
    def accepted(self) -> int:
        return sum(1 for pair in self.pairs if pair.item.kept)

    @property
    def open_proposals(self) -> list[Proposal]:
        return [p for p in self.proposals.values() if p.state == ProposalState.OPEN]


def _can_be_helped(row: UnmetNeed) -> bool:
    return not any(found["code"] in ("not_wanted", "lapsed") for found in row.obstacles)


def _asked(content: Mapping[str, Any], parties: Iterable[SnapshotParty]) -> dict[int, list[str]]:
    """Themes each State asked for in the snapshot, in its own order."""
    ids = {party.key: party.state_id for party in parties}
    asked: dict[int, list[str]] = {}
    for row in sorted(content["needs"], key=lambda need: int(need["rank"])):
        asked.setdefault(ids[row["party"]], []).append(row["theme"])
    return asked


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
    return sorted(by_mentee, key=lambda pair: key(column(pair)), reverse=sort.startswith("-"))
