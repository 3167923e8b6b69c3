"""Estimates, checks, periods, events and indicators hold what they promise."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from insight.core.check import Check
from insight.core.estimate import Estimate
from insight.core.events import COLUMNS, Events
from insight.core.missing import SYMBOLS, Status, combine
from insight.core.period import Period, PeriodKind
from insight.errors import NotDisplayable, PanelError, PeriodError


def estimate(**changes: float | None) -> Estimate:
    values: dict[str, float | None] = {"value": 0.5, "low": 0.1, "high": 0.9, "null": 0.0, **changes}
    return Estimate(
        "k", "t", values["value"], "u", "difference", "m", low=values["low"], high=values["high"], null=values["null"]
    )


@pytest.mark.parametrize("changes", [{"value": math.nan}, {"low": -math.inf}, {"value": 2.0}, {"high": 0.2}])
def test_an_estimate_is_finite_and_lies_in_its_interval(changes: dict[str, float]) -> None:
    with pytest.raises(NotDisplayable):
        estimate(**changes)


@pytest.mark.parametrize(
    ("low", "high", "null", "expected"),
    [
        (0.1, 0.9, 0.0, True),
        (-0.1, 0.9, 0.0, False),
        (0.1, 0.9, 1.0, True),
        (None, None, 0.0, None),
        (0.1, 0.9, None, None),
    ],
)
def test_whether_an_interval_excludes_no_effect(
    low: float | None, high: float | None, null: float | None, expected: bool | None
) -> None:
    assert estimate(low=low, high=high, null=null).excludes_null is expected


def test_an_estimate_without_a_number_says_why() -> None:
    shown = Estimate("k", "t", None, "u", "p", "too few rows")
    assert "no number" in repr(shown)
    assert "too few rows" in repr(shown)


@pytest.mark.parametrize(("passed", "state"), [(True, "passed"), (False, "failed"), (None, "for information")])
def test_a_check_has_three_states(passed: bool | None, state: str) -> None:
    assert Check("name", passed, "meaning").state == state


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        (PeriodKind.YEAR_TO_MARCH, date(2024, 4, 1), date(2025, 3, 31)),
        (PeriodKind.YEAR_TO_SEPTEMBER, date(2024, 10, 1), date(2025, 9, 30)),
        (PeriodKind.AT_SEPTEMBER, date(2025, 9, 30), date(2025, 9, 30)),
        (PeriodKind.MID_YEAR, date(2025, 6, 30), date(2025, 6, 30)),
    ],
)
def test_the_same_four_digits_are_other_days_in_other_statistics(kind: PeriodKind, start: date, end: date) -> None:
    period = Period.of("2025", kind)
    assert (period.start, period.end) == (start, end)
    assert period.shifted(-1).end == end.replace(year=2024)


@pytest.mark.parametrize("label", ["25", "202425", "2o25", "", "1850", "२०२५", " 2025", "2025\n"])
def test_a_year_is_four_plain_digits(label: str) -> None:
    with pytest.raises(PeriodError):
        Period.of(label, PeriodKind.YEAR_TO_MARCH)


def test_a_number_made_of_cells_is_hidden_as_soon_as_one_of_them_is() -> None:
    assert combine("value", "value") is Status.VALUE
    for status in SYMBOLS.values():
        assert combine("value", status, "value") is status


def test_events_are_selected_by_area_kind_and_day() -> None:
    rows = [
        ["E1", date(2024, 5, 1), "judgement", "Good", "ofsted"],
        ["E1", date(2020, 5, 1), "judgement", "Inadequate", "ofsted"],
        ["E2", date(2024, 5, 1), "action", "started", "council"],
    ]
    events = Events(pd.DataFrame(rows, columns=list(COLUMNS)))
    assert list(events.select(areas=("E1",)).frame["value"]) == ["Inadequate", "Good"]
    assert len(events.select(kinds=("action",)).frame) == 1
    assert len(events.select(until=date(2023, 1, 1)).frame) == 1
    with pytest.raises(PanelError):
        Events(pd.DataFrame({"area": ["E1"]}))
