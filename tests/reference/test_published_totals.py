"""The publisher's own totals and the traps in its files, read end to end from the real files.

Every expected number was read from the files by hand or counted by a separate program; none comes from this package.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from insight.core.panel import Panel
from insight.store import BuildReport, build, load_panel, revisions

pytestmark = pytest.mark.published

ENGLAND, NORTH_EAST, WEST_MIDLANDS = "E92000001", "E12000001", "E12000005"


@pytest.fixture(scope="module")
def report(test_data: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """The store of the real files, with the provenance cards of the project."""
    cards = sorted((root / "data" / "raw").glob("*.toml"))
    return build(test_data / "published", tmp_path_factory.mktemp("processed"), cards=cards)


@pytest.fixture(scope="module")
def panel(report: BuildReport) -> Iterator[Panel]:
    """Everything current."""
    yield load_panel(report.store)


def _value(panel: Panel, indicator: str, area: str, year: int) -> float:
    rows = panel.data
    found = rows[(rows["indicator"] == indicator) & (rows["area"] == area) & (rows["time_period"] == year)]
    return float(found["value"].item())


def test_the_eleven_files_are_found_and_the_other_59_left_alone(report: BuildReport) -> None:
    files = report.manifest["files"]
    known = {
        (file["source"], file["release"], file["role"], file["rows_read"], file["rows_kept"])
        for file in files
        if file["role"] != "left alone"
    }
    assert known == {
        ("workforce", "2025", "current", 1463, 1445),
        ("workforce", "2022", "vintage", 978, 962),
        ("referrals", "2025", "current", 2132, 2106),
        ("referrals", "2024", "vintage", 1967, 1943),
        ("referrals_by_month", "2024", "current", 1967, 1943),
        ("referrals_by_source", "2024", "current", 1803, 1781),
        ("section_47", "2024", "current", 1967, 1943),
        ("child_protection_plans", "2024", "current", 1967, 1943),
        ("child_population", "2024", "current", 2132, 2106),
        ("statistical_neighbours", "2025", "current", 153, 153),
        ("statistical_neighbours", "2021", "vintage", 159, 156),
    }
    assert len(files) == 70


def test_every_file_that_was_read_has_its_provenance_card(report: BuildReport, root: Path) -> None:
    cards = "".join(path.read_text(encoding="utf-8") for path in (root / "data" / "raw").glob("*.toml"))
    assert all(file["sha256"] in cards for file in report.manifest["files"] if "source" in file)
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
    assert sum(len(entry["equal"]) for entry in totals) == 4695
    assert sum(len(entry["not_comparable"]) for entry in totals) == 1835


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
    assert set(hidden["symbol"]) == {"c", "x", "z", "u", "low"}
    assert set(panel.data.loc[panel.data["status"] == "value", "symbol"]) == {""}


def test_a_second_build_reads_nothing(report: BuildReport, test_data: Path, root: Path) -> None:
    cards = sorted((root / "data" / "raw").glob("*.toml"))
    again = build(test_data / "published", report.store.parent, cards=cards)
    assert (again.files_read, again.is_changed) == (0, False)
