"""A small world to act in: States on the roster, people with roles, needs, offers, a round."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from flask import Flask

from app.accounts.models import Role, RoleGrant, User
from app.database import new_public_id, now
from app.extensions import db
from app.membership.models import (
    LanguageLevel,
    RegionalGroup,
    RosterEntry,
    State,
    StateLanguage,
    Status,
)
from app.needs.models import Need, NeedState
from app.offers.models import Offer, OfferState, OfferTheme
from app.rounds.models import Round, RoundState
from tests.pages import InspectingClient

Row = TypeVar("Row")


class World:
    """Makes rows directly; what is under test is done through the site itself."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._count = 0

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _keep(self, row: Row) -> Row:
        db.session.add(row)
        db.session.commit()
        return row

    def state(
        self,
        name: str = "",
        *,
        status: Status | None = Status.MEMBER,
        group: RegionalGroup = RegionalGroup.AFRICAN,
        languages: dict[str, LanguageLevel] | None = None,
        **changes: Any,
    ) -> State:
        number = self._next()
        name = name or f"Testland {number}"
        languages = {"en": LanguageLevel.LEAD} if languages is None else languages
        state = State(
            code=f"T{number:03}",
            names={"en": name, **changes.pop("names", {})},
            mechanism_names={},
            regional_group=group,
            sub_region=changes.pop("sub_region", "eastern_africa"),
            zone=changes.pop("zone", "Africa/Nairobi"),
            **changes,
        )
        state.languages = [StateLanguage(code=c, level=lvl) for c, lvl in languages.items()]
        if status:
            state.roster_entry = RosterEntry(status=status, since=dt.date(2026, 1, 5))
        return self._keep(state)

    def person(self, *roles: Role, state: State | None = None, **changes: Any) -> User:
        number = self._next()
        second_factor = changes.pop("second_factor", True)
        person = User(
            email=changes.pop("email", f"person{number}@example.org"),
            name=changes.pop("name", f"Person {number}"),
            state_id=state.id if state else None,
            confirmed_at=now(),
            active=True,
            fs_uniquifier=new_public_id(),
            **changes,
        )
        if second_factor:
            person.tf_primary_method = "authenticator"
        person.roles = [RoleGrant(role=role) for role in roles]
        return self._keep(person)

    def focal_point(self, state: State | None = None, **changes: Any) -> User:
        return self.person(Role.FOCAL_POINT, state=state or self.state(), **changes)

    def coordinator(self, **changes: Any) -> User:
        return self.person(Role.PROGRAMME_COORDINATOR, **changes)

    def administrator(self, **changes: Any) -> User:
        return self.person(Role.ADMINISTRATOR, **changes)

    def need(self, state: State, /, theme: str = "TRACK", **changes: Any) -> Need:
        values: dict[str, Any] = {
            "rank": 1,
            "state": NeedState.SUBMITTED,
            "submitted_at": now(),
            "level_now": None,
            "level_sought": None,
        }
        return self._keep(Need(state_id=state.id, theme=theme, **{**values, **changes}))

    def offer(
        self, state: State, /, themes: dict[str, int | None] | None = None, **changes: Any
    ) -> Offer:
        themes = {"TRACK": None} if themes is None else themes
        values: dict[str, Any] = {
            "capacity": 2,
            "state": OfferState.SUBMITTED,
            "submitted_at": now(),
        }
        offer = Offer(state_id=state.id, **{**values, **changes})
        offer.themes = [OfferTheme(theme=code, level=level) for code, level in themes.items()]
        return self._keep(offer)

    def round(self, state: RoundState = RoundState.OPEN, **changes: Any) -> Round:
        values: dict[str, Any] = {
            "title": f"Round {self._next()}",
            "first_week": dt.date(2027, 1, 4),
            "weeks": 52,
            "answers_due": dt.date(2026, 12, 18),
        }
        return self._keep(Round(state=state, **{**values, **changes}))

    def client(self, user: User | None = None, *, language: str = "en") -> InspectingClient:
        """A browser that checks every page it gets; signed in as ``user`` if given."""
        client = InspectingClient(self.app, self.app.response_class, use_cookies=True)
        with client.session_transaction() as session:
            session["lang"] = language
            if user:
                session["_user_id"] = user.fs_uniquifier
                session["_fresh"] = True
                session["fs_cc"] = "set"
                session["fs_paa"] = now().timestamp()
        return client
