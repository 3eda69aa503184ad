"""Independent checks: a plan against its Problem, a Problem against its Instance.

This package imports the model and nothing else of the engine: it restates every rule and shares
no code with what builds Problems and plans.
"""

from matching.verify.plan import RULES, check_plan
from matching.verify.problem import check_problem

__all__ = ["RULES", "check_plan", "check_problem"]
