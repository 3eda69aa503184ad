"""One command makes the demonstration, keeps it, starts it over, and touches nothing else."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.accounts.models import Role, RoleGrant, User
from app.audit import Tag
from app.audit.actions import verify_chain
from app.audit.models import AuditEntry, AuditState
from app.config import ROOT
from app.demo.installation import NotADemonstration, prepare
from app.extensions import db
from app.membership.models import RosterEntry, State
from app.needs.models import Need
from app.offers.models import Offer, OfferTheme
from app.rounds.models import Round, RoundReply, RoundState
from tests.app.demo.conftest import TODAY
from tests.world import World


def quiet(_words: str) -> None:
    """Progress is for people."""


def content() -> dict[str, list[Any]]:
    """All that is invented, without what must differ (ids for addresses, moments)."""
    return {
        "states": [
            (s.code, s.names, s.mechanism_names, s.zone, [(r.code, r.level) for r in s.languages])
            for s in db.session.scalars(select(State).order_by(State.code)).unique()
        ],
        "people": [
            (user.email, user.name, user.language, sorted(user.role_set))
            for user in db.session.scalars(select(User).order_by(User.email)).unique()
        ],
        "needs": [
            (n.owner.code, n.theme, n.rank, n.level_now, n.level_sought, n.state, n.latest_week)
            for n in db.session.scalars(select(Need).order_by(Need.state_id, Need.rank))
        ],
        "offers": [
            (
                offer.owner.code,
                offer.capacity,
                offer.paused,
                [(part.theme, part.level) for part in offer.themes],
            )
            for offer in db.session.scalars(select(Offer).order_by(Offer.state_id))
        ],
        "tags": list(db.session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id))),
    }


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_what_is_in_it(demo: Flask) -> None:
    assert (count(State), count(RosterEntry), count(RoundReply)) == (193, 160, 8)
    round_ = db.session.scalars(select(Round)).one()
    assert (round_.title, round_.phase) == ("Round 2027", RoundState.OPEN)
    assert (round_.first_week.weekday(), round_.first_week > round_.answers_due > TODAY) == (
        0,
        True,
    )
    for role in (Role.PROGRAMME_COORDINATOR, Role.REGION_COORDINATOR, Role.ADMINISTRATOR):
        assert db.session.scalar(select(func.count()).where(RoleGrant.role == role)) == 1
    focal_points = select(User.state_id).join(RoleGrant).where(RoleGrant.role == Role.FOCAL_POINT)
    on_roster = select(RosterEntry.state_id).order_by(RosterEntry.state_id)
    assert list(db.session.scalars(focal_points.order_by(User.state_id))) == list(
        db.session.scalars(on_roster)
    )


def test_everybody_has_an_address_that_can_not_exist(demo: Flask) -> None:
    addresses = list(db.session.scalars(select(User.email)))
    mailboxes = [str(mailbox) for mailbox in db.session.scalars(select(RosterEntry.mailbox))]
    wrong = [a for a in addresses + mailboxes if not re.fullmatch(r"[a-z.-]+@[a-z]+\.example", a)]
    assert (len(set(addresses)), wrong) == (len(addresses), [])
    assert list(db.session.scalars(select(User.password).where(User.password.is_not(None)))) == []


def test_its_trail_holds_and_each_state_has_its_entries(demo: Flask) -> None:
    verdict = verify_chain()
    assert (verdict.holds, verdict.entries) == (True, count(AuditEntry))
    concerned = select(AuditState.state_id).distinct()
    assert sorted(db.session.scalars(concerned)) == sorted(
        db.session.scalars(select(RosterEntry.state_id))
    )
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert entry.tag == Tag.DEMONSTRATION_PREPARED


def real_names_in(words: str) -> set[str]:
    """Names of real States, in any language, that stand in a text as words of their own."""
    real = json.loads((ROOT / "app/membership/data/states.json").read_text(encoding="utf-8"))
    names = {name for row in real for name in row["names"].values()}
    return {
        name
        for name in names
        if name in words
        # Chinese has no spaces between words.
        and (
            re.fullmatch(r"[\u4e00-\u9fff]+", name)
            or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)
        )
    }


def test_no_real_state_is_named_anywhere(demo: Flask) -> None:
    everything = "\n".join(
        str(row) for table in db.metadata.sorted_tables for row in db.session.execute(select(table))
    )
    assert (
        real_names_in(everything + " Peru, 秘鲁") == {"Peru", "秘鲁"} | zones_named_after_states()
    )
    # A time zone is real geography, and some are named after a State.
    zones = set(db.session.scalars(select(State.zone).union(select(User.zone))))
    for zone in sorted(zones, key=len, reverse=True):
        everything = everything.replace(zone, "")
    assert real_names_in(everything) == set()


def zones_named_after_states() -> set[str]:
    zones = set(db.session.scalars(select(State.zone)))
    return real_names_in(" ".join(zones).replace("/", " / "))


def test_a_second_start_keeps_what_people_did_and_is_fast(demo: Flask) -> None:
    need = db.session.scalars(select(Need).order_by(Need.id).limit(1)).one()
    need.success = "We changed this."
    db.session.commit()
    need_id, entries = need.id, count(AuditEntry)
    db.session.remove()
    started = time.monotonic()
    assert prepare(reset=False, say=quiet) is False
    assert time.monotonic() - started < 2
    assert db.session.get_one(Need, need_id).success == "We changed this."
    assert count(AuditEntry) == entries


def test_starting_over_gives_the_same_world_again(demo: Flask) -> None:
    before = content()
    ids = set(db.session.scalars(select(State.public_id)))
    need = db.session.scalars(select(Need).order_by(Need.id).limit(1)).one()
    need.success = "We changed this."
    db.session.commit()
    db.session.remove()
    assert prepare(reset=True, say=quiet, today=TODAY) is True
    assert content() == before
    assert ids.isdisjoint(db.session.scalars(select(State.public_id)))
    assert list(db.session.scalars(select(Need.id).where(Need.success == "We changed this."))) == []
    assert verify_chain().holds
    # The trail of the new one is protected like every trail.
    with pytest.raises(Exception, match="append-only"):
        db.session.execute(text("UPDATE audit_entry SET actor = 'x'"))
    db.session.rollback()


@pytest.mark.parametrize("reset", [False, True])
def test_an_installation_that_is_no_demonstration_is_left_alone(
    bare_demo: Flask, reset: bool
) -> None:
    state = World(bare_demo).state("Keepland")
    with pytest.raises(NotADemonstration):
        prepare(reset=reset, say=quiet)
    assert list(db.session.scalars(select(State.code))) == [state.code]


def test_an_interrupted_preparation_leaves_nothing_and_can_be_repeated(bare_demo: Flask) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(words: str) -> None:
        if words.startswith("Opening"):
            raise Interrupted

    with pytest.raises(Interrupted):
        prepare(reset=False, say=interrupt)
    db.session.remove()
    assert (count(State), count(AuditEntry)) == (0, 0)
    db.session.remove()
    assert prepare(reset=False, say=quiet) is True
    assert count(OfferTheme) > 200
