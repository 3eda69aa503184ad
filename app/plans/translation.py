"""Between the site's rows and the engine: a snapshot becomes an Instance, a result becomes rows.

The only module that imports ``matching``; only the worker imports this one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from matching import build_problem, check_plan, issue, read_instance, solve, unmet, why
from matching.codes import ObjectiveCode, ReasonCode
from matching.io import dump
from matching.model import Code, Instance, Objective, Plan, Problem, Report, Result, Unmet

# Parameters that name parties, and so are stored as the ids of their States.
PARTY_PARAMETERS = frozenset({"mentor", "mentee", "mentors", "party"})
LANGUAGE_REASONS = (ReasonCode.LEADING_LANGUAGE, ReasonCode.COMMON_LANGUAGE)

# Nobody is asked for an order of formats while mentorship is the only one; a reason that cites
# it would cite nothing.
NOT_ASKED = frozenset({ReasonCode.PREFERRED_FORMAT})
PAUSE_SECONDS = 0.1

Say = Callable[..., None]
Cancelled = Callable[[], bool]


class NoPlanPossible(Exception):
    """What has to hold together contradicts itself; ``clash`` names the rules."""

    def __init__(self, clash: list[str]) -> None:
        super().__init__("; ".join(clash))


class PlanNotVerified(Exception):
    """The independent check found a fault: such a plan is shown to nobody."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a plan is made of: a snapshot's two parts, which State each key is, and the policy."""

    content: Mapping[str, Any]
    sealed: Mapping[str, Any]
    states: Mapping[str, int]
    policy: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A verified plan as values for rows, and its documents byte for byte as signed."""

    outcome: str
    objectives: list[dict[str, Any]]
    items: list[dict[str, Any]]
    unmet: list[dict[str, Any]]
    problem: bytes
    document: bytes
    certificate: bytes
    seal: dict[str, Any]


def make_plan(
    material: Material,
    *,
    signing_key: str,
    say: Say,
    is_cancelled: Cancelled,
    solver: Callable[..., Result] = solve,
) -> Made:
    """Solve, check independently, explain and sign.

    Asked to stop, it ends with the best plan so far within a second. Whatever the ``solver``
    claims, nothing leaves here that the check did not confirm.
    """
    instance = read_instance(instance_of(material))
    problem = build_problem(instance)
    result = solver(
        problem,
        progress=lambda step, steps, objective, incumbent, bound, seconds: say(
            phase="solving", step=step, steps=steps, objective=objective.value,
            incumbent=incumbent, bound=bound, seconds=round(seconds, 2),
        ),
        cancel=is_cancelled,
    )  # fmt: skip
    if result.plan is None:
        raise NoPlanPossible([clash.code.value for clash in result.clash])
    say(phase="checking")
    report = check_plan(problem, result.plan)
    if not report.good:
        raise PlanNotVerified(", ".join(found.code.value for found in report.violations))
    say(phase="explaining")
    gaps = explain_gaps(problem, result.plan, is_cancelled)
    certificate, seal = issue(problem, result.plan, instance=instance, key=_key(signing_key))
    if seal is None:
        raise PlanNotVerified("the certificate does not bind the Instance")
    seconds = {timing.objective: timing.microseconds / 1e6 for timing in result.timings}
    return Made(
        outcome=result.plan.outcome.value,
        objectives=_objectives(result.plan, report, seconds),
        items=_items(material, problem, result.plan),
        unmet=[*_unmet_rows(material, instance, gaps), *_lapsed(material, instance)],
        problem=dump(problem),
        document=dump(result.plan),
        certificate=dump(certificate),
        seal=seal.model_dump(mode="json"),
    )


def _key(pem: str) -> Ed25519PrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("SIGNING_KEY must be an Ed25519 key")
    return key


def explain_gaps(problem: Problem, plan: Plan, is_cancelled: Cancelled) -> tuple[Unmet, ...]:
    """What stood in the way, and what would help unless somebody asked to stop.

    Looking for changes re-solves hundreds of times and can't be interrupted, so it is left to
    itself when there is no time for it: its thread ends on its own, and nobody reads its answer.
    """
    found: list[tuple[Unmet, ...]] = []
    search = threading.Thread(target=lambda: found.append(unmet(problem, plan)), daemon=True)
    if not is_cancelled():
        search.start()
        while search.is_alive() and not is_cancelled():
            search.join(PAUSE_SECONDS)
    return found[0] if found else unmet(problem, plan, changes=False)


def instance_of(material: Material) -> dict[str, Any]:
    """The Instance as plain data: everything that was said, with levels, for the engine alone."""
    policy, content, sealed = material.policy, material.content, material.sealed
    left_out = policy.get("left_out", {})
    needs = [row for row in content["needs"] if row["key"] not in left_out.get("needs", ())]
    offers = [row for row in content["offers"] if row["key"] not in left_out.get("offers", ())]
    weeks = content["horizon"]["weeks"]
    return {
        "horizon": {"first_monday": content["horizon"]["first_monday"], "weeks": weeks},
        "parties": [dict(row) for row in content["parties"]],
        "needs": [_need(row, sealed["needs"].get(row["key"], {})) for row in needs],
        "offers": [
            _offer(
                row,
                sealed["offers"].get(row["key"], {}),
                policy.get("places", {}).get(row["party"], row["capacity"]),
            )
            for row in offers
        ],
        "relations": [
            {"kind": "rule_out", "party": party, "other": other}
            for party, other in sealed.get("rule_outs", ())
        ],
        "policy": {
            name: policy[name]
            for name in ("order", "observers_first", "worst_off", "seed", "workers")
        },
        "previous": {
            part: [{"guest": guest, "host": host} for guest, host in pairs]
            for part, pairs in policy.get("previous", {}).items()
        },
    }


def _need(row: Mapping[str, Any], levels: Mapping[str, int | None]) -> dict[str, Any]:
    return {**row, "level_now": levels.get("now"), "level_sought": levels.get("sought")}


def _offer(row: Mapping[str, Any], levels: Mapping[str, int | None], places: int) -> dict[str, Any]:
    weeks = row["weeks"]
    return {
        **row,
        "capacity": places,
        "themes": [{"theme": theme, "level": levels.get(theme)} for theme in row["themes"]],
        "weeks": list(range(weeks[0], weeks[1] + 1)) if weeks else [],
    }


def _objectives(
    plan: Plan, report: Report, seconds: Mapping[ObjectiveCode, float]
) -> list[dict[str, Any]]:
    checks = {found.code: found for found in report.objectives}
    return [
        {
            **_stated(line),
            "checked": checks[line.code].checked,
            "seconds": round(seconds.get(line.code, 0.0), 4),
        }
        for line in plan.objectives
    ]


def _stated(line: Objective) -> dict[str, Any]:
    return {
        "code": line.code.value,
        "sense": line.sense.value,
        "value": line.value,
        "bound": line.bound,
        "gap": line.gap,
        "on": line.on,
        "note": line.note.value if line.note else None,
        "conditional_on": [code.value for code in line.conditional_on],
    }


def _items(material: Material, problem: Problem, plan: Plan) -> list[dict[str, Any]]:
    accepted = {tuple(pair) for pair in material.policy.get("previous", {}).get("accepted", ())}
    rows = []
    for item in plan.items:
        reasons = why(problem, plan, item).reasons
        rows.append(
            {
                "mentor_id": material.states[item.host],
                "mentee_id": material.states[item.guest],
                "themes": list(item.themes),
                "language": next(
                    (str(r.parameters["language"]) for r in reasons if r.code in LANGUAGE_REASONS),
                    "",
                ),
                "satisfaction": item.satisfaction,
                "kept": (item.guest, item.host) in accepted,
                "reasons": [
                    _coded(material, reason) for reason in reasons if reason.code not in NOT_ASKED
                ],
            }
        )
    return rows


def _unmet_rows(
    material: Material, instance: Instance, found: Iterable[Unmet]
) -> list[dict[str, Any]]:
    asked = _themes_by_party(instance)
    return [
        {
            "state_id": material.states[row.guest],
            "themes": asked.get(row.guest, []),
            "obstacles": [_coded(material, row.obstacle)],
            "change": {
                **_coded(material, row.change),
                "losers": [material.states[key] for key in row.losers],
            }
            if row.change
            else None,
        }
        for row in found
    ]


def _themes_by_party(instance: Instance) -> dict[str, list[str]]:
    asked: dict[str, list[str]] = {}
    for need in sorted(instance.needs, key=lambda need: need.rank):
        asked.setdefault(need.party, []).append(need.theme)
    return asked


def _lapsed(material: Material, instance: Instance) -> list[dict[str, Any]]:
    """States all of whose needs end before the round begins: no solver ever saw them."""
    themes: dict[str, list[str]] = {}
    for row in material.content.get("lapsed", ()):
        themes.setdefault(row["party"], []).append(row["theme"])
    asking = {need.party for need in instance.needs}
    return [
        {
            "state_id": material.states[party],
            "themes": lapsed,
            "obstacles": [{"code": "lapsed", "parameters": {}}],
            "change": None,
        }
        for party, lapsed in themes.items()
        if party not in asking
    ]


def _coded(material: Material, code: Code) -> dict[str, Any]:
    """A code and its parameters as JSON, parties as the ids of their States."""
    parameters: dict[str, Any] = {}
    for name, value in code.parameters.items():
        if name in PARTY_PARAMETERS:
            parameters[name] = (
                material.states[value]
                if isinstance(value, str)
                else [material.states[str(key)] for key in value]  # type: ignore[union-attr]
            )
        else:
            parameters[name] = list(value) if isinstance(value, tuple) else value
    return {"code": code.code.value, "parameters": parameters}
