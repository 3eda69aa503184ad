"""Missions in a joint plan: a team, a lead, a week for each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from matching.joint.model import TEAM_SIZES, JointProblem
from matching.joint.pieces import BoolVar, Engagement, Mission, Part, week_variable
from matching.model import Instrument

if TYPE_CHECKING:
    from matching.joint.complete import Complete

NUMBER = 2


def add(plan: Complete) -> list[Mission]:
    """Add the literals and rules of missions."""
    found = []
    for (kind, guest), rows in sorted(plan.by_guest.items()):
        if kind == NUMBER and _possible(plan, guest, rows):
            found.append(_mission(plan, guest, rows))
    _expert_limits(plan, found)
    return found


def request(plan: Complete, guest: int) -> set[int]:
    """The themes of a guest's request."""
    return {need.theme for need in plan.problem.needs if need.mission and need.guest == guest}


def _possible(plan: Complete, guest: int, rows: list[int]) -> bool:
    """Someone can lead, and together the experts at hand cover the request."""
    table = plan.problem.options
    bits = 0
    for at in rows:
        bits |= int(table.themes[at])
    leads = any(int(table.tongue[at]) >= 0 for at in rows)
    return leads and len(rows) >= TEAM_SIZES[0] and all(
        bits >> theme & 1 for theme in request(plan, guest)
    )  # fmt: skip


def _mission(plan: Complete, guest: int, rows: list[int]) -> Mission:
    model, problem = plan.model, plan.problem
    table = problem.options
    weeks = sorted({w for at in rows for w in problem.calendars[int(table.calendar[at])]})
    mission = Mission(
        guest=guest,
        literal=plan.literal(),
        week=week_variable(model, weeks),
        team={at: plan.literal() for at in rows},
        leads={at: plan.literal() for at in rows if int(table.tongue[at]) >= 0},
        languages={code: plan.literal() for code in _languages(problem, rows)},
    )
    _team_size(plan, mission)
    _covers_the_request(plan, mission)
    _one_lead(plan, mission)
    _free_in_the_week(plan, mission)
    _apart(plan, mission)
    for at, literal in mission.team.items():
        model.add_implication(literal, mission.literal)
        plan.parts.append(Part(at, literal))
    _costs(plan, mission)
    for at, literal in mission.leads.items():
        for need, points in plan.points[at]:
            plan.serves[need][points].append(literal)
    hosts = _hosts(plan, mission)
    plan.engagements.append(
        Engagement(mission.literal, mission.week, weeks, ((guest, mission.literal),), hosts)
    )
    return mission


def _languages(problem: JointProblem, rows: list[int]) -> list[int]:
    tongues = {int(problem.options.tongue[at]) for at in rows} - {-1}
    return sorted({t.language for at in tongues for t in problem.tongues[at]})


def _team_size(plan: Complete, mission: Mission) -> None:
    """A team has two to four experts."""
    least, most = TEAM_SIZES
    total = sum(mission.team.values())
    plan.model.add(total >= least * mission.literal)
    plan.model.add(total <= most * mission.literal)


def _covers_the_request(plan: Complete, mission: Mission) -> None:
    """Together the team covers all themes of the request."""
    themes = plan.problem.options.themes
    for theme in sorted(request(plan, mission.guest)):
        able = [lit for at, lit in mission.team.items() if int(themes[at]) >> theme & 1]
        plan.model.add_bool_or([*able, mission.literal.negated()])


def _one_lead(plan: Complete, mission: Mission) -> None:
    """One of the team leads, in the State's language."""
    plan.model.add_exactly_one([*mission.leads.values(), mission.literal.negated()])
    plan.model.add_exactly_one([*mission.languages.values(), mission.literal.negated()])
    for at, literal in mission.leads.items():
        plan.model.add_implication(literal, mission.team[at])
        tongues = plan.problem.tongues[int(plan.problem.options.tongue[at])]
        spoken = [mission.languages[t.language] for t in tongues]
        plan.model.add_bool_or([*spoken, literal.negated()])


def _free_in_the_week(plan: Complete, mission: Mission) -> None:
    """Everyone on the team is free in the week."""
    problem = plan.problem
    for at, literal in mission.team.items():
        weeks = problem.calendars[int(problem.options.calendar[at])]
        plan.model.add_linear_expression_in_domain(
            mission.week, cp_model.Domain.from_values(list(weeks))
        ).only_enforce_if(literal)


def _apart(plan: Complete, mission: Mission) -> None:
    """Two experts whose States can't share an item are not on one team."""
    apart = plan.apart[Instrument.MISSION]
    rows = sorted(mission.team)
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            if (plan.host(one), plan.host(other)) in apart:
                plan.model.add_at_most_one([mission.team[one], mission.team[other]])


def _costs(plan: Complete, mission: Mission) -> None:
    """The journeys of the whole team are paid from the purse of the lead's option."""
    table = plan.problem.options
    by_purse: dict[int, list[BoolVar]] = {}
    for at, literal in mission.leads.items():
        by_purse.setdefault(int(table.purse[at]), []).append(literal)
    for purse, leads in sorted(by_purse.items()):
        for at, literal in mission.team.items():
            if len(by_purse) == 1:
                plan.spend(purse, int(table.cost[at]), literal)
                continue
            for lead in leads:
                due = plan.literal()
                plan.model.add_bool_or([due, literal.negated(), lead.negated()])
                plan.spend(purse, int(table.cost[at]), due)


def _hosts(plan: Complete, mission: Mission) -> tuple[tuple[int, BoolVar], ...]:
    """A party with experts on the team hosts one engagement; several States earn points."""
    by_host: dict[int, list[BoolVar]] = {}
    for at, literal in mission.team.items():
        by_host.setdefault(plan.host(at), []).append(literal)
    hosts = []
    for host, literals in sorted(by_host.items()):
        present = literals[0]
        if len(literals) > 1:
            present = plan.literal()
            plan.model.add_max_equality(present, literals)
        hosts.append((host, present))
        plan.hosted[host].append(present)
    several = plan.literal()
    plan.model.add(sum(literal for _, literal in hosts) >= 2).only_enforce_if(several)
    plan.bonus.append(several)
    return tuple(hosts)


def _expert_limits(plan: Complete, missions: list[Mission]) -> None:
    """An expert has so many missions and person-days, and one mission a week."""
    problem = plan.problem
    days = problem.policy.durations.mission
    by_expert: dict[int, list[tuple[BoolVar, Mission]]] = {}
    for mission in missions:
        for at, literal in mission.team.items():
            by_expert.setdefault(int(problem.options.giver[at]), []).append((literal, mission))
    for giver, entries in sorted(by_expert.items()):
        expert = problem.experts[giver]
        limit = min(expert.missions, expert.person_days // days)
        plan.model.add(sum(literal for literal, _ in entries) <= limit)
        if limit > 1 and len(entries) > 1:
            plan.model.add_no_overlap(
                plan.model.new_optional_fixed_size_interval_var(mission.week, 1, literal, "")
                for literal, mission in entries
            )
