"""How often an effect would be noticed: pseudo-treated units and pseudo-starts in the analyst's own earlier data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.errors import UsageError
from insight.stats.distributions import check_level
from insight.stats.panel_columns import season_codes
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.power import SmallestNoticeable, check_power, noticeable
from insight.stats.pseudo_treatment import (
    SUBSETS,
    Around,
    Estimator,
    all_around,
    arrangements,
    before_any_start,
    by_estimator,
    permuted,
    pooled_t,
    with_effects,
)
from insight.stats.rows import Codes, Floats

EFFECTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
"""Falls tried unless others are asked for; each is mirrored by the rise of the same size on the log scale."""

PowerTest = Literal["permutation", "t"]


@dataclass(frozen=True, eq=False)
class PowerSimulation:
    """A power curve and the smallest change that would be noticed.

    Parameters
    ----------
    smallest : SmallestNoticeable
        Read off the curve, made monotone and joined by straight lines on the log scale.
    curve : DataFrame
        effect (a rate ratio), power (share of draws noticed, with the right sign), mc_error (its Monte Carlo standard
        error). The row of effect 1 is the share noticed in either direction where nothing happened.
    cells : DataFrame
        unit, start, log_change: the changes that the draws are made from, for the default estimator.
    n_draws, n_treated, n_units, n_starts : int
    smallest_p : float or None
        The smallest p that the permutation could give; None for other tests.
    left_out : tuple of LeftOut
    """

    smallest: SmallestNoticeable
    curve: pd.DataFrame
    cells: pd.DataFrame
    n_draws: int
    n_treated: int
    n_units: int
    n_starts: int
    smallest_p: float | None
    left_out: tuple[LeftOut, ...]

    @property
    def size(self) -> float:
        """Share of draws in which something was noticed though nothing happened."""
        return float(self.curve.loc[self.curve["effect"] == 1.0, "power"].iloc[0])

    @property
    def words(self) -> str:
        """The smallest fall and rise; or why nothing could be noticed at this level."""
        if self.smallest_p is not None and self.smallest_p > 1 - self.smallest.level + 1e-9:
            return (
                f"Nothing can be noticed at the {self.smallest.level:.0%} level:"
                f" the smallest possible p is {self.smallest_p:.2g}."
            )
        return self.smallest.words


def simulate_power(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    n_treated: int,
    pre: int,
    post: int,
    seed: int,
    gap: int = 0,
    cohort: str | None = None,
    exposure: str | None = None,
    season: str | None = None,
    starts: Sequence[Any] | None = None,
    effects: Sequence[float] | None = None,
    n_draws: int = 500,
    level: float = 0.95,
    power: float = 0.8,
    tests: PowerTest = "permutation",
    estimator: Estimator | None = None,
    key: str = "smallest_noticeable",
) -> PowerSimulation:
    """Give effects of known size to units that had none, and count how often they are noticed.

    Each draw takes a start at random from those whose spans fit, and ``n_treated`` of the units with a change around
    it; their counts after the start are thinned binomially for a fall and topped up by Poisson draws for a rise.

    Parameters
    ----------
    frame, outcome, unit, period, exposure
        As for `panel_matrix`; whole counts.
    n_treated, pre, post, gap : int
        The design: treated units, periods before and after, periods left out right before the start.
    seed : int
    cohort : str, optional
        First treated periods; everything from the earliest on is left out of every unit.
    season : str, optional
        Column of the season of each period; matches the calendar as in `collapsed_change`.
    starts : sequence, optional
        Periods that may be pseudo-starts; by default all whose spans lie within the data.
    effects : sequence of float, optional
        Rate ratios; 1 is always added.
    n_draws : int
    level, power : float
    tests : {"permutation", "t"}
        Permutation of units (all arrangements where they are few) or the pooled t, on the collapsed change.
    estimator : callable, optional
        Takes a PanelMatrix with ``start`` set at the pseudo-treated, within the spans of the draw, and returns the log
        effect and its p-value; used instead of the collapsed change.
    key : str

    Raises
    ------
    UsageError
        If an argument or a column cannot be used, a count is not whole, or an effect is not positive.
    NotEnoughData
        If no start fits, or too few units have a change around any.

    Notes
    -----
    Burlig, Preonas & Woerman (2020), J Development Economics 144, 102458, show why power for panels must come from data
    that remember as the real ones do. Draws share months and units, so ``mc_error`` says how well the simulation is
    run, not how well the past foretells the noise to come.
    """
    check_level(level)
    check_power(power)
    sizes = _effects(effects)
    _check(n_treated, pre, post, gap, n_draws, tests)
    matrix = panel_matrix(
        frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure, is_count=True
    )
    counts = matrix.outcome[matrix.is_there]
    if np.abs(counts - np.round(counts)).max() > 1e-9:
        raise UsageError("simulating power", found="counts that are not whole", todo="give counts, with an exposure")
    codes = season_codes(frame, matrix, season=season, period=period)
    matrix, codes = before_any_start(matrix, codes)
    around = all_around(matrix, codes, starts, pre=pre, post=post, gap=gap, fewest=n_treated + 2)
    rng = np.random.default_rng(seed)
    noticed = np.zeros(len(sizes))
    subsets: dict[int, Codes] = {}
    for _ in range(n_draws):
        spot = around[int(rng.integers(len(around)))]
        treated = np.sort(rng.choice(len(spot.units), size=n_treated, replace=False))
        if estimator is not None:
            found = by_estimator(estimator, matrix, spot, treated, sizes, rng, pre=pre, post=post, gap=gap)
        else:
            changes = with_effects(spot, treated, sizes, rng)
            size = len(spot.units)
            if tests == "permutation" and size not in subsets:
                subsets[size] = arrangements(size, n_treated, rng)
            found = pooled_t(changes, treated) if tests == "t" else permuted(changes, treated, subsets[size])
        noticed += _is_noticed(found, sizes, 1 - level)
    share = noticed / n_draws
    error = np.sqrt(share * (1 - share) / n_draws)
    cells = pd.concat([_cells(matrix, spot) for spot in around], ignore_index=True)
    smallest_p = None
    if estimator is None and tests == "permutation":
        most = max(len(spot.units) for spot in around)
        smallest_p = 1 / min(math.comb(most, n_treated), SUBSETS + 1)
    return PowerSimulation(
        smallest=_smallest(sizes, share, power, level, cells, n_treated, n_draws, key),
        curve=pd.DataFrame({"effect": sizes, "power": share, "mc_error": error}),
        cells=cells,
        n_draws=n_draws,
        n_treated=n_treated,
        n_units=len(matrix.units),
        n_starts=len(around),
        smallest_p=smallest_p,
        left_out=matrix.left_out,
    )


def _effects(effects: Sequence[float] | None) -> Floats:
    given = [*EFFECTS, *(1 / each for each in EFFECTS)] if effects is None else [float(each) for each in effects]
    if not all(math.isfinite(each) and each > 0 for each in given):
        raise UsageError("simulating power", found=f"effects={effects!r}", todo="give rate ratios above 0")
    return np.array(sorted({1.0, *given}))


def _check(n_treated: int, pre: int, post: int, gap: int, n_draws: int, tests: str) -> None:
    if min(n_treated, pre, post, n_draws) < 1 or gap < 0:
        raise UsageError(
            "simulating power",
            found=f"n_treated={n_treated}, pre={pre}, post={post}, gap={gap}, n_draws={n_draws}",
            todo="give at least one of each, and a gap of 0 or more",
        )
    if tests not in ("permutation", "t"):
        raise UsageError("simulating power", found=f"tests={tests!r}", todo="choose 'permutation' or 't'")


def _is_noticed(found: tuple[Floats, Floats], sizes: Floats, size: float) -> NDArray[np.bool_]:
    estimates, p_values = found
    right_side = (np.sign(estimates) == np.sign(np.log(sizes))) | (sizes == 1.0)
    noticed: NDArray[np.bool_] = (p_values <= size + 1e-12) & right_side
    return noticed


def _cells(matrix: PanelMatrix, spot: Around) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit": [matrix.units[place] for place in spot.units],
            "start": [matrix.periods[spot.start]] * len(spot.units),
            "log_change": spot.changes,
        }
    )


def _smallest(
    sizes: Floats,
    share: Floats,
    power: float,
    level: float,
    cells: pd.DataFrame,
    n_treated: int,
    n_draws: int,
    key: str,
) -> SmallestNoticeable:
    below, above = sizes < 1.0, sizes > 1.0
    logs = np.abs(np.log(sizes))
    reach = [
        _reaches(np.concatenate([[0.0], logs[side][order]]), np.concatenate([[0.0], share[side][order]]), power)
        for side, order in ((below, slice(None, None, -1)), (above, slice(None)))
    ]
    limits = (
        1 - float(sizes.min()) if below.any() else 0.0,
        float(sizes.max()) - 1 if above.any() else 0.0,
    )
    # Around one start the changes share the shock of their months: the noise is what they vary by within a start.
    within = cells["log_change"] - cells.groupby("start")["log_change"].transform("mean")
    freedom = len(cells) - cells["start"].nunique()
    deviation = math.sqrt(float((within**2).sum()) / freedom)
    return noticeable(
        *reach,
        power=power,
        level=level,
        sd=deviation,
        n_placebos=cells["unit"].nunique(),
        method=f"simulation on earlier data, {n_treated} treated at a time, {n_draws} draws",
        limits=limits,
        key=key,
    )


def _reaches(logs: Floats, share: Floats, power: float) -> float:
    """Where the curve, made monotone, first reaches the wanted power; infinite where it never does."""
    rising = np.maximum.accumulate(share)
    place = int(np.argmax(rising >= power))
    if rising[place] < power:
        return math.inf
    low, high = rising[place - 1], rising[place]
    return float(logs[place - 1] + (logs[place] - logs[place - 1]) * (power - low) / (high - low))
