"""Quarters and ties at their cuts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import quarters

EIGHT = {name: float(number) for number, name in enumerate("abcdefgh", start=1)}


def test_eight_units_fall_into_four_pairs() -> None:
    found = quarters(EIGHT)
    assert found.cuts == (2.75, 4.5, 6.25)
    assert found.quarter == dict(zip("abcdefgh", [1, 1, 2, 2, 3, 3, 4, 4], strict=True))
    assert found.strict == found.quarter
    assert (found.tied, found.words) == ((), "No unit lies at a cut.")


def test_the_best_quarter_depends_on_what_is_better() -> None:
    found = quarters(EIGHT)
    assert found.placed(better="lower")["a"] == 1
    assert found.placed(better="higher")["a"] == 4
    assert found.placed(better="higher")["h"] == 1
    neither: Any = "neither"
    with pytest.raises(UsageError):
        found.placed(better=neither)


def test_ties_at_a_cut_belong_below_and_the_other_rule_is_counted() -> None:
    """Values 1, 2, 2, 2, 3: all three cuts are 2."""
    found = quarters({"a": 1, "b": 2, "c": 2, "d": 2, "e": 3})
    assert found.cuts == (2, 2, 2)
    assert [found.quarter[name] for name in "abcde"] == [1, 1, 1, 1, 4]
    assert [found.strict[name] for name in "abcde"] == [1, 4, 4, 4, 4]
    assert found.tied == ("b", "c", "d")
    assert (found.count(1), found.count(1, strict=True)) == (4, 1)
    assert found.count(1, among=frozenset({"a", "e"})) == 1
    assert found.words.startswith("3 units lie at a cut")


def test_a_unit_without_a_number_has_no_quarter() -> None:
    found = quarters({**EIGHT, "x": None, "y": float("nan")})
    assert (found.n_units, found.n_missing) == (8, 2)
    assert "x" not in found.quarter
    assert found.cuts == quarters(EIGHT).cuts


def test_cuts_are_those_of_pandas_and_rounding_makes_no_difference() -> None:
    import pandas as pd

    values = pd.Series(np.random.default_rng(1).normal(size=147)).round(1)
    found = quarters({str(key): float(value) for key, value in values.items()})
    assert found.cuts == pytest.approx(tuple(values.quantile([0.25, 0.5, 0.75])))
    below = (values <= found.cuts[0] + 1e-9).sum()
    assert found.count(1) == below


def test_a_cut_that_interpolation_leaves_a_hair_off_a_value_is_that_value() -> None:
    found = quarters({"a": 0.1, "b": 0.1, "c": 0.1, "d": 0.1, "e": 0.7, "f": 0.3})
    assert [found.quarter[name] for name in "abcd"] == [1, 1, 1, 1]


@pytest.mark.parametrize(("values", "error"), [({"a": 1.0}, NotEnoughData), ({**EIGHT, "x": math.inf}, UsageError)])
def test_what_has_no_quarters_is_refused(values: dict[str, float], error: type[Exception]) -> None:
    with pytest.raises(error):
        quarters(values)
