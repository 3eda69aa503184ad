"""What an audit can find: in what a joint Problem does not follow from its Instance."""

from __future__ import annotations

from enum import StrEnum


class AuditCode(StrEnum):
    """Facts of a Problem, each named in a violation when the Instance says something else."""

    PARTY = "joint_problem_party"
    NEEDS = "joint_problem_needs"
    GIVER = "joint_problem_giver"
    SOURCE = "joint_problem_source"
    PIN = "joint_problem_pin"
    SETTING = "joint_problem_setting"
    OPTION_MISSING = "joint_problem_option_missing"
    OPTION_UNFOUNDED = "joint_problem_option_unfounded"
    POINTS = "joint_problem_points"
    PERSONS = "joint_problem_persons"
    COST = "joint_problem_cost"
    WEEKS = "joint_problem_weeks"
    LANGUAGES = "joint_problem_languages"
    PURSE = "joint_problem_purse"
    THEMES = "joint_problem_themes"
    REASONS = "joint_problem_reasons"
    APART_MISSING = "joint_problem_apart_missing"
    APART_UNFOUNDED = "joint_problem_apart_unfounded"


_OPTION = ("guest", "giver", "mode")

PARAMETERS: dict[StrEnum, tuple[str, ...]] = {
    AuditCode.PARTY: ("party",),
    AuditCode.NEEDS: ("party",),
    AuditCode.GIVER: ("giver",),
    AuditCode.SOURCE: ("source",),
    AuditCode.PIN: ("guest", "host", "instrument"),
    AuditCode.SETTING: ("field",),
    AuditCode.OPTION_MISSING: _OPTION,
    AuditCode.OPTION_UNFOUNDED: _OPTION,
    AuditCode.POINTS: (*_OPTION, "theme", "stated", "found"),
    AuditCode.PERSONS: (*_OPTION, "stated", "found"),
    AuditCode.COST: (*_OPTION, "stated", "found"),
    AuditCode.WEEKS: _OPTION,
    AuditCode.LANGUAGES: _OPTION,
    AuditCode.PURSE: _OPTION,
    AuditCode.THEMES: _OPTION,
    AuditCode.REASONS: _OPTION,
    AuditCode.APART_MISSING: ("one", "other", "instrument"),
    AuditCode.APART_UNFOUNDED: ("one", "other", "instrument"),
}
"""Names of the parameters of every code. ``mode`` is 0, or 1 online, 2 in person."""

ENGLISH: dict[StrEnum, str] = {
    AuditCode.PARTY: "{party}: clock, standing or limits are not those of the Instance",
    AuditCode.NEEDS: "{party} asks for something else",
    AuditCode.GIVER: "{giver} offers something else",
    AuditCode.SOURCE: "{source} has another amount",
    AuditCode.PIN: "{guest} and {host} ({instrument}): the pin is not that of the Instance",
    AuditCode.SETTING: "{field} is not that of the Instance",
    AuditCode.OPTION_MISSING: "{guest} with {giver} (mode {mode}) should be possible",
    AuditCode.OPTION_UNFOUNDED: "{guest} with {giver} (mode {mode}) should not be possible",
    AuditCode.POINTS:
        "{guest} with {giver} (mode {mode}), {theme}: {stated} points stated, {found} found",
    AuditCode.PERSONS:
        "{guest} with {giver} (mode {mode}): {stated} persons stated, {found} found",
    AuditCode.COST: "{guest} with {giver} (mode {mode}): cost {stated} stated, {found} found",
    AuditCode.WEEKS: "{guest} with {giver} (mode {mode}): other weeks suit both",
    AuditCode.LANGUAGES: "{guest} with {giver} (mode {mode}): other languages are open",
    AuditCode.PURSE: "{guest} with {giver} (mode {mode}): other sources may pay",
    AuditCode.THEMES: "{guest} with {giver} (mode {mode}): other themes are served",
    AuditCode.REASONS: "{guest} with {giver} (mode {mode}): other reasons hold",
    AuditCode.APART_MISSING: "{one} and {other} ({instrument}) should be apart",
    AuditCode.APART_UNFOUNDED: "{one} and {other} ({instrument}) should not be apart",
}  # fmt: skip
"""English for the command line."""
