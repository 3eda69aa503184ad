"""Administering people: who may invite, change and end what; what States are told of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import administration
from app.accounts.identifiers import LookAlikeEmail, checked_email, clean_name
from app.accounts.models import Invitation, Role, User
from app.audit.models import AuditEntry, AuditState
from app.audit.tags import Tag
from app.errors import DomainError
from app.extensions import db
from tests.app.accounts.people import (
    PASSWORD,
    is_signed_in,
    link_in,
    mails,
    sign_in,
    with_app,
    with_password,
)
from tests.pages import text_of
from tests.world import World

NO_STATE = {"state": "", "region": ""}


def _by_email(email: str) -> User:
    return db.session.scalars(select(User).where(User.email == email)).unique().one()


def test_an_administrator_invites_anyone(world: World) -> None:
    state = world.state("Aland", names={"fr": "Alande"}, zone="Africa/Dakar")
    client = world.client(world.administrator(name="Ada Admin"))
    answer = client.send(
        "/people/invite",
        name="Amina",
        email="Amina@Example.org",
        language="fr",
        roles=["focal_point"],
        state=state.public_id,
        region="",
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/people")
    page = text_of(client.get("/people").get_data(as_text=True))
    assert page.split("People with an account")[1].count("Administrator") == 1
    assert "amina@example.org" in page
    assert "Aland" in page
    invitation = db.session.scalars(select(Invitation)).one()
    assert (invitation.email, invitation.zone) == ("amina@example.org", "Africa/Dakar")
    assert "Alande" in mails()[0].text
    assert "Ada Admin" in mails()[0].text
    assert db.session.scalars(select(AuditState.state_id)).all() == [state.id]


@pytest.mark.parametrize(
    "fields",
    [
        {"roles": ["focal_point"]},
        {"roles": ["focal_point", "alternate"], "state": "one"},
        {"roles": ["region_coordinator"]},
        {"roles": []},
        {"roles": ["superuser"]},
        {"roles": ["focal_point"], "state": "0" * 32},
    ],
)
def test_roles_that_do_not_fit_are_refused_and_what_was_typed_is_kept(
    world: World, fields: dict[str, Any]
) -> None:
    state = world.state()
    if fields.get("state") == "one":
        fields = {**fields, "state": state.public_id}
    client = world.client(world.administrator())
    answer = client.send(
        "/people/invite",
        name="Amina",
        email="amina@example.org",
        language="en",
        **{**NO_STATE, **fields},
    )
    assert answer.status_code == 422
    assert 'value="amina@example.org"' in answer.get_data(as_text=True)
    assert db.session.scalars(select(Invitation)).all() == []


def test_an_address_is_invited_once(world: World) -> None:
    admin = world.administrator()
    client = world.client(admin)
    fields: dict[str, Any] = {"name": "Amina", "language": "en", "roles": ["administrator"]}
    fields |= NO_STATE
    assert client.send("/people/invite", email="a@example.org", **fields).status_code == 303
    again = client.send("/people/invite", email="A@example.org ", **fields)
    assert again.status_code == 422
    assert "invited already" in text_of(again.get_data(as_text=True))
    known = client.send("/people/invite", email=admin.email, **fields)
    assert "already signs in" in text_of(known.get_data(as_text=True))


@pytest.mark.parametrize(
    "typed",
    ["аmina@example.org", "amina@exаmple.org", "am\u200bina@example.org", "amına@example.org"],
)
def test_look_alikes_are_refused_with_the_letter_named(world: World, typed: str) -> None:
    with pytest.raises(LookAlikeEmail) as refused:
        checked_email(typed)
    assert "A to Z" in refused.value.words()
    answer = world.client(world.administrator()).send(
        "/people/invite",
        name="A",
        email=typed,
        language="en",
        roles=["administrator"],
        **NO_STATE,
    )
    assert answer.status_code == 422
    assert "A to Z" in text_of(answer.get_data(as_text=True))
    assert db.session.scalars(select(Invitation)).all() == []


@pytest.mark.parametrize("typed", ["amina", "amina@", "a b@", "amina@example", "@example.org", ""])
def test_faulty_addresses_are_refused(app: object, typed: str) -> None:
    with pytest.raises(DomainError):
        checked_email(typed)


def test_addresses_and_names_have_one_form(app: object) -> None:
    assert checked_email(" Ａmina@Example.ORG\u3000") == "amina@example.org"
    assert checked_email("a@xn--e1afmkfd.example") == "a@xn--e1afmkfd.example"
    assert clean_name("  Ana\u202e  Lima\n") == "Ana Lima"
    assert clean_name("e\u0301lodie") == "\u00e9lodie"


def test_nobody_but_administrators_finds_the_pages_of_people(world: World) -> None:
    other = world.focal_point()
    paths = (
        "/people",
        "/people/invite",
        f"/people/{other.public_id}",
        f"/people/{other.public_id}/roles",
    )
    admin = world.client(world.administrator())
    assert [admin.get(path).status_code for path in paths] == [200] * 4
    for person in (world.focal_point(), world.coordinator(), world.person()):
        client = world.client(person)
        assert [client.get(path).status_code for path in paths] == [404] * 4
    assert admin.get("/people/" + "0" * 32).status_code == 404


def test_roles_change_at_once_and_the_states_concerned_are_told(world: World) -> None:
    old, new = world.state(), world.state()
    person = world.focal_point(old)
    theirs = world.client(person)
    assert theirs.get("/record").status_code == 200
    client = world.client(world.administrator())
    path = f"/people/{person.public_id}/roles"
    assert client.send(path, roles=["alternate"], state=new.public_id, region="").status_code == 303
    db.session.expire_all()
    person = db.session.get_one(User, person.id)
    assert (set(person.role_set), person.state_id) == ({Role.ALTERNATE}, new.id)
    assert (
        client.send(path, roles=["region_coordinator"], state="", region="grulac").status_code
        == 303
    )
    db.session.expire_all()
    person = db.session.get_one(User, person.id)
    assert (set(person.role_set), person.state_id, person.region) == (
        {Role.REGION_COORDINATOR},
        None,
        "grulac",
    )
    assert theirs.get("/record").status_code == 404
    told = db.session.execute(
        select(AuditState.state_id, AuditEntry.facts).join(AuditState.entry).order_by(AuditState.id)
    ).all()
    first = {"before": ["focal_point"], "after": ["alternate"]}
    second = {"before": ["alternate"], "after": ["region_coordinator"]}
    assert told == [(old.id, first), (new.id, first), (new.id, second)]


def test_the_last_administrator_stays(world: World) -> None:
    admin = world.administrator()
    client = world.client(admin)
    path = f"/people/{admin.public_id}/roles"
    answer = client.send(path, roles=["programme_coordinator"], **NO_STATE)
    assert answer.status_code == 422
    assert "There must be an administrator" in text_of(answer.get_data(as_text=True))
    world.administrator()
    assert client.send(path, roles=["programme_coordinator"], **NO_STATE).status_code == 303


def test_ended_access_ends_sessions_and_can_be_given_back(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    theirs = world.client()
    sign_in(theirs, person)
    client = world.client(world.administrator())
    page = f"/people/{person.public_id}"
    assert client.send(f"{page}/end", page).status_code == 303
    assert not is_signed_in(theirs)
    assert sign_in(theirs, person).status_code == 422
    assert mails()[-1].subject == "Your access to Tandem has ended"
    assert client.send(f"{page}/give-back", page).status_code == 303
    assert not is_signed_in(theirs)
    assert sign_in(theirs, person).status_code == 303
    tags = db.session.scalars(select(AuditEntry.tag).join(AuditState).order_by(AuditEntry.id)).all()
    assert tags[1:3] == [Tag.ACCOUNT_CLOSED, Tag.ACCOUNT_REOPENED]


def test_nobody_ends_the_own_access_or_removes_the_own_factor(world: World) -> None:
    admin = world.administrator()
    world.administrator()
    client = world.client(admin)
    page = f"/people/{admin.public_id}"
    assert client.send(f"{page}/end", page).status_code == 409
    assert client.send(f"{page}/remove-second-factor", page).status_code == 409
    assert is_signed_in(client)


def test_a_lost_second_factor_is_removed_and_the_person_told(world: World) -> None:
    person = with_password(world, Role.PROGRAMME_COORDINATOR)
    with_app(person)
    client = world.client(world.administrator())
    page = f"/people/{person.public_id}"
    assert client.send(f"{page}/remove-second-factor", page).status_code == 303
    theirs = world.client()
    assert sign_in(theirs, person).headers["Location"] == "/"
    assert theirs.get("/rounds").headers["Location"] == "/account/second-factor"
    assert "removed the second factor" in " ".join(mails()[-1].text.split())


def test_the_list_of_people_needs_as_many_statements_for_many(world: World) -> None:
    from tests.app.accounts.counting import statements

    client = world.client(world.administrator())
    world.focal_point()
    few = statements(lambda: client.get("/people"))
    for _ in range(20):
        world.focal_point()
        administration.invite(
            email=f"x{_}@example.org",
            name="X",
            roles=[Role.FOCAL_POINT],
            language="en",
            state_id=world.state().id,
            by=None,
        )
    db.session.commit()
    many = statements(lambda: client.get("/people"))
    assert many <= 12
    assert many - few <= 1  # the inviters, once there are invitations


# The people of a State


def test_a_focal_point_invites_for_its_own_state_only(world: World) -> None:
    state = world.state()
    client = world.client(world.focal_point(state))
    fields = {"name": "Binta", "email": "binta@example.org", "language": "en"}
    answer = client.send("/our-people", role="colleague", **fields)
    assert answer.status_code == 303
    invitation = db.session.scalars(select(Invitation)).one()
    assert (invitation.roles, invitation.state_id) == (["colleague"], state.id)
    other = world.client()
    assert (
        other.send(
            link_in(mails()[0]),
            name="Binta",
            language="en",
            zone="UTC",
            password=PASSWORD,
            repeated=PASSWORD,
        ).status_code
        == 303
    )
    assert _by_email("binta@example.org").role_set == {Role.COLLEAGUE}
    assert "Binta" in text_of(client.get("/our-people").get_data(as_text=True))


@pytest.mark.parametrize("role", ["focal_point", "administrator", "programme_coordinator", ""])
def test_a_focal_point_gives_no_other_role(world: World, role: str) -> None:
    client = world.client(world.focal_point())
    answer = client.send("/our-people", name="B", email="b@example.org", language="en", role=role)
    assert answer.status_code == 422
    assert db.session.scalars(select(Invitation)).all() == []


def test_alternates_and_colleagues_see_the_people_and_invite_nobody(world: World) -> None:
    state = world.state()
    focal = world.focal_point(state, name="Fatou Focal")
    for role in (Role.ALTERNATE, Role.COLLEAGUE):
        client = world.client(world.person(role, state=state))
        page = client.get("/our-people")
        assert "Fatou Focal" in text_of(page.get_data(as_text=True))
        answer = client.send(
            "/our-people", name="B", email="b@example.org", language="en", role="colleague"
        )
        assert answer.status_code == 404
        ended = client.send(f"/our-people/{focal.public_id}/end", "/our-people")
        assert ended.status_code == 404


def test_an_address_of_another_state_gets_the_same_answer_and_only_its_owner_is_told(
    world: World,
) -> None:
    taken = world.focal_point(world.state("Secretland"))
    client = world.client(world.focal_point())
    pages = []
    for email in ("unknown@example.org", taken.email):
        answer = client.send(
            "/our-people", name="Binta", email=email, language="en", role="colleague"
        )
        page = text_of(client.get("/our-people").get_data(as_text=True))
        pages.append((answer.status_code, page.replace(email, "ADDRESS")))
        public_id = db.session.scalars(select(Invitation.public_id)).one()
        client.send(f"/our-people/invitations/{public_id}/withdraw", "/our-people")
        db.session.execute(AuditEntry.__table__.select())
        from app.accounts.models import OneTimeLink

        db.session.query(OneTimeLink).delete()
        db.session.query(Invitation).delete()
        db.session.commit()
    assert pages[0] == pages[1]
    assert "needs another address" in mails()[-1].subject
    assert "http" not in mails()[-1].text


def test_an_invitation_to_a_taken_address_opens_nothing(world: World) -> None:
    taken = world.focal_point()
    token = administration.invite(
        email=taken.email,
        name="B",
        roles=[Role.COLLEAGUE],
        language="en",
        state_id=(state := world.state()).id,
        by=world.focal_point(state),
    )
    db.session.commit()
    answer = world.client().send(
        f"/invitation/{token}",
        name="B",
        language="en",
        zone="UTC",
        password=PASSWORD,
        repeated=PASSWORD,
    )
    assert answer.status_code == 410
    assert _by_email(taken.email).role_set == {Role.FOCAL_POINT}


def test_a_focal_point_ends_the_access_of_its_own_people_only(world: World) -> None:
    state, elsewhere = world.state(), world.state()
    focal = world.focal_point(state)
    colleague = world.person(Role.COLLEAGUE, state=state)
    second_focal = world.focal_point(state)
    stranger = world.person(Role.COLLEAGUE, state=elsewhere)
    client = world.client(focal)

    def end(person: User) -> int:
        return client.send(f"/our-people/{person.public_id}/end", "/our-people").status_code

    assert end(stranger) == 404
    assert client.send("/our-people/" + "0" * 32 + "/end", "/our-people").status_code == 404
    assert end(second_focal) == 403
    assert end(focal) == 409
    assert end(colleague) == 303
    db.session.expire_all()
    active = {row.id: row.active for row in db.session.scalars(select(User)).unique()}
    assert active == {
        focal.id: True,
        second_focal.id: True,
        stranger.id: True,
        colleague.id: False,
    }


def test_invitations_of_other_states_are_as_good_as_absent(world: World) -> None:
    administration.invite(
        email="b@example.org",
        name="B",
        roles=[Role.COLLEAGUE],
        language="en",
        state_id=world.state().id,
        by=None,
    )
    db.session.commit()
    public_id = db.session.scalars(select(Invitation.public_id)).one()
    client = world.client(world.focal_point())
    for verb in ("renew", "withdraw"):
        answer = client.send(f"/our-people/invitations/{public_id}/{verb}", "/our-people")
        assert answer.status_code == 404


# The command line


def test_the_first_administrator_is_invited_on_the_command_line(world: World) -> None:
    runner = world.app.test_cli_runner()
    done = runner.invoke(args=["people", "invite", "admin@example.org", "Ada Admin"])
    assert done.exit_code == 0
    path = done.output.strip().removeprefix("http://localhost")
    answer = world.client().send(
        path, name="Ada", language="en", zone="UTC", password=PASSWORD, repeated=PASSWORD
    )
    assert answer.status_code == 303
    assert _by_email("admin@example.org").role_set == {Role.ADMINISTRATOR}
    again = runner.invoke(args=["people", "invite", "admin@example.org", "Ada Admin"])
    assert again.exit_code == 1


def test_nobody_can_register(world: World) -> None:
    client = world.client()
    for path in ("/register", "/reset", "/login", "/verify", "/us-signin", "/tf-setup"):
        assert client.get(path).status_code == 404
