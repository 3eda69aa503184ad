"""The whole trail for administrators, and the check of its chain."""

from __future__ import annotations

from sqlalchemy import select, text

from app import audit
from app.audit.actions import anchor_of, verify_chain
from app.audit.models import AuditEntry
from app.audit.tags import TAG_LABELS, Tag
from app.extensions import db
from app.jobs.models import Job
from app.notices import Mail
from tests.app.accounts.counting import statements
from tests.app.accounts.people import let_the_worker_work
from tests.conftest import with_append_only, without_append_only
from tests.pages import text_of
from tests.world import World


def _page(world: World, path: str = "/trail") -> str:
    answer = world.client(world.administrator()).get(path)
    assert answer.status_code == 200
    return text_of(answer.get_data(as_text=True))


def test_every_tag_has_words() -> None:
    assert set(TAG_LABELS) == set(Tag)


def test_the_trail_is_filtered_by_what_happened(world: World) -> None:
    state = world.state("Ourland")
    focal = world.focal_point(state, name="Fatou Focal")
    audit.record(Tag.NEED_SUBMITTED, by=focal, states=[state.id])
    audit.record(Tag.ROUND_OPENED, by=None, states=[world.state().id for _ in range(8)])
    db.session.commit()
    whole = _page(world).split("Entries, newest first")[1]
    for shown in (
        "A need was submitted",
        "Fatou Focal",
        "Ourland",
        "A round was opened",
        "and 3 more",
    ):
        assert shown in whole
    part = _page(world, "/trail?tag=need.submitted").split("Entries, newest first")[1]
    assert "A need was submitted" in part
    assert "A round was opened" not in part
    assert "No entry fits" in _page(world, "/trail?tag=nonsense")


def test_only_administrators_find_the_trail(world: World) -> None:
    for person in (world.focal_point(), world.coordinator(), world.person()):
        client = world.client(person)
        assert client.get("/trail").status_code == 404
        assert client.send("/trail/check", "/account").status_code == 404
    assert world.client().get("/trail").status_code == 302


def test_a_check_is_made_by_the_worker_and_gives_the_anchor(world: World) -> None:
    audit.record(Tag.NEED_SUBMITTED, by=None)
    db.session.commit()
    client = world.client(world.administrator())
    assert "has not been checked yet" in text_of(client.get("/trail").get_data(as_text=True))
    assert client.send("/trail/check", "/trail").status_code == 303
    client.send("/trail/check", "/trail")
    assert len(db.session.scalars(select(Job)).all()) == 1
    assert "Being checked" in text_of(client.get("/trail").get_data(as_text=True))
    let_the_worker_work(world)
    page = text_of(client.get("/trail").get_data(as_text=True))
    assert "It holds" in page
    assert anchor_of(verify_chain()) in page


def test_a_broken_chain_is_shown_and_mailed_to_the_administrators(world: World) -> None:
    admin = world.administrator()
    email = admin.email
    client = world.client(admin)
    for _ in range(3):
        audit.record(Tag.NEED_SUBMITTED, by=None)
    db.session.commit()
    with db.engine.begin() as connection:
        without_append_only(connection)
        connection.execute(text("UPDATE audit_entry SET subject = 'm' WHERE id = 2"))
        with_append_only(connection)
    client.send("/trail/check", "/trail")
    let_the_worker_work(world)
    page = text_of(client.get("/trail").get_data(as_text=True))
    assert "It does not hold" in page
    assert "Entry 2: changed" in page
    assert [mail.recipient for mail in db.session.scalars(select(Mail))] == [email]


def test_the_worker_checks_once_a_day_by_itself(world: World) -> None:
    from app.oversight.checks import CHECK
    from app.oversight.tasks import check_daily

    def asked() -> int:
        return len(db.session.scalars(select(Job).where(Job.kind == CHECK)).all())

    check_daily()
    check_daily()
    assert asked() == 1
    let_the_worker_work(world)
    check_daily()
    assert asked() == 1


def test_the_trail_needs_as_many_statements_for_many_entries(world: World) -> None:
    client = world.client(world.administrator())

    def happen(times: int) -> None:
        for _ in range(times):
            by = world.focal_point()
            audit.record(Tag.NEED_CHANGED, by=by, states=[by.state_id or 0])
        db.session.commit()

    happen(1)
    few = statements(lambda: client.get("/trail"))
    happen(20)
    assert statements(lambda: client.get("/trail")) == few
    assert few <= 12


def test_facts_of_accounts_hold_no_token_and_no_address(world: World) -> None:
    """Every step of an account through the site; then the whole trail is searched."""
    from app.accounts.models import Role
    from tests.app.accounts.people import (
        OTHER_PASSWORD,
        PASSWORD,
        code_of,
        link_in,
        mails,
        sign_in,
        with_app,
        with_password,
    )

    admin = world.client(world.administrator())
    admin.send(
        "/people/invite",
        name="Amina",
        email="amina@example.org",
        language="en",
        roles=["administrator"],
        state="",
        region="",
    )
    token = link_in(mails()[-1])
    client = world.client()
    client.send(
        token, name="Amina", language="en", zone="UTC", password=PASSWORD, repeated=PASSWORD
    )
    person = with_password(world, Role.FOCAL_POINT)
    secret = with_app(person)
    other = world.client()
    sign_in(other, person)
    other.send("/sign-in/code", code=code_of(secret))
    other.send(
        "/account/password", present=PASSWORD, password=OTHER_PASSWORD, repeated=OTHER_PASSWORD
    )
    codes = other.send("/account/second-factor/codes", "/account/second-factor")
    assert codes.status_code == 200
    trail = "\n".join(
        f"{entry.subject} {entry.facts}" for entry in db.session.scalars(select(AuditEntry))
    )
    assert len(trail.splitlines()) >= 6
    secrets = [token.split("/")[-1], "@", PASSWORD, OTHER_PASSWORD, "$argon2", person.fs_uniquifier]
    for never in secrets:
        assert never not in trail
