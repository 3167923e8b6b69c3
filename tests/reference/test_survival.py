"""Survival against numbers of R's package survival, and against textbooks.

Lung: North Central Cancer Treatment Group, Loprinzi et al. (1994), J Clin Oncol 12, 601-607. Leukaemia: Miller (1981),
Survival Analysis, Wiley, p. 49. Marrow transplants: Klein & Moeschberger (1997), as they come with statsmodels.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insight.stats.survival import cox, kaplan_meier, log_rank

TIMES = {"duration": "time", "event": "status"}


@pytest.fixture(scope="module")
def lung(test_data: Path) -> pd.DataFrame:
    return pd.read_csv(test_data / "reference" / "lung.csv")


@pytest.fixture(scope="module")
def leukaemia() -> pd.DataFrame:
    """Weeks of remission in 23 patients, 11 of whom had maintenance chemotherapy."""
    return pd.DataFrame(
        {
            "time": [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45],
            "status": [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
            "not_maintained": [0] * 11 + [1] * 12,
        }
    )


@pytest.mark.published
def test_median_survival_with_lung_cancer(lung: pd.DataFrame) -> None:
    """R: survfit(Surv(time, status) ~ 1, lung) prints 310 (285, 363); with conf.type="log-log", 310 (284, 361)."""
    for conf_type, expected in {"log": (310, 285, 363), "log_log": (310, 284, 361)}.items():
        median = kaplan_meier(lung, **TIMES, conf_type=conf_type).median
        assert (median.value, median.low, median.high) == expected


@pytest.mark.published
def test_men_and_women_with_lung_cancer(lung: pd.DataFrame) -> None:
    """R: survfit by sex prints 270 (212, 310) and 426 (348, 550)."""
    found = [kaplan_meier(lung[lung["sex"] == sex], **TIMES).median for sex in (1, 2)]
    assert [(each.value, each.low, each.high) for each in found] == [(270, 212, 310), (426, 348, 550)]


@pytest.mark.published
def test_rows_of_the_mens_curve(lung: pd.DataFrame) -> None:
    """R: summary(survfit(...)), four printed digits."""
    rows = kaplan_meier(lung[lung["sex"] == 1], **TIMES).cells.set_index("time")
    columns = ["at_risk", "events", "survival", "std_error", "low", "high"]
    printed = {
        11: (138, 3, 0.9783, 0.0124, 0.9542, 1.000),
        53: (128, 2, 0.9130, 0.0240, 0.8672, 0.961),
        107: (113, 1, 0.8116, 0.0333, 0.7489, 0.880),
        166: (97, 1, 0.6957, 0.0392, 0.6230, 0.777),
        180: (89, 1, 0.6445, 0.0408, 0.5693, 0.730),
    }
    for time, expected in printed.items():
        assert tuple(rows.loc[time, columns]) == pytest.approx(expected, abs=5e-4)


@pytest.mark.published
def test_log_rank_of_men_and_women_with_lung_cancer(lung: pd.DataFrame) -> None:
    """R: survdiff prints 112 and 53 observed, 91.5817 and 73.4183 expected, chi-squared 10.3267, p 0.00131116."""
    test = log_rank(lung, **TIMES, group="sex")
    assert (test.statistic, test.p, test.dof) == pytest.approx((10.3267, 0.00131116, 1), rel=5e-6)
    assert list(test.cells["observed"]) == [112, 53]
    assert list(test.cells["expected"]) == pytest.approx([91.5817, 73.4183], abs=5e-5)


@pytest.mark.published
def test_cox_regression_on_sex_with_lung_cancer(lung: pd.DataFrame) -> None:
    """R: coxph(Surv(time, status) ~ sex, lung) prints -0.5310 (0.1672), hazard ratio 0.5880 (0.4237, 0.816)."""
    fit = cox(lung, **TIMES, covariates=["sex"])
    assert (fit.coefs[0], fit.std_errors[0]) == pytest.approx((-0.5310, 0.1672), abs=5e-5)
    ratio = fit.estimate
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((0.5880, 0.4237, 0.816), abs=1e-4)


def test_remission_of_leukaemia_as_in_r(leukaemia: pd.DataFrame) -> None:
    """R 4.5.2, survival 3.8.3, survfit of the maintained group: survival, error and lower band."""
    cells = kaplan_meier(leukaemia[leukaemia["not_maintained"] == 0], **TIMES).cells
    assert list(cells["time"]) == [9, 13, 18, 23, 31, 34, 48]
    assert list(cells["at_risk"]) == [11, 10, 8, 7, 5, 4, 2]
    survival = [0.90909090909, 0.81818181818, 0.71590909091, 0.61363636364, 0.49090909091, 0.36818181818, 0.18409090909]
    error = [0.086678417204, 0.11629129983, 0.13966497056, 0.15263233103, 0.16419326722, 0.16266888583, 0.15349274579]
    low = [0.75413384508, 0.6192489874, 0.48842628742, 0.3768670595, 0.2548599512, 0.1548771179, 0.035917898489]
    for name, expected in {"survival": survival, "std_error": error, "low": low}.items():
        assert list(cells[name]) == pytest.approx(expected, rel=1e-8)


def test_marrow_transplants_as_in_the_textbook() -> None:
    """Klein & Moeschberger (1997), section 4.5: survival and Greenwood's error, five printed digits."""
    folder = files("statsmodels.duration.tests.results")
    if not folder.joinpath("bmt_results.csv").is_file():
        pytest.skip("this statsmodels comes without the transplants")
    with folder.joinpath("bmt.csv").open(encoding="utf-8") as text:
        frame = pd.read_csv(text)
    with folder.joinpath("bmt_results.csv").open(encoding="utf-8") as text:
        expected = pd.read_csv(text)
    cells = kaplan_meier(frame[frame["Group"] == "ALL"], duration="T", event="Status").cells
    assert list(cells["time"]) == list(expected["t"])
    assert list(cells["survival"]) == pytest.approx(list(expected["s"]), abs=1e-5)
    assert list(cells["std_error"]) == pytest.approx(list(expected["se"]), abs=1e-5)


@pytest.mark.parametrize("size", ["20_1", "50_1", "50_2", "100_5", "1000_10"])
@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("entry", [None, "entry"])
def test_cox_regressions_with_and_without_delayed_entry_as_in_r(size: str, ties: str, entry: str | None) -> None:
    """R: coxph on drawn data with many ties, kept among the reference results of statsmodels (survival.R there).

    statsmodels itself differs from R in the fourth digit of the largest, where an entry falls on an event.
    """
    results = pytest.importorskip("statsmodels.duration.tests.results.survival_r_results")
    place = files("statsmodels.duration.tests.results").joinpath(f"survival_data_{size}.csv")
    if not place.is_file():
        pytest.skip("this statsmodels comes without the data")
    with place.open(encoding="utf-8") as text:
        values = np.loadtxt(text)
    names = [f"x{number}" for number in range(values.shape[1] - 3)]
    frame = pd.DataFrame(values, columns=["time", "status", "entry", *names])
    fit = cox(frame, **TIMES, covariates=names, ties=ties, entry=entry)
    tag = f"{size}{'_et' if entry else ''}_{ties[:3]}"
    assert np.asarray(fit.coefs) == pytest.approx(getattr(results, f"coef_{tag}"), rel=1e-5)
    assert np.asarray(fit.std_errors) == pytest.approx(getattr(results, f"se_{tag}"), rel=1e-5)
