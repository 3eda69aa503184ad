"""A Network in which everything exists, and people of every role."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any, TypeVar

from sqlalchemy import select

from app import audit
from app.accounts import administration, links
from app.accounts.models import Invitation, LinkPurpose, Role, User
from app.audit import Tag
from app.database import now
from app.engagements.models import Engagement
from app.extensions import db
from app.membership.catalogue import theme_codes
from app.membership.models import RegionalGroup, State
from app.needs.conditions import Conditions as NeedConditions
from app.needs.models import Need, NeedState
from app.offers.conditions import Conditions as OfferConditions
from app.offers.models import Offer, OfferState
from app.plans.models import Answer, PlanItem, Proposal, ProposalState, Response, Run
from app.rounds.models import Round, RoundState
from app.workbooks.models import Upload, UploadState
from tests.app.plans.planning import Planning
from tests.pages import InspectingClient
from tests.world import World

FOCAL, COLLEAGUE, COORDINATOR, ADMINISTRATOR = (
    "focal point",
    "colleague",
    "coordinator",
    "administrator",
)
NEWCOMER = "focal point of a newcomer"
Row = TypeVar("Row")


class Everything:
    """``count`` of each kind of thing; what is made later comes on top."""

    def __init__(self, world: World, count: int = 1) -> None:
        self.world = world
        self.planning = Planning(world, mentors=count, mentees=count)
        self.round = self.planning.round
        for _ in range(count):
            self.planning.mentee(f"Waitland {world._next()}", theme="SECR")
        self.mentor, self.state = self.planning.mentors[0], self.planning.mentees[0]
        self.other = world.state("Otherland", group=RegionalGroup.GRULAC)
        self.other_need = world.need(self.other, "COMP")
        self.people: dict[str, User | None] = {
            FOCAL: world.focal_point(self.state),
            COLLEAGUE: world.person(Role.COLLEAGUE, state=self.state),
            COORDINATOR: self.planning.coordinator,
            ADMINISTRATOR: world.administrator(),
            "region coordinator": world.person(Role.REGION_COORDINATOR, region="grulac"),
            "focal point elsewhere": world.focal_point(self.other),
            "colleague elsewhere": world.person(Role.COLLEAGUE, state=self.other),
            NEWCOMER: world.focal_point(world.state("Newland")),
            "visitor": None,
        }
        world.focal_point(self.mentor)
        self._themes = itertools.cycle(sorted(theme_codes() - {"TRACK", "SECR"}))
        self.plan = self.planning.frozen_plan()
        self.planning.propose(self.plan)
        for _ in range(count):
            self._more()

    def person(self, name: str) -> User:
        found = self.people[name]
        assert found
        return found

    def client(self, name: str, language: str = "en") -> InspectingClient:
        return self.world.client(self.people[name], language=language)

    def _more(self) -> None:
        """One more of everything that a list may show."""
        for state in NeedState:
            self.need(state)
            self.need(state, proposed=True)
        self.world.need(self.world.state(), "TRACK")
        self.world.offer(self.state, state=OfferState.WITHDRAWN)
        self.proposal()
        self.engagement()
        self.upload()
        self.upload(on_behalf=True)
        self.colleague()
        self.invitation()
        self.world.administrator()
        self.world.round(RoundState.DRAFT)
        self.planning.plan()
        for who in (FOCAL, COORDINATOR):
            audit.record(Tag.NEED_SUBMITTED, by=self.person(who), states=[self.state.id])
        for what in ("needs", "offer", "answers", "workbook", "plan"):
            by = self.world.coordinator()
            audit.record_look(by=by, states=[self.state.id], what=what)
        db.session.commit()

    def _kept(self, row: Row) -> Row:
        db.session.add(row)
        db.session.commit()
        return row

    def need(self, state: NeedState = NeedState.DRAFT, *, proposed: bool = False) -> Need:
        """One more need of the State; the theme's earlier one leaves the list."""
        theme = next(self._themes)
        for earlier in db.session.scalars(
            select(Need).where(Need.state_id == self.state.id, Need.theme == theme)
        ):
            earlier.state = NeedState.WITHDRAWN
        db.session.flush()
        need = self.world.need(self.state, theme, rank=25, state=state, success="To be heard")
        if proposed and state in (NeedState.DRAFT, NeedState.SUBMITTED):
            need.proposed_change = NeedConditions(success="To be heard by all").as_change()
            db.session.commit()
        return need

    def offer(self, state: OfferState, *, proposed: bool = False, paused: bool = False) -> Offer:
        """A new offer of the State; the earlier one is withdrawn."""
        for earlier in db.session.scalars(select(Offer).where(Offer.state_id == self.state.id)):
            earlier.state = OfferState.WITHDRAWN
        db.session.flush()
        offer = self.world.offer(self.state, {"COMP": 2, "LEAD": None}, state=state, paused=paused)
        if proposed:
            offer.proposed_change = OfferConditions(capacity=3, themes=("COMP",)).as_change()
            db.session.commit()
        return offer

    def proposal(self, *, accepted_by: tuple[State, ...] = (), settled: bool = False) -> Proposal:
        """A mentorship with one more mentor, put to the State."""
        [first] = db.session.scalars(
            select(PlanItem)
            .where(PlanItem.plan_id == self.plan.id, PlanItem.mentee_id == self.state.id)
            .limit(1)
        )
        mentor = self.world.state()
        self.world.focal_point(mentor)
        made = Proposal(
            round_id=self.round.id,
            plan_item_id=first.id,
            mentor_id=mentor.id,
            mentee_id=self.state.id,
            themes=["TRACK"],
            language="en",
            reasons=first.reasons,
            state=ProposalState.ACCEPTED if settled else ProposalState.OPEN,
            answer_by=now().date() + dt.timedelta(days=14),
        )
        sides = (mentor, self.state) if settled else accepted_by
        made.responses = [Response(state_id=side.id, answer=Answer.ACCEPT) for side in sides]
        return self._kept(made)

    def engagement(self) -> Engagement:
        proposal = self.proposal(settled=True)
        return self._kept(
            Engagement(
                proposal_id=proposal.id,
                mentor_id=proposal.mentor_id,
                mentee_id=proposal.mentee_id,
                themes=["TRACK"],
                language="en",
                first_call_local="2027-02-01T10:00",
                first_call_zone="Africa/Nairobi",
            )
        )

    def upload(self, *, on_behalf: bool = False) -> Upload:
        """A workbook that was read and waits for a decision."""
        return self._kept(
            Upload(
                state_id=self.state.id,
                user_id=self.person(COORDINATOR if on_behalf else FOCAL).id,
                on_behalf=on_behalf,
                file_name="needs.xlsx",
                status=UploadState.READ,
                wanted={"needs": [self._wanted()], "offer": None},
            )
        )

    def _wanted(self) -> dict[str, Any]:
        """What a workbook says of one need."""
        said: dict[str, Any] = {"languages": [], "latest_week": None, "success_language": "en"}
        number = self.world._next()
        return {
            "theme": next(self._themes),
            "ranked": False,
            "conditions": {**said, "success": f"Heard {number} times"},
            "levels": None,
            "sheet": "Needs",
            "cell": "A3",
        }

    def colleague(self, **changes: Any) -> User:
        found = self.world.person(Role.COLLEAGUE, state=self.state)
        for name, value in changes.items():
            setattr(found, name, value)
        return self._kept(found)

    def invitation(self) -> Invitation:
        number = self.world._next()
        administration.invite(
            email=f"invited{number}@example.org",
            name=f"Invited {number}",
            roles=[Role.COLLEAGUE],
            language="en",
            by=self.person(FOCAL),
            state_id=self.state.id,
            state_name="Learnland",
        )
        db.session.commit()
        return db.session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()  # type: ignore[return-value]

    def frozen_round(self) -> Round:
        """A round that may be planned or closed, with nothing in it yet."""
        planning = Planning.__new__(Planning)
        planning.world, planning.coordinator = self.world, self.person(COORDINATOR)
        planning.round = self.world.round()
        planning.freeze()
        return planning.round

    def round_to_open(self) -> Round:
        """A round in preparation, while no other is open."""
        for other in db.session.scalars(select(Round).where(Round.state == RoundState.OPEN)):
            other.state = RoundState.CLOSED
        return self.world.round(RoundState.DRAFT)

    def run(self) -> Run:
        """A plan that is being made."""
        return self.planning.ask()

    def token(self, purpose: LinkPurpose) -> str:
        invitation = self.invitation() if purpose is LinkPurpose.INVITATION else None
        user = None if invitation else self.colleague()
        email = f"new{self.world._next()}@example.org"
        token = links.new_link(
            purpose=purpose,
            invitation=invitation,
            user=user,
            new_email=email if purpose is LinkPurpose.NEW_EMAIL else None,
        )
        db.session.commit()
        return token
