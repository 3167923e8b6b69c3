"""The record beside each page: the contract for machines, described by ``docs/record.schema.json``.

``python -m insight.reporting.record`` prints the schema; a test compares it with the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from insight.core.estimate import Scale
from insight.core.finding import Verdict
from insight.core.fingerprint import seen
from insight.errors import PageRefused

Plain = str | int | float | bool | None


class Strict(BaseModel):
    """Base of everything that crosses from a notebook to a page: closed, frozen, no coercion, finite numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class EstimateRecord(Strict):
    """One number with its uncertainty. Percentages run 0 to 100; effects on counts are ratios, never logarithms."""

    key: str
    term: str = Field(description="What is measured, in words.")
    value: float | None = Field(description="Null where the data could not give it; `method` then says why.")
    unit: str
    scale: Scale
    method: str
    std_error: float | None
    low: float | None
    high: float | None
    level: float = Field(gt=0, lt=1, description="Coverage of the interval as a share: 0.95 is 95%.")
    null: float | None = Field(description="The value that stands for no difference.")
    n_rows: int | None
    n_units: int | None
    n_authorities: int | None
    rank: float | None
    rank_low: float | None
    rank_high: float | None
    rank_of: int | None
    band: str | None
    decimals: int = Field(default=2, ge=0, le=12, description="Decimals of the number where it is the headline.")


class CheckRecord(Strict):
    """A question asked of the result; `passed` is null where the check only informs."""

    name: str
    passed: bool | None
    meaning: str


class SourceRecord(Strict):
    """A published file."""

    key: str
    publisher: str
    title: str
    release: str = Field(description="The newest period in the file.")
    published: str | None = Field(description="Day or month of publication (ISO 8601); null where it is not recorded.")
    sha256: str
    licence: str


class RowLeftOutRecord(Strict):
    """A row that no estimate rests on."""

    area: str
    period: str
    reason: str


class VerdictWordsRecord(Strict):
    """The verdict for people: a few words, and what they mean."""

    short: str
    meaning: str


class FindingRecord(Strict):
    """What ``Finding.record()`` gives."""

    study: str
    study_version: str
    question: str
    area: str
    area_name: str
    verdict: Verdict
    verdict_words: VerdictWordsRecord
    headline: str | None = Field(description="Key of the estimate that the words speak of.")
    words: tuple[str, ...] = Field(min_length=1, description="The answer in plain sentences; the first one leads.")
    does_not_show: tuple[str, ...]
    estimates: tuple[EstimateRecord, ...]
    checks: tuple[CheckRecord, ...]
    sources: tuple[SourceRecord, ...]
    rows_left_out: tuple[RowLeftOutRecord, ...]
    caveats: tuple[str, ...]
    is_sample: bool = Field(description="True where every authority is invented.")
    policy: str = Field(description="Name of the disclosure policy.")

    @model_validator(mode="after")
    def _headline_is_an_estimate(self) -> FindingRecord:
        if self.headline is not None and self.headline not in {estimate.key for estimate in self.estimates}:
            raise ValueError("the headline is not among the estimates")
        return self

    @property
    def headline_estimate(self) -> EstimateRecord | None:
        """The estimate that the words speak of."""
        return next((estimate for estimate in self.estimates if estimate.key == self.headline), None)

    @property
    def checks_in_words(self) -> str:
        """How many checks passed, of those that can pass or fail.

        Examples
        --------
        "7 of 8 passed; 2 for information"
        """
        decided = [check.passed for check in self.checks if check.passed is not None]
        informing = len(self.checks) - len(decided)
        if not self.checks:
            return "none was made"
        return f"{sum(decided)} of {len(decided)} passed" + (f"; {informing} for information" if informing else "")


class Record(FindingRecord):
    """One page for machines: the finding, and what the page was made from."""

    parameters: dict[str, Plain | list[Plain]]
    package_version: str
    policy: str = Field(description="Name and version of the disclosure policy.")
    data_hash: str = Field(description="SHA-256 over the data that the page was made from.")
    key: str = Field(description="SHA-256 over everything that the page was made from: equal keys mean equal pages.")


def schema_text() -> str:
    """The JSON schema of a record, with the same bytes every time."""
    schema = Record.model_json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Record of an insight page"
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def record_text(record: dict[str, Any]) -> str:
    """A record as canonical JSON: sorted keys, indented by two, newline at the end.

    Raises
    ------
    PageRefused
        If the record is not of the form that the schema describes.
    """
    try:
        Record.model_validate_json(json.dumps(record, allow_nan=False))
    except (ValidationError, ValueError) as error:
        raise PageRefused(
            "writing a record", found=form_faults(error), todo="make it from Finding.record() and the page's context"
        ) from None
    return seen(json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)) + "\n"


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Write a record to ``path``.

    Raises
    ------
    PageRefused
        If the record is not of the form that the schema describes.
    """
    path.write_text(record_text(record), encoding="utf-8", newline="\n")


def form_faults(error: ValueError) -> str:
    """Where content departs from its form and how, without a word of the content."""
    if not isinstance(error, ValidationError):
        return "a value that JSON cannot hold"
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    # The name of an extra field is content, so only its parent is named.
    named = (
        (fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"], fault["type"]) for fault in faults
    )
    texts = dict.fromkeys(f"{'.'.join(map(str, place)) or 'content'} ({kind})" for place, kind in named)
    shown = list(texts)[:5]
    return "; ".join(shown) + ("; and more" if len(texts) > len(shown) else "")


if __name__ == "__main__":
    sys.stdout.write(schema_text())
