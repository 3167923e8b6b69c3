"""Numbers and series in words, for labels and for those who do not see the picture."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.core.missing import Status, in_words

_UNCARRIED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Text without the control characters and half characters that XML cannot carry.

    >>> plain("Oak\\x07shire")
    'Oak shire'
    """
    return _UNCARRIED.sub(" ", text)


def number(value: float, decimals: int) -> str:
    """A number as labels and sentences show it.

    >>> number(-1234.56, 1), number(-0.01, 1)
    ('−1,234.6', '0.0')
    """
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not float(text.replace(",", "")) else text.replace("-", "−")


def interval(value: float, low: float, high: float, decimals: int) -> str:
    """A number with its interval.

    >>> interval(0.42, -0.1, 0.94, 2)
    '0.42 (−0.10 to 0.94)'
    """
    return f"{number(value, decimals)} ({number(low, decimals)} to {number(high, decimals)})"


def change(first: float, last: float, decimals: int) -> str:
    """What happened between two values, judged on the figures as shown.

    >>> change(12.3, 15.6, 1), change(4.02, 4.04, 1)
    ('up 3.3', 'unchanged')
    """
    moved = round(round(last, decimals) - round(first, decimals), decimals)
    if not moved:
        return "unchanged"
    return f"{'up' if moved > 0 else 'down'} {number(abs(moved), decimals)}"


def wrapped(text: str, width: int) -> str:
    """Text on as few lines as it needs, of much the same length.

    >>> wrapped("All authorities, nobody left out", 30)
    'All authorities,\\nnobody left out'
    """
    lines = textwrap.wrap(text, width)
    while len(lines) > 1:
        # Any width down to the longest line would give the same lines.
        narrower = max(map(len, lines)) - 1
        tighter = textwrap.wrap(text, narrower, break_long_words=False)
        if len(tighter) > len(lines) or max(map(len, tighter), default=0) > narrower:
            break
        lines = tighter
    return "\n".join(lines) or text


def listed(parts: Sequence[str]) -> str:
    """Words in a row.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def series_words(name: str, rows: pd.DataFrame, *, decimals: int, extremes: bool = True) -> str:
    """One series from its first to its last value, its extremes, and what is missing.

    Parameters
    ----------
    name : str
    rows : DataFrame
        ``time_period``, ``value``, ``status``, in the order of time.
    """
    years, values, statuses = rows["time_period"].tolist(), rows["value"].to_numpy(), rows["status"].tolist()
    return told(name, years, values, statuses, decimals=decimals, extremes=extremes)


def told(
    name: str,
    years: Sequence[int | str],
    values: NDArray[np.float64],
    statuses: Sequence[str],
    *,
    decimals: int,
    extremes: bool = True,
) -> str:
    """One series in words, as ``series_words`` tells it, from its columns."""
    there = [(year, value) for year, value in zip(years, values, strict=True) if value == value]
    gaps = [(year, status) for year, value, status in zip(years, values, statuses, strict=True) if value != value]
    if not there:
        reasons = listed([in_words(Status(status)) for status in dict.fromkeys(statuses)])
        return f"{name}: no value in any year ({reasons})."
    (first_year, first), (last_year, last) = there[0], there[-1]
    start = f"{number(first, decimals)} in {first_year}"
    if len(there) == 1:
        return f"{name}: {start}.{_missing_words(gaps)}"
    text = f"{name}: from {start} to {number(last, decimals)} in {last_year}, {change(first, last, decimals)}"
    return f"{text}{_extremes(there, decimals) if extremes else ''}.{_missing_words(gaps)}"


def _extremes(there: Sequence[tuple[int | str, float]], decimals: int) -> str:
    inner, ends = there[1:-1], (there[0][1], there[-1][1])
    parts = []
    if inner and (high := max(inner, key=lambda place: place[1]))[1] > max(ends):
        parts.append(f"highest {number(high[1], decimals)} in {high[0]}")
    if inner and (low := min(inner, key=lambda place: place[1]))[1] < min(ends):
        parts.append(f"lowest {number(low[1], decimals)} in {low[0]}")
    return f"; {'; '.join(parts)}" if parts else ""


def _missing_words(gaps: Sequence[tuple[int | str, str]]) -> str:
    if not gaps:
        return ""
    years: dict[str, list[str]] = {}
    for year, status in gaps:
        years.setdefault(str(status), []).append(year if isinstance(year, str) else str(int(year)))
    parts = [f"{listed(several)} ({in_words(status)})" for status, several in years.items()]
    return f" No value in {'; '.join(parts)}."
