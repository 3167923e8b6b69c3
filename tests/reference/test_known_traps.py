"""Each known trap of the published files in one place, from the file to the figure that a page would print.

Expected numbers were read from the files by hand, or counted by a program that shares no code with this package.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from insight.core.judgements import Judgements
from insight.core.panel import Panel
from insight.store import load_panel
from insight.studies import _benchmarks as bench

pytestmark = pytest.mark.published

ENGLAND, NORTH_EAST, YORKSHIRE = "E92000001", "E12000001", "E12000003"
HEREFORDSHIRE, SOUTHWARK = "E06000019", "E09000028"
HAMPSHIRE, BIRMINGHAM = "E10000014", "E08000025"
KINGSTON, RICHMOND = "E09000021", "E09000027"
TOOL_TURNOVER = "lait_work_force_to_rate"
TOOL_ENDS = tuple(f"lait_cincease{stretch}" for stretch in ("3months", "3_6", "6_1", "1_2", "2more"))
KEYS = (
    "agency_rate_fte",
    "turnover_rate_fte",
    "referral_count",
    "population_0_to_17_count",
    "assessment_count",
    "lait_ks2rwm_expected_std",
    TOOL_TURNOVER,
    "judgements",
)


@pytest.fixture(scope="module")
def panel(published_store: Path) -> Panel:
    return load_panel(published_store, needs=KEYS)


@pytest.fixture(scope="module")
def flagged(published_store: Path) -> Panel:
    """With every flag of the store, as a profile has it."""
    return load_panel(published_store, needs=(*TOOL_ENDS, TOOL_TURNOVER, "flags"))


def value(panel: Panel, key: str, area: str, period: int) -> float | None:
    return bench.measure(panel, key).cell(area, period).value


def latest_grades(judgements: Judgements, codes: list[str]) -> Counter[str]:
    found = [judgements.latest(code) for code in codes]
    return Counter(each.grade for each in found if each is not None)


def test_ofsted_counts_eight_regions_and_we_count_nine(panel: Panel) -> None:
    # Ofsted's "North East, Yorkshire and the Humber" is two regions of the register, of 12 and 15 authorities.
    regions: Mapping[str, list[str]] = {
        code: [area.code for area in panel.register.authorities(region=code)] for code in (NORTH_EAST, YORKSHIRE)
    }
    assert {code: len(members) for code, members in regions.items()} == {NORTH_EAST: 12, YORKSHIRE: 15}
    apart = {code: latest_grades(panel.judgements, members) for code, members in regions.items()}
    assert {code: sum(grades.values()) for code, grades in apart.items()} == {NORTH_EAST: 12, YORKSHIRE: 15}
    assert apart[NORTH_EAST] != apart[YORKSHIRE]


def test_eleven_regional_rows_are_nine_regions(panel: Panel) -> None:
    rows = panel.select("turnover_rate_fte", level="region", periods=[2025]).data
    assert len(rows) == rows["area"].nunique() == 9


def test_ties_make_a_quarter_larger_than_a_quarter(panel: Panel) -> None:
    # Published in whole percent: a figure at a cut belongs to the lower side, and the other rule moves authorities.
    measured = bench.measure(panel, "lait_ks2rwm_expected_std")
    period = measured.newest()
    assert period is not None
    quarters = bench.quarters_of(measured, period)
    sizes = Counter(quarters.usual.values())
    assert sum(sizes.values()) == len(quarters.usual) > 145
    assert max(sizes.values()) > len(quarters.usual) / 4 + 1
    moved = [area for area in quarters.usual if quarters.of(area).is_tied]
    assert moved
    assert quarters.cuts is not None
    assert {measured.cell(area, period).value for area in moved} <= set(quarters.cuts)
    assert quarters.words


def test_a_zero_and_what_rounds_to_zero_are_two_things(panel: Panel) -> None:
    measured = bench.measure(panel, "agency_rate_fte")
    places = bench.places_of(measured, 2025, seed=1)
    zeros = sorted(area for area, place in places.places.items() if place.is_zero)
    assert len(zeros) == 5
    assert all(places.places[area].value == 0 for area in zeros)
    rounded = panel.data[panel.data["status"] == "rounds to zero"]
    assert rounded["value"].isna().all()
    assert not set(rounded.loc[rounded["time_period"] == 2025, "area"]) & set(zeros)


def test_a_joint_return_that_stands_under_both_members_counts_once(panel: Panel) -> None:
    for key in ("turnover_rate_fte", TOOL_TURNOVER):
        measured = bench.measure(panel, key)
        units = measured.units(2025)
        assert f"{KINGSTON}_{RICHMOND}" in units
        assert not {KINGSTON, RICHMOND} & set(units)
        assert measured.unit_of(RICHMOND) == measured.unit_of(KINGSTON) == f"{KINGSTON}_{RICHMOND}"


def test_rates_of_a_year_use_the_population_of_the_year_before(panel: Panel) -> None:
    referrals = value(panel, "referral_count", ENGLAND, 2025)
    before, same = (value(panel, "population_0_to_17_count", ENGLAND, year) for year in (2024, 2023))
    assert referrals and before and same
    assert round(10_000 * referrals / before, 1) == 519.4
    assert round(10_000 * referrals / same, 1) != 519.4


def test_a_panel_holds_one_release_and_older_ones_only_where_they_are_asked_for(published_store: Path) -> None:
    newest = load_panel(published_store, indicators=["turnover_rate_fte"])
    assert set(newest.data["release"]) == {"2025"}
    both = load_panel(published_store, indicators=["turnover_rate_fte"], vintages=True)
    assert set(both.data["release"]) == {"2025", "2022"}
    cell = both.data.query("area == 'E06000002' and time_period == 2018").set_index("release")["value"]
    # Middlesbrough 2018, the largest of 92 revisions.
    assert abs(cell["2025"] - cell["2022"]) == pytest.approx(11.9, abs=0.05)


def test_a_partial_return_without_a_flag_of_its_own_has_no_place(panel: Panel) -> None:
    # Herefordshire 2024 is "u" in referrals; its 1,088 assessments, of 3,025 the year before, stand without a flag.
    measured = bench.measure(panel, "assessment_count")
    assert [measured.cell(HEREFORDSHIRE, year).value for year in (2023, 2024)] == [3025, 1088]
    assert measured.cell(HEREFORDSHIRE, 2024).doubt
    assert not measured.cell(HEREFORDSHIRE, 2023).doubt
    places = bench.places_of(measured, 2024, seed=1)
    assert places.of(HEREFORDSHIRE) is None
    assert places.why_not(HEREFORDSHIRE)
    assert places.of(SOUTHWARK) is not None


def test_a_withheld_return_is_doubted_in_the_interactive_tool_too(flagged: Panel) -> None:
    # Hampshire 2024 was withheld as unreliable. The tool prints 0 for all five shares of how long need had lasted,
    # which make up 100 everywhere else; Herefordshire 2024 stands there without a mark.
    ends = {key: bench.measure(flagged, key) for key in TOOL_ENDS}
    assert [each.cell(HAMPSHIRE, 2024).value for each in ends.values()] == [0.0] * 5
    for measured in ends.values():
        assert measured.cell(HEREFORDSHIRE, 2024).value
        places = bench.places_of(measured, 2024, seed=1)
        for area in (HAMPSHIRE, HEREFORDSHIRE):
            assert "unreliable" in measured.cell(area, 2024).doubt
            assert places.of(area) is None and "unreliable" in places.why_not(area)
            assert bench.quarters_of(measured, 2024).of(area).number is None
        assert places.of(SOUTHWARK) is not None and not measured.cell(HAMPSHIRE, 2025).doubt
    turnover = bench.measure(flagged, TOOL_TURNOVER)
    assert turnover.cell(BIRMINGHAM, 2024).doubt and not turnover.cell(BIRMINGHAM, 2025).doubt
