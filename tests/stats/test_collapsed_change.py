"""Collapsed changes, against scipy and arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from insight.errors import NotEnoughData, UsageError
from insight.stats.collapsed_change import collapsed_change, unit_changes, unit_spans
from insight.stats.panel_matrix import PanelMatrix, panel_matrix
from tests.stats.count_panels import COLUMNS, draw_counts


def _changes(frame: pd.DataFrame, *, start: int, pre: int = 99, gap: int = 0, post: int = 99) -> pd.Series:
    """By pandas: log of the pooled rate after over the pooled rate before; ``start`` is a month."""
    before = frame[frame["month"].between(start - gap - pre, start - gap - 1)].groupby("site")[["events", "exposure"]]
    after = frame[frame["month"].between(start, start + post - 1)].groupby("site")[["events", "exposure"]]
    rate = {name: sums["events"] / sums["exposure"] for name, sums in (("a", after.sum()), ("b", before.sum()))}
    return np.log(rate["a"] / rate["b"])


def _matrix(frame: pd.DataFrame) -> PanelMatrix:
    return panel_matrix(frame, **COLUMNS, exposure="exposure")


def test_with_one_start_it_is_the_pooled_two_sample_t() -> None:
    frame = draw_counts(starts=(15,) * 5)
    found = collapsed_change(frame, **COLUMNS, exposure="exposure", pre=10, gap=2, post=8)
    changes = _changes(frame, start=16, pre=10, gap=2, post=8)
    treated, control = changes.iloc[:5], changes.iloc[5:]
    theirs = scipy_stats.ttest_ind(treated, control, equal_var=True)
    interval = theirs.confidence_interval(0.95)
    assert found.log_change == pytest.approx(treated.mean() - control.mean(), rel=1e-12)
    assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    assert (found.estimate.low, found.estimate.high) == pytest.approx((math.exp(interval.low), math.exp(interval.high)))
    assert (found.dof, found.n_treated, found.n_controls) == (18, 5, 15)
    assert found.treated_mean - found.control_mean == pytest.approx(found.log_change)


def test_one_treated_unit_is_enough_with_several_controls() -> None:
    found = collapsed_change(draw_counts(starts=(15,)), **COLUMNS, exposure="exposure")
    assert (found.n_treated, found.dof) == (1, 18)
    assert found.estimate.has_interval


def test_with_several_starts_each_treated_unit_is_compared_around_its_own() -> None:
    frame = draw_counts()
    found = collapsed_change(frame, **COLUMNS, exposure="exposure", pre=10, post=5)
    single = []
    for name, start in (("site 00", 16), ("site 01", 16), ("site 02", 21), ("site 03", 25)):
        changes = _changes(frame, start=start, pre=10, post=5)
        single.append(changes[name] - changes.iloc[4:].mean())
    assert found.log_change == pytest.approx(np.mean(single), rel=1e-12)
    assert len(found.cells) == 4 + 3 * 16
    assert set(found.cells.loc[found.cells["is_treated"], "start"]) == {16, 21, 25}


def test_weighting_by_events_is_weighted_least_squares() -> None:
    import statsmodels.api as sm

    found = collapsed_change(draw_counts(starts=(15,) * 5), **COLUMNS, exposure="exposure", weighting="event")
    cells = found.cells
    design = sm.add_constant(cells["is_treated"].astype(float))
    theirs = sm.WLS(cells["log_change"], design, weights=cells["expected"]).fit()
    assert found.log_change == pytest.approx(theirs.params["is_treated"], rel=1e-10)
    assert found.log_std_error == pytest.approx(theirs.bse["is_treated"], rel=1e-10)


def test_matched_seasons_have_the_same_mix_before_and_after() -> None:
    rows = []
    for site, start in (("a", 6), ("b", None), ("c", None), ("d", None)):
        for month in range(1, 9):
            season = month % 4
            # Season 1 has ten times the events; the change of the rate is 0.5 for a, 1 for the others, plus a little.
            after = 0.5 if site == "a" else {"b": 1.0, "c": 1.1, "d": 0.9}[site]
            events = (400 if season == 1 else 40) * (after if month >= 6 else 1)
            rows.append((site, month, season, events, start))
    frame = pd.DataFrame(rows, columns=["site", "month", "season", "events", "start"])
    found = collapsed_change(frame, **COLUMNS, season="season")
    changes = found.cells.set_index("unit")["log_change"]
    assert changes.to_dict() == pytest.approx({"a": math.log(0.5), "b": 0.0, "c": math.log(1.1), "d": math.log(0.9)})
    plain = collapsed_change(frame, **COLUMNS).cells.set_index("unit")["log_change"]
    assert plain["a"] < math.log(0.35)  # Without matching, season 1 stands before the start alone.


def test_only_seasons_of_both_spans_are_counted() -> None:
    frame = draw_counts(periods=16, starts=(12,))
    spans = unit_spans(_matrix(frame), 12, pre=4, seasons=np.arange(16) % 6)
    row = frame[frame["site"] == "site 07"].set_index("month")["events"]
    # Before are months 9 to 12 (seasons 2 to 5), after 13 to 16 (seasons 0 to 3): in both are 2 and 3.
    assert spans.pre_count[7] == row[9] + row[10]
    assert spans.post_count[7] == row[15] + row[16]


def test_unit_changes_are_those_of_pandas_and_leave_the_units_own_starts_alone() -> None:
    frame = draw_counts(keep=0.9)
    ours = unit_changes(_matrix(frame), 12, pre=8, gap=1, post=6)
    assert ours == pytest.approx(_changes(frame, start=13, pre=8, gap=1, post=6).to_numpy())


def test_a_unit_without_events_is_left_out_by_name_and_its_part_is_said() -> None:
    frame = draw_counts()
    frame.loc[(frame["site"] == "site 02") & (frame["month"] >= 21), "events"] = 0
    frame.loc[(frame["site"] == "site 09") & (frame["month"] < 21), "events"] = 0
    frame.loc[(frame["site"] == "site 12") & (frame["month"] < 25), "events"] = np.nan
    found = collapsed_change(frame, **COLUMNS)
    reasons = {each.unit: each.reason for each in found.left_out if each.period is None}
    assert reasons["site 02"].startswith("a treated unit with no event after")
    assert reasons["site 09"].startswith("a control with no event before")
    assert "lacks comparable periods" in reasons["site 12"]
    assert (found.n_treated, found.n_controls) == (3, 14)
    assert not set(reasons) & set(found.cells["unit"])
    # No treated unit is left that starts in month 21, so no control is compared around it.
    assert 21 not in set(found.cells["start"])


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (draw_counts(starts=()), "no treated unit"),
        (draw_counts(starts=(40,)), "no treated unit"),
        (draw_counts(starts=(0,)), "no treated unit with a change"),
        (draw_counts(starts=(15,) * 20), "0 control"),
        (draw_counts(units=2, starts=(15,)), "1 treated"),
        (draw_counts().assign(events=0), "no treated unit with a change"),
        (draw_counts(starts=(15,)).assign(events=5, exposure=1.0), "do not vary"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(NotEnoughData, match=words):
        collapsed_change(frame, **COLUMNS)


def test_a_ratio_too_wide_to_write_down_is_refused_in_words() -> None:
    frame = draw_counts(units=3, starts=(15,))
    frame.loc[(frame["site"] == "site 01") & (frame["month"] > 15), "events"] = 10**9
    with pytest.raises(NotEnoughData, match="too wide"):
        collapsed_change(frame, **COLUMNS)


@pytest.mark.parametrize("wrong", [{"pre": 0}, {"post": 0}, {"gap": -1}, {"weighting": "size"}, {"level": 2.0}])
def test_arguments_that_cannot_be_used_are_refused_in_words(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        collapsed_change(draw_counts(), **COLUMNS, **wrong)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(80):
        frame = draw_counts(seed=seed, starts=(15, 15, 15), effect=0.85)
        found = collapsed_change(frame, **COLUMNS, exposure="exposure").estimate
        covered += found.low <= 0.85 <= found.high
    assert 0.89 <= covered / 80 <= 1.0
