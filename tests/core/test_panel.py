"""Selection, lag and lead by period, completeness, joins."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.core.joins import join
from insight.core.panel import Panel
from insight.errors import InsightError, PanelError, UnknownArea
from tests.making import BRADFORD, ENGLAND, LEEDS, made_panel, panel_of


def value(panel: Panel, area: str, year: int, key: str) -> float:
    rows = panel.data.query("area == @area and time_period == @year and indicator == @key")
    assert len(rows) == 1
    return float(rows["value"].iloc[0])


def test_a_lag_is_by_period_and_never_by_row() -> None:
    lagged = made_panel().lag("cases")
    assert value(lagged, LEEDS, 2023, "cases_lag1") == 100
    # The row before 2025 is 2023, but the year before it is 2024, for which Leeds has none.
    assert lagged.data.query("area == @LEEDS and time_period == 2025 and indicator == 'cases_lag1'").empty
    assert value(lagged, LEEDS, 2024, "cases_lag1") == 110


def test_a_lead_is_a_lag_the_other_way() -> None:
    assert value(made_panel().lead("cases"), LEEDS, 2022, "cases_lead1") == 110


def test_a_hidden_cell_stays_hidden_when_lagged() -> None:
    rows = made_panel().lag("cases").data
    cell = rows.query("area == @BRADFORD and time_period == 2024 and indicator == 'cases_lag1'")
    assert list(cell["status"]) == ["low reliability"]
    assert math.isnan(cell["value"].iloc[0])


def test_side_by_side_a_missing_row_says_so() -> None:
    wide = made_panel().wide(["cases", "agency"]).set_index(["area", "time_period"])
    assert wide.loc[(LEEDS, 2023), "agency__status"] == "no row"
    assert wide.loc[(LEEDS, 2022), "agency"] == 0
    assert wide.loc[(LEEDS, 2022), "agency__status"] == "value"


def test_a_true_zero_is_a_value() -> None:
    assert value(made_panel(), LEEDS, 2022, "agency") == 0


def test_selection_by_region_takes_its_authorities_and_not_its_own_row() -> None:
    chosen = made_panel().select("cases", region="Yorkshire and The Humber")
    assert set(chosen.data["area"]) == {LEEDS, BRADFORD}


def test_selection_by_level_never_mixes_rows() -> None:
    assert set(made_panel().select(level="nation").data["area"]) == {ENGLAND}


def test_selection_by_name_and_period() -> None:
    chosen = made_panel().select(areas="leeds", periods=[2022])
    assert set(chosen.data["time_period"]) == {2022}
    assert set(chosen.data["area"]) == {LEEDS}


def test_a_wrong_name_stops() -> None:
    with pytest.raises(UnknownArea, match="Leeds"):
        made_panel().select(areas="Leads")


def test_an_indicator_that_is_not_there_stops_and_names_those_that_are() -> None:
    with pytest.raises(PanelError, match="agency, cases"):
        made_panel().select("caseload")


def test_completeness_counts_the_years_that_an_area_has_no_row_for() -> None:
    table = made_panel().completeness().set_index(["area", "indicator"])
    # 2022, 2023, 2024 and 2025 occur; Leeds lacks 2024, Bradford lacks 2025 and its 2023 is hidden.
    assert list(table.loc[(LEEDS, "cases")]) == [4, 3, 75.0]
    assert list(table.loc[(BRADFORD, "cases")]) == [4, 2, 50.0]


def test_coverage_says_why_cells_are_missing() -> None:
    frame = made_panel().coverage().frame.set_index("indicator")
    assert frame.loc["Cases", "missing"] == "1 low reliability"


def test_two_releases_cannot_stand_side_by_side() -> None:
    old = panel_of([(LEEDS, 2022, "cases", 99.0, "value")], release="2022")
    both = made_panel().join(old)
    with pytest.raises(PanelError, match="more than one release"):
        both.wide()


def test_a_join_refuses_a_row_that_stands_in_both() -> None:
    with pytest.raises(PanelError, match="9 row"):
        made_panel().join(made_panel())


def test_a_join_that_promises_one_to_one_refuses_a_repeated_key() -> None:
    left = pd.DataFrame({"area": ["a", "b"], "x": [1, 2]})
    right = pd.DataFrame({"area": ["a", "a"], "y": [3, 4]})
    with pytest.raises(PanelError, match="1 repeated key"):
        join(left, right, on=["area"], cardinality="1:1")
    assert len(join(left, right, on=["area"], cardinality="1:m")) == 3


def test_a_value_may_not_stand_where_its_status_hides_it() -> None:
    with pytest.raises(PanelError, match="hides it"):
        panel_of([(LEEDS, 2022, "cases", 5.0, "suppressed")])


def test_a_part_of_a_panel_remembers_nothing_of_the_whole() -> None:
    whole = made_panel()
    kept = Panel(whole.data, whole.indicators, whole.sources, whole.register, remember=lambda n, p, c: "remembered")
    assert kept.remember("x", {}, lambda: "computed") == "remembered"
    assert kept.select("cases").remember("x", {}, lambda: "computed") == "computed"


def test_inputs_come_back_as_they_went_in() -> None:
    panel = made_panel()
    before = panel.frame
    panel.lag("cases").select("cases").wide()
    panel.coverage()
    pd.testing.assert_frame_equal(panel.data, before)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([LEEDS, BRADFORD]), st.integers(2015, 2025)), unique=True, min_size=1))
def test_lag_then_lead_gives_back_the_value(keys: list[tuple[str, int]]) -> None:
    panel = panel_of([(area, year, "cases", float(number), "value") for number, (area, year) in enumerate(keys)])
    there_and_back = panel.lag("cases", 3, name="a").lead("a", 3, name="b")
    for number, (area, year) in enumerate(keys):
        assert value(there_and_back, area, year, "b") == number


def test_a_lag_of_nothing_is_refused() -> None:
    with pytest.raises(InsightError, match="0 years"):
        made_panel().lag("cases", 0)


def test_what_is_done_to_the_rows_that_it_gives_leaves_a_panel_as_it_is() -> None:
    whole = made_panel()
    before = whole.frame
    rows = whole.data
    rows["value"] = -7.0
    rows.loc[0, "area"] = "X"
    pd.testing.assert_frame_equal(whole.data, before)
    with pytest.raises(FrozenInstanceError):
        whole.data = rows  # type: ignore[misc]


def test_one_breakdown_is_selected_by_its_name_and_another_name_is_refused() -> None:
    panel = made_panel()
    parts = panel.data.assign(breakdown="girls", value=1.0, status="value", symbol="")
    both = Panel(pd.concat([panel.data, parts]), panel.indicators, panel.sources, panel.register)
    assert set(both.select(breakdown="girls").data["value"]) == {1.0}
    pd.testing.assert_frame_equal(both.select(breakdown="").data, panel.select().data, check_like=True)
    with pytest.raises(PanelError, match="breakdowns called '', 'girls'"):
        both.select(breakdown="boys")
