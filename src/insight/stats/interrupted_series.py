"""One series before and after a date: segmented regression of counts or values on time, a step and a slope."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.calendar_scale import CalendarScale, calendar_scale
from insight.stats.distributions import check_level, normal_quantile, t_quantile
from insight.stats.panel_matrix import LeftOut, panel_matrix
from insight.stats.rows import Floats
from insight.stats.segmented_fit import (
    SegmentedFit,
    SeriesDesign,
    fit_counts,
    fit_values,
    newey_west_covariance,
    newey_west_lags,
    residual_memory,
)

Family = Literal["poisson", "quasi_poisson", "log_linear", "linear"]
Errors = Literal["model", "newey_west"]
_COUNTS = ("poisson", "quasi_poisson")
_FAMILY_WORDS = {
    "poisson": "Poisson regression",
    "quasi_poisson": "quasi-Poisson regression",
    "log_linear": "least squares on the logarithm",
    "linear": "least squares",
}
_LONELY = "One series alone is a description, not an effect: nothing shows what would have happened otherwise."
_CROWDED = 1.5
"""A dispersion above which errors that assume a Poisson are called too small."""


@dataclass(frozen=True, eq=False)
class InterruptedSeries:
    """A fitted interrupted series.

    Parameters
    ----------
    estimates : tuple of Estimate
        The terms asked for among ``step``, ``slope`` and ``trend``, in this order. Ratios for counts and logarithms,
        differences for ``family="linear"``. ``step`` compares the first period from the start with the line before;
        ``slope`` is the change of the trend per period; ``trend`` is the change per period before the start.
    log_std_errors : tuple of float or None
        Standard errors of their logarithms, in the order of ``estimates``; None for differences, whose errors stand in
        the estimates.
    cells : DataFrame
        One row per period: period, time, observed, exposure, fitted, counterfactual, residual (Pearson), is_after.
        ``counterfactual`` is what the fit gives without step and slope.
    family, errors : str
        What was chosen.
    lags : int or None
        Lags of the Newey-West errors.
    dispersion : float
        Pearson's statistic over its degrees of freedom; the residual variance for the linear families.
    autocorrelation : float or None
        Of the residuals, one period apart.
    ljung_box_p : float or None
        Of the test that the residuals' first ``ljung_box_lags`` autocorrelations are all zero.
    ljung_box_lags : int
        The smaller of 10 and a fifth of the periods.
    n_before, n_after, n_absent : int
        Periods before the start, from it on, and those within the series that have no row.
    gaps : tuple of pairs
        The periods on either side of each gap.
    notes : tuple of str
        What a reader must know of this fit.
    method : str
        The method in words.
    left_out : tuple of LeftOut
    is_description : bool
        Always True: no comparison, no effect.
    """

    estimates: tuple[Estimate, ...]
    log_std_errors: tuple[float | None, ...]
    cells: pd.DataFrame
    family: Family
    errors: Errors
    lags: int | None
    dispersion: float
    autocorrelation: float | None
    ljung_box_p: float | None
    ljung_box_lags: int
    n_before: int
    n_after: int
    n_absent: int
    gaps: tuple[tuple[Any, Any], ...]
    notes: tuple[str, ...]
    method: str
    left_out: tuple[LeftOut, ...]
    is_description: bool = True

    @property
    def estimate(self) -> Estimate:
        """The first of the estimates: the step where there is one."""
        return self.estimates[0]

    def of(self, key: str) -> Estimate:
        """The estimate with this key: ``step``, ``slope`` or ``trend``, behind the prefix if one was given.

        Raises
        ------
        UsageError
            If the model has no such term.
        """
        for each in self.estimates:
            if each.key == key or each.key.endswith(key):
                return each
        raise UsageError(
            f"the term {key!r} of an interrupted series",
            found=f"the terms {', '.join(each.key for each in self.estimates)}",
            todo="ask for the term when fitting, with step=True or slope=True",
        )


def interrupted_series(
    frame: pd.DataFrame,
    *,
    outcome: str,
    period: str,
    start: Any,
    exposure: str | None = None,
    harmonics: int = 0,
    season_length: float = 12,
    step: bool = True,
    slope: bool = False,
    family: Family = "poisson",
    errors: Errors = "model",
    lags: int | None = None,
    level: float = 0.95,
    key: str = "",
    term: str = "the series",
) -> InterruptedSeries:
    """Segmented regression of one series on time, a step at ``start`` and a change of slope.

    Parameters
    ----------
    frame : DataFrame
        One row per period, in any order, gaps allowed; left as it was.
    outcome, period : str
        Columns. Periods are numbers, dates or pandas periods. Time counts distance in the calendar, not rows.
    start : label
        First period under the change, in the terms of ``period``. It needs no row of its own.
    exposure : str, optional
        What the counts are counted over; its logarithm is the offset. The linear families divide by it.
    harmonics : int
        Pairs of sine and cosine with ``season_length`` periods to a cycle.
    step, slope : bool
        Which changes at the start to estimate; the trend before is always there.
    family : {"poisson", "quasi_poisson", "log_linear", "linear"}
        ``quasi_poisson`` multiplies the variance by Pearson's dispersion. The linear ones are least squares, of the
        logarithm of the rate or of the rate itself.
    errors : {"model", "newey_west"}
        Newey-West errors allow for neighbouring residuals that are alike, and for dispersion.
    lags : int, optional
        For Newey-West; the whole part of 4 (T/100)^(2/9) for T periods where not given.
    level : float
        Intervals are normal for counts, Student's t for the linear families.
    key, term : str
        Prefix of the estimates' keys, and the name of the series in a sentence.

    Returns
    -------
    InterruptedSeries
        Described, not identified: ``is_description`` is True.

    Raises
    ------
    UsageError
        If a column, option or ``start`` cannot be used, or a count is negative.
    NotEnoughData
        If a side of the start has too few periods, a side has no event at all, or terms cannot be told apart.

    Notes
    -----
    Lopez Bernal, Cummins & Gasparrini (2017), Int J Epidemiology 46, 348-355, for the models; Newey & West (1987),
    Econometrica 55, 703-708, with Bartlett weights and the factor n/(n-k), and (1994), Rev Economic Studies 61,
    631-653, for the rule of lags. In a gap, products with an absent period are zero (Parzen 1963, Sankhya A 25,
    383-392). Models by statsmodels.
    """
    _check_options(harmonics, season_length, step, slope, family, errors, lags)
    check_level(level)
    name = "one series"
    while name in frame.columns:
        name += " "
    matrix = panel_matrix(
        frame.assign(**{name: 0}),
        outcome=outcome,
        unit=name,
        period=period,
        exposure=exposure,
        is_count=family in _COUNTS,
    )
    left_out = tuple(LeftOut(None, each.period, each.reason) for each in matrix.left_out)
    there = matrix.is_there[0]
    scale = calendar_scale([label for label, kept in zip(matrix.periods, there, strict=True) if kept])
    design = _design(
        scale, start, matrix.outcome[0][there], matrix.exposure[0][there], harmonics, season_length, step, slope
    )
    _check_design(design, family, start)
    fitted = fit_counts(design) if family in _COUNTS else fit_values(design, is_log=family == "log_linear")
    n, k = design.columns.shape
    if errors == "newey_west":
        lags = newey_west_lags(n) if lags is None else lags
        covariance = newey_west_covariance(fitted, scale.positions, lags)
    else:
        lags = None
        covariance = fitted.bread * (1.0 if family == "poisson" else fitted.dispersion)
    width = normal_quantile(level) if family in _COUNTS else t_quantile(level, n - k)
    notes = _notes(scale, fitted, family, errors, design, harmonics, season_length)
    method = _method(design, family, errors, lags, harmonics, exposure)
    estimates = _estimates(design, fitted, covariance, width, family, scale.step, (key, term, method), level)
    acf, p_value, n_lags = residual_memory(fitted.residuals, scale.positions)
    log_errors = tuple(
        None if family == "linear" else math.sqrt(covariance[place, place]) for place in _places(design.terms)
    )
    return InterruptedSeries(
        estimates=estimates,
        log_std_errors=log_errors,
        cells=_cells(scale, design, fitted, family),
        family=family,
        errors=errors,
        lags=lags,
        dispersion=fitted.dispersion,
        autocorrelation=acf,
        ljung_box_p=p_value,
        ljung_box_lags=n_lags,
        n_before=int((design.is_after == 0).sum()),
        n_after=int(design.is_after.sum()),
        n_absent=scale.n_absent,
        gaps=scale.gaps,
        notes=notes,
        method=method,
        left_out=left_out,
    )


def _check_options(
    harmonics: int, season_length: float, step: bool, slope: bool, family: str, errors: str, lags: int | None
) -> None:
    wrong = None
    if family not in _FAMILY_WORDS:
        wrong = (f"family={family!r}", f"choose one of {', '.join(_FAMILY_WORDS)}")
    elif errors not in ("model", "newey_west"):
        wrong = (f"errors={errors!r}", "choose model or newey_west")
    elif lags is not None and (errors != "newey_west" or lags < 0):
        wrong = (f"lags={lags} with errors={errors!r}", "give lags of 0 or more, and only with newey_west")
    elif not (step or slope):
        wrong = ("neither a step nor a slope", "ask for at least one")
    elif harmonics < 0 or (harmonics and not 2 * harmonics < season_length):
        wrong = (f"{harmonics} harmonics of {season_length} periods", "give fewer than half the length of the season")
    if wrong is not None:
        raise UsageError("an interrupted series", found=wrong[0], todo=wrong[1])


def _design(
    scale: CalendarScale,
    start: Any,
    outcome: Floats,
    exposure: Floats,
    harmonics: int,
    season_length: float,
    step: bool,
    slope: bool,
) -> SeriesDesign:
    time = scale.positions
    since = time - scale.position_of(start)
    is_after = (since >= -1e-9).astype(float)
    columns = {"": np.ones(len(time)), "trend": time}
    if step:
        columns["step"] = is_after
    if slope:
        columns["slope"] = is_after * since
    for pair in range(1, harmonics + 1):
        angle = 2 * np.pi * pair * time / season_length
        columns |= {f"sine {pair}": np.sin(angle), f"cosine {pair}": np.cos(angle)}
    return SeriesDesign(outcome, exposure, time, is_after, np.column_stack(list(columns.values())), tuple(columns))


def _check_design(design: SeriesDesign, family: str, start: Any) -> None:
    asked = f"an interrupted series with a start at {start}"
    after = design.is_after == 1
    n, k = design.columns.shape
    if after.all() or not after.any():
        side = "before" if after.all() else "from"
        raise NotEnoughData(
            asked, found=f"no period {side} the start, among {n}", todo="give a start that lies within the data"
        )
    sized = design.columns / np.sqrt((design.columns**2).sum(axis=0)).clip(1e-300)
    if n < k + 2 or np.linalg.matrix_rank(sized, tol=1e-8) < k or (~after).sum() < 2:
        raise NotEnoughData(
            asked,
            found=f"{int((~after).sum())} periods before and {int(after.sum())} after, for {k} terms",
            todo="give more periods, or ask for fewer terms",
        )
    if family in _COUNTS and (design.outcome[after].sum() == 0 or design.outcome[~after].sum() == 0):
        raise NotEnoughData(asked, found="a side of the start without any event", todo="use longer periods")
    if family == "log_linear" and (design.outcome <= 0).any():
        raise UsageError(
            asked,
            found=f"{int((design.outcome <= 0).sum())} values of zero or less, which have no logarithm",
            todo='use family="poisson" or "quasi_poisson"',
        )


def _places(terms: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(terms.index(each) for each in ("step", "slope", "trend") if each in terms)


def _estimates(
    design: SeriesDesign,
    fitted: SegmentedFit,
    covariance: Floats,
    width: float,
    family: str,
    step: str,
    names: tuple[str, str, str],
    level: float,
) -> tuple[Estimate, ...]:
    key, term, method = names
    words = {
        "step": f"Change of level of {term} at the start",
        "slope": f"Change of trend of {term} per {step}",
        "trend": f"Trend of {term} before the start, per {step}",
    }
    is_ratio = family != "linear"
    found = []
    for place in _places(design.terms):
        coef, error = float(fitted.coefs[place]), math.sqrt(max(covariance[place, place], 0.0))
        low, high = coef - width * error, coef + width * error
        if is_ratio and max(abs(low), abs(high)) > 50:
            raise NotEnoughData(
                f"the ratio of {design.terms[place]!r}",
                found=f"an interval of {low:.3g} to {high:.3g} on the log scale",
                todo="use more periods or fewer terms",
            )
        ends = [math.exp(each) if is_ratio else each for each in (coef, low, high)]
        found.append(
            Estimate(
                key=key + design.terms[place],
                term=words[design.terms[place]],
                value=ends[0],
                unit="rate ratio" if is_ratio else "units of the outcome",
                scale="ratio" if is_ratio else "difference",
                method=method,
                std_error=None if is_ratio else error,
                low=ends[1],
                high=ends[2],
                level=level,
                null=1.0 if is_ratio else 0.0,
                n_rows=len(design.outcome),
                n_units=1,
            )
        )
    return tuple(found)


def _cells(scale: CalendarScale, design: SeriesDesign, fitted: SegmentedFit, family: str) -> pd.DataFrame:
    """Fitted and counterfactual in the units of the outcome."""
    changes = [place for place, name in enumerate(design.terms) if name in ("step", "slope")]
    added = design.columns[:, changes] @ fitted.coefs[changes]
    if family in _COUNTS:
        expected, without = fitted.mean, fitted.mean * np.exp(-added)
    elif family == "log_linear":
        expected = np.exp(fitted.mean) * design.exposure
        without = np.exp(fitted.mean - added) * design.exposure
    else:
        expected, without = fitted.mean * design.exposure, (fitted.mean - added) * design.exposure
    return pd.DataFrame(
        {
            "period": list(scale.periods),
            "time": design.time,
            "observed": design.outcome,
            "exposure": design.exposure,
            "fitted": expected,
            "counterfactual": without,
            "residual": fitted.residuals,
            "is_after": design.is_after == 1,
        }
    )


def _notes(
    scale: CalendarScale,
    fitted: SegmentedFit,
    family: str,
    errors: str,
    design: SeriesDesign,
    harmonics: int,
    season_length: float,
) -> tuple[str, ...]:
    notes = [_LONELY]
    if scale.gaps:
        where = "; ".join(f"between {one} and {other}" for one, other in scale.gaps)
        notes.append(f"{scale.n_absent} periods have no row: {where}.")
    if family == "poisson" and errors == "model" and fitted.dispersion > _CROWDED:
        notes.append(f"Counts vary {fitted.dispersion:.1f} times as much as a Poisson; the interval is too narrow.")
    correlation, p_value, _ = residual_memory(fitted.residuals, scale.positions)
    if errors == "model" and p_value is not None and correlation is not None and p_value < 0.05:
        notes.append(f"Residuals remember (correlation {correlation:.2f}); the interval is likely too narrow.")
    before = design.time[design.is_after == 0]
    if harmonics and before[-1] - before[0] + 1 < season_length:
        notes.append("There is less than one season before the start, so season and trend are hard to tell apart.")
    return tuple(notes)


def _method(
    design: SeriesDesign, family: Family, errors: Errors, lags: int | None, harmonics: int, exposure: str | None
) -> str:
    parts = ["time", *(f"a {name}" for name in ("step", "slope") if name in design.terms)]
    text = f"{_FAMILY_WORDS[family]} on {', '.join(parts[:-1])} and {parts[-1]}"
    if exposure is not None:
        text += f", per {exposure}"
    if harmonics:
        text += f", {harmonics} harmonic {'pair' if harmonics == 1 else 'pairs'}"
    chosen = f"Newey-West errors, {lags} lag{'s' * (lags != 1)}" if errors == "newey_west" else "errors of the model"
    quantile = "normal interval" if family in _COUNTS else f"t({len(design.outcome) - design.columns.shape[1]})"
    return f"{text}; {chosen}; {quantile}; one series: description, not effect"
