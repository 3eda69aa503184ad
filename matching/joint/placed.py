"""A plan's items as values of the complete model: to start from them, or to hold them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from matching.items import Delivery, Item
from matching.joint.complete import Complete
from matching.joint.cut import Finder
from matching.joint.model import Mode
from matching.joint.pieces import BoolVar, Visit
from matching.model import Instrument

Values = list[tuple[cp_model.IntVar, int]]


@dataclass
class Entry:
    """One item: when, in which language, by which team; a visit's themes; places by guest."""

    frame: Values = field(default_factory=list)
    themes: Values = field(default_factory=list)
    parts: dict[str, Values] = field(default_factory=dict)
    ways: list[Entry] = field(default_factory=list)
    """A visit may be any of its offer's: each way to have it, where there are several."""

    def of(self, guests: Collection[str]) -> Values:
        """The places of some guests."""
        return [pair for guest in sorted(guests) for pair in self.parts.get(guest, [])]


@dataclass
class Placed:
    """Variables and values for each item; nothing for what the model has no place for."""

    entries: list[Entry] = field(default_factory=list)

    def hint(self, plan: Complete) -> None:
        """Start the search from these items, all else unused."""
        hints: dict[int, tuple[cp_model.IntVar, int]] = {}
        for variable in _unused(plan):
            hints[variable.index] = (variable, 0)
        for entry in self.entries:
            values = [*entry.frame, *entry.themes]
            values += [pair for part in entry.parts.values() for pair in part]
            hints |= {variable.index: (variable, value) for variable, value in values}
        for variable, value in hints.values():
            plan.model.add_hint(variable, value)


def placed(plan: Complete, items: Sequence[Item]) -> Placed:
    """Find the variables of items. Visits of an offer stand in the order of their weeks."""
    finder = Finder(plan.problem)
    order: dict[str, list[int | None]] = {}
    for item in items:
        if item.instrument is Instrument.STUDY_VISIT:
            order.setdefault(item.offer or "", []).append(item.week)
    found = Placed()
    for item in items:
        entry = Entry()
        if item.instrument is Instrument.MENTORSHIP:
            for place in item.places:
                for at in finder.options(item, place.guest)[:1]:
                    if at in plan.mentorship:
                        entry.parts[place.guest] = [(plan.mentorship[at], 1)]
        elif item.instrument is Instrument.STUDY_VISIT:
            weeks = sorted(week or 0 for week in order[item.offer or ""])
            _visit(plan, finder, item, weeks, entry)
        elif item.instrument is Instrument.MISSION:
            _mission(plan, finder, item, entry)
        else:
            _run(plan, finder, item, entry)
        found.entries.append(entry)
    return found


def _one_of(choices: dict[int, BoolVar], chosen: int) -> Values:
    return [(literal, int(code == chosen)) for code, literal in choices.items()]


def _language(plan: Complete, item: Item) -> int:
    names = plan.problem.languages
    return names.index(item.language) if item.language in names else -1


def _visit(plan: Complete, finder: Finder, item: Item, weeks: list[int], entry: Entry) -> None:
    """Among the visits of the offer, alike but for the order of their weeks."""
    mine = [v for v in plan.visits if plan.problem.visits[v.offer].key == item.offer]
    number = weeks.index(item.week or 0)
    if number >= len(mine) or _language(plan, item) not in mine[number].languages:
        return
    _as_visit(plan, finder, item, mine[number], entry)
    if len(mine) > len(weeks):
        for visit in mine:
            way = Entry()
            _as_visit(plan, finder, item, visit, way)
            entry.ways.append(way)


def _as_visit(plan: Complete, finder: Finder, item: Item, visit: Visit, entry: Entry) -> None:
    entry.frame = [(visit.literal, 1), (visit.week, item.week or 0)]
    entry.frame += _one_of(visit.languages, _language(plan, item))
    names = plan.problem.themes
    entry.themes = [(lit, int(names[at] in item.themes)) for at, lit in visit.themes.items()]
    for place in item.places:
        for at in finder.options(item, place.guest):
            if at in visit.parts:
                entry.parts[place.guest] = [(visit.parts[at], 1)]


def _mission(plan: Complete, finder: Finder, item: Item, entry: Entry) -> None:
    guest = item.places[0].guest
    options = finder.options(item, guest)
    language = _language(plan, item)
    for mission in plan.missions:
        if plan.problem.parties[mission.guest].key != guest or not options:
            continue
        if set(options) <= set(mission.team) and options[0] in mission.leads:
            entry.frame = [(mission.literal, 1), (mission.week, item.week or 0)]
            entry.frame += [(lit, int(at in options)) for at, lit in mission.team.items()]
            entry.frame += _one_of(mission.leads, options[0])
            entry.frame += _one_of(mission.languages, language)
            entry.parts[guest] = []


def _run(plan: Complete, finder: Finder, item: Item, entry: Entry) -> None:
    mode = Mode.ONLINE if item.delivery is Delivery.ONLINE else Mode.IN_PERSON
    language = _language(plan, item)
    for run in plan.courses:
        if plan.problem.courses[run.course].key != item.offer:
            continue
        if (int(mode), language) not in run.variants:
            continue
        entry.frame = [(run.literal, 1), (run.week, item.week or 0)]
        entry.frame += [
            (literal, int(key == (int(mode), language))) for key, literal in run.variants.items()
        ]
        for place in item.places:
            for at in finder.options(item, place.guest):
                if at in run.parts:
                    entry.parts[place.guest] = [(run.parts[at], 1)]


def _unused(plan: Complete) -> list[BoolVar]:
    """Literals that are 0 where nothing is said."""
    found = list(plan.mentorship.values())
    for visit in plan.visits:
        found += [visit.literal, *visit.languages.values(), *visit.themes.values()]
        found += visit.parts.values()
    for mission in plan.missions:
        found += [mission.literal, *mission.team.values(), *mission.leads.values()]
        found += mission.languages.values()
    for run in plan.courses:
        found += [run.literal, *run.variants.values(), *run.parts.values()]
    return found
