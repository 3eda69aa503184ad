"""Random Instances with everything that people can say, also what ``generate`` never says."""

from __future__ import annotations

import random
from typing import Any

from matching import io
from matching.generate import THEMES, Scarcity, generate
from matching.model import Instance

ALL = ("mentorship", "study_visit", "mission", "training")


def said(seed: int, states: int = 12, scarcity: Scarcity = "easy") -> Instance:
    """A generated Instance, with more said by chance; the same for the same arguments."""
    draw = random.Random(f"{seed} {states} {scarcity}")
    data = generate(states, states // 2, seed, scarcity, ALL).model_dump(mode="json")
    data["horizon"].update(closed=[3, 17], avoid=[5])
    for party in data["parties"]:
        if draw.random() < 0.1:
            party["position"] = None
        if draw.random() < 0.1:
            party["zone"] = None
        if draw.random() < 0.2:
            party["region"] = party["sub_region"] = None
    for need in data["needs"]:
        if draw.random() < 0.4:
            need["languages"] = draw.sample(("en", "fr", "es", "ar"), draw.randint(1, 3))
        if draw.random() < 0.3:
            need["track"] = draw.choice(("orientation", "foundational", "thematic", "advanced"))
        if draw.random() < 0.3:
            need["arrangements"] = [
                {"code": code, "cost": draw.randint(1, 9)} for code in draw.sample("abc", 2)
            ]
    for offer in data["offers"]:
        if draw.random() < 0.3:
            offer["languages"] = draw.sample(("en", "fr", "es", "ar"), 2)
        if draw.random() < 0.3:
            offer["weeks"] = []
        if offer["instrument"] == "training":
            offer["delivery"] = draw.choice(("online", "in_person", "hybrid"))
            offer["seats_max"] = draw.choice((5, 20))
        if offer["instrument"] == "study_visit":
            offer["delegations_max"] = draw.choice((1, 3))
            offer["themes_max"] = draw.choice((1, 3))
            offer["persons_max"] = draw.choice((3, 8))
        for expert in offer.get("experts", ()):
            if draw.random() < 0.3:
                expert["weeks"] = []
    _money(draw, data)
    _relations(draw, data)
    return io.read_instance(data)


def _money(draw: random.Random, data: dict[str, Any]) -> None:
    money = data["money"]
    if draw.random() < 0.2:
        money["sources"] = []
    else:
        keys = [party["key"] for party in data["parties"]]
        money["sources"] += [
            {"key": "themes", "amount": 10**6, "themes": draw.sample(THEMES, 4)},
            {"key": "parties", "amount": 10**6, "parties": draw.sample(keys, 3)},
        ]
    if draw.random() < 0.2:
        money["travel"] = []


def _relations(draw: random.Random, data: dict[str, Any]) -> None:
    keys = [party["key"] for party in data["parties"]]
    told = {frozenset((r["party"], r["other"])) for r in data["relations"]}
    for kind in ("rule_out", "pin", "preference", "continue"):
        for instrument in (*ALL, None):
            one, other = draw.sample(keys, 2)
            if frozenset((one, other)) not in told:
                told.add(frozenset((one, other)))
                data["relations"].append(
                    {"kind": kind, "party": one, "other": other, "instrument": instrument}
                )
    one, other = draw.sample(keys, 2)
    data["previous"]["declined"] = [{"instrument": "mission", "guest": one, "host": other}]
