"""Interrupted series against published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insight.stats.comparative_series import comparative_series
from insight.stats.interrupted_series import interrupted_series

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def sicily(test_data: Path) -> pd.DataFrame:
    """Acute coronary events by month in Sicily, 2002 to 2006; smoking was banned indoors from month 37."""
    return pd.read_csv(test_data / "reference" / "sicily.csv")


@pytest.fixture(scope="module")
def cigarettes(test_data: Path) -> pd.DataFrame:
    """Packs per head in 39 states of the USA, 1970 to 2000; California raised its tax from 1989."""
    frame = pd.read_csv(test_data / "reference" / "california_prop99.csv", sep=";")
    return frame.assign(start=np.where(frame["State"] == "California", 1989.0, np.nan))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"family": "poisson"}, (0.8944, 0.8647, 0.9251)),
        ({"family": "quasi_poisson"}, (0.8944, 0.8392, 0.9532)),
        ({"family": "quasi_poisson", "harmonics": 2}, (0.8851, 0.8394, 0.9332)),
    ],
)
def test_the_smoking_ban_in_sicily(
    sicily: pd.DataFrame, options: dict[str, object], expected: tuple[float, ...]
) -> None:
    """Lopez Bernal, Cummins & Gasparrini (2017), Int J Epidemiol 46, 348-355, and their code; tolerance 1e-4."""
    fit = interrupted_series(sicily, outcome="aces", period="time", start=37, exposure="stdpop", **options)
    step = fit.estimate
    assert (step.value, step.low, step.high) == pytest.approx(expected, abs=1e-4)


def test_the_same_ban_by_dates(sicily: pd.DataFrame) -> None:
    dated = sicily.assign(when=pd.to_datetime(sicily[["year", "month"]].assign(day=1)))
    fit = interrupted_series(dated, outcome="aces", period="when", start="2005-01-01", exposure="stdpop")
    assert fit.estimate.value == pytest.approx(0.8944, abs=1e-4)
    assert "per month" in fit.of("trend").term


def test_cigarettes_in_california_as_one_series(cigarettes: pd.DataFrame) -> None:
    """Linden (2015), Stata Journal 15, 480-500: the example of itsa, as quoted in the help of his power_itsa.

    Trend before -1.779474, step -20.0581, trend after -3.274126; without the programme 98.416 packs in 1989 and 78.842
    in 2000. Tolerance: half a unit of the last printed digit.
    """
    one = cigarettes[cigarettes["State"] == "California"]
    fit = interrupted_series(
        one,
        outcome="PacksPerCapita",
        period="Year",
        start=1989,
        family="linear",
        slope=True,
        errors="newey_west",
        lags=1,
    )
    trend, slope = fit.of("trend").value, fit.of("slope").value
    assert trend == pytest.approx(-1.779474, abs=5e-7)
    assert fit.estimate.value == pytest.approx(-20.0581, abs=5e-5)
    assert trend + slope == pytest.approx(-3.274126, abs=5e-7)
    without = fit.cells.set_index("period")["counterfactual"]
    assert (without[1989], without[2000]) == pytest.approx((98.416, 78.842), abs=5e-4)


def test_cigarettes_in_california_against_the_other_states(cigarettes: pd.DataFrame) -> None:
    """Linden (2015), as above: difference of the steps -2.806417.

    Trends before -1.779474 and -0.5477701, after -3.274126 and -1.051279 in California and the other states.
    """
    fit = comparative_series(
        cigarettes,
        outcome="PacksPerCapita",
        unit="State",
        period="Year",
        cohort="start",
        scale="difference",
        weighting="unit",
        slope=True,
    )
    assert fit.step == pytest.approx(-2.806417, abs=5e-6)
    assert fit.trend == pytest.approx(-1.779474 + 0.5477701, abs=1e-6)
    assert fit.trend + fit.slope == pytest.approx(-3.274126 + 1.051279, abs=1e-6)
