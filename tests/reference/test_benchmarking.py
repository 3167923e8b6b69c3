"""Control charts, trends, false discovery, standardised rates, quarters and funnels against printed values.

Montgomery: Introduction to Statistical Quality Control (data as in the R package qcc by Scrucca). The figures of qcc
are those printed in its vignette, version 3.0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight.stats import (
    control_chart,
    false_discovery,
    funnel_limits,
    kaplan_meier,
    poisson_interval,
    quarters,
    share_interval,
    standardised_rate,
    trend_test,
)
from insight.stats.trend_test import arrangements_by_inversions

# Cans of orange juice that leak, of 50 in each of 54 samples (Montgomery, p chart).
JUICE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
JUICE_AFTER = [9, 6, 12, 5, 6, 4, 6, 3, 7, 6, 2, 4, 3, 6, 5, 4, 8, 5, 6, 7, 5, 6, 3, 5]
# Faults in lots of 5 computers (Montgomery, u chart).
COMPUTERS = [10, 12, 8, 14, 10, 16, 11, 7, 10, 15, 9, 5, 7, 11, 12, 6, 8, 10, 7, 5]
# Viscosity of a paint primer by batch (Montgomery, chart of single values).
VISCOSITY = [34.05, 34.40, 33.59, 35.96, 34.70, 33.51, 33.79, 34.04, 34.52, 33.75]
VISCOSITY += [33.27, 33.71, 34.03, 34.58, 34.02, 33.97, 34.05, 34.04, 33.73, 34.05]


def chart(counts: list[Any], sizes: list[Any] | None = None, *, baseline: int | None = None, **how: Any) -> Any:
    frame = pd.DataFrame({"period": range(1, len(counts) + 1), "value": counts, "size": sizes or 1})
    return control_chart(
        frame,
        value="value",
        period="period",
        denominator=None if sizes is None else "size",
        frequency="weekly",
        baseline=len(counts) if baseline is None else baseline,
        **how,
    )


def test_a_p_chart_as_in_qcc() -> None:
    """qcc(D[trial], sizes=50, type="p"): centre 0.2313333, limits 0.05242755 and 0.4102391."""
    cells = chart(JUICE, [50] * 30, kind="p").cells
    assert cells["centre"].unique() == pytest.approx([0.2313333], abs=5e-8)
    assert cells["low"].unique() == pytest.approx([0.05242755], abs=5e-9)
    assert cells["high"].unique() == pytest.approx([0.4102391], abs=5e-8)
    assert cells.index[(cells["value"] > cells["high"]) | (cells["value"] < cells["low"])].tolist() == [14, 22]


def test_a_p_chart_with_a_frozen_baseline_as_in_qcc() -> None:
    """Samples 15 and 23 taken out, limits kept for the 24 after an adjustment: 0.215, 0.04070284, 0.3892972."""
    first = [count for number, count in enumerate(JUICE) if number not in (14, 22)]
    cells = chart(first + JUICE_AFTER, [50] * 52, kind="p", baseline=28).cells
    assert [cells[name].iloc[-1] for name in ("centre", "low", "high")] == pytest.approx(
        [0.215, 0.04070284, 0.3892972], abs=5e-8
    )
    assert (cells["low"] == cells["low"].iloc[0]).all()


def test_a_lower_limit_below_zero_is_drawn_at_zero_as_in_qcc() -> None:
    """orangejuice2: centre 0.1108333, limits 0 and 0.2440207."""
    cells = chart(JUICE_AFTER, [50] * 24, kind="p").cells
    assert (cells["low"].iloc[0], cells["high"].iloc[0]) == pytest.approx((0, 0.2440207), abs=5e-8)


def test_a_u_chart_as_in_qcc() -> None:
    """qcc(x, sizes=5, type="u"): 1.93, 0.06613305, 3.793867."""
    cells = chart(COMPUTERS, [5] * 20, kind="u").cells
    assert [cells[name].iloc[0] for name in ("centre", "low", "high")] == pytest.approx(
        [1.93, 0.06613305, 3.793867], abs=5e-7
    )


def test_single_values_as_in_qcc() -> None:
    """qcc(viscosity, type="xbar.one"): 34.088, sd 0.5076521, 32.56504, 35.61096; 2.66 is 3 / 1.128 to three digits."""
    found = chart(VISCOSITY, kind="xmr")
    cells = found.cells
    assert found.centre == pytest.approx(34.088)
    assert (cells["low"].iloc[0], cells["high"].iloc[0]) == pytest.approx((32.56504, 35.61096), abs=5e-4)
    assert found.mean_range / 1.128 == pytest.approx(0.5076521, abs=5e-7)


def test_single_values_as_in_the_makers_of_making_data_count() -> None:
    """NHSRplotthedots, snapshot of ptd_spc_standard: 0.142, -3.01, 3.29. The 20 values are printed to three digits."""
    values = [-0.560, -0.230, 1.56, 0.0705, 0.129, 1.72, 0.461, -1.27, -0.687, -0.446, 1.22, 0.360, 0.401, 0.111]
    values += [-0.556, 1.79, 0.498, -1.97, 0.701, -0.473]
    found = chart(values, kind="xmr", screen=True)
    assert (found.centre, found.cells["low"].iloc[0], found.cells["high"].iloc[0]) == pytest.approx(
        (0.142, -3.01, 3.29), abs=0.01
    )
    assert found.n_screened == 0


def test_laneys_factor_by_hand() -> None:
    """Five shares of 1,000 at a centre of 0.05: z = (0, 1.451, -1.451, 2.902, -2.902), ranges 1.451, 2.902, ...

    Minitab's formula (its help on the Laney P' chart): sigma z is the mean range over 1.128.
    """
    counts = [50, 60, 40, 70, 30] * 4
    found = chart(counts, [1000] * 20, kind="p_prime")
    unit = 10 / math.sqrt(0.05 * 0.95 * 1000)
    ranges = [1, 2, 3, 4, 2] * 4
    assert found.sigma_z == pytest.approx(unit * sum(ranges[:19]) / 19 / 1.128)
    plain = chart(counts, [1000] * 20, kind="p").cells
    half = [(cells["high"] - cells["centre"]).iloc[0] for cells in (found.cells, plain)]
    assert half[0] / half[1] == pytest.approx(found.sigma_z)


def test_laneys_chart_is_the_plain_one_where_chance_alone_is_at_work() -> None:
    """Laney (2002): sigma z is 1 for binomial counts. 4,000 drawn samples of uneven size."""
    generator = np.random.default_rng(11)
    sizes = generator.integers(200, 2000, size=4000)
    found = chart(generator.binomial(sizes, 0.1).tolist(), sizes.tolist(), kind="p_prime")
    assert found.sigma_z == pytest.approx(1.0, abs=0.03)
    rates = chart(generator.poisson(sizes * 0.1).tolist(), sizes.tolist(), kind="u_prime")
    assert rates.sigma_z == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(
    ("n", "s", "one_sided"),
    [
        (4, 6, 0.042),
        (5, 6, 0.117),
        (5, 8, 0.042),
        (6, 11, 0.028),
        (7, 11, 0.068),
        (7, 15, 0.015),
        (8, 14, 0.054),
        (8, 20, 0.0071),
        (9, 18, 0.038),
        (10, 21, 0.036),
        (10, 25, 0.014),
    ],
)
def test_exact_chances_of_kendalls_s_as_tabulated(n: int, s: int, one_sided: float) -> None:
    """Hollander & Wolfe (1973), Table A.21; Gilbert (1987), Table A18."""
    counts = arrangements_by_inversions(n)
    pairs = n * (n - 1) // 2
    above = sum(count for wrong, count in enumerate(counts) if pairs - 2 * wrong >= s)
    assert above / math.factorial(n) == pytest.approx(one_sided, abs=5.1e-4 if one_sided > 0.01 else 5.1e-5)


def test_a_trend_with_ties_as_in_the_guide() -> None:
    """US EPA QA/G-9S (2006), Mann-Kendall for larger samples: S 22, variance 155.33, z 1.685."""
    found = trend_test([10, 10, 10, 5, 10, 20, 18, 17, 15, 24, 15])
    assert found.s == 22
    assert found.p == pytest.approx(math.erfc(1.685 / math.sqrt(2)), abs=1e-4)
    assert not found.is_exact


def test_trends_as_in_scipy() -> None:
    from scipy.stats import kendalltau, theilslopes

    generator = np.random.default_rng(1)
    for n in (5, 6, 8, 10):
        values = generator.normal(size=n) + 0.3 * np.arange(n)
        found, theirs = trend_test(values), kendalltau(np.arange(n), values, method="exact")
        assert (found.p, found.tau) == pytest.approx((theirs.pvalue, theirs.statistic))
    for n in (12, 30):
        values = np.round(generator.normal(size=n) + 0.1 * np.arange(n), 1)
        slope, theirs = trend_test(values).slope, theilslopes(values, alpha=0.95)
        assert (slope.value, slope.low, slope.high) == pytest.approx((theirs[0], theirs[2], theirs[3]))


PMK = {"s": -8, "slope": -0.0034782608695652206, "p": 0.9005655982491245, "p_hamed_rao": 0.7171991943958407}


def test_trends_as_in_pymannkendall() -> None:
    """pymannkendall 1.4.3: original_test and hamed_rao_modification_test of these 30 values."""
    values = [round(math.sin(1.7 * year) + 0.02 * year + 0.5 * math.sin(0.4 * year), 2) for year in range(30)]
    found = trend_test(values)
    assert found.s == PMK["s"]
    assert found.slope.value == pytest.approx(PMK["slope"])
    assert (found.p, found.p_with_memory) == pytest.approx((PMK["p"], PMK["p_hamed_rao"]), rel=1e-9)


def test_the_fifteen_p_values_of_benjamini_and_hochberg() -> None:
    """Benjamini & Hochberg (1995), section 3.3: at 5%, four of fifteen hypotheses are rejected (Bonferroni: three)."""
    values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    values += [0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    found = false_discovery({f"look {number}": value for number, value in enumerate(values)}, rate=0.05)
    assert found.kept == ("look 0", "look 1", "look 2", "look 3")
    assert found.n_looks == 15
    assert found.adjusted["look 3"] == pytest.approx(15 * 0.0095 / 4)


def test_a_directly_standardised_rate_of_the_textbook() -> None:
    """Down syndrome by mother's age, first births (Fleiss 1981, p. 249; Fay & Feuer 1997, Table 1): 92.3 per 100,000.

    The variance, 3.919e-9, is that of the example of the R package epitools, by another program (ahri, test_adjust).
    """
    counts = [107, 141, 60, 40, 39, 25]
    sizes = [230061, 329449, 114920, 39487, 14208, 3052]
    standard = [63986.6, 186263.6, 157302.2, 97647.0, 47572.6, 12262.6]
    found = standardised_rate(counts, populations=sizes, standard=standard)
    assert found.value == pytest.approx(0.00092305, abs=5e-9)
    # Dobson et al. (1991): the distance of each end is that of the total's, times the root of variance over total.
    total = poisson_interval(412)
    scale = math.sqrt(3.919e-9 / 412)
    assert found.low == pytest.approx(0.00092305 + scale * (total.low - 412), abs=2e-8)
    assert found.high == pytest.approx(0.00092305 + scale * (total.high - 412), abs=2e-8)


def test_quarters_have_the_cuts_of_a_spreadsheet() -> None:
    """Hyndman & Fan's type 7, as in R's `quantile`: 1 to 10 has quartiles 3.25, 5.5 and 7.75."""
    assert quarters({str(number): float(number) for number in range(1, 11)}).cuts == (3.25, 5.5, 7.75)


@pytest.mark.parametrize(
    ("size", "two", "three"),
    [
        (4818, (79.526814, 81.758082), (78.883452, 82.401444)),
        (10_000 - 2, (79.867989, 81.416907), (79.421375, 81.863521)),
        (42_000 + 1036, (80.269164, 81.015732), (80.053899, 81.230996)),
    ],
)
def test_funnel_limits_of_chance_as_in_the_funnel_tool(
    size: int, two: tuple[float, float], three: tuple[float, float]
) -> None:
    """Public Health England's tool (PHEindicatormethods, funnel of cervical screening by 303 trusts, 80.642448%).

    Its limits at 95% and 99.8% are normal ones; ours are made on the arcsine scale: within 0.03 points at 4,818.
    """
    parts, sizes = [80_642_448.0] * 3, [1e8] * 3
    funnel = funnel_limits(parts, sizes, kind="proportion", dispersion="none", multiples=[1.959964, 3.090232])
    limits = 100 * funnel.limits([size])[["low", "high"]].to_numpy()
    assert limits[0] == pytest.approx(two, abs=0.03)
    assert limits[1] == pytest.approx(three, abs=0.05)


def test_a_share_as_in_the_guide_to_intervals() -> None:
    """Newcombe (1998), Stat Med 17, 857-872, Table I, Wilson's interval: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    printed = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (part, whole), expected in printed.items():
        found = share_interval(part, whole, multiplier=1.0)
        assert (found.low, found.high) == pytest.approx(expected, abs=5.1e-5)


def test_kaplan_meier_on_the_log_log_scale_as_in_the_textbook() -> None:
    """Remission with 6-MP (Freireich 1963; Klein & Moeschberger 1997, Tables 4.1 and 4.4; R: conf.type="log-log").

    Survival after 10 weeks 0.7529 (error 0.0963; 0.5032 to 0.8894), after 23 weeks 0.4482 (0.1346; 0.1881 to 0.6801).
    """
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    found = kaplan_meier(
        pd.DataFrame({"weeks": weeks, "relapse": relapse}), duration="weeks", event="relapse", conf_type="log_log"
    )
    ten, late = found.at(10), found.at(23)
    assert (ten.value, ten.low, ten.high) == pytest.approx((75.29, 50.32, 88.94), abs=0.02)
    assert (late.value, late.low, late.high) == pytest.approx((44.82, 18.81, 68.01), abs=0.02)
    assert [found.at_risk(week) for week in (6, 7, 10, 13, 16, 22, 23)] == [21, 17, 15, 12, 11, 7, 6]
    assert (found.median.value, found.median.low, found.median.high) == (23, 13, None)
