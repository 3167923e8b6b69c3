"""Numbers in sentences: one way of writing them in every study."""

from __future__ import annotations

from insight.core.estimate import Estimate
from insight.core.finding import ends_text

MINUS = "−"


def number(value: float, decimals: int = 1) -> str:
    """A number as a reader sees it, with a real minus sign and no minus before zero.

    >>> number(-0.04, 1), number(1234.5, 0), number(-2.25, 2)
    ('0.0', '1,234', '−2.25')
    """
    text = f"{value:,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return text.removeprefix("-")
    return text.replace("-", MINUS)


def interval(estimate: Estimate, decimals: int = 2) -> str:
    """The interval in brackets, with its level and an open end in words; or that there is none.

    >>> interval(Estimate("k", "t", 1.0, "u", "difference", "m", low=-0.5, high=2.5))
    '(95% interval −0.50 to 2.50)'
    >>> interval(Estimate("k", "t", None, "years", "years", "m", low=6.4), 1)
    '(95% interval 6.4 or more)'
    """
    ends = ends_text(*(None if end is None else number(end, decimals) for end in (estimate.low, estimate.high)))
    return f"({estimate.level:.0%} interval {ends})" if ends else "(no interval)"


def could_be(estimate: Estimate, unit: str, decimals: int = 2) -> str:
    """What an interval that spans no difference allows, in words.

    >>> e = Estimate("k", "t", 0.2, "u", "difference", "m", low=-0.1, high=0.5, null=0.0)
    >>> could_be(e, "leavers")
    'could be nothing, could be up to 0.50 more or 0.10 fewer leavers'
    """
    if estimate.low is None or estimate.high is None or estimate.null is None:
        return "has no interval"
    up, down = estimate.high - estimate.null, estimate.null - estimate.low
    return f"could be nothing, could be up to {number(up, decimals)} more or {number(down, decimals)} fewer {unit}"


ELSEWHERE = {
    "turnover_rate_fte": "This is turnover as published: leavers over the workers in post at the year's end, in "
    "full-time equivalents. The page on caseloads divides by those at its start, or counts people: its figures differ."
}
"""By indicator, that a page counts the same thing otherwise; so that readers who compare pages know why they differ."""


def names(several: list[str], most: int = 5) -> str:
    """Names in a row, the rest counted.

    >>> names(["A", "B", "C"]), names(["A", "B", "C"], most=1)
    ('A, B and C', 'A and 2 more')
    """
    shown = several[:most]
    if len(several) > most:
        return f"{', '.join(shown)} and {len(several) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
