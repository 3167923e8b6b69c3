"""The study of sites on sample and real data: every key, the stated truth, and the methods that it says it uses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from insight.core.finding import Finding
from insight.core.panel import Panel
from insight.sample import simulate_sites
from insight.stats.callaway_santanna import callaway_santanna
from insight.stats.permutation import placebo_interval
from insight.stats.poisson_imputation import poisson_imputation
from insight.studies.site_effect._arena import Arena, arena_of
from insight.studies.site_effect._design import Design, month_number, programme_design, site_design
from insight.studies.site_effect._effect import effect_of
from insight.studies.site_effect._effects import comparative, imputation, level, quarterly
from tests.studies.making_site_effect import (
    found,
    hash_of_a_page,
    loaded,
    payloads,
    values_of,
)

KEYS = {
    "poisson_imputation",
    "level_did",
    "comparative_its",
    "synthetic_control",
    "synthetic_did",
    "callaway_santanna_quarterly",
    "per_authority_weighting",
    "with_contaminated_donors",
    "window_12",
    "window_24",
    "window_60",
    "window_all",
    "start_plus_3",
    "start_plus_6",
    "pre_trend",
    "smallest_noticeable",
    "p_permutation",
    "p_smallest",
}
WAVE_1 = ("X06000012", "X06000016", "X06000053")
RISING = {"programme": "Rising pilot"}
REAL_SITES, NULL_SITES, RISING_SITES = "X06000005", "X06000007", "X06000011"
EFFECTS = ("effect_down", "effect_up")


def sites_of(store: Path, authority: str) -> Finding:
    return found(store, authority, design="sites")


def test_every_key_of_the_design_is_there_for_a_programme(sample_store: Path) -> None:
    keys = [estimate["key"] for estimate in found(sample_store).record()["estimates"]]
    assert set(keys) >= KEYS | {f"treated_{code}" for code in WAVE_1}
    assert keys[0] == found(sample_store).record()["headline"] == "poisson_imputation"
    assert len(keys) == len(set(keys))


def test_every_key_of_the_design_is_there_for_sites(sample_store: Path) -> None:
    keys = [estimate["key"] for estimate in sites_of(sample_store, REAL_SITES).record()["estimates"]]
    assert set(keys) >= KEYS | {f"treated_{site}" for site in ("Hilltop", "Market", "Meadow")}
    assert len(keys) == len(set(keys))


@pytest.mark.published
def test_every_key_of_the_design_is_there_on_real_figures(published_store: Path) -> None:
    finding = found(published_store, "Shropshire")
    treated = {f"treated_{code}" for code in ("E06000059", "E10000019", "E08000031")}
    assert {estimate.key for estimate in finding.estimates} >= KEYS | treated | {"annual_poisson_imputation"}
    assert finding.verdict == "cannot_tell"
    assert payloads(finding)


def test_a_row_without_a_number_says_why(sample_store: Path) -> None:
    for finding in (found(sample_store), sites_of(sample_store, REAL_SITES)):
        for estimate in finding.estimates:
            assert estimate.method, estimate.key
            if estimate.low is not None and estimate.high is not None and estimate.value is not None:
                assert estimate.low <= estimate.value <= estimate.high, estimate.key


def test_records_follow_the_schema(sample_store: Path, root: Path) -> None:
    schema = json.loads((root / "docs" / "record.schema.json").read_text(encoding="utf-8"))
    # The page adds these.
    page = {"parameters": {}, "package_version": "0.1.0", "data_hash": "d1" * 32, "key": "ab" * 32}
    several = [
        found(sample_store, "X06000001"),
        sites_of(sample_store, REAL_SITES),
        sites_of(sample_store, "X06000001"),
    ]
    for finding in several:
        jsonschema.Draft202012Validator(schema).validate({**page, **json.loads(json.dumps(finding.record()))})


def test_the_true_effect_of_the_first_wave_is_inside_the_interval(sample_store: Path) -> None:
    finding = found(sample_store)
    head = values_of(finding)["poisson_imputation"]
    assert head.low is not None and head.high is not None
    # 0.75: stated in the README of the sample.
    assert head.low < 0.75 < head.high < 1
    assert finding.verdict == "effect_down"


def test_the_true_effect_of_the_sites_is_inside_the_interval(sample_store: Path) -> None:
    head = sites_of(sample_store, REAL_SITES).headline
    assert head is not None and head.low is not None and head.high is not None
    # 0.70: stated in the README of the sample.
    assert head.low < 0.70 < head.high < 1
    assert sites_of(sample_store, REAL_SITES).verdict == "effect_down"


def test_sites_without_an_effect_are_not_called_an_effect(sample_store: Path) -> None:
    finding = sites_of(sample_store, NULL_SITES)
    head = values_of(finding)["poisson_imputation"]
    assert head.low is not None and head.high is not None and head.low < 1 < head.high
    assert finding.verdict not in EFFECTS


def test_a_programme_that_went_where_referrals_rose_is_not_called_an_effect(sample_store: Path) -> None:
    finding = found(sample_store, None, **RISING)
    head, trend = (values_of(finding)[key] for key in ("poisson_imputation", "comparative_its"))
    assert head.excludes_null and (head.value or 0) > 1  # whoever compares levels is misled
    assert trend.excludes_null is False
    assert finding.verdict not in EFFECTS


def test_sites_chosen_for_their_trend_are_not_called_an_effect(sample_store: Path) -> None:
    finding = sites_of(sample_store, RISING_SITES)
    assert values_of(finding)["comparative_its"].excludes_null is not True
    assert finding.verdict not in EFFECTS


def test_a_programme_that_starts_after_the_months_is_no_finding_by_month(sample_store: Path) -> None:
    finding = found(sample_store, "X06000001", programme="Pathfinder, wave 2")
    assert finding.headline is None or finding.headline.key != "poisson_imputation"
    assert finding.verdict not in EFFECTS
    text = " ".join(finding.words)
    assert "April 2024" in text or "year" in text


@pytest.fixture(scope="module")
def laid_out(sample_store: Path) -> tuple[Design, Arena]:
    design = programme_design(loaded(sample_store))
    return design, arena_of(design, months=36, gap=6)


@pytest.fixture(scope="module")
def staggered(sample_store: Path) -> tuple[Design, Arena]:
    design = site_design(loaded(sample_store), REAL_SITES)
    return design, arena_of(design, months=36, gap=6)


def tidy_of(design: Design, arena: Arena) -> pd.DataFrame:
    """The cells of the arena with their starts, as the public functions take them."""
    # Months in the gap are on neither side, and the arena holds no number for them.
    there = np.flatnonzero(np.isfinite(arena.matrix.outcome).sum(axis=0))
    months = [arena.matrix.periods[place] for place in there]
    cells = design.cells[design.cells["unit"].isin(arena.matrix.units) & design.cells["period"].isin(months)]
    start = design.units["start"].astype("float64").to_dict()
    return cells.assign(cohort=cells["unit"].map(start))


@pytest.mark.parametrize("weighting", ["event", "unit"])
@pytest.mark.parametrize(("which", "gap"), [("laid_out", 0), ("staggered", 6)])
def test_the_headline_is_poisson_imputation(
    which: str, gap: int, weighting: str, request: pytest.FixtureRequest
) -> None:
    design, arena = request.getfixturevalue(which)
    expected = poisson_imputation(
        tidy_of(design, arena),
        outcome="count",
        unit="unit",
        period="period",
        cohort="cohort",
        exposure="children",
        season="season",
        gap=gap,  # with one start the months of the gap are gone from the rows
        pre=36,
        weighting=weighting,  # type: ignore[arg-type]  # one of the two
    )
    assert imputation(arena, weighting=weighting).observed == pytest.approx(expected.log_ratio, abs=1e-8)  # type: ignore[arg-type]  # one of the two


def quarter_frame(design: Design, arena: Arena, treated: list[str]) -> pd.DataFrame:
    """Log rates of the last quarter before the gap (0) and of each whole quarter from the start (1, 2, ...)."""
    (start,) = set(design.units.loc[treated, "start"].astype(int).tolist())
    whole = (design.last - start + 1) // 3
    quarters = {start - arena.gap - 3 + month: 0 for month in range(3)}
    quarters |= {start + month: 1 + month // 3 for month in range(3 * whole)}
    cells = design.cells[design.cells["unit"].isin([*treated, *arena.donors_alone.units])]
    cells = cells.assign(quarter=cells["period"].map(quarters)).dropna(subset="quarter")
    sums = cells.groupby(["unit", "quarter"])[["count", "children"]].sum().reset_index()
    sums["log_rate"] = np.log(sums["count"] / sums["children"])
    return sums.assign(cohort=np.where(sums["unit"].isin(treated), 1.0, np.inf))


@pytest.mark.parametrize("which", ["laid_out", "staggered"])
def test_the_quarterly_design_is_callaway_and_santanna(which: str, request: pytest.FixtureRequest) -> None:
    design, arena = request.getfixturevalue(which)
    by_start = design.units.loc[design.treated].groupby("start").groups
    effects, sizes = [], []
    for units in by_start.values():
        several = [str(unit) for unit in units]
        found = callaway_santanna(
            quarter_frame(design, arena, several),
            outcome="log_rate", unit="unit", period="quarter", cohort="cohort", errors="none",
        )  # fmt: skip
        assert found.estimate.value is not None
        effects.append(found.estimate.value)
        sizes.append(len(several))
    # With several starts every unit weighs alike, whatever the number of its quarters.
    assert quarterly(arena).observed == pytest.approx(np.average(effects, weights=sizes), abs=1e-10)


def test_differences_in_levels_are_a_ratio_of_ratios_of_the_same_calendar_months(
    laid_out: tuple[Design, Arena],
) -> None:
    design, arena = laid_out
    (start,) = set(design.units.loc[design.treated, "start"].astype(int).tolist())
    cells = tidy_of(design, arena)
    after = cells[cells["period"] >= start]
    before = cells[(cells["period"] < start - 6) & (cells["period"] >= start - 42)]
    rate = before.groupby(["unit", "season"])[["count", "children"]].sum()
    usual = rate["count"] / rate["children"]
    keys = pd.MultiIndex.from_frame(after[["unit", "season"]])
    after = after.assign(expected=usual.reindex(keys).to_numpy() * after["children"].to_numpy())
    sums = after.groupby(after["unit"].isin(design.treated))[["count", "expected"]].sum()
    ratio = sums["count"] / sums["expected"]
    assert level(arena).observed == pytest.approx(np.log(ratio[True] / ratio[False]), abs=1e-10)


def test_the_interval_inverts_the_rank_among_the_placebos_of_the_page(sample_store: Path) -> None:
    shared = effect_of(loaded(sample_store), design="programme", programme="", area=None, months=36, gap=6)
    head = shared.estimate("poisson_imputation")
    test = placebo_interval(np.log(head.value or 1), np.log(shared.placebos))
    assert test.low is not None and test.high is not None
    assert (head.low, head.high) == pytest.approx((np.exp(test.low), np.exp(test.high)), rel=1e-8)
    assert shared.estimate("p_permutation").value == pytest.approx(test.p_value, abs=1e-12)
    assert shared.estimate("p_smallest").value == pytest.approx(1 / (len(shared.placebos) + 1))
    assert (head.rank, head.rank_of) == (test.rank, len(shared.placebos) + 1)


def test_no_placebo_holds_a_treated_unit_or_one_of_another_programme(laid_out: tuple[Design, Arena]) -> None:
    design, arena = laid_out
    chosen = np.isfinite(arena.placebo_starts)
    assert not chosen[:, ~arena.donors].any()
    assert (chosen.sum(axis=1) == len(design.treated)).all()
    assert not set(design.of_part("treated", "contaminated")) & set(arena.donors_alone.units)


def simulated(seed: int, effect: float, **changed: object) -> Arena:
    """The arena of sixteen made sites, two of them treated for their last nine months."""
    rows = simulate_sites(seed, effect, n_sites=16, n_months=54, n_treated=2, first_start=45, **changed)  # type: ignore[arg-type]  # by name
    period = [month_number(month) for month in rows["month"]]
    cells = pd.DataFrame({"unit": rows["site"], "period": period, "count": rows["referrals"].astype(float)})
    cells["season"], cells["children"] = cells["period"] % 12 + 1, rows["children"].astype(float)
    units = rows.drop_duplicates("site").set_index("site")[["start"]]
    is_treated = units["start"].notna()
    units["start"] = pd.array([month_number(start) if pd.notna(start) else None for start in units["start"]], "Int64")
    units = units.assign(part=np.where(is_treated, "treated", "donor"), size=1.0, why="", kind="live", announced=None)
    units["name"] = units.index
    return arena_of(Design("sites", "made", cells, units, ()), months=36, gap=6)


def test_intervals_cover_the_truth_and_no_effect_is_seldom_called_one() -> None:
    covered: list[bool] = []
    called: list[bool] = []
    for seed in range(40):
        for effect, into in ((0.7, covered), (1.0, called)):
            found = imputation(simulated(seed, effect))
            test = placebo_interval(found.observed, found.placebos)
            assert test.low is not None and test.high is not None
            into.append(test.low <= np.log(effect) <= test.high)
    # Of 40 draws of 95%, fewer than 34 would come about once in a hundred tries.
    assert sum(covered) >= 34
    assert sum(called) >= 34


def test_an_earlier_trend_misleads_levels_and_not_the_comparative_series() -> None:
    levels, series = [], []
    for seed in range(12):
        arena = simulated(seed, 1.0, trend_deviation=0.008, is_chosen_rising=True)
        levels.append(level(arena).observed)
        series.append(comparative(arena).observed)
    assert np.mean(levels) > 0.1
    assert abs(np.mean(series)) < 0.08


PROGRAM = "from tests.studies.making_site_effect import hash_of_a_page; print(hash_of_a_page())"


def test_two_processes_give_the_same_page(root: Path) -> None:
    path = f"{root / 'src'}{os.pathsep}{root}"
    other = {
        **os.environ,
        "PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") != "2" else "1",
        "PYTHONPATH": path,
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=other, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hash_of_a_page()


def test_the_order_of_rows_does_not_matter(sample_store: Path) -> None:
    panel = loaded(sample_store)
    parts = panel.select("site_referral_count").data, panel.select("site_child_count").data
    rows = pd.concat(parts)
    rows = rows[rows["area"] == NULL_SITES]
    indicators = {key: panel.indicators[key] for key in ("site_referral_count", "site_child_count")}
    pages = []
    for frame in (rows, rows.sample(frac=1, random_state=1)):
        made = Panel(frame, indicators, (), panel.register, programmes=panel.programmes)
        design = site_design(made, NULL_SITES)
        pages.append(imputation(arena_of(design, months=36, gap=6)))
    assert pages[0].observed == pages[1].observed
    np.testing.assert_array_equal(pages[0].placebos, pages[1].placebos)
