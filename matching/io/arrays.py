"""Problems as NumPy archives: for sizes at which JSON is slow."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from matching.io.documents import _problem_data, canonical, problem_from
from matching.io.faults import BadInput, shape_faults
from matching.io.meaning import problem_faults
from matching.model import Fault, PairTable, Problem, ProblemDocument


def write_arrays(problem: Problem, path: Path) -> None:
    """Write a Problem: pair columns as arrays, the rest as canonical JSON among them."""
    head = _problem_data(
        Problem(
            **{
                **{name: getattr(problem, name) for name in problem.__dataclass_fields__},
                "pairs": PairTable(**{n: c[:0] for n, c in problem.pairs.columns().items()}),
            }
        )
    )
    document = np.frombuffer(canonical(head), np.uint8)
    with path.open("wb") as file:
        np.savez(file, document=document, **problem.pairs.columns())  # type: ignore[arg-type]


def read_arrays(path: Path) -> Problem:
    """Read and check a Problem written by :func:`write_arrays`.

    Raises
    ------
    BadInput
        With every fault.
    """
    names = list(PairTable.__dataclass_fields__)
    try:
        with np.load(path, allow_pickle=False) as archive:
            data = json.loads(archive["document"].tobytes())
            columns = {name: np.ascontiguousarray(archive[name]) for name in names}
    except (OSError, KeyError, ValueError) as error:
        raise BadInput([Fault("document", f"not an archive of a Problem: {error}")]) from error
    wrong = [n for n, c in columns.items() if c.dtype != np.int64 or c.ndim != 1]
    if wrong:
        raise BadInput([Fault(f"pairs.{name}", "must be a column of int64") for name in wrong])
    try:
        document = ProblemDocument.model_validate(data)
    except ValidationError as error:
        raise BadInput(shape_faults(error, ProblemDocument)) from error
    faults = problem_faults(document, columns)
    if faults:
        raise BadInput(faults)
    return problem_from(document, columns)
