"""What a State is told about itself: who may see what, who has, and what happened."""

from __future__ import annotations

from app import audit
from app.accounts.models import Role
from app.audit.tags import Tag
from app.extensions import db
from tests.app.accounts.counting import statements
from tests.pages import text_of
from tests.world import World


def _page(world: World, person: object, path: str = "/record") -> str:
    answer = world.client(person).get(path)  # type: ignore[arg-type]
    assert answer.status_code == 200
    return text_of(answer.get_data(as_text=True))


def test_a_state_reads_its_own_entries_under_its_own_numbers(world: World) -> None:
    ours, theirs = world.state(), world.state()
    focal = world.focal_point(ours, name="Fatou Focal")
    for number in range(3):
        audit.record(Tag.NEED_SUBMITTED, by=focal, states=[ours.id], subject=f"n{number}")
        audit.record(Tag.OFFER_SUBMITTED, by=None, states=[theirs.id], subject=f"o{number}")
    db.session.commit()
    page = _page(world, focal)
    assert page.count("A need was submitted") == 3
    assert "An offer was submitted" not in page
    other = _page(world, world.focal_point(theirs))
    assert other.count("An offer was submitted") == 3
    assert "A need was submitted" not in other


def test_a_state_reads_who_acted_its_own_by_name_the_network_by_role(world: World) -> None:
    state = world.state("Ourland")
    focal = world.focal_point(state, name="Fatou Focal")
    coordinator = world.coordinator(name="Cora Coordinator")
    stranger = world.focal_point(world.state("Elsewhere"), name="Selim Stranger")
    gone = world.person(Role.COLLEAGUE, state=state, name="Gunnar Gone")
    for person in (focal, coordinator, stranger, gone, None):
        audit.record(Tag.NEED_CHANGED, by=person, states=[state.id])
    db.session.delete(gone)
    db.session.commit()
    page = _page(world, focal)
    actors = page.split("Entries about your State")[1]
    for told in (
        "Fatou Focal",
        "Programme coordinator",
        "A person of another State",
        "A person who has left",
        "Tandem, by itself",
    ):
        assert actors.count(told) == 1
    for hidden in ("Cora Coordinator", "Selim Stranger", "Elsewhere", "Gunnar Gone"):
        assert hidden not in actors


def test_a_state_reads_who_has_looked_at_what_and_when(world: World) -> None:
    state = world.state()
    focal = world.focal_point(state)
    assert "Nobody has looked at your records" in _page(world, focal)
    for what in ("needs", "offer", "needs"):
        audit.record(Tag.RECORD_LOOKED_AT, by=world.coordinator(), states=[state.id], subject=what)
    db.session.commit()
    page = _page(world, focal)
    assert "Nobody has looked" not in page
    seen = page.split("Who has looked at your records")[1].split("Entries about")[0]
    assert seen.count("Your submitted needs") == 2
    assert seen.count("Your submitted offer") == 1
    audit.record(Tag.NEED_CHANGED, by=None, states=[state.id])
    db.session.commit()
    assert "A need was changed" in _page(world, focal)
    assert "A need was changed" not in _page(world, focal, "/record?show=looks")


def test_a_state_reads_who_acts_for_it_and_who_coordinates(world: World) -> None:
    state = world.state()
    focal = world.focal_point(state, name="Fatou Focal")
    world.person(Role.COLLEAGUE, state=state, name="Carlos Colleague")
    world.coordinator(name="Cora Coordinator")
    world.focal_point(name="Selim Stranger")
    page = _page(world, focal)
    for shown in ("Fatou Focal", "Carlos Colleague", "Cora Coordinator"):
        assert shown in page
    assert "Selim Stranger" not in page


def test_long_records_come_in_pages_newest_first(world: World) -> None:
    state = world.state()
    focal = world.focal_point(state)
    for _ in range(35):
        audit.record(Tag.NEED_CHANGED, by=None, states=[state.id])
    audit.record(Tag.NEED_WITHDRAWN, by=None, states=[state.id])
    db.session.commit()
    first, second = _page(world, focal), _page(world, focal, "/record?page=2")
    assert first.count("A need was changed") == 29
    assert "A need was withdrawn" in first
    assert second.count("A need was changed") == 6
    # As in every list, a number beyond the end gets the last page.
    assert _page(world, focal, "/record?page=99").count("A need was changed") == 6


def test_the_record_needs_as_many_statements_for_many_entries(world: World) -> None:
    state = world.state()
    focal = world.focal_point(state)
    client = world.client(focal)

    def happen(times: int) -> None:
        for number in range(times):
            by = world.coordinator()
            audit.record(Tag.NEED_CHANGED, by=by, states=[state.id])
            audit.record(Tag.RECORD_LOOKED_AT, by=by, states=[state.id], subject=f"needs {number}")
        db.session.commit()

    happen(1)
    few = statements(lambda: client.get("/record"))
    happen(20)
    assert statements(lambda: client.get("/record")) == few
    assert few <= 12


def test_whoever_acts_for_no_state_has_no_record(world: World) -> None:
    for person in (world.coordinator(), world.administrator(), world.person()):
        assert world.client(person).get("/record").status_code == 404
