"""Turnbull's curve against printed tables and other programs.

Breast cosmesis: Finkelstein & Wolfe (1985), Biometrics 41, 933-945; the intervals as printed there and in the R
packages interval and MLEcens. Expected masses: Fay & Shaw (2010), J Stat Softw 36(2), section 5
(`summary(icfit(...))` of the R package interval); survival with radiotherapy alone also in Klein & Moeschberger (1997),
section 5.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight.stats import kaplan_meier, turnbull

RADIOTHERAPY = """
45- 6-10 0-7 46- 46- 7-16 17- 7-14 37-44 0-8 4-11 15- 11-15 22- 46- 46- 25-37 46- 26-40 46- 27-34 36-44 46- 36-48 37-
40- 17-25 46- 11-18 38- 5-12 37- 0-5 18- 24- 36- 5-11 19-35 17-25 24- 32- 33- 19-26 37- 34- 36-
"""
WITH_CHEMOTHERAPY = """
8-12 0-22 24-31 17-27 17-23 24-30 16-24 13- 11-13 16-20 18-25 17-26 32- 23- 44-48 14-17 0-5 5-8 12-20 11- 33-40 31-
13-39 19-32 34- 13- 16-24 35- 15-22 11-17 22-32 10-35 30-34 13- 10-17 8-21 4-9 11- 14-19 4-8 34- 30-36 18-24 16-60
35-39 21- 11-20 48-
"""


def intervals(text: str) -> pd.DataFrame:
    """One row per "left-right"; nothing on the right is "not seen"."""
    ends = [each.split("-") for each in text.split()]
    return pd.DataFrame({"left": [float(a) for a, _ in ends], "right": [float(b or "inf") for _, b in ends]})


def curve(frame: pd.DataFrame, **how: Any) -> pd.DataFrame:
    return turnbull(frame, left="left", right="right", seed=1, draws=0, **how).cells


def test_the_data_are_those_that_are_printed() -> None:
    """46 women with radiotherapy and 48 with chemotherapy too; 25 and 13 of them without deterioration."""
    frames = [intervals(RADIOTHERAPY), intervals(WITH_CHEMOTHERAPY)]
    assert [len(frame) for frame in frames] == [46, 48]
    assert [int(np.isinf(frame["right"]).sum()) for frame in frames] == [25, 13]


def test_radiotherapy_alone_as_in_the_r_package_interval() -> None:
    cells = curve(intervals(RADIOTHERAPY))
    printed = {
        (4, 5): 0.0463,
        (6, 7): 0.0334,
        (7, 8): 0.0887,
        (11, 12): 0.0708,
        (24, 25): 0.0926,
        (33, 34): 0.0818,
        (38, 40): 0.1209,
        (46, 48): 0.4656,
    }
    assert list(zip(cells["left"], cells["right"], strict=True)) == list(printed)
    assert list(cells["mass"]) == pytest.approx(list(printed.values()), abs=5.1e-5)


def test_radiotherapy_with_chemotherapy_as_in_the_r_package_interval() -> None:
    cells = curve(intervals(WITH_CHEMOTHERAPY))
    printed = {
        (4, 5): 0.0433,
        (5, 8): 0.0433,
        (11, 12): 0.0692,
        (16, 17): 0.1454,
        (18, 19): 0.1411,
        (19, 20): 0.1157,
        (24, 25): 0.0999,
        (30, 31): 0.0709,
        (35, 36): 0.1608,
        (44, 48): 0.0552,
        (48, 60): 0.0552,
    }
    assert list(zip(cells["left"], cells["right"], strict=True)) == list(printed)
    assert list(cells["mass"]) == pytest.approx(list(printed.values()), abs=5.1e-5)


def test_shares_between_two_times_are_sums_of_the_printed_masses() -> None:
    alone = turnbull(intervals(RADIOTHERAPY), left="left", right="right", seed=1, draws=200)
    assert alone.between(4, 8).value == pytest.approx(100 * (0.0463 + 0.0334 + 0.0887), abs=1.6e-2)
    assert alone.between(8, 25).value == pytest.approx(100 * (0.0708 + 0.0926), abs=1.1e-2)
    # No printed interval lies after 12 and up to 24 months: that is where the visits fell, and no finding.
    none = alone.between(12, 24)
    assert none.value == pytest.approx(0.0, abs=1e-6)
    assert none.low == pytest.approx(0.0, abs=1e-6)
    assert none.high is not None
    assert none.high > 3


def test_survival_with_radiotherapy_alone_as_in_the_textbook() -> None:
    """Klein & Moeschberger (1997), section 5.2: 0.954, 0.920, 0.832, 0.761, 0.668, 0.586, 0.467, 0 (three digits).

    Their 0.467 stems from iterations that were stopped early; the maximum is at 0.4656.
    """
    cells = curve(intervals(RADIOTHERAPY))
    assert list(cells["survival"])[:6] == pytest.approx([0.954, 0.920, 0.832, 0.761, 0.668, 0.586], abs=6e-4)
    assert list(cells["survival"])[6:] == pytest.approx([0.467, 0.0], abs=2e-3)


def test_the_medians_lie_in_the_printed_intervals() -> None:
    alone = turnbull(intervals(RADIOTHERAPY), left="left", right="right", seed=1, draws=0)
    both = turnbull(intervals(WITH_CHEMOTHERAPY), left="left", right="right", seed=1, draws=0)
    assert (alone.median_left, alone.median_right) == (38, 40)
    assert (both.median_left, both.median_right) == (19, 20)
    # Along the straight line: 0.5864 - 0.5 of a fall of 0.1209 over two months.
    assert alone.median.value == pytest.approx(38 + 2 * (0.5864 - 0.5) / 0.1209, abs=2e-3)


def test_a_curve_without_touching_ends_as_in_lifelines() -> None:
    """lifelines 0.30.3: npmle(left, right, tol=1e-12, max_iter=1e6). Its intervals are closed, so none touch here."""
    left = [7.39, 5.35, 0.0, 1.83, 1.19, 16.33, 0.0, 13.53, 4.79, 4.3, 2.63, 3.85, 3.61, 8.22, 9.35]
    left += [0.5, 19.34, 0.0, 0.0, 3.02, 0.1, 0.29, 10.26, 7.26, 11.47, 5.43, 0.0, 8.53, 1.37, 0.0]
    right = [13.84, 16.6, 10.2, 10.16, 7.23, np.inf, 7.59, np.inf, 8.05, 6.01, 13.24, 11.39, 11.05, 11.39, 17.52]
    right += [6.44, np.inf, 8.56, 6.88, 10.38, 15.06, 2.74, 12.57, np.inf, 18.96, 8.89, 10.31, 11.61, 8.6, 5.02]
    theirs = {
        (2.63, 2.74): 0.112014,
        (4.79, 5.02): 0.14000912,
        (5.43, 6.01): 0.28712086,
        (8.53, 8.56): 0.11426154,
        (10.26, 10.31): 0.16531564,
        (11.47, 11.61): 0.03514165,
        (16.33, 16.6): 0.07543761,
        (19.34, np.inf): 0.07069958,
    }
    cells = curve(pd.DataFrame({"left": left, "right": right}))
    assert list(zip(cells["left"], cells["right"], strict=True)) == list(theirs)
    assert list(cells["mass"]) == pytest.approx(list(theirs.values()), abs=2e-6)


def exact_or_open(n: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    event, stop = np.round(generator.exponential(5, n), 2) + 0.01, np.round(generator.exponential(8, n), 2) + 0.01
    entry = np.where(generator.random(n) < 0.4, np.round(generator.uniform(0, 3, n), 2), 0.0)
    time, seen = np.minimum(event, stop), (event <= stop) * 1.0
    frame = pd.DataFrame({"time": time, "seen": seen, "entry": entry, "left": time})
    return frame.assign(right=np.where(seen == 1, time, np.inf))[time > entry]


@pytest.mark.parametrize("entry", [None, "entry"])
@pytest.mark.parametrize("seed", [3, 4])
def test_exact_times_give_kaplan_meier_with_and_without_delayed_entry(entry: str | None, seed: int) -> None:
    """The product-limit curve is the maximum where times are exact; Kaplan-Meier is statsmodels' curve."""
    frame = exact_or_open(60, seed)
    ours = turnbull(frame, left="left", right="right", entry=entry, seed=1, draws=0)
    theirs = kaplan_meier(frame, duration="time", event="seen", entry=entry)
    exact = ours.cells[ours.cells["is_exact"]]
    assert list(exact["left"]) == list(theirs.cells["time"])
    assert list(exact["survival"]) == pytest.approx(list(theirs.cells["survival"]), abs=1e-5)
    assert ours.median.value == pytest.approx(theirs.median.value)
