"""Interval-censored times: proof, conventions, bootstrap and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight.errors import MethodRefused, NotEnoughData, UsageError
from insight.stats import turnbull
from insight.stats.turnbull_fit import fit, observe

ENDS: dict[str, Any] = {"left": "left", "right": "right", "seed": 1}


def frame_of(*pairs: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(pairs), columns=["left", "right"], dtype=float)


def inspected(n: int, seed: int, *, gap: float = 2.0) -> pd.DataFrame:
    """True times exponential with mean 5, seen at looks ``gap`` apart with a start of its own for each, up to 16."""
    generator = np.random.default_rng(seed)
    times, first = generator.exponential(5, n), np.round(generator.uniform(0.05, gap, n), 1)
    looks = first[:, None] + gap * np.arange(8)
    before = np.where(looks < times[:, None], looks, 0.0).max(axis=1)
    after = np.where(looks >= times[:, None], looks, np.inf).min(axis=1)
    return pd.DataFrame({"left": before, "right": after})


def test_mass_lies_only_between_a_start_and_the_end_right_after_it() -> None:
    """Turnbull's own intervals, by hand: (0,1] (4,6] (2,6] (0,3] (2,4] (5,7] leave (0,1], (2,3] and (5,6]."""
    seen = observe(np.array([0.0, 4, 2, 0, 2, 5]), np.array([1.0, 6, 6, 3, 4, 7]), None)
    found = fit(seen)
    assert list(zip(found.left, found.right, strict=True)) == [(0, 1), (2, 3), (5, 6)]
    assert found.mass.sum() == pytest.approx(1.0)


def test_two_intervals_by_hand() -> None:
    """(0,2] and (1,3] share (1,2]: all the mass is there."""
    cells = turnbull(frame_of((0, 2), (1, 3)), **ENDS, draws=0).cells
    assert cells[["left", "right", "mass"]].to_numpy().tolist() == [[1, 2, 1]]


def test_intervals_that_only_touch_share_nothing() -> None:
    cells = turnbull(frame_of((0, 2), (2, 3)), **ENDS, draws=0).cells
    assert cells["mass"].tolist() == pytest.approx([0.5, 0.5])


def test_an_exact_time_at_the_end_of_an_interval_belongs_to_it() -> None:
    cells = turnbull(frame_of((1, 2), (2, 2)), **ENDS, draws=0).cells
    assert cells[["left", "right", "is_exact", "mass"]].to_numpy().tolist() == [[2, 2, True, 1]]


def test_an_exact_time_at_the_beginning_of_an_interval_does_not() -> None:
    cells = turnbull(frame_of((2, 2), (2, 3)), **ENDS, draws=0).cells
    assert cells["mass"].tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("seed", range(5))
def test_a_slow_plain_version_agrees_and_finds_nothing_higher(seed: int) -> None:
    """Self-consistency alone, over every gap between neighbouring ends, for 20,000 steps."""
    frame = inspected(25, seed)
    found = turnbull(frame, **ENDS, draws=0)
    assert 0 <= found.gap <= 1e-8
    left, right = frame["left"].to_numpy(), frame["right"].to_numpy()
    points = np.unique(np.concatenate([left, right]))
    inside = (left[:, None] <= points[:-1]) & (points[1:] <= right[:, None])
    mass = np.full(len(points) - 1, 1 / (len(points) - 1))
    for _ in range(20_000):
        mass = mass * ((1 / (inside @ mass)) @ inside) / len(frame)
    assert found.log_likelihood == pytest.approx(float(np.log(inside @ mass).sum()), abs=1e-3)
    assert found.log_likelihood >= np.log(inside @ mass).sum() - 1e-9
    for time in (2.0, 6.0):
        ended = mass[points[1:] <= time].sum()
        assert found.bounds_at(time)[1] == pytest.approx(100 * (1 - ended), abs=1)


def test_the_true_curve_is_found() -> None:
    """Exponential with mean 5: the median is 3.466; 2,000 rows, each seen every two years."""
    found = turnbull(inspected(2000, 1), **ENDS, draws=0)
    assert found.median.value == pytest.approx(5 * np.log(2), abs=0.5)
    for time in (2.0, 5.0, 10.0):
        assert found.at(time).value == pytest.approx(100 * np.exp(-time / 5), abs=5)


def test_the_true_curve_is_found_with_delayed_entry() -> None:
    """Rows whose event came before their entry are never seen; without the correction the curve is too high."""
    generator = np.random.default_rng(2)
    times = generator.exponential(5, 400)
    entry = np.where(generator.random(400) < 0.6, generator.integers(1, 5, 400), 0)
    looks = entry[:, None] + np.round(generator.uniform(0.5, 2, 400), 1)[:, None] * np.arange(1, 9)
    before = np.where(looks < times[:, None], looks, entry[:, None]).max(axis=1)
    after = np.where(looks >= times[:, None], looks, np.inf).min(axis=1)
    frame = pd.DataFrame({"left": before, "right": after, "entry": entry.astype(float)})[times > entry]
    right: Any = turnbull(frame, **ENDS, entry="entry", draws=0)
    naive: Any = turnbull(frame, **ENDS, draws=0)
    assert right.gap <= 1e-6
    assert right.at(5).value == pytest.approx(100 * np.exp(-1), abs=7)
    assert naive.at(5).value > right.at(5).value + 3


def test_survival_inside_an_interval_runs_along_a_line_and_its_bounds_are_given() -> None:
    found = turnbull(frame_of((0, 2), (2, 4), (4, 6), (4, 6)), **ENDS, draws=0)
    assert found.at(3).value == pytest.approx(62.5)
    assert found.bounds_at(3) == pytest.approx((50, 75))
    assert found.bounds_at(4) == pytest.approx((50, 50))
    assert found.at(0).value == 100


def test_a_share_between_two_times_is_the_difference_of_the_heights() -> None:
    found: Any = turnbull(inspected(60, 3), **ENDS, draws=100)
    between, early, late = found.between(3.0, 6.0), found.at(3.0), found.at(6.0)
    assert between.value == pytest.approx(early.value - late.value)
    # Its interval is of the difference, and narrower than what the ends of two heights apart would allow.
    assert between.low <= between.value <= between.high < early.high - late.low
    assert turnbull(inspected(60, 3), **ENDS, draws=0).between(3.0, 6.0).low is None


def test_a_stretch_without_mass_has_an_interval_that_reaches_above_nothing() -> None:
    """All ten of (1, 7] share the time after 6 with the two of (6, 7]; a draw without those two frees them."""
    found: Any = turnbull(frame_of(*[(0, 1)] * 8, *[(1, 7)] * 10, *[(6, 7)] * 2), **ENDS, draws=400).between(2.0, 6.0)
    assert found.value == pytest.approx(0.0, abs=1e-6)
    assert found.low == pytest.approx(0.0, abs=1e-6)
    # 20 rows without those two: a chance of 0.9 ** 20 = 12%, and then the ten may lie anywhere after 1.
    assert found.high > 30


def test_a_share_between_times_beyond_what_is_known_has_no_number() -> None:
    found = turnbull(frame_of((0, 2), (3, np.inf), (3, np.inf)), **ENDS, draws=200)
    assert found.between(1.0, 10.0).value is None
    assert "not known so late" in found.between(1.0, 10.0).method
    with pytest.raises(UsageError, match="not in order"):
        found.between(5.0, 3.0)


def test_the_share_between_two_times_covers_the_truth_about_as_often_as_it_says() -> None:
    """25 sets of 60 rows: the 90% interval for the share after 3 and up to 5 (18.1%) covers in 19 or more (P 0.97).

    The method says that its level is approximate: Sen & Xu (2015) show that redrawing is not consistent here.
    """
    truth, covered = 100 * (np.exp(-3 / 5) - np.exp(-1)), 0
    for seed in range(25):
        curve = turnbull(inspected(60, 300 + seed), **ENDS, draws=100, level=0.9)
        found = curve.between(3.0, 5.0)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    assert covered >= 19
    assert "100 draws, its level approximate" in curve.method


def test_a_curve_flat_at_one_half_has_its_median_in_the_middle() -> None:
    found = turnbull(frame_of((0, 2), (4, 6)), **ENDS, draws=0)
    assert (found.median.value, found.median_left, found.median_right) == (3, 0, 6)


def test_a_median_that_was_never_seen_is_no_number() -> None:
    found = turnbull(frame_of((0, 2), (3, np.inf), (3, np.inf)), **ENDS, draws=200)
    assert found.median.value is None
    assert "does not come down" in found.median.method
    assert (found.median_left, found.median_right) == (3, None)
    assert found.at(10).value is None


def test_the_bootstrap_covers_the_truth_about_as_often_as_it_says() -> None:
    """25 sets of 60 rows: the 90% interval for survival at 5 (36.8%) covers in 19 or more (P 0.97)."""
    covered = 0
    for seed in range(25):
        found = turnbull(inspected(60, 100 + seed), **ENDS, draws=100, level=0.9).at(5.0)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 100 * np.exp(-1) <= found.high
    assert covered >= 19


def test_units_are_redrawn_whole_and_the_same_seed_gives_the_same() -> None:
    frame = pd.concat([inspected(30, 3)] * 2, ignore_index=True).assign(unit=list(range(30)) * 2)
    whole: Any = turnbull(frame, **ENDS, unit_column="unit", draws=200)
    single: Any = turnbull(frame, **ENDS, draws=200)
    assert (whole.n_units, single.n_units) == (30, 60)
    widths = [each.at(5).high - each.at(5).low for each in (whole, single)]
    assert widths[0] > 1.15 * widths[1]
    again = turnbull(frame, **ENDS, unit_column="unit", draws=200)
    assert (again.median, again.at(4)) == (whole.median, whole.at(4))


def test_rows_without_an_end_are_left_out_and_named() -> None:
    frame = frame_of((0, 2), (1, np.nan), (np.nan, 3), (1, np.inf)).astype({"right": "Float64"})
    found = turnbull(frame, **ENDS, draws=0)
    assert [(row.unit, row.reason) for row in found.left_out] == [(1, "no usable right"), (2, "no usable left")]
    assert (found.n_rows, found.n_ended) == (2, 1)


def test_a_curve_that_delayed_entries_leave_undetermined_is_refused() -> None:
    """The only one watched early has the event before any other is watched: survival would be zero from then on."""
    frame = frame_of((1, 1), (5, 5), (6, np.inf)).assign(entry=[0.0, 3.0, 3.0])
    with pytest.raises(MethodRefused, match="falls to zero"):
        turnbull(frame, **ENDS, entry="entry", draws=0)


@pytest.mark.parametrize(
    ("pairs", "how", "error"),
    [
        ([(2, 1)], {}, UsageError),
        ([(-1, 1)], {}, UsageError),
        ([(0, 1)], {"draws": 5}, UsageError),
        ([(0, 1)], {"left": "begin"}, UsageError),
        ([(0, 1)], {"level": 1.0}, UsageError),
        ([(0, np.inf)], {}, NotEnoughData),
        ([], {}, NotEnoughData),
    ],
)
def test_what_cannot_be_estimated_is_refused(
    pairs: list[tuple[float, float]], how: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        turnbull(frame_of(*pairs), **ENDS | {"draws": 0} | how)


def test_the_frame_stays_as_it_was() -> None:
    frame = inspected(20, 1)
    before = frame.copy(deep=True)
    turnbull(frame, **ENDS, draws=100)
    pd.testing.assert_frame_equal(frame, before)
