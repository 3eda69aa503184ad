"""Seeded random grouping Problems: courses with attributes, and values for pairs alone."""

from __future__ import annotations

import numpy as np

from matching.groups.model import Alike, Group, GroupProblem, PairValues, Participant, Spread
from matching.model import Sense

TRACKS = ("orientation", "foundational", "thematic", "advanced")
REGIONS = {
    # Hours before or after UTC, and languages there.
    "africa": ((0, 1, 2, 3), ("en", "fr", "ar", "pt")),
    "americas": ((-8, -6, -5, -4, -3), ("es", "en", "pt", "fr")),
    "asia-pacific": ((4, 5, 7, 8, 9, 12), ("en", "ar", "fr", "ru")),
    "east-europe": ((1, 2, 3, 4), ("ru", "en", "fr", "es")),
    "west-europe": ((0, 1, 2), ("en", "fr", "es", "pt")),
}
FAMILIES = ("geo", "int", "real")
BENCHMARK_GROUPS = {120: 10, 240: 12, 480: 20}
"""Groups of the published families, all of one size."""


def courses(
    people: int = 200, groups: int = 12, seed: int = 0, *, hours: int = 5, room: int = 3
) -> GroupProblem:
    """Participants of courses, with a grouping planted so that the rules can be kept.

    Everyone in a group shares track and a language, and lives within ``hours`` of time zones.
    Wanted: stages in balance as far as that goes, as few pairs as possible of one country or of
    one region in a group.

    Parameters
    ----------
    room
        By how many a group may be smaller or larger than its equal share.
    """
    random = np.random.default_rng(seed)
    sizes = np.full(groups, people // groups)
    sizes[: people % groups] += 1
    names = list(REGIONS)
    rows: list[Participant] = []
    for group, size in enumerate(sizes.tolist()):
        track = TRACKS[group % len(TRACKS)]
        anchor = names[int(random.integers(len(names)))]
        zones, spoken = REGIONS[anchor]
        language = spoken[int(random.integers(2))]
        start = int(zones[int(random.integers(len(zones)))]) - int(random.integers(hours + 1))
        inside = [
            (name, zone) for name in names for zone in REGIONS[name][0]
            if (zone - start) % 24 <= hours
        ]  # fmt: skip
        for _ in range(size):
            region, zone = inside[int(random.integers(len(inside)))]
            extra = [word for word in REGIONS[region][1] if random.random() < 0.35]
            words = {
                "track": (track,),
                "languages": tuple(sorted({language, *extra})),
                "region": (region,),
                "country": (f"{region} {int(random.integers(12)) + 1}",),
                "stage": (str(random.choice(("new", "growing", "long-standing"))),),
            }
            rows.append(Participant(key="?", words=words, numbers={"zone": zone}))
    order = random.permutation(len(rows)).tolist()
    participants = tuple(
        rows[at].model_copy(update={"key": f"P{place + 1:03}"}) for place, at in enumerate(order)
    )
    least, most = max(people // groups - room, 0), -(-people // groups) + room
    return GroupProblem(
        participants=participants,
        groups=tuple(Group(key=f"G{at + 1:02}", least=least, most=most) for at in range(groups)),
        same=("track", "languages"),
        spread=(Spread(attribute="zone", most=hours, around=24),),
        balance=("stage",),
        alike=(Alike(attribute="country", weight=3), Alike(attribute="region")),
        sense=Sense.MIN,
    )


def pairwise(
    people: int, groups: int, seed: int = 0, *, family: str = "int", slack: int = 0
) -> GroupProblem:
    """Values for pairs alone, maximised, drawn as the families of the literature are.

    Parameters
    ----------
    family
        ``int``: whole numbers from 0 to 100. ``real``: the same in thousandths. ``geo``: distances
        in thousandths between points with 2 to 21 coordinates from 0 to 10.
    slack
        By how many a group may be smaller or larger than its equal share.

    Notes
    -----
    The families are those of M. Gallego, M. Laguna, R. Martí, A. Duarte, Tabu search with
    strategic oscillation for the maximally diverse grouping problem, 2013; the numbers are ours.
    """
    random = np.random.default_rng(seed)
    if family == "geo":
        points = random.random((people, int(random.integers(2, 22)))) * 10
        apart = np.sqrt(((points[:, None] - points[None, :]) ** 2).sum(axis=2))
        value = np.round(apart * 1000).astype(np.int64)
    elif family == "real":
        value = random.integers(0, 100_001, (people, people))
    elif family == "int":
        value = random.integers(0, 101, (people, people))
    else:
        raise ValueError(f"unknown family {family!r}: one of {', '.join(FAMILIES)}")
    first, second = np.triu_indices(people, 1)
    least, most = people // groups - slack, -(-people // groups) + slack
    return GroupProblem(
        participants=tuple(Participant(key=f"P{at + 1:03}") for at in range(people)),
        groups=tuple(
            Group(key=f"G{at + 1:02}", least=max(least, 0), most=most) for at in range(groups)
        ),
        values=PairValues(
            first=tuple(first.tolist()),
            second=tuple(second.tolist()),
            value=tuple(value[first, second].tolist()),
            precision=1 if family == "int" else 1000,
        ),
    )
