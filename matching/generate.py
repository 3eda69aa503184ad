"""Seeded random Instances of any size, with realistic languages, regions and zones.

Regions, languages, zones and positions are those of the 193 Member States of the United Nations
without their names; parties are called S001 and so on. The rest is invented.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import numpy as np

from matching.io import read_instance
from matching.model import Instance, Mentee, Mentor, PairTable, Problem

Scarcity = Literal["easy", "medium", "scarce"]

THEMES = (
    "LEGAL", "TOR", "LEAD", "SECR", "BUDG", "COMP", "FOCAL", "METH", "CLUST", "PLAN", "TRACK",
    "STAT", "REPT", "SPEC", "REGM", "PARL", "JUDI", "NHRI", "CSOP", "LOCL", "SDGS", "UNPT",
    "DIGI", "OPEN", "CAPA",
)  # fmt: skip
NETWORK_LANGUAGES = ("en", "fr", "es", "pt", "ar", "ru", "zh")
REGIONS = (
    "africa", "asia_pacific", "eastern_europe", "latin_america_caribbean", "western_europe_others",
)  # fmt: skip
_WEEKS = 52


@dataclass(frozen=True)
class _Scale:
    """How generous a round is: places per asking State, themes offered, restricted offers."""

    places_percent: int
    themes: tuple[int, int]
    restricted_percent: int
    second_language_percent: int
    ruled_out_percent: int


_SCALES: dict[Scarcity, _Scale] = {
    "easy": _Scale(125, (9, 16), 5, 85, 1),
    "medium": _Scale(85, (5, 11), 15, 60, 2),
    "scarce": _Scale(50, (2, 6), 35, 40, 3),
}


def generate(
    states: int = 193,
    mentors: int = 60,
    seed: int = 0,
    scarcity: Scarcity = "medium",
    instruments: tuple[str, ...] = ("mentorship",),
) -> Instance:
    """Make an Instance.

    Parameters
    ----------
    states
        States in all; every one of them asks.
    mentors
        How many of them also offer; at most ``states``.
    seed
        The same arguments give the same Instance.
    scarcity
        How much is offered for what is asked.
    instruments
        Instruments that needs accept and that are offered: mentorship, study_visit, mission,
        training.

    Raises
    ------
    ValueError
        More mentors than States, or an unknown scarcity or instrument.
    """
    known = ("mentorship", "study_visit", "mission", "training")
    if not 0 < states <= 100_000 or not 0 <= mentors <= states:
        raise ValueError("states from 1 to 100,000, mentors from 0 to the number of states")
    if scarcity not in _SCALES or not instruments or not set(instruments) <= set(known):
        raise ValueError("unknown scarcity or instrument")
    recipe = f"{states} {mentors} {seed} {scarcity} {' '.join(sorted(instruments))}"
    draw = random.Random(recipe)  # noqa: S311 - nothing here is a secret
    scale = _SCALES[scarcity]
    width = max(3, len(str(states)))
    keys = [f"S{number:0{width}d}" for number in range(1, states + 1)]
    places: list[dict[str, Any]] = json.loads(
        files("matching").joinpath("data/geography.json").read_text("utf-8")
    )
    order = draw.sample(range(len(places)), len(places))
    parties = [
        _party(draw, key, places[order[at % len(order)]], scale) for at, key in enumerate(keys)
    ]
    hosts = sorted(draw.sample(keys, mentors))
    by_key = {party["key"]: party for party in parties}
    needs = [need for key in keys for need in _needs(draw, by_key[key], instruments)]
    room = _rooms(draw, mentors, states * scale.places_percent // 100)
    offers = [
        offer
        for at, key in enumerate(hosts)
        for offer in _offers(draw, by_key[key], scale, instruments, room[at])
    ]
    relations = _relations(draw, keys, hosts, scale)
    content: dict[str, Any] = {
        "themes": THEMES,
        "parties": parties,
        "needs": needs,
        "offers": offers,
        "relations": relations,
    }
    if set(instruments) != {"mentorship"}:
        _limit(draw, parties, hosts)
        content["money"] = _money(draw, scale, states)
    return read_instance(content)


def _chance(draw: random.Random, percent: int) -> bool:
    return draw.randrange(100) < percent


def _party(draw: random.Random, key: str, place: dict[str, Any], scale: _Scale) -> dict[str, Any]:
    languages = {code: draw.choice(("work", "lead", "lead")) for code in place["languages"]}
    if not set(languages) & set(NETWORK_LANGUAGES) or _chance(draw, scale.second_language_percent):
        near = ("en", "en", "en", "fr") if place["region"] != "latin_america_caribbean" else (
            "en", "es")  # fmt: skip
        languages.setdefault(draw.choice(near), draw.choice(("follow", "work", "work")))
    contexts = [*place["contexts"]]
    contexts += ["federal"] if _chance(draw, 13) else []
    contexts += [f"tool_{draw.choice('abc')}"] if _chance(draw, 40) else []
    latitude, longitude = place["position"]
    return {
        "key": key,
        "status": "observer" if _chance(draw, 25) else "member",
        "stage": draw.choice(("preparing", "foundational", "intermediate", "advanced")),
        "region": place["region"],
        "sub_region": place["sub_region"],
        "sub_networks": place["sub_networks"],
        "contexts": contexts,
        "languages": [{"language": c, "level": lv} for c, lv in languages.items()],
        "zone": place["zone"],
        "position": {"latitude": latitude * 1000, "longitude": longitude * 1000},
        "closed_weeks": sorted(draw.sample(range(_WEEKS), draw.randrange(4))),
    }


def _level(draw: random.Random, low: int, high: int) -> int | None:
    """A level, or not stated in three cases of ten."""
    return None if _chance(draw, 30) else draw.randint(low, high)


def _needs(
    draw: random.Random, party: dict[str, Any], instruments: tuple[str, ...]
) -> list[dict[str, Any]]:
    # The best of a few draws comes first: themes early in the list are asked for most.
    drawn = draw.sample(THEMES, 8)
    wanted = sorted(drawn, key=lambda theme: THEMES.index(theme) + draw.randrange(20))
    rows = []
    for rank, theme in enumerate(wanted[: draw.randint(2, 5)], start=1):
        accepted = draw.sample(list(instruments), draw.randint(1, len(instruments)))
        rows.append(
            {
                "key": f"{party['key']}-{theme}",
                "party": party["key"],
                "theme": theme,
                "rank": rank,
                "level_now": _level(draw, 0, 2),
                "instruments": accepted,
                "latest_week": draw.randint(20, 51) if _chance(draw, 30) else None,
                "persons": draw.randint(1, 4),
                "online": _chance(draw, 80),
            }
        )
    return rows


def _rooms(draw: random.Random, mentors: int, total: int) -> list[int]:
    """Places of each mentor: one at least, the rest dealt out at random."""
    rooms = [1] * mentors
    for _ in range(max(total - mentors, 0)):
        if mentors:
            rooms[draw.randrange(mentors)] += 1
    return rooms


def _offers(
    draw: random.Random,
    party: dict[str, Any],
    scale: _Scale,
    instruments: tuple[str, ...],
    places: int,
) -> list[dict[str, Any]]:
    themes = draw.sample(THEMES, draw.randint(*scale.themes))
    rows = []
    for instrument in instruments:
        restricted = _chance(draw, scale.restricted_percent)
        row = {
            "key": f"{party['key']}-{instrument}",
            "party": party["key"],
            "instrument": instrument,
            "themes": [{"theme": theme, "level": _level(draw, 1, 4)} for theme in sorted(themes)],
            "weeks": sorted(draw.sample(range(_WEEKS), 12)),
            "regions": [party["region"]] if restricted else [],
            "sub_networks": party["sub_networks"][:1] if restricted else [],
        }
        rows.append({**row, **_terms(draw, party, instrument, places, row["themes"])})
    return rows


def _terms(
    draw: random.Random, party: dict[str, Any], instrument: str, places: int, themes: object
) -> dict[str, Any]:
    if instrument == "mentorship":
        return {"capacity": places}
    if instrument == "study_visit":
        return {"visits": draw.randint(1, 3), "delegations_max": draw.randint(2, 4),
                "persons_max": draw.randint(6, 14)}  # fmt: skip
    if instrument == "training":
        return {"track": draw.choice(("orientation", "foundational", "thematic", "advanced")),
                "seats_min": 5, "seats_max": draw.randint(10, 30)}  # fmt: skip
    experts = [
        {"key": f"{party['key']}-expert-{number}", "themes": themes,
         "languages": party["languages"], "person_days": draw.randint(5, 20),
         "weeks": sorted(draw.sample(range(_WEEKS), 10))}
        for number in range(1, draw.randint(2, 4))
    ]  # fmt: skip
    return {"experts": experts}


def _relations(
    draw: random.Random, keys: list[str], hosts: list[str], scale: _Scale
) -> list[dict[str, Any]]:
    rows = []
    seen: set[frozenset[str]] = set()
    for kind, count in (
        ("rule_out", len(keys) * len(hosts) * scale.ruled_out_percent // 100),
        ("preference", len(keys) // 4),
        ("continue", len(keys) // 10),
    ):
        for _ in range(count if len(keys) > 1 else 0):
            one, other = draw.choice(keys), draw.choice(hosts or keys)
            if one != other and frozenset((one, other)) not in seen:
                seen.add(frozenset((one, other)))
                rows.append({"kind": kind, "party": one, "other": other})
    return rows


def _limit(draw: random.Random, parties: list[dict[str, Any]], hosts: list[str]) -> None:
    """What a State can take on: a few engagements as guest, a few more as host."""
    for party in parties:
        party["as_guest"] = {"at_once": draw.randint(2, 3), "total": draw.randint(2, 4)}
        if party["key"] in hosts:
            party["as_host"] = {"at_once": draw.randint(4, 8), "total": draw.randint(6, 14)}


def _money(draw: random.Random, scale: _Scale, states: int) -> dict[str, Any]:
    """Rates in cents, a fund open to all and two with conditions: scarcer money, fewer journeys."""
    whole = states * scale.places_percent * 3_000
    return {
        "currency": "USD",
        "sources": [
            {"key": "fund", "amount": whole},
            {"key": "missions", "amount": whole // 2, "instruments": ["mission"]},
            {"key": "region", "amount": whole // 4, "regions": [draw.choice(REGIONS)]},
        ],
        "travel": [
            {"up_to_km": 1_500, "cost": 40_000},
            {"up_to_km": 5_000, "cost": 90_000},
            {"up_to_km": 20_100, "cost": 160_000},
        ],
        "day_rate": 15_000,
        "interpretation": [
            {"languages": list(pair), "day_rate": 80_000}
            for pair in (("en", "fr"), ("en", "es"), ("en", "ar"), ("en", "ru"), ("fr", "ar"))
        ],
    }


def random_problem(
    mentees: int, mentors: int, pairs: int, seed: int = 0, *, capacity: int = 4, most: int = 100
) -> Problem:
    """Make a Problem of any size straight from arrays: for measuring and testing.

    Parameters
    ----------
    mentees, mentors, pairs
        Sizes; ``pairs`` possible pairs are drawn at random without repetition.
    capacity
        Places of every mentor.
    most
        Satisfaction and fit are uniform from 0 to this.
    """
    rng = np.random.default_rng(seed)
    cells = mentees * mentors
    ids = np.unique(rng.integers(0, cells, pairs)) if pairs * 20 < cells else np.sort(
        rng.choice(cells, pairs, replace=False)
    )  # fmt: skip
    satisfaction = rng.integers(0, most + 1, len(ids))
    fit = np.minimum(satisfaction + rng.integers(0, most // 10 + 1, len(ids)), most)
    return Problem(
        mentees=tuple(Mentee(key=f"E{at:06d}") for at in range(mentees)),
        mentors=tuple(Mentor(key=f"O{at:06d}", capacity=capacity) for at in range(mentors)),
        pairs=PairTable.plain(
            (ids // mentors).astype(np.int64),
            (ids % mentors).astype(np.int64),
            satisfaction.astype(np.int64),
            fit.astype(np.int64),
        ),
        precision=0 if most <= 100 else 1,
    )


def random_scores(
    mentees: int,
    mentors: int,
    wanted: int,
    seed: int = 0,
    *,
    bids: bool = False,
    precision: int = 10_000,
    spare: float = 1.1,
) -> Problem:
    """Make a Problem of scores as assignments of papers to reviewers have them.

    Parameters
    ----------
    wanted
        Mentors that each mentee wants.
    bids
        Scores of one, two or four quarters, few of them high and some mentors asking for much, in
        place of the likeness of subjects to ``1 / precision``.
    spare
        Places in all, as a multiple of those wanted; a mentor offers one at least.
    """
    rng = np.random.default_rng(seed)
    fashion = rng.dirichlet(np.full(25, 0.5)) * 25
    asks, offers = (
        rng.dirichlet(fashion * share + 1e-3, size)
        for share, size in ((0.15, mentees), (0.3, mentors))
    )
    asks /= np.linalg.norm(asks, axis=1, keepdims=True)
    offers /= np.linalg.norm(offers, axis=1, keepdims=True)
    like = asks @ offers.T * (0.6 + 0.4 * rng.random((mentees, mentors)))
    score = np.round(like * precision).astype(np.int64)
    if bids:
        precision = 4
        ranks = np.argsort(np.argsort(-(like + rng.normal(0, 0.15, like.shape)), axis=0), axis=0)
        eager = np.maximum(rng.lognormal(0, 0.9, mentors) * 0.03 * mentees, 1)
        score = np.where(ranks < eager, 4, np.where(ranks < 2 * eager + 3, 2, 1))
    possible = rng.random(score.shape) > 0.04
    mentee, mentor = (column.astype(np.int64) for column in np.nonzero(possible))
    places = np.ones(mentors, np.int64)
    more = max(int(spare * mentees * wanted) - mentors, 0)
    np.add.at(places, rng.integers(0, mentors, more), 1)
    points = score[possible].astype(np.int64)
    return Problem(
        mentees=tuple(Mentee(key=f"E{at:06d}", wanted=wanted) for at in range(mentees)),
        mentors=tuple(Mentor(key=f"O{at:06d}", capacity=int(n)) for at, n in enumerate(places)),
        pairs=PairTable.plain(mentee, mentor, points, points.copy()),
        precision=precision,
    )
