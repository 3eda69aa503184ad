"""Tiny random joint Problems that hold what makes planning hard."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

from matching.joint.model import JointProblem
from matching.model import (
    Horizon,
    Instrument,
    Item,
    Load,
    ObjectiveCode,
    Pairing,
    Policy,
    Previous,
    WorstOff,
)
from tests.matching.joint.alone import Facts
from tests.matching.joint.brute import TooMany, plans
from tests.matching.joint.small import Sketch

K = ObjectiveCode
ORDERS = (
    tuple(K),
    (K.KEEP, K.CHANGES, K.COVER, K.WORST_OFF, K.FIT, K.COST),
    (K.COVER, K.FIT, K.WORST_OFF, K.SPREAD, K.AVOID),
    (K.COST, K.OBSERVERS, K.COVER, K.WORST_OFF, K.FIT),
    (K.OBSERVERS, K.COVER, K.WORST_OFF, K.FIT, K.AVOID, K.COST, K.SPREAD),
)
GUESTS, HOSTS = "abc", "hk"


@cache
def drawn(seed: int) -> JointProblem:
    """A Problem with at most ``MOST_PLANS`` plans; the same for the same seed.

    About half have an earlier plan of theirs, partly accepted, in which something then changed.
    Every twelfth has no plan at all.
    """
    for attempt in range(500):
        draw = random.Random(f"{seed} {attempt}")
        problem = _fresh(draw)
        try:
            possible = list(plans(problem))
            if possible and draw.random() < 0.5:
                problem = _repaired(draw, problem, possible)
                list(plans(problem))
        except TooMany:
            continue
        if len(possible) >= 5 if seed % 12 else not possible:
            return problem
    raise AssertionError(seed)


def _fresh(draw: random.Random) -> JointProblem:
    instruments = draw.sample(range(4), draw.choice((1, 2, 2, 3, 3, 4)))
    weeks = draw.choice((1, 2, 2, 3))
    sketch = Sketch(GUESTS + HOSTS, **{key: _party(draw, key) for key in GUESTS + HOSTS})
    for guest in GUESTS:
        themes = "".join(draw.sample("XYZ", draw.choice((1, 2, 2, 3))))
        sketch.needs_of(guest, themes, mission=themes[: draw.choice((0, 1, 2))])
    rich = draw.choice((None, 2, 4, 8))
    if rich is not None:
        sketch.source("S", rich)
        sketch.source("T", draw.randint(0, 3))
    givers = {0: _mentor, 1: _visit, 2: _experts, 3: _course}
    for number in instruments:
        # The guest that also gives is drawn less often; nobody offers mentorship twice.
        hosts = draw.sample((*HOSTS, "c"), 3) if draw.random() < 0.5 else list(HOSTS)
        for at, host in enumerate(hosts[: draw.choice((1, 2))]):
            givers[number](draw, sketch, f"{'MVEC'[number]}{at}", host, range(weeks))
    pairs = [
        *((Instrument.STUDY_VISIT, one, other) for one, other in ((0, 1), (0, 2), (1, 2))),
        *((Instrument.MISSION, one, other) for one, other in ((2, 3), (2, 4), (3, 4))),
        *((Instrument.TRAINING, one, other) for one, other in ((0, 1), (0, 2), (1, 2))),
    ]
    problem = sketch.problem(
        horizon=Horizon(weeks=weeks, avoid=(draw.randrange(weeks),)),
        apart=tuple(sorted(draw.sample(pairs, draw.choice((0, 2, 4, 6))))),
        policy=Policy(
            order=draw.choice(ORDERS), observers_first=draw.random() < 0.8,
            worst_off=draw.choice((WorstOff.LEXIMIN, WorstOff.LEXIMIN, *WorstOff)),
        ),
    )  # fmt: skip
    pairings = _pairings(problem)
    policy = problem.policy.model_copy(update={"exclusions": _some(draw, pairings, 20)})
    return replace(
        problem, policy=policy, pins=_some(draw, pairings, 15),
        previous=Previous(declined=_some(draw, pairings, 20)),
    )  # fmt: skip


def _party(draw: random.Random, key: str) -> dict[str, Any]:
    def load() -> Load:
        limits = {name: draw.choice((None,) * 6 + (1, 2)) for name in ("at_once", "total")}
        return Load(**limits)

    return {
        "observer": key in GUESTS and draw.random() < 0.4,
        "offset": draw.choice((None, 0, 60, 300, 600, -600)),
        "guest": load(), "host": load(),
    }  # fmt: skip


def _points(draw: random.Random, themes: list[str]) -> dict[str, int]:
    """Few different points, so that many plans are equal."""
    return {theme: draw.choice((20, 20, 50)) for theme in themes}


def _asked(sketch: Sketch, guest: str) -> list[str]:
    place = GUESTS.index(guest)
    return ["XYZ"[need.theme] for need in sketch.needs if need.guest == place]


def _likely(draw: random.Random, host: str) -> list[str]:
    return [guest for guest in GUESTS if guest != host and draw.random() < 0.85]


def _mentor(draw: random.Random, sketch: Sketch, key: str, host: str, weeks: range) -> None:
    sketch.mentor(key, host, draw.choice((1, 1, 2)))
    for guest in _likely(draw, host):
        asked = _asked(sketch, guest)
        served = draw.sample(asked, draw.randint(1, len(asked)))
        sketch.option(key, guest, points=_points(draw, served))


def _some_weeks(draw: random.Random, weeks: range) -> list[int]:
    return sorted(draw.sample(weeks, draw.randint(1, len(weeks))))


def _in_person(draw: random.Random, sketch: Sketch, weeks: range) -> dict[str, Any]:
    """Persons, weeks, languages and money of a delegation."""
    speaks = draw.choice(("e", "f", "ef"))
    sources = range(len(sketch.sources))
    return {
        "persons": draw.choice((1, 1, 2)), "cost": draw.randint(0, 3), "speaks": speaks,
        "weeks": _some_weeks(draw, weeks), "interpreted": {"e": "f", "f": "e", "ef": ""}[speaks],
        "fee": draw.randint(0, 2), "purse": tuple(s for s in sources if draw.random() < 0.8),
    }  # fmt: skip


def _visit(draw: random.Random, sketch: Sketch, key: str, host: str, weeks: range) -> None:
    sketch.visit(
        key, host, "XY", draw.choice(("e", "ef", "ef")), weeks, visits=draw.choice((1, 1, 2)),
        delegations_min=draw.choice((1, 1, 2)), delegations_max=draw.choice((2, 3)),
        persons_max=draw.choice((2, 3, 9)), themes_max=draw.choice((1, 1, 2)),
    )  # fmt: skip
    _options_with_group(draw, sketch, key, host, weeks, 0)


def _course(draw: random.Random, sketch: Sketch, key: str, host: str, weeks: range) -> None:
    modes = draw.choice(((1,), (2,), (1, 2)))
    sketch.course(key, host, "XY", draw.choice(("e", "ef", "ef")), weeks, modes,
                  (draw.choice((1, 2)), draw.choice((2, 3, 9))))  # fmt: skip
    for mode in modes:
        _options_with_group(draw, sketch, key, host, weeks, mode)


def _options_with_group(
    draw: random.Random, sketch: Sketch, key: str, host: str, weeks: range, mode: int
) -> None:
    spoken = sketch.givers[key][1]
    both = len(getattr(spoken, "languages", ())) == 2
    for guest in _likely(draw, host):
        asked = [theme for theme in _asked(sketch, guest) if theme in "XY"]
        facts = _in_person(draw, sketch, weeks)
        if not both:
            facts |= {"speaks": "e", "interpreted": ""}
        if mode == 1:
            facts |= {"cost": 0, "interpreted": ""}
        if asked:
            sketch.option(key, guest, points=_points(draw, asked), mode=mode, **facts)


def _experts(draw: random.Random, sketch: Sketch, key: str, host: str, weeks: range) -> None:
    """Two experts of the host and one of another party."""
    others = [party for party in HOSTS if party != host]
    for at, party in enumerate((host, host, draw.choice(others))):
        expert = f"{key}{at}"
        sketch.expert(expert, party, weeks, draw.choice((5, 10)), draw.choice((1, 2)))
        for guest in GUESTS:
            request = [n for n in sketch.needs if n.mission and n.guest == GUESTS.index(guest)]
            themes = ["XYZ"[need.theme] for need in request]
            if guest == party or not themes or draw.random() < 0.1:
                continue
            facts = _in_person(draw, sketch, weeks) | {"persons": 1, "interpreted": ""}
            if draw.random() < 0.3:
                facts["speaks"] = ""
            covers = "".join(theme for theme in themes if draw.random() < 0.8)
            sketch.option(expert, guest, points=_points(draw, themes), covers=covers, **facts)


def _pairings(problem: JointProblem) -> list[Pairing]:
    """Everything that an option could bring together."""
    facts = Facts(problem)
    names = list(Instrument)
    return sorted(
        {
            Pairing(instrument=names[number], guest=guest, host=facts.owner(number, giver))
            for number, giver, guest, _ in facts.option
        },
        key=lambda p: (p.instrument, p.guest, p.host),
    )


def _some(draw: random.Random, pairings: list[Pairing], percent: int) -> tuple[Pairing, ...]:
    wanted = draw.randrange(100) < percent and pairings
    return tuple(draw.sample(pairings, 1)) if wanted else ()


def _repaired(
    draw: random.Random, problem: JointProblem, possible: list[tuple[Item, ...]]
) -> JointProblem:
    """The Problem after an earlier plan, part of it accepted, and with a pair taken away."""
    most = max((len(chosen) for chosen in possible), default=0)
    before = draw.choice([chosen for chosen in possible if len(chosen) == most] or [()])
    accepted = [item for item in before if draw.random() < 0.3]
    proposed = [item for item in before if item not in accepted]
    as_pairings = draw.random() < 0.5
    told = [item for item in proposed if item.instrument is Instrument.MENTORSHIP and as_pairings]
    gone = [Pairing(instrument=item.instrument, guest=item.places[0].guest, host=item.host)
            for item in draw.sample(proposed, min(len(proposed), 1))]  # fmt: skip
    previous = Previous(
        declined=(*problem.previous.declined, *gone),
        accepted_items=tuple(accepted),
        proposed_items=tuple(item for item in proposed if item not in told),
        proposed=tuple(Pairing(guest=item.places[0].guest, host=item.host) for item in told),
    )
    return replace(problem, previous=previous)
