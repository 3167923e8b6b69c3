"""Numbers and series in words, for labels and for those who do not see the picture."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import pandas as pd

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
    for narrower in range(width - 1, 0, -1):
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
    there = rows[rows["value"].notna()]
    missing = _missing_words(rows[rows["value"].isna()])
    if there.empty:
        reasons = listed([in_words(Status(status)) for status in dict.fromkeys(rows["status"])])
        return f"{name}: no value in any year ({reasons})."
    first, last = there.iloc[0], there.iloc[-1]
    start = f"{number(first['value'], decimals)} in {first['time_period']}"
    if len(there) == 1:
        return f"{name}: {start}.{missing}"
    moved = change(first["value"], last["value"], decimals)
    text = f"{name}: from {start} to {number(last['value'], decimals)} in {last['time_period']}, {moved}"
    return f"{text}{_extremes(there, decimals) if extremes else ''}.{missing}"


def _extremes(there: pd.DataFrame, decimals: int) -> str:
    inner = there.iloc[1:-1]
    ends = there.iloc[[0, -1]]["value"]
    parts = []
    if len(inner) and inner["value"].max() > ends.max():
        high = inner.iloc[int(inner["value"].to_numpy().argmax())]
        parts.append(f"highest {number(high['value'], decimals)} in {high['time_period']}")
    if len(inner) and inner["value"].min() < ends.min():
        low = inner.iloc[int(inner["value"].to_numpy().argmin())]
        parts.append(f"lowest {number(low['value'], decimals)} in {low['time_period']}")
    return f"; {'; '.join(parts)}" if parts else ""


def _missing_words(gaps: pd.DataFrame) -> str:
    if gaps.empty:
        return ""
    parts = [
        f"{listed([str(int(year)) for year in rows['time_period']])} ({in_words(str(status))})"
        for status, rows in gaps.groupby("status", sort=False)
    ]
    return f" No value in {'; '.join(parts)}."
