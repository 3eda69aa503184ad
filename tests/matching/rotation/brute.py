"""Every rotation of a tiny Problem, one by one, judged from the statement."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from itertools import combinations, product

from matching.forum.rotation.codes import RotationRule
from matching.forum.rotation.model import (
    EarlierForum,
    ForumYear,
    HostOffer,
    PastForum,
    PinnedForum,
    Region,
    RotationProblem,
    SessionWeek,
    Travel,
)
from matching.outcome import Clash

Place = tuple[int, int, str]
"""Year, week, host."""


def draw(seed: int) -> RotationProblem:
    """A tiny Problem with a bit of everything."""
    dice = random.Random(seed)
    years = [2026, 2027, 2028][: dice.randint(2, 3)]
    regions = ["north", "south", "east"][: dice.randint(2, 3)]
    hosts = {f"H{at}": dice.choice(regions) for at in range(dice.randint(3, 4))}
    offers = [
        HostOffer(
            host=host,
            region=region,
            years=tuple(sorted(dice.sample(years, dice.randint(1, len(years)))))
            if dice.random() < 0.4 else (),
            weeks=tuple(sorted(dice.sample((10, 20, 53), dice.randint(1, 2)))),
            cost=dice.randint(0, 9),
            seats=dice.choice((None, None, 50, 200)),
        )
        for host, region in [*hosts.items(), dice.choice(list(hosts.items()))]
    ]  # fmt: skip
    previous = [
        EarlierForum(year=year, host=dice.choice(list(hosts)), week=dice.choice((10, 20)))
        for year in years
    ]
    busy = dice.choice((None, *years))
    return RotationProblem(
        years=tuple(
            ForumYear(year=year, least=dice.choice((1, 2)), most=2)
            if year == busy
            else ForumYear(year=year, least=dice.choice((1, 1, 0)))
            for year in years
        ),
        regions=tuple(Region(key=key, passes=dice.random() < 0.15) for key in regions),
        offers=tuple(offers),
        travel=tuple(Travel(host=host, cost=dice.randint(0, 9)) for host in hosts),
        sessions=tuple(
            SessionWeek(
                week=week, hard=dice.random() < 0.4,
                year=dice.choice((None, *years)),
            )
            for week in (10, 20) if dice.random() < 0.6
        ),
        history=tuple(
            PastForum(year=2020 + at, region=region, host=dice.choice(("old", *hosts)))
            for at, region in enumerate(dice.sample(regions, dice.randint(0, len(regions))))
        ),
        seats=dice.choice((0, 100)),
        pins=(PinnedForum(year=years[-1], host=dice.choice(list(hosts))),)
        if dice.random() < 0.2 else (),
        previous=tuple(previous) if dice.random() < 0.5 else (),
    )  # fmt: skip


def weeks_of(year: int) -> int:
    return date(year, 12, 28).isocalendar().week


def session(problem: RotationProblem, year: int, week: int) -> str:
    found = [row for row in problem.sessions if row.week == week and row.year in (None, year)]
    return "hard" if any(row.hard for row in found) else "soft" if found else ""


def offering(problem: RotationProblem, place: Place) -> list[HostOffer]:
    year, week, host = place
    return [
        offer
        for offer in problem.offers
        if offer.host == host and week in offer.weeks and (not offer.years or year in offer.years)
    ]


def roomy(problem: RotationProblem, place: Place) -> list[HostOffer]:
    return [o for o in offering(problem, place) if o.seats is None or o.seats >= problem.seats]


def places(problem: RotationProblem) -> list[Place]:
    """Every week of every offer, whatever closes it."""
    hosts = sorted({offer.host for offer in problem.offers})
    return [
        (row.year, week, host)
        for row in problem.years
        for week in range(1, weeks_of(row.year) + 1)
        for host in hosts
        if offering(problem, (row.year, week, host))
    ]


def every(problem: RotationProblem) -> Iterator[tuple[Place, ...]]:
    """Every choice of at most so many forums in each year, no two in one week."""
    everything = places(problem)
    by_year = []
    for row in problem.years:
        here = [place for place in everything if place[0] == row.year]
        by_year.append(
            [
                chosen
                for number in range(row.most + 1)
                for chosen in combinations(here, number)
                if len({week for _, week, _ in chosen}) == number
            ]
        )
    for years in product(*by_year):
        yield tuple(place for year in years for place in year)


def rules(problem: RotationProblem) -> list[Clash]:
    """Every rule of the Problem that can be part of a clash, in the engine's own terms."""
    hosts = sorted({offer.host for offer in problem.offers})
    return [
        *(Clash(RotationRule.YEAR_SERVED, {"year": row.year}) for row in problem.years),
        *(Clash(RotationRule.REGION_TURN, {"region": row.key}) for row in problem.regions),
        *(Clash(RotationRule.HOST_TURN, {"host": host}) for host in hosts),
        *(
            Clash(RotationRule.SESSION_WEEK, {"year": row.year, "week": week})
            for row in problem.years
            for week in range(1, 54)
            if session(problem, row.year, week) == "hard"
        ),
        *(Clash(RotationRule.SEATS, {"host": host}) for host in hosts),
        *(
            Clash(RotationRule.PINNED_FORUM, {"year": pin.year, "host": pin.host})
            for pin in problem.pins
        ),
    ]


def keeps(problem: RotationProblem, chosen: tuple[Place, ...], rule: Clash) -> bool:
    """Whether forums keep one rule."""
    code, about = rule.code, rule.parameters
    region = {offer.host: offer.region for offer in problem.offers}
    match code:
        case RotationRule.YEAR_SERVED:
            row = next(row for row in problem.years if row.year == about["year"])
            return sum(year == row.year for year, _, _ in chosen) >= row.least
        case RotationRule.SESSION_WEEK:
            return not any(
                (year, week) == (about["year"], about["week"]) for year, week, _ in chosen
            )
        case RotationRule.SEATS:
            return all(roomy(problem, place) for place in chosen if place[2] == about["host"])
        case RotationRule.PINNED_FORUM:
            return any((year, host) == (about["year"], about["host"]) for year, _, host in chosen)
        case RotationRule.REGION_TURN:
            line = [forum.region for forum in problem.history]
            line += [region[host] for _, _, host in sorted(chosen)]
            waited = [row.key for row in problem.regions if not row.passes]
            return all(
                line[:at].count(here) <= line[:at].count(other)
                for at, here in enumerate(line)
                if at >= len(problem.history) and here == about["region"]
                for other in waited
            )
        case RotationRule.HOST_TURN:
            line = [forum.host for forum in problem.history]
            for year, _, host in sorted(chosen):
                willing = {
                    other
                    for found, week, other in places(problem)
                    if found == year
                    and session(problem, year, week) != "hard"
                    and roomy(problem, (year, week, other))
                    and region[other] == region[host]
                }
                if host == about["host"] and any(
                    line.count(other) < line.count(host) for other in willing
                ):
                    return False
                line.append(host)
            return True
    raise ValueError(code)


def vector(problem: RotationProblem, chosen: tuple[Place, ...]) -> tuple[int, int, int, int]:
    """Changed, fairness, cost, soft weeks."""
    region = {offer.host: offer.region for offer in problem.offers}
    travel = {row.host: row.cost for row in problem.travel}
    earlier = {(forum.year, forum.week, forum.host) for forum in problem.previous}
    names = [f"r {forum.region}" for forum in problem.history]
    names += [f"h {forum.host}" for forum in problem.history]
    names += [f"r {region[host]}" for _, _, host in chosen]
    names += [f"h {host}" for _, _, host in chosen]
    return (
        len(earlier - set(chosen)),
        sum(names.count(name) ** 2 for name in set(names)),
        sum(
            min(offer.cost for offer in roomy(problem, place)) + travel.get(place[2], 0)
            for place in chosen
        ),
        sum(session(problem, year, week) == "soft" for year, week, _ in chosen),
    )


def good(problem: RotationProblem) -> list[tuple[Place, ...]]:
    """Every rotation that keeps all rules."""
    everything = rules(problem)
    return [
        chosen
        for chosen in every(problem)
        if all(keeps(problem, chosen, rule) for rule in everything)
    ]
