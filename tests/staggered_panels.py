"""Invented panels with staggered starts and a known effect, for the tests of several methods."""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = {"outcome": "y", "unit": "unit", "period": "year", "cohort": "start"}


def staggered_panel(
    *,
    seed: int = 1,
    units: int = 90,
    periods: int = 7,
    starts: tuple[int, ...] = (2013, 2014, 2016),
    treated_share: float = 0.5,
    effect: float = 2.0,
    growth: float = 0.0,
    noise: float = 1.0,
) -> pd.DataFrame:
    """Years from 2010 on; the effect is ``effect`` at the start and grows by ``growth`` a year.

    ``x`` does not change in a unit; it moves both the chance of being treated and the trend, by 0.3 x a year. The
    last units are never treated (start missing).
    """
    generator = np.random.default_rng(seed)
    x = generator.normal(size=units)
    treated = int(units * treated_share)
    order = np.argsort(-(x + 2 * generator.normal(size=units)))
    start = np.full(units, np.nan)
    start[order[:treated]] = np.resize(np.array(starts, dtype=float), treated)
    level, year = generator.normal(size=units) * 2, 2010 + np.arange(periods)
    after = np.where(np.isnan(start)[:, None], -1.0, year[None, :] - start[:, None])
    outcome = level[:, None] + generator.normal(size=periods) + noise * generator.normal(size=(units, periods))
    outcome = outcome + 0.3 * x[:, None] * np.arange(periods)
    outcome = outcome + np.where(after >= 0, effect + growth * after, 0.0)
    return pd.DataFrame(
        {
            "unit": np.repeat([f"unit {place:03d}" for place in range(units)], periods),
            "block": np.repeat([f"block {place % 30:02d}" for place in range(units)], periods),
            "year": np.tile(year, units),
            "start": np.repeat(start, periods),
            "x": np.repeat(x, periods),
            "weight": np.repeat(generator.uniform(0.5, 2.0, size=units), periods),
            "y": outcome.ravel(),
        }
    )


def with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """The same panel with the first of January in place of years."""
    start = frame["start"].map(lambda year: "" if np.isnan(year) else f"{year:.0f}")
    return frame.assign(
        year=pd.to_datetime(frame["year"].astype(str), format="%Y"),
        start=pd.to_datetime(start.replace("", None), format="%Y"),
    )


def for_the_second_opinion(frame: pd.DataFrame) -> pd.DataFrame:
    """The same panel in the terms of diff-diff: never treated is 0, units are numbers."""
    return frame.assign(start=frame["start"].fillna(0).astype(int), unit=pd.factorize(frame["unit"])[0])
