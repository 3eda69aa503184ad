"""One-time links: invitations, new passwords, new addresses."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import actions, administration, links, second_factor
from app.accounts.models import Invitation, LinkPurpose, OneTimeLink, Role, User
from app.audit.models import AuditEntry
from app.audit.tags import Tag
from app.database import now
from app.extensions import db
from app.jobs.models import Job
from app.membership.models import State
from tests.app.accounts.people import (
    OTHER_PASSWORD,
    PASSWORD,
    code_of,
    is_signed_in,
    let_the_worker_work,
    link_in,
    mails,
    sign_in,
    with_password,
)
from tests.pages import text_of
from tests.world import World

ACCEPTED = {
    "name": "Amina Diallo",
    "language": "fr",
    "zone": "Africa/Dakar",
    "password": PASSWORD,
    "repeated": PASSWORD,
}


def invited(world: World, state: State | None = None, **changes: object) -> str:
    """Invite somebody; returns the path of the link."""
    values: dict[str, object] = {
        "email": "amina@example.org",
        "name": "Amina Diallo",
        "roles": [Role.FOCAL_POINT],
        "language": "fr",
        "state_id": (state or world.state()).id,
        "by": world.administrator(),
    }
    token = administration.invite(**{**values, **changes})  # type: ignore[arg-type]
    db.session.commit()
    return f"/invitation/{token}"


def test_an_invitation_is_mailed_in_its_language_and_makes_the_person(world: World) -> None:
    state = world.state(zone="Africa/Dakar")
    path = invited(world, state, zone="Africa/Dakar")
    mail = mails()[0]
    assert (mail.recipient, mail.language) == ("amina@example.org", "fr")
    assert link_in(mail) == path
    client = world.client()
    assert client.get(path).status_code == 200
    answer = client.send(path, **ACCEPTED)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    person = (
        db.session.scalars(select(User).where(User.email == "amina@example.org")).unique().one()
    )
    assert (person.name, person.language, person.zone) == ("Amina Diallo", "fr", "Africa/Dakar")
    assert (set(person.role_set), person.state_id) == ({Role.FOCAL_POINT}, state.id)
    assert is_signed_in(client)
    tags = db.session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)).all()
    assert tags == [Tag.ACCOUNT_INVITED, Tag.ACCOUNT_ACTIVATED, Tag.ACCOUNT_SIGNED_IN]


def test_looking_at_an_invitation_uses_nothing_up(world: World) -> None:
    path = invited(world)
    for _ in range(3):
        assert world.client().get(path).status_code == 200
    assert FlaskClient(world.app).head(path).status_code == 200
    assert world.client().send(path, **ACCEPTED).status_code == 303


def test_an_invitation_works_once(world: World) -> None:
    path = invited(world)
    second = world.client()
    token = second.get(path)
    assert token.status_code == 200
    assert world.client().send(path, **ACCEPTED).status_code == 303
    assert second.get(path).status_code == 410
    assert second.send(path, "/sign-in", **ACCEPTED).status_code == 410


def test_used_expired_withdrawn_and_invented_links_get_one_answer(world: World) -> None:
    used = invited(world, email="used@example.org")
    world.client().send(used, **ACCEPTED)
    expired = invited(world, email="expired@example.org")
    link = links.find_link(expired.split("/")[-1], LinkPurpose.INVITATION)
    link.expires_at = now() - dt.timedelta(seconds=1)
    db.session.commit()
    withdrawn = invited(world, email="withdrawn@example.org")
    invitation = db.session.scalars(
        select(Invitation).where(Invitation.email == "withdrawn@example.org")
    ).one()
    administration.withdraw_invitation(invitation=invitation, by=world.administrator())
    db.session.commit()
    answers = set()
    for path in (used, expired, withdrawn, "/invitation/" + "0" * 32):
        answer = world.client().get(path)
        words = text_of(answer.get_data(as_text=True))
        answers.add((answer.status_code, words))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 410


def test_a_reset_link_opens_no_invitation(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    token = links.new_link(purpose=LinkPurpose.RESET, user=person)
    db.session.commit()
    assert world.client().get(f"/invitation/{token}").status_code == 410
    assert world.client().get(f"/new-password/{token}").status_code == 200


def test_of_two_who_follow_a_link_at_once_one_succeeds(world: World) -> None:
    """Both have looked the link up before either uses it: only the update decides."""
    path = invited(world)
    token = path.split("/")[-1]
    barrier, results = threading.Barrier(4), []

    def follow() -> None:
        with world.app.app_context():
            barrier.wait()
            try:
                actions.accept_invitation(
                    token=token, name="A", password=PASSWORD, language="en", zone="UTC"
                )
                db.session.commit()
                results.append("in")
            except links.LinkIsOver:
                db.session.rollback()
                results.append("over")

    threads = [threading.Thread(target=follow) for _ in range(4)]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["in", "over", "over", "over"]


def test_an_invitation_can_be_renewed_long_after_it_ran_out(world: World) -> None:
    old = invited(world)
    invitation = db.session.scalars(select(Invitation)).one()
    invitation.expires_at = now() - dt.timedelta(days=100)
    db.session.commit()
    assert invitation.has_expired
    client = world.client(world.administrator())
    client.send(f"/people/invitations/{invitation.public_id}/renew", "/people")
    new = link_in(mails()[-1])
    assert new != old
    assert world.client().get(old).status_code == 410
    assert world.client().send(new, **ACCEPTED).status_code == 303


def test_invitations_last_fourteen_days_and_resets_an_hour(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    invited(world)
    links.new_link(purpose=LinkPurpose.RESET, user=person)
    lasts = {
        link.purpose: round((link.expires_at - link.made_at).total_seconds())
        for link in db.session.scalars(select(OneTimeLink))
    }
    assert lasts == {LinkPurpose.INVITATION: 14 * 86_400, LinkPurpose.RESET: 3_600}


def test_a_token_has_128_bits_and_is_stored_nowhere(world: World) -> None:
    token = invited(world).split("/")[-1]
    assert re.fullmatch("[0-9a-f]{32}", token)
    for table in db.metadata.sorted_tables:
        if table.name == "mail":
            continue
        for row in db.session.execute(select(table)):
            assert token not in str(row)
    stored = db.session.scalars(select(OneTimeLink.token_hash)).one()
    assert stored == links.hash_of(token)


def test_links_begin_with_the_configured_address(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    client = world.client()
    answer = client.send("/forgotten-password", email=person.email)
    assert answer.status_code == 303
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    let_the_worker_work(world)
    assert re.findall(r"https?://[^/]+", mails()[-1].text) == ["http://localhost"]


# A forgotten password


def test_a_new_password_ends_sessions_and_links_of_before(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    person_id = person.id
    signed_in = world.client()
    sign_in(signed_in, person)
    kept = links.new_link(purpose=LinkPurpose.NEW_EMAIL, user=person, new_email="new@example.org")
    client = world.client()
    client.send("/forgotten-password", email=person.email.upper())
    let_the_worker_work(world)
    path = link_in(mails()[-1])
    answer = client.send(path, password=OTHER_PASSWORD, repeated=OTHER_PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert not is_signed_in(client)
    assert not is_signed_in(signed_in)
    assert client.get(f"/new-address/{kept}").status_code == 410
    assert client.get(path).status_code == 410
    person = db.session.get_one(User, person_id)
    assert sign_in(client, person).status_code == 422
    assert sign_in(client, person, OTHER_PASSWORD).status_code == 303
    assert mails()[-1].subject == "Your password for Tandem was changed"


def _new_password(person: User, by: User) -> None:
    actions.change_password(by=person, present=PASSWORD, password=OTHER_PASSWORD)


def _new_address(person: User, by: User) -> None:
    token = links.new_link(purpose=LinkPurpose.NEW_EMAIL, user=person, new_email="n@example.org")
    actions.confirm_new_email(token=token)


def _app_set_up(person: User, by: User) -> None:
    secret = second_factor.new_secret()
    opened = code_of(secret)
    actions.switch_on_second_factor(by=person, secret=secret, code=opened)


def _new_codes(person: User, by: User) -> None:
    actions.renew_recovery_codes(by=person)


def _app_switched_off(person: User, by: User) -> None:
    actions.switch_off_second_factor(by=person)


def _factor_removed(person: User, by: User) -> None:
    administration.remove_second_factor(person=person, by=by)


def _access_ended(person: User, by: User) -> None:
    administration.end_access(person=person, by=by)


def _access_given_back(person: User, by: User) -> None:
    person.active = False
    administration.give_access_back(person=person, by=by)


@pytest.mark.parametrize(
    "change",
    [
        _new_password,
        _new_address,
        _app_set_up,
        _new_codes,
        _app_switched_off,
        _factor_removed,
        _access_ended,
        _access_given_back,
    ],
)
def test_any_change_of_credentials_makes_links_void(
    world: World, change: Callable[[User, User], None]
) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    token = links.new_link(purpose=LinkPurpose.RESET, user=person)
    db.session.commit()
    path = f"/new-password/{token}"
    assert world.client().get(path).status_code == 200
    change(person, world.administrator())
    db.session.commit()
    assert world.client().get(path).status_code == 410
    answer = world.client().send(path, "/sign-in", password=PASSWORD, repeated=PASSWORD)
    assert answer.status_code == 410


def test_a_new_password_does_not_get_around_the_second_factor(world: World) -> None:
    from tests.app.accounts.people import with_app

    person = with_password(world, Role.PROGRAMME_COORDINATOR)
    with_app(person)
    token = links.new_link(purpose=LinkPurpose.RESET, user=person)
    db.session.commit()
    client = world.client()
    client.send(f"/new-password/{token}", password=OTHER_PASSWORD, repeated=OTHER_PASSWORD)
    assert sign_in(client, person, OTHER_PASSWORD).headers["Location"] == "/sign-in/code?next=/"


def test_asking_for_a_new_password_is_answered_alike(world: World) -> None:
    """The page only notes the address for the worker: words, status and work are the same."""
    known = with_password(world, Role.FOCAL_POINT).email
    answers = []
    for email in (known, "nobody@example.org"):
        client = world.client()
        answer = client.send("/forgotten-password", email=email)
        shown = client.get(answer.headers["Location"])
        words = text_of(shown.get_data(as_text=True))
        answers.append((answer.status_code, answer.headers["Location"], words, len(shown.data)))
    assert answers[0] == answers[1]
    assert db.session.query(Job).count() == 2
    assert mails() == []
    let_the_worker_work(world)
    assert [mail.recipient for mail in mails()] == [known]
    asked = db.session.scalars(select(Job).where(Job.kind == actions.RESET_JOB)).all()
    assert [(job.state, job.payload) for job in asked] == [("done", {})] * 2


def test_nobody_who_has_left_comes_back_by_a_new_password(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    token = links.new_link(purpose=LinkPurpose.RESET, user=person)
    administration.end_access(person=person, by=world.administrator())
    db.session.commit()
    assert world.client().get(f"/new-password/{token}").status_code == 410
    before = len(mails())
    world.client().send("/forgotten-password", email=person.email)
    let_the_worker_work(world)
    assert len(mails()) == before


@pytest.mark.parametrize(
    "weak", ["short", "aaaaaaaaaaaaaaaa", "123456789012", "Password123456", "amina@example.org"]
)
def test_a_weak_password_is_refused_and_the_link_stays(world: World, weak: str) -> None:
    path = invited(world)
    client = world.client()
    answer = client.send(path, **{**ACCEPTED, "password": weak, "repeated": weak})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'value="Amina Diallo"' in page
    assert weak not in page.replace("amina@example.org", "", 1) or weak == "amina@example.org"
    assert client.send(path, **ACCEPTED).status_code == 303


def test_passwords_of_any_letters_and_long_ones_are_welcome(world: World) -> None:
    path = invited(world)
    chosen = "كلمة مرور طويلة وسهلة" * 4
    answer = world.client().send(path, **{**ACCEPTED, "password": chosen, "repeated": chosen})
    assert answer.status_code == 303


# A new address


def test_an_address_changes_when_its_new_owner_follows_the_link(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    old = person.email
    client = world.client()
    sign_in(client, person)
    assert client.send("/account/e-mail", email="New@Example.org").status_code == 303
    assert db.session.get_one(User, person.id).email == old
    assert mails()[-1].recipient == "new@example.org"
    path = link_in(mails()[-1])
    assert client.get(path).status_code == 200
    assert client.send(path).status_code == 303
    db.session.expire_all()
    assert db.session.get_one(User, person.id).email == "new@example.org"
    assert not is_signed_in(client)
    assert mails()[-1].recipient == old
    assert client.get(path).status_code == 410


def test_asking_for_an_address_in_use_is_answered_alike(world: World) -> None:
    other = with_password(world, Role.FOCAL_POINT)
    client = world.client(with_password(world, Role.FOCAL_POINT))
    pages = []
    for email in ("free@example.org", other.email):
        answer = client.send("/account/e-mail", email=email)
        shown = text_of(client.get(answer.headers["Location"]).get_data(as_text=True))
        pages.append((answer.status_code, shown))
    assert pages[0] == pages[1]
    assert "Your address on Tandem" in mails()[-1].subject
    assert "http" not in mails()[-1].text
