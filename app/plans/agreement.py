"""What happens when both sides of a proposal have accepted.

Engagements depend on plans and not the other way round, so the package of engagements registers
here what is to be done in the transaction of the second acceptance.
"""

from __future__ import annotations

from collections.abc import Callable

from app.accounts.models import User
from app.plans.models import Proposal

Agreed = Callable[[Proposal, User], None]
WHEN_AGREED: list[Agreed] = []


def when_agreed(function: Agreed) -> Agreed:
    """Register what follows from an agreement; it takes the proposal and who accepted last."""
    WHEN_AGREED.append(function)
    return function


def announce(proposal: Proposal, by: User) -> None:
    for function in WHEN_AGREED:
        function(proposal, by)
