"""What an earlier plan left: accepted items stand, proposals are kept where possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from matching.items import Delivery, Item
from matching.joint.model import INSTRUMENTS, JointProblem, Mode
from matching.joint.pieces import BoolVar, Visit
from matching.model import Instrument, Pairing

if TYPE_CHECKING:
    from matching.joint.complete import Complete


LinearExpr = cp_model.LinearExprT
Literal = cp_model.LiteralT
MISSION = 2


def earlier_items(problem: JointProblem) -> tuple[Item, ...]:
    """All items of the plan before: accepted ones first."""
    previous = problem.previous
    return (*previous.accepted_items, *previous.proposed_items)


def earlier_pairings(problem: JointProblem) -> tuple[Pairing, ...]:
    """Mentorships of the plan before that are given as pairings."""
    previous = problem.previous
    return tuple(
        p for p in (*previous.accepted, *previous.proposed)
        if p.instrument is Instrument.MENTORSHIP
    )  # fmt: skip


def rows_of(problem: JointProblem) -> set[int]:
    """The options that earlier items were made of: they always are in the model."""
    index = Index(problem)
    found: set[int] = set()
    for item in earlier_items(problem):
        for place in item.places:
            found |= set(index.options(item, place.guest))
    for pairing in earlier_pairings(problem):
        found |= set(index.between(pairing))
    return found


class Index:
    """Options by the words of an item."""

    def __init__(self, problem: JointProblem) -> None:
        self.problem = problem
        table = problem.options
        self._by_words: dict[tuple[int, str, str, int], int] = {}
        self._between: dict[tuple[Instrument, str, str], list[int]] = defaultdict(list)
        for at in range(len(table)):
            kind = int(table.instrument[at])
            giver = problem.givers(kind)[int(table.giver[at])]
            guest = problem.parties[int(table.guest[at])].key
            self._by_words[kind, giver.key, guest, int(table.mode[at])] = at
            host = problem.parties[giver.party].key
            self._between[INSTRUMENTS[kind], guest, host].append(at)

    def between(self, pairing: Pairing) -> list[int]:
        """Options of a guest with a host in an instrument."""
        return self._between.get((pairing.instrument, pairing.guest, pairing.host), [])

    def options(self, item: Item, guest: str) -> list[int]:
        """The options of one place of an item: several for a mission, none if not possible."""
        kind = INSTRUMENTS.index(item.instrument)
        mode = {None: Mode.ANY, Delivery.ONLINE: Mode.ONLINE}.get(item.delivery, Mode.IN_PERSON)
        givers = item.team if item.instrument is Instrument.MISSION else (item.offer or "",)
        found = [self._by_words.get((kind, giver, guest, int(mode)), -1) for giver in givers]
        return [] if -1 in found else found


@dataclass
class History:
    """Literals of what stays, added to the complete model."""

    plan: Complete
    kept: list[tuple[BoolVar, int]] = field(default_factory=list)
    """A literal that an earlier place stays, and an option it is made of."""

    staying: list[BoolVar] = field(default_factory=list)
    """One literal for each earlier place."""

    lost: list[int] = field(default_factory=list)
    """Parties whose earlier items are not possible any more."""

    places: int = 0

    def __post_init__(self) -> None:
        problem = self.plan.problem
        accepted = len(problem.previous.accepted_items)
        for at, item in enumerate(earlier_items(problem)):
            if item.instrument is Instrument.MENTORSHIP:
                for place in item.places:
                    pairing = Pairing(guest=place.guest, host=item.host)
                    self._pairing(pairing, fixed=at < accepted)
            else:
                self._item(item, fixed=at < accepted)
        for at, pairing in enumerate(earlier_pairings(problem)):
            self._pairing(pairing, fixed=at < len(problem.previous.accepted))

    @cached_property
    def _index(self) -> Index:
        return Index(self.plan.problem)

    @property
    def any(self) -> bool:
        """Whether there was a plan before."""
        return bool(self.places)

    def _pairing(self, pairing: Pairing, *, fixed: bool) -> None:
        """A mentorship is between two parties, whichever offer it came from."""
        self.places += 1
        options = self._index.between(pairing)
        literals = [self.plan.mentorship[at] for at in options if at in self.plan.mentorship]
        if not literals:
            self._missing(fixed, pairing.guest, pairing.host)
            return
        if fixed:
            self.plan.model.add_bool_or(literals)
        for at in options:
            if at in self.plan.mentorship:
                self.kept.append((self.plan.mentorship[at], at))
                self.staying.append(self.plan.mentorship[at])

    def _missing(self, fixed: bool, *parties: str) -> None:
        if fixed:
            # Nothing can satisfy it: the search for clashing rules names it.
            self.plan.model.add_bool_or([])
        places = {row.key: at for at, row in enumerate(self.plan.problem.parties)}
        self.lost += [places[key] for key in parties if key in places]

    def _item(self, item: Item, *, fixed: bool) -> None:
        """Accepted places stay as they were accepted; proposed ones may."""
        plan = self.plan
        self.places += len(item.places)
        for place in item.places:
            options = self._index.options(item, place.guest)
            literals = self._ways(item, options, fixed=fixed) if options else []
            if not literals:
                # All who would have given it hear that it is lost, not the lead's party alone.
                self._missing(fixed, place.guest, item.host, *self._hosts(item))
                continue
            if fixed:
                plan.model.add_bool_or(literals)
            kept = literals[0]
            if len(literals) > 1:
                kept = plan.literal()
                plan.model.add_max_equality(kept, literals)
            self.staying.append(kept)
            self.kept += [(kept, at) for at in options]

    def _hosts(self, item: Item) -> list[str]:
        problem = self.plan.problem
        home = {row.key: problem.parties[row.party].key for row in problem.experts}
        return [home[key] for key in item.team if key in home]

    def _ways(self, item: Item, options: list[int], *, fixed: bool) -> list[BoolVar]:
        """Literals that each say: this place is in the plan just as it was.

        A visit that was accepted is still about its themes; others may join it.
        """
        plan = self.plan
        language = _position(plan.problem.languages, item.language)
        ways = []
        if item.instrument is Instrument.STUDY_VISIT:
            for visit in plan.visits:
                if options[0] in visit.parts and language in visit.languages:
                    demands = [visit.parts[options[0]], visit.languages[language]]
                    themes = self._themes(visit, item) if fixed else []
                    ways.append(self._all(demands + themes, visit.week, item.week))
        elif item.instrument is Instrument.MISSION:
            for mission in plan.missions:
                if set(options) <= set(mission.team) and options[0] in mission.leads:
                    if language not in mission.languages:
                        continue
                    just_these: list[Literal] = [
                        literal if at in options else literal.negated()
                        for at, literal in mission.team.items()
                    ]
                    just_these += [mission.leads[options[0]], mission.languages[language]]
                    ways.append(self._all(just_these, mission.week, item.week))
        else:
            mode = int(plan.problem.options.mode[options[0]])
            for run in plan.courses:
                if options[0] in run.parts and (mode, language) in run.variants:
                    demands = [run.parts[options[0]], run.variants[mode, language]]
                    ways.append(self._all(demands, run.week, item.week))
        return ways

    def _themes(self, visit: Visit, item: Item) -> list[BoolVar]:
        names = self.plan.problem.themes
        places = [names.index(theme) for theme in item.themes]
        nobody = self.plan.model.new_constant(0)
        return [visit.themes.get(place, nobody) for place in places]

    def _all(self, literals: Sequence[Literal], week: BoolVar, when: int | None) -> BoolVar:
        """True only if all literals are and the week is the one before."""
        way = self.plan.literal()
        for literal in literals:
            self.plan.model.add_implication(way, literal)
        self.plan.model.add(week == (when or 0)).only_enforce_if(way)
        return way

    def told(self) -> list[BoolVar]:
        """Parties told something new: what they had is gone, or they get what they had not."""
        plan = self.plan
        told: dict[int, BoolVar] = {}

        def about(option: int) -> list[BoolVar]:
            parties = {int(plan.problem.options.guest[option]), plan.host(option)}
            return [told.setdefault(party, plan.literal()) for party in sorted(parties)]

        by_option: dict[int, list[BoolVar]] = defaultdict(list)
        for kept, option in self.kept:
            by_option[option].append(kept)
            for literal in about(option):
                plan.model.add_bool_or([kept, literal])
        for part in plan.parts:
            for literal in about(part.option):
                plan.model.add_bool_or(
                    [part.literal.negated(), literal, *by_option.get(part.option, [])]
                )
        for party in self.lost:
            plan.model.add_bool_or([told.setdefault(party, plan.literal())])
        return list(told.values())

    def changes(self) -> LinearExpr:
        """Places that are in exactly one of the two plans."""
        plan = self.plan
        now = [
            part.literal
            for part in plan.parts
            if int(plan.problem.options.instrument[part.option]) != MISSION
        ]
        now += [mission.literal for mission in plan.missions]
        return self.places + sum(now) - 2 * sum(self.staying)


def _position(names: tuple[str, ...], name: str | None) -> int:
    return names.index(name) if name in names else -1
