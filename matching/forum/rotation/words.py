"""English of the rotation for the command line."""

from __future__ import annotations

from enum import StrEnum

from matching.forum.rotation.check import RotationReport
from matching.forum.rotation.codes import RotationObjective, RotationRule, RotationViolation
from matching.forum.rotation.model import RotationPlan
from matching.outcome import Code
from matching.words import ENGLISH as COMMON

ENGLISH: dict[StrEnum, str] = {
    RotationRule.YEAR_SERVED: "{year} has at least {least} forum(s)",
    RotationRule.REGION_TURN: "{region} waits for its turn among the regions",
    RotationRule.HOST_TURN: "{host} waits for its turn among the hosts of its region",
    RotationRule.SESSION_WEEK: "a session is confirmed for week {week} of {year}",
    RotationRule.SEATS: "{host} has fewer than {needed} seats",
    RotationRule.PINNED_FORUM: "{host} has accepted for {year}",
    RotationObjective.CHANGED: "earlier forums changed",
    RotationObjective.FAIRNESS: "sum of squared numbers of forums of regions and hosts",
    RotationObjective.COST: "cost of hosting and travel",
    RotationObjective.SOFT_WEEKS: "forums in weeks to avoid",
    RotationViolation.UNKNOWN_YEAR: "{year} is not a year of the Problem",
    RotationViolation.UNKNOWN_HOST: "{host} offers nothing",
    RotationViolation.WRONG_REGION: "{host} is not in {region}",
    RotationViolation.WRONG_COST: "{host} in {year}: cost {stated} stated, {found} found",
    RotationViolation.NOT_OFFERED: "{host} does not offer week {week} of {year}",
    RotationViolation.TOO_FEW_FORUMS: "{year}: {found} forums, at least {least} wanted",
    RotationViolation.TOO_MANY_FORUMS: "{year}: {found} forums, at most {most} wanted",
    RotationViolation.WEEK_TWICE: "two forums in week {week} of {year}",
    RotationViolation.REGION_OUT_OF_TURN: "{region} in {year}: {other} has had fewer forums",
    RotationViolation.HOST_OUT_OF_TURN: "{host} in {year}: {other} has hosted less often",
    RotationViolation.IN_SESSION_WEEK: "{host}: a session is confirmed for week {week} of {year}",
    RotationViolation.NOT_ENOUGH_SEATS: "{host} in {year}: fewer than {needed} seats",
    RotationViolation.PIN_LOST: "{host} has accepted for {year} and is not there",
    RotationViolation.NO_ALTERNATIVE: "{year}: {other} is not an alternative to {host}",
    RotationViolation.WRONG_OBJECTIVES: "objectives stated: {stated}; asked for: {found}",
    RotationViolation.WRONG_VALUE: "{objective}: value {stated} stated, {found} found",
    RotationViolation.WRONG_BOUND: "{objective}: bound {stated} stated, value {found} found",
    RotationViolation.WRONG_STATEMENT: "{objective}: {field} is not as stated",
}


def say(code: Code) -> str:
    """A code and its parameters in English."""
    return ENGLISH[code.code].format(**{name: str(v) for name, v in code.parameters.items()})


def describe_plan(plan: RotationPlan) -> list[str]:
    """Forums, objectives and alternatives, a line each."""
    lines = [f"forums: {len(plan.forums)}; {COMMON[plan.outcome]}"]
    for line in plan.objectives:
        state = "proven" if line.proven else f"not proven, gap {line.gap}"
        lines.append(f"  {ENGLISH[line.code]}: {line.value}, bound {line.bound}, {state}")
    for forum in plan.forums:
        lines.append(
            f"  {forum.year}, week {forum.week}: {forum.host} ({forum.region}), cost {forum.cost}"
        )
        for other in plan.alternatives:
            if (other.year, other.host) == (forum.year, forum.host):
                more = "; ".join(f"{ENGLISH[p.code]} {p.more:+d}" for p in other.prices if p.more)
                state = "" if other.proven else " (perhaps less)"
                lines.append(f"    or {other.other}: {more or 'no difference'}{state}")
    return lines


def describe_report(report: RotationReport) -> list[str]:
    """What a check found, a line each."""
    lines = []
    for code, value in report.values.items():
        state = "checked" if code in report.checked else "claimed, not checked"
        lines.append(f"{ENGLISH[code]}: value {value} checked; no plan is better: {state}")
    if report.violations:
        lines += ["Violations", *(f"  {say(violation)}" for violation in report.violations)]
    return lines
