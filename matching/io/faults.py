"""Every fault of an input at once, each with its path and, where one is near, a suggestion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from matching.model import Fault


class BadInput(ValueError):
    """An input with faults, all of them in ``faults``."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(render(fault) for fault in self.faults))


def render(fault: Fault) -> str:
    """A fault in one line of English."""
    hint = f'; did you mean "{fault.suggestion}"?' if fault.suggestion else ""
    return f"{fault.path}: {fault.message}{hint}"


def near(word: object, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, if any is close."""
    if not isinstance(word, str):
        return None
    pool = {name.casefold(): name for name in known}
    match = get_close_matches(word.casefold(), sorted(pool), n=1, cutoff=0.6)
    return pool[match[0]] if match else None


def unknown(path: str, what: str, word: object, known: Iterable[str]) -> Fault:
    """A word that is not among those known."""
    return Fault(path, f'unknown {what} "{word}"', near(word, known))


def path_of(location: tuple[int | str, ...]) -> str:
    """``("needs", 12, "theme")`` as ``needs[12].theme``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "document"


def shape_faults(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """The faults that pydantic found, in the form of this package."""
    faults = []
    for entry in error.errors(include_url=False, include_input=True):
        place = tuple(
            part
            for part in entry["loc"]
            if not (isinstance(part, str) and part in _OFFER_TAGS and _inside_offers(entry["loc"]))
        )
        path = path_of(place)
        if entry["type"] == "extra_forbidden":
            known = _fields_at(model, entry["loc"][:-1])
            faults.append(unknown(path, "field", entry["loc"][-1], known))
        elif entry["type"] in ("enum", "literal_error"):
            allowed = _words(str(entry["ctx"]["expected"]))
            message = f"must be one of {', '.join(allowed)}; got {entry['input']!r}"
            faults.append(Fault(path, message, near(entry["input"], allowed)))
        elif entry["type"] == "union_tag_invalid":
            allowed = sorted(_OFFER_TAGS)
            tag = entry["ctx"]["tag"]
            faults.append(unknown(f"{path}.instrument", "instrument", tag, allowed))
        else:
            faults.append(Fault(path, entry["msg"]))
    return faults


_OFFER_TAGS = {"mentorship", "study_visit", "mission", "training"}


def _inside_offers(location: tuple[int | str, ...]) -> bool:
    return bool(location) and location[0] == "offers"


def _words(expected: str) -> list[str]:
    """The quoted words of a list like ``'a', 'b' or 'c'``."""
    return expected.split("'")[1::2] or [expected]


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Fields of the record at a path: found by walking the models' annotations."""
    records: list[type[BaseModel]] = [model]
    for part in location:
        if isinstance(part, int) or part in _OFFER_TAGS:
            continue
        records = [
            inner
            for record in records
            if part in record.model_fields
            for inner in _records_in(record.model_fields[str(part)].annotation)
        ]
    return sorted({name for record in records for name in record.model_fields})


def _records_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _records_in(inner)


def repeated(path: str, what: str, words: list[object]) -> list[Fault]:
    """A fault for every word that stands a second time."""
    seen: Counter[str] = Counter()
    faults = []
    for at, word in enumerate(words):
        if isinstance(word, str):
            seen[word] += 1
            if seen[word] == 2:
                faults.append(Fault(path.format(at=at), f'{what} "{word}" stands twice'))
    return faults
