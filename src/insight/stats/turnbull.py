"""Times that are known only to lie between two looks: Turnbull's curve, its median, and bootstrap intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import InsightError, NotEnoughData, UsageError
from insight.stats.distributions import check_level
from insight.stats.panel_matrix import LeftOut
from insight.stats.rows import LARGEST, Codes, Floats, as_floats
from insight.stats.turnbull_curve import bounds, ends, span, survival, time_of, too_many_failed
from insight.stats.turnbull_fit import Fit, Observed, fit, observe

CONVENTION = "straight line inside an interval"


@dataclass(frozen=True, eq=False)
class Turnbull:
    """A curve of interval-censored times.

    Parameters
    ----------
    cells : DataFrame
        One row per innermost interval that holds mass: left, right (infinite where never seen to end), is_exact, mass,
        survival (0 to 1, after the interval). Between the rows the curve is flat. Inside an interval the data do not
        say how it falls.
    median : Estimate
        Read along a straight line inside its interval. Its interval is the percentile bootstrap's.
    median_left, median_right : float or None
        Between which times the median lies whatever happened inside the interval; None where that side is open.
    gap : float
        Proof of the maximum: no move of mass could raise the mean log-likelihood by more.
    log_likelihood : float
    n_rows, n_ended, n_exact, n_units : int
        Rows; those whose event was seen to have happened; those with an exact time; units redrawn.
    n_draws, n_failed : int
        Draws of the bootstrap, and those without a curve.
    level : float
    unit : str
        Of the times.
    method : str
    notes : tuple of str
    left_out : tuple of LeftOut
        ``unit`` is the row's label.
    """

    cells: pd.DataFrame
    median: Estimate
    median_left: float | None
    median_right: float | None
    gap: float
    log_likelihood: float
    n_rows: int
    n_ended: int
    n_exact: int
    n_units: int
    n_draws: int
    n_failed: int
    level: float
    unit: str
    method: str
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    _fit: Fit
    _draws: tuple[Fit, ...]

    @property
    def estimate(self) -> Estimate:
        """The median."""
        return self.median

    def quantile(self, share: float) -> Estimate:
        """Time by which this share have had the event, with its bootstrap interval.

        Raises
        ------
        UsageError
            If the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise UsageError("a quantile of survival", found=f"share={share}", todo="give a share between 0 and 1")
        return _quantile(
            self._fit,
            self._draws,
            share,
            "quantile",
            f"Time by which {100 * share:g}% have had the event",
            self.unit,
            self.method,
            self.level,
            self.n_draws,
            self.n_rows,
            self.n_units,
        )

    def at(self, time: float) -> Estimate:
        """Percent without the event by a time, with its bootstrap interval.

        No number where the time lies in an interval that never closes.
        """
        drawn = np.array([survival(each, time) for each in self._draws])
        low, high = ends(drawn[~np.isnan(drawn)], self.level, self.n_draws)
        term = f"Without the event by {time:g} {self.unit}"
        return self._percent("survival", term, survival(self._fit, time), low, high)

    def between(self, start: float, end: float) -> Estimate:
        """Percent with the event after one time and up to another, with its bootstrap interval.

        The value runs along straight lines, and is 0 wherever no mass lies between the times: that says where looks
        fell. The interval goes from the lowest share that the masses of a draw allow to the highest, wherever inside
        its intervals they lie. No number where a time lies in an interval that never closes.

        Raises
        ------
        UsageError
            If the times are not in order.
        """
        if not 0 <= start < end:
            raise UsageError(
                f"the share between {start:g} and {end:g}",
                found="times that are not in order",
                todo="give an earlier time, then a later one",
            )
        allowed = [(bounds(each, start), bounds(each, end)) for each in self._draws]
        low, _ = ends(np.array([max(early[0] - late[1], 0.0) for early, late in allowed]), self.level, self.n_draws)
        _, high = ends(np.array([early[1] - late[0] for early, late in allowed]), self.level, self.n_draws)
        term = f"With the event after {start:g} and up to {end:g} {self.unit}"
        return self._percent("between", term, survival(self._fit, start) - survival(self._fit, end), low, high)

    def _percent(self, key: str, term: str, value: float, low: float | None, high: float | None) -> Estimate:
        shown = None if math.isnan(value) else 100 * value
        return Estimate(
            key=key,
            term=term,
            value=shown,
            unit="percent",
            scale="percent",
            method=self.method if shown is not None else f"{self.method}; the curve is not known so late",
            low=None if shown is None or low is None else min(100 * low, shown),
            high=None if shown is None or high is None else max(100 * high, shown),
            level=self.level,
            n_rows=self.n_rows,
            n_units=self.n_units,
        )

    def bounds_at(self, time: float) -> tuple[float, float]:
        """Lowest and highest percent without the event by a time that the fitted masses allow."""
        low, high = bounds(self._fit, time)
        return 100 * low, 100 * high


def turnbull(
    frame: pd.DataFrame,
    *,
    left: str,
    right: str,
    seed: int,
    entry: str | None = None,
    unit_column: str | None = None,
    draws: int = 1000,
    level: float = 0.95,
    unit: str = "units of time",
    key: str = "interval_censored_median",
    term: str = "Median time to the event, known between looks",
) -> Turnbull:
    """Curve of times that are known to lie in (left, right], with bootstrap intervals.

    Parameters
    ----------
    frame : DataFrame
        One row per spell; left as it was.
    left, right : str
        Columns: last time without the event, and first time with it. Infinite ``right`` where it was not seen; both
        equal where the time is known. 0 stands for the beginning. A missing end leaves the row out.
    seed, draws : int
        Of the bootstrap; 0 draws give no intervals.
    entry : str, optional
        Column of delayed entry: a row is there only because its event came later than this.
    unit_column : str, optional
        Column of what is redrawn; each row by itself where None.
    level : float
    unit, key, term : str
        Of the times, and names of the median.

    Raises
    ------
    UsageError
        If a column or option cannot be used, a time is negative, or an interval ends before it begins.
    NotEnoughData
        If no row is complete, no event was seen, or the fit does not arrive.
    MethodRefused
        If delayed entries leave the curve undetermined.

    Notes
    -----
    Turnbull (1976), J R Stat Soc B 38, 290-295: mass only on innermost intervals, by self-consistency. Each step is
    followed by one of the constrained Newton method of Wang (2007), J R Stat Soc B 69, 185-198, and the gradient proves
    the maximum (Gentleman & Geyer 1994, Biometrika 81, 618-623). With delayed entry the likelihood may have several
    maxima (Frydman 1994, J R Stat Soc B 56, 71-74): four starts must agree, and a curve that falls to zero too early is
    refused. Percentile bootstrap over units; ends of the median's interval may be open. Redrawing is not consistent for
    a curve that converges this slowly (Sen & Xu 2015, Comput Stat Data Anal 81, 121-129), so its level is approximate.
    """
    check_level(level)
    if draws < 0 or 0 < draws < 100:
        raise UsageError("a bootstrap", found=f"draws={draws}", todo="use at least 100 draws, or 0 for none")
    rows = _read(frame, left, right, entry, unit_column)
    seen = observe(rows.left, rows.right, rows.entry)
    fitted = fit(seen)
    drawn = _bootstrap(seen, rows.units, seed, draws)
    method = "Turnbull's curve" + (", delayed entry" if entry else "") + f"; {CONVENTION}"
    method += f"; percentile bootstrap, {draws} draws, its level approximate" if draws else "; no interval asked for"
    n, n_units = len(rows.left), int(rows.units.max()) + 1
    left_end, right_end = span(fitted, 0.5)
    return Turnbull(
        cells=_cells(fitted),
        median=_quantile(fitted, drawn, 0.5, key, term, unit, method, level, draws, n, n_units),
        median_left=left_end,
        median_right=right_end if math.isfinite(right_end) else None,
        gap=fitted.gap,
        log_likelihood=fitted.log_likelihood,
        n_rows=n,
        n_ended=int(np.isfinite(rows.right).sum()),
        n_exact=int((rows.left == rows.right).sum()),
        n_units=n_units,
        n_draws=draws,
        n_failed=draws - len(drawn),
        level=level,
        unit=unit,
        method=method,
        notes=_notes(rows, draws, len(drawn)),
        left_out=rows.left_out,
        _fit=fitted,
        _draws=drawn,
    )


@dataclass(frozen=True, eq=False)
class _Rows:
    left: Floats
    right: Floats
    entry: Floats | None
    units: Codes
    left_out: tuple[LeftOut, ...]


def _read(frame: pd.DataFrame, left: str, right: str, entry: str | None, unit_column: str | None) -> _Rows:
    asked = f"times between {left!r} and {right!r}"
    names = [name for name in (left, right, entry, unit_column) if name is not None]
    wrong = [name for name in dict.fromkeys(names) if (frame.columns == name).sum() != 1]
    if wrong:
        raise UsageError(
            asked, found=f"not exactly one column {', '.join(map(repr, wrong))}", todo="name columns of the frame"
        )
    open_ended = _is_infinite(frame[right])
    begin, end = as_floats(frame[left]), np.where(open_ended, np.inf, as_floats(frame[right]))
    late = None if entry is None else as_floats(frame[entry])
    reasons = np.full(len(frame), "", dtype=object)
    if late is not None:
        with np.errstate(invalid="ignore"):
            reasons[late >= end] = "entry not before its end"
        reasons[np.isnan(late)] = f"no usable {entry}"
    if unit_column is not None:
        reasons[frame[unit_column].isna().to_numpy(dtype=bool)] = f"no {unit_column}"
    reasons[np.isnan(end)] = f"no usable {right}"
    reasons[np.isnan(begin)] = f"no usable {left}"
    kept = np.array([not each for each in reasons], dtype=bool)
    labels = frame.index.tolist()
    left_out = tuple(LeftOut(labels[place], None, reasons[place]) for place in np.flatnonzero(~kept))
    begin, end = begin[kept], end[kept]
    if (begin < 0).any() or (end < begin).any() or (late is not None and (late[kept] < 0).any()):
        raise UsageError(asked, found="a negative time, or an end before its beginning", todo="mend those rows")
    if not np.isfinite(end).any():
        raise NotEnoughData(
            asked, found=f"no event among {len(end)} complete rows of {len(frame)}", todo="follow for longer"
        )
    if late is not None:
        # What is known is that the event came after the entry.
        late = late[kept]
        begin = np.where(begin < end, np.maximum(begin, late), begin)
    units = np.arange(len(begin)) if unit_column is None else pd.factorize(frame.loc[kept, unit_column])[0]
    return _Rows(begin, end, late, np.asarray(units, dtype=np.int64), left_out)


def _is_infinite(column: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where a column of numbers says "not seen": infinite, which `as_floats` would take for missing."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(numbers > LARGEST)


def _bootstrap(seen: Observed, units: Codes, seed: int, draws: int) -> tuple[Fit, ...]:
    """Curves of redrawn units; a draw without an event or without a curve is missing."""
    generator = np.random.default_rng(seed)
    n = int(units.max()) + 1
    members = [np.flatnonzero(units == number) for number in range(n)]
    found = []
    for _ in range(draws):
        rows = np.concatenate([members[number] for number in generator.integers(0, n, size=n)])
        again = seen.take(rows)
        try:
            found.append(fit(again, n_starts=1))
        except InsightError:
            continue
    return tuple(found)


def _cells(fitted: Fit) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "left": fitted.left,
            "right": fitted.right,
            "is_exact": fitted.is_exact,
            "mass": fitted.mass,
            "survival": np.clip(1 - np.cumsum(fitted.mass), 0.0, 1.0),
        }
    )


def _quantile(
    fitted: Fit,
    drawn: tuple[Fit, ...],
    share: float,
    key: str,
    term: str,
    unit: str,
    method: str,
    level: float,
    draws: int,
    n_rows: int,
    n_units: int,
) -> Estimate:
    value = time_of(fitted, share)
    low, high = ends(np.array([time_of(each, share) for each in drawn]), level, draws)
    known = math.isfinite(value)
    return Estimate(
        key=key,
        term=term,
        value=value if known else None,
        unit=unit,
        scale="count",
        method=method if known else f"{method}; the curve does not come down to {1 - share:g} in a known time",
        low=None if low is None else min(low, value),
        high=None if high is None or not known else max(high, value),
        level=level,
        n_rows=n_rows,
        n_units=n_units,
    )


def _notes(rows: _Rows, draws: int, succeeded: int) -> tuple[str, ...]:
    notes = []
    if rows.entry is not None:
        late = int((rows.entry > 0).sum())
        notes.append(f"{late} rows are there only because their event came after they were first watched.")
        if rows.entry.min() > 0:
            notes.append(f"The curve speaks of those without the event at {rows.entry.min():g}.")
    if succeeded < draws:
        notes.append(f"{draws - succeeded} of {draws} draws gave no curve.")
        if too_many_failed(draws, succeeded):
            notes.append("That is too many for an interval.")
    return tuple(notes)
