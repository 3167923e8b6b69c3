"""Numbers at risk, delayed entry and chances given survival so far."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import kaplan_meier

LATE = pd.DataFrame(
    {
        "time": [2.1, 3.4, 3.9, 4.2, 5.5, 6.1, 6.8, 7.7, 8.3, 9.0, 9.6, 11.2, 12.5, 13.1, 14.8],
        "event": [1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0],
        "entry": [0, 0, 0, 1.5, 0, 2.5, 0, 3.0, 0, 0, 4.5, 0, 6.5, 0, 7.1],
    }
)
COLUMNS: dict[str, Any] = {"duration": "time", "event": "event"}


def draws(n: int, seed: int = 1) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    times, stop = generator.exponential(5, n), generator.exponential(12, n)
    return pd.DataFrame({"time": np.minimum(times, stop), "event": (times <= stop) * 1})


def test_delayed_entry_on_the_log_log_scale_as_in_lifelines() -> None:
    """lifelines 0.30.3: KaplanMeierFitter().fit(time, event, entry=entry); its interval is Greenwood's log-log one."""
    theirs = {
        2.1: (10, 0.900000, 0.473009, 0.985281),
        3.4: (11, 0.818182, 0.447429, 0.951162),
        4.2: (9, 0.727273, 0.370787, 0.902833),
        5.5: (9, 0.646465, 0.311252, 0.849550),
        6.8: (8, 0.565657, 0.252262, 0.790013),
        7.7: (8, 0.494949, 0.207009, 0.730481),
        8.3: (7, 0.424242, 0.162960, 0.666811),
        9.6: (5, 0.339394, 0.108649, 0.590923),
        11.2: (4, 0.254545, 0.063067, 0.507910),
        13.1: (2, 0.127273, 0.009346, 0.402762),
    }
    found = kaplan_meier(LATE, **COLUMNS, entry="entry", conf_type="log_log")
    for time, (at_risk, survival, low, high) in theirs.items():
        one = found.at(time)
        assert found.at_risk(time) == at_risk
        assert (one.value, one.low, one.high) == pytest.approx((100 * survival, 100 * low, 100 * high), abs=1e-4)
    assert (found.median.value, found.median.low, found.median.high) == (7.7, 2.1, 13.1)


def test_a_quantile_has_an_interval() -> None:
    """Where the lower and the upper band cross three quarters: 0.473 at 2.1, 0.730 at 7.7."""
    quarter = kaplan_meier(LATE, **COLUMNS, entry="entry", conf_type="log_log").quantile(0.25)
    assert (quarter.value, quarter.low, quarter.high) == (4.2, 2.1, 7.7)


def test_a_chance_is_that_of_a_curve_begun_anew() -> None:
    """Those without the event at 2, as if they had entered then."""
    frame = draws(80)
    later = frame[frame["time"] > 2]
    anew: Any = kaplan_meier(later, **COLUMNS, conf_type="log_log").at(6)
    chance = kaplan_meier(frame, **COLUMNS, conf_type="log_log").chance(6, given=2)
    assert (chance.value, chance.low, chance.high) == pytest.approx((100 - anew.value, 100 - anew.high, 100 - anew.low))
    assert chance.n_rows == len(later)


def test_a_chance_of_an_exponential_time_does_not_depend_on_the_past() -> None:
    found = kaplan_meier(draws(4000), **COLUMNS)
    for given in (0.0, 2.0, 4.0):
        assert found.chance(given + 2, given=given).value == pytest.approx(100 * (1 - np.exp(-0.4)), abs=4)


def test_no_event_in_between_is_a_chance_of_nothing_without_an_interval() -> None:
    frame = pd.DataFrame({"time": [1.0] * 5 + [9.0] * 12, "event": 1})
    found = kaplan_meier(frame, **COLUMNS).chance(4, given=2)
    assert (found.value, found.low, found.high) == (0, None, None)


def test_few_at_risk_or_a_time_beyond_the_last_event_give_no_chance() -> None:
    found = kaplan_meier(draws(60), **COLUMNS)
    last = float(found.cells["time"].iloc[-1])
    with pytest.raises(NotEnoughData, match="last event"):
        found.chance(last + 1, given=1)
    with pytest.raises(NotEnoughData, match="at risk"):
        found.chance(last, given=last - 0.01)
    for time, given in ((2.0, 2.0), (2.0, 3.0), (2.0, -1.0)):
        with pytest.raises(UsageError):
            found.chance(time, given=given)
