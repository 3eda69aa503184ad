"""Faults of meaning in a Problem of rotation: names nobody knows, rules that can't be meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matching.forum.rotation.model import RotationPlan, RotationProblem
from matching.io.documents import read_shape, schemas_of
from matching.io.faults import BadInput, unknown
from matching.model import Fault

Where = Callable[[str, int], str]
"""The path to a row, from the name of its table and its position."""


def in_document(table: str, at: int) -> str:
    """The path to a row of a JSON document."""
    return f"{table}[{at}]"


def schemas() -> dict[str, bytes]:
    """JSON Schema of Problem and plan, by file name."""
    return schemas_of({"tandem-rotation": RotationProblem, "tandem-rotation-plan": RotationPlan})


def read_rotation(source: bytes) -> RotationProblem:
    """Read and check a Problem of rotation.

    Raises
    ------
    BadInput
        With every fault, of shape and of meaning.
    """
    return sound(read_shape(source, "tandem-rotation", RotationProblem), in_document)


def read_rotation_plan(source: bytes) -> RotationPlan:
    """Read a plan; whether it is any good is for ``verify`` to say."""
    return read_shape(source, "tandem-rotation-plan", RotationPlan)


def sound(problem: RotationProblem, where: Where) -> RotationProblem:
    """Give a Problem back when it is good.

    Raises
    ------
    BadInput
        With every fault of meaning.
    """
    faults = [
        *_years(problem, where),
        *_regions(problem, where),
        *_offers(problem, where),
        *_travel(problem, where),
        *_history(problem, where),
        *_named(problem, where),
    ]
    if faults:
        raise BadInput(faults)
    return problem


def _years(problem: RotationProblem, where: Where) -> Iterator[Fault]:
    """Years stand in order, each once, at least as many forums at most as at least."""
    if not problem.years:
        yield Fault("years", "none given")
    last = 0
    for at, row in enumerate(problem.years):
        path = where("years", at)
        if row.year <= last:
            yield Fault(path, f"year {row.year} does not come after {last}")
        last = max(last, row.year)
        if row.least > row.most:
            yield Fault(path, f"least {row.least} is more than most {row.most}")


def _regions(problem: RotationProblem, where: Where) -> Iterator[Fault]:
    """There is a region; none stands twice."""
    if not problem.regions:
        yield Fault("regions", "none given")
    seen: set[str] = set()
    for at, row in enumerate(problem.regions):
        if row.key in seen:
            yield Fault(where("regions", at), f'region "{row.key}" stands twice')
        seen.add(row.key)


def _offers(problem: RotationProblem, where: Where) -> Iterator[Fault]:
    """An offer is of a known region, the same for all offers of a host, for known years."""
    if not problem.offers:
        yield Fault("offers", "none given")
    regions = {row.key for row in problem.regions}
    years = {str(row.year) for row in problem.years}
    region_of: dict[str, str] = {}
    for at, offer in enumerate(problem.offers):
        path = where("offers", at)
        if offer.region not in regions:
            yield unknown(f"{path}.region", "region", offer.region, regions)
        if region_of.setdefault(offer.host, offer.region) != offer.region:
            yield Fault(
                f"{path}.region", f'"{offer.host}" is in "{region_of[offer.host]}" elsewhere'
            )
        if not offer.weeks:
            yield Fault(f"{path}.weeks", "none given")
        for year in offer.years:
            if str(year) not in years:
                yield unknown(f"{path}.years", "year", str(year), years)


def _travel(problem: RotationProblem, where: Where) -> Iterator[Fault]:
    """Travel to hosts that offer, each once; to all of them or to none."""
    hosts = {offer.host for offer in problem.offers}
    seen: set[str] = set()
    for at, row in enumerate(problem.travel):
        path = where("travel", at)
        if row.host not in hosts:
            yield unknown(f"{path}.host", "host", row.host, hosts)
        if row.host in seen:
            yield Fault(path, f'host "{row.host}" stands twice')
        seen.add(row.host)
    if problem.travel:
        for host in sorted(hosts - seen):
            yield Fault("travel", f'nothing is said of travel to "{host}"')


def _history(problem: RotationProblem, where: Where) -> Iterator[Fault]:
    """Past forums were in known regions, before the years to plan."""
    regions = {row.key for row in problem.regions}
    first = min((row.year for row in problem.years), default=0)
    for at, forum in enumerate(problem.history):
        path = where("history", at)
        if forum.region not in regions:
            yield unknown(f"{path}.region", "region", forum.region, regions)
        if first and forum.year >= first:
            yield Fault(f"{path}.year", f"{forum.year} is not before {first}")


def _named(problem: RotationProblem, where: Where) -> Iterator[Fault]:
    """Sessions, pins and the earlier plan speak of known years and hosts."""
    hosts = {offer.host for offer in problem.offers}
    years = {str(row.year) for row in problem.years}
    for table in ("sessions", "pins", "previous"):
        seen = set()
        for at, row in enumerate(getattr(problem, table)):
            path = where(table, at)
            if row.year is not None and str(row.year) not in years:
                yield unknown(f"{path}.year", "year", str(row.year), years)
            if table == "pins" and row.host not in hosts:
                yield unknown(f"{path}.host", "host", row.host, hosts)
            if row in seen:
                yield Fault(path, "stands twice")
            seen.add(row)
