"""The brief on sample data, and on made panels whose truth is known."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

import insight as ins
from insight.core.finding import Finding
from insight.core.indicator import Direction, Indicator
from insight.core.panel import COLUMNS, Panel
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import UsageError
from insight.sources import all_indicators
from insight.stats.trend_test import trend_test
from insight.studies._benchmarks import Benchmark, Change, Measure, _places, measure
from insight.studies.authority_brief._concepts import CONCEPTS, NEEDS, Concept
from insight.studies.authority_brief._laid_out import measures_of
from insight.studies.authority_brief._lists import BriefFinding
from insight.studies.authority_brief._looks import MOST_LISTED, Brief, Look, brief_of
from insight.studies.authority_brief._wobble import NO_COUNTS, Wobble, tell_apart, wobble_of
from insight.studies.authority_brief._words import trend_result

BARRED = re.compile(
    r"\b(significant\w*|proves?|drives?|works|wrong|improv\w*|deteriorat\w*|only|worst|nan|None nan|inf"
    r"|worse(?! side of England\b)\w*)\b"
)
AREAS = ("X06000001", "X06000007", "X06000039", "X06000042", "X06000048", "X10000001")
SOURCE = Source("made", "Publisher", "Made", "https://example.org", "OGL v3.0", release="2025", sha256="ab" * 32)
ROOT = Path(__file__).parents[2]
REGISTER = Register.read()
UNITS = [area.code for area in REGISTER.authorities()][:40]
ENGLAND = REGISTER.nation.code
YEARS = range(2018, 2026)
LOOKS = sys.modules[brief_of.__module__]
Draw = Callable[[np.random.Generator, float, int], int]


class Kept:
    """A memory for one panel, as a store has."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def __call__(self, name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        key = repr((name, sorted(parameters.items())))
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are tested with the method that makes them; here a few draws will do."""
    monkeypatch.setattr(_places, "DRAWS", 100)


@pytest.fixture
def laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages of one panel share its measures and look at England alone: the rest takes the most of their time."""
    kept: dict[int, Any] = {}

    def once(panel: Panel, concepts: tuple[Concept, ...]) -> Any:
        if id(panel) not in kept:
            kept[id(panel)] = (panel, measures_of(panel, concepts))
        return kept[id(panel)][1]

    def nation(measure: Measure, area: str, period: int) -> tuple[Benchmark, ...]:
        return (Benchmark("nation", "nation", "England", measure.cell(ENGLAND, period).value, None, "value", None),)

    monkeypatch.setattr(LOOKS, "measures_of", once)
    monkeypatch.setattr(LOOKS, "benchmarks", nation)


def indicator(key: str, direction: Direction = "lower") -> Indicator:
    return Indicator(
        key, f"Share {key}", "percent", direction, PeriodKind.YEAR_TO_MARCH, "made", f"{key}_n", f"{key}_d"
    )


def concepts(n: int) -> tuple[Concept, ...]:
    return tuple(
        Concept(f"c{k}", f"Measure {k}", "Workforce", f"share_{k}", counted=("of them", "all")) for k in range(n)
    )


def by_chance(random: np.random.Generator, share: float, size: int) -> int:
    return int(random.binomial(size, share))


def in_clusters(random: np.random.Generator, share: float, size: int) -> int:
    """Four times as variable as chance alone: children come by fours."""
    return 4 * int(random.binomial(size // 4, share))


def made(
    seed: int, n: int, *, draw: Draw = by_chance, shift: Mapping[tuple[str, int], float] = {},
    slope: Mapping[tuple[str, int], float] = {}, direction: Direction = "lower",
) -> Panel:  # fmt: skip
    """Shares of 20% in every unit and year, but for the shifts and slopes (a year) of some (unit, measure)."""
    random = np.random.default_rng(seed)
    rows, indicators = [], {}
    for k in range(n):
        each = indicator(f"share_{k}", direction)
        indicators[each.key] = each
        sizes = {unit: 4 * int(random.integers(60, 500)) for unit in UNITS}
        for year in YEARS:
            parts = {
                unit: draw(random, 0.2 + shift.get((unit, k), 0.0) + slope.get((unit, k), 0.0) * (year - 2018), size)
                for unit, size in sizes.items()
            }
            parts, whole = {**parts, ENGLAND: 200_000}, {**sizes, ENGLAND: 1_000_000}
            for unit, part in parts.items():
                value = 100 * part / whole[unit]
                rows.append(
                    (unit, year, date(year, 3, 31), each.key, "", "2025", value, "", "value", part, whole[unit])
                )
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"value": float, "numerator": float, "denominator": float})
    return Panel(frame, indicators, (SOURCE,), REGISTER, remember=Kept())


def briefs(panel: Panel, n: int) -> list[Brief]:
    return [brief_of(panel, REGISTER.get(unit), concepts(n)) for unit in UNITS]


@pytest.mark.parametrize("draw", [by_chance, in_clusters], ids=["chance", "clusters"])
def test_without_differences_about_one_brief_in_twenty_lists_anything(draw: Draw, laid_out_once: None) -> None:
    found = [brief for seed in range(5) for brief in briefs(made(seed, 8, draw=draw), 8)]
    assert all(len(brief.looked_at) == 8 and brief.n_tests == 16 for brief in found)
    listed = sum(bool(brief.standing_out) for brief in found)
    # At a true rate of 5%, 200 briefs hold more than 17 about once in eighty times.
    assert scipy_stats.binom.sf(17, 200, 0.05) < 0.015
    assert listed <= 17


def test_planted_differences_and_trends_are_found_and_little_else(laid_out_once: None) -> None:
    hits = false = out = planted = 0
    for seed in range(100, 104):
        chosen = UNITS[seed % 7 :: 5]
        shift = {(unit, 1): 0.10 for unit in chosen} | {(unit, 2): -0.10 for unit in chosen}
        panel = made(seed, 8, shift=shift, slope={(unit, 5): 0.02 for unit in chosen})
        for unit in chosen:
            brief = brief_of(panel, REGISTER.get(unit), concepts(8))
            weak, strong, moved = (
                {look.concept.key for look in looks} for looks in (brief.weakest, brief.strongest, brief.moved)
            )
            planted += 3
            hits += ("c1" in weak) + ("c2" in strong) + ("c5" in moved)
            # The one that rises is above England by now, too.
            false += len(weak - {"c1", "c5"}) + len(strong - {"c2"}) + len(moved - {"c5"})
            out += len(weak) + len(strong) + len(moved)
            assert brief.weakest[0].is_better is False and brief.strongest[0].is_better is True
    assert planted > 90 and hits >= 0.95 * planted
    assert false / out < 0.08


def test_where_higher_is_better_the_lists_change_places(laid_out_once: None) -> None:
    unit = UNITS[0]
    shift = {(unit, 0): 0.12}
    lower, higher = (made(3, 4, shift=shift, direction=way) for way in ("lower", "higher"))
    neither = made(3, 4, shift=shift, slope={(unit, 2): 0.03}, direction="neither")
    area = REGISTER.get(unit)
    first, second, third = (brief_of(panel, area, concepts(4)) for panel in (lower, higher, neither))
    assert [look.concept.key for look in first.weakest] == ["c0"] and not first.strongest
    assert [look.concept.key for look in second.strongest] == ["c0"] and not second.weakest
    assert not third.strongest and not third.weakest and third.n_tests == 4
    assert [look.concept.key for look in third.moved] == ["c2"]


def test_a_partial_return_is_shown_without_a_place_and_stands_in_no_list() -> None:
    unit, year = UNITS[0], 2025
    panel = made(5, 3, shift={(unit, 0): 0.15}, slope={(unit, 1): 0.03})
    data = panel.data
    cut = (data["area"] == unit) & (data["time_period"] == year)
    data.loc[cut, ["numerator", "denominator"]] *= 0.4
    brief = brief_of(dataclasses.replace(panel, data=data, remember=Kept()), REGISTER.get(unit), concepts(3))
    assert not brief.standing_out and not brief.looked_at
    for look in brief.looks:
        assert look.value is not None and look.row is None and look.cell is not None and look.cell.doubt


def test_the_test_is_the_score_test_and_the_wobble_divides_the_counts() -> None:
    plain = Wobble("proportion", 100.0, 1.0, 0.0, 100)
    expected = proportions_ztest(150, 600, value=0.20, prop_var=0.20)[1]
    assert tell_apart(plain, 150, 600, other=20.0).p == pytest.approx(expected)
    twice = Wobble("proportion", 100.0, 2.0, 0.0, 100)
    assert tell_apart(twice, 150, 600, other=20.0).p == pytest.approx(
        proportions_ztest(75, 300, value=0.20, prop_var=0.20)[1]
    )
    # On top of counting, alike for all sizes: 1 + 4 x 600 x 0.001 = 3.4 times.
    assert Wobble("proportion", 100.0, 1.0, 0.001, 100).factor(600) == pytest.approx(3.4)
    rate = tell_apart(Wobble("rate", 1.0, 1.0, 0.0, 100), 480, 30, other=14.0)
    assert rate.p == pytest.approx(2 * scipy_stats.norm.sf((480 - 420) / 420**0.5))
    assert tell_apart(plain, 3, 20, other=20.0).p is None
    assert tell_apart(plain, None, None, other=20.0).reason == NO_COUNTS


@pytest.mark.parametrize(("draw", "times"), [(by_chance, 1.0), (in_clusters, 4.0)])
def test_the_wobble_is_that_of_the_counts(draw: Draw, times: float) -> None:
    found = [wobble_of(measure(made(seed, 1, draw=draw), "share_0"), 2025).times for seed in range(20, 26)]
    # Never below chance alone, which lifts the mean a little where there is nothing else.
    assert times * 0.9 <= np.mean(found) <= times * 1.2


def test_many_looks_are_held_down_as_another_program_does() -> None:
    panel = made(11, 8, shift={(UNITS[2], 0): 0.06, (UNITS[2], 3): -0.05})
    brief = brief_of(panel, REGISTER.get(UNITS[2]), concepts(8))
    p_values = [brief.trend(look).result.p for look in brief.looks]  # type: ignore[union-attr]  # all were tested
    p_values += [look.level_p for look in brief.looks]
    expected = multipletests(p_values, alpha=0.05, method="fdr_bh")[1]
    found = [brief.trend(look).adjusted for look in brief.looks] + [brief.adjusted(look) for look in brief.looks]
    assert found == pytest.approx(list(expected))


def test_every_indicator_of_the_list_is_known_and_none_stands_for_two_concepts() -> None:
    known = all_indicators()
    assert {key for key in NEEDS if not key.startswith("lait_")} <= set(known)
    measured = [(each.indicator, each.breakdown) for each in CONCEPTS]
    assert len(set(measured)) == len(measured) == len({each.key for each in CONCEPTS})


@cache
def load(store: Path) -> Panel:
    return dataclasses.replace(ins.load_panel(store, for_study="authority_brief"), remember=Kept())


def finding_of(store: Path, area: str) -> Finding:
    found: Finding = ins.studies.authority_brief(load(store), authority=area)
    return found


def sentences(finding: Finding) -> list[str]:
    texts = [*finding.words, *finding.does_not_show, *finding.caveats, *(c.meaning for c in finding.all_checks)]
    verdict = finding.verdict_words
    assert verdict is not None
    texts += [*verdict, *(text for note in finding.notes.values() for text in note.paragraphs)]
    for name in finding.tables:
        result = finding.tables[name]()
        texts += [result.caption, *result.notes, *result.frame.to_numpy().ravel().tolist()]
    return texts


def frame_of(finding: Finding, name: str) -> pd.DataFrame:
    """Rows of a list; none where the page has a sentence in its place."""
    return finding.table(name).frame if name in finding.tables else pd.DataFrame()


def test_a_side_of_england_may_be_named_and_nothing_else_is_called_worse() -> None:
    assert not BARRED.search("One lies surely on the worse side of England: caseload.")
    assert all(BARRED.search(text) for text in ("It is worse.", "It worsened.", "On the worse side."))


@pytest.mark.parametrize("area", AREAS)
def test_a_brief_is_short_and_says_how_many_were_looked_at(sample_store: Path, area: str) -> None:
    finding = finding_of(sample_store, area)
    assert sum(len(text.split()) for text in finding.words) <= 60
    for text in sentences(finding):
        assert not BARRED.search(text), text
        prose = [part for part in re.split(r"(?<=[.;:]) ", text) if ";" not in part]
        assert all(len(part.split()) <= 25 or part.count(",") > 3 for part in prose), text
    for name in ("strongest", "weakest", "moved"):
        assert len(frame_of(finding, name)) <= MOST_LISTED
    record = finding.record()
    if finding.headline is None:
        assert finding.verdict == "not_estimable"
        return
    assert finding.headline.value is not None
    n = int(re.search(r"of (\d+) measures", finding.headline.unit)[1])  # type: ignore[index]
    assert f"measures looked at, {'none' if not finding.headline.value else ''}" in finding.words[0]
    assert "after allowing for so many looks" in finding.words[0]
    assert record["estimates"][0]["key"] == "stand_out" and 0 <= finding.headline.value <= n


def test_the_lists_say_what_the_estimates_say(sample_store: Path) -> None:
    finding = finding_of(sample_store, "X06000001")
    found = {each.key: each for each in finding.estimates}
    keys = {each.words: each.key for each in CONCEPTS}
    shown = 0
    for name in ("strongest", "weakest"):
        for row in frame_of(finding, name).to_dict("records"):
            key = next(keys[words] for words in keys if row["measure"].startswith(f"{words},"))
            figure, gap = found[key], found[f"{key}_gap"]
            assert figure.value is not None and figure.low is not None and figure.high is not None
            here, counts = row["here"].split("; ")
            numbers = [float(each.replace(",", "")) for each in re.findall(r"\d[\d,]*\.?\d*", here)]
            assert numbers == pytest.approx([figure.value, figure.low, figure.high], abs=0.06)
            assert gap.excludes_null and gap.value is not None
            side = "lower" if gap.value < 0 else "higher"
            other = "higher" if side == "lower" else "lower"
            better = side if name == "strongest" else other
            assert f"{side}; {better} is better." in row["words"]
            assert row["place"].startswith(f"{figure.rank:g} of {figure.rank_of}") and re.search(r"\d", counts)
            shown += 1
    moved = frame_of(finding, "moved").to_dict("records")
    for row in moved:
        key = keys[row["measure"]]
        assert found[f"{key}_trend"].excludes_null and f"{key}_alike" in found and row["alike"]
    assert any("regression to the mean" in note for note in finding.tables["moved"]().notes)
    assert shown >= 2 and len(moved) >= 1


def test_no_measure_without_a_better_way_is_strong_or_weak(sample_store: Path) -> None:
    panel = load(sample_store)
    for area in panel.register.authorities()[:3]:
        brief = brief_of(panel, area)
        for look in (*brief.strongest, *brief.weakest):
            assert look.measure.indicator.direction != "neither"


def test_figures_that_nobody_published_are_one_count_of_another(sample_store: Path) -> None:
    found = measures_of(load(sample_store))["assessments"]
    data = load(sample_store).data
    own = data[(data["area"] == "X06000001") & (data["time_period"] == 2024)]
    days = own[(own["indicator"] == "assessment_days_count")].set_index("breakdown")["value"]
    late = days[["46 to 50 days", "51 to 60 days", "61 days or more"]].sum()
    every = own.loc[own["indicator"] == "assessment_count", "value"].item()
    assert found.cell("X06000001", 2024).value == pytest.approx(100 * (every - late) / every)
    hidden = [cell for cell in found.cells.values() if cell.value is None]
    assert hidden and all(cell.numerator is None and cell.denominator is None for cell in hidden)


@pytest.mark.parametrize("area", AREAS)
def test_every_view_can_be_shown_of_any_authority(sample_store: Path, area: str) -> None:
    finding = finding_of(sample_store, area)
    for show, several in (
        (finding.plot, finding.charts),
        (finding.table, finding.tables),
        (finding.note, finding.notes),
    ):
        for name in several:
            show(name)
    assert finding.checks.frame.shape[0] == 6 and finding.card()


def test_an_authority_without_figures_has_a_page_that_says_so(sample_store: Path) -> None:
    empty = dataclasses.replace(load(sample_store), data=load(sample_store).data.iloc[:0], remember=Kept())
    none: Finding = ins.studies.authority_brief(empty, authority="X06000001")
    assert none.verdict == "not_estimable" and none.headline is None and not none.estimates
    assert not none.tables and "could be looked at" in none.words[0]
    assert none.note("strongest").content["paragraphs"] == ["No measure could be tested."]
    assert "could be tested" in none.charts["england"]().alt and none.plot() and none.card()


def markdown() -> list[str]:
    cells = json.loads((ROOT / "notebooks" / "authority_brief.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def test_a_false_discovery_rate_is_explained_before_the_finding() -> None:
    opening = markdown()[0]
    assert "A false-discovery rate of 5% means: on average, at most about one in twenty entries" in opening
    assert "Among movements it can be more" in opening


@pytest.mark.parametrize("area", AREAS)
def test_nothing_sure_is_said_of_a_movement(sample_store: Path, area: str) -> None:
    texts = [*sentences(finding_of(sample_store, area)), *markdown()]
    for sentence in (part for text in texts for part in re.split(r"(?<=[.;:])\s", text)):
        assert not (re.search(r"\bsure", sentence) and re.search(r"\b(mov|ris|rose|fall|fell|trend)", sentence)), (
            sentence
        )
    for text in (" ".join(texts[: -len(markdown())]), " ".join(markdown())):
        assert re.search(r"takes years to be independent", text) and "carries over from year to year" in text


def test_a_figure_that_carries_over_passes_the_test_of_a_trend_more_often() -> None:
    """Ten years without any trend, at 5% and before many looks: docs/methods.md and the page give these shares."""
    found = {}
    for memory in (0.0, 0.3, 0.6):
        series = np.random.default_rng(1).standard_normal((600, 10))
        for year in range(1, 10):
            series[:, year] = memory * series[:, year - 1] + (1 - memory**2) ** 0.5 * series[:, year]
        found[memory] = np.mean([trend_test(values).direction != "no trend shown" for values in series])
    # Of 20,000 series; the tolerance is some two to three standard errors of 600.
    assert found[0.0] == pytest.approx(0.046, abs=0.02)
    assert found[0.3] == pytest.approx(0.107, abs=0.03)
    assert found[0.6] == pytest.approx(0.229, abs=0.04)
    assert "in 5% of those" in markdown()[-1] and "in 11% where" in markdown()[-1] and "in 23% where" in markdown()[-1]


def brief_with_a_short_series(years: int) -> tuple[Brief, Look]:
    """One measure rises without a break over few years, among sixteen tests."""
    unit = UNITS[0]
    panel = made(7, 8, slope={(unit, 0): 0.04})
    data = panel.data
    data = data[(data["indicator"] != "share_0") | (data["time_period"] > 2025 - years)]
    brief = brief_of(dataclasses.replace(panel, data=data, remember=Kept()), REGISTER.get(unit), concepts(8))
    return brief, brief.looks[0]


def test_a_movement_that_is_not_listed_has_its_true_reason(laid_out_once: None) -> None:
    for years, expected in (
        (3, "not tested: 3 yearly figures are too few"),
        (4, "4 figures, too few for so many tests"),
        (5, "5 figures, too few for so many tests"),
        (8, ""),
    ):
        brief, look = brief_with_a_short_series(years)
        test = brief.trend(look).result
        assert test is None or test.p == test.smallest_p
        assert brief.why_unmoved(look) == expected
        assert trend_result(brief, look) == (expected or "rising")
        assert (look in brief.moved) == (not expected)
    assert {brief.why_unmoved(look) for look in brief.looks[1:]} == {"none shown"}


def test_a_trend_that_may_not_be_said_names_the_return_and_not_the_test(laid_out_once: None) -> None:
    brief, look = brief_with_a_short_series(8)
    look.__dict__["change"] = Change(2018, 2025, 1.0, None, False, "part of the return was withheld as unreliable")
    assert look not in brief.moved
    assert brief.why_unmoved(look) == "rising by the test; not listed: part of the return was withheld as unreliable"
    trend = dataclasses.replace(brief.trend(look), towards="no trend shown")
    tied = dataclasses.replace(
        brief, trends=dataclasses.replace(brief.trends, all={**brief.trends.all, look.concept.key: trend})
    )
    assert tied.why_unmoved(look) == "not shown: figures that tie allow a slope of 0"


def test_what_has_no_place_stands_last_in_both_lists(laid_out_once: None) -> None:
    unit = UNITS[0]
    shift = {(unit, k): (0.10 if k < 3 else -0.10) + 0.01 * k for k in range(6)}
    brief = brief_of(made(9, 6, shift=shift), REGISTER.get(unit), concepts(6))
    assert len(brief.weakest) == len(brief.strongest) == 3
    for looks, name in ((brief.weakest, "weakest"), (brief.strongest, "strongest")):
        for first in looks:
            changed = tuple(dataclasses.replace(look, standing=None) if look is first else look for look in brief.looks)
            listed = getattr(dataclasses.replace(brief, looks=changed), name)
            assert [look.row is None for look in listed] == [False, False, True]


@pytest.mark.parametrize("area", AREAS)
def test_an_empty_list_is_one_sentence(sample_store: Path, area: str) -> None:
    finding = finding_of(sample_store, area)
    assert isinstance(finding, BriefFinding)
    for name in ("strongest", "weakest", "moved", "work", "children"):
        shown = finding.listed(name)
        assert (shown.content["kind"] == "table") == (name in finding.tables) == (name not in finding.notes)
        if shown.content["kind"] == "table":
            assert shown.content["rows"]
        else:
            (said,) = shown.content["paragraphs"]
            assert said.count(".") == 1 and said.startswith("No measure")
    assert not any("below are empty" in text for text in finding.words)
    with pytest.raises(UsageError):
        finding.listed("nothing")


@pytest.mark.parametrize("area", AREAS)
def test_tables_have_few_columns_and_short_cells(sample_store: Path, area: str) -> None:
    finding = finding_of(sample_store, area)
    names = sorted((concept.words for concept in CONCEPTS), key=len, reverse=True)
    for table in [*(finding.table(name) for name in finding.tables), finding.checks]:
        assert len(table.content["columns"]) <= 6
        for cell in (text for row in table.texts() for text in row):
            named = next((cell.replace(name, "Name") for name in names if cell.startswith(name)), cell)
            assert len(named.split()) <= 14, cell


@pytest.mark.parametrize("area", AREAS)
def test_the_chart_counts_the_points_that_are_sure(sample_store: Path, area: str) -> None:
    finding = finding_of(sample_store, area)
    drawing = finding.charts["england"]()
    if not drawing.svg:
        return
    rows = drawing.table.frame.rename(columns=lambda column: str(column).lower()).to_dict("records")
    sure = [row for row in rows if str(row["label"]).endswith(" (sure)")]
    better = {str(row["label"]).removesuffix(" (sure)") for row in sure if row["value"] > 0}
    worse = {str(row["label"]).removesuffix(" (sure)") for row in sure if row["value"] < 0}
    assert f"of {len(rows)} tested figures, {len(better)} " in drawing.title
    assert f"England and {len(worse)} on the worse side of England" in drawing.title
    brief = brief_of(load(sample_store), load(sample_store).register.authority(area, abolished=True))
    assert better == {look.concept.words for look in brief.strongest}
    assert worse == {look.concept.words for look in brief.weakest}


@pytest.mark.published
def test_the_real_figures_give_a_brief_for_every_authority_of_a_region(published_store: Path) -> None:
    panel = dataclasses.replace(ins.load_panel(published_store, for_study="authority_brief"), remember=Kept())
    for area in panel.register.members("E12000005")[:4]:
        brief = brief_of(panel, area)
        assert 25 <= len(brief.looked_at) <= len(CONCEPTS) and brief.n_tests >= 35
        assert not brief.absent
