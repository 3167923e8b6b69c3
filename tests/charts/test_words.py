"""Numbers and series in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.charts.words import change, listed, number, series_words, wrapped


def _rows(*values: float) -> pd.DataFrame:
    status = ["value" if value == value else "not applicable" for value in values]
    return pd.DataFrame({"time_period": range(2017, 2017 + len(values)), "value": values, "status": status})


def test_a_series_is_told_from_first_to_last_with_its_extremes() -> None:
    said = series_words("Oakshire", _rows(12.3, 9.0, 20.0, 15.6), decimals=1)
    assert said == "Oakshire: from 12.3 in 2017 to 15.6 in 2020, up 3.3; highest 20.0 in 2019; lowest 9.0 in 2018."


def test_a_missing_last_year_is_not_the_last_value() -> None:
    said = series_words("Oakshire", _rows(12.3, 9.0, np.nan), decimals=1)
    assert said == "Oakshire: from 12.3 in 2017 to 9.0 in 2018, down 3.3. No value in 2019 (not applicable)."


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [(1.04, 1.0, "unchanged"), (1.0, 1.06, "up 0.1"), (1.0, -1.0, "down 2.0"), (0.04, 0.06, "up 0.1")],
)
def test_direction_is_judged_on_the_figures_as_shown(first: float, last: float, said: str) -> None:
    assert change(first, last, 1) == said


def test_numbers_have_separators_a_true_minus_and_no_negative_zero() -> None:
    assert [number(value, 1) for value in (-1234.5, -0.04, 0.0)] == ["−1,234.5", "0.0", "0.0"]


def test_lists_and_wrapping() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"])] == ["", "a", "a and b"]
    assert wrapped("", 10) == ""
    assert max(map(len, wrapped("Brighton and Hove and Telford and Wrekin", 22).split("\n"))) <= 22
