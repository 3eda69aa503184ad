"""What a round's snapshot holds, and how it is put together.

``content``, which programme coordinators may know::

    {
      "format": 1,
      "horizon": {"first_monday": "2027-01-04", "weeks": 52},
      "parties": [                    # only those with a need or an offer below
        {
          "key": "p3f9a0c41d2be",    # random, new in every snapshot; SnapshotParty names the State
          "status": "member",         # or "observer"
          "region": "african",        # a RegionalGroup, or null
          "sub_region": "eastern_africa",
          "sub_networks": ["oif"],    # codes, sorted
          "languages": [{"language": "en", "level": "lead"}],   # follow, work or lead; sorted
          "zone": "Africa/Nairobi",
          "position": {"latitude": -1286, "longitude": 36817},  # thousandths of a degree, or null
          "contexts": ["ldc"]         # sorted
        }
      ],
      "needs": [
        {
          "key": "n17c05b9e6d3a",
          "party": "p3f9a0c41d2be",
          "theme": "TRACK",
          "rank": 1,                  # 1, 2, 3... without gaps within a party
          "languages": ["en"],        # a part of the party's languages; [] means all of them
          "latest_week": 30           # index, 0 is the first week; null: any week of the horizon
        }
      ],
      "offers": [
        {
          "key": "o88d1f04c72aa",
          "party": "p3f9a0c41d2be",
          "instrument": "mentorship",
          "themes": ["TRACK"],        # sorted
          "languages": [],            # [] means all of the party's languages
          "weeks": [0, 51],           # first and last index, both included; null: any week
          "regions": [],              # regional groups served; [] means all
          "sub_networks": [],         # sub-networks served; [] means all
          "capacity": 2               # mentees at once
        }
      ],
      "lapsed": [{"party": "p3f9a0c41d2be", "theme": "BUDG"}]
    }

``lapsed`` lists the needs whose last useful week lies before the first week of the round: they
can't be served and stand in ``needs`` no longer. An offer whose weeks lie outside the round is
left out, as are offers that are paused, drafts, and what was withdrawn. A party with lapsed
needs alone is listed too. Only States on the roster count. Each list is sorted by key, so that
its order says nothing.

``sealed``, encrypted and apart::

    {
      "needs": {"n17c05b9e6d3a": {"now": 1, "sought": 3}},     # 0 to 4, or null: not stated
      "offers": {"o88d1f04c72aa": {"TRACK": 4}},               # each theme of the offer
      "rule_outs": []                                           # always empty for now
    }

There is no name, no personal data and no free text in either part.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app

from app.membership.models import State
from app.needs.models import Need
from app.needs.queries import submitted_to_seal as needs_to_seal
from app.offers.models import Offer
from app.offers.queries import submitted_to_seal as offers_to_seal
from app.rounds.models import Round

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A snapshot's two parts, and which State each key stands for."""

    content: dict[str, Any]
    sealed: dict[str, Any]
    keys: dict[int, str]


def picture_of(round: Round) -> Picture:
    """What the States on the roster have submitted, at this moment, as the round sees it."""
    needs = needs_to_seal()
    offers = offers_to_seal()
    builder = _Builder(
        round,
        parties=_keys("p", round, (state.public_id for state in _owners(needs, offers))),
        needs=_keys("n", round, (need.public_id for own in needs.values() for need in own)),
        offers=_keys("o", round, (offer.public_id for offer in offers.values())),
    )
    for own_needs in needs.values():
        for need in own_needs:
            builder.add_need(need)
    for offer in offers.values():
        if not offer.paused:
            builder.add_offer(offer)
    return builder.picture()


class _Builder:
    def __init__(
        self,
        round: Round,
        *,
        parties: dict[str, str],
        needs: dict[str, str],
        offers: dict[str, str],
    ) -> None:
        self._round = round
        self._party_keys, self._need_keys, self._offer_keys = parties, needs, offers
        self._keys: dict[int, str] = {}
        self._parties: list[dict[str, Any]] = []
        self._ranks: dict[int, int] = {}
        self._needs: list[dict[str, Any]] = []
        self._offers: list[dict[str, Any]] = []
        self._lapsed: list[dict[str, Any]] = []
        self._need_levels: dict[str, dict[str, int | None]] = {}
        self._offer_levels: dict[str, dict[str, int | None]] = {}

    def add_need(self, need: Need) -> None:
        """Needs of a State come in its own order."""
        latest = None if need.latest_week is None else self._index(need.latest_week)
        party = self._party(need.owner)
        if latest is not None and latest < 0:
            self._lapsed.append({"party": party, "theme": need.theme})
            return
        if latest is not None and latest >= self._round.weeks:
            latest = None
        key = self._need_keys[need.public_id]
        self._ranks[need.state_id] = self._ranks.get(need.state_id, 0) + 1
        self._needs.append(
            {
                "key": key,
                "party": party,
                "theme": need.theme,
                "rank": self._ranks[need.state_id],
                "languages": sorted(need.languages),
                "latest_week": latest,
            }
        )
        self._need_levels[key] = {"now": need.level_now, "sought": need.level_sought}

    def add_offer(self, offer: Offer) -> None:
        last = self._round.weeks - 1
        weeks = [
            0 if offer.first_week is None else max(0, self._index(offer.first_week)),
            last if offer.last_week is None else min(last, self._index(offer.last_week)),
        ]
        if weeks[0] > weeks[1] or not offer.themes:
            return
        key = self._offer_keys[offer.public_id]
        self._offers.append(
            {
                "key": key,
                "party": self._party(offer.owner),
                "instrument": str(offer.instrument),
                "themes": sorted(covered.theme for covered in offer.themes),
                "languages": sorted(offer.languages),
                "weeks": None if weeks == [0, last] else weeks,
                "regions": sorted(offer.regions),
                "sub_networks": sorted(offer.sub_networks),
                "capacity": offer.capacity,
            }
        )
        self._offer_levels[key] = {covered.theme: covered.level for covered in offer.themes}

    def picture(self) -> Picture:
        content = {
            "format": FORMAT,
            "horizon": {
                "first_monday": self._round.first_week.isoformat(),
                "weeks": self._round.weeks,
            },
            "parties": _by_key(self._parties),
            "needs": _by_key(self._needs),
            "offers": _by_key(self._offers),
            "lapsed": sorted(self._lapsed, key=lambda row: (row["party"], row["theme"])),
        }
        sealed = {"needs": self._need_levels, "offers": self._offer_levels, "rule_outs": []}
        return Picture(content=content, sealed=sealed, keys=self._keys)

    def _party(self, state: State) -> str:
        if state.id not in self._keys:
            self._keys[state.id] = self._party_keys[state.public_id]
            self._parties.append(_party(self._keys[state.id], state))
        return self._keys[state.id]

    def _index(self, day: dt.date) -> int:
        return (day - self._round.first_week).days // 7


def _party(key: str, state: State) -> dict[str, Any]:
    position = None
    if state.latitude is not None and state.longitude is not None:
        position = {
            "latitude": round(state.latitude * 1000),
            "longitude": round(state.longitude * 1000),
        }
    return {
        "key": key,
        "status": str(state.status),
        "region": str(state.regional_group) if state.regional_group else None,
        "sub_region": state.sub_region,
        "sub_networks": sorted(state.sub_networks),
        "languages": [
            {"language": spoken.code, "level": str(spoken.level)} for spoken in state.languages
        ],
        "zone": state.zone,
        "position": position,
        "contexts": sorted(state.context),
    }


def _by_key(rows: Any) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["key"]))


def _owners(needs: dict[int, list[Need]], offers: dict[int, Offer]) -> list[State]:
    found = {own[0].state_id: own[0].owner for own in needs.values()}
    found |= {offer.state_id: offer.owner for offer in offers.values()}
    return list(found.values())


def _keys(kind: str, round: Round, public_ids: Iterable[str]) -> dict[str, str]:
    """New random keys whose order is the round's own secret one.

    Where several plans are equally good the order of keys decides. As it stays the same within a
    round, a plan made again from the same input is the same plan; as it is secret, it tells
    nothing, and favours nobody from one round to the next.
    """
    secret = f"{current_app.config['SEALING_KEY']}:{round.public_id}".encode()

    def place(public_id: str) -> bytes:
        return hmac.digest(secret, public_id.encode(), "sha256")

    ordered = sorted(set(public_ids), key=place)
    tokens: set[str] = set()
    while len(tokens) < len(ordered):
        tokens.add(kind + secrets.token_hex(6))
    return dict(zip(ordered, sorted(tokens), strict=True))


def digest_of(sealed: dict[str, Any], salt: bytes) -> str:
    """Salted, so that nobody can find the levels by trying them all."""
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(salt + text.encode()).hexdigest()
