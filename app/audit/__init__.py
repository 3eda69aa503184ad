"""The audit trail: what happened, in an order nobody can rewrite unseen."""

from app.audit.actions import record, record_look
from app.audit.tags import Tag

__all__ = ["Tag", "record", "record_look"]
