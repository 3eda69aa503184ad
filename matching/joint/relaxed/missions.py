"""Missions and their leads."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from matching.joint.linear import Whole
from matching.joint.model import TEAM_SIZES
from matching.joint.teams import bits

if TYPE_CHECKING:
    from matching.joint.master import Master


def add(master: Master) -> tuple[Whole, Whole]:
    """Leads and missions; of the rest of a team only that it has to come from somewhere."""
    model, teams = master.model, master.teams
    lead = np.full(len(master.table), -1, np.int64)
    mission = np.full(master.guests, -1, np.int64)
    asking = [guest for guest in sorted(teams.candidates) if teams.possible(guest)]
    place = {guest: at for at, guest in enumerate(asking)}
    mission[asking] = model.columns(len(asking))
    leading = [c for guest in asking for c in teams.candidates[guest] if c.leads]
    options = np.array([c.option for c in leading], np.int64)
    lead[options] = model.columns(len(options))
    missions = mission[asking]
    one = model.rows(len(asking), lower=0, upper=0)
    model.put(one, missions, -1)
    model.put(one[[place[int(g)] for g in master.table.guest[options]]], lead[options])
    if not asking:
        return lead, mission
    model.at_most([c.expert for c in leading], lead[options], teams.capacity)
    whole = model.rows(1, upper=float(sum(teams.capacity)))
    model.put(whole, missions, TEAM_SIZES[0])
    _experts_of_a_theme(master, asking, mission)
    return lead, mission


def _experts_of_a_theme(master: Master, asking: list[int], mission: Whole) -> None:
    """Missions that need a theme need an expert for it each."""
    model, teams = master.model, master.teams
    able: dict[int, set[int]] = defaultdict(set)
    for guest in asking:
        for candidate in teams.candidates[guest]:
            for theme in bits(candidate.themes):
                able[theme].add(candidate.expert)
    for theme in range(len(master.problem.themes)):
        wanting = [g for g in asking if teams.request[g] >> theme & 1]
        if wanting:
            row = model.rows(1, upper=float(sum(teams.capacity[e] for e in able[theme])))
            model.put(row, mission[wanting])
