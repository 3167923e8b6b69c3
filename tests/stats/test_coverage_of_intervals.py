"""Do intervals hold the truth as often as they say?"""

from __future__ import annotations

import numpy as np
import pytest

from insight.stats import within_regression


@pytest.mark.parametrize("effect", [0.5, 0.0])
def test_the_interval_holds_the_truth_in_91_to_98_of_100_panels(make_panel, effect: float) -> None:  # type: ignore[no-untyped-def]
    """Unit effects correlated with x, period shocks, and errors and x that remember; 200 panels, true value known."""
    how = {"outcome": "y", "regressors": ("x",), "unit": "unit", "period": "year"}
    fits = [within_regression(make_panel(seed=seed, effect=effect), **how) for seed in range(1000, 1200)]
    held = np.mean([fit.low <= effect <= fit.high for fit in fits])
    assert 0.91 <= held <= 0.98
    assert np.mean([fit.coef for fit in fits]) == pytest.approx(effect, abs=0.02)
