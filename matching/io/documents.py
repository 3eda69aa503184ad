"""Instance, Problem, Plan, Certificate and Seal as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from matching.io.faults import BadInput, shape_faults, unknown
from matching.io.meaning import instance_faults, problem_faults
from matching.io.upgrades import VERSIONS, upgrade
from matching.model import (
    Certificate,
    Fault,
    Instance,
    PairTable,
    Plan,
    Problem,
    ProblemDocument,
    Seal,
)

Source = bytes | str | dict[str, Any]
Document = Instance | Problem | Plan | Certificate | Seal
Model = TypeVar("Model", bound=BaseModel)

MODELS: dict[str, type[BaseModel]] = {
    "tandem-instance": Instance,
    "tandem-problem": ProblemDocument,
    "tandem-plan": Plan,
    "tandem-certificate": Certificate,
    "tandem-seal": Seal,
}


def canonical(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, integers only, one line feed at the end.

    Raises
    ------
    TypeError
        There is a number that is not an integer.
    """
    _refuse_fractions(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def _refuse_fractions(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("canonical JSON holds integers only")
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_fractions(inner)
    elif isinstance(value, list):
        kinds = set(map(type, value))
        if float in kinds:
            raise TypeError("canonical JSON holds integers only")
        if kinds & {dict, list}:
            for inner in value:
                _refuse_fractions(inner)


def dump(document: Document) -> bytes:
    """The canonical JSON of a document."""
    if isinstance(document, Problem):
        return canonical(_problem_data(document))
    return canonical(document.model_dump(mode="json"))


def _problem_data(problem: Problem) -> dict[str, Any]:
    empty = PairTable(**{name: c[:0] for name, c in problem.pairs.columns().items()})
    columns = {name: column.tolist() for name, column in problem.pairs.columns().items()}
    head = ProblemDocument.model_validate(
        {
            **{
                name: getattr(problem, name)
                for name in ProblemDocument.model_fields
                if name not in ("format", "version", "pairs")
            },
            "pairs": dict.fromkeys(empty.columns(), ()),
        }
    )
    return {**head.model_dump(mode="json"), "pairs": columns}


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number that JSON knows")


def parse(source: Source) -> dict[str, Any]:
    """Read JSON strictly: an object, no key twice, no NaN.

    Raises
    ------
    BadInput
        It is not JSON, or not an object, or names a key twice.
    """
    if isinstance(source, dict):
        return source
    faults: list[Fault] = []

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(entries)
        if len(record) < len(entries):
            seen: set[str] = set()
            for key, _ in entries:
                if key in seen:
                    faults.append(Fault(key, "the same key stands twice in one object"))
                seen.add(key)
        return record

    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise BadInput([Fault("document", f"not UTF-8 at byte {error.start}")]) from error
    except RecursionError as error:
        raise BadInput([Fault("document", "nested too deeply")]) from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BadInput([Fault("document", f"not JSON: {error.msg} ({where})")]) from error
    except ValueError as error:
        raise BadInput([Fault("document", f"not JSON: {error}")]) from error
    if not isinstance(data, dict):
        raise BadInput([Fault("document", "must be a JSON object")])
    if faults:
        raise BadInput(faults)
    return data


def validated(
    data: dict[str, Any], name: str, model: type[Model]
) -> tuple[Model | None, list[Fault]]:
    """A document of the named format, or the faults of its shape."""
    found = data.get("format", name)
    if found != name:
        return None, [unknown("format", "format for this use", found, [name])]
    version = data.get("version", 1)
    if type(version) is int and version > VERSIONS[name]:
        message = f"version {version} is newer than this engine reads ({VERSIONS[name]})"
        return None, [Fault("version", message)]
    try:
        return model.model_validate(upgrade(data)), []
    except ValidationError as error:
        return None, shape_faults(error, model)


def read_shape(source: Source, name: str, model: type[Model]) -> Model:
    """Read a document whose shape says all there is to check.

    Raises
    ------
    BadInput
        With every fault of shape.
    """
    document, faults = validated(parse(source), name, model)
    if document is None:
        raise BadInput(faults)
    return document


def read_instance(source: Source) -> Instance:
    """Read and check an Instance from JSON or from plain dictionaries.

    Raises
    ------
    BadInput
        With every fault: of shape, of reference and of meaning.
    """
    data = parse(source)
    instance, faults = validated(data, "tandem-instance", Instance)
    if data.get("format", "tandem-instance") == "tandem-instance":
        known = {fault.path for fault in faults}
        faults += [fault for fault in instance_faults(data) if fault.path not in known]
    if instance is None or faults:
        raise BadInput(faults)
    return instance


def check_instance(instance: Instance) -> Instance:
    """Check an Instance that was built in Python; give it back when it is good.

    Raises
    ------
    BadInput
        With every fault.
    """
    faults = instance_faults(instance.model_dump(mode="json"))
    if faults:
        raise BadInput(faults)
    return instance


def read_problem(source: Source) -> Problem:
    """Read and check a Problem.

    Raises
    ------
    BadInput
        With every fault.
    """
    document = read_shape(source, "tandem-problem", ProblemDocument)
    columns = {
        name: np.array(getattr(document.pairs, name), np.int64)
        for name in PairTable.__dataclass_fields__
    }
    faults = problem_faults(document, columns)
    if faults:
        raise BadInput(faults)
    return problem_from(document, columns)


def problem_from(document: ProblemDocument, columns: dict[str, Any]) -> Problem:
    """A Problem of a document's small parts and separate columns."""
    parts = {
        name: getattr(document, name)
        for name in ProblemDocument.model_fields
        if name not in ("format", "version", "pairs")
    }
    return Problem(pairs=PairTable(**columns), **parts)


def read_plan(source: Source) -> Plan:
    """Read a Plan; whether it is any good is for ``verify`` to say."""
    return read_shape(source, "tandem-plan", Plan)


def read_certificate(source: Source) -> Certificate:
    """Read a Certificate."""
    return read_shape(source, "tandem-certificate", Certificate)


def read_seal(source: Source) -> Seal:
    """Read a Seal."""
    return read_shape(source, "tandem-seal", Seal)


def read_any(source: Source) -> Document:
    """Read whatever the document's format says it is."""
    data = parse(source)
    readers: dict[str, Callable[[Source], Document]] = {
        "tandem-instance": read_instance,
        "tandem-problem": read_problem,
        "tandem-plan": read_plan,
        "tandem-certificate": read_certificate,
        "tandem-seal": read_seal,
    }
    name = data.get("format")
    if not isinstance(name, str) or name not in readers:
        raise BadInput([unknown("format", "format", name, readers)])
    return readers[name](data)


def schemas() -> dict[str, bytes]:
    """JSON Schema of every format, by file name, as published in ``matching/schemas``."""
    return schemas_of(MODELS)


def schemas_of(models: dict[str, type[BaseModel]]) -> dict[str, bytes]:
    """JSON Schema of each model by the file name of its format."""
    published = {}
    for name, model in models.items():
        schema = model.model_json_schema(mode="validation")
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = name
        text = json.dumps(schema, sort_keys=True, indent=1, ensure_ascii=False)
        published[f"{name}-{VERSIONS[name]}.json"] = text.encode() + b"\n"
    return published
