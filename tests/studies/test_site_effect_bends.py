"""What the smoothness table of the study may say: a straight line stays one, and few units say nothing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from insight.studies.site_effect._arena import Arena, arena_of
from insight.studies.site_effect._design import Design, month_number
from insight.studies.site_effect._effects import event_quarters
from insight.studies.site_effect._here import _noise
from insight.studies.site_effect._rigour import sensitivity
from tests.studies.making_site_effect import made_effect

MONTHS, START = 60, 51


def arena(several: int = 59, *, a_quarter: float, seed: int = 5) -> Arena:
    """Large units with a season each; the first two drift away from the others by a share every quarter."""
    rng = np.random.default_rng(seed)
    month = np.arange(MONTHS)
    season = 0.1 * rng.normal(size=(several, 12))[:, month % 12]
    rates = 2000 * np.exp(season + rng.normal(0, 0.02, (several, MONTHS)))
    rates[:2] *= np.exp(a_quarter * (month - START) / 3)
    units = [f"U{place:03d}" for place in range(several)]
    cells = pd.DataFrame(
        {
            "unit": np.repeat(units, MONTHS),
            "period": np.tile(month_number("2019-04") + month, several),
            "count": rng.poisson(rates).reshape(-1).astype(float),
            "children": 10_000.0,
        }
    )
    cells["season"] = cells["period"] % 12 + 1
    starts = [month_number("2019-04") + START] * 2 + [None] * (several - 2)
    described = pd.DataFrame(
        {"name": units, "part": ["treated"] * 2 + ["donor"] * (several - 2), "start": pd.array(starts, "Int64")},
        index=units,
    ).assign(kind="live", announced=None, size=10_000.0, why="")
    return arena_of(Design("programme", "made", cells, described, ()), months=36, gap=6)


def test_a_straight_line_before_the_start_is_carried_on_and_is_no_effect() -> None:
    rows, breakdown = sensitivity(event_quarters(arena(a_quarter=0.05)))
    # Levels alone would show a rise of a third: 0.05 a quarter over some six to eight quarters.
    assert rows[0]["bend"] == 0 and rows[0]["low"] < 1 < rows[0]["high"]
    assert rows[0]["value"] == pytest.approx(1, abs=0.04)
    assert breakdown is None


def test_a_step_stands_while_the_difference_bends_little() -> None:
    made = arena(a_quarter=0.0)
    count = made.with_gap.outcome.copy()
    count[np.ix_(made.treated, np.arange(count.shape[1]) >= made.starts[made.treated][0])] *= 0.7
    changed = replace(made, with_gap=replace(made.with_gap, outcome=count))
    rows, breakdown = sensitivity(event_quarters(changed))
    assert rows[0]["low"] < 0.7 < rows[0]["high"] < 1
    assert breakdown is not None and breakdown > 0.005


def test_intervals_widen_with_the_bend() -> None:
    rows, _ = sensitivity(event_quarters(arena(a_quarter=0.0)))
    widths = [math.log(row["high"] / row["low"]) for row in rows]
    assert widths == sorted(widths) and len(widths) == 5


def test_nothing_is_said_of_bends_with_fewer_units_than_quarters_need() -> None:
    assert sensitivity(event_quarters(arena(14, a_quarter=0.0))) == ([], None)


def test_quarters_that_are_not_in_a_row_give_no_bends() -> None:
    quarters = event_quarters(arena(a_quarter=0.0))
    quarters.loc[5, "unmatched"] = np.nan
    assert sensitivity(quarters) == ([], None)


def test_the_past_of_large_authorities_does_not_speak_for_a_tiny_one() -> None:
    donors = [
        {"unit": f"D{place}", "part": "donor", "change": 0.0, "third": 0, "size": 8000.0, "noise": 0.2, "past": 9}
        for place in range(5)
    ]
    effect = replace(made_effect(), units=donors)
    short = {"unit": "new", "third": None, "noise": None, "past": 0}
    assert _noise(effect, {**short, "size": 7000.0})[0] == pytest.approx(0.2)
    assert _noise(effect, {**short, "size": 1100.0})[0] is None
