"""Invented panels of counts with staggered starts and a known effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

COLUMNS = {"outcome": "events", "unit": "site", "period": "month", "cohort": "start"}


def draw_counts(
    *,
    seed: int = 1,
    units: int = 20,
    periods: int = 30,
    starts: Sequence[int] = (15, 15, 20, 24),
    effect: float | Callable[[np.ndarray], np.ndarray] = 0.85,
    exposed: bool = True,
    rate: float = 0.3,
    keep: float = 1.0,
) -> pd.DataFrame:
    """Counts with unit effects, period shocks and a season of six; ``starts`` are positions of the first units' starts.

    Months are numbered from 1. ``effect`` multiplies the mean from the start on, or is a function of the periods since.
    """
    generator = np.random.default_rng(seed)
    unit, month = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    drift = np.exp(np.cumsum(generator.normal(0, 0.02, (units, periods)), axis=1))
    exposure = (generator.uniform(80, 300, units)[:, None] * drift).ravel() if exposed else np.full(len(unit), 150.0)
    start = np.full(units, np.inf)
    start[: len(starts)] = starts
    since = np.where(np.isfinite(start[unit]), month - np.where(np.isfinite(start), start, 0)[unit], -1.0)
    multiplied = effect(since) if callable(effect) else np.full(len(unit), effect)
    level = generator.normal(np.log(rate), 0.3, units)[unit] + generator.normal(0, 0.1, periods)[month]
    mean = exposure * np.exp(level + 0.1 * np.sin(month)) * np.where(since >= 0, multiplied, 1.0)
    frame = pd.DataFrame(
        {
            "site": [f"site {each:02d}" for each in unit],
            "month": month + 1,
            "calendar": month % 6,
            "group": [f"group {each // 2:02d}" for each in unit],
            "start": np.where(np.isfinite(start[unit]), start[unit] + 1, np.nan),
            "treated": (since >= 0).astype(float),
            "exposure": exposure,
            "events": generator.poisson(mean),
        }
    )
    return frame[generator.uniform(size=len(frame)) < keep].reset_index(drop=True)
