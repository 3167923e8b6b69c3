"""One interrupted series, against a second program and by its edges."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from insight.errors import InsightError, NotEnoughData, UsageError
from insight.stats.calendar_scale import calendar_scale
from insight.stats.interrupted_series import interrupted_series
from insight.stats.segmented_fit import newey_west_lags

ASK = {"outcome": "count", "period": "month", "start": 36}


def series(*, seed: int = 1, n: int = 60, step: float = 0.8, noise: float = 0.0) -> pd.DataFrame:
    """Monthly counts of about 50 in 1000 that rise by 0.3% a month, with season; the true step is ``step``."""
    generator = np.random.default_rng(seed)
    month = np.arange(n)
    people = generator.integers(900, 1100, n)
    log_rate = math.log(0.05) + 0.003 * month + 0.2 * np.sin(2 * np.pi * month / 12) + math.log(step) * (month >= 36)
    return pd.DataFrame(
        {
            "month": month,
            "people": people,
            "count": generator.poisson(people * np.exp(log_rate + noise * generator.normal(size=n))),
            "day": pd.date_range("2015-01-01", periods=n, freq="MS"),
        }
    )


def _second_program(frame: pd.DataFrame, lags: int):
    import statsmodels.api as sm

    time, after = frame["month"].to_numpy(float), (frame["month"] >= 36).to_numpy(float)
    design = np.column_stack([np.ones(len(frame)), time, after, after * (time - 36)])
    model = sm.GLM(frame["count"], design, family=sm.families.Poisson(), offset=np.log(frame["people"]))
    return model.fit(tol=1e-12, cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})


def test_newey_west_errors_equal_those_of_a_second_program() -> None:
    fit = interrupted_series(series(), **ASK, exposure="people", slope=True, errors="newey_west", lags=4)
    theirs = _second_program(series(), 4)
    found = dict(zip(("step", "slope", "trend"), fit.log_std_errors, strict=True))
    errors = np.asarray(theirs.bse)
    assert (found["trend"], found["step"], found["slope"]) == pytest.approx(tuple(errors[1:]), rel=1e-6)
    assert math.log(fit.of("slope").value) == pytest.approx(theirs.params.iloc[3], abs=1e-8)


def test_least_squares_with_newey_west_equals_a_second_program() -> None:
    import statsmodels.api as sm

    frame = series()
    fit = interrupted_series(frame, **ASK, family="log_linear", exposure="people", errors="newey_west")
    design = np.column_stack([np.ones(60), frame["month"], frame["month"] >= 36]).astype(float)
    model = sm.OLS(np.log(frame["count"] / frame["people"]).to_numpy(), design)
    theirs = model.fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True)
    assert fit.lags == newey_west_lags(60) == 3
    low, high = np.exp(theirs.conf_int()[2])
    assert (fit.estimate.low, fit.estimate.high) == pytest.approx((low, high), rel=1e-8)


def test_the_rule_of_lags() -> None:
    assert [newey_west_lags(n) for n in (24, 60, 100, 144, 365)] == [2, 3, 4, 4, 5]


def test_memory_of_the_residuals_equals_a_second_program() -> None:
    from statsmodels.stats.diagnostic import acorr_ljungbox

    fit = interrupted_series(series(), **ASK, exposure="people")
    theirs = acorr_ljungbox(fit.cells["residual"], lags=[10])
    assert fit.ljung_box_lags == 10
    assert fit.ljung_box_p == pytest.approx(float(theirs["lb_pvalue"].iloc[0]))
    assert any("Residuals remember" in note for note in fit.notes)


def test_a_known_step_is_found_with_season_and_exposure() -> None:
    values = []
    for seed in range(30):
        fit = interrupted_series(series(seed=seed), **ASK, exposure="people", harmonics=1)
        values.append(fit.estimate.value)
    assert np.mean(np.log(values)) == pytest.approx(math.log(0.8), abs=0.03)


def test_quasi_poisson_widens_by_the_dispersion() -> None:
    frame = series(noise=0.3)
    plain, quasi = (interrupted_series(frame, **ASK, family=name) for name in ("poisson", "quasi_poisson"))
    assert quasi.log_std_errors[0] == pytest.approx(plain.log_std_errors[0] * math.sqrt(plain.dispersion))
    assert any("too narrow" in note for note in plain.notes)
    assert not any("too narrow" in note and "Poisson" in note for note in quasi.notes)


def test_it_says_that_it_is_a_description_and_which_errors_were_chosen() -> None:
    fit = interrupted_series(series(), **ASK, errors="newey_west")
    assert fit.is_description
    assert "description, not effect" in fit.method
    assert "Newey-West errors, 3 lags" in fit.method
    assert fit.method == fit.estimate.method
    assert (fit.n_before, fit.n_after) == (36, 24)


def test_the_cells_hold_the_fit_and_what_it_would_be_without_the_change() -> None:
    fit = interrupted_series(series(), **ASK, exposure="people")
    cells = fit.cells
    assert cells["fitted"].sum() == pytest.approx(cells["observed"].sum())
    ratio = cells["fitted"] / cells["counterfactual"]
    assert list(ratio[~cells["is_after"]]) == pytest.approx([1.0] * 36)
    assert list(ratio[cells["is_after"]]) == pytest.approx([fit.estimate.value] * 24)


def test_a_gap_counts_as_the_time_that_it_lasts() -> None:
    frame = series(step=1.0).assign(count=lambda f: np.round(1e6 * np.exp(0.01 * f["month"])))
    with_gap = frame[~frame["month"].between(10, 19)]
    fit = interrupted_series(with_gap, **ASK)
    assert fit.of("trend").value == pytest.approx(math.exp(0.01), rel=1e-6)
    assert fit.estimate.value == pytest.approx(1.0, abs=1e-4)
    assert (fit.gaps, fit.n_absent) == (((9, 20),), 10)
    assert any("10 periods have no row: between 9 and 20" in note for note in fit.notes)


def test_neighbours_across_a_gap_are_no_neighbours() -> None:
    frame = series()
    frame = frame[frame["month"] != 20]
    fit = interrupted_series(frame, **ASK, errors="newey_west", lags=1)
    residual = fit.cells.set_index("period")["residual"]
    centred = residual - residual.mean()
    pairs = sum(centred[month] * centred[month + 1] for month in range(59) if {month, month + 1} <= set(centred.index))
    assert fit.autocorrelation == pytest.approx(pairs / (centred**2).sum())


@pytest.mark.parametrize("kind", ["dates", "periods", "text", "days", "month ends"])
def test_however_months_are_written_the_answer_is_the_same(kind: str) -> None:
    frame = series()
    written = {
        "dates": (frame["day"], pd.Timestamp("2018-01-01")),
        "periods": (frame["day"].dt.to_period("M"), pd.Period("2018-01", "M")),
        "text": (frame["day"].dt.strftime("%Y-%m"), "2018-01"),
        "days": (frame["day"].dt.date, pd.Timestamp("2018-01-01").date()),
        "month ends": (frame["day"] + pd.offsets.MonthEnd(0), pd.Timestamp("2018-01-10")),
    }
    labels, start = written[kind]
    fit = interrupted_series(frame.assign(month=labels), **ASK | {"start": start}, slope=True)
    plain = interrupted_series(frame, **ASK, slope=True)
    assert [each.value for each in fit.estimates] == pytest.approx([each.value for each in plain.estimates])
    assert "per month" in fit.of("trend").term


def test_steps_of_the_calendar_are_told_from_the_labels() -> None:
    weeks = calendar_scale(list(pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-22"])))
    assert (weeks.step, list(weeks.positions), weeks.n_absent) == ("week", [0, 1, 3], 1)
    years = calendar_scale(["2010", "2011", "2013"])
    assert (years.step, list(years.positions)) == ("year", [0, 1, 3])
    quarters = calendar_scale(list(pd.period_range("2020Q1", periods=3, freq="Q")))
    assert (quarters.step, list(quarters.positions)) == ("quarter", [0, 1, 2])
    assert years.position_of("2012-06-01") == 3
    assert calendar_scale([0.5, 1.75]).position_of(1.0) == 0.5
    with pytest.raises(UsageError, match="labels"):
        calendar_scale(["spring", "summer"])
    with pytest.raises(UsageError, match="placing"):
        quarters.position_of(3)


def test_a_start_without_a_row_of_its_own_is_taken() -> None:
    frame = series()
    fit = interrupted_series(frame[~frame["month"].between(34, 37)], **ASK, slope=True)
    assert (fit.n_before, fit.n_after) == (34, 22)


def test_rows_that_cannot_be_used_are_named_and_the_frame_is_left_alone() -> None:
    frame = series().astype({"count": float, "people": float})
    frame.loc[3, "count"] = np.nan
    frame.loc[4, "people"] = 0
    before = frame.copy()
    fit = interrupted_series(frame, **ASK, exposure="people")
    assert [(each.period, each.reason) for each in fit.left_out] == [
        (3, "no usable count"),
        (4, "no usable people"),
    ]
    pd.testing.assert_frame_equal(frame, before)


def test_order_of_rows_does_not_matter() -> None:
    frame = series()
    mixed = frame.sample(frac=1, random_state=1)
    assert interrupted_series(mixed, **ASK).estimates == interrupted_series(frame, **ASK).estimates


def test_a_slope_alone_and_a_prefix_of_keys() -> None:
    fit = interrupted_series(series(), **ASK, step=False, slope=True, key="its_", term="Riverton")
    assert [each.key for each in fit.estimates] == ["its_slope", "its_trend"]
    assert fit.of("slope").term == "Change of trend of Riverton per period"
    with pytest.raises(UsageError, match="'step'"):
        fit.of("step")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"start": 0}, NotEnoughData),
        ({"start": 60}, NotEnoughData),
        ({"start": "soon"}, UsageError),
        ({"start": 1}, NotEnoughData),
        ({"start": 59, "slope": True}, NotEnoughData),
        ({"family": "gamma"}, UsageError),
        ({"errors": "robust"}, UsageError),
        ({"lags": 3}, UsageError),
        ({"step": False}, UsageError),
        ({"harmonics": 6}, UsageError),
        ({"level": 95}, UsageError),
        ({"outcome": "nothing"}, UsageError),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(options: dict[str, object], error: type[InsightError]) -> None:
    with pytest.raises(error):
        interrupted_series(series(), **ASK | options)


def test_what_the_data_cannot_give_is_refused_in_words() -> None:
    frame = series()
    with pytest.raises(NotEnoughData, match="without any event"):
        interrupted_series(frame.assign(count=np.where(frame["month"] < 36, frame["count"], 0)), **ASK)
    with pytest.raises(UsageError, match="negative"):
        interrupted_series(frame.assign(count=-1), **ASK)
    with pytest.raises(UsageError, match="no logarithm"):
        interrupted_series(frame.assign(count=0), **ASK, family="log_linear")
    with pytest.raises(UsageError):
        interrupted_series(pd.concat([frame, frame]), **ASK)
    for size in (0, 1, 3):
        with pytest.raises(InsightError):
            interrupted_series(frame.head(size), **ASK | {"start": 2})


def test_a_column_named_as_ours_is_no_obstacle() -> None:
    fit = interrupted_series(series().assign(**{"one series": 1}), **ASK)
    assert fit.estimates == interrupted_series(series(), **ASK).estimates


def test_constant_counts_give_no_change_and_no_memory() -> None:
    fit = interrupted_series(series().assign(count=50), **ASK)
    assert fit.estimate.value == pytest.approx(1.0)
    assert fit.autocorrelation is None or abs(fit.autocorrelation) <= 1
