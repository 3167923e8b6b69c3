"""The real files end to end: the West Midlands, and the authorities that break other programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from insight import store as stores
from insight.reporting.batch import Batch, run_batch
from insight.reporting.crew import default_isolation, local_crew
from insight.reporting.plan import plan

AWKWARD = ("Kingston upon Thames", "North Northamptonshire", "City of London", "Cumbria")
pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def batch(root: Path, published_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    register = stores.load_register(published_store)
    data_hash = stores.read_manifest(published_store)["data_hash"]
    areas = [*register.authorities(region="West Midlands")]
    areas += [register.authority(name, abolished=True) for name in AWKWARD]
    pages = plan(["caseload_turnover"], areas, settings={}, root=root, store=published_store)
    return run_batch(
        pages,
        store=published_store,
        root=root,
        out=tmp_path_factory.mktemp("real"),
        register=lambda: register,
        data_hash=data_hash,
        is_sample=False,
        crew=lambda: local_crew(default_isolation(), 2),
    )


def records(batch: Batch) -> list[dict[str, Any]]:
    paths = [batch.out / result.page.record_href for result in batch.results]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def test_every_authority_has_its_page(batch: Batch) -> None:
    assert batch.exit_code == 0, repr(batch)
    assert len(batch.results) == 14 + len(AWKWARD)
    for result in batch.results:
        assert (batch.out / result.page.href).is_file()


def test_every_headline_equals_the_independent_computation(batch: Batch) -> None:
    path = Path(__file__).parents[1] / "reference" / "data" / "caseload_turnover_2025.json"
    expected = json.loads(path.read_text(encoding="utf-8"))["estimates"]["lag_opening"]
    term = expected["terms"]["caseload_lag1"]
    for record in records(batch):
        assert record["headline"] == "lag_opening"
        estimate = next(e for e in record["estimates"] if e["key"] == "lag_opening")
        assert estimate["value"] == pytest.approx(term["coefficient"], abs=1e-6)
        assert estimate["std_error"] == pytest.approx(term["std_error"], abs=1e-6)
        assert (estimate["low"], estimate["high"]) == pytest.approx((term["low"], term["high"]), abs=1e-6)
        assert (estimate["n_rows"], estimate["n_units"]) == (expected["rows"], expected["units"])
        assert record["verdict"] == "depends_on_measure"


def test_every_record_keeps_to_the_schema(batch: Batch, root: Path) -> None:
    schema = json.loads((root / "docs" / "record.schema.json").read_text(encoding="utf-8"))
    for record in records(batch):
        jsonschema.validate(record, schema)
        assert record["is_sample"] is False


def test_pages_stay_small_and_hold_no_word_that_means_nothing(batch: Batch) -> None:
    for result in batch.results:
        html = (batch.out / result.page.href).read_text(encoding="utf-8")
        bare = re.sub(r'href="data:[^"]*"', "", html)
        assert len(bare) < 150_000, result.page.area_name
        assert len(html) - len(bare) < 60_000, result.page.area_name
        assert "SAMPLE DATA" not in html
        text = re.sub(r"<[^>]*>", " ", bare)
        assert not re.search(r"\b(nan|inf|None)\b", text), result.page.area_name
