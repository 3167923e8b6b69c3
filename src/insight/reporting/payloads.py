"""The typed content that crosses from a notebook to a page, as ``insight.disclosure.release`` makes it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, field_validator, model_validator

from insight.core.missing import Status
from insight.core.results import Kind
from insight.errors import PageRefused
from insight.reporting.record import FindingRecord, Strict, form_faults

# What a missing or broken number becomes when a program turns it into text by mistake.
_MISTAKES = {"nan", "-nan", "none", "nat", "<na>", "inf", "-inf", "infinity", "-infinity"}


def _no_mistake(text: str) -> str:
    if text.strip().lower() in _MISTAKES and text not in {"none", "None."}:
        raise ValueError("a missing number as text")
    return text


Text = Annotated[str, AfterValidator(_no_mistake)]


class Missing(Strict):
    """A cell without a value: the reason, and the publisher's symbol where there is one."""

    status: Status
    symbol: str

    @field_validator("status")
    @classmethod
    def _hides(cls, status: Status) -> Status:
        if status is Status.VALUE:
            raise ValueError("a missing cell needs a reason")
        return status


Cell = Missing | int | float | Text


class ColumnContent(Strict):
    """One column: its key, its heading with the unit, and how its numbers are printed."""

    key: str
    label: Text
    kind: Kind
    decimals: int = Field(ge=0, le=12)

    @property
    def is_text(self) -> bool:
        """Whether cells are words, set to the left."""
        return self.kind == "text"


class TableContent(Strict):
    """Rows under columns; the first cell names the row."""

    name: str
    caption: str = Field(min_length=1)
    columns: tuple[ColumnContent, ...] = Field(min_length=1)
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]

    @model_validator(mode="after")
    def _rectangular(self) -> TableContent:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row with more or fewer cells than there are columns")
        for column, cells in zip(self.columns, zip(*self.rows, strict=True), strict=False):  # no rows, no cells
            kinds = set(map(type, cells))
            if (kinds != {str}) if column.is_text else (str in kinds):
                raise ValueError("a cell of another kind than its column")
        return self


class Table(TableContent):
    """A table on its own."""

    kind: Literal["table"]
    is_sample: bool


class Figure(Strict):
    """A chart, its words, and the table of what it shows."""

    kind: Literal["figure"]
    name: str
    title: str = Field(min_length=1)
    subtitle: str
    svg: str
    alt: str = Field(min_length=40)
    table: TableContent
    is_sample: bool


class Note(Strict):
    """Paragraphs of words."""

    kind: Literal["note"]
    paragraphs: tuple[Text, ...]
    tone: Literal["information", "warning"]
    is_sample: bool


class Card(Strict):
    """A titled list of facts; a finding's card carries its record."""

    kind: Literal["card"]
    title: str
    facts: tuple[tuple[str, Text], ...]
    sentences: tuple[str, ...]
    record: FindingRecord | None
    is_sample: bool


Payload = Card | Note | Table | Figure
_READER: TypeAdapter[Payload] = TypeAdapter(Annotated[Payload, Field(discriminator="kind")])


def read_payload(content: Any, *, place: str) -> Payload:
    """Check the content of one output against its form.

    Parameters
    ----------
    content : plain JSON types, as nbformat holds them
    place : str
        The cell, in words, for the message.

    Raises
    ------
    PageRefused
        Naming the place and the faults by their type, without any of the content.
    """
    try:
        return _READER.validate_json(json.dumps(content, allow_nan=False))
    except (ValidationError, ValueError, TypeError) as error:
        faults = form_faults(error) if isinstance(error, ValueError) else "a value that JSON cannot hold"
        raise PageRefused(
            f"reading {place}",
            found=f"content that departs from its form: {faults}",
            todo="show only what insight's own views give (a Finding, its plot, table, checks or sources)",
        ) from None
