"""Sun-Abraham: against a second program and against what it is made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.errors import InsightError, MethodRefused, NotEnoughData, UsageError
from insight.stats.callaway_santanna import callaway_santanna
from insight.stats.sun_abraham import sun_abraham
from insight.stats.two_way import within_regression
from tests.staggered_panels import COLUMNS, for_the_second_opinion, staggered_panel


def test_events_and_errors_equal_those_of_diff_diff() -> None:
    """diff-diff 3.13.0; also without a tenth of the rows."""
    import diff_diff

    for frame in (staggered_panel(), staggered_panel().drop(index=range(0, 630, 10))):
        second = diff_diff.SunAbraham().fit(
            for_the_second_opinion(frame), outcome="y", unit="unit", time="year", first_treat="start"
        )
        found = sun_abraham(frame, **COLUMNS)
        assert found.estimate.value == pytest.approx(second.overall_att, abs=1e-8)
        assert found.estimate.std_error == pytest.approx(second.overall_se, rel=1e-6)
        events = found.events.set_index("event_time")
        for event, numbers in second.event_study_effects.items():
            assert events.loc[event, "att"] == pytest.approx(numbers["effect"], abs=1e-8)
            if np.isfinite(events.loc[event, "std_error"]) and event != -1:
                assert events.loc[event, "std_error"] == pytest.approx(numbers["se"], rel=1e-6)


def test_effects_by_cohort_and_their_error_equal_those_of_pyfixest() -> None:
    frame = staggered_panel().drop(index=range(0, 630, 10))
    for cohort, year in [(g, t) for g in (2013, 2014, 2016) for t in range(2010, 2017) if t != g - 1]:
        frame[f"d{cohort}_{year}"] = ((frame["start"] == cohort) & (frame["year"] == year)).astype(float)
    terms = [name for name in frame.columns if name.startswith("d")]
    how = {"outcome": "y", "regressors": terms, "unit": "unit", "period": "year", "weights": "weight"}
    fit = within_regression(frame, **how)
    found = sun_abraham(frame[["unit", "year", "start", "y", "weight"]], **COLUMNS, weights="weight")
    names = [f"d{row.cohort}_{row.period}" for row in found.cells.itertuples()]
    assert found.cells["effect"].tolist() == pytest.approx([fit.of(name).coef for name in names], abs=1e-8)
    earliest = found.events.set_index("event_time").loc[-6]
    assert earliest["std_error"] == pytest.approx(fit.of("d2016_2010").std_error, rel=1e-6)


def test_on_a_balanced_panel_it_is_callaway_santanna_with_a_universal_base() -> None:
    frame = staggered_panel()
    events = sun_abraham(frame, **COLUMNS).events
    parts = callaway_santanna(frame, **COLUMNS, base="universal").aggregate("dynamic").parts
    assert events["event_time"].tolist() == parts["event_time"].tolist()
    assert events["att"].to_numpy() == pytest.approx(parts["att"].to_numpy(), abs=1e-10)


def test_cells_average_to_the_events() -> None:
    found = sun_abraham(staggered_panel(), **COLUMNS, weights="weight")
    made = found.cells.assign(part=found.cells["effect"] * found.cells["weight"]).groupby("event_time")["part"].sum()
    events = found.events.set_index("event_time")["att"].drop(-1)
    assert made.to_numpy() == pytest.approx(events.to_numpy(), abs=1e-12)


def test_estimates_without_errors_and_by_jackknife_are_the_same() -> None:
    frame = staggered_panel()
    plain, bare = sun_abraham(frame, **COLUMNS), sun_abraham(frame, **COLUMNS, errors="none")
    jackknife = sun_abraham(frame, **COLUMNS, errors="CRV3")
    assert bare.events["att"].to_numpy() == pytest.approx(plain.events["att"].to_numpy(), abs=1e-9)
    assert bare.events["std_error"].isna().all()
    assert not bare.estimate.has_interval and bare.pre_trend is None
    assert jackknife.estimate.std_error == pytest.approx(plain.estimate.std_error, rel=0.2)


def test_without_never_treated_units_the_last_cohort_is_the_control() -> None:
    frame = staggered_panel()
    only = frame[frame["start"].notna()]
    found = sun_abraham(only, **COLUMNS)
    cut = only[only["year"] < 2016].assign(start=only["start"].where(only["start"] < 2016))
    assert found.events["att"].to_numpy() == pytest.approx(sun_abraham(cut, **COLUMNS).events["att"], abs=1e-10)
    assert "starts last (2016)" in found.notes[0]
    with pytest.raises(NotEnoughData, match="one start only"):
        sun_abraham(only.assign(start=2013), **COLUMNS)


def test_few_treated_units_are_refused_and_a_lone_unit_does_not_count() -> None:
    frame = staggered_panel(treated_share=5 / 90)
    with pytest.raises(MethodRefused, match="permutation"):
        sun_abraham(frame, **COLUMNS)
    assert sun_abraham(frame, **COLUMNS, errors="none").estimate.value is not None
    alone = staggered_panel(treated_share=6 / 90, starts=(2011, 2012, 2013, 2014, 2015, 2016))
    with pytest.raises(MethodRefused, match="0 treated"):
        sun_abraham(alone, **COLUMNS)


def test_a_pre_trend_is_seen() -> None:
    frame = staggered_panel(units=200)
    drifting = frame.assign(y=frame["y"] + 2 * (frame["year"] - 2010) * frame["start"].notna())
    found = sun_abraham(drifting, **COLUMNS).pre_trend
    assert found is not None and found.p < 0.01
    assert found.terms == ("-6", "-5", "-4", "-3", "-2")


def test_a_wrong_call_or_a_hostile_frame_is_answered_in_words() -> None:
    frame = staggered_panel()
    for how in ({"errors": "HC1"}, {"level": 2}, {"cluster": "year"}, {"outcome": "absent"}):
        with pytest.raises(UsageError):
            sun_abraham(frame, **COLUMNS | how)
    frames = [
        frame.iloc[:0],
        frame.iloc[:7],
        frame.query("year == 2014"),
        frame.assign(y=np.nan),
        frame.assign(y=0.1),
        staggered_panel(treated_share=0.0),
        staggered_panel(treated_share=1.0, starts=(2010,)),
        pd.concat([frame] * 2),
    ]
    for hostile in frames:
        for errors in ("CRV1", "none"):
            with pytest.raises(InsightError) as refused:
                sun_abraham(hostile, **COLUMNS, errors=errors)
            assert refused.value.found and refused.value.todo
    gap = frame[(frame["start"] != 2013) | (frame["year"] != 2012)]
    with pytest.raises(NotEnoughData, match="cohort 2013"):
        sun_abraham(gap, **COLUMNS)
