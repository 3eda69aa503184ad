"""Teams of experts for a request: whether one is possible, and some that are.

Used by the linear model, which does not form teams itself: it counts on their existence, and
asks for experts worth having at hand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matching.joint.model import TEAM_SIZES, JointProblem
from matching.model import Instrument

MISSION = 2


@dataclass(frozen=True)
class Candidate:
    """An expert's option for a guest: themes and weeks as bits."""

    option: int
    expert: int
    party: int
    themes: int
    weeks: int
    leads: bool


class Teams:
    """Possible teams of a Problem, by guest."""

    def __init__(self, problem: JointProblem) -> None:
        self.problem = problem
        table = problem.options
        bits = [sum(1 << week for week in weeks) for weeks in problem.calendars]
        days = problem.policy.durations.mission
        self.capacity = [min(e.missions, e.person_days // days) for e in problem.experts]
        barred = {
            (p.guest, p.host)
            for p in (*problem.policy.exclusions, *problem.previous.declined)
            if p.instrument is Instrument.MISSION
        }
        self.candidates: dict[int, list[Candidate]] = defaultdict(list)
        for at in (table.instrument == MISSION).nonzero()[0].tolist():
            expert, guest = int(table.giver[at]), int(table.guest[at])
            party = problem.experts[expert].party
            keys = problem.parties[guest].key, problem.parties[party].key
            if self.capacity[expert] and keys not in barred:
                self.candidates[guest].append(
                    Candidate(
                        at, expert, party, int(table.themes[at]), bits[int(table.calendar[at])],
                        int(table.tongue[at]) >= 0,
                    )
                )  # fmt: skip
        self.request: dict[int, int] = defaultdict(int)
        for need in problem.needs:
            if need.mission:
                self.request[need.guest] |= 1 << need.theme
        self.apart = {
            frozenset((one, other))
            for instrument, one, other in problem.apart
            if instrument is Instrument.MISSION
        }

    def possible(self, guest: int) -> bool:
        """Whether any team could serve the guest's request."""
        return next(self.of(guest, self.candidates.get(guest, ())), None) is not None

    def of(self, guest: int, candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, ...]]:
        """Smallest useful teams, the lead first, in the order of the candidates."""
        request = self.request[guest]
        for lead in candidates:
            if lead.leads:
                others = [c for c in candidates if c.expert != lead.expert]
                yield from self._grow(request, (lead,), lead.weeks, others)

    def _grow(
        self,
        request: int,
        team: tuple[Candidate, ...],
        weeks: int,
        others: Sequence[Candidate],
    ) -> Iterator[tuple[Candidate, ...]]:
        missing = request
        for member in team:
            missing &= ~member.themes
        if not missing and len(team) >= TEAM_SIZES[0]:
            yield team
            return
        if len(team) == TEAM_SIZES[1]:
            return
        least = missing & -missing
        for place, other in enumerate(others):
            if (least and not other.themes & least) or not weeks & other.weeks:
                continue
            if any(frozenset((other.party, m.party)) in self.apart for m in team):
                continue
            # Without a missing theme any further expert completes the team; order is free.
            rest = others[place + 1 :] if not least else [o for o in others if o is not other]
            yield from self._grow(request, (*team, other), weeks & other.weeks, rest)

    def worth_having(
        self, guests: Sequence[int], leads: dict[int, list[int]], rounds: int
    ) -> set[int]:
        """Options of experts for these guests: some teams each, spread over all experts.

        Parameters
        ----------
        leads
            Options of leads to prefer, best first, by guest.
        rounds
            Teams for each guest.
        """
        used: Counter[int] = Counter()
        chosen: set[int] = set()
        for _ in range(rounds):
            for guest in guests:
                wanted = {option: at for at, option in enumerate(leads.get(guest, ()))}
                ranked = sorted(
                    self.candidates.get(guest, ()),
                    key=lambda c: (
                        used[c.expert] // max(self.capacity[c.expert], 1),
                        wanted.get(c.option, len(wanted)),
                        -(c.themes & self.request[guest]).bit_count(),
                        c.option,
                    ),
                )
                team = next(self.of(guest, ranked), ())
                used.update(member.expert for member in team)
                chosen |= {member.option for member in team}
        return chosen


def bits(number: int) -> list[int]:
    """Places of the bits that are set."""
    return [at for at in range(number.bit_length()) if number >> at & 1]
