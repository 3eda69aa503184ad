"""The chain: one order, no gaps, and every way of tampering found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app import audit
from app.audit.actions import ORIGIN, anchor_of, parse_anchor, verify_chain
from app.audit.models import AuditEntry, AuditHead, AuditState
from app.audit.tags import Tag
from app.database import now
from app.extensions import db
from tests.conftest import with_append_only, without_append_only
from tests.processes import start
from tests.world import World


def _five(world: World) -> None:
    """Five entries; the second and fourth concern one State, the third two."""
    one, two = world.state(), world.state()
    person = world.focal_point(one)
    for states in ([], [one.id], [one.id, two.id], [two.id], []):
        audit.record(Tag.NEED_SUBMITTED, by=person, states=states, subject="n", rank=1)
    db.session.commit()


def _tamper(*statements: str) -> None:
    """Change the trail behind its back, as somebody with the database in hand could."""
    db.session.rollback()
    with db.engine.begin() as connection:
        without_append_only(connection)
        for statement in statements:
            connection.execute(text(statement))
        with_append_only(connection)


def _found(anchor: tuple[int, str] | None = None) -> set[tuple[int, str]]:
    return {(found.entry_id, found.why) for found in verify_chain(anchor=anchor).breaks}


def test_an_untouched_chain_holds_and_its_end_can_be_kept_outside(world: World) -> None:
    _five(world)
    verdict = verify_chain()
    assert (verdict.entries, verdict.breaks) == (5, ())
    kept = parse_anchor(anchor_of(verdict))
    audit.record(Tag.NEED_CHANGED, by=None)
    db.session.commit()
    assert verify_chain(anchor=kept).holds


def test_an_empty_chain_holds(app: object) -> None:
    verdict = verify_chain()
    assert (verdict.entries, verdict.head, verdict.breaks) == (0, ORIGIN, ())


@pytest.mark.parametrize(
    "change",
    [
        "tag = 'need.withdrawn'",
        "actor = 'system'",
        "subject = 'm'",
        "facts = '{\"rank\": 2}'",
        "at = '2020-01-01 00:00:00.000000'",
    ],
)
def test_an_edited_entry_is_found(world: World, change: str) -> None:
    _five(world)
    _tamper(f"UPDATE audit_entry SET {change} WHERE id = 3")
    assert _found() == {(3, "changed")}


def test_an_edit_with_a_hash_that_fits_breaks_the_next_link(world: World) -> None:
    from app.audit.actions import _digest

    _five(world)
    entry = db.session.get_one(AuditEntry, 3)
    states = [link.state_id for link in entry.states]
    entry.subject = "m"
    forged = _digest(entry, sorted(states))
    db.session.rollback()
    _tamper(f"UPDATE audit_entry SET subject = 'm', hash = '{forged}' WHERE id = 3")
    assert _found() == {(4, "does not follow the entry before")}


def test_a_deleted_entry_is_found(world: World) -> None:
    _five(world)
    _tamper("DELETE FROM audit_state WHERE entry_id = 3", "DELETE FROM audit_entry WHERE id = 3")
    found = _found()
    assert {(3, "missing"), (4, "does not follow the entry before")} <= found


def test_two_entries_that_changed_places_are_found(world: World) -> None:
    _five(world)
    _tamper(
        "UPDATE audit_entry SET id = 99 WHERE id = 1",
        "UPDATE audit_entry SET id = 1 WHERE id = 5",
        "UPDATE audit_entry SET id = 5 WHERE id = 99",
    )
    found = _found()
    assert {(1, "changed"), (5, "changed"), (2, "does not follow the entry before")} <= found


def test_an_entry_that_is_given_to_another_state_is_found(world: World) -> None:
    _five(world)
    other = world.state()
    _tamper(f"UPDATE audit_state SET state_id = {other.id} WHERE entry_id = 2")
    assert (2, "changed") in _found()


def test_an_entry_that_is_taken_from_a_state_is_found(world: World) -> None:
    _five(world)
    _tamper("DELETE FROM audit_state WHERE entry_id = 4")
    assert _found() == {(4, "changed")}


def test_numbers_of_a_state_that_changed_places_are_found(world: World) -> None:
    _five(world)
    state_id = db.session.scalars(select(AuditState.state_id).order_by(AuditState.id)).first()
    _tamper(
        f"UPDATE audit_state SET number = 9 WHERE state_id = {state_id} AND number = 1",
        f"UPDATE audit_state SET number = 1 WHERE state_id = {state_id} AND number = 2",
        f"UPDATE audit_state SET number = 2 WHERE state_id = {state_id} AND number = 9",
    )
    assert _found() == {(2, "out of order among the entries of a State")}


def test_an_end_cut_off_is_found_from_the_head(world: World) -> None:
    _five(world)
    _tamper("DELETE FROM audit_entry WHERE id = 5")
    assert _found() == {(4, "the end of the chain is not where it should be")}


def test_an_end_cut_off_with_the_head_is_found_with_the_anchor_only(world: World) -> None:
    _five(world)
    kept = parse_anchor(anchor_of(verify_chain()))
    fourth = db.session.get_one(AuditEntry, 4).hash
    _tamper(
        "DELETE FROM audit_entry WHERE id = 5",
        f"UPDATE audit_head SET entry_id = 4, hash = '{fourth}'",
    )
    assert _found() == set()
    assert _found(kept) == {(5, "the entry kept outside is not in the chain")}


def test_an_emptied_trail_is_found_with_the_anchor(world: World) -> None:
    _five(world)
    kept = parse_anchor(anchor_of(verify_chain()))
    _tamper("DELETE FROM audit_state", "DELETE FROM audit_entry", "DELETE FROM audit_head")
    assert _found() == set()
    assert _found(kept) == {(5, "the entry kept outside is not in the chain")}


def test_an_entry_smuggled_in_at_the_end_is_found(world: World) -> None:
    _five(world)
    _tamper(
        "INSERT INTO audit_entry (id, at, tag, actor, subject, facts, previous_hash, hash) "
        "SELECT 6, at, tag, actor, subject, facts, hash, 'x' FROM audit_entry WHERE id = 5"
    )
    found = _found()
    assert (6, "changed") in found
    assert (6, "the end of the chain is not where it should be") in found


@pytest.mark.parametrize("table", ["audit_entry", "audit_state"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_trail(world: World, table: str, verb: str) -> None:
    _five(world)
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(verb.format(table)))
    db.session.rollback()


def test_what_is_rolled_back_leaves_no_gap(world: World) -> None:
    state = world.state()
    audit.record(Tag.NEED_DRAFTED, by=None, states=[state.id])
    db.session.rollback()
    audit.record(Tag.NEED_DRAFTED, by=None, states=[state.id])
    db.session.commit()
    assert verify_chain().entries == 1
    assert verify_chain().holds
    assert db.session.scalars(select(AuditState.number)).all() == [1]


def _at_once(world: World, work: Callable[[int], None], threads: int = 4) -> list[BaseException]:
    barrier, failed = threading.Barrier(threads), []

    def one(number: int) -> None:
        with world.app.app_context():
            barrier.wait()
            try:
                work(number)
            except BaseException as error:
                failed.append(error)
            finally:
                db.session.remove()

    db.session.remove()
    started = [threading.Thread(target=one, args=(number,)) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return failed


def test_many_who_record_at_once_make_one_chain(world: World) -> None:
    """Also the very first entries, when there is no end yet to take turns at."""
    state_id, other_id = world.state().id, world.state().id

    def work(number: int) -> None:
        for _ in range(10):
            states = [state_id] if number % 2 else [other_id, state_id]
            audit.record(Tag.NEED_CHANGED, by=None, states=states, who=number)
            db.session.commit()

    assert _at_once(world, work) == []
    verdict = verify_chain()
    assert (verdict.entries, verdict.breaks) == (40, ())
    numbers = db.session.scalars(
        select(AuditState.number).where(AuditState.state_id == state_id).order_by(AuditState.number)
    ).all()
    assert numbers == list(range(1, 41))


def test_a_check_while_others_record_finds_nothing_amiss(world: World) -> None:
    state_id = world.state().id
    found: list[Any] = []

    def work(number: int) -> None:
        for _ in range(10):
            if number:
                audit.record(Tag.NEED_CHANGED, by=None, states=[state_id])
                db.session.commit()
            else:
                found.extend(verify_chain().breaks)

    assert _at_once(world, work) == []
    assert found == []


def test_a_check_keeps_nobody_from_writing(world: World) -> None:
    from app.audit.actions import _unmoving_view

    _five(world)
    with _unmoving_view() as view:
        assert view.execute(select(AuditHead.entry_id)).scalar() == 5
        audit.record(Tag.NEED_CHANGED, by=None)
        db.session.commit()
        assert view.execute(select(AuditHead.entry_id)).scalar() == 5
    assert verify_chain().entries == 6


def test_moments_keep_their_digest_through_the_database(world: World) -> None:
    moment = now()
    entry = audit.record(Tag.NEED_CHANGED, by=None, words="é ع 中", number=1, list=[1, {"a": None}])
    digest = entry.hash
    db.session.commit()
    db.session.expire_all()
    again = db.session.get_one(AuditEntry, entry.id)
    assert (again.hash, again.facts["words"]) == (digest, "é ع 中")
    assert again.at >= moment
    assert verify_chain().holds


# The command line


def test_the_command_tells_whether_the_chain_holds(world: World) -> None:
    _five(world)
    runner = world.app.test_cli_runner()
    good = runner.invoke(args=["audit", "verify"])
    assert good.exit_code == 0
    assert good.output.startswith("5 entries, head 5:")
    anchor = runner.invoke(args=["audit", "anchor"])
    assert anchor.exit_code == 0
    kept = anchor.output.strip()
    assert runner.invoke(args=["audit", "verify", "--anchor", kept]).exit_code == 0
    fourth = db.session.get_one(AuditEntry, 4).hash
    _tamper(
        "DELETE FROM audit_entry WHERE id = 5",
        f"UPDATE audit_head SET entry_id = 4, hash = '{fourth}'",
    )
    bad = runner.invoke(args=["audit", "verify", "--anchor", kept])
    assert bad.exit_code == 1
    assert "entry 5: the entry kept outside is not in the chain" in bad.output
    assert runner.invoke(args=["audit", "verify", "--anchor", "five"]).exit_code == 2


def test_the_anchor_is_mailed_to_whoever_keeps_it(world: World) -> None:
    from app.notices import Mail

    _five(world)
    runner = world.app.test_cli_runner()
    done = runner.invoke(args=["audit", "anchor", "--to", "auditor@example.org"])
    mail = db.session.scalars(select(Mail)).one()
    assert mail.recipient == "auditor@example.org"
    assert done.output.strip() in mail.text


def test_a_broken_chain_gives_no_anchor(world: World) -> None:
    _five(world)
    _tamper("UPDATE audit_entry SET subject = 'm' WHERE id = 3")
    done = world.app.test_cli_runner().invoke(args=["audit", "anchor"])
    assert done.exit_code == 1
    assert ":" not in done.output.splitlines()[0].split("see")[0]


def test_processes_that_record_at_once_make_one_chain(world: World) -> None:
    state_id = world.state().id
    db.session.remove()
    code = (
        "from app import audit, create_app\n"
        "from app.audit import Tag\n"
        "from app.extensions import db\n"
        "app = create_app()\n"
        "with app.app_context():\n"
        "    for _ in range(20):\n"
        f"        audit.record(Tag.NEED_CHANGED, by=None, states=[{state_id}])\n"
        "        db.session.commit()\n"
    )
    started = [start(world.app, "-c", code) for _ in range(2)]
    assert [process.wait(timeout=120) for process in started] == [0, 0]
    verdict = verify_chain()
    assert (verdict.entries, verdict.breaks) == (40, ())


def test_levels_leave_no_trace_in_the_trail(world: World) -> None:
    """Two States that differ in their levels only leave the same entries."""
    from app.needs.actions import change_need, draft_need, submit_need
    from app.needs.conditions import Conditions, Levels

    def facts_with(first: int | None, then: int | None) -> list[tuple[str, dict[str, Any]]]:
        state = world.state()
        focal = world.focal_point(state)
        need = draft_need(
            state=state,
            by=focal,
            theme="TRACK",
            conditions=Conditions(),
            levels=Levels(now=first, sought=3),
        )
        change_need(need=need, by=focal, conditions=Conditions(), levels=Levels(now=then, sought=4))
        submit_need(need=need, by=focal)
        db.session.commit()
        entries = select(AuditEntry).join(AuditState).where(AuditState.state_id == state.id)
        return [(e.tag, e.facts) for e in db.session.scalars(entries.order_by(AuditEntry.id))]

    entries = facts_with(0, 1)
    assert [tag for tag, _facts in entries] == [
        Tag.NEED_DRAFTED,
        Tag.NEED_CHANGED,
        Tag.NEED_SUBMITTED,
    ]
    assert facts_with(2, 3) == entries
