"""The record: the contract for machines."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from insight.core.estimate import Estimate
from insight.core.finding import VERDICTS, Verdict
from insight.errors import PageRefused
from insight.reporting.record import EstimateRecord, FindingRecord, record_text, schema_text, write_record
from insight.reporting.render import render


@pytest.fixture
def record(build: Any, context: Any) -> dict[str, Any]:
    return render(build(), context).record


def test_the_schema_in_the_documents_is_the_model(root: Path) -> None:
    assert (root / "docs" / "record.schema.json").read_text(encoding="utf-8") == schema_text()


def test_a_record_passes_a_validator_that_we_did_not_write(record: dict[str, Any], root: Path) -> None:
    schema = json.loads((root / "docs" / "record.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(record)
    for spoilt in ({**record, "extra": 1}, {**record, "verdict": "proved"}, {**record, "words": []}):
        assert not validator.is_valid(spoilt)
    short = copy.deepcopy(record)
    del short["data_hash"]
    assert not validator.is_valid(short)


def test_a_record_holds_the_finding_and_what_the_page_was_made_from(
    record: dict[str, Any], finding: Any, context: Any
) -> None:
    own = {"parameters", "package_version", "policy", "data_hash", "key"}
    told = {name: value for name, value in finding.record().items() if name not in own}
    assert {name: value for name, value in record.items() if name not in own} == told
    assert {name: record[name] for name in own} == {
        "parameters": dict(context.parameters),
        "package_version": "0.1.0",
        "policy": "published v1",
        "data_hash": "d1" * 32,
        "key": "ab" * 32,
    }


def test_the_model_has_every_field_of_an_estimate_and_every_verdict() -> None:
    assert list(Estimate.__dataclass_fields__) != []
    assert set(EstimateRecord.model_fields) == set(Estimate.__dataclass_fields__)
    assert set(VERDICTS) == set(get_args(Verdict))


def test_a_record_is_written_the_same_way_every_time(record: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write_record(path, dict(reversed(record.items())))
    text = path.read_bytes().decode()
    assert text == record_text(record)
    assert json.loads(text) == record
    assert text.endswith("}\n")
    assert "\r" not in text
    assert list(json.loads(text)) == sorted(record)


def test_a_number_that_is_not_finite_is_never_written(record: dict[str, Any], tmp_path: Path) -> None:
    record["estimates"][0]["value"] = float("nan")
    with pytest.raises(PageRefused, match="writing a record"):
        write_record(tmp_path / "record.json", record)
    assert not list(tmp_path.iterdir())


def test_a_headline_must_be_one_of_the_estimates(finding: Any) -> None:
    content = json.dumps({**finding.record(), "headline": "another"})
    with pytest.raises(ValueError, match="not among the estimates"):
        FindingRecord.model_validate_json(content)
