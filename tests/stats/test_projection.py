"""Effects taken out of columns, against least squares on dummies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.stats.projection import dummies, is_nested, project
from insight.stats.rows import Specification, complete_rows, without_singletons
from tests.stats.count_panels import draw_counts


def _in_two_parts() -> pd.DataFrame:
    """Two panels that share neither units nor periods."""
    other = draw_counts(seed=2, keep=0.7)
    return pd.concat([draw_counts(keep=0.7), other.assign(site="other " + other["site"], month=other["month"] + 100)])


@pytest.mark.parametrize("weights", [None, "exposure"])
@pytest.mark.parametrize("frame", [draw_counts(), draw_counts(keep=0.6), draw_counts(keep=0.15), _in_two_parts()])
def test_what_is_left_is_the_residual_of_least_squares_on_dummies(frame: pd.DataFrame, weights: str | None) -> None:
    specification = Specification("events", ("treated", "x"), "site", "month", weights=weights)
    shaken = frame.assign(x=np.random.default_rng(4).normal(size=len(frame)))
    rows = without_singletons(complete_rows(shaken, specification))
    projected = project(rows)
    root = np.sqrt(rows.weights)
    design = np.column_stack([dummies(codes, root) for codes in rows.effects])
    columns = root[:, None] * np.column_stack([rows.outcome, rows.regressors])
    expected = columns - design @ np.linalg.lstsq(design, columns, rcond=None)[0]
    ours = np.column_stack([projected.outcome, projected.regressors])
    assert ours == pytest.approx(expected, abs=1e-9 * np.abs(columns).max())


def test_nested_effects_are_told_from_others() -> None:
    unit, group, period = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 0, 1, 0, 1])
    assert is_nested(unit, group)
    assert is_nested(unit, unit)
    assert not is_nested(group, unit)
    assert not is_nested(period, group)
