"""Invented panels with known truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

MakePanel = Callable[..., pd.DataFrame]


def draw_panel(
    *, seed: int = 1, units: int = 40, periods: int = 8, effect: float = 0.5, keep: float = 0.9
) -> pd.DataFrame:
    """A panel with unit effects, period shocks and errors that remember (AR 0.5); the true coefficient is ``effect``.

    ``x`` is correlated with the unit effects and remembers too; ``count`` has a true rate ratio of exp(0.03) per x.
    """
    generator = np.random.default_rng(seed)
    size = units * periods
    unit = np.repeat(np.arange(units), periods)
    period = np.tile(np.arange(periods), units)
    level = generator.normal(size=units) * 2

    def remembering() -> np.ndarray:
        steps = generator.normal(size=(units, periods))
        for step in range(1, periods):
            steps[:, step] += 0.5 * steps[:, step - 1]
        return steps.reshape(size)

    x = 16 + level[unit] + remembering()
    frame = pd.DataFrame(
        {
            "unit": [f"unit {number:03d}" for number in unit],
            "block": [f"block {number % 4}" for number in unit],
            "year": 2010 + period,
            "x": x,
            "other": generator.normal(size=size),
            "weight": generator.uniform(0.5, 2.0, size=size),
            "y": effect * x + level[unit] + generator.normal(size=periods)[period] + remembering(),
        }
    )
    exposure = generator.integers(40, 400, size=units)[unit]
    frame["log_exposure"] = np.log(exposure)
    frame["count"] = generator.poisson(exposure * np.exp(-2 + 0.03 * (x - 16)))
    return frame[generator.uniform(size=size) < keep].reset_index(drop=True)


@pytest.fixture
def make_panel() -> MakePanel:
    """The generator of panels."""
    return draw_panel


@pytest.fixture
def panel() -> pd.DataFrame:
    """Forty units, eight years, a tenth of the rows absent."""
    return draw_panel()
