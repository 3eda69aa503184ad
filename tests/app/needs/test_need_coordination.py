"""What a coordinator enters for a State waits for its word; levels and drafts stay out of reach."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from app.accounts.models import Role
from app.audit.models import AuditEntry, AuditState
from app.extensions import db
from app.membership.models import State
from app.needs import actions, queries
from app.needs.conditions import Conditions
from app.needs.models import Need, NeedState
from app.notices import Mail
from app.rounds.models import RoundState
from tests.pages import text_of
from tests.world import World

MONDAY = dt.date(2031, 3, 3)


def the_need() -> Need:
    db.session.expire_all()
    return db.session.scalars(select(Need)).one()


def test_a_proposed_need_counts_once_the_state_confirms_it(world: World) -> None:
    state = world.state()
    speaker = world.focal_point(state, email="fp@example.org", language="fr")
    world.person(Role.COLLEAGUE, state=state, email="colleague@example.org")
    coordinator = world.client(world.coordinator())
    path = f"/states/{state.public_id}/needs"
    answer = coordinator.send(
        f"{path}/new", theme="PARL", success="A committee", latest_week="2031-03-05"
    )
    assert answer.status_code == 303
    need = the_need()
    assert (need.state, need.latest_week, need.level_now) == (NeedState.PROPOSED, MONDAY, None)
    assert queries.submitted_by_state() == {}
    mails = db.session.scalars(select(Mail)).all()
    assert [(mail.recipient, mail.language) for mail in mails] == [("fp@example.org", "fr")]
    assert "Parlement" in mails[0].text
    assert "http://localhost/needs" in mails[0].text
    client = world.client(speaker)
    page = text_of(client.get("/needs").get_data(as_text=True))
    assert "Waiting for your word" in page
    assert "A committee" in page
    answer = client.send(f"/needs/{need.public_id}/confirm", "/needs", version=str(need.version))
    assert answer.status_code == 303
    assert the_need().state == NeedState.SUBMITTED
    assert list(queries.submitted_by_state()) == [state.id]


def test_a_yes_holds_only_for_what_was_on_the_page(world: World) -> None:
    state = world.state()
    need = world.need(state, state=NeedState.PROPOSED, success="Before")
    seen = str(need.version)
    coordinator = world.coordinator()
    actions.propose_need(
        state=state, by=coordinator, theme="TRACK", conditions=Conditions(success="After")
    )
    db.session.commit()
    client = world.client(world.focal_point(state))
    path = f"/needs/{need.public_id}/confirm"
    assert client.send(path, "/needs", version=seen).status_code == 409
    assert the_need().state == NeedState.PROPOSED


def test_a_change_of_a_submitted_need_alters_nothing_until_confirmed(world: World) -> None:
    state = world.state()
    need = world.need(state, success="As we said", level_now=1, level_sought=3)
    coordinator = world.client(world.coordinator())
    path = f"/states/{state.public_id}/needs/{need.public_id}"
    shown = coordinator.get(path).get_data(as_text=True)
    version = shown.split('name="version" value="')[1].split('"')[0]
    answer = coordinator.send(path, theme="TRACK", success="As they told me", version=version)
    assert answer.status_code == 303
    need = the_need()
    assert (need.state, need.success) == (NeedState.SUBMITTED, "As we said")
    assert need.proposed_change == Conditions(success="As they told me").as_change()
    client = world.client(world.focal_point(state))
    page = text_of(client.get("/needs").get_data(as_text=True))
    assert "As it stands" in page
    assert "As we said" in page
    assert "As they told me" in page
    client.send(f"/needs/{need.public_id}/confirm", "/needs", version=str(need.version))
    need = the_need()
    assert (need.state, need.success) == (NeedState.SUBMITTED, "As they told me")
    assert need.proposed_change is None
    # The levels are still the State's own.
    assert (need.level_now, need.level_sought) == (1, 3)


def test_a_declined_change_leaves_the_need_as_it_was(world: World) -> None:
    state = world.state()
    need = world.need(state, success="Ours", proposed_change=Conditions().as_change())
    client = world.client(world.focal_point(state))
    assert client.send(f"/needs/{need.public_id}/decline", "/needs").status_code == 303
    need = the_need()
    assert (need.state, need.success, need.proposed_change) == (NeedState.SUBMITTED, "Ours", None)


def test_a_dropped_proposal_is_gone(world: World) -> None:
    state = world.state()
    need = world.need(state, state=NeedState.PROPOSED)
    client = world.client(world.focal_point(state))
    client.send(f"/needs/{need.public_id}/withdraw", "/needs")
    assert the_need().state == NeedState.WITHDRAWN


def test_a_colleague_neither_confirms_nor_drops(world: World) -> None:
    state = world.state()
    need = world.need(state, state=NeedState.PROPOSED)
    client = world.client(world.person(Role.COLLEAGUE, state=state))
    for verb in ("confirm", "withdraw", "decline"):
        answer = client.send(
            f"/needs/{need.public_id}/{verb}", "/needs/new", version=str(need.version)
        )
        assert answer.status_code == 403
    assert the_need().state == NeedState.PROPOSED


def test_changing_a_proposed_need_makes_it_the_states_own_draft(world: World) -> None:
    state = world.state()
    need = world.need(state, state=NeedState.PROPOSED, success="Theirs")
    client = world.client(world.focal_point(state))
    answer = client.send(
        f"/needs/{need.public_id}",
        theme="TRACK",
        success="Ours",
        version=str(need.version),
        then="draft",
    )
    assert answer.status_code == 303
    assert (the_need().state, the_need().success) == (NeedState.DRAFT, "Ours")


def test_a_coordinator_never_sees_levels_or_drafts(world: World) -> None:
    state = world.state()
    world.need(state, "PARL", level_now=1, level_sought=4, success="Public words")
    draft = world.need(state, "JUDI", rank=2, state=NeedState.DRAFT, success="Draft words")
    gone = world.need(state, "STAT", rank=3, state=NeedState.WITHDRAWN, success="Gone words")
    owner = world.client(world.focal_point(state))
    own = owner.get("/needs/" + draft.public_id).get_data(as_text=True)
    assert "Draft words" in own
    coordinator = world.client(world.coordinator())
    page = text_of(coordinator.get(f"/states/{state.public_id}/needs").get_data(as_text=True))
    assert "Public words" in page
    for secret in ("Draft words", "Judiciary", "Gone words", "Case by case", "Firmly established"):
        assert secret not in page
    for need in (draft, gone):
        path = f"/states/{state.public_id}/needs/{need.public_id}"
        assert coordinator.get(path).status_code == 404


def test_levels_are_out_of_reach_of_the_coordinators_queries(world: World) -> None:
    state = world.state()
    world.need(state, level_now=1, level_sought=4)
    db.session.expunge_all()
    state = db.session.scalars(select(State)).unique().one()
    db.session.expire_all()
    for need in (queries.submitted_by_state()[state.id][0], queries.for_coordinator(state)[0]):
        with pytest.raises(InvalidRequestError):
            _ = need.level_now
        with pytest.raises(InvalidRequestError):
            _ = need.level_sought
    sealed = queries.submitted_to_seal()[state.id][0]
    assert (sealed.level_now, sealed.level_sought) == (1, 4)


def test_proposing_on_the_theme_of_a_draft_does_not_betray_it(world: World) -> None:
    state = world.state()
    other = world.state()
    draft = world.need(state, "PARL", state=NeedState.DRAFT, success="Our secret draft")
    coordinator = world.client(world.coordinator())
    answers, pages = [], []
    for one in (state, other):
        path = f"/states/{one.public_id}/needs"
        answers.append(coordinator.send(f"{path}/new", theme="PARL", success="From a call"))
        pages.append(text_of(coordinator.get(path).get_data(as_text=True)))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "Our secret draft" not in pages[0]
    assert pages[0].replace(state.name, "X") == pages[1].replace(other.name, "X")
    kept = db.session.get_one(Need, draft.id, populate_existing=True)
    assert (kept.state, kept.success) == (NeedState.DRAFT, "Our secret draft")
    # Later edits of the draft don't show either.
    path = f"/states/{state.public_id}/needs/{draft.public_id}"
    before = coordinator.get(path).get_data(as_text=True)
    kept.success = "Our secret draft, longer"
    db.session.commit()
    after = coordinator.get(path).get_data(as_text=True)
    assert text_of(before) == text_of(after)
    version = after.split('name="version" value="')[1].split('"')[0]
    assert f'value="{version}"' in before


def test_what_a_coordinator_entered_can_be_taken_back(world: World) -> None:
    state = world.state()
    proposed = world.need(state, "PARL", rank=1, state=NeedState.PROPOSED)
    changed = world.need(state, "STAT", rank=2, proposed_change=Conditions().as_change())
    plain = world.need(state, "JUDI", rank=3)
    coordinator = world.client(world.coordinator())
    base = f"/states/{state.public_id}/needs"
    for need in (proposed, changed, plain):
        answer = coordinator.send(f"{base}/{need.public_id}/take-back", f"{base}/new")
        assert answer.status_code == 303
    db.session.expire_all()
    assert (proposed.state, changed.state, plain.state) == ("withdrawn", "submitted", "submitted")
    assert (changed.proposed_change, changed.rank, plain.rank) == (None, 1, 2)


def test_two_coordinators_at_once(world: World) -> None:
    state = world.state()
    need = world.need(state)
    path = f"/states/{state.public_id}/needs/{need.public_id}"
    first, second = world.client(world.coordinator()), world.client(world.coordinator())
    version = first.get(path).get_data(as_text=True).split('name="version" value="')[1][:16]
    assert first.send(path, theme="TRACK", success="First", version=version).status_code == 303
    late = second.send(path, theme="TRACK", success="Second", version=version)
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "First" in page
    assert "Second</textarea>" in page


def test_nobody_acts_on_the_own_state(world: World) -> None:
    state = world.state()
    need = world.need(state)
    both = world.person(Role.PROGRAMME_COORDINATOR, Role.COLLEAGUE, state=state)
    client = world.client(both)
    base = f"/states/{state.public_id}/needs"
    page = client.get(base).get_data(as_text=True)
    assert "Enter a need" not in page
    assert client.get(f"{base}/new").status_code == 403
    path = f"{base}/{need.public_id}"
    assert client.send(path, "/needs/new", success="Mine").status_code == 403
    assert client.send(f"{path}/take-back", "/needs/new").status_code == 403
    assert the_need().proposed_change is None


def test_that_a_coordinator_looked_is_noted_for_the_state(world: World) -> None:
    state = world.state()
    coordinator = world.coordinator()
    client = world.client(coordinator)
    client.get(f"/states/{state.public_id}/needs")
    client.get(f"/states/{state.public_id}/needs")
    seen = db.session.execute(
        select(AuditEntry.tag, AuditEntry.actor)
        .join(AuditState)
        .where(AuditState.state_id == state.id)
    ).all()
    assert [tuple(row) for row in seen] == [("record.looked_at", coordinator.pseudonym)]


def test_an_imported_list_keeps_its_order_and_changes_nothing_the_second_time(
    world: World,
) -> None:
    state = world.state()
    speaker = world.focal_point(state)
    world.need(state, "STAT", rank=1)

    def import_list() -> list[tuple[int, str, str, int]]:
        for rank, theme in enumerate(("LEGAL", "STAT", "PARL"), start=1):
            actions.save_need(
                state=state, by=speaker, theme=theme, conditions=Conditions(), rank=rank
            )
        db.session.commit()
        return [(n.rank, n.theme, n.state, n.version) for n in queries.live_of(state.id)]

    first = import_list()
    assert [row[:3] for row in first] == [
        (1, "LEGAL", "draft"),
        (2, "STAT", "submitted"),
        (3, "PARL", "draft"),
    ]
    entries = len(db.session.scalars(select(AuditEntry)).all())
    assert import_list() == first
    assert len(db.session.scalars(select(AuditEntry)).all()) == entries


def test_proposing_the_same_twice_writes_one_mail(world: World) -> None:
    state = world.state()
    world.focal_point(state)
    coordinator = world.coordinator()
    for _ in range(2):
        actions.propose_need(
            state=state, by=coordinator, theme="PARL", conditions=Conditions(success="Same")
        )
        db.session.commit()
    assert len(db.session.scalars(select(Mail)).all()) == 1


def change_theme(world: World, state: State, need: Need, theme: str) -> int:
    """Suggest another theme as a coordinator does; returns the status of the answer."""
    coordinator = world.client(world.coordinator())
    path = f"/states/{state.public_id}/needs/{need.public_id}"
    shown = coordinator.get(path).get_data(as_text=True)
    version = shown.split('name="version" value="')[1].split('"')[0]
    return coordinator.send(path, theme=theme, version=version).status_code


def test_another_theme_is_suggested_and_counts_once_the_state_confirms(world: World) -> None:
    state = world.state()
    need = world.need(state, theme="BUDG", level_now=1)
    assert change_theme(world, state, need, "PLAN") == 303
    assert the_need().theme == "BUDG"

    client = world.client(world.focal_point(state))
    page = text_of(client.get("/needs").get_data(as_text=True))
    assert "Implementation planning" in page
    version = str(the_need().version)
    path = f"/needs/{need.public_id}/confirm"
    assert client.send(path, "/needs", version=version).status_code == 303
    confirmed = the_need()
    assert (confirmed.theme, confirmed.level_now, confirmed.proposed_change) == ("PLAN", 1, None)


def test_a_theme_that_is_submitted_already_is_refused_with_words(world: World) -> None:
    state = world.state()
    need = world.need(state, theme="BUDG")
    world.need(state, theme="PLAN", rank=2)
    assert change_theme(world, state, need, "PLAN") == 422


def test_a_draft_on_the_new_theme_is_not_betrayed_and_its_state_is_told(world: World) -> None:
    state = world.state()
    need = world.need(state, theme="BUDG")
    world.need(state, theme="PLAN", rank=2, state=NeedState.DRAFT)
    assert change_theme(world, state, need, "PLAN") == 303
    client = world.client(world.focal_point(state))
    db.session.expire_all()
    version = str(db.session.get_one(Need, need.id).version)
    answer = client.send(f"/needs/{need.public_id}/confirm", "/needs", version=version)
    assert answer.status_code == 409
    assert "already holds a need on this theme" in text_of(answer.get_data(as_text=True))


def test_a_need_that_waits_as_a_whole_is_replaced(world: World) -> None:
    state = world.state()
    need = world.need(state, theme="BUDG", state=NeedState.PROPOSED)
    assert change_theme(world, state, need, "PLAN") == 303
    db.session.expire_all()
    standing = {n.theme: n.state for n in db.session.scalars(select(Need))}
    assert standing == {"BUDG": NeedState.WITHDRAWN, "PLAN": NeedState.PROPOSED}


def test_the_pages_of_a_state_lead_back_to_the_round(world: World) -> None:
    state = world.state()
    client = world.client(world.coordinator())
    pages = [f"/states/{state.public_id}/{what}" for what in ("needs", "offer", "workbook")]
    for page in pages:
        assert 'href="/rounds"' in client.get(page).get_data(as_text=True)
    frozen = world.round(RoundState.FROZEN, title="Frozen round")
    for page in pages:
        assert f'href="/rounds/{frozen.public_id}"' in client.get(page).get_data(as_text=True)
    world.round(RoundState.OPEN, title="Open round")
    world.round(RoundState.DRAFT, title="Round to come")
    for page in pages:
        assert "Open round" in text_of(client.get(page).get_data(as_text=True))
