"""However a panel is written - its types, order, index, marks of the never treated - the numbers are the same."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight.errors import InsightError, NotEnoughData, UsageError
from insight.stats import (
    callaway_santanna,
    clustered_change,
    collapsed_change,
    comparative_series,
    cox,
    goodman_bacon,
    interrupted_series,
    own_history,
    panel_matrix,
    poisson_did,
    poisson_imputation,
    simulate_power,
    static_two_way,
    sun_abraham,
    synthetic_control,
    synthetic_did,
    within_regression,
)

WHERE: dict[str, Any] = {"unit": "u", "period": "p", "cohort": "c"}
Call = Callable[[pd.DataFrame], Any]

CALLS: dict[str, Call] = {
    "callaway_santanna": lambda f: callaway_santanna(
        f, outcome="y", **WHERE, control="not_yet_treated", covariates=["x"], method="outcome_regression", weights="w"
    ),
    "sun_abraham": lambda f: sun_abraham(f, outcome="y", **WHERE, cluster="block", errors="none"),
    "static_two_way": lambda f: static_two_way(f, outcome="y", **WHERE, errors="none"),
    "goodman_bacon": lambda f: goodman_bacon(f, outcome="y", **WHERE),
    "poisson_did": lambda f: poisson_did(f, outcome="n", **WHERE, exposure="e", season="s"),
    "collapsed_change": lambda f: collapsed_change(f, outcome="n", **WHERE, exposure="e", season="s"),
    "poisson_imputation": lambda f: poisson_imputation(f, outcome="n", **WHERE, exposure="e", season="s"),
    "comparative_series": lambda f: comparative_series(f, outcome="n", **WHERE, exposure="e", season="s"),
    "clustered_change": lambda f: clustered_change(f, outcome="y", **WHERE, form="panel"),
    "synthetic_did": lambda f: synthetic_did(f, outcome="y", **WHERE, placebos=False, solver="exact"),
    "synthetic_control": lambda f: synthetic_control(f, outcome="y", **WHERE, placebos=False, solver="exact"),
}


def _panel(units: int = 20, periods: int = 12) -> pd.DataFrame:
    """Starts at 5, 6 and 8 in 12 of the units, numbered periods, and never treated as missing."""
    generator = np.random.default_rng(7)
    start = np.full(units, np.nan)
    start[generator.permutation(units)[:12]] = np.resize([5.0, 6.0, 8.0], 12)
    period = np.arange(1, periods + 1)
    treated = period[None, :] >= np.where(np.isnan(start), 99, start)[:, None]
    count = generator.poisson(np.where(treated, 0.7, 1.0) * generator.uniform(40, 90, units)[:, None])
    return pd.DataFrame(
        {
            "u": np.repeat(np.arange(1, units + 1), periods),
            "p": np.tile(period, units),
            "c": np.repeat(start, periods),
            "n": count.ravel(),
            "y": np.log(count.ravel()) + generator.normal(0, 0.1, units * periods),
            "e": np.repeat(generator.uniform(1, 3, units), periods),
            "w": np.repeat(generator.uniform(0.5, 2, units), periods),
            "x": np.repeat(generator.normal(size=units), periods),
            "s": np.tile((period - 1) % 3, units),
            "block": np.repeat(np.arange(units) // 2, periods),
        }
    )


PLAIN = _panel()


def _month(k: int) -> str:
    return f"{2004 + (k - 1) // 12}-{(k - 1) % 12 + 1:02d}"


PERIODS: dict[str, Callable[[int], Any]] = {
    "numbers": lambda k: k,
    "years": lambda k: 2003 + k,
    "months": lambda k: pd.Period(_month(k), "M"),
    "quarters": lambda k: pd.Period("2004Q1", "Q") + k - 1,
    "timestamps": lambda k: pd.Timestamp(f"{_month(k)}-01"),
    "moments in a zone": lambda k: pd.Timestamp(f"{_month(k)}-01", tz="Europe/London"),
    "dates": lambda k: datetime.date.fromisoformat(f"{_month(k)}-01"),
    "text": _month,
    "fiscal years": lambda k: f"{2003 + k}/{(4 + k) % 100:02d}",
}
NOBODY: dict[str, Any] = {"None": None, "NaN": np.nan, "NA": pd.NA, "NaT": pd.NaT, "inf": np.inf}


def _as(label: Callable[[int], Any], never: Any, frame: pd.DataFrame = PLAIN) -> pd.DataFrame:
    starts = [never if math.isnan(each) else label(int(each)) for each in frame["c"]]
    return frame.assign(
        p=pd.Series([label(int(each)) for each in frame["p"]], index=frame.index, dtype=object),
        c=pd.Series(starts, index=frame.index, dtype=object),
    )


def _objects(values: Iterable[Any]) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def _numbered(c: pd.Series, how: Any) -> pd.DataFrame:
    return PLAIN.assign(p=PLAIN["p"].astype(how), c=c.astype(how))


WAYS: dict[str, pd.DataFrame] = {
    **{f"{kind}, never {mark}": _as(PERIODS[kind], NOBODY[mark]) for kind, mark in product(PERIODS, ("None", "inf"))},
    **{f"{kind}, inferred": _as(PERIODS[kind], None).infer_objects() for kind in PERIODS},
    **{f"{kind}, categories": _as(PERIODS[kind], None).astype({"p": "category", "c": "category"}) for kind in PERIODS},
    **{f"never {mark}": _as(lambda k: k, NOBODY[mark]) for mark in NOBODY},
    "never 0": _numbered(PLAIN["c"].fillna(0), "int64"),
    "never 0, whole starts of numpy": PLAIN.assign(
        p=pd.Series(list(PLAIN["p"].to_numpy()), dtype=object),
        c=pd.Series(list(PLAIN["c"].fillna(0).to_numpy(dtype=np.int64)), dtype=object),
    ),
    "never 0, nullable": _numbered(PLAIN["c"].fillna(0), "Int64"),
    "nullable": _numbered(PLAIN["c"], "Int64"),
    "fractions": _numbered(PLAIN["c"], "Float64"),
    "never blank": _as(_month, "").astype({"p": "string", "c": "string"}),
    "never in several ways": PLAIN.assign(
        c=_objects([np.inf, None, 0, pd.NA][k % 4] if math.isnan(each) else each for k, each in enumerate(PLAIN["c"]))
    ),
    "a start between periods": PLAIN.assign(c=PLAIN["c"] - 0.5),
    "an order of its own": PLAIN.assign(
        p=pd.Categorical(
            [f"{'zyxwvutsrqpo'[k - 1]}" for k in PLAIN["p"]], categories=list("zyxwvutsrqpo"), ordered=True
        ),
        c=_objects(None if math.isnan(each) else "zyxwvutsrqpo"[int(each) - 1] for each in PLAIN["c"]),
    ),
    "units as text": PLAIN.assign(u=PLAIN["u"].map("unit {:02d}".format)),
    "units as unsorted categories": PLAIN.assign(
        u=pd.Categorical(PLAIN["u"].map("unit {:02d}".format), categories=[f"unit {k:02d}" for k in range(30, -1, -1)])
    ),
    "units nullable": PLAIN.assign(u=PLAIN["u"].astype("Int64"), block=PLAIN["block"].astype("Int64")),
    "units large": PLAIN.assign(u=PLAIN["u"].astype("uint64") + np.uint64(2**63)),
    "blocks and seasons as text": PLAIN.assign(
        block=PLAIN["block"].map("block {:02d}".format).astype("category"), s=PLAIN["s"].map("s{}".format)
    ),
    "values nullable": PLAIN.astype({"n": "Int64", "y": "Float64", "e": "Float64", "w": "Float64", "x": "Float64"}),
    "values as objects": PLAIN.astype({"n": object, "y": object, "e": object}),
    "shuffled": PLAIN.sample(frac=1, random_state=1),
    "index repeated": PLAIN.set_axis([0] * len(PLAIN)),
    "index named as columns": PLAIN.set_index(["u", "p"], drop=False),
    "more columns": PLAIN.assign(
        unit="a", period=1, cohort=None, outcome="b", start=2, weight=0, treated="c", cluster=0
    ),
}


def _ends(found: Any) -> tuple[float, ...]:
    one = found.estimate
    return tuple(math.nan if each is None else each for each in (one.value, one.low, one.high))


EXPECTED = {name: pytest.approx(_ends(call(PLAIN)), rel=1e-9, nan_ok=True) for name, call in CALLS.items()}


@pytest.mark.parametrize("way", WAYS)
def test_the_numbers_do_not_depend_on_how_the_panel_is_written(way: str) -> None:
    frame = WAYS[way]
    before = frame.copy(deep=True)
    plain, given = panel_matrix(PLAIN, outcome="y", **WHERE), panel_matrix(frame, outcome="y", **WHERE)
    np.testing.assert_array_equal(given.start, plain.start)
    np.testing.assert_array_equal(given.outcome, plain.outcome)
    for name in ("callaway_santanna", "collapsed_change"):
        assert _ends(CALLS[name](frame)) == EXPECTED[name]
    pd.testing.assert_frame_equal(frame, before)


HARD = (
    "never 0, whole starts of numpy",
    "moments in a zone, categories",
    "an order of its own",
    "units as unsorted categories",
    "index named as columns",
    "blocks and seasons as text",
)


@pytest.mark.parametrize(("name", "way"), list(product(CALLS, HARD)))
def test_every_method_reads_the_harder_ways(name: str, way: str) -> None:
    assert _ends(CALLS[name](WAYS[way])) == EXPECTED[name]


def test_a_past_of_ones_own_and_its_power_read_them_too() -> None:
    spans: dict[str, Any] = {"outcome": "n", "unit": "u", "period": "p", "pre": 2, "post": 2}
    control = PLAIN[PLAIN["c"].isna()]
    dated = _as(PERIODS["months"], None, control).infer_objects()
    focal = int(control["u"].iloc[0])
    one, other = (own_history(frame, **spans, focal=focal).smallest.fall.value for frame in (control, dated))
    assert one == pytest.approx(other)
    again = [simulate_power(f, **spans, n_treated=2, seed=1, n_draws=10, effects=[0.5]) for f in (control, dated)]
    assert again[0].curve.equals(again[1].curve)


@pytest.mark.parametrize(
    "labels",
    [
        [1, 10, 2],
        ["Q12010", "Q42009"],
        ["Q1 2010", "Q4 2009"],
        ["01/2010", "12/2009"],
        ["01/02/2010", "31/12/2009"],
        ["01/02/10", "31/12/09"],
        ["April 2010", "May 2009"],
        ["2010 Apr", "2010 Feb"],
        ["012010", "122009"],
        ["wave 10", "wave 2"],
    ],
)
def test_text_that_does_not_sort_in_time_is_refused(labels: list[Any]) -> None:
    periods = [str(label) for label in labels] * 3
    units = np.repeat([1, 2, 3], len(labels))
    frame = pd.DataFrame({"u": units, "p": periods, "c": None, "y": 1.0})
    with pytest.raises(UsageError, match="does not sort in time"):
        panel_matrix(frame, outcome="y", **WHERE)
    ordered = frame.assign(p=pd.Categorical(periods, categories=periods[: len(labels)], ordered=True))
    assert panel_matrix(ordered, outcome="y", **WHERE).periods == tuple(periods[: len(labels)])


@pytest.mark.parametrize(
    "labels",
    [
        ["2009", "2010"],
        ["2009-12", "2010-01"],
        ["2009Q4", "2010Q1"],
        ["2009/10", "2010/11"],
        ["09/10", "10/11"],
        ["200912", "201001"],
        ["wave 1", "wave 2"],
        ["2009-10 Q4", "2010-11 Q1"],
        ["2009-12-31", "2010-02-01"],
    ],
)
def test_text_that_sorts_in_time_is_taken(labels: list[str]) -> None:
    frame = pd.DataFrame({"u": [1, 1, 2, 2], "p": labels * 2, "c": [labels[1]] * 2 + [None] * 2, "y": 1.0})
    assert panel_matrix(frame, outcome="y", **WHERE).start.tolist() == [1, np.inf]


@pytest.mark.parametrize(
    ("periods", "start"),
    [
        ([2009, 2010], "2010"),
        ([2009, 2010], True),
        ([2009, 2010], -np.inf),
        ([2009, 2010], pd.Timestamp("2010-01-01")),
        (["2009", "2010"], 2010),
        (["2009", "2010"], "never"),
        (["2009-12", "2010-01"], "2010-01-01"),
        ([datetime.date(2009, 1, 1), datetime.date(2010, 1, 1)], pd.Timestamp("2010-01-01")),
        ([pd.Period("2009", "Y"), pd.Period("2010", "Y")], pd.Period("2010-01", "M")),
        ([pd.Period("2009", "Y"), pd.Period("2010", "Y")], 2010),
    ],
)
def test_a_start_in_other_terms_is_refused(periods: list[Any], start: Any) -> None:
    frame = pd.DataFrame({"u": [1, 1, 2, 2], "p": periods * 2, "y": 1.0})
    frame["c"] = pd.Series([start, start, None, None], dtype=object)
    with pytest.raises(UsageError, match="same terms"):
        panel_matrix(frame, outcome="y", **WHERE)


@pytest.mark.parametrize(
    "change",
    [
        {"u": [("a", 1)] * len(PLAIN)},
        {"u": [["a"]] * len(PLAIN)},
        {"p": [str(each) if each % 2 else each for each in PLAIN["p"]]},
        {"y": pd.Timestamp("2010-01-01")},
        {"y": pd.Timedelta(days=1)},
        {"y": 1j},
        {"y": pd.Series([10**400] * len(PLAIN), dtype=object)},
        {"c": PLAIN["c"].where(PLAIN["p"] > 3)},
    ],
)
def test_what_is_no_label_or_no_number_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        static_two_way(PLAIN.assign(**change), outcome="y", **WHERE, errors="none")


def test_a_row_without_unit_or_period_is_named() -> None:
    frame = PLAIN.astype({"u": "Int64", "p": "Int64"})
    frame.loc[3, "u"] = pd.NA
    frame.loc[30, "p"] = pd.NA
    left_out = panel_matrix(frame, outcome="y", **WHERE).left_out
    assert [(each.unit, each.period, each.reason) for each in left_out] == [
        (None, 4, "a row without u"),
        (3, None, "a row without p"),
    ]


def test_data_without_noise_have_estimates_though_no_error() -> None:
    frame = PLAIN.assign(y=PLAIN["u"] + 2.0 * PLAIN["p"] + 3.0 * (PLAIN["p"] >= PLAIN["c"]))
    for call in (sun_abraham, static_two_way, callaway_santanna):
        found = call(frame, outcome="y", **WHERE, errors="none")
        assert found.estimate.value == pytest.approx(3.0)
    with pytest.raises(NotEnoughData, match="fitted exactly"):
        sun_abraham(frame, outcome="y", **WHERE)


@pytest.mark.parametrize("size", [1e-9, 1e6, 1e15])
def test_a_weighted_regression_does_not_depend_on_the_unit_of_measurement(size: float) -> None:
    frame = PLAIN.assign(d=1.0 * (PLAIN["p"] >= PLAIN["c"]), z=PLAIN["y"] * size)
    one, other = (
        within_regression(frame, outcome=name, regressors=["d"], unit="u", period="p", weights="w") for name in "yz"
    )
    assert other.coefs[0] == pytest.approx(one.coefs[0] * size, rel=1e-8)
    assert math.sqrt(other.vcov[0][0]) == pytest.approx(math.sqrt(one.vcov[0][0]) * size, rel=1e-8)


def test_before_its_start_a_cohort_is_compared_with_the_period_before_even_where_it_anticipates() -> None:
    """As the R package ``did`` does: only from the start on is the base the last period before anticipation."""
    rows = callaway_santanna(PLAIN, outcome="y", **WHERE, anticipation=2, errors="none").group_time
    wide, start = PLAIN.pivot(index="u", columns="p", values="y"), PLAIN.groupby("u")["c"].first()
    for cohort, period, base in ((8, 7, 6), (8, 6, 5), (8, 8, 5), (8, 12, 5)):
        change = wide[period] - wide[base]
        expected = change[start == cohort].mean() - change[start.isna()].mean()
        att = rows.loc[(rows["cohort"] == cohort) & (rows["period"] == period), "att"].item()
        assert att == pytest.approx(expected, rel=1e-12)


def test_a_week_with_a_change_of_clocks_is_a_week() -> None:
    weeks = pd.date_range("2005-01-03", periods=60, freq="7D")
    generator = np.random.default_rng(3)
    frame = pd.DataFrame({"n": generator.poisson(80, 60), "p": weeks})
    zoned = frame.assign(p=frame["p"].dt.tz_localize("America/New_York"))
    plain, found = (
        interrupted_series(each, outcome="n", period="p", start="2005-07-04", slope=True) for each in (frame, zoned)
    )
    assert found.estimate.value == pytest.approx(plain.estimate.value, rel=1e-12)
    assert (found.n_before, found.gaps) == (26, ())
    with pytest.raises(UsageError):
        interrupted_series(frame, outcome="n", period="p", start=pd.NaT)


def test_strata_may_also_be_the_name_of_the_index() -> None:
    frame = pd.DataFrame({"t": range(1, 25), "d": [1, 1, 0] * 8, "x": [0, 3, 1, 2] * 6, "g": [1, 2] * 12})
    how: dict[str, Any] = {"duration": "t", "event": "d", "covariates": ["x"], "strata": "g"}
    assert cox(frame.set_index("g", drop=False), **how).coefs == cox(frame, **how).coefs


HOSTILE: dict[str, pd.DataFrame] = {
    "empty": PLAIN.iloc[:0],
    "one row": PLAIN.iloc[:1],
    "one unit": PLAIN[PLAIN["u"] == PLAIN.loc[PLAIN["c"].notna(), "u"].iloc[0]],
    "two periods": PLAIN[PLAIN["p"].isin([4, 5])],
    "all treated": PLAIN.assign(c=6),
    "never anybody": PLAIN.assign(c=np.nan),
    "always everybody": PLAIN.assign(c=1),
    "after the data": PLAIN.assign(c=99),
    "no never treated": PLAIN[PLAIN["c"].notna()],
    "no count": PLAIN.assign(n=0),
    "no count after": PLAIN.assign(n=PLAIN["n"].where(~(PLAIN["p"] >= PLAIN["c"]), 0)),
    "constant": PLAIN.assign(n=5, y=2.5),
    "no weight": PLAIN.assign(w=0.0, e=np.nan),
    "gaps": PLAIN.sample(frac=0.8, random_state=2),
    "before and after apart": PLAIN[PLAIN["c"].isna() == (PLAIN["p"] < 6)],
    "doubled": pd.concat([PLAIN, PLAIN]),
    "huge": PLAIN.assign(y=PLAIN["y"] * 1e90, n=PLAIN["n"] * 10**15),
}


@pytest.mark.parametrize("frame", HOSTILE)
def test_a_hostile_panel_gives_a_finite_number_or_an_error_in_words(frame: str) -> None:
    for call in CALLS.values():
        try:
            value = call(HOSTILE[frame]).estimate.value
        except InsightError as error:
            assert error.found and error.todo
        else:
            assert math.isfinite(value)
