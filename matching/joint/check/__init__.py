"""An independent check of joint plans, from the statement in ``matching.joint.model`` alone.

One function for each rule, named like its code, its docstring the rule's sentence. Nothing here
is shared with what builds or solves Problems.
"""

from __future__ import annotations

from matching.joint.check import courses, history, loads, mentorships, missions, money, places
from matching.joint.check import visits as study_visits
from matching.joint.check.reading import Reading, Rule
from matching.joint.check.statement import check_objectives
from matching.joint.codes import RuleCode
from matching.joint.model import JointPlan, JointProblem
from matching.model import Report

RULES: dict[RuleCode, Rule] = {
    RuleCode.UNKNOWN_KEY: places.unknown_key,
    RuleCode.NOT_AN_OPTION: places.not_an_option,
    RuleCode.MALFORMED_ITEM: places.malformed_item,
    RuleCode.GUEST_TWICE: places.guest_twice,
    RuleCode.MENTOR_CAPACITY: mentorships.mentor_capacity,
    RuleCode.ONE_MENTOR_EACH: mentorships.one_mentor_each,
    RuleCode.VISITS_OF_OFFER: study_visits.visits_of_offer,
    RuleCode.ONE_VISIT_A_WEEK: study_visits.one_visit_a_week,
    RuleCode.DELEGATIONS: study_visits.delegations,
    RuleCode.PERSONS: study_visits.persons,
    RuleCode.VISIT_THEMES: study_visits.visit_themes,
    RuleCode.DELEGATION_SERVED: study_visits.delegation_served,
    RuleCode.ONE_MISSION_EACH: missions.one_mission_each,
    RuleCode.TEAM_SIZE: missions.team_size,
    RuleCode.TEAM_COVERS: missions.team_covers,
    RuleCode.TEAM_LEAD: missions.team_lead,
    RuleCode.EXPERT_WEEK: missions.expert_week,
    RuleCode.EXPERT_MISSIONS: missions.expert_missions,
    RuleCode.EXPERT_DAYS: missions.expert_days,
    RuleCode.ONE_RUN: courses.one_run,
    RuleCode.SEATS: courses.seats,
    RuleCode.ZONE_SPREAD: courses.zone_spread,
    RuleCode.APART: places.apart,
    RuleCode.GUEST_WEEK: loads.guest_week,
    RuleCode.GUEST_LOAD: loads.guest_load,
    RuleCode.HOST_LOAD: loads.host_load,
    RuleCode.LANGUAGE: places.language,
    RuleCode.WEEK: places.week,
    RuleCode.COST: money.cost,
    RuleCode.PAYMENT: money.payment,
    RuleCode.SOURCE_AMOUNT: money.source_amount,
    RuleCode.PIN: history.pin,
    RuleCode.EXCLUSION: history.exclusion,
    RuleCode.DECLINED: history.declined,
    RuleCode.ACCEPTED: history.accepted,
}
"""The function that looks at each rule of items and places."""


def check_plan(problem: JointProblem, plan: JointPlan) -> Report:
    """Check a plan against its Problem, rule by rule and objective by objective.

    Parameters
    ----------
    problem, plan
        As read from files; nothing about how they were made is trusted.

    Returns
    -------
    Report
        Rules looked at, violations, and per objective the value found, the bound and whether
        the bound was checked: found again from the Problem alone (see
        :class:`~matching.joint.check.ceilings.Ceilings`). Otherwise it is a claim. A plan that
        broke a rule has no checked bound.

    Raises
    ------
    ValueError
        The Problem's options are not in order (``read_problem`` refuses such a Problem).
    """
    reading = Reading(problem, plan)
    found = [entry for rule in RULES.values() for entry in rule(reading)]
    more, objectives = check_objectives(reading, sound=not found)
    names = tuple(rule.__name__ for rule in RULES.values())
    return Report(names, (*found, *more), objectives)
