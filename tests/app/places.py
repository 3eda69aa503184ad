"""For each address with arguments a real object in it, who gets it, and where its button stands.

A route whose arguments have no maker here fails the tests that walk the map of routes, so that a
new page is covered the moment it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.accounts.access import rule_of
from app.accounts.models import LinkPurpose
from app.needs.models import NeedState
from app.offers.models import OfferState
from app.rounds.models import RoundState
from tests.app.everything import ADMINISTRATOR, COLLEAGUE, COORDINATOR, FOCAL, NEWCOMER, Everything

NOWHERE = "0" * 32
# Addresses of links in mail: whoever holds the token is who it is for, and a token that opens
# nothing gets one answer (410), whatever it was. tests/app/accounts/test_links.py has the rest.
BY_TOKEN = frozenset({"accounts.invitation", "accounts.reset", "accounts.new_email"})


@dataclass(frozen=True)
class Place:
    """An address with a real object of a State in it, and who gets it."""

    values: dict[str, str]
    # They get the page, and the button works for them.
    owners: tuple[str, ...]
    # They may know of the thing, but not do this: refused, in words.
    insiders: tuple[str, ...] = ()
    # Where the form stands that leads to the address; the address itself if empty.
    page: str = ""

    def moved(self, **values: str) -> dict[str, str]:
        return {**self.values, **values}

    @property
    def ids(self) -> list[str]:
        """Names of the arguments that name a thing."""
        return [name for name, value in self.values.items() if len(value) == len(NOWHERE)]


Maker = Callable[[Everything], Place]


def _in_path(name: str, value: str, owners: tuple[str, ...], **more: Any) -> Place:
    return Place({name: value, **more.pop("values", {})}, owners, **more)


def _need(state: NeedState = NeedState.DRAFT, *, proposed: bool = False, **more: Any) -> Maker:
    owners = more.pop("owners", (FOCAL,))

    def make(e: Everything) -> Place:
        found = e.need(state, proposed=proposed)
        return _in_path("public_id", found.public_id, owners, **more)

    return make


def _offer(
    state: OfferState = OfferState.DRAFT,
    *,
    proposed: bool = False,
    paused: bool = False,
    **more: Any,
) -> Maker:
    owners = more.pop("owners", (FOCAL,))

    def make(e: Everything) -> Place:
        found = e.offer(state, proposed=proposed, paused=paused)
        return _in_path("public_id", found.public_id, owners, **more)

    return make


def _state(name: str = "state_id", owners: tuple[str, ...] = (COORDINATOR,)) -> Maker:
    return lambda e: _in_path(name, e.state.public_id, owners)


def _round(state: RoundState, owners: tuple[str, ...] = (COORDINATOR,)) -> Maker:
    return lambda e: _in_path("round_id", e.world.round(state).public_id, owners)


def _proposed_need(e: Everything) -> Place:
    need = e.need(NeedState.SUBMITTED)
    values = {"state_id": e.state.public_id}
    return _in_path("public_id", need.public_id, (COORDINATOR,), values=values)


def _need_to_take_back(e: Everything) -> Place:
    need = e.need(NeedState.PROPOSED)
    state_id = e.state.public_id
    page = f"/states/{state_id}/needs"
    values = {"state_id": state_id}
    return _in_path("public_id", need.public_id, (COORDINATOR,), values=values, page=page)


def _offer_to_take_back(e: Everything) -> Place:
    e.offer(OfferState.PROPOSED)
    state_id = e.state.public_id
    return _in_path("state_id", state_id, (COORDINATOR,), page=f"/states/{state_id}/offer")


def _person(**changes: Any) -> Maker:
    def make(e: Everything) -> Place:
        public_id = e.colleague(**changes).public_id
        return _in_path("public_id", public_id, (ADMINISTRATOR,), page=f"/people/{public_id}")

    return make


def _person_itself(e: Everything) -> Place:
    return _in_path("public_id", e.colleague().public_id, (ADMINISTRATOR,))


def _state_to_take_off(e: Everything) -> Place:
    public_id = e.world.state().public_id
    owners = (COORDINATOR, ADMINISTRATOR)
    return _in_path("public_id", public_id, owners, page=f"/roster/{public_id}")


def _invitation(owner: str, page: str) -> Maker:
    return lambda e: _in_path("public_id", e.invitation().public_id, (owner,), page=page)


def _own_colleague(e: Everything) -> Place:
    return _in_path("public_id", e.colleague().public_id, (FOCAL,), page="/our-people")


def _proposal(owners: tuple[str, ...] = (FOCAL,), *, accepted: bool = False) -> Maker:
    def make(e: Everything) -> Place:
        public_id = e.proposal(accepted_by=(e.state,) if accepted else ()).public_id
        page = f"/proposals/{public_id}"
        return _in_path("proposal_id", public_id, owners, page=page)

    return make


def _proposal_to_call_off(e: Everything) -> Place:
    page = f"/rounds/{e.round.public_id}/answers"
    return _in_path("proposal_id", e.proposal().public_id, (COORDINATOR,), page=page)


def _engagement(e: Everything) -> Place:
    return _in_path("engagement_id", e.engagement().public_id, (FOCAL, COLLEAGUE))


def _engagement_to_move(e: Everything) -> Place:
    return _in_path("engagement_id", e.engagement().public_id, (FOCAL,))


def _proposal_that_was_agreed(e: Everything) -> Place:
    return _in_path("proposal_id", e.engagement().proposal.public_id, (FOCAL, COLLEAGUE))


def _upload(e: Everything) -> Place:
    public_id = e.upload().public_id
    return _in_path(
        "upload_id", public_id, (FOCAL, COLLEAGUE), page=f"/workbook/uploads/{public_id}"
    )


def _upload_on_behalf(e: Everything) -> Place:
    public_id = e.upload(on_behalf=True).public_id
    return _in_path("upload_id", public_id, (COORDINATOR,), page=f"/workbook/uploads/{public_id}")


def _planned_round(e: Everything) -> Place:
    return _in_path("round_id", e.round.public_id, (COORDINATOR,))


def _round_to_plan(e: Everything) -> Place:
    page = f"/rounds/{e.round.public_id}/plans"
    return _in_path("round_id", e.round.public_id, (COORDINATOR,), page=page)


def _round_to_open(e: Everything) -> Place:
    return _in_path("round_id", e.round_to_open().public_id, (COORDINATOR,))


def _round_to_close(e: Everything) -> Place:
    return _in_path("round_id", e.frozen_round().public_id, (COORDINATOR,))


def _run(e: Everything) -> Place:
    public_id = e.run().public_id
    return _in_path("run_id", public_id, (COORDINATOR,), page=f"/runs/{public_id}")


def _plan(e: Everything) -> Place:
    public_id = e.plan.public_id
    return _in_path("plan_id", public_id, (COORDINATOR,), page=f"/plans/{public_id}")


def _part(part: str) -> Maker:
    values = {"part": part}
    return lambda e: _in_path("plan_id", e.plan.public_id, (COORDINATOR,), values=values)


def _file(what: str) -> Maker:
    values = {"what": what}
    return lambda e: _in_path("plan_id", e.plan.public_id, (COORDINATOR,), values=values)


UPLOADS = (_upload, _upload_on_behalf)
NEEDS, OFFERS = "/needs", "/offers"
PLACES: dict[str, tuple[Maker, ...]] = {
    "accounts.person": (_person(),),
    "accounts.person_roles": (_person_itself,),
    "accounts.end_access": (_person(),),
    "accounts.give_access_back": (_person(active=False),),
    "accounts.remove_second_factor": (_person(),),
    "accounts.renew_invitation": (_invitation(ADMINISTRATOR, "/people"),),
    "accounts.withdraw_invitation": (_invitation(ADMINISTRATOR, "/people"),),
    "accounts.end_colleague": (_own_colleague,),
    "accounts.renew_colleague": (_invitation(FOCAL, "/our-people"),),
    "accounts.withdraw_colleague": (_invitation(FOCAL, "/our-people"),),
    "membership.roster_entry": (_state("public_id", (COORDINATOR, ADMINISTRATOR)),),
    "membership.take_off": (_state_to_take_off,),
    "needs.of_state": (_state(),),
    "needs.propose": (_state(),),
    "needs.propose_change": (_proposed_need,),
    "needs.take_back": (_need_to_take_back,),
    "needs.edit": (
        _need(owners=(FOCAL, COLLEAGUE)),
        _need(NeedState.SUBMITTED, insiders=(COLLEAGUE,)),
    ),
    "needs.submit": (_need(insiders=(COLLEAGUE,), page=NEEDS),),
    "needs.withdraw": (
        _need(owners=(FOCAL, COLLEAGUE), page=NEEDS),
        _need(NeedState.SUBMITTED, insiders=(COLLEAGUE,), page=NEEDS),
    ),
    "needs.restore": (_need(NeedState.WITHDRAWN, owners=(FOCAL, COLLEAGUE), page=NEEDS),),
    "needs.confirm": (_need(NeedState.PROPOSED, insiders=(COLLEAGUE,), page=NEEDS),),
    "needs.decline": (
        _need(NeedState.SUBMITTED, proposed=True, insiders=(COLLEAGUE,), page=NEEDS),
    ),
    "needs.move": (
        _need(NeedState.SUBMITTED, insiders=(COLLEAGUE,), page=NEEDS, values={"where": "up"}),
    ),
    "offers.of_state": (_state(),),
    "offers.propose": (_state(),),
    "offers.take_back": (_offer_to_take_back,),
    "offers.edit": (_offer(owners=(FOCAL, COLLEAGUE)),),
    "offers.submit": (_offer(insiders=(COLLEAGUE,), page=OFFERS),),
    "offers.withdraw": (_offer(OfferState.SUBMITTED, insiders=(COLLEAGUE,), page=OFFERS),),
    "offers.restore": (_offer(OfferState.WITHDRAWN, owners=(FOCAL, COLLEAGUE), page=OFFERS),),
    "offers.pause": (_offer(OfferState.SUBMITTED, insiders=(COLLEAGUE,), page=OFFERS),),
    "offers.resume": (
        _offer(OfferState.SUBMITTED, paused=True, insiders=(COLLEAGUE,), page=OFFERS),
    ),
    "offers.confirm": (_offer(OfferState.PROPOSED, insiders=(COLLEAGUE,), page=OFFERS),),
    "offers.decline": (
        _offer(OfferState.SUBMITTED, proposed=True, insiders=(COLLEAGUE,), page=OFFERS),
    ),
    "rounds.show": (_round(RoundState.DRAFT), _planned_round),
    "rounds.edit": (_round(RoundState.DRAFT),),
    "rounds.open": (_round_to_open,),
    "rounds.freeze": (_round(RoundState.OPEN),),
    "rounds.remind": (_round(RoundState.OPEN),),
    "rounds.close": (_round_to_close,),
    "rounds.nothing": (_round(RoundState.OPEN, (NEWCOMER, FOCAL, "focal point elsewhere")),),
    "plans.index": (_planned_round,),
    "plans.ask": (_round_to_plan,),
    "plans.run": (_run,),
    "plans.progress": (_run,),
    "plans.stop": (_run,),
    "plans.show": tuple(_part(part) for part in ("pairs", "unmet", "load")),
    "plans.propose": (_plan,),
    "plans.download": tuple(
        _file(what) for what in ("workbook", "problem", "plan", "certificate", "key")
    ),
    "plans.proposal": (_proposal((FOCAL, COLLEAGUE)),),
    "plans.accept": (_proposal(),),
    "plans.decline": (_proposal(),),
    "plans.take_back": (_proposal(accepted=True),),
    "plans.answers": (_planned_round,),
    "plans.call_off": (_proposal_to_call_off,),
    "engagements.show": (_engagement,),
    "engagements.ics": (_engagement,),
    "engagements.move_call": (_engagement_to_move,),
    "engagements.of_proposal": (_proposal_that_was_agreed,),
    "workbooks.for_state": (_state(),),
    "workbooks.template_for_state": (_state(),),
    "workbooks.show": UPLOADS,
    "workbooks.progress": UPLOADS,
    "workbooks.apply": UPLOADS,
    "workbooks.drop": UPLOADS,
}


def routes_with_arguments(e: Everything) -> dict[str, set[str]]:
    """Methods that change something or show something, by endpoint."""
    found: dict[str, set[str]] = {}
    for route in e.world.app.url_map.iter_rules():
        if route.arguments:
            found.setdefault(route.endpoint, set()).update(route.methods or ())
    return {endpoint: methods - {"HEAD", "OPTIONS"} for endpoint, methods in found.items()}


def address(e: Everything, endpoint: str, values: dict[str, str]) -> str:
    """The path of a route with these arguments."""
    return str(e.world.app.url_map.bind("localhost").build(endpoint, values))


@dataclass(frozen=True)
class Page:
    """An address that can be read, and by whom."""

    endpoint: str
    person: str
    path: str


def pages(e: Everything) -> Iterator[Page]:
    """Every route that is read with GET, for everybody who may read it, with real objects."""
    app = e.world.app
    for route in app.url_map.iter_rules():
        if "GET" not in (route.methods or ()) or route.arguments:
            continue
        rule = rule_of(app, route.endpoint)
        for name, person in e.people.items():
            allowed = person.plays(*rule.roles) if rule and rule.roles and person else person
            if rule and (rule.public or allowed):
                yield Page(route.endpoint, name, route.rule)
    for endpoint, methods in routes_with_arguments(e).items():
        for make in PLACES.get(endpoint, ()) if "GET" in methods else ():
            place = make(e)
            for name in place.owners:
                yield Page(endpoint, name, address(e, endpoint, place.values))
    for purpose in LinkPurpose:
        path = address(e, f"accounts.{purpose}", {"token": e.token(purpose)})
        yield Page(f"accounts.{purpose}", "visitor", path)
