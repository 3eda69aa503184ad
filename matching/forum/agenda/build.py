"""The hard rules of an agenda between its sessions, one function each."""

from __future__ import annotations

from dataclasses import dataclass

from ortools.sat.python import cp_model

from matching.forum.agenda.codes import AgendaRule
from matching.forum.agenda.model import Pair
from matching.forum.agenda.pairs import pair_holds
from matching.forum.agenda.variables import Literal, Variables, hall_sets, total
from matching.outcome import Clash


@dataclass
class Rules(Variables):
    """Variables of an agenda and its hard rules."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._presence: dict[tuple[tuple[int, ...], int], list[Literal]] = {}
        self._room_places()
        self._session_alone()
        self._person_once()
        self._teams()
        for pair in self.grid.problem.pairs:
            if pair.penalty is None:
                self._pair(pair)

    def _room_places(self) -> None:
        """A room holds one session at a time, and those of one track in one slot."""
        if not self.apart:
            self._hall()
            return
        for moment in self.grid.moments:
            for group in range(self.groups):
                every = [x for slot in moment for x, _ in self.cells[slot][group]]
                self.enforce(self.room_rule(), [self._at_most_one(every)])

    def _hall(self) -> None:
        """The sessions of a slot fit into its rooms: Hall's condition for each set of rooms."""
        for slot, sets in enumerate(hall_sets(self.grid)):
            for rooms, inside in sets.items():
                if len(inside) > len(rooms):
                    self.model.add(total(self.y[at][slot] for at in sorted(inside)) <= len(rooms))

    def _at_most_one(self, literals: list[Literal]) -> cp_model.Constraint:
        if self.explain:
            return self.model.add(total(literals) <= 1)
        return self.model.add_at_most_one(literals)

    def _session_alone(self) -> None:
        """While a session that wants to be alone goes on, nothing else does."""
        for at in self.sessions:
            session = self.grid.problem.sessions[at]
            if not session.alone:
                continue
            rule = Clash(AgendaRule.SESSION_ALONE, {"session": session.key})
            for slot, literal in self.y[at].items():
                others = [
                    self.y[other][meeting]
                    for other in self.sessions
                    for meeting in self.grid.meets[slot]
                    if other != at and meeting in self.y[other]
                ]
                most = len(others)
                if not self.explain and not any(self.grid.shared):
                    # As many as there are rooms: tighter than a clause for each, and shorter.
                    most = min(most, self.grid.shape[1])
                self.enforce(
                    rule,
                    [self.model.add(total(others) + most * literal <= most)]
                    if len(self.grid.meets[slot]) == 1
                    else [self.model.add_bool_or(~literal, ~other) for other in others],
                )

    def presence(self, needed: tuple[int, ...], slot: int) -> list[Literal]:
        """Literals of which one is true for each room that holds some of these sessions."""
        if (needed, slot) in self._presence:
            return self._presence[needed, slot]
        inside = [at for at in needed if slot in self.y[at]]
        found: list[Literal] = []
        tracks: dict[int, list[int]] = {}
        for at in inside:
            track = -1 if self.explain else self.grid.track_of[at]
            tracks.setdefault(track, []).append(at)
        for track, members in tracks.items():
            if not self.may_share(members, slot):
                found += [self.y[at][slot] for at in members]
                continue
            if (track, slot) in self.loose:
                present = self.model.new_bool_var("")
                for at in members:
                    self.model.add_implication(self.y[at][slot], present)
                found.append(present)
                continue
            for group in range(self.groups):
                here = [self.x[at, slot, group] for at in members if (at, slot, group) in self.x]
                if len(here) > 1:
                    present = self.model.new_bool_var("")
                    for literal in here:
                        self.model.add_implication(literal, present)
                    here = [present]
                found += here
        self._presence[needed, slot] = found
        return found

    def _at_each_moment(self, needed: tuple[int, ...], most: int, rule: Clash) -> None:
        if len(needed) <= most:
            return
        for moment in self.grid.moments:
            every = [x for slot in moment for x in self.presence(needed, slot)]
            if len(every) > most:
                constraint = (
                    self._at_most_one(every) if most == 1 else self.model.add(total(every) <= most)
                )
                self.enforce(rule, [constraint])

    def _person_once(self) -> None:
        """Nobody is needed in two rooms at once."""
        for person, needed in self.grid.needed.items():
            self._at_each_moment(
                needed, 1, Clash(AgendaRule.PERSON_ONCE, {"person": person})
            )  # fmt: skip

    def _teams(self) -> None:
        """No more rooms need a language at once than there are teams of interpreters for it."""
        for row in self.grid.problem.teams:
            needed = tuple(
                at
                for at in self.sessions
                if row.language in self.grid.problem.sessions[at].languages
            )
            rule = Clash(AgendaRule.TEAMS, {"language": row.language, "teams": row.teams})
            self._at_each_moment(needed, row.teams, rule)

    def _pair(self, pair: Pair) -> None:
        """What is wanted of two sessions holds."""
        rule = Clash(
            AgendaRule.PAIR,
            {"first": pair.first, "second": pair.second, "rule": pair.rule.value},
        )
        one, other = (self.grid.session_at[key] for key in (pair.first, pair.second))
        self.enforce(rule, pair_holds(self, one, other, pair.rule, None))
