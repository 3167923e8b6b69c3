"""Goodman-Bacon: the parts make the whole."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.errors import NotEnoughData
from insight.stats.goodman_bacon import goodman_bacon
from insight.stats.static_effects import static_two_way
from tests.staggered_panels import COLUMNS, for_the_second_opinion, staggered_panel, with_dates

PANELS = {
    "with never treated": staggered_panel(),
    "without": staggered_panel(treated_share=1.0),
    "with always treated": staggered_panel(starts=(2010, 2012, 2015)),
    "only always and later": staggered_panel(starts=(2010, 2013), treated_share=1.0),
    "many cohorts": staggered_panel(units=80, starts=(2011, 2012, 2013, 2014, 2015, 2016, 2030)),
}


@pytest.mark.parametrize("name", PANELS)
def test_weights_add_up_to_one_and_the_parts_to_the_static_coefficient(name: str) -> None:
    found = goodman_bacon(PANELS[name], **COLUMNS)
    static = static_two_way(PANELS[name], **COLUMNS, errors="none")
    assert (found.comparisons["weight"] > 0).all()
    assert found.comparisons["weight"].sum() == pytest.approx(1, abs=1e-12)
    summed = float((found.comparisons["weight"] * found.comparisons["estimate"]).sum())
    assert summed == pytest.approx(static.estimate.value, abs=1e-10)
    assert found.estimate.value == summed
    assert found.kinds["weight"].sum() == pytest.approx(1, abs=1e-12)


def test_each_comparison_is_a_static_coefficient_of_its_own() -> None:
    frame = staggered_panel()
    rows = goodman_bacon(frame, **COLUMNS).comparisons.set_index(["cohort", "control"])
    earlier = frame[frame["start"].isin([2013, 2016]) & (frame["year"] < 2016)]
    earlier = earlier.assign(start=earlier["start"].where(earlier["start"] < 2016))
    own = static_two_way(earlier, **COLUMNS, errors="none").estimate.value
    assert rows.loc[(2013, 2016), "estimate"] == pytest.approx(own, rel=1e-10)
    later = frame[frame["start"].isin([2013, 2016]) & (frame["year"] >= 2013)]
    later = later.assign(start=later["start"].where(later["start"] > 2013))
    own = static_two_way(later, **COLUMNS, errors="none").estimate.value
    assert rows.loc[(2016, 2013), "estimate"] == pytest.approx(own, rel=1e-10)


def test_parts_equal_those_of_diff_diff() -> None:
    """diff-diff 3.13.0."""
    import diff_diff

    frame = staggered_panel()
    second = diff_diff.BaconDecomposition(weights="exact").fit(
        for_the_second_opinion(frame), outcome="y", unit="unit", time="year", first_treat="start"
    )
    found = goodman_bacon(frame, **COLUMNS)
    ours = {
        (row.cohort, "never_treated" if row.control is None else row.control): row
        for row in found.comparisons.itertuples()
    }
    assert len(ours) == len(second.comparisons) == 9
    for theirs in second.comparisons:
        row = ours[(theirs.treated_group, theirs.control_group)]
        assert (row.estimate, row.weight) == pytest.approx((theirs.estimate, theirs.weight), abs=1e-9)
    assert found.forbidden_weight == pytest.approx(second.total_weight_later_vs_earlier, abs=1e-9)


def test_labels_may_be_dates() -> None:
    frame = staggered_panel()
    dates = with_dates(frame)
    found = goodman_bacon(dates, **COLUMNS)
    assert found.comparisons["cohort"].iloc[0] == pd.Timestamp("2013-01-01")
    assert found.comparisons["control"].iloc[0] is None
    assert found.estimate.value == pytest.approx(goodman_bacon(frame, **COLUMNS).estimate.value, rel=1e-12)


def test_gaps_and_panels_with_nothing_to_compare_are_refused_in_words() -> None:
    frame = staggered_panel()
    with pytest.raises(NotEnoughData, match="2 of 630 cells"):
        goodman_bacon(frame.drop(index=[3, 90]), **COLUMNS)
    hostile = [
        frame.iloc[:0],
        frame.iloc[:7],
        frame.query("year == 2014"),
        frame.assign(y=np.nan),
        staggered_panel(treated_share=0.0),
        staggered_panel(treated_share=1.0, starts=(2013,)),
        staggered_panel(treated_share=0.5, starts=(2010,)),
    ]
    for one in hostile:
        with pytest.raises(NotEnoughData):
            goodman_bacon(one, **COLUMNS)
