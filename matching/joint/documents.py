"""Joint Problems and plans as canonical JSON."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from pydantic import BaseModel

from matching.io.documents import Source, canonical, parse, read_shape, schemas_of, validated
from matching.io.faults import BadInput
from matching.joint.meaning import Reading, meaning_faults
from matching.joint.model import (
    JointPlan,
    JointProblem,
    JointProblemDocument,
    OptionTable,
    ServingTable,
)
from matching.model import Column, Fault

PROBLEM, PLAN = "tandem-joint-problem", "tandem-joint-plan"
MODELS: dict[str, type[BaseModel]] = {PROBLEM: JointProblemDocument, PLAN: JointPlan}
TABLES = ("options", "serving")
EMPTY: dict[str, Any] = {
    "parties": (), "needs": (),
    "options": dict.fromkeys(OptionTable.__dataclass_fields__, ()),
    "serving": dict.fromkeys(ServingTable.__dataclass_fields__, ()),
}  # fmt: skip
"""Parts that a Problem must have, with nothing in them."""


def dump_problem(problem: JointProblem) -> bytes:
    """The canonical JSON of a Problem."""
    parts = {
        name: getattr(problem, name)
        for name in JointProblemDocument.model_fields
        if name not in ("format", "version", *TABLES)
    }
    head = JointProblemDocument.model_validate({**EMPTY, **parts})
    columns = {
        name: {part: column.tolist() for part, column in getattr(problem, name).columns().items()}
        for name in TABLES
    }
    return canonical({**head.model_dump(mode="json"), **columns})


def dump_plan(plan: JointPlan) -> bytes:
    """The canonical JSON of a plan."""
    return canonical(plan.model_dump(mode="json"))


def read_problem(source: Source) -> JointProblem:
    """Read and check a Problem.

    Raises
    ------
    BadInput
        With every fault of shape, and of meaning where the shape lets it be told.
    """
    data = parse(source)
    document, faults = validated(data, PROBLEM, JointProblemDocument)
    broken: frozenset[str] = frozenset()
    if document is None:
        broken = frozenset(_part(fault) for fault in faults)
        document = _sound_parts(data, broken)
    if document is None:
        raise BadInput(faults)
    options, serving = (_columns(getattr(document, name)) for name in TABLES)
    reading = Reading(document, _sizes(data), broken, options, serving)
    faults += meaning_faults(reading)
    if faults:
        raise BadInput(faults)
    parts = {
        name: getattr(document, name)
        for name in JointProblemDocument.model_fields
        if name not in ("format", "version", *TABLES)
    }
    return JointProblem(options=OptionTable(**options), serving=ServingTable(**serving), **parts)


def read_plan(source: Source) -> JointPlan:
    """Read a plan; whether it is any good is for ``check_plan`` to say.

    Raises
    ------
    BadInput
        With every fault of shape.
    """
    return read_shape(source, PLAN, JointPlan)


def schemas() -> dict[str, bytes]:
    """JSON Schema of both formats, by file name, as published in ``matching/schemas``."""
    return schemas_of(MODELS)


def _part(fault: Fault) -> str:
    """The part of the document that a fault is in: ``needs`` of ``needs[12].theme``."""
    return re.split(r"[.\[]", fault.path, maxsplit=1)[0]


def _sound_parts(data: dict[str, Any], broken: frozenset[str]) -> JointProblemDocument | None:
    """The document without its parts that have faults; None when it is of another kind."""
    if broken & {"format", "version"}:
        return None
    sound = {name: part for name, part in data.items() if name not in broken}
    document, _ = validated({**EMPTY, **sound}, PROBLEM, JointProblemDocument)
    return document


def _sizes(data: dict[str, Any]) -> dict[str, int]:
    """Number of entries of every list, and of rows in the tables."""
    sizes = {
        name: len(data.get(name, ()))
        for name in JointProblemDocument.model_fields
        if isinstance(data.get(name, ()), (list, tuple))
    }
    for name in TABLES:
        sizes.pop(name, None)
        table = data.get(name)
        lengths = {
            len(column)
            for column in (table.values() if isinstance(table, dict) else ())
            if isinstance(column, (list, tuple))
        }
        if len(lengths) == 1:
            sizes[name] = lengths.pop()
    return sizes


def _columns(table: Any) -> dict[str, Column]:
    """The columns of a table in JSON as arrays."""
    return {name: np.array(getattr(table, name), np.int64) for name in type(table).model_fields}
