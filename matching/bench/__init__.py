"""Measure the engine beside other solvers, in one run: ``python -m matching bench``."""
