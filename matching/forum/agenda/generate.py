"""Random agendas that are possible: a placement is drawn first, rules are drawn around it.

Forums as the Network holds them: sessions of a slot each in rooms of different sizes, some
interpreted, speakers with times away, a plenary each day, participants interested in a few
themes, some sessions in several parts, wishes for slots.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from matching.forum.agenda.model import (
    AgendaProblem,
    AgendaWeights,
    Interest,
    Pair,
    PairRule,
    Person,
    PlacePenalty,
    Room,
    Session,
    Slot,
    Teams,
)

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
BEGIN = date(2027, 5, 10)
SLOT, BREAK = 90, 30
FIRST = 9 * 60


def generate(
    sessions: int = 40, rooms: int = 5, days: int = 3, seed: int = 0, crowd: int = 100
) -> AgendaProblem:
    """Draw an agenda's Problem.

    Parameters
    ----------
    sessions, rooms, days
        Sizes. Each day has a plenary and as many slots as leave a fifth of the rooms free,
        between three and six.
    crowd
        Participants for each hundred sessions; each is interested in three to seven sessions. The
        more there are, the fewer sessions can be at once without a clash of interests.
    seed
        Same sizes and seed: same Problem.

    Raises
    ------
    ValueError
        So many sessions do not fit into so many rooms and days.
    """
    draw = random.Random(f"agenda {sessions} {rooms} {days} {seed}")  # noqa: S311
    if not 1 <= days <= 30 or not 1 <= rooms <= 200 or sessions < 2 * days:
        raise ValueError("sizes: 1 to 30 days, 1 to 200 rooms, two sessions a day or more")
    needed = -(-(sessions - days) * 5 // (4 * rooms * days)) + 1
    if needed > 6:
        raise ValueError(f"{sessions} sessions do not fit into {rooms} rooms and {days} days")
    slots = _slots(days, max(needed, 3))
    return _Draw(draw, sessions, _rooms(draw, rooms), slots, days).problem(crowd)


def _slots(days: int, each: int) -> tuple[Slot, ...]:
    found = []
    for day in range(days):
        for at in range(each):
            start = FIRST + at * (SLOT + BREAK)
            found.append(
                Slot(
                    key=f"D{day + 1}S{at + 1}", day=(BEGIN + timedelta(day)).isoformat(),
                    start=start, end=start + SLOT, length=SLOT,
                )
            )  # fmt: skip
    return tuple(found)


def _rooms(draw: random.Random, count: int) -> tuple[Room, ...]:
    sizes = (400, 120, 80, 60, 40)
    return tuple(
        Room(
            key=f"R{at + 1}",
            seats=sizes[0] if at == 0 else sizes[1 + (at - 1) * 4 // max(count - 1, 1)],
            booths=6 if at == 0 else draw.choice((3, 2, 0, 0)),
        )
        for at in range(count)
    )


class _Draw:
    def __init__(
        self,
        draw: random.Random,
        count: int,
        rooms: tuple[Room, ...],
        slots: tuple[Slot, ...],
        days: int,
    ) -> None:
        self.draw, self.rooms, self.slots, self.days = draw, rooms, slots, days
        self.keys = [f"S{at + 1:03d}" for at in range(count)]
        each = len(slots) // days
        self.plenaries = [day * each for day in range(days)]
        cells = [
            (slot, room)
            for slot in range(len(slots))
            if slot not in self.plenaries
            for room in range(len(rooms))
        ]
        self.places = [(slot, 0) for slot in self.plenaries] + draw.sample(cells, count - days)
        self.themes = [draw.randrange(max(count // 8, 2)) for _ in range(count)]

    def problem(self, crowd: int) -> AgendaProblem:
        experts = [f"P{at + 1:03d}" for at in range(len(self.keys) * 3 // 2)]
        busy: dict[str, set[int]] = {person: set() for person in experts}
        sessions = tuple(self._session(at, experts, busy) for at in range(len(self.keys)))
        interest = self._interest(len(self.keys) * crowd // 100)
        return AgendaProblem(
            slots=self.slots,
            rooms=self.rooms,
            sessions=sessions,
            people=tuple(
                self._away(person, slots) for person, slots in sorted(busy.items()) if slots
            ),
            interest=interest,
            pairs=tuple(self._pairs()),
            penalties=tuple(self._wishes()),
            teams=tuple(self._teams(sessions)),
            weights=AgendaWeights(clash=1),
        )

    def _session(self, at: int, experts: list[str], busy: dict[str, set[int]]) -> Session:
        slot, room = self.places[at]
        plenary = slot in self.plenaries
        place = self.rooms[room]
        free = [person for person in experts if slot not in busy[person] and len(busy[person]) < 4]
        # Those who are busy already come first: people in several parts make an agenda hard.
        free.sort(key=lambda person: (-len(busy[person]), self.draw.random()))
        pool = free[: max(len(free) // 3, 4)]
        people = tuple(self.draw.sample(pool, min(3, len(pool))))
        for person in people:
            busy[person].add(slot)
        booths = min(place.booths, self.draw.choice((0, 1, 2, 3)), len(LANGUAGES))
        seats = place.seats or 0
        return Session(
            key=self.keys[at],
            length=self.draw.choice((SLOT, SLOT, SLOT - 15)),
            kind="plenary" if plenary else "panel",
            seats=seats if plenary else min(seats, self.draw.choice((20, 30, 40, 60, 80))),
            speakers=people[1:],
            chairs=people[:1],
            languages=tuple(sorted(self.draw.sample(LANGUAGES, booths))),
            slots=tuple(self.slots[at].key for at in self.plenaries) if plenary else (),
            alone=plenary,
        )

    def _away(self, person: str, slots: set[int]) -> Person:
        away: tuple[str, ...] = ()
        if self.draw.random() < 0.25:
            each = len(self.slots) // self.days
            day = self.draw.randrange(self.days)
            gone = range(day * each, (day + 1) * each)
            away = tuple(self.slots[at].key for at in gone if at not in slots)
        return Person(key=person, away=away)

    def _interest(self, participants: int) -> tuple[Interest, ...]:
        found = []
        members: dict[int, list[int]] = {}
        for at, theme in enumerate(self.themes[self.days :], start=self.days):
            members.setdefault(theme, []).append(at)
        themes = sorted(members)
        others = range(self.days, len(self.keys))
        for at in range(participants):
            home = self.draw.choice(themes)
            wanted = {
                self.draw.choice(members[home]) if self.draw.random() < 0.7
                else self.draw.choice(others)
                for _ in range(self.draw.randint(3, 7))
            }  # fmt: skip
            found += [
                Interest(
                    person=f"A{at + 1:03d}", session=self.keys[session],
                    points=self.draw.choice((1, 1, 2, 3)),
                )
                for session in sorted(wanted)
            ]  # fmt: skip
        return tuple(found)

    def _pairs(self) -> list[Pair]:
        found = []
        for _ in range(len(self.keys) // 8):
            one, other = self.draw.sample(range(self.days, len(self.keys)), 2)
            if self.places[one][0] > self.places[other][0]:
                one, other = other, one
            first, second = self.keys[one], self.keys[other]
            if self.places[one][0] < self.places[other][0]:
                found.append(Pair(first=first, second=second, rule=PairRule.BEFORE))
            wish = self.draw.choice((PairRule.SAME_DAY, PairRule.OTHER_DAY))
            found.append(Pair(first=first, second=second, rule=wish, penalty=5))
        return found

    def _wishes(self) -> list[PlacePenalty]:
        """Late slots of a day cost every session; a third of the sessions dislike some slots."""
        each = len(self.slots) // self.days
        found = [
            PlacePenalty(slot=self.slots[day * each + late].key, penalty=points)
            for day in range(self.days)
            for late, points in ((each - 2, 1), (each - 1, 2))
        ]
        for key in self.keys[self.days :]:
            if self.draw.random() < 1 / 3:
                slots = self.draw.sample(range(len(self.slots)), len(self.slots) // 2)
                points = self.draw.choice((2, 5, 10))
                found += [
                    PlacePenalty(session=key, slot=self.slots[at].key, penalty=points)
                    for at in sorted(slots)
                ]
        return found

    def _teams(self, sessions: tuple[Session, ...]) -> list[Teams]:
        found = []
        for language in LANGUAGES:
            used = [0] * len(self.slots)
            for session, (slot, _) in zip(sessions, self.places, strict=True):
                used[slot] += language in session.languages
            if max(used):
                found.append(Teams(language=language, teams=max(used)))
        return found
