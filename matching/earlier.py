"""An earlier plan as what was proposed before: of it as much as possible is kept."""

from __future__ import annotations

from matching import files, io
from matching.io.documents import parse
from matching.joint import documents
from matching.joint.model import JointPlan
from matching.model import Instrument, Pairing, Plan, Previous


def read_earlier(path: str) -> Plan | JointPlan:
    """Read a plan of mentorships alone or of several instruments."""
    content = files.read(path)
    if parse(content).get("format") == documents.PLAN:
        return documents.read_plan(content)
    return io.read_plan(content)


def proposed(previous: Previous, plan: Plan | JointPlan, *, alone: bool = False) -> Previous:
    """What was answered before, and an earlier plan in the place of what was proposed.

    Parameters
    ----------
    alone
        The next plan is of mentorships alone: nothing else of the earlier one counts.
    """
    if isinstance(plan, JointPlan) and not alone:
        return previous.model_copy(update={"proposed": (), "proposed_items": plan.items})
    pairings = _pairings(plan)
    return previous.model_copy(update={"proposed": pairings, "proposed_items": ()})


def _pairings(plan: Plan | JointPlan) -> tuple[Pairing, ...]:
    if isinstance(plan, Plan):
        return tuple(Pairing(guest=item.guest, host=item.host) for item in plan.items)
    return tuple(
        Pairing(guest=place.guest, host=item.host)
        for item in plan.items
        if item.instrument is Instrument.MENTORSHIP
        for place in item.places
    )
