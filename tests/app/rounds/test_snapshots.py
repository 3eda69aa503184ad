"""What a snapshot holds, what it leaves out, and that it stays as it was taken."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from app.database import now
from app.extensions import db
from app.membership.models import LanguageLevel, Status
from app.needs.models import NeedState
from app.offers.models import OfferState
from app.rounds import actions
from app.rounds.models import (
    Round,
    RoundState,
    Snapshot,
    SnapshotIsFixed,
    SnapshotKind,
    SnapshotParty,
)
from app.rounds.snapshots import digest_of
from tests.world import World


def trial(world: World, round_: Round) -> Snapshot:
    taken = actions.take_snapshot(round=round_, by=world.coordinator(), kind=SnapshotKind.TRIAL)
    db.session.commit()
    db.session.expire_all()
    return taken


def without_keys(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in ("key", "party")} for row in rows]


def test_a_snapshot_has_exactly_the_documented_shape(world: World) -> None:
    asking = world.state(
        "Askingia",
        status=Status.OBSERVER,
        languages={"fr": LanguageLevel.LEAD, "en": LanguageLevel.WORK},
        sub_networks=["oif", "au"],
        context=["ldc"],
        latitude=-1.2864,
        longitude=36.8172,
    )
    world.need(asking, "BUDG", rank=4, level_now=1, level_sought=3, latest_week=dt.date(2027, 2, 1))
    world.need(asking, "TRACK", rank=2, languages=["fr"], latest_week=dt.date(2030, 1, 7))
    offering = world.state("Offeria")
    world.offer(
        offering,
        {"TRACK": 4, "BUDG": None},
        capacity=3,
        first_week=dt.date(2026, 12, 7),
        last_week=dt.date(2027, 3, 1),
        regions=["african"],
    )
    taken = trial(world, world.round())
    assert taken.content.keys() == {"format", "horizon", "parties", "needs", "offers", "lapsed"}
    assert taken.content["format"] == 1
    assert taken.content["horizon"] == {"first_monday": "2027-01-04", "weeks": 52}
    state_of = {party.key: party.state_id for party in taken.parties}
    parties = {state_of[party["key"]]: party for party in taken.content["parties"]}
    assert without_keys([parties[asking.id]]) == [
        {
            "status": "observer",
            "region": "african",
            "sub_region": "eastern_africa",
            "sub_networks": ["au", "oif"],
            "languages": [
                {"language": "en", "level": "work"},
                {"language": "fr", "level": "lead"},
            ],
            "zone": "Africa/Nairobi",
            "position": {"latitude": -1286, "longitude": 36817},
            "contexts": ["ldc"],
        }
    ]
    assert parties[offering.id]["position"] is None
    needs = sorted(taken.content["needs"], key=lambda need: need["rank"])
    assert without_keys(needs) == [
        {"theme": "TRACK", "rank": 1, "languages": ["fr"], "latest_week": None},
        {"theme": "BUDG", "rank": 2, "languages": [], "latest_week": 4},
    ]
    assert {state_of[need["party"]] for need in needs} == {asking.id}
    (offer,) = taken.content["offers"]
    assert without_keys([offer]) == [
        {
            "instrument": "mentorship",
            "themes": ["BUDG", "TRACK"],
            "languages": [],
            "weeks": [0, 8],
            "regions": ["african"],
            "sub_networks": [],
            "capacity": 3,
        }
    ]
    assert taken.sealed == {
        "needs": {
            needs[0]["key"]: {"now": None, "sought": None},
            needs[1]["key"]: {"now": 1, "sought": 3},
        },
        "offers": {offer["key"]: {"TRACK": 4, "BUDG": None}},
        "rule_outs": [],
    }
    assert taken.sealed_digest == digest_of(taken.sealed, taken.salt)


def test_only_what_is_submitted_by_states_on_the_roster_counts(world: World) -> None:
    counted = world.state()
    world.need(counted)
    for standing in (NeedState.DRAFT, NeedState.PROPOSED, NeedState.WITHDRAWN):
        world.need(world.state(), state=standing)
    for offered in (OfferState.DRAFT, OfferState.PROPOSED, OfferState.WITHDRAWN):
        world.offer(world.state(), state=offered)
    world.offer(world.state(), paused=True)
    world.offer(world.state(), last_week=dt.date(2026, 12, 28))
    world.offer(world.state(), first_week=dt.date(2028, 1, 10))
    world.need(world.state(status=None))
    world.offer(world.state(status=None))
    taken = trial(world, world.round())
    assert [party.state_id for party in taken.parties] == [counted.id]
    assert len(taken.content["needs"]) == 1
    assert taken.content["offers"] == []


def test_a_need_whose_time_is_over_is_listed_as_lapsed(world: World) -> None:
    state = world.state()
    world.need(state, "BUDG", rank=1, latest_week=dt.date(2026, 12, 28))
    world.need(state, "TRACK", rank=2, latest_week=dt.date(2027, 1, 4))
    taken = trial(world, world.round())
    assert without_keys(taken.content["lapsed"]) == [{"theme": "BUDG"}]
    assert without_keys(taken.content["needs"]) == [
        {"theme": "TRACK", "rank": 1, "languages": [], "latest_week": 0}
    ]


def test_no_name_no_text_and_no_level_is_in_the_open_part(world: World) -> None:
    state = world.state("Secretland")
    world.focal_point(state, name="Ada Secret", email="secret@example.org")
    world.need(state, success="Secret hopes", level_now=2, level_sought=4)
    world.offer(world.state(), {"BUDG": 3}, note="Secret notes")
    taken = trial(world, world.round())
    assert set(taken.sealed["needs"].values().__iter__().__next__().values()) == {2, 4}
    stored = db.session.execute(text("SELECT content, sealed FROM snapshot")).one()
    content = stored.content if isinstance(stored.content, str) else json.dumps(stored.content)
    assert "ecret" not in content
    assert "level_now" not in content
    assert '"now"' not in content
    assert b"sought" not in bytes(stored.sealed)


def test_keys_and_digests_are_new_in_every_snapshot(world: World) -> None:
    world.need(world.state())
    round_ = world.round()
    first, second = trial(world, round_), trial(world, round_)
    assert {p.key for p in first.parties}.isdisjoint({p.key for p in second.parties})
    assert first.sealed_digest != second.sealed_digest


def test_a_snapshot_refuses_every_change(world: World) -> None:
    world.need(world.state())
    taken = trial(world, world.round())
    party = taken.parties[0]
    changes: tuple[Callable[[], None], ...] = (
        lambda: setattr(taken, "content", {}),
        lambda: setattr(taken, "taken_at", now()),
        lambda: setattr(party, "key", "other"),
        lambda: db.session.delete(party),
        lambda: db.session.delete(taken),
    )
    for change in changes:
        change()
        with pytest.raises(SnapshotIsFixed):
            db.session.flush()
        db.session.rollback()
    for statement in (
        update(Snapshot).values(kind="frozen"),
        delete(Snapshot),
        update(SnapshotParty).values(key="other"),
    ):
        with pytest.raises(SnapshotIsFixed):
            db.session.execute(statement)
        db.session.rollback()


def test_each_kind_has_its_moment(world: World) -> None:
    coordinator = world.coordinator()
    for standing, kind in (
        (RoundState.DRAFT, SnapshotKind.TRIAL),
        (RoundState.FROZEN, SnapshotKind.TRIAL),
        (RoundState.OPEN, SnapshotKind.FROZEN),
        (RoundState.CLOSED, SnapshotKind.FROZEN),
    ):
        with pytest.raises(actions.WrongMoment):
            actions.take_snapshot(round=world.round(standing), by=coordinator, kind=kind)


def test_the_database_holds_one_frozen_snapshot_of_a_round(world: World) -> None:
    from sqlalchemy.exc import IntegrityError

    round_ = world.round()
    coordinator = world.coordinator()
    actions.freeze_round(round=round_, by=coordinator)
    db.session.commit()
    with pytest.raises(IntegrityError):
        actions.take_snapshot(round=round_, by=coordinator, kind=SnapshotKind.FROZEN)
    db.session.rollback()


def test_the_order_of_keys_stays_within_a_round_and_favours_nobody_in_the_next(
    world: World,
) -> None:
    """Two plans of the same input once differed where several were equally good."""
    states = [world.state() for _ in range(12)]
    for state in states:
        world.need(state)

    def order(taken: Snapshot) -> list[int]:
        return [party.state_id for party in sorted(taken.parties, key=lambda p: p.key)]

    first_round, second_round = world.round(), world.round()
    first, again = trial(world, first_round), trial(world, first_round)
    assert order(first) == order(again)
    assert order(first) != order(trial(world, second_round))
