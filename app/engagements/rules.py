"""What the people of a mentorship may do, shared by actions, views and templates."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.rules import speaks_for_state
from app.engagements.models import Engagement, EngagementState


def can_move_call(user: User, engagement: Engagement) -> bool:
    """Whoever speaks for one of the two States, while the mentorship is under way."""
    return engagement.state == EngagementState.ACTIVE and any(
        speaks_for_state(user, state_id)
        for state_id in (engagement.mentor_id, engagement.mentee_id)
    )
