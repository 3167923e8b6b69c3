"""Do intervals hold the truth as often as they say?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from insight.stats import within_regression


def test_the_interval_holds_the_truth_in_91_to_98_of_100_panels(make_panel: Callable[..., pd.DataFrame]) -> None:
    """Unit effects correlated with x, period shocks, and errors and x that remember; 200 panels, true value known."""
    effect = 0.5  # coverage is the same for any: the estimate moves with the truth
    how = {"outcome": "y", "regressors": ("x",), "unit": "unit", "period": "year"}
    fits = [within_regression(make_panel(seed=seed, effect=effect), **how) for seed in range(1000, 1200)]
    held = np.mean([fit.low <= effect <= fit.high for fit in fits])
    assert 0.91 <= held <= 0.98
    assert np.mean([fit.coef for fit in fits]) == pytest.approx(effect, abs=0.02)
