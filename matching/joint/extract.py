"""From the values of the complete model to the items of a plan, paid for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from ortools.graph.python import max_flow
from ortools.sat.python import cp_model

from matching.items import Delivery, Item, Payment, Place
from matching.joint.complete import Complete
from matching.joint.model import JointProblem, Mode
from matching.joint.pieces import BoolVar, Mission, Run, Visit
from matching.model import Instrument

Value = Callable[[cp_model.IntVar], int]


@dataclass(frozen=True)
class _Draft:
    """An item before anybody has paid: the cost and purse of each place."""

    item: Item
    purses: dict[str, int]


def items_of(plan: Complete, value: Value) -> tuple[Item, ...]:
    """The items that the model's values say, in order, each place paid for.

    Parameters
    ----------
    value
        The value of a variable of ``plan.model``.
    """
    drafts = [
        *(_mentorship(plan, at) for at, literal in plan.mentorship.items() if value(literal)),
        *(_visit(plan, visit, value) for visit in plan.visits if value(visit.literal)),
        *(_mission(plan, mission, value) for mission in plan.missions if value(mission.literal)),
        *(_run(plan, run, value) for run in plan.courses if value(run.literal)),
    ]
    return tuple(sorted(_paid(plan.problem, drafts), key=order))


def order(item: Item) -> tuple[object, ...]:
    """Items by instrument, offer, week, guests."""
    kinds = list(Instrument)
    return (
        kinds.index(item.instrument), item.offer or "", item.week or 0,
        tuple(place.guest for place in item.places),
    )  # fmt: skip


def _key(plan: Complete, option: int) -> str:
    return plan.problem.parties[int(plan.problem.options.guest[option])].key


def _mentorship(plan: Complete, option: int) -> _Draft:
    problem = plan.problem
    mentor = problem.mentors[int(problem.options.giver[option])]
    guest = _key(plan, option)
    item = Item(
        instrument=Instrument.MENTORSHIP, offer=mentor.key,
        host=problem.parties[mentor.party].key,
        places=(Place(guest=guest),),
    )  # fmt: skip
    return _Draft(item, {})


def themes_of(problem: JointProblem, bits: int) -> tuple[str, ...]:
    """Names of the themes in a bit set, in the Problem's order."""
    return tuple(name for at, name in enumerate(problem.themes) if bits >> at & 1)


def _present(parts: dict[int, BoolVar], value: Value) -> list[int]:
    return [at for at, literal in parts.items() if value(literal)]


def _chosen(choices: dict[int, BoolVar], value: Value) -> int:
    return next(code for code, literal in choices.items() if value(literal))


def _place(plan: Complete, option: int, language: int, cost: int) -> Place:
    problem = plan.problem
    tongue = next(
        t for t in problem.tongues[int(problem.options.tongue[option])] if t.language == language
    )
    return Place(
        guest=_key(plan, option), persons=int(problem.options.persons[option]),
        interpreted=tongue.interpreted, cost=cost + tongue.cost,
    )  # fmt: skip


def _visit(plan: Complete, visit: Visit, value: Value) -> _Draft:
    problem = plan.problem
    offer = problem.visits[visit.offer]
    language = _chosen(visit.languages, value)
    rows = _present(visit.parts, value)
    cost = problem.options.cost
    places = sorted(
        (_place(plan, at, language, int(cost[at])) for at in rows), key=lambda p: p.guest
    )
    bits = sum(1 << theme for theme, literal in visit.themes.items() if value(literal))
    item = Item(
        instrument=Instrument.STUDY_VISIT, offer=offer.key, host=problem.parties[offer.party].key,
        week=value(visit.week), language=problem.languages[language],
        themes=themes_of(problem, bits), places=tuple(places),
    )  # fmt: skip
    return _Draft(item, {_key(plan, at): int(problem.options.purse[at]) for at in rows})


def _mission(plan: Complete, mission: Mission, value: Value) -> _Draft:
    problem = plan.problem
    table = problem.options
    lead = _chosen(mission.leads, value)
    team = [lead, *(at for at in _present(mission.team, value) if at != lead)]
    language = _chosen(mission.languages, value)
    request = sum({1 << n.theme for n in problem.needs if n.mission and n.guest == mission.guest})
    guest = problem.parties[mission.guest].key
    item = Item(
        instrument=Instrument.MISSION, host=problem.parties[plan.host(lead)].key,
        week=value(mission.week), language=problem.languages[language],
        themes=themes_of(problem, request),
        places=(Place(guest=guest, cost=sum(int(table.cost[at]) for at in team)),),
        team=tuple(problem.experts[int(table.giver[at])].key for at in team),
    )  # fmt: skip
    return _Draft(item, {guest: int(table.purse[lead])})


def _run(plan: Complete, run: Run, value: Value) -> _Draft:
    problem = plan.problem
    course = problem.courses[run.course]
    mode, language = next(key for key, literal in run.variants.items() if value(literal))
    rows = _present(run.parts, value)
    online = mode == Mode.ONLINE
    cost = problem.options.cost
    places = sorted(
        (_place(plan, at, language, 0 if online else int(cost[at])) for at in rows),
        key=lambda p: p.guest,
    )
    item = Item(
        instrument=Instrument.TRAINING, offer=course.key, host=problem.parties[course.party].key,
        week=value(run.week), language=problem.languages[language],
        delivery=Delivery.ONLINE if online else Delivery.IN_PERSON, places=tuple(places),
    )  # fmt: skip
    return _Draft(item, {_key(plan, at): int(problem.options.purse[at]) for at in rows})


def _paid(problem: JointProblem, drafts: list[_Draft]) -> list[Item]:
    """Share the costs among the sources: a flow from sources through purses."""
    if not problem.sources:
        return [draft.item for draft in drafts]
    due: dict[int, int] = defaultdict(int)
    for draft in drafts:
        for place in draft.item.places:
            if place.cost:
                due[draft.purses[place.guest]] += place.cost
    shares = _shares(problem, due)
    items = []
    for draft in drafts:
        places = []
        for place in draft.item.places:
            paid, missing = [], place.cost
            purse = shares.get(draft.purses.get(place.guest, -1), {})
            for source in sorted(purse):
                part = min(purse[source], missing)
                if part:
                    paid.append(Payment(source=problem.sources[source].key, amount=part))
                    purse[source] -= part
                    missing -= part
            places.append(place.model_copy(update={"paid": tuple(paid)}))
        items.append(draft.item.model_copy(update={"places": tuple(places)}))
    return items


def _shares(problem: JointProblem, due: dict[int, int]) -> dict[int, dict[int, int]]:
    """How much each source pays for each purse.

    Raises
    ------
    RuntimeError
        The sources don't suffice: the model and this sharing would contradict each other.
    """
    flow = max_flow.SimpleMaxFlow()
    purses = sorted(due)
    start, end, first = 0, 1, 2
    arcs: dict[int, tuple[int, int]] = {}
    for source, row in enumerate(problem.sources):
        flow.add_arc_with_capacity(start, first + source, row.amount)
    for place, purse in enumerate(purses):
        node = first + len(problem.sources) + place
        flow.add_arc_with_capacity(node, end, due[purse])
        for source in problem.purses[purse]:
            arc = flow.add_arc_with_capacity(first + source, node, due[purse])
            arcs[arc] = (purse, source)
    status = flow.solve(start, end)
    if status != flow.OPTIMAL or flow.optimal_flow() != sum(due.values()):
        raise RuntimeError("the plan costs more than its sources may pay")
    shares: dict[int, dict[int, int]] = defaultdict(dict)
    for arc, (purse, source) in arcs.items():
        if flow.flow(arc):
            shares[purse][source] = flow.flow(arc)
    return shares
