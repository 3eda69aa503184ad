"""Pages of plans and proposals."""

from __future__ import annotations

from app.plans import planning_views, proposal_views
from app.plans.blueprint import bp

__all__ = ["bp", "planning_views", "proposal_views"]
