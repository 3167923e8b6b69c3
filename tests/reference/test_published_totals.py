"""The publisher's own totals and the traps in its files, read end to end from the real files.

Every expected number was read from the files by hand or counted by a separate program; none comes from this package.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from insight.core.panel import Panel
from insight.store import BuildReport, build, load_panel, revisions

pytestmark = pytest.mark.published

ENGLAND, NORTH_EAST, WEST_MIDLANDS = "E92000001", "E12000001", "E12000005"


@pytest.fixture(scope="module")
def report(published_build: BuildReport) -> BuildReport:
    """The store of the real files, with the provenance cards of the project."""
    return published_build


@pytest.fixture(scope="module")
def panel(report: BuildReport) -> Iterator[Panel]:
    """Everything current."""
    yield load_panel(report.store)


def _value(panel: Panel, indicator: str, area: str, year: int) -> float:
    rows = panel.data
    found = rows[(rows["indicator"] == indicator) & (rows["area"] == area) & (rows["time_period"] == year)]
    return float(found["value"].item())


def test_the_58_published_files_are_read_and_the_other_12_left_alone(report: BuildReport) -> None:
    files = [file for file in report.manifest["files"] if not file["path"].startswith("facts: ")]
    known = {
        (file["source"], file["release"], file["role"], file["rows_read"], file["rows_kept"])
        for file in files
        if file["role"] != "left alone"
    }
    assert known == {
        ("assessment_factors", "2024", "vintage", 1147, 1133),
        ("assessment_factors", "2025", "current", 1312, 1296),
        ("assessments_by_duration", "2024", "current", 1803, 1781),
        ("care_leavers", "2025", "current", 6680, 6488),
        ("care_leavers", "2025", "current", 20040, 19464),
        ("census_ethnicity", "2021", "current", 40, 19),
        ("census_ethnicity", "2021", "current", 200, 171),
        ("census_ethnicity", "2021", "current", 3500, 2907),
        ("child_in_need_plans", "2024", "current", 493, 487),
        ("child_population", "2024", "current", 2132, 2106),
        ("child_protection_plans", "2024", "current", 1967, 1943),
        ("children_in_need", "2024", "vintage", 1967, 1943),
        ("children_in_need", "2025", "current", 2132, 2106),
        ("headline_figures", "2024", "current", 12, 12),
        ("headline_figures", "2024", "current", 156, 156),
        ("headline_figures", "2024", "current", 180, 180),
        ("lait", "2026", "current", 641070, 611216),
        ("lait_dictionary", "2026-04", "current", 448, 434),
        ("looked_after", "2025", "current", 2505, 2433),
        ("need_durations", "2024", "current", 1967, 1943),
        ("ofsted_history_2023", "2023", "current", 160, 156),
        ("ofsted_outcomes", "2024", "vintage", 158, 154),
        ("ofsted_outcomes", "2025", "current", 271, 271),
        ("ofsted_overview", "2026-06-18", "current", 153, 153),
        ("placements", "2025", "current", 5010, 4866),
        ("placements", "2025", "current", 15865, 15409),
        ("plan_durations", "2024", "vintage", 1967, 1943),
        ("plan_durations", "2025", "current", 2132, 2106),
        ("plan_reviews", "2024", "current", 1967, 1943),
        ("population_by_age", "2023", "current", 357, 163),
        ("referrals", "2024", "vintage", 1967, 1943),
        ("referrals", "2025", "current", 2132, 2106),
        ("referrals_by_month", "2024", "current", 1967, 1943),
        ("referrals_by_source", "2024", "current", 1803, 1781),
        ("revenue_outturn", "2023", "current", 439, 153),
        ("revenue_outturn", "2024", "current", 424, 154),
        ("revenue_outturn", "2025", "current", 424, 154),
        ("revenue_summary", "2023", "current", 439, 153),
        ("revenue_summary", "2024", "current", 424, 154),
        ("revenue_summary", "2025", "current", 424, 154),
        ("school_moves", "2024", "current", 6680, 6472),
        ("school_places", "2025", "current", 462, 462),
        ("second_plans", "2024", "vintage", 1967, 1943),
        ("second_plans", "2025", "current", 2132, 2106),
        ("section_47", "2024", "current", 1967, 1943),
        ("social_care_absence", "2025", "current", 17220, 17010),
        ("social_care_attainment", "2025", "current", 3444, 3402),
        ("social_worker_changes", "2024", "current", 330, 326),
        ("statistical_neighbours", "2021", "vintage", 159, 156),
        ("statistical_neighbours", "2025", "current", 153, 153),
        ("workforce", "2022", "vintage", 978, 962),
        ("workforce", "2025", "current", 1463, 1445),
        ("workforce_by_ethnicity", "2022", "vintage", 4578, 4480),
        ("workforce_by_ethnicity", "2025", "current", 4075, 4025),
        ("workforce_by_ethnicity", "2025", "current", 123348, 62552),
        ("workforce_experimental", "2015", "current", 164, 162),
        ("workforce_experimental", "2016", "current", 196, 161),
    }
    assert len(files) == 70
    assert sum(file["role"] == "left alone" for file in files) == 12


def test_every_row_of_a_table_is_accounted_for(report: BuildReport, test_data: Path) -> None:
    counted = 0
    for file in report.manifest["files"]:
        path = test_data / "published" / file["path"]
        if "source" not in file or not path.is_file() or path.suffix not in (".csv", ".parquet"):
            continue
        if path.suffix == ".parquet":
            rows = pq.ParquetFile(path).metadata.num_rows
        else:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
                rows = sum(1 for _ in csv.reader(text)) - 1
        assert file["rows_read"] == rows, file["path"]
        assert file["rows_kept"] + sum(each["count"] for each in file["set_aside"]) == rows, file["path"]
        counted += 1
    assert counted > 40


def test_every_file_that_was_read_has_its_provenance_card(report: BuildReport, root: Path) -> None:
    cards = "".join(path.read_text(encoding="utf-8") for path in (root / "data" / "raw").glob("*.toml"))
    read = [file for file in report.manifest["files"] if "source" in file and not file["path"].startswith("facts: ")]
    assert [file["path"] for file in read if file["sha256"] not in cards] == []
    workforce = [file for file in report.manifest["files"] if file.get("source") == "workforce"]
    assert {file["published"] for file in workforce} == {"2026-03", "2023-02"}


def test_england_rereferrals_of_2025(panel: Panel) -> None:
    assert _value(panel, "rereferral_count", ENGLAND, 2025) == 142_900
    assert _value(panel, "referral_count", ENGLAND, 2025) == 632_830
    assert _value(panel, "rereferral_percent", ENGLAND, 2025) == 22.6
    assert round(100 * 142_900 / 632_830, 1) == 22.6


def test_the_rate_of_2025_over_the_population_of_the_year_before(panel: Panel) -> None:
    rate = (
        10_000
        * _value(panel, "referral_count", ENGLAND, 2025)
        / _value(panel, "population_0_to_17_count", ENGLAND, 2024)
    )
    assert round(rate, 1) == 519.4


def test_every_total_without_a_hidden_member_equals_the_sum_of_its_authorities(report: BuildReport) -> None:
    totals = report.manifest["totals"]
    assert [entry for entry in totals if entry["differs"]] == []
    assert sum(len(entry["equal"]) for entry in totals) == 16_793
    assert sum(len(entry["not_comparable"]) for entry in totals) == 16_849


def test_workforce_cases_of_2024_cannot_be_compared_because_of_birmingham(report: BuildReport, panel: Panel) -> None:
    entry = next(
        entry for entry in report.manifest["totals"] if (entry["indicator"], entry["time_period"]) == ("cases", 2024)
    )
    assert {each["area"]: each["missing"] for each in entry["not_comparable"]} == {
        ENGLAND: ["Birmingham (withheld: low reliability)"],
        WEST_MIDLANDS: ["Birmingham (withheld: low reliability)"],
    }
    local = panel.select("cases", level=("authority", "joint"), periods=[2024]).data
    assert local["value"].sum() == 314_669
    assert _value(panel, "cases", ENGLAND, 2024) == 320_461


def test_the_north_east_turnover_of_2024_is_kept_as_published(panel: Panel) -> None:
    assert _value(panel, "turnover_rate_fte", NORTH_EAST, 2024) == 14.0
    leavers, inpost = (_value(panel, key, NORTH_EAST, 2024) for key in ("leavers_fte", "inpost_fte"))
    assert round(100 * leavers / inpost, 2) == 12.58


def test_92_of_894_turnover_rates_were_revised(report: BuildReport, panel: Panel) -> None:
    frame = revisions(report.store, "turnover_rate_fte")
    local = frame[[panel.register.get(code).level == "authority" for code in frame["area"]]]
    changed = local[local["change"].abs() > 0.05 + 1e-9]
    assert (len(local), len(changed)) == (894, 92)
    assert changed.groupby("time_period").size().to_dict() == {2017: 37, 2018: 22, 2019: 32, 2020: 1}
    assert round(changed["change"].abs().max(), 1) == 11.9


def test_there_are_nine_regions_and_the_parts_of_london_are_set_aside(report: BuildReport, panel: Panel) -> None:
    levels = {code: panel.register.get(code).level for code in panel.data["area"].unique()}
    assert sum(level == "region" for level in levels.values()) == 9
    workforce = next(
        file for file in report.manifest["files"] if file["path"].endswith("csww_indicators_2017_to_2025.csv")
    )
    assert workforce["set_aside"] == [
        {"reason": "part of a region, whose own row covers it", "count": 18, "names": ["Inner London", "Outer London"]}
    ]


def test_joint_returns_are_one_unit(panel: Panel) -> None:
    workforce = panel.select("inpost_fte").data
    joint = set(workforce["area"][workforce["area"].str.contains("_")])
    assert joint == {"E09000021_E09000027", "E06000061_E06000062"}
    assert "E09000021" not in set(workforce["area"])


@pytest.mark.parametrize(
    ("area", "year", "indicator", "status"),
    [
        ("E08000025", 2024, "caseload_fte", "low reliability"),
        ("E09000020", 2025, "inpost_fte", "not available"),
        ("E06000053", 2025, "turnover_rate_fte", "not applicable"),
        ("E09000012", 2021, "referral_count", "not available"),
        ("E10000014", 2024, "referral_count", "low reliability"),
        ("E06000019", 2023, "rereferral_percent", "low reliability"),
        ("E06000058", 2020, "rereferral_percent", "not available"),
    ],
)
def test_known_gaps_have_their_reason(panel: Panel, area: str, year: int, indicator: str, status: str) -> None:
    rows = panel.data
    found = rows[(rows["indicator"] == indicator) & (rows["area"] == area) & (rows["time_period"] == year)]
    assert found["status"].item() == status


def test_a_return_with_one_unreliable_figure_is_flagged(report: BuildReport) -> None:
    flagged = {(flag["area"], flag["time_period"], flag["source"]) for flag in report.manifest["flags"]}
    assert {
        ("E08000025", 2024, "workforce"),
        ("E06000019", 2024, "referrals"),
        ("E10000014", 2024, "referrals"),
    } <= flagged


def test_every_authority_of_2025_has_ten_neighbours(panel: Panel) -> None:
    assert panel.neighbours.model_years == (2025, 2021)
    today = [area.code for area in panel.register.authorities()]
    assert len(today) == 153
    assert all(len(panel.neighbours.of(code, model_year=2025)) == 10 for code in today)


def test_all_real_gaps_keep_the_symbol_of_the_publisher(panel: Panel) -> None:
    hidden = panel.data[panel.data["status"] != "value"]
    # A blank is a share of nothing; a dash, dots and NA stand in older files and in the department's own programs.
    assert set(hidden["symbol"]) == {"-", "..", "c", "k", "x", "z", "u", "low", "NA", "[x]", "[n]", "[note 4]", ""}
    assert set(panel.data.loc[panel.data["status"] == "value", "symbol"]) == {""}


def test_a_second_build_reads_nothing(report: BuildReport, test_data: Path, root: Path) -> None:
    kept = root / "data" / "raw"
    facts = [kept / "programmes.csv", *sorted((kept / "aims").glob("*.toml"))]
    again = build(test_data / "published", report.store.parent, cards=sorted(kept.glob("*.toml")), facts=facts)
    assert (again.files_read, again.is_changed) == (0, False)
