"""The study on the published inspections against a second computation that shares no code with it.

``independent_getting_to_good.py`` (plain loops, and lifelines 0.30.3 for the curves) made
``data/getting_to_good_2026.json`` from a table of judgements that was put together apart from the package. Tolerance:
1e-6 for what comes from counts; 1e-4 of a share for Turnbull's curves, where two ways of climbing stop.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import insight as ins
from insight.core.estimate import Estimate
from insight.core.finding import Finding
from insight.core.panel import Panel
from insight.stats import turnbull
from insight.store import build, load_panel, raw_id
from insight.studies.getting_to_good._national import National, national_model
from insight.studies.getting_to_good._spells import years_between

EXPECTED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "getting_to_good_2026.json").read_text(encoding="utf-8")
)
FILES = (
    "ofsted/Childrens_social_care_in_England_2023_underlying_data.ods",
    "ofsted/LA_Inspection_Outcomes_as_at_31_March_2025.ods",
    "ofsted/LA_Inspection_Outcomes_as_at_March_2024.ods",
    "ofsted/ofsted_csc_ilacs_overview.xlsx",
    "dfe/sn_model_2025_wide.csv",
)
pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def panel(test_data: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """Inspections and neighbours alone: the other files have nothing to say here."""
    raw, processed = tmp_path_factory.mktemp("inspections"), tmp_path_factory.mktemp("processed")
    for name in FILES:
        (raw / Path(name).name).write_bytes((test_data / "published" / name).read_bytes())
    kept = root / "data" / "raw"
    build(raw, processed, cards=sorted(kept.glob("*.toml")))
    return load_panel(processed / raw_id(raw), needs=["judgements"])


@pytest.fixture(scope="module")
def national(panel: Panel) -> National:
    return national_model(panel)


@pytest.fixture(scope="module")
def finding(panel: Panel) -> Finding:
    found: Finding = ins.studies.getting_to_good(panel, authority="Worcestershire")
    return found


def estimate(finding: Finding, key: str) -> Estimate:
    return next(each for each in finding.estimates if each.key == key)


@pytest.mark.parametrize("key", list(EXPECTED["estimates"]))
def test_an_estimate_equals_that_of_the_other_program(finding: Finding, key: str) -> None:
    ours, expected = estimate(finding, key), EXPECTED["estimates"][key]
    assert ours.value == pytest.approx(expected["value"], abs=1e-6)
    for end in ("low", "high"):
        found = getattr(ours, end)
        assert (found is None) == (expected[end] is None)
        assert found is None or found == pytest.approx(expected[end], abs=1e-6)
    assert ours.n_rows == expected["rows"]


def test_there_are_as_many_spells_and_the_mistake_is_as_large(finding: Finding, national: National) -> None:
    assert (estimate(finding, "spells").value, estimate(finding, "events").value) == (64, 37)
    assert (EXPECTED["spells"], EXPECTED["events"]) == (64, 37)
    assert estimate(finding, "naive_mean_years").value == pytest.approx(EXPECTED["naive_mean_years"], abs=1e-9)
    assert national.horizon == date.fromisoformat(EXPECTED["newest"])
    assert national.pause == tuple(date.fromisoformat(day) for day in EXPECTED["pause"])
    assert f"{EXPECTED['already_inadequate']} spells" in estimate(finding, "median_already_inadequate").term
    assert EXPECTED["official_until"] == "2025-05-14"
    assert estimate(finding, "median_official_files").term.endswith("own files, to 14 May 2025")


def test_every_spell_stands_on_the_curve_where_the_other_program_reads_it(national: National) -> None:
    # The model as a store remembers it, with ten digits: a finished spell's own Good counts.
    assert {each.area for each in national.spells} == set(EXPECTED["good_as_soon"])
    for each in national.spells:
        step = national.good_by(each.years)
        share = 0.0 if step is None else 100 - step.value
        assert share == pytest.approx(EXPECTED["good_as_soon"][each.area], abs=1e-6), each.area


@pytest.mark.parametrize("name", ["good", "better"])
def test_the_curve_of_the_change_itself_has_the_other_programs_heights(national: National, name: str) -> None:
    for at, height in EXPECTED["changed"][name]["heights"].items():
        before = [each.value for each in national.stretches[name] if each.right is not None and each.right <= float(at)]
        inside = [each for each in national.stretches[name] if each.left < float(at) < (each.right or math.inf)]
        assert inside == [], "the height at this time is not known"
        assert (before or [100.0])[-1] == pytest.approx(100 * height, abs=0.01)


def test_the_median_of_the_change_lies_in_the_stretch_whose_right_end_the_other_program_gives(
    finding: Finding, national: National
) -> None:
    # lifelines reads the right end of the stretch (6.04) and the next time of its grid (6.09); the reports say only
    # that the median lies after 5.16 and up to 6.04, and a straight line inside gives 5.50.
    ends = EXPECTED["changed"]["good"]["median_ends"]
    stretch = next(each for each in national.stretches["good"] if each.value < 50)
    ours = estimate(finding, "interval_censored_median_years")
    assert stretch.right == pytest.approx(ends[0], abs=1e-9)
    assert ends == pytest.approx([6.04, 6.09], abs=0.005)
    assert stretch.left == pytest.approx(5.155, abs=0.001)
    assert ours.value == pytest.approx(5.4985, abs=1e-3)
    assert "after 5.16 and up to 6.04 years" in ours.method


def test_the_interval_of_the_change_hardly_depends_on_the_seed(finding: Finding, national: National) -> None:
    ours = estimate(finding, "interval_censored_median_years")
    rows = [
        (years_between(each.start, each.last_not_good), each.years if each.is_good else math.inf)
        for each in national.spells
    ]
    again = turnbull(pd.DataFrame(rows, columns=["left", "right"]), left="left", right="right", seed=7, draws=300)
    # 300 draws of jumpy percentiles: half a year.
    assert (ours.low, ours.high) == pytest.approx((again.median.low, again.median.high), abs=0.5)


def test_no_spell_need_have_changed_between_3_and_5_years_and_many_can_have(finding: Finding) -> None:
    """The heights at 3 and 5 years are lifelines' (0.599 at both), and the reports are counted from their dates.

    A report within 3 and 5 years with the last one before it at 3 or later would be one that must; there is none.
    """
    heights = EXPECTED["changed"]["good"]["heights"]
    assert heights["3.5"] - heights["5"] == pytest.approx(0.0, abs=1e-6)
    ours = estimate(finding, "interval_censored_share_3_to_5_years")
    assert ours.value is None
    assert ours.method.startswith("not given: the curve's mass lies at other times; Turnbull's curve")
    assert ours.low == pytest.approx(0.0, abs=1e-6)
    # 500 draws of a jumpy share.
    assert ours.high == pytest.approx(46.9, abs=4)
    assert ours.method.endswith(
        "the published reports allow 0% to 66%: 0 of 64 spells must have changed in that stretch, and 42 can have"
    )
    rows = finding.table("claim").content["rows"]
    (row,) = [each for each in rows if each[0] == ours.term]
    assert row[1] == {"status": "not applicable", "symbol": ""}
    assert (row[2], row[3]) == pytest.approx((ours.low, ours.high))


def test_ways_of_counting_that_rest_on_the_same_spells_are_one_look(finding: Finding) -> None:
    check = next(each for each in finding.all_checks if each.name.startswith("Other ways of counting"))
    assert check.passed is False
    assert check.meaning.startswith("4 of 6 do. The two by ILACS alone rest on nearly the same spells")
    sizes = [estimate(finding, key).n_rows for key in ("median_ilacs_only", "median_began_under_ilacs")]
    assert sizes == [33, 31]


def test_the_claim_is_neither_refuted_nor_the_usual(finding: Finding) -> None:
    assert finding.verdict == "depends_on_measure"
    assert finding.words == (
        "Half had a published Good within 7.3 years of being rated Inadequate (95% interval 6.4 to 8.1).",
        "Services change before reports say so: half within 5.5 years (2.9 to 7.2).",
        "Against 3 to 5 years: longer until the report, unclear until the change.",
        "Some take 3 to 5 years: 9 did; of all, an estimated 17% (8 to 28).",
    )
    assert finding.does_not_show[-1].startswith("Inspections from 27 April 2026 give no overall grade")


def test_spells_of_known_authorities(national: National) -> None:
    (worcestershire,) = national.spells_of("E10000034")
    assert [day.isoformat() for day, _ in worcestershire.steps] == ["2017-01-24", "2019-07-29", "2023-07-14"]
    (birmingham,) = national.spells_of("E08000025")
    assert (birmingham.is_good, round(birmingham.years, 2)) == (True, 8.90)
    # Buckinghamshire goes on through its change of code; Cumbria and Northamptonshire end with their open spells.
    (buckinghamshire,) = national.spells_of("E06000060")
    assert (buckinghamshire.start.isoformat(), buckinghamshire.cut) == ("2014-08-08", "newest report in the data")
    assert {each.area for each in national.spells if each.cut == "abolished"} == {"E10000006", "E10000021"}
    assert national.counted["cut_ungraded"] == 0


def every_authority(panel: Panel) -> Iterator[tuple[str, str, Finding]]:
    for area in panel.register.authorities(abolished=True):
        yield area.code, area.name, ins.studies.getting_to_good(panel, authority=area.code)


def test_a_page_of_any_authority_has_words_tables_and_a_record(panel: Panel, national: National) -> None:
    several = finished = 0
    for code, name, found in every_authority(panel):
        for table in found.tables:
            found.table(table)
        here = " ".join(found.notes["here"].paragraphs)
        assert name in here
        if national.spells_of(code) and national.spells_of(code)[-1].is_good:
            assert "No spell at all" not in here, "its own had"
            finished += 1
        assert found.notes["ahead"].paragraphs
        assert "nan" not in json.dumps(found.record()).lower().split()
        several += 1
    assert (several, finished) == (160, 37)


def test_what_is_left_out_is_named(finding: Finding) -> None:
    reasons = [row.reason for row in finding.rows_left_out]
    assert sum("earlier framework" in each for each in reasons) == 152
    assert sum("no overall grade" in each for each in reasons) == 2
    assert any(row.area == "E08000013" and "care leavers" in row.reason for row in finding.rows_left_out)
    assert any(row.area == "E06000018" and "day of publication" in row.reason for row in finding.rows_left_out)
