"""Rounds of submissions and their frozen snapshots."""
