"""The audit trail for people, and the administration of accounts and roster."""
