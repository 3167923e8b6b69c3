"""Which quarter of all units each belongs to, and what would change under another rule for ties."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from insight.errors import NotEnoughData, UsageError

Better = Literal["higher", "lower"]

FEWEST = 4


@dataclass(frozen=True)
class Quarters:
    """Units in quarters by value: 1 holds the lowest values, 4 the highest.

    Parameters
    ----------
    cuts : tuple of three floats
        The 25th, 50th and 75th percentiles.
    quarter : dict of str to int
        A value at a cut belongs to the quarter below it.
    strict : dict of str to int
        Under the other rule: a value at a cut belongs to the quarter above it.
    n_units, n_missing : int
        Units with and without a number.
    tied : tuple of str
        Units at a cut: those whose quarter depends on the rule.
    words : str
        What ties at a cut did, in a sentence.
    """

    cuts: tuple[float, float, float]
    quarter: dict[str, int]
    strict: dict[str, int]
    n_units: int
    n_missing: int
    tied: tuple[str, ...]
    words: str

    def placed(self, *, better: Better, strict: bool = False) -> dict[str, int]:
        """Quarters by polarity: 1 is the best quarter, 4 the worst.

        Parameters
        ----------
        better : {"higher", "lower"}
            Which values are good.
        strict : bool
            Under the other rule for ties.

        Raises
        ------
        UsageError
            If ``better`` is neither.
        """
        if better not in ("higher", "lower"):
            raise UsageError(
                "quarters from best to worst", found=f"better={better!r}", todo="say higher or lower, or do not place"
            )
        chosen = self.strict if strict else self.quarter
        return dict(chosen) if better == "lower" else {key: 5 - number for key, number in chosen.items()}

    def count(self, quarter: int, *, among: frozenset[str] | None = None, strict: bool = False) -> int:
        """How many units are in a quarter by value, among some or all."""
        chosen = self.strict if strict else self.quarter
        return sum(number == quarter and (among is None or key in among) for key, number in chosen.items())


def quarters(values: Mapping[str, float | None]) -> Quarters:
    """Quarters of all units with a number.

    Parameters
    ----------
    values : mapping of str to float or None
        One per unit. None or NaN: no number; such a unit has no quarter.

    Raises
    ------
    NotEnoughData
        With fewer than 4 numbers.
    UsageError
        If a number is infinite.

    Notes
    -----
    Percentiles by linear interpolation between order statistics: type 7 of Hyndman & Fan (1996), Am Stat 50, 361-365,
    as spreadsheets do (PERCENTILE.INC).

    Examples
    --------
    >>> found = quarters({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0})
    >>> found.cuts, found.quarter["b"], found.strict["b"]
    ((2.0, 3.0, 4.0), 1, 2)
    """
    numbers = {key: float(value) for key, value in values.items() if value is not None and not math.isnan(value)}
    if any(math.isinf(value) for value in numbers.values()):
        raise UsageError("quarters", found="an infinite number", todo="leave it out")
    if len(numbers) < FEWEST:
        raise NotEnoughData("quarters", found=f"{len(numbers)} units with a number", todo=f"use at least {FEWEST}")
    first, middle, third = (float(cut) for cut in np.quantile(list(numbers.values()), [0.25, 0.5, 0.75]))
    cuts = (first, middle, third)
    quarter = {key: 1 + sum(is_above(value, cut) for cut in cuts) for key, value in numbers.items()}
    strict = {key: 1 + sum(not is_above(cut, value) for cut in cuts) for key, value in numbers.items()}
    tied = tuple(key for key in numbers if quarter[key] != strict[key])
    return Quarters(cuts, quarter, strict, len(numbers), len(values) - len(numbers), tied, _words(quarter, tied))


def is_above(value: float, cut: float) -> bool:
    """Larger, and not by rounding in the interpolation of a cut alone.

    >>> is_above(0.1 + 0.2, 0.3), is_above(0.31, 0.3)
    (False, True)
    """
    return value > cut and not math.isclose(value, cut, rel_tol=1e-12, abs_tol=0.0)


def _words(quarter: dict[str, int], tied: tuple[str, ...]) -> str:
    if not tied:
        return "No unit lies at a cut."
    lie = "1 unit lies" if len(tied) == 1 else f"{len(tied)} units lie"
    return f"{lie} at a cut and count with the quarter below it; by the other rule they would count with the one above."
