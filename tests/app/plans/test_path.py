"""The whole path: needs and offers, a solved plan, proposals, two acceptances, a mentorship."""

from __future__ import annotations

from app.plans.models import ProposalState
from tests.app.plans.planning import Planning, engagements, mails, page_of, pairs_of
from tests.world import World


def test_a_round_is_planned_proposed_and_agreed(world: World) -> None:
    planning = Planning(world)
    mentor = world.focal_point(planning.mentors[0])
    mentee = world.focal_point(planning.mentees[0], language="fr")
    plan = planning.frozen_plan()
    assert pairs_of(plan) == {("Mentoria 1", "Learnland 1")}
    assert plan.verified
    assert [aim["code"] for aim in plan.objectives] == [
        "keep",
        "observers",
        "cover",
        "worst_off",
        "fit",
        "spread",
    ]
    assert all(aim["checked"] for aim in plan.objectives if not aim["note"])
    page = page_of(world.client(planning.coordinator), f"/plans/{plan.public_id}")
    assert "The mentor offers the theme the mentee asks for" in page
    assert "On; there are no missions in this plan." in page
    assert planning.propose(plan).headers["Location"].endswith("/answers")
    [told] = mails(to=mentee.email)
    assert told.language == "fr"
    [proposal] = plan.items[0].plan and planning_proposals()
    assert proposal.public_id in told.text
    for person in (mentee, mentor):
        assert planning.answer(proposal, person, "accept").status_code == 303
    [engagement] = engagements()
    assert (engagement.mentor_id, engagement.mentee_id) == (mentor.state_id, mentee.state_id)
    assert planning_proposals()[0].state == ProposalState.ACCEPTED
    page = page_of(world.client(mentee), f"/mentorships/{engagement.public_id}")
    assert mentor.email in page


def planning_proposals() -> list:  # type: ignore[type-arg]
    from tests.app.plans.planning import proposals

    return proposals()
