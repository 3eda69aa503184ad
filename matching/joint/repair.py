"""After answers and cancellations: the next plan, which changes as little as possible.

What was accepted and is still possible stays; what was proposed stays where it can. The repaired
Problem says so in its ``previous`` plan and judges by keep and changes before all else, so that
nobody hears of a change that nobody needs. A coordinator who would rather have lost places
replaced names another order.

Bound: a party hears something new when a place of its own, or a guest of its own, is not possible
any more, whatever else happens. So many parties, and so many changed places, at least. A plan
that needs no more is proven best in both; on a small Problem CP-SAT proves it in any case.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from matching.joint import plan as joint
from matching.joint.cut import part_of
from matching.joint.lost import impossible, losses
from matching.joint.mend import repaired_near
from matching.joint.model import JointPlan, JointProblem
from matching.joint.near import WHOLE, brings
from matching.joint.reasons import News
from matching.joint.value import Fact, facts_of
from matching.model import Code, Instrument, Item, ObjectiveCode, Pairing, Place, Previous
from matching.watch import Cancel, Progress, Watch

FIRST = (ObjectiveCode.KEEP, ObjectiveCode.CHANGES)


@dataclass(frozen=True)
class Events:
    """What happened since the plan was proposed.

    Parameters
    ----------
    accepted, declined
        Pairings of guests and hosts. Of a mission one host of the team is enough.
    cancelled
        Keys of offers and experts that are out.
    hosts_out, guests_out
        Keys of parties that give, or take part in, nothing more.
    closed
        Weeks that are closed to all now.
    """

    accepted: tuple[Pairing, ...] = ()
    declined: tuple[Pairing, ...] = ()
    cancelled: tuple[str, ...] = ()
    hosts_out: tuple[str, ...] = ()
    guests_out: tuple[str, ...] = ()
    closed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Told:
    """What one party hears."""

    party: str
    news: tuple[Code, ...]


@dataclass(frozen=True)
class Repair:
    """The repaired Problem, its plan, and what each party hears.

    ``least_told`` and ``least_changed`` are bounds that hold for every plan.
    """

    problem: JointProblem
    result: joint.JointResult
    news: tuple[Told, ...]
    least_told: int
    least_changed: int


def repair(
    problem: JointProblem, plan: JointPlan, events: Events, *,
    order: Sequence[ObjectiveCode] | None = None, seed: int | None = None,
    workers: int | None = None, time_limit: float | None = None,
    progress: Progress | None = None, cancel: Cancel | None = None,
) -> Repair:  # fmt: skip
    """Repair a plan with the fewest changes.

    Parameters
    ----------
    plan
        What was proposed.
    order
        Objectives of the repaired Problem. By default keep, changes, then the policy's own.

    Raises
    ------
    KeyError
        An event names an offer, an expert or a party that the Problem does not have.
    """
    after = repaired(problem, plan, events, order)
    loss = losses(after)
    begin = time.perf_counter()
    result: joint.JointResult | None = None
    if len(after.options) > WHOLE and after.policy.order[:2] == FIRST:
        watch = Watch(time_limit, cancel, progress, len(after.policy.order))
        result = repaired_near(
            after, loss, watch,
            seed=after.policy.seed if seed is None else seed,
            workers=after.policy.workers if workers is None else workers,
        )  # fmt: skip
    if result is None:
        left = None if time_limit is None else time_limit - (time.perf_counter() - begin)
        result = joint.solve(
            after, seed=seed, workers=workers, progress=progress, cancel=cancel,
            time_limit=None if left is None else max(left, 0.001),
        )  # fmt: skip
    news = () if result.plan is None else news_of(after, plan.items, result.plan.items)
    return Repair(after, result, news, loss.told, loss.changed)


def repaired(
    problem: JointProblem, plan: JointPlan, events: Events,
    order: Sequence[ObjectiveCode] | None = None,
) -> JointProblem:  # fmt: skip
    """The Problem after the events, with the plan as what was before."""
    _known(problem, events)
    rest = [code for code in problem.policy.order if code not in FIRST]
    policy = problem.policy.model_copy(update={"order": tuple(order or (*FIRST, *rest))})
    out = set(events.hosts_out)
    home = [row.key for row in problem.parties]
    gone = set(events.cancelled) | {
        row.key for kind in range(4) for row in problem.givers(kind) if home[row.party] in out
    }
    after = replace(
        problem, policy=policy, previous=_previous(problem, plan, events),
        mentors=_out(problem.mentors, gone, capacity=0),
        visits=_out(problem.visits, gone, visits=0),
        experts=_out(problem.experts, gone, missions=0),
        courses=_out(problem.courses, gone, weeks=()),
    )  # fmt: skip
    return _without(_closed(after, events.closed), gone, set(events.guests_out))


def _known(problem: JointProblem, events: Events) -> None:
    givers = {row.key for kind in range(4) for row in problem.givers(kind)}
    parties = {row.key for row in problem.parties}
    named = (*events.accepted, *events.declined)
    asked = {key for pairing in named for key in (pairing.guest, pairing.host)}
    unknown = (set(events.cancelled) - givers) | (
        ({*events.hosts_out, *events.guests_out} | asked) - parties
    )
    if unknown:
        raise KeyError(f"not in the Problem: {', '.join(sorted(unknown))}")


def _out(rows: tuple[Any, ...], gone: set[str], **changes: Any) -> tuple[Any, ...]:
    return tuple(row.model_copy(update=changes) if row.key in gone else row for row in rows)


def _previous(problem: JointProblem, plan: JointPlan, events: Events) -> Previous:
    """Items split into what was accepted and what was only proposed."""
    accepted = {*events.accepted}
    before = problem.previous
    stays = {_key(item, place) for item in before.accepted_items for place in item.places}
    fixed: list[Item] = []
    open_items: list[Item] = []
    declined = {*events.declined}
    for item in plan.items:
        firm = []
        for place in item.places:
            made = brings(problem, item.model_copy(update={"places": (place,)}))
            answered = bool(made & accepted) or bool(made & {*before.accepted})
            firm.append((answered or _key(item, place) in stays) and not made & declined)
        for wanted, into in ((True, fixed), (False, open_items)):
            places = tuple(p for p, is_firm in zip(item.places, firm, strict=True)
                           if is_firm is wanted)  # fmt: skip
            if places:
                into.append(item.model_copy(update={"places": places}))
    return Previous(
        declined=tuple(dict.fromkeys((*before.declined, *events.declined))),
        accepted_items=tuple(fixed), proposed_items=tuple(open_items),
    )  # fmt: skip


def _key(item: Item, place: Place) -> tuple[object, ...]:
    return item.instrument, item.offer, item.team, item.week, place.guest


def _closed(problem: JointProblem, weeks: tuple[int, ...]) -> JointProblem:
    """Weeks closed to all disappear everywhere."""
    if not weeks:
        return problem
    shut = set(weeks)
    horizon = problem.horizon
    closed = tuple(sorted({*horizon.closed, *shut}))

    def open_rows(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            row.model_copy(update={"weeks": tuple(w for w in row.weeks if w not in shut)})
            for row in rows
        )

    return replace(
        problem, horizon=horizon.model_copy(update={"closed": closed}),
        visits=open_rows(problem.visits), experts=open_rows(problem.experts),
        courses=open_rows(problem.courses),
        calendars=tuple(tuple(w for w in row if w not in shut) for row in problem.calendars),
    )  # fmt: skip


def _without(problem: JointProblem, gone: set[str], guests: set[str]) -> JointProblem:
    """Options of who is out are none any more; accepted places with them can't stay."""
    table = problem.options
    keep = []
    for at in range(len(table)):
        giver = problem.givers(int(table.instrument[at]))[int(table.giver[at])]
        guest = problem.parties[int(table.guest[at])].key
        if giver.key not in gone and guest not in guests:
            keep.append(at)
    after = part_of(problem, keep) if len(keep) < len(table) else problem
    return _unbound(after)


def _unbound(problem: JointProblem) -> JointProblem:
    """An accepted place that is not possible any more is lost: it counts as proposed."""
    lost = impossible(problem)
    fixed: list[Item] = []
    open_items = list(problem.previous.proposed_items)
    for item in problem.previous.accepted_items:
        stay = tuple(p for p in item.places if (item, p.guest) not in lost)
        go = tuple(p for p in item.places if (item, p.guest) in lost)
        if stay:
            fixed.append(item.model_copy(update={"places": stay}))
        if go:
            open_items.append(item.model_copy(update={"places": go}))
    previous = problem.previous.model_copy(
        update={"accepted_items": tuple(fixed), "proposed_items": tuple(open_items)}
    )
    return replace(problem, previous=previous)


def news_of(
    problem: JointProblem, before: Iterable[Item], after: Iterable[Item]
) -> tuple[Told, ...]:
    """What each party hears: places and guests lost, gained, or in another way."""
    old, new = facts_of(problem, before), facts_of(problem, after)
    found = []
    for row in problem.parties:
        was, now = old.get(row.key, set()), new.get(row.key, set())
        news = [*_news(was - now, now - was, guest=True), *_news(was - now, now - was, guest=False)]
        if news:
            found.append(Told(row.key, tuple(news)))
    return tuple(found)


def _news(lost: set[Fact], gained: set[Fact], *, guest: bool) -> list[Code]:
    """As a guest about hosts, as a host about guests; both lost and gained is moved."""
    codes = (
        (News.LOST, News.GAINED, News.MOVED, "host") if guest
        else (News.GUEST_LOST, News.GUEST_GAINED, News.GUEST_MOVED, "guest")
    )  # fmt: skip
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for place, facts in enumerate((lost, gained)):
        for fact in facts:
            as_guest = fact[-1] == "guest"
            if as_guest is guest:
                other = fact[2] if guest else fact[-1]
                counts[str(Instrument(str(fact[0]))), str(other)][place] += 1
    found = []
    for (instrument, other), (gone, new) in sorted(counts.items()):
        words = {"instrument": instrument, codes[3]: other}
        moved = min(gone, new)
        found += [Code(codes[2], words)] * moved
        found += [Code(codes[0], words)] * (gone - moved)
        found += [Code(codes[1], words)] * (new - moved)
    return found
