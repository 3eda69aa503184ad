"""Rotation of forums: which region and host in which year and week, each region in turn."""
