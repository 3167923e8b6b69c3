"""A number that never travels alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal

from insight.core.described import Described, Description
from insight.errors import NotDisplayable

Scale = Literal["difference", "ratio", "percent", "years", "count", "p"]


@dataclass(frozen=True, repr=False)
class Estimate(Described):
    """One number with its uncertainty, its unit and what it rests on.

    Percentages run from 0 to 100 and effects on counts are rate ratios, never logarithms. ``value`` is None, with
    ``method`` saying why, where the data could not give it. ``decimals`` are those that a headline shows.

    Raises
    ------
    NotDisplayable
        If a number is not finite, or the value lies outside its interval.
    """

    key: str
    term: str
    value: float | None
    unit: str
    scale: Scale
    method: str
    std_error: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    null: float | None = None
    n_rows: int | None = None
    n_units: int | None = None
    n_authorities: int | None = None
    rank: float | None = None
    rank_low: float | None = None
    rank_high: float | None = None
    rank_of: int | None = None
    band: str | None = None
    decimals: int = 2

    def __post_init__(self) -> None:
        numbers = [self.value, self.std_error, self.low, self.high, self.null]
        if any(number is not None and not math.isfinite(number) for number in numbers):
            raise NotDisplayable(
                f"making the estimate {self.key!r}",
                found="a number that is not finite",
                todo="give None, and say in `method` why there is no number",
            )
        for name in ("value", "std_error", "low", "high", "null"):
            number = getattr(self, name)
            object.__setattr__(self, name, None if number is None else float(number))
        if self.low is not None and self.high is not None and self.value is not None:
            slack = 1e-9 * max(1.0, abs(self.value))
            if not self.low - slack <= self.value <= self.high + slack:
                raise NotDisplayable(
                    f"making the estimate {self.key!r}",
                    found="a value outside its own interval",
                    todo="check the order of low and high",
                )

    @property
    def has_interval(self) -> bool:
        """Whether both ends of an interval are given."""
        return self.low is not None and self.high is not None

    @property
    def excludes_null(self) -> bool | None:
        """Whether the interval lies wholly on one side of ``null``; None where that cannot be said."""
        if self.null is None or self.low is None or self.high is None:
            return None
        return self.low > self.null or self.high < self.null

    def as_dict(self) -> dict[str, str | float | int | None]:
        """The fields in their order, as plain types."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def describe(self) -> Description:
        """Value, interval, unit and what it rests on."""
        interval = f"{self.low:.3g} to {self.high:.3g} ({self.level:.0%})" if self.has_interval else "none"
        value = "no number" if self.value is None else f"{self.value:.4g}"
        facts = (
            ("key", self.key),
            ("value", f"{value} {self.unit}"),
            ("interval", interval),
            ("rows, units", f"{self.n_rows}, {self.n_units}"),
            ("method", self.method),
        )
        return Description(self.term, facts)
