"""Versioned canonical JSON in and out, arrays for scale, score tables as CSV.

Canonical means: UTF-8, keys sorted, no spaces, integers only, one line feed at the end. The same
content has the same bytes, so that a digest means something.
"""

from matching.io.arrays import read_arrays, write_arrays
from matching.io.documents import (
    canonical,
    check_instance,
    dump,
    read_any,
    read_certificate,
    read_instance,
    read_plan,
    read_problem,
    read_seal,
    schemas,
)
from matching.io.faults import BadInput, unknown
from matching.io.scores import read_scores
from matching.io.tables import Table, read_table
from matching.io.upgrades import UPGRADES, upgrade

__all__ = [
    "UPGRADES", "BadInput", "Table", "canonical", "check_instance", "dump", "read_any",
    "read_arrays", "read_certificate", "read_instance", "read_plan", "read_problem",
    "read_scores", "read_seal",
    "read_table", "schemas", "unknown", "upgrade", "write_arrays",
]  # fmt: skip
