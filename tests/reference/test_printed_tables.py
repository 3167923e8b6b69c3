"""Cases small enough to be printed in a textbook, with the answers printed beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight.errors import UsageError
from insight.stats import (
    callaway_santanna,
    cox,
    goodman_bacon,
    kaplan_meier,
    log_rank,
    permute_units,
    poisson_did,
    poisson_imputation,
    ratio_of_ratios,
    static_two_way,
    sun_abraham,
)

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def remission() -> pd.DataFrame:
    """Weeks of remission of 42 children with leukaemia: Freireich et al. (1963), Blood 21, 699-716."""
    drug = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    return pd.DataFrame({"week": drug + placebo, "ended": ended + [1] * 21, "placebo": [0] * 21 + [1] * 21})


def test_remission_with_and_without_mercaptopurine(remission: pd.DataFrame) -> None:
    """R survival: log-rank 16.79; coxph 1.572 (0.412), with Breslow's ties 1.509 (0.410); medians 23 and 8."""
    times: dict[str, Any] = {"duration": "week", "event": "ended"}
    assert log_rank(remission, **times, group="placebo").statistic == pytest.approx(16.79, abs=5e-3)
    efron = cox(remission, **times, covariates=["placebo"])
    breslow = cox(remission, **times, covariates=["placebo"], ties="breslow")
    assert (efron.coefs[0], efron.std_errors[0]) == pytest.approx((1.572, 0.412), abs=5e-4)
    assert (breslow.coefs[0], breslow.std_errors[0]) == pytest.approx((1.509, 0.410), abs=5e-4)
    medians = [kaplan_meier(remission[remission["placebo"] == k], **times).median for k in (0, 1)]
    assert [(each.value, each.low, each.high) for each in medians] == [(23, 16, None), (8, 4, 12)]


@pytest.mark.parametrize(
    "effect",
    [
        lambda f, **where: callaway_santanna(f, **where, errors="none"),
        lambda f, **where: sun_abraham(f, **where, errors="none"),
        lambda f, **where: static_two_way(f, **where, errors="none"),
        goodman_bacon,
    ],
)
def test_employment_in_new_jersey_and_pennsylvania(effect: Callable[..., Any]) -> None:
    """Card & Krueger (1994), Am Econ Rev 84, 772-793, table 3: 2.76 from unrounded means, 2.75 from those printed."""
    frame = pd.DataFrame(
        {
            "state": ["New Jersey", "New Jersey", "Pennsylvania", "Pennsylvania"],
            "month": ["1992-02", "1992-11"] * 2,
            "raised": ["1992-04", "1992-04", None, None],
            "workers": [20.44, 21.03, 23.33, 21.17],
        }
    )
    with pytest.raises(UsageError, match="same terms"):
        effect(frame.assign(raised=1992), outcome="workers", unit="state", period="month", cohort="raised")
    found = effect(frame, outcome="workers", unit="state", period="month", cohort="raised")
    assert found.estimate.value == pytest.approx(2.75)


def test_cholera_by_company_of_water() -> None:
    """Snow (1855), table XII, per 10,000, as Cunningham (2021), Causal Inference, gives them: a difference of -78."""
    frame = pd.DataFrame(
        {
            "company": ["Southwark and Vauxhall"] * 2 + ["Lambeth"] * 2,
            "year": [1849, 1854] * 2,
            "moved": [0, 0, 1852, 1852],
            "deaths": [135, 147, 85, 19],
        }
    )
    where: dict[str, Any] = {"outcome": "deaths", "unit": "company", "period": "year", "cohort": "moved"}
    assert static_two_way(frame, **where, errors="none").estimate.value == pytest.approx(-78)
    for method in (ratio_of_ratios, poisson_did, poisson_imputation):
        assert method(frame, **where).estimate.value == pytest.approx((19 / 85) / (147 / 135))


def test_jaws_of_golden_jackals() -> None:
    """Manly (2007), Randomization, Bootstrap and Monte Carlo Methods in Biology, chapter 1: 4.8 mm; p about 0.0018.

    He drew 4,999 arrangements; of all 184,756 there are 308 with a sum of at least 1134 (counted by recursion here).
    """
    males = [120, 107, 110, 116, 114, 111, 113, 117, 114, 112]
    females = [110, 111, 107, 108, 110, 105, 107, 106, 111, 111]
    ways = np.zeros((11, sum(males) + 1 + 10 * 120), dtype=np.int64)
    ways[0, 0] = 1
    for length in males + females:
        ways[1:, length:] += ways[:-1, :-length].copy()
    assert ways[10, sum(males) :].sum() == 308
    test = permute_units(
        males + females, treated=[1] * 10 + [0] * 10, seed=1, alternative="greater", enumerate_up_to=200_000
    )
    assert test.observed == pytest.approx(4.8)
    assert (test.n_possible, round(test.p_value * 184_756)) == (184_756, 308)


def test_the_lady_who_tasted_tea() -> None:
    """Fisher (1935), The Design of Experiments, section 5: four cups of eight, all right, 1 in 70."""
    test = permute_units([1] * 4 + [0] * 4, treated=[1] * 4 + [0] * 4, seed=1, alternative="greater")
    assert test.p_value == pytest.approx(1 / 70)
