"""What binds instruments together: loads, money, pins, who can't sit together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from matching.joint.linear import Whole
from matching.joint.model import COURSE, MENTORSHIP, MISSION, VISIT, Mode
from matching.model import Instrument

if TYPE_CHECKING:
    from matching.joint.master import Master


def add(master: Master) -> tuple[Whole, Whole]:
    """Add the rules; gives the columns that are a party's engagement as host, with the party."""
    _apart(master)
    _guest_load(master)
    hosting = _host_load(master)
    _money(master)
    _pins(master)
    return hosting


def _apart(master: Master) -> None:
    """Two that can't share an item don't: where there is only one item to share."""
    by_guest: dict[tuple[Instrument, int], dict[int, int]] = defaultdict(dict)
    for at in master.of(VISIT).tolist():
        giver = int(master.table.giver[at])
        if master.problem.visits[giver].visits <= 1:
            by_guest[Instrument.STUDY_VISIT, int(master.table.guest[at])][giver] = at
    for at in master.of(COURSE).tolist():
        if int(master.table.mode[at]) == Mode.IN_PERSON:
            giver = int(master.table.giver[at])
            by_guest[Instrument.TRAINING, int(master.table.guest[at])][giver] = at
    pairs = [
        (mine[giver], theirs[giver])
        for instrument, one, other in master.problem.apart
        if instrument is not Instrument.MISSION
        for mine, theirs in [(by_guest[instrument, one], by_guest[instrument, other])]
        for giver in sorted(set(mine) & set(theirs))
    ]
    if pairs:
        rows = master.model.rows(len(pairs), upper=1)
        master.model.put(rows, master.option[[a for a, _ in pairs]])
        master.model.put(rows, master.option[[b for _, b in pairs]])


def _guest_load(master: Master) -> None:
    """A guest stays within what it can take on, in total and at once."""
    columns, guests = master.engagements()
    limits = [
        np.inf if p.guest.total is None else float(p.guest.total) for p in master.problem.parties
    ]
    if master.guests:
        master.model.at_most(guests, columns, limits)
    rows = master.of(MENTORSHIP)
    mentored: dict[int, list[int]] = defaultdict(list)
    for at in rows.tolist():
        mentored[int(master.table.guest[at])].append(at)
    for column, guest in zip(columns.tolist(), guests.tolist(), strict=True):
        limit = master.problem.parties[guest].guest.at_once
        if limit is None or limit > 1 or column in master.option[mentored[guest]]:
            if limit == 0:
                master.model.put(master.model.rows(1, upper=0), column)
            continue
        row = master.model.rows(1, upper=limit)
        master.model.put(row, master.option[mentored[guest]])
        master.model.put(row, column)


def _host_load(master: Master) -> tuple[Whole, Whole]:
    """A host stays within what it can give, in total; mentorships also at once."""
    model, problem = master.model, master.problem
    columns: list[int] = []
    hosts: list[int] = []
    for at in master.of(MENTORSHIP).tolist():
        columns.append(int(master.option[at]))
        hosts.append(master.host(at))
    mentorships = len(columns)
    for offer, column in zip(problem.visits, master.visit.tolist(), strict=True):
        columns.append(column)
        hosts.append(offer.party)
    for variant, column in zip(master.variants, master.variant.tolist(), strict=True):
        columns.append(column)
        hosts.append(problem.courses[variant.course].party)
    for at in master.of(MISSION).tolist():
        if master.lead[at] >= 0:
            columns.append(int(master.lead[at]))
            hosts.append(master.host(at))
    total = [np.inf if p.host.total is None else float(p.host.total) for p in problem.parties]
    once = [np.inf if p.host.at_once is None else float(p.host.at_once) for p in problem.parties]
    model.at_most(hosts, columns, total)
    model.at_most(hosts[:mentorships], columns[:mentorships], once)
    return np.array(columns, np.int64), np.array(hosts, np.int64)


def _money(master: Master) -> None:
    """Every source pays at most its amount, for what it may pay."""
    model, problem = master.model, master.problem
    if not problem.sources:
        return
    count = len(problem.purses)
    columns, cost, options = master.costly()
    paid = model.at_most(master.table.purse[options], columns, np.zeros(count), cost)
    cells = [(purse, source) for purse, row in enumerate(problem.purses) for source in row]
    columns = model.columns(len(cells), upper=np.inf, integer=False)
    model.put(paid[[purse for purse, _ in cells]], columns, -1)
    amounts = [float(source.amount) for source in problem.sources]
    model.at_most([source for _, source in cells], columns, amounts)


def _pins(master: Master) -> None:
    """A pin is in the plan."""
    for pairing in master.problem.pins:
        # An expert may be on a team without leading it: then the mission itself is all we know.
        options = master.named(pairing)
        if pairing.instrument is Instrument.MISSION:
            guests = {int(master.table.guest[at]) for at in options}
            columns = [int(master.mission[g]) for g in guests if master.mission[g] >= 0]
        else:
            columns = master.option[options].tolist()
        master.model.put(master.model.rows(1, lower=1), columns)
