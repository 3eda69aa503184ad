"""The base of every document and the scalars that they are made of. Part of the model."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Key = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=100)]
Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
Positive = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
Week = Annotated[int, Strict(), Field(ge=0, le=1_000)]
Level = Annotated[int, Strict(), Field(ge=0, le=4)]
Points = Annotated[int, Strict(), Field(ge=0, le=100)]
Amount = Annotated[int, Strict(), Field(ge=0, le=10**15)]
Milliseconds = Annotated[int, Strict(), Field(ge=0, le=10**9)]
Day = Annotated[str, Strict(), StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


def added(default: object) -> Any:
    """A field that came after the first version of a format.

    At its default it is left out of the JSON, so that documents of before keep their bytes and
    with them their digests.
    """
    return Field(default=default, exclude_if=lambda value: value == default)
