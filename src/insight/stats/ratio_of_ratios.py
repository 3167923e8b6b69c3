"""The ratio of ratios: what a Poisson difference-in-differences comes down to with one start and no missing cell."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.rows import Floats
from insight.stats.untreated_fit import Flags


@dataclass(frozen=True, eq=False)
class RatioOfRatios:
    """The change of the treated units' pooled rate over the change of the controls'.

    Parameters
    ----------
    estimate : Estimate
        The ratio, without an interval.
    log_ratio : float
    is_poisson_did : bool
        Whether `poisson_did` gives this very number: always without an exposure, and with one that is a product of a
        unit's factor, a period's factor and one factor for each group and span.
    cells : DataFrame
        is_treated, is_after, count, exposure, rate: four rows.
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    log_ratio: float
    is_poisson_did: bool
    cells: pd.DataFrame
    left_out: tuple[LeftOut, ...]


def ratio_of_ratios(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    exposure: str | None = None,
    level: float = 0.95,
    key: str = "ratio_of_ratios",
    term: str = "Change of the rate at treated units over its change at untreated units",
) -> RatioOfRatios:
    """Change of the treated units' pooled rate over the change of the controls', from four numbers.

    Parameters
    ----------
    frame, outcome, unit, period, cohort, exposure
        As for `panel_matrix`; counts. Every unit in every period, and one start for all treated units.
    level : float
        Carried along for whoever adds an interval.
    key, term : str
        Of the Estimate.

    Raises
    ------
    UsageError
        If a cell is missing or the starts differ.
    NotEnoughData
        If a group is empty, or one of the four counts is zero.

    Notes
    -----
    With a balanced panel and a common start the coefficient of `poisson_did` is this, exactly: the fit makes the
    counts of every unit and period add up, so only the four totals are left. ``is_poisson_did`` says whether the
    exposure leaves that so.
    """
    check_level(level)
    matrix = panel_matrix(
        frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure, is_count=True
    )
    treated = matrix.ever_treated
    starts = np.unique(matrix.start[treated])
    if not treated.any() or treated.all():
        raise _too_little(f"{int(treated.sum())} treated unit(s) among {len(treated)}")
    if len(starts) > 1 or not matrix.is_there.all():
        found = (
            f"{len(starts)} different starts" if len(starts) > 1 else f"{int((~matrix.is_there).sum())} cells missing"
        )
        raise UsageError(
            "a ratio of ratios", found=found, todo="use poisson_imputation, or a balanced panel with one start"
        )
    after = np.arange(len(matrix.periods)) >= starts[0]
    cells = _four(matrix, treated, after)
    if after.all() or (cells["count"] == 0).any():
        raise _too_little("no event, or no period, in one of the four: treated or not, before or after")
    logs = np.log(cells["rate"].to_numpy(dtype=np.float64))
    log_ratio = float((logs[3] - logs[2]) - (logs[1] - logs[0]))
    estimate = Estimate(
        key=key,
        term=term,
        value=math.exp(log_ratio),
        unit="rate ratio",
        scale="ratio",
        method="ratio of pooled rates, after over before, treated over untreated; no interval of its own",
        level=level,
        null=1.0,
        n_rows=matrix.outcome.size,
        n_units=len(matrix.units),
    )
    return RatioOfRatios(estimate, log_ratio, _is_identity(matrix, treated, after), cells, matrix.left_out)


def _four(matrix: PanelMatrix, treated: Flags, after: Flags) -> pd.DataFrame:
    lines = []
    for is_treated in (False, True):
        for is_after in (False, True):
            at = np.ix_(treated == is_treated, after == is_after)
            count, exposed = float(matrix.outcome[at].sum()), float(matrix.exposure[at].sum())
            rate = count / exposed if exposed else math.nan
            lines.append((is_treated, is_after, count, exposed, rate))
    return pd.DataFrame(lines, columns=["is_treated", "is_after", "count", "exposure", "rate"])


def _is_identity(matrix: PanelMatrix, treated: Flags, after: Flags) -> bool:
    """Whether log exposure is made of a unit's part, a period's part and one for each group and span."""
    logs = _less_means(np.log(matrix.exposure))
    both = _less_means(np.outer(treated, after).astype(np.float64))
    left = logs - both * ((logs * both).sum() / (both**2).sum())
    return bool(np.abs(left).max() < 1e-10)


def _less_means(values: Floats) -> Floats:
    return np.asarray(values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean())


def _too_little(found: str) -> NotEnoughData:
    return NotEnoughData(
        "a ratio of ratios",
        found=found,
        todo="use treated and untreated units with events before and after the start",
    )
