"""A good first plan by one flow: most mentees covered, then the highest total of scores."""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from matching.model import Column
from matching.several.ground import Ground

LARGEST = 10**6
"""Scores are rounded to so many steps here: this plan only has to be good."""


def start(ground: Ground) -> Column:
    """Open pairs of a plan that keeps every rule; those held are in it."""
    held = np.flatnonzero(ground.held)
    count = np.bincount(ground.tail[held], minlength=len(ground.wanted))
    wanted = np.maximum(ground.wanted - count, 0)
    room = ground.capacity - ground.load(held)
    edges = np.flatnonzero(~ground.held)
    mentees, mentors = len(wanted), len(room)
    mentee, mentor = np.arange(mentees), mentees + np.arange(mentors)
    sink = mentees + mentors
    score = ground.score[edges]
    coarse = -(-int(score.max(initial=0)) // LARGEST) or 1
    worth = score // coarse + 1
    uncovered = (int(worth.max(initial=0)) + 1) * int(wanted.max(initial=0))
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        mentee[ground.tail[edges]], mentor[ground.head[edges]], np.ones(len(edges), np.int64),
        -worth,
    )  # fmt: skip
    first = (count == 0) & (wanted > 0)
    spare = wanted - first
    for who, places, price in ((first, first.astype(np.int64), uncovered), (spare > 0, spare, 0)):
        at = np.flatnonzero(who)
        if len(at):
            flow.add_arcs_with_capacity_and_unit_cost(
                mentee[at], np.full(len(at), sink), places[at], np.full(len(at), price)
            )
    at = np.flatnonzero(room > 0)
    if len(at):
        flow.add_arcs_with_capacity_and_unit_cost(
            mentor[at], np.full(len(at), sink), room[at], np.zeros(len(at), np.int64)
        )
    flow.set_nodes_supplies(mentee, wanted)
    flow.set_nodes_supplies(np.array([sink]), np.array([-int(wanted.sum())]))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"flow solver answered {status}")
    chosen = edges[np.asarray(flow.flows(arcs)) > 0] if len(edges) else edges
    return np.sort(np.concatenate([held, chosen]))
