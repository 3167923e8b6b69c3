"""Leave-one-control-out, pretended dates and outcomes that should not move."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.panel_matrix import PanelMatrix, panel_matrix
from insight.stats.placebo import (
    leave_one_control_out,
    leave_one_control_out_of_changes,
    placebo_dates,
    placebo_outcomes,
)

COLUMNS = {"unit": "site", "period": "month", "cohort": "start"}


def sites(*, n_treated: int = 2, units: int = 9, start: float = 8.0, drift: float = 0.0) -> pd.DataFrame:
    generator = np.random.default_rng(3)
    frame = pd.DataFrame({"site": np.repeat(np.arange(units), 12), "month": np.tile(np.arange(12), units)})
    frame["start"] = np.where(frame["site"] < n_treated, start, np.inf)
    is_treated = frame["site"] < n_treated
    frame["y"] = generator.normal(size=len(frame)) / 10 - 2.0 * (frame["month"] >= frame["start"])
    frame["y"] += drift * frame["month"] * is_treated
    frame["other"] = generator.normal(size=len(frame))
    return frame


def level_change(panel: PanelMatrix) -> float:
    """Mean change of treated units around the first start, less that of the others."""
    start = int(panel.start[panel.ever_treated].min())
    change = np.nanmean(panel.outcome[:, start:], axis=1) - np.nanmean(panel.outcome[:, :start], axis=1)
    return float(change[panel.ever_treated].mean() - change[~panel.ever_treated].mean())


def test_leaving_out_each_control_equals_fitting_without_it() -> None:
    frame = sites()
    panel = panel_matrix(frame, outcome="y", **COLUMNS)
    found = leave_one_control_out(panel, statistic=level_change)
    assert found.table["unit"].tolist() == list(range(2, 9))
    for unit, effect in zip(found.table["unit"], found.table["effect"], strict=True):
        assert effect == pytest.approx(level_change(panel_matrix(frame[frame["site"] != unit], outcome="y", **COLUMNS)))
    assert (found.low, found.high) == (found.table["effect"].min(), found.table["effect"].max())
    assert found.whole == pytest.approx(level_change(panel))
    assert "Each of 7 controls was left out once." in found.words


def test_the_closed_form_equals_a_loop_over_controls() -> None:
    generator = np.random.default_rng(1)
    changes, weights = generator.normal(size=12), generator.uniform(1, 5, size=12)
    treated = np.arange(12) < 3
    found = leave_one_control_out_of_changes(changes, treated=treated, weights=weights, units=list("abcdefghijkl"))
    mean = np.average(changes[treated], weights=weights[treated])
    for label, effect in zip(found.table["unit"], found.table["effect"], strict=True):
        rest = ~treated & (np.arange(12) != "abcdefghijkl".index(label))
        assert effect == pytest.approx(mean - np.average(changes[rest], weights=weights[rest]))
    assert found.table["unit"].tolist() == list("defghijkl")
    most = found.table.loc[found.table["change"].abs().idxmax(), "unit"]
    assert found.words[-1] == f"Leaving out {most} moved it most."
    assert found.table.columns.tolist() == ["unit", "effect", "low", "high", "why_not", "change"]


def test_pretended_dates_find_nothing_where_nothing_happened_and_a_drift_where_there_is_one() -> None:
    still, drifting = (
        placebo_dates(panel_matrix(sites(drift=drift), outcome="y", **COLUMNS), statistic=level_change)
        for drift in (0.0, 0.5)
    )
    assert still.table["periods_early"].tolist() == [7, 6, 5, 4, 3, 2, 1]
    assert still.table["pretended_start"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert still.table["effect"].abs().max() < 0.3
    assert still.whole == pytest.approx(-2, abs=0.2)
    assert "0 of them" in still.words[1]
    assert drifting.table["effect"].min() > 1.5


def test_no_pretended_date_sees_what_came_after_the_true_start() -> None:
    frame = sites()
    wild = frame.assign(y=frame["y"].where(frame["month"] < frame["start"], 1e6))
    seen = [
        placebo_dates(panel_matrix(each, outcome="y", **COLUMNS), statistic=level_change, periods_early=[2, 4]).table[
            "effect"
        ]
        for each in (frame, wild)
    ]
    assert seen[0].tolist() == seen[1].tolist()


def test_staggered_starts_are_all_moved_early_by_as_much() -> None:
    frame = sites()
    frame.loc[frame["site"] == 0, "start"] = 6.0
    starts: list[list[float]] = []

    def watch(panel: PanelMatrix) -> float:
        starts.append(panel.start[:2].tolist())
        assert not (panel.is_there & (np.arange(len(panel.periods)) >= np.array([6, 8, *[99] * 7])[:, None])).any()
        return 0.0

    panel = panel_matrix(frame, outcome="y", **COLUMNS)
    starts.clear()
    runs = placebo_dates(panel, statistic=lambda each: 0.0 if each is panel else watch(each), periods_early=[1, 3])
    assert starts == [[3.0, 5.0], [5.0, 7.0]]
    assert runs.table["pretended_start"].isna().all()


def test_a_refusal_of_the_statistic_becomes_a_reason_in_the_table() -> None:
    def choosy(panel: PanelMatrix) -> float:
        if len(panel.units) < 9 and 5 not in panel.units:
            raise NotEnoughData("an effect", found="no unit 5", todo="keep it")
        return float("nan") if len(panel.units) < 9 and 6 not in panel.units else 1.0

    found = leave_one_control_out(panel_matrix(sites(), outcome="y", **COLUMNS), statistic=choosy)
    reasons = found.table.set_index("unit")["why_not"]
    assert (reasons[5], reasons[6], reasons[4]) == ("no unit 5", "the statistic gave no number", "")
    assert "2 run(s) gave no number." in found.words


def test_estimates_bring_their_intervals_and_other_outcomes_their_names() -> None:
    def as_estimate(panel: PanelMatrix) -> Estimate:
        value = level_change(panel)
        return Estimate("k", "t", value, "points", "difference", "m", low=value - 1, high=value + 1)

    panels = {name: panel_matrix(sites(), outcome=name, **COLUMNS) for name in ("y", "other")}
    found = placebo_outcomes(panels, statistic=as_estimate)
    assert found.table["outcome"].tolist() == ["y", "other"]
    assert (found.table["high"] - found.table["low"]).tolist() == pytest.approx([2.0, 2.0])
    assert found.whole is None


def test_an_input_comes_back_as_it_went_in() -> None:
    panel = panel_matrix(sites(), outcome="y", **COLUMNS)
    before = panel.outcome.copy(), panel.start.copy()
    leave_one_control_out(panel, statistic=level_change)
    placebo_dates(panel, statistic=level_change)
    assert (panel.outcome == before[0]).all()
    assert (panel.start == before[1]).all()


def test_too_little_to_leave_out_or_pretend_is_refused_in_words() -> None:
    one_control = panel_matrix(sites(n_treated=8), outcome="y", **COLUMNS)
    with pytest.raises(NotEnoughData):
        leave_one_control_out(one_control, statistic=level_change)
    for changes, treated in (([1.0, 2.0, 3.0], [0, 0, 0]), ([1.0, 2.0, 3.0], [1, 1, 0])):
        with pytest.raises(NotEnoughData):
            leave_one_control_out_of_changes(changes, treated=treated)
    with pytest.raises(UsageError):
        leave_one_control_out_of_changes([1.0, 2.0, 3.0], treated=[1, 0, 0], units=["a"])
    with pytest.raises(NotEnoughData):
        placebo_dates(panel_matrix(sites(start=99), outcome="y", **COLUMNS), statistic=level_change)
    with pytest.raises(NotEnoughData):
        placebo_dates(panel_matrix(sites(start=1), outcome="y", **COLUMNS), statistic=level_change)
    panel = panel_matrix(sites(), outcome="y", **COLUMNS)
    for wrong in ({"periods_early": [0]}, {"fewest_before": 0}):
        with pytest.raises(UsageError):
            placebo_dates(panel, statistic=level_change, **wrong)
    with pytest.raises(NotEnoughData):
        placebo_outcomes({}, statistic=level_change)
