"""Random wishes for meetings: some participants much sought after, a few away for a while."""

from __future__ import annotations

import random

from matching.forum.meetings.model import MeetingSlot, MeetingsProblem, Participant, Wish


def generate(
    participants: int = 60,
    wishes: int = 150,
    slots: int = 8,
    tables: int = 22,
    seed: int = 0,
    *,
    place_all: bool = True,
    fairness: int | None = 2,
) -> MeetingsProblem:
    """Draw a Problem in which nobody has more wishes than slots and the tables suffice.

    A schedule is likely, not certain.

    Parameters
    ----------
    participants, wishes, slots, tables
        Sizes; ``tables`` in each slot.
    seed
        Same sizes and seed: same Problem.

    Raises
    ------
    ValueError
        So many wishes can't be drawn, or have no room.
    """
    if wishes > slots * tables:
        raise ValueError(f"{wishes} wishes do not fit {slots} slots with {tables} tables")
    # A draw has to be repeatable, not secret.
    draw = random.Random(seed)  # noqa: S311
    people = range(participants)
    away: dict[int, tuple[int, ...]] = {}
    for person in draw.sample(people, participants // 10):
        first = draw.randrange(slots)
        away[person] = tuple(range(first, min(first + 2, slots)))
    room = {person: slots - len(away.get(person, ())) for person in people}
    sought = [0.2 + draw.random() for _ in people]
    pairs: dict[tuple[int, int], None] = {}
    for _ in range(200 * wishes):
        if len(pairs) == wishes:
            break
        open_ = [sought[person] if room[person] else 0.0 for person in people]
        if sum(map(bool, open_)) < 2:
            break
        a, b = sorted(draw.choices(people, weights=open_, k=2))
        if a != b and (a, b) not in pairs:
            pairs[a, b] = None
            room[a] -= 1
            room[b] -= 1
    if len(pairs) < wishes:
        raise ValueError(f"{wishes} wishes of {participants} in {slots} slots can't be drawn")
    order = list(pairs)
    draw.shuffle(order)
    name = [f"D{person + 1:02d}" for person in people]
    return MeetingsProblem(
        slots=tuple(MeetingSlot(key=str(at + 1), tables=tables) for at in range(slots)),
        participants=tuple(
            Participant(key=name[p], away=tuple(str(s + 1) for s in away.get(p, ())))
            for p in people
        ),
        wishes=tuple(
            Wish(key=f"M{at + 1:03d}", a=name[a], b=name[b]) for at, (a, b) in enumerate(order)
        ),
        place_all=place_all,
        fairness=fairness,
    )
