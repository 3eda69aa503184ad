"""Why a plan holds an item: reasons of each place, from the Problem and the plan alone.

A reason cites facts of the Problem: with the fact changed, the reason is another. No reason
tells a level or that two parties don't go together: neither is in the Problem.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matching.joint.cut import Finder, closed_rows
from matching.joint.model import JointPlan, JointProblem
from matching.joint.reasons import PlaceReason
from matching.joint.value import told_of
from matching.model import Instrument, Item, Mark, Pairing, Place, Reason, ReasonCode

_MARKS = (
    (Mark.SAME_REGION, ReasonCode.SAME_REGION),
    (Mark.SAME_SUB_REGION, ReasonCode.SAME_SUB_REGION),
    (Mark.PREFERRED_FORMAT, ReasonCode.PREFERRED_FORMAT),
    (Mark.PREFERENCE, ReasonCode.PREFERENCE),
    (Mark.WISH_TO_CONTINUE, ReasonCode.WISH_TO_CONTINUE),
)


@dataclass(frozen=True)
class PlaceReasons:
    """The reasons of one State's place in an item, strongest first."""

    guest: str
    reasons: tuple[Reason, ...]


def why(problem: JointProblem, plan: JointPlan, item: Item) -> tuple[PlaceReasons, ...]:
    """Give the reasons of each place of an item.

    Raises
    ------
    KeyError
        The item is not in the plan, or a place of it is no option of the Problem.
    """
    if item not in plan.items:
        raise KeyError("no such item in the plan")
    finder = Finder(problem)
    return tuple(
        PlaceReasons(place.guest, tuple(_reasons(problem, finder, item, place)))
        for place in item.places
    )


def _reasons(problem: JointProblem, finder: Finder, item: Item, place: Place) -> list[Reason]:
    options = finder.options(item, place.guest)
    if not options:
        raise KeyError("no such option in the Problem")
    needs = _served(problem, item, options[0])
    return [
        *_standing(problem, item, place),
        *_only_giver(problem, finder, item, needs, options[0]),
        *_themes(problem, needs),
        *_team(problem, item),
        *_language(problem, item, place, options[0]),
        *_affinity(problem, options[0]),
        *_group(item),
    ]


def _served(problem: JointProblem, item: Item, option: int) -> list[int]:
    """Needs that a place serves, in the State's own order."""
    serving = problem.serving
    needs: list[int] = serving.need[serving.option == option].tolist()
    if item.instrument is not Instrument.STUDY_VISIT:
        return needs
    return [at for at in needs if problem.themes[problem.needs[at].theme] in item.themes]


def _brings(problem: JointProblem, item: Item, guest: str) -> set[Pairing]:
    """Pairings that a place of an item makes."""
    home = {row.key: problem.parties[row.party].key for row in problem.experts}
    hosts = {home[key] for key in item.team if key in home} or {item.host}
    return {Pairing(instrument=item.instrument, guest=guest, host=host) for host in hosts}


def _standing(problem: JointProblem, item: Item, place: Place) -> list[Reason]:
    """Reasons that lie in the round: an earlier answer, a pin, an earlier proposal."""
    previous = problem.previous
    pairings = _brings(problem, item, place.guest)

    def stands(items: Iterable[Item], told: Iterable[Pairing]) -> bool:
        return any(
            told_of(old) == told_of(item) and place.guest in {p.guest for p in old.places}
            for old in items
        ) or bool(pairings & set(told))

    found = []
    if stands(previous.accepted_items, previous.accepted):
        found.append(Reason(ReasonCode.ACCEPTED_BEFORE))
    if pairings & set(problem.pins):
        found.append(Reason(ReasonCode.PINNED))
    if stands(previous.proposed_items, previous.proposed):
        found.append(Reason(ReasonCode.PROPOSED_BEFORE))
    return found


def _only_giver(
    problem: JointProblem, finder: Finder, item: Item, needs: list[int], option: int
) -> list[Reason]:
    """Nobody else could serve any of the needs that the place serves."""
    serving = problem.serving
    rivals = np.unique(serving.option[np.isin(serving.need, needs)])
    closed = closed_rows(problem, finder)
    table = problem.options
    hosts = {
        problem.party_of(int(table.instrument[at]), int(table.giver[at]))
        for at in rivals.tolist()
        if at not in closed
    }
    own = problem.party_of(int(table.instrument[option]), int(table.giver[option]))
    if not needs or hosts - {own}:
        return []
    return [Reason(PlaceReason.ONLY_POSSIBLE_GIVER, {"host": item.host})]


def _themes(problem: JointProblem, needs: list[int]) -> list[Reason]:
    if not needs:
        return []
    names = tuple(problem.themes[problem.needs[at].theme] for at in needs)
    found = [Reason(ReasonCode.SHARED_THEMES, {"themes": names})]
    first = needs[0]
    if first == 0 or problem.needs[first - 1].guest != problem.needs[first].guest:
        found.append(Reason(ReasonCode.FIRST_NEED, {"theme": names[0]}))
    return found


def _team(problem: JointProblem, item: Item) -> list[Reason]:
    """A team covers the request together; experts of several States are a gain of their own."""
    if not item.team:
        return []
    home = {row.key: row.party for row in problem.experts}
    states = len({home[key] for key in item.team})
    found = [Reason(PlaceReason.TEAM_COVERS, {"themes": item.themes, "experts": item.team})]
    if states > 1:
        found.append(Reason(PlaceReason.SEVERAL_STATES, {"states": states}))
    return found


def _language(problem: JointProblem, item: Item, place: Place, option: int) -> list[Reason]:
    """The language of the item, or for a mentorship the best that both have."""
    table = problem.options
    marks, best = Mark(int(table.marks[option])), int(table.language[option])
    if item.team:
        spoken = {"expert": item.team[0], "language": str(item.language)}
        return [Reason(PlaceReason.LEAD_LANGUAGE, spoken)]
    if place.interpreted or (best < 0 and Mark.INTERPRETATION in marks):
        return [Reason(ReasonCode.INTERPRETATION)]
    name = item.language or (problem.languages[best] if best >= 0 else None)
    if name is None:
        return []
    leading = Mark.LEADING_LANGUAGE in marks and name == problem.languages[best]
    code = ReasonCode.LEADING_LANGUAGE if leading else ReasonCode.COMMON_LANGUAGE
    return [Reason(code, {"language": name})]


def _affinity(problem: JointProblem, option: int) -> list[Reason]:
    table = problem.options
    marks = Mark(int(table.marks[option]))
    found = [Reason(code) for mark, code in _MARKS if mark in marks]
    network = int(table.network[option])
    if network >= 0:
        name = problem.networks[network]
        found.append(Reason(ReasonCode.SHARED_SUB_NETWORK, {"sub_network": name}))
    shared = int(table.contexts[option])
    contexts = tuple(name for at, name in enumerate(problem.contexts) if shared >> at & 1)
    if contexts:
        found.append(Reason(ReasonCode.SIMILAR_CONTEXT, {"contexts": contexts}))
    return found


def _group(item: Item) -> list[Reason]:
    others = len(item.places) - 1
    return [Reason(PlaceReason.IN_A_GROUP, {"others": others})] if others else []
