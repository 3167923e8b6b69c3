"""Invented panels for synthetic comparisons."""

from __future__ import annotations

import numpy as np
import pandas as pd


def factor_frame(
    *,
    seed: int = 1,
    units: int = 14,
    periods: int = 24,
    starts: tuple[float, ...] = (16.0,),
    effect: float = 0.0,
    noise: float = 0.05,
) -> pd.DataFrame:
    """Log rates with two common factors; the first units are treated and change by ``effect`` on the log scale."""
    generator = np.random.default_rng(seed)
    loadings = generator.uniform(0.2, 1.0, size=(units, 2))
    factors = generator.normal(size=(2, periods)).cumsum(axis=1) * 0.1
    logs = 3 + loadings @ factors + generator.normal(size=(units, periods)) * noise
    cohort = np.full(units, np.nan)
    cohort[: len(starts)] = starts
    treated = np.arange(periods)[None, :] >= np.where(np.isnan(cohort), np.inf, cohort)[:, None]
    logs = logs + effect * treated
    exposure = generator.integers(50, 500, size=units).astype(float)
    frame = pd.DataFrame(
        {
            "site": np.repeat([f"site {number:02d}" for number in range(units)], periods),
            "month": np.tile(np.arange(periods), units),
            "rate": np.exp(logs).ravel(),
            "children": np.repeat(exposure, periods),
            "start": np.repeat(cohort, periods),
        }
    )
    frame["count"] = frame["rate"] * frame["children"]
    return frame


COLUMNS = {"outcome": "rate", "unit": "site", "period": "month", "cohort": "start"}
