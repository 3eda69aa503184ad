"""The engine of Tandem: from what States need and offer to a plan that explains and proves itself.

It knows Instances, Problems and Plans, never the site. Start at :func:`build_problem`, then
:func:`solve`, :func:`check_plan`, :func:`why` and :func:`unmet`; documents go through
:mod:`matching.io`, certificates through :mod:`matching.certificate`.

Names are loaded when first used, so that ``matching.codes`` costs no solver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.certificate import check_certificate, issue
    from matching.explain import unmet, why
    from matching.io import BadInput, read_instance, read_plan, read_problem
    from matching.model import Certificate, Instance, Plan, PlanItem, Problem, Result, Seal
    from matching.pairing import solve
    from matching.scoring import build_problem
    from matching.verify import check_plan, check_problem

_HOME = {
    "check_certificate": "certificate", "issue": "certificate", "unmet": "explain",
    "why": "explain", "BadInput": "io", "read_instance": "io",
    "read_plan": "io", "read_problem": "io", "Certificate": "model", "Instance": "model",
    "Plan": "model", "PlanItem": "model", "Problem": "model", "Result": "model",
    "Seal": "model", "solve": "pairing", "build_problem": "scoring", "check_plan": "verify",
    "check_problem": "verify",
}  # fmt: skip

__all__ = [
    "BadInput", "Certificate", "Instance", "Plan", "PlanItem", "Problem", "Result", "Seal",
    "build_problem", "check_certificate", "check_plan", "check_problem", "issue",
    "read_instance", "read_plan", "read_problem", "solve", "unmet", "why",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name in _HOME:
        found = getattr(import_module(f"matching.{_HOME[name]}"), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module 'matching' has no attribute {name!r}")
