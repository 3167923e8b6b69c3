"""Poisson fixed effects and imputation on 150 units and 144 periods, as ratios to a bare `pyfixest.fepois`.

Run ``python benchmarks/poisson_fixed_effects.py``. Rounds alternate between the calls and the medians are compared, so
that a busy machine slows all of them alike. The goal is a ratio under 2 for the regression.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from insight.stats.panel_matrix import panel_matrix
from insight.stats.poisson import poisson_regression
from insight.stats.poisson_did import poisson_did
from insight.stats.poisson_imputation import impute_for_assignments, poisson_imputation
from insight.stats.two_way import load_pyfixest

UNITS, PERIODS, TREATED, DRAWS = 150, 144, 6, 999
ROUNDS = 11


def invented(seed: int = 1) -> pd.DataFrame:
    """Monthly counts with unit and period effects; six units start at four different times."""
    generator = np.random.default_rng(seed)
    unit, period = np.repeat(np.arange(UNITS), PERIODS), np.tile(np.arange(PERIODS), UNITS)
    start = np.full(UNITS, np.inf)
    start[:TREATED] = [100, 100, 108, 108, 115, 120]
    treated = period >= start[unit]
    exposure = generator.uniform(100, 900, UNITS)[unit] * np.exp(generator.normal(0, 0.01, UNITS * PERIODS))
    effects = generator.normal(-2, 0.4, UNITS)[unit] + generator.normal(0, 0.1, PERIODS)[period]
    columns = {"unit": unit, "period": period, "start": start[unit], "treated": treated.astype(float)}
    count = generator.poisson(exposure * np.exp(effects) * np.where(treated, 0.85, 1.0))
    return pd.DataFrame(columns | {"count": count, "exposure": exposure, "log_exposure": np.log(exposure)})


def calls() -> dict[str, Callable[[], object]]:
    """What is timed; the first is the yardstick."""
    pyfixest, frame = load_pyfixest(), invented()
    names: dict[str, Any] = {"outcome": "count", "unit": "unit", "period": "period"}
    panel = names | {"cohort": "start", "exposure": "exposure"}
    matrix = panel_matrix(frame, **panel)
    product = panel_matrix(frame.assign(exposure=1.0), **panel)
    generator = np.random.default_rng(2)
    one_start = np.full((DRAWS, UNITS), np.inf)
    for line in one_start:
        line[generator.choice(UNITS, TREATED, replace=False)] = 108
    several = np.array([generator.permutation(matrix.start) for _ in range(DRAWS)])
    months = np.arange(PERIODS) % 12

    def bare() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyfixest calls pandas in ways that pandas warns of
            formula = "count ~ treated | unit + period"
            return pyfixest.fepois(formula, frame, offset="log_exposure", vcov={"CRV1": "unit"})

    return {
        "bare fepois": bare,
        "poisson_regression": lambda: poisson_regression(frame, **names, regressors=["treated"], offset="log_exposure"),
        "poisson_did": lambda: poisson_did(frame, **panel, errors="CRV1"),
        "poisson_imputation": lambda: poisson_imputation(frame, **panel),
        "999 draws, closed form": lambda: impute_for_assignments(product, starts=one_start, seasons=months),
        "999 draws, one start, fitted": lambda: impute_for_assignments(matrix, starts=one_start),
        "999 draws, staggered, by season": lambda: impute_for_assignments(matrix, starts=several, seasons=months),
    }


def main() -> None:
    """Print medians and ratios."""
    timed = calls()
    times: dict[str, list[float]] = {name: [] for name in timed}
    for call in timed.values():
        call()
    for _ in range(ROUNDS):
        for name, call in timed.items():
            started = perf_counter()
            call()
            times[name].append(perf_counter() - started)
    base = median(times["bare fepois"])
    for name, several in times.items():
        print(f"{name:32} {median(several) * 1000:8.1f} ms  {median(several) / base:5.2f} x")


if __name__ == "__main__":
    main()
