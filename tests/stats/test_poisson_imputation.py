"""Poisson imputation, against pyfixest, statsmodels, arithmetic and invented truth."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import untreated_fit
from insight.stats.panel_matrix import PanelMatrix, panel_matrix
from insight.stats.poisson_did import poisson_did
from insight.stats.poisson_imputation import impute_for_assignments, poisson_imputation
from tests.stats.count_panels import COLUMNS, draw_counts

EXPOSED = COLUMNS | {"exposure": "exposure"}


def _by_glm(frame: pd.DataFrame, unit: pd.Series, *, gap: int = 0) -> pd.Series:
    """Predictions at every row by a GLM with dummies on untreated rows; NaN where a dummy is not there."""
    import statsmodels.api as sm

    is_used = frame["start"].isna() | (frame["month"] < frame["start"] - gap)
    both = pd.DataFrame({"u": unit.astype("category"), "m": frame["month"].astype("category")})
    ones = pd.get_dummies(both, dtype=float)
    ones = ones.loc[:, ones[is_used].sum() > 0]
    covered = ones.sum(axis=1) == 2
    # One unit's dummies go: each season has a constant of its own, which months and units both hold.
    ones = ones.drop(columns=[name for name in ones if name.startswith("u_" + frame["site"].max())])
    offset = np.log(frame["exposure"])
    model = sm.GLM(frame["events"][is_used], ones[is_used], family=sm.families.Poisson(), offset=offset[is_used])
    return model.fit(tol=1e-10).predict(ones, offset=offset).where(covered)


def _matrix(frame: pd.DataFrame, *, exposed: bool = True) -> PanelMatrix:
    return panel_matrix(frame, **(EXPOSED if exposed else COLUMNS))


@pytest.mark.parametrize(("season", "keep"), [(None, 1.0), (None, 0.8), ("calendar", 1.0)])
def test_imputed_counts_are_those_of_a_glm_with_dummies_on_untreated_cells(season: str | None, keep: float) -> None:
    frame = draw_counts(keep=keep, rate=0.6, units=10, periods=24, starts=(12, 12, 16, 19))
    ours = poisson_imputation(frame, **EXPOSED, season=season, gap=2)
    unit = frame["site"] if season is None else frame["site"] + " " + frame["calendar"].astype(str)
    theirs = _by_glm(frame, unit, gap=2)
    beside = ours.cells.merge(
        frame.assign(theirs=theirs), left_on=["unit", "period"], right_on=["site", "month"], validate="1:1"
    )
    assert len(beside) == theirs.notna().sum() == len(ours.cells)
    assert beside["expected"].to_numpy() == pytest.approx(beside["theirs"].to_numpy(), rel=1e-6)
    after = frame["treated"] == 1
    expected = frame.loc[after, "events"].sum() / theirs[after].sum()
    assert ours.estimate.value == pytest.approx(expected, rel=1e-6)


def test_fitted_values_of_untreated_cells_are_those_of_fepois() -> None:
    import pyfixest

    frame = draw_counts(keep=0.85)
    used = frame[frame["treated"] == 0].assign(s=lambda data: pd.factorize(data["site"])[0])
    used = used.assign(o=np.log(used["exposure"])).reset_index(drop=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyfixest calls pandas in ways that it warns of
        fitted = pyfixest.fepois(
            "events ~ 1 | s + month",
            used.assign(s=used["s"].astype(int)),
            offset="o",
            iwls_tol=1e-13,
            iwls_maxiter=200,
            demeaner=pyfixest.MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000),
        )
    theirs = used.assign(theirs=np.asarray(fitted.predict(type="response")))
    ours = poisson_imputation(frame, **EXPOSED).cells
    beside = ours.merge(theirs, left_on=["unit", "period"], right_on=["site", "month"])
    assert len(beside) == len(used)
    assert beside["expected"].to_numpy() == pytest.approx(beside["theirs"].to_numpy(), rel=1e-8)


@pytest.mark.parametrize("weighting", ["event", "unit"])
@pytest.mark.parametrize("windows", [{}, {"gap": 2}, {"gap": 1, "pre": 9, "post": 7}])
@pytest.mark.parametrize("season", [None, "calendar"])
def test_closed_form_fit_and_the_single_answer_agree(
    weighting: str, windows: dict[str, int], season: str | None
) -> None:
    frame = draw_counts(starts=(15,) * 4, exposed=False)
    matrix = _matrix(frame)
    codes = None if season is None else np.arange(30) % 6
    generator = np.random.default_rng(5)
    starts = np.full((12, 20), np.inf)
    starts[0] = matrix.start
    for line in starts[1:]:
        line[generator.choice(20, 3, replace=False)] = generator.integers(12, 26)
    starts[7, 19] = np.nan
    options = {"starts": starts, "seasons": codes, "weighting": weighting} | windows
    fast = impute_for_assignments(matrix, **options)
    slow = impute_for_assignments(matrix, **options, closed_form=False)
    assert np.isfinite(fast).all()
    assert fast == pytest.approx(slow, abs=1e-10)
    alone = poisson_imputation(frame, **EXPOSED, season=season, weighting=weighting, **windows)
    assert alone.log_ratio == pytest.approx(fast[0], abs=1e-10)


def test_the_closed_form_holds_with_an_exposure_of_two_factors_and_is_not_used_with_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = draw_counts(starts=(15,) * 3, exposed=False)
    product = frame.assign(exposure=(1 + pd.factorize(frame["site"])[0]) * (30.0 + frame["month"]))
    starts = _matrix(frame).start[None, :]
    slow = impute_for_assignments(_matrix(product), starts=starts, closed_form=False)
    assert impute_for_assignments(_matrix(product), starts=starts) == pytest.approx(slow, abs=1e-10)
    drifting = _matrix(draw_counts(starts=(15,) * 3))
    rounds: list[int] = []
    fit = untreated_fit._fit_block
    monkeypatch.setattr(untreated_fit, "_fit_block", lambda block: rounds.append(1) or fit(block))
    impute_for_assignments(_matrix(product), starts=starts)
    assert not rounds
    impute_for_assignments(drifting, starts=starts)
    assert rounds


def test_assignments_of_staggered_starts_equal_single_answers_on_a_panel_with_gaps() -> None:
    frame = draw_counts(keep=0.85)
    matrix = _matrix(frame)
    names, generator = list(matrix.units), np.random.default_rng(2)
    several = [
        {int(row): int(generator.integers(10, 26)) for row in generator.choice(20, 4, replace=False)} for _ in range(6)
    ]
    fast = impute_for_assignments(matrix, starts=several, gap=1, pre=12, post=8, weighting="unit")
    for mapping, value in zip(several, fast, strict=True):
        start = {names[row]: month + 1 for row, month in mapping.items()}
        again = frame.assign(start=frame["site"].map(start))
        single = poisson_imputation(again, **EXPOSED, gap=1, pre=12, post=8, weighting="unit")
        assert value == pytest.approx(single.log_ratio, abs=1e-9)


def test_many_assignments_in_parts_equal_those_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from insight.stats import imputed_assignments

    matrix = _matrix(draw_counts())
    generator = np.random.default_rng(3)
    starts = np.full((25, 20), np.inf)
    for line in starts:
        line[generator.choice(20, 3, replace=False)] = generator.integers(10, 25, 3)
    whole = impute_for_assignments(matrix, starts=starts)
    monkeypatch.setattr(imputed_assignments, "LARGEST_PART", 800)
    assert impute_for_assignments(matrix, starts=list(starts)) == pytest.approx(whole, abs=1e-11)


def test_the_event_ratio_is_of_sums_and_the_unit_ratio_a_geometric_mean() -> None:
    frame = draw_counts()
    event = poisson_imputation(frame, **EXPOSED)
    unit = poisson_imputation(frame, **EXPOSED, weighting="unit")
    table = event.by_unit
    assert event.estimate.value == pytest.approx(table["observed"].sum() / table["expected"].sum())
    assert unit.estimate.value == pytest.approx(np.exp(np.log(table["ratio"]).mean()))
    assert not event.estimate.has_interval
    assert "no interval of its own" in event.estimate.method
    assert (event.n_treated, event.n_controls, event.estimate.n_units) == (4, 16, 20)


def test_event_time_tells_residuals_gap_and_comparison_apart() -> None:
    found = poisson_imputation(draw_counts(), **EXPOSED, gap=3, pre=10, post=5)
    table = found.by_event_time.set_index("event_time")
    assert list(table.index) == list(range(-13, 5))
    assert table["span"].to_dict() == {
        each: "before" if each < -3 else "gap" if each < 0 else "after" for each in range(-13, 5)
    }
    assert (table["n_units"] == 4).all()
    before = table[table["span"] == "before"]
    assert before["observed"].sum() == pytest.approx(before["expected"].sum())  # Residuals add up to nothing.
    assert table.loc[0:, "observed"].sum() == found.by_unit["observed"].sum()
    assert table["ratio"].to_numpy() == pytest.approx((table["observed"] / table["expected"]).to_numpy())


def test_cells_in_the_gap_touch_neither_fit_nor_comparison() -> None:
    frame = draw_counts()
    in_gap = frame["start"].notna() & (frame["month"] < frame["start"]) & (frame["month"] >= frame["start"] - 3)
    wild = frame.assign(events=frame["events"].where(~in_gap, 10_000))
    expected = poisson_imputation(frame, **EXPOSED, gap=3).log_ratio
    assert poisson_imputation(wild, **EXPOSED, gap=3).log_ratio == pytest.approx(expected, abs=1e-12)


def test_all_units_may_be_treated_in_the_end() -> None:
    frame = draw_counts(units=6, starts=(10, 12, 14, 16, 18, 20))
    found = poisson_imputation(frame, **EXPOSED)
    assert found.n_controls == 0
    late = {each.period for each in found.left_out}
    assert late == set(range(21, 31))
    assert {each.reason for each in found.left_out} == {"a period without any untreated unit"}
    # The last to start has only periods that nobody is left to say anything of.
    assert set(found.by_unit["unit"]) == {f"site {each:02d}" for each in range(5)}


def test_what_cannot_be_imputed_is_left_out_by_name() -> None:
    frame = draw_counts(periods=24, starts=(0, 14, 14, 14, 3, 14))
    frame.loc[(frame["site"] == "site 01") & (frame["month"] <= 14), "events"] = 0
    frame.loc[(frame["site"] == "site 02") & (frame["month"] > 14), "events"] = np.nan
    found = poisson_imputation(frame, **EXPOSED, season="calendar")
    reasons = {each.unit: each.reason for each in found.left_out if each.period is None}
    assert reasons == {
        "site 00": "a treated unit without an untreated period to fit",
        "site 01": "a treated unit without any event before its start",
        "site 02": "a treated unit without a period after its start",
    }
    seasons = [each.period for each in found.left_out if each.unit == "site 04"]
    assert {(month - 1) % 6 for month in seasons} == {3, 4, 5}
    assert set(found.by_unit["unit"]) == {"site 03", "site 04", "site 05"}


def test_units_that_no_chain_of_untreated_cells_ties_together_are_not_compared() -> None:
    frame = draw_counts(starts=(15, 15))
    # The first unit is seen before its start only in months when no other unit is.
    alone = (frame["site"] == "site 00") & (frame["month"] > 5) & (frame["month"] <= 15)
    others = (frame["site"] != "site 00") & (frame["month"] <= 5)
    found = poisson_imputation(frame[~alone & ~others], **EXPOSED)
    assert list(found.by_unit["unit"]) == ["site 01"]
    assert {each.reason for each in found.left_out} == {"not tied to the other units by untreated periods in common"}


def test_a_count_of_zero_after_the_start_has_no_log_and_is_named() -> None:
    frame = draw_counts()
    frame.loc[(frame["site"] == "site 03") & (frame["treated"] == 1), "events"] = 0
    unit = poisson_imputation(frame, **EXPOSED, weighting="unit")
    assert [each.unit for each in unit.left_out] == ["site 03"]
    assert unit.n_treated == 3
    assert poisson_imputation(frame, **EXPOSED).n_treated == 4


def test_a_fit_on_the_boundary_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("a", 1, 5, None), ("a", 2, 3, 2), ("b", 1, 0, None), ("b", 2, 5, None), ("a", 3, 1, 2), ("b", 3, 2, None)]
    frame = pd.DataFrame(rows, columns=["site", "month", "events", "start"])
    frame["start"] = np.where(frame["site"] == "a", 2.0, np.nan)
    monkeypatch.setattr(untreated_fit, "MOST_ROUNDS", 200)
    with pytest.raises(NotEnoughData, match="do not settle"):
        poisson_imputation(frame, **COLUMNS)
    assert np.isnan(impute_for_assignments(_matrix(frame, exposed=False), starts=[{0: 1}])).all()


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (draw_counts(starts=()), "no treated unit"),
        (draw_counts(starts=(40,)), "no treated unit"),
        (draw_counts(starts=(0,)), "without an untreated period"),
        (draw_counts(starts=(15,) * 20), "without any untreated unit"),
        (draw_counts(units=1, starts=(15,)), "without any untreated unit"),
        (draw_counts().assign(events=0), "without any event"),
        (draw_counts().assign(events=lambda data: data["events"].where(data["treated"] == 0, 0)), "no event observed"),
        (draw_counts().assign(events=np.nan), "no complete row"),
    ],
)
def test_where_nothing_remains_it_is_refused_in_words(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(NotEnoughData, match=words):
        poisson_imputation(frame, **COLUMNS)


def test_assignments_with_nothing_to_compare_are_missing_numbers() -> None:
    matrix = _matrix(draw_counts(exposed=False))
    nobody, always, everybody = np.full(20, np.inf), np.full(20, np.inf), np.full(20, 15.0)
    always[3] = 0
    found = impute_for_assignments(matrix, starts=[nobody, always, everybody])
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts": np.zeros((2, 3))},
        {"starts": [np.zeros(3)]},
        {"starts": [{99: 3}]},
        {"starts": [{0: 3.5}]},
        {"starts": [{0: 3}], "seasons": [0, 1]},
        {"starts": [{0: 3}], "gap": -1},
        {"starts": [{0: 3}], "pre": 0},
        {"starts": [{0: 3}], "weighting": "size"},
    ],
)
def test_assignments_that_do_not_fit_the_panel_are_refused_in_words(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        impute_for_assignments(_matrix(draw_counts()), **wrong)


def test_with_staggered_starts_the_known_effect_is_recovered() -> None:
    """Twelve units, 40 panels, true ratio 0.85; the mean must lie within three Monte Carlo errors of it."""
    found = np.array([poisson_imputation(draw_counts(seed=seed), **EXPOSED).log_ratio for seed in range(40)])
    assert abs(found.mean() - np.log(0.85)) < 3 * found.std(ddof=1) / np.sqrt(40)
    assert found.std(ddof=1) < 0.06


def test_effects_that_grow_mislead_static_effects_but_not_imputation() -> None:
    """Effects fall by 4% of the rate a period; most units are treated, at very different times."""

    def growing(since: np.ndarray) -> np.ndarray:
        return np.exp(-0.04 * (np.clip(since, 0, None) + 1))

    truth, imputed, static = [], [], []
    for seed in range(20):
        frame = draw_counts(seed=seed, units=16, starts=(6,) * 5 + (14,) * 5 + (22,) * 4, effect=growing, rate=0.6)
        options = EXPOSED | {"gap": 0}
        one = poisson_imputation(frame, **options)
        cells = one.cells[one.cells["span"] == "after"]
        # The true ratio over the same cells: what is expected with the effect, over what is expected without.
        truth.append(
            np.log((cells["expected"] * growing(cells["event_time"].to_numpy())).sum() / cells["expected"].sum())
        )
        imputed.append(one.log_ratio)
        static.append(poisson_did(frame, **EXPOSED).log_ratio)
    error = np.subtract(imputed, truth)
    bias = np.subtract(static, truth)
    assert abs(error.mean()) < 3 * error.std(ddof=1) / np.sqrt(20)
    assert bias.mean() > 0.1
    assert bias.mean() > 5 * bias.std(ddof=1) / np.sqrt(20)
