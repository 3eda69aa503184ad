"""Two sides answer: in any order, twice, at once, late, or not at all."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Role, User
from app.audit.models import AuditEntry, AuditState
from app.audit.tags import Tag
from app.database import now
from app.extensions import db
from app.plans import answering
from app.plans.models import Proposal, ProposalState, Response
from app.plans.tasks import remind_of_answers
from tests.app.plans.planning import Planning, engagements, mails, page_of, proposals
from tests.world import World


class Put:
    """One proposal that is put to two States, and the people of both."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.planning = Planning(world)
        self.mentor: User = world.focal_point(self.planning.mentors[0])
        self.mentee: User = world.focal_point(self.planning.mentees[0])
        [self.proposal] = self.planning.proposed()
        self.address = f"/proposals/{self.proposal.public_id}"

    def answer(self, person: User, verb: str) -> Any:
        return self.planning.answer(self.proposal, person, verb)

    def state(self) -> str:
        return proposals()[0].state

    def answers(self) -> dict[int, str]:
        db.session.rollback()
        rows = select(Response.state_id, Response.answer)
        return dict(db.session.execute(rows).all())

    def due_in(self, days: int, *, proposed_ago: int = 10) -> None:
        """As if the proposal were some days old and due so many days from now."""
        proposal = proposals()[0]
        proposal.proposed_at = now() - dt.timedelta(days=proposed_ago)
        proposal.answer_by = now().date() + dt.timedelta(days=days)
        db.session.commit()


@pytest.fixture
def put(world: World) -> Put:
    return Put(world)


def test_the_steps_say_what_comes_next_and_nothing_where_nothing_comes(put: Put) -> None:
    """All of them stayed to come after both had accepted, and also after one had declined."""
    client = put.world.client(put.mentee)
    for person in (put.mentee, put.mentor):
        put.answer(person, "accept")
    assert "two to three weeks after both accepted Now" in page_of(client, put.address)
    proposals()[0].state = ProposalState.DECLINED
    db.session.commit()
    assert "What is expected of you" not in page_of(client, put.address)


def test_answering_twice_changes_nothing(put: Put) -> None:
    for _ in range(2):
        assert put.answer(put.mentee, "accept").status_code == 303
    assert put.answers() == {put.mentee.state_id: "accept"}
    assert put.state() == ProposalState.OPEN
    for _ in range(2):
        assert put.answer(put.mentor, "accept").status_code == 303
    assert put.answer(put.mentee, "accept").status_code == 303
    assert len(engagements()) == 1
    tags = select(AuditEntry.tag).where(AuditEntry.tag == Tag.PROPOSAL_ACCEPTED)
    assert len(db.session.scalars(tags).all()) == 2


def test_declining_twice_tells_the_other_side_once(put: Put) -> None:
    before = len(mails())
    for _ in range(2):
        assert put.answer(put.mentor, "decline").status_code == 303
    assert put.state() == ProposalState.DECLINED
    [told] = mails()[before:]
    assert told.recipient == put.mentee.email


def test_a_decline_is_told_without_why_or_by_whom(put: Put) -> None:
    put.answer(put.mentor, "decline")
    told = mails(to=put.mentee.email)[-1]
    assert "does not go ahead" in told.subject
    assert "declin" not in told.text.lower()
    assert "refus" not in told.text.lower()
    page = page_of(put.world.client(put.mentee), put.address)
    assert "This mentorship does not go ahead" in page
    assert "declined" not in page.lower()
    # The State that declined reads its own answer, and that no reason is kept.
    assert "You declined." in page_of(put.world.client(put.mentor), put.address)


def test_the_first_acceptance_is_not_shown_to_the_other_side(put: Put) -> None:
    before = page_of(put.world.client(put.mentor), put.address)
    put.answer(put.mentee, "accept")
    assert "Your State has accepted" in page_of(put.world.client(put.mentee), put.address)
    assert page_of(put.world.client(put.mentor), put.address) == before


def test_an_acceptance_is_taken_back_until_both_have_accepted(put: Put) -> None:
    put.answer(put.mentee, "accept")
    assert put.answer(put.mentee, "take-back").status_code == 303
    assert put.answers() == {}
    put.answer(put.mentee, "accept")
    put.answer(put.mentor, "accept")
    refused = put.answer(put.mentee, "take-back")
    assert refused.status_code == 409
    assert put.state() == ProposalState.ACCEPTED
    assert len(engagements()) == 1


def test_an_acceptance_may_become_a_decline(put: Put) -> None:
    put.answer(put.mentee, "accept")
    put.answer(put.mentee, "decline")
    assert put.answers() == {put.mentee.state_id: "decline"}
    assert put.state() == ProposalState.DECLINED


def test_a_decline_is_final(put: Put) -> None:
    put.answer(put.mentee, "decline")
    assert put.answer(put.mentor, "accept").status_code == 409
    assert put.answer(put.mentee, "accept").status_code == 409
    assert engagements() == []


def test_colleagues_read_and_do_not_answer(put: Put) -> None:
    colleague = put.world.person(Role.COLLEAGUE, state=put.planning.mentees[0])
    client = put.world.client(colleague)
    page = page_of(client, put.address)
    assert "Your focal point or an alternate answers for your State" in page
    assert client.send(f"{put.address}/accept", "/account").status_code == 404
    assert put.answers() == {}
    alternate = put.world.person(Role.ALTERNATE, state=put.planning.mentees[0])
    assert put.answer(alternate, "accept").status_code == 303
    assert put.answers() == {alternate.state_id: "accept"}


def test_both_sides_answering_at_once_make_one_mentorship(put: Put) -> None:
    """Each in a connection of its own, released at the same moment."""
    app, barrier, failures = put.world.app, threading.Barrier(2), []
    ids = (put.mentor.id, put.mentee.id)
    proposal_id = put.proposal.id
    db.session.rollback()

    def answer(user_id: int) -> None:
        with app.app_context():
            try:
                barrier.wait()
                user = db.session.get_one(User, user_id)
                proposal = db.session.get_one(Proposal, proposal_id)
                answering.accept(proposal=proposal, by=user)
                db.session.commit()
            except Exception as error:
                failures.append(error)
                raise

    threads = [threading.Thread(target=answer, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert put.state() == ProposalState.ACCEPTED
    assert len(engagements()) == 1


def test_accepting_and_declining_at_once_ends_in_one_of_them(put: Put) -> None:
    app, barrier = put.world.app, threading.Barrier(2)
    proposal_id = put.proposal.id
    verbs = {put.mentor.id: answering.decline, put.mentee.id: answering.accept}
    db.session.rollback()

    def answer(user_id: int) -> None:
        with app.app_context():
            barrier.wait()
            user = db.session.get_one(User, user_id)
            proposal = db.session.get_one(Proposal, proposal_id)
            try:
                verbs[user_id](proposal=proposal, by=user)
                db.session.commit()
            except answering.ProposalSettled:
                db.session.rollback()

    threads = [threading.Thread(target=answer, args=(user_id,)) for user_id in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert put.state() == ProposalState.DECLINED
    assert engagements() == []


def test_silence_is_never_a_refusal(put: Put) -> None:
    put.answer(put.mentee, "accept")
    put.due_in(-30, proposed_ago=60)
    remind_of_answers()
    assert put.state() == ProposalState.OPEN
    coordinator = put.world.client(put.planning.coordinator)
    answers = f"/rounds/{put.planning.round.public_id}/answers"
    page = page_of(coordinator, answers)
    assert "No answer yet" in page
    assert "Not taken up" in page
    assert "1 Past the date, without an answer" in page
    page = page_of(put.world.client(put.mentor), put.address)
    assert "You can still answer: silence is not counted as a refusal." in page
    put.answer(put.mentor, "accept")
    assert put.state() == ProposalState.ACCEPTED


def test_one_reminder_goes_to_the_silent_side_alone(put: Put) -> None:
    put.answer(put.mentee, "accept")
    before = len(mails())
    put.due_in(answering.REMIND_DAYS_BEFORE + 1)
    remind_of_answers()
    assert len(mails()) == before
    put.due_in(answering.REMIND_DAYS_BEFORE)
    for _ in range(3):
        remind_of_answers()
    put.due_in(0)
    remind_of_answers()
    reminded = mails()[before:]
    assert [mail.recipient for mail in reminded] == [put.mentor.email]
    assert "Reminder" in reminded[0].subject
    # That it was reminded stands in the record of the silent State alone.
    concerned = (
        select(AuditState.state_id).join(AuditEntry).where(AuditEntry.tag == Tag.PROPOSAL_REMINDED)
    )
    assert db.session.scalars(concerned).all() == [put.mentor.state_id]


def test_nobody_is_reminded_on_the_day_of_the_proposal(put: Put) -> None:
    put.due_in(2, proposed_ago=0)
    assert answering.remind_due() == 0


def test_a_settled_proposal_is_not_reminded_of(put: Put) -> None:
    put.answer(put.mentor, "decline")
    put.due_in(1)
    assert answering.remind_due() == 0


def test_the_coordinator_calls_off_what_gets_no_answer(put: Put) -> None:
    before = len(mails())
    client = put.world.client(put.planning.coordinator)
    answers = f"/rounds/{put.planning.round.public_id}/answers"
    for _ in range(2):
        assert client.send(f"{put.address}/call-off", answers).status_code == 303
    assert put.state() == ProposalState.CALLED_OFF
    told = {mail.recipient for mail in mails()[before:]}
    assert told == {put.mentor.email, put.mentee.email}
    assert len(mails()) == before + 2
    assert put.answer(put.mentor, "accept").status_code == 409
    page = page_of(put.world.client(put.mentee), put.address)
    assert "This mentorship does not go ahead" in page


def test_an_agreed_mentorship_is_not_called_off(put: Put) -> None:
    for person in (put.mentor, put.mentee):
        put.answer(person, "accept")
    client = put.world.client(put.planning.coordinator)
    answer = client.send(f"{put.address}/call-off", "/account")
    assert answer.status_code == 409
    assert put.state() == ProposalState.ACCEPTED


def test_a_coordinator_does_not_call_off_the_own_states_proposal(put: Put) -> None:
    other = put.world.coordinator()
    other.state_id = put.mentee.state_id
    db.session.commit()
    answers = f"/rounds/{put.planning.round.public_id}/answers"
    client = put.world.client(other)
    assert "Call off" not in page_of(client, answers)
    assert client.send(f"{put.address}/call-off", "/account").status_code == 403
    assert put.state() == ProposalState.OPEN
