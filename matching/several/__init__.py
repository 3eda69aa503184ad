"""Pairing with several mentors per mentee: totals count, so it is no flow any more."""
