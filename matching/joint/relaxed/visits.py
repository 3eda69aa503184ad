"""Study visits of a host, taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.joint.linear import Whole
from matching.joint.model import VISIT

if TYPE_CHECKING:
    from matching.joint.master import Master


def add(master: Master) -> tuple[Whole, dict[tuple[int, int], int]]:
    """Delegations, persons and themes of a host's visits, taken together."""
    model, problem, rows = master.model, master.problem, master.of(VISIT)
    offers = problem.visits
    visit = model.columns(len(offers), upper=[float(v.visits) for v in offers])
    if not offers:
        return visit, {}
    giver, columns = master.table.giver[rows], master.option[rows]
    persons = master.table.persons[rows]
    for values, least, most in (
        (np.ones(len(rows)), [v.delegations_min for v in offers],
         [v.delegations_max for v in offers]),
        (persons, [v.persons_min for v in offers], [v.persons_max for v in offers]),
    ):  # fmt: skip
        over = model.at_most(giver, columns, np.zeros(len(offers)), values)
        model.put(over, visit, -np.array(most, float))
        under = model.at_most(giver, columns, np.zeros(len(offers)), -np.asarray(values))
        model.put(under, visit, np.array(least, float))
    # A delegation needs a visit at all: tighter than the sums alone.
    held = model.rows(len(rows), upper=0)
    model.put(held, columns)
    model.put(held, visit[giver], -1)
    return visit, _themes(master, rows, visit)


def _themes(master: Master, rows: Whole, visit: Whole) -> dict[tuple[int, int], int]:
    """A need is served when its theme is among those of a visit; visits have few themes."""
    model, problem = master.model, master.problem
    chosen = np.isin(master.serving_instrument(), [VISIT])
    cells = np.flatnonzero(chosen)
    option, need = problem.serving.option[cells], problem.serving.need[cells]
    theme = np.array([problem.needs[int(n)].theme for n in need], np.int64)
    offer = master.table.giver[option]
    pairs = sorted(set(zip(offer.tolist(), theme.tolist(), strict=True)))
    columns = model.columns(len(pairs), upper=[float(problem.visits[o].visits) for o, _ in pairs])
    of_theme = dict(zip(pairs, columns.tolist(), strict=True))
    of_pair = np.array([o for o, _ in pairs], np.int64)
    within = model.at_most(of_pair, columns, np.zeros(len(problem.visits)))
    most = [float(v.themes_max) for v in problem.visits]
    model.put(within, visit, -np.array(most))
    each = model.rows(len(pairs), upper=0)
    model.put(each, columns)
    model.put(each, visit[of_pair], -1)
    served = model.columns(len(cells), integer=False)
    keys = zip(option.tolist(), need.tolist(), strict=True)
    found = dict(zip(keys, served.tolist(), strict=True))
    present = model.rows(len(cells), upper=0)
    model.put(present, served)
    model.put(present, master.option[option], -1)
    shown = model.rows(len(cells), upper=0)
    model.put(shown, served)
    model.put(shown, [of_theme[o, t] for o, t in zip(offer, theme, strict=True)], -1)
    # A delegation has at least one need served.
    place = {at: i for i, at in enumerate(rows.tolist())}
    some = model.at_most(np.arange(len(rows)), master.option[rows], np.zeros(len(rows)))
    model.put(some[[place[at] for at in option.tolist()]], served, -1)
    return found
