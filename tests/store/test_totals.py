"""Row 41 of the contract: published totals against the sums of their authorities."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from insight.store import build
from tests.store.conftest import STAFF


def _entry(sample: Path, processed: Path, indicator: str, year: int) -> dict[str, Any]:
    totals = build(sample, processed).manifest["totals"]
    return next(t for t in totals if (t["indicator"], t["time_period"]) == (indicator, year))


def _change(sample: Path, level: str, column: str, change: float, year: str) -> str:
    """Add to one cell of the first row of a level, and give the code of its region."""
    path = sample / STAFF
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(r for r in rows if r["geographic_level"] == level and r["time_period"] == year)
    row[column] = str(round(float(row[column]) + change, 1)).removesuffix(".0")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return row["region_code"]


def test_a_total_that_is_the_sum_of_its_authorities_is_equal(sample: Path, processed: Path) -> None:
    entry = _entry(sample, processed, "inpost_headcount", 2018)
    assert (len(entry["equal"]), entry["differs"]) == (6, [])


def test_a_total_that_is_one_person_off_differs_and_shows_both_numbers(sample: Path, processed: Path) -> None:
    region = _change(sample, "Regional", "inpost_headcount", 1, "2018")
    entry = _entry(sample, processed, "inpost_headcount", 2018)
    (differs,) = entry["differs"]
    assert differs["area"] == region
    assert differs["published"] - differs["summed"] == pytest.approx(1)
    assert region not in entry["equal"]


def test_full_time_equivalents_may_differ_by_their_rounding_and_no_more(sample: Path, processed: Path) -> None:
    region = _change(sample, "Regional", "inpost_fte", 0.1, "2018")
    assert region in _entry(sample, processed, "inpost_fte", 2018)["equal"]
    _change(sample, "Regional", "inpost_fte", 20, "2018")
    assert _entry(sample, processed, "inpost_fte", 2018)["differs"][0]["area"] == region


def test_a_total_over_a_hidden_member_is_not_comparable_and_gives_no_sum(sample: Path, processed: Path) -> None:
    totals = build(sample, processed).manifest["totals"]
    hidden = [(t, n) for t in totals for n in t["not_comparable"]]
    assert hidden
    for entry, each in hidden:
        assert set(each) == {"area", "missing"}, "the difference would be the hidden figure"
        assert each["missing"]
        assert each["area"] not in entry["equal"]


def test_a_member_without_a_row_is_named(sample: Path, processed: Path) -> None:
    path = sample / STAFF
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    gone = next(line for line in lines if line.startswith("2018,") and ",Local authority," in line)
    path.write_text("".join(line for line in lines if line != gone), encoding="utf-8")
    entry = _entry(sample, processed, "inpost_headcount", 2018)
    name = next(csv.reader([gone]))[9]
    assert all(f"{name} (no row published)" in each["missing"] for each in entry["not_comparable"])
    assert len(entry["not_comparable"]) == 2
