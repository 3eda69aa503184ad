"""The table of answers as a coordinator filters and sorts it, and the figures above it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.i18n import collation_key
from app.rounds.queries import Answer, AnswerKind

LONG_AGO = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
SORTS: dict[str, Callable[[Answer], Any]] = {
    "region": lambda answer: str(answer.state.regional_group or ""),
    "status": lambda answer: str(answer.state.status),
    "answer": lambda answer: list(AnswerKind).index(answer.kind),
    "needs": lambda answer: answer.needs,
    "capacity": lambda answer: answer.capacity or 0,
    "changed": lambda answer: answer.changed_at or LONG_AGO,
    "reminded": lambda answer: answer.reminded_at or LONG_AGO,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the coordinator asked to see."""

    text: str = ""
    region: str = ""
    status: str = ""
    answer: str = ""
    sort: str = "name"

    @classmethod
    def from_address(cls, args: Mapping[str, str]) -> Chosen:
        sort = args.get("sort", "name")
        known = sort.removeprefix("-") in {"name", *SORTS}
        return cls(
            text=args.get("text", "").strip(),
            region=args.get("region", ""),
            status=args.get("status", ""),
            answer=args.get("answer", ""),
            sort=sort if known else "name",
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.region or self.status or self.answer)


def chosen_answers(answers: list[Answer], chosen: Chosen) -> list[Answer]:
    """The answers that fit, in the order asked for; equal ones by name."""
    key = collation_key()
    wanted = key(chosen.text)[0]
    found = [
        answer
        for answer in answers
        if (not wanted or wanted in key(answer.state.name)[0])
        and chosen.region in ("", answer.state.regional_group)
        and chosen.status in ("", answer.state.status)
        and chosen.answer in ("", answer.kind)
    ]
    by, backwards = chosen.sort.removeprefix("-"), chosen.sort.startswith("-")
    found.sort(key=lambda answer: key(answer.state.name), reverse=backwards and by == "name")
    if by != "name":
        found.sort(key=SORTS[by], reverse=backwards)
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """What a round amounts to so far."""

    on_roster: int
    answered: int
    asking: int
    needs: int
    offering: int
    capacity: int
    nothing: int
    unconfirmed: int
    not_yet: int
    # Of those who have not answered: who can be reminded now, and who has no address.
    to_remind: int
    unreachable: int
    # Who was reminded, answered or not.
    reminded: int


def figures_of(answers: list[Answer], moment: dt.datetime) -> Figures:
    kinds = Counter(answer.kind for answer in answers)
    offering = [answer for answer in answers if answer.capacity is not None and not answer.paused]
    return Figures(
        on_roster=len(answers),
        answered=kinds[AnswerKind.SUBMITTED] + kinds[AnswerKind.NOTHING],
        asking=sum(answer.needs > 0 for answer in answers),
        needs=sum(answer.needs for answer in answers),
        offering=len(offering),
        capacity=sum(answer.capacity or 0 for answer in offering),
        nothing=kinds[AnswerKind.NOTHING],
        unconfirmed=kinds[AnswerKind.UNCONFIRMED],
        not_yet=kinds[AnswerKind.NOT_YET],
        to_remind=sum(answer.may_be_reminded(moment) for answer in answers),
        unreachable=sum(not a.reachable and not a.kind.is_answer for a in answers),
        reminded=sum(answer.reminded_at is not None for answer in answers),
    )
