"""The study on sample data, and on made panels whose truth is known or that another package has computed."""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

import insight as ins
from insight.core.display import Display
from insight.core.finding import Finding
from insight.core.indicator import Indicator
from insight.core.panel import COLUMNS, Panel
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import PanelError, UnknownArea, UsageError
from insight.store import contents
from insight.studies import _benchmarks as bench
from insight.studies import find
from insight.studies._benchmarks import Cell, _places
from insight.studies._study import LONGEST_NAME
from insight.studies.indicator_profile._months import BASELINE, SHOWN, Months, months_of
from insight.studies.indicator_profile._profile import gap_estimate, profile_of
from insight.studies.indicator_profile._standing import standing_of
from insight.studies.indicator_profile._words import BY_CHANCE, difference, figure, gap_words, in_sentence, size

BARRED = re.compile(r"\b(significant\w*|proves?|drives?|works|wrong|improv\w*|only|better than|worse|nan|None|inf)\b")
AREAS = {
    "X06000001": "ordinary",
    "X06000007": "its newest caseload is withheld",
    "X06000048": "member of a joint return",
    "X06000039": "tiny",
    "X06000042": "its newest year is missing",
    "X10000001": "abolished",
}
SOURCE = Source("made", "Publisher", "Made", "https://example.org", "OGL v3.0", release="2025", sha256="ab" * 32)
SHARE = Indicator(
    "share_percent", "Share of plans", "percent", "lower", PeriodKind.YEAR_TO_MARCH, "made", "part_count", "whole_count"
)
Row = tuple[str, int, float | None, float | None, float | None]


class Kept:
    """A memory for one panel, as a store has."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def __call__(self, name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        key = repr((name, sorted(parameters.items())))
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]


@cache
def load(store: Path, key: str) -> Panel:
    """With a memory of its own: the store is other tests' too, and would keep what rests on few draws."""
    panel = ins.load_panel(store, for_study="indicator_profile", parameters={"indicator": key})
    return dataclasses.replace(panel, remember=Kept())


def made(rows: list[Row], indicator: Indicator = SHARE, *, statuses: Mapping[tuple[str, int], str] = {}) -> Panel:
    """A panel of one indicator from (area, year, value, numerator, denominator) rows."""
    day = (3, 31)
    full = [
        (area, year, date(year, *day), indicator.key, "", "2025", value, "",
         statuses.get((area, year), "value" if value is not None else "not available"), part, whole)
        for area, year, value, part, whole in rows
    ]  # fmt: skip
    frame = pd.DataFrame(full, columns=list(COLUMNS)).astype(
        {"value": "float64", "numerator": "float64", "denominator": "float64"}
    )
    return Panel(frame, {indicator.key: indicator}, (SOURCE,), Register.read(), remember=Kept())


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are tested with the method that makes them; here a few draws will do."""
    monkeypatch.setattr(_places, "DRAWS", 100)


def authorities() -> list[str]:
    return [area.code for area in Register.read().authorities()]


def study(panel: Panel, authority: str | None, key: str = "share_percent", **more: str) -> Finding:
    finding: Finding = ins.studies.indicator_profile(panel, authority=authority, indicator=key, **more)
    return finding


def views(finding: Finding) -> list[Display]:
    """Everything that a page may ask for, but charts."""
    shown: list[Display] = [finding.card(), finding.tidy(), finding.checks, finding.sources]
    return shown + [finding.note(name) for name in finding.notes] + [finding.table(name) for name in finding.tables]


def notes(finding: Finding) -> str:
    return " ".join(" ".join(finding.note(name).content["paragraphs"]) for name in ("here", "missing"))


def shown_verdict(finding: Finding) -> str:
    return str(finding.record()["verdict_words"]["short"])


def estimate(finding: Finding, key: str) -> Any:
    return next(each for each in finding.estimates if each.key == key)


# The contract: names, needs, parameters.


def test_the_page_is_named_by_its_indicator() -> None:
    study = find("indicator_profile")
    named = [study.page_name({"indicator": key, "breakdown": ""}) for key in ("turnover_rate_fte", "lait_cpp_num")]
    assert named == ["indicator_profile", "indicator_profile--lait_cpp_num"]


def test_pages_of_breakdowns_that_differ_have_names_that_differ_and_are_short() -> None:
    study = find("indicator_profile")
    breakdowns = ["16+", "16", "16 +", "a/b", "a b", "x" * 80, "x" * 81, "Mixed: White and Asian", ""]
    named = [study.page_name({"indicator": "residents_by_ethnic_group_count", "breakdown": one}) for one in breakdowns]
    assert len(set(named)) == len(named)
    assert max(map(len, named)) == LONGEST_NAME
    assert named[1] == "indicator_profile--residents_by_ethnic_group_count--16"
    assert all(re.fullmatch(r"[a-z0-9_]+(--[A-Za-z0-9_-]+)?", name) for name in named)
    assert named == [study.page_name({"indicator": "residents_by_ethnic_group_count", "breakdown": one})
                     for one in breakdowns]  # fmt: skip


def test_it_asks_for_the_indicator_and_what_it_is_made_of(sample_store: Path) -> None:
    assert find("indicator_profile").needs_for({"indicator": "a"}) == ("a", "parts of a", "flags")
    assert set(load(sample_store, "turnover_rate_fte").indicators) == {"turnover_rate_fte", "leavers_fte", "inpost_fte"}
    with pytest.raises(UsageError, match="indicator"):
        find("indicator_profile").needs_for({})


def test_it_stops_for_an_unknown_place_indicator_or_breakdown(sample_store: Path) -> None:
    panel = load(sample_store, "turnover_rate_fte")
    with pytest.raises(UnknownArea):
        study(panel, "Leeds", "turnover_rate_fte")
    with pytest.raises(PanelError, match="no figure of it in this store"):
        study(panel, "X06000001", "caseload_fte")
    with pytest.raises(PanelError, match="breakdown"):
        study(panel, "X06000001", "turnover_rate_fte", breakdown="Managers")


# Every indicator of the sample, for every awkward authority.


def test_every_indicator_of_the_sample_gives_words(sample_store: Path) -> None:
    keys = [held.indicator.key for held in contents(sample_store)]
    assert len(keys) > 30
    panel = ins.load_panel(sample_store, indicators=keys)
    groups = {str(key): rows for key, rows in panel.data.groupby("indicator")}
    for key in keys:
        own = panel.indicators[key]
        wanted = [each for each in (key, own.numerator, own.denominator) if each is not None and each in groups]
        rows = pd.concat([groups[each] for each in wanted])
        some = {each: panel.indicators[each] for each in wanted}
        part = dataclasses.replace(panel, data=rows, indicators=some, data_hash="", remember=Kept())
        for area in ("X06000001", "X06000048", "X10000001"):
            finding = study(part, area, key)
            assert finding.words and all(finding.words), (key, area)
            assert sum(len(text.split()) for text in finding.words) <= 60, (key, area)
            for text in (*finding.words, notes(finding)):
                assert not BARRED.search(text), (key, area, text)


@pytest.mark.parametrize("key", ["turnover_rate_fte", "caseload_fte", "rereferral_percent", "referral_count"])
@pytest.mark.parametrize("area", AREAS)
def test_every_view_can_be_shown(sample_store: Path, key: str, area: str) -> None:
    finding = study(load(sample_store, key), area, key)
    for view in views(finding):
        assert not re.search(r"\b(nan|None|inf)\b", repr(view)), repr(view)


def test_every_chart_is_drawn_or_says_why_not(sample_store: Path) -> None:
    share = study(load(sample_store, "turnover_rate_fte"), "X06000001", "turnover_rate_fte")
    assert all(share.plot(name).svg for name in share.charts)
    months = study(load(sample_store, "referral_month_count"), "X06000001", "referral_month_count")
    drawn = {name: months.plot(name) for name in months.charts}
    assert {name for name, chart in drawn.items() if chart.svg} == {"trend", "points"}
    assert "grows with the size" in drawn["ranked"].content["subtitle"]
    assert "too many months" in drawn["members"].content["subtitle"]


@pytest.mark.parametrize(
    ("key", "area", "words"),
    [
        ("turnover_rate_fte", "X06000048", "reports together with others"),
        ("turnover_rate_fte", "X10000001", "was abolished on"),
        ("caseload_fte", "X06000007", "has none (withheld: low reliability), so its last is at 30 September 2024"),
        ("turnover_rate_fte", "X06000042", "not available"),
        ("rereferral_percent", "X06000001", "Behind the figure: "),
        ("referral_count", "X06000001", "grows with the size of an area"),
        ("no_further_action_percent", "X06000001", "in no quarter: neither way is better"),
        ("referral_month_count", "X06000001", "months have seasons"),
    ],
)
def test_it_says_what_it_cannot(sample_store: Path, key: str, area: str, words: str) -> None:
    assert words in notes(study(load(sample_store, key), area, key))


def everything(finding: Finding) -> str:
    """All that anybody can read or download: the record, every view, every chart with its table and its picture."""
    drawn = [finding.plot(name).content for name in finding.charts]
    words = [re.sub(r"<[^>]*>", " ", str(chart["svg"])) for chart in drawn]
    plain = [str({**chart, "svg": ""}) for chart in drawn]
    tables = [str(finding.table(name).content) + finding.table(name).frame.to_csv() for name in finding.tables]
    return " ".join([str(finding.record()), *map(repr, views(finding)), *words, *plain, *tables])


def holds(text: str, figure: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d.,]?\d)", text) is not None


def test_a_withheld_figure_is_nowhere(sample_store: Path) -> None:
    """The newest caseload of one authority is withheld: its page has no number of that year but cases of others."""
    finding = study(load(sample_store, "caseload_fte"), "X06000007", "caseload_fte")
    frame = finding.table("figures").frame.set_index("when")
    last = frame.loc["at 30 September 2025"]
    assert np.isnan(last["own"]) and last["own__status"] == "low reliability"
    assert estimate(finding, "figure").term.endswith("30 September 2024")


@pytest.mark.parametrize("place", [0, 5])
def test_a_figure_that_could_be_had_by_subtraction_is_nowhere(place: int) -> None:
    """173 of 211 are withheld of one authority; its region and the other members are published in full."""
    register = Register.read()
    region = register.get(authorities()[0]).region_code or ""
    members = [area.code for area in register.authorities(region=region)]
    rows: list[Row] = []
    for year in (2024, 2025):
        rows += [(code, year, 10.0 + n, 20.0 + 2 * n, 200.0) for n, code in enumerate(members)]
        part = sum(20.0 + 2 * n for n in range(1, len(members))) + 173.0
        whole = 200.0 * (len(members) - 1) + 211.0
        rows += [(code, year, round(100 * part / whole, 1), part, whole) for code in (region, "E92000001")]
    shown = study(made(rows), members[place])
    hidden = [(*row[:2], None, None, None) if row[:2] == (members[0], 2025) else row for row in rows]
    rows = [(*row[:2], 82.0, 173.0, 211.0) if row[:2] == (members[0], 2025) else row for row in rows]
    given = everything(study(made(rows), members[place]))
    assert holds(given, "82.0") and holds(given, "173.0"), "the search finds what is published"
    finding = study(made(hidden, statuses={(members[0], 2025): "suppressed"}), members[place])
    assert not any(holds(everything(finding), text) for text in ("173", "173.0", "211", "211.0", "82.0"))
    keys = {each.key for each in finding.estimates}
    assert "gap_region_members" not in keys and "gap_nation" in {each.key for each in shown.estimates}


def test_the_same_figures_give_the_same_page(sample_store: Path) -> None:
    panel = load(sample_store, "turnover_rate_fte")
    first, second = (study(part, "X06000001", "turnover_rate_fte") for part in (panel, panel.select()))
    assert first.record() == second.record()
    assert first.plot("funnel").svg == second.plot("funnel").svg


def test_after_preparation_a_page_computes_no_places(sample_store: Path) -> None:
    panel = load(sample_store, "rereferral_percent")
    own = find("indicator_profile")
    parameters = own.parameters.checked({"authority": "", "indicator": "rereferral_percent"}, study=own.name)
    own.prepare(panel, parameters)

    def only_look(name: str, settings: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        def refuse() -> Any:
            raise AssertionError(f"{name} was not prepared for {dict(settings)}")

        return panel.remember(name, settings, refuse)

    ready = dataclasses.replace(panel, remember=only_look)
    for area in AREAS:
        kept, anew = (study(each, area, "rereferral_percent") for each in (ready, panel.select()))
        assert kept.record() == anew.record()


def test_words_keep_to_short_sentences(sample_store: Path) -> None:
    finding = study(load(sample_store, "turnover_rate_fte"), "X06000001", "turnover_rate_fte")
    for text in (*finding.words, *finding.does_not_show, *finding.caveats, notes(finding)):
        for sentence in re.split(r"(?<=[.:;]) ", text):
            assert len(sentence.split()) <= 25, sentence


# Against other programs.


def random_panel(seed: int = 5, *, years: int = 9, share: float = 0.2, size: int = 200) -> Panel:
    """Shares of as many plans everywhere, all with the same truth, and the nation exactly there."""
    generator = np.random.default_rng(seed)
    rows: list[Row] = []
    for code in authorities():
        for year in range(2026 - years, 2026):
            part = int(generator.binomial(size, share))
            rows.append((code, year, round(100 * part / size, 1), float(part), float(size)))
    rows += [("E92000001", year, 100 * share, 1000 * share, 1000.0) for year in range(2026 - years, 2026)]
    return made(rows)


def test_the_interval_is_wilsons() -> None:
    """statsmodels' proportion_confint and scipy's binomtest, both with Wilson's score interval."""
    panel = random_panel(years=2)
    code = authorities()[0]
    cell = panel.data[(panel.data["area"] == code) & (panel.data["time_period"] == 2025)].iloc[0]
    found = estimate(study(panel, code), "figure")
    expected = scipy_stats.binomtest(int(cell["numerator"]), 200).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((100 * expected.low, 100 * expected.high), abs=1e-9)
    gap = estimate(study(panel, code), "gap_nation")
    assert (gap.value, gap.low, gap.high) == pytest.approx(
        (found.value - 20.0, found.low - 20.0, found.high - 20.0), abs=1e-9
    )


def worker_panel(rates: Mapping[str, float], *, size: float, spread: float, seed: int) -> Panel:
    """Leavers in full-time equivalents around each place's own truth, with ``spread`` times the variance of chance."""
    generator = np.random.default_rng(seed)
    rows: list[Row] = []
    for code, rate in rates.items():
        mean = size * rate / 100
        scale = spread - 1
        part = round(float(generator.poisson(generator.gamma(mean / scale, scale))) + 0.3, 1)
        rows.append((code, 2025, round(100 * part / size, 1), part, size))
    return made([*rows, ("E92000001", 2025, 12.0, 12.0 * size, 100.0 * size)])


def test_the_interval_holds_the_truth_where_counts_vary_more_than_chance() -> None:
    """Gamma-Poisson counts of known mean, 2.4 times the variance of chance, as turnover has; 153 places, 4 draws.

    A 95% interval must hold the truth in about 95 of 100; that of chance alone holds it in 79 (1.96 / sqrt(2.4) =
    1.27 standard deviations). Four standard errors of 612 intervals are 3.5 points; the factor is winsorised, which
    takes some more.
    """
    held, pages = 0, 0
    for seed in range(4):
        panel = worker_panel(dict.fromkeys(authorities(), 12.0), size=300.2, spread=2.4, seed=seed)
        measured = bench.measure(panel, "share_percent")
        rows = standing_of(panel, measured, 2025).rows.values()
        held += sum(row["low"] <= 12.1 and row["high"] >= 12.0 for row in rows)
        pages += len(rows)
    assert pages == 4 * len(authorities())
    assert 0.90 < held / pages < 0.985


def test_the_verdict_rests_on_the_variance_that_such_figures_have() -> None:
    panel = worker_panel(dict.fromkeys(authorities(), 12.0), size=300.2, spread=2.4, seed=9)
    found = [study(panel, code) for code in authorities()]
    assert sum(each.verdict != "cannot_tell" for each in found) / len(found) < 0.05 + 4 * 0.018
    figure_ = estimate(found[0], "figure")
    assert re.search(r"for a variance [12]\.\d\d times that of chance", figure_.method)


def test_a_share_of_a_handful_has_no_interval_and_none_reaches_past_all() -> None:
    """Isles of Scilly had 11.8 workers in post: no leaver could be up to 31% of them, or to 369 by a larger spread."""
    panel = worker_panel(dict.fromkeys(authorities(), 12.0), size=300.2, spread=2.4, seed=3)
    few, some = authorities()[:2]
    rows = panel.data
    rows.loc[rows["area"] == few, ["value", "numerator", "denominator"]] = (0.0, 0.0, 11.8)
    rows.loc[rows["area"] == some, ["value", "numerator", "denominator"]] = (72.7, 15.99, 22.0)
    changed = dataclasses.replace(panel, data=rows, remember=Kept())
    tiny, small = study(changed, few), study(changed, some)
    own = estimate(tiny, "figure")
    assert (own.low, own.high) == (None, None) and "fewer than 20 to divide by" in own.method
    assert estimate(tiny, "gap_nation").low is None and tiny.verdict == "not_estimable"
    assert own.rank is not None
    assert tiny.plot("ranked").svg and "have no interval: it has fewer than 20" in everything(tiny)
    whole = estimate(small, "figure")
    assert whole.low is not None and whole.low > 20 and whole.high == 100.0


def test_a_gap_that_is_inside_the_funnel_says_so() -> None:
    """A large place two points above a nation of widely spread places: more than its chance, and nothing unusual."""
    spread_out = {code: 6.0 + 12.0 * n / 152 for n, code in enumerate(authorities())}
    panel = worker_panel(spread_out, size=300.2, spread=2.4, seed=1)
    large = authorities()[0]
    rows = panel.data
    rows.loc[rows["area"] == large, ["value", "numerator", "denominator"]] = (14.0, 1400.0, 10_000.0)
    finding = study(dataclasses.replace(panel, data=rows, remember=Kept()), large)
    assert finding.verdict == "effect_up"
    assert "inside the funnel's limits" in finding.record()["verdict_words"]["meaning"]


def test_where_nothing_differs_one_page_in_twenty_says_otherwise() -> None:
    """Binomial shares with the nation's own truth: the 95% interval must hold it about 95 times in 100.

    153 authorities, so the share of verdicts has a standard error of 1.8 points; Wilson's interval for 200 at 0.2
    covers 95.0% (Brown, Cai & DasGupta 2001, Stat Sci 16, 101-133). Five standard errors are allowed.
    """
    panel = random_panel(years=1)
    verdicts = [study(panel, code).verdict for code in authorities()]
    assert set(verdicts) <= {"cannot_tell", "effect_up", "effect_down"}
    wrong = sum(verdict != "cannot_tell" for verdict in verdicts) / len(verdicts)
    assert wrong < 0.05 + 5 * 0.018


def test_a_large_gap_is_found_and_named() -> None:
    panel = random_panel(years=1)
    code = authorities()[3]
    rows = panel.data
    rows.loc[rows["area"] == code, ["value", "numerator"]] = (40.0, 80.0)
    finding = study(dataclasses.replace(panel, data=rows, remember=Kept()), code)
    assert finding.verdict == "effect_up" and shown_verdict(finding) == "Higher than England"
    assert "England had 20.0%" in finding.words[1] and "20.0 percentage points higher" in finding.words[1]
    assert "outer limits" in notes(finding)


def test_the_trend_is_kendalls() -> None:
    """scipy's exact Kendall test of values against years, which is Mann and Kendall's; and its Theil-Sen slope."""
    panel = random_panel(seed=11)
    data = panel.data
    for code in authorities()[:12]:
        rows = data[data["area"] == code].sort_values("time_period")
        years, values = rows["time_period"].to_numpy(float), rows["value"].to_numpy(float)
        if len(set(values)) < len(values):
            continue
        slope = estimate(study(panel, code), "trend")
        assert slope.value == pytest.approx(scipy_stats.theilslopes(values, years).slope, abs=1e-9)
        p = scipy_stats.kendalltau(years, values, method="exact").pvalue
        finding = study(panel, code)
        said = " ".join(finding.words)
        assert ("No steady trend" in said) == (p > 0.05), (code, p, said)


def test_quarters_are_those_of_the_inclusive_quantiles() -> None:
    """The standard library's inclusive quartiles; lower is better, so the first quarter is the lowest."""
    panel = random_panel(years=1)
    rows = panel.data
    local = rows[rows["area"] != "E92000001"].set_index("area")["value"]
    low, middle, high = statistics.quantiles(local, n=4, method="inclusive")
    for code in authorities()[:20]:
        value = local[code]
        expected = 1 + sum(value > cut for cut in (low, middle, high))
        words = ("lowest", "second lowest", "second highest", "highest")[expected - 1]
        assert f"in the {words} quarter, where lower is better" in notes(study(panel, code))


def test_the_expected_change_is_the_straight_line_of_the_others() -> None:
    """scipy's least squares over every other authority."""
    panel = random_panel(years=2)
    code = authorities()[0]
    wide = panel.data[panel.data["area"] != "E92000001"].pivot(index="area", columns="time_period", values="value")
    others = wide.drop(index=code)
    line = scipy_stats.linregress(others[2024], others[2025] - others[2024])
    found = estimate(study(panel, code), "expected_1")
    assert found.value == pytest.approx(line.intercept + line.slope * wide.loc[code, 2024], abs=1e-9)


# Rules.


def test_a_partial_return_is_shown_and_has_no_place() -> None:
    panel = random_panel(years=2)
    code, rows = authorities()[2], panel.data
    now = (rows["area"] == code) & (rows["time_period"] == 2025)
    rows.loc[now, ["value", "numerator", "denominator"]] = (30.0, 30.0, 100.0)
    changed = dataclasses.replace(panel, data=rows, remember=Kept())
    finding = study(changed, code)
    own = estimate(finding, "figure")
    assert (own.value, own.rank, own.low) == (30.0, None, None)
    assert "what it counts went from 200 to 100 in a year" in notes(finding)
    assert "That is not called a move" in notes(finding)
    assert any(row.area == code for row in finding.rows_left_out)
    other = estimate(study(changed, authorities()[0]), "figure")
    assert other.rank_of == len(authorities()) - 1


def test_without_counts_there_is_a_place_without_an_interval_and_why() -> None:
    rows: list[Row] = [(code, 2025, float(place), None, None) for place, code in enumerate(authorities())]
    plain = dataclasses.replace(SHARE, unit="average score", direction="higher", numerator=None, denominator=None)
    finding = study(made([*rows, ("E92000001", 2025, 70.0, None, None)], plain), authorities()[-1])
    own = estimate(finding, "figure")
    assert (own.rank, own.rank_low, own.low) == (1.0, None, None)
    assert finding.verdict == "not_estimable" and finding.headline is not None
    assert shown_verdict(finding) == "A gap without an interval"
    assert "How far chance moves it cannot be said: the counts behind the figure are not published" in notes(finding)


def test_pounds_of_a_whole_budget_are_an_amount_and_pounds_for_each_child_are_not() -> None:
    budget = dataclasses.replace(SHARE, unit="pounds", direction="neither", numerator=None, denominator=None)
    rows: list[Row] = [(code, 2025, 1000.0 + place, None, None) for place, code in enumerate(authorities())]
    whole = study(made([*rows, ("E92000001", 2025, 150_000.0, None, None)], budget), authorities()[0])
    each = study(made([*rows, ("E92000001", 2025, 1070.0, None, None)], budget), authorities()[0])
    assert "grows with the size of an area" in notes(whole) and estimate(whole, "figure").rank is None
    assert estimate(each, "figure").rank == 1.0 and "England had £1,070" in " ".join(each.words)


def test_figures_of_the_nation_alone_are_not_the_authoritys() -> None:
    panel = made([("E92000001", year, 20.0 + year - 2016, None, None) for year in range(2017, 2026)])
    finding = study(panel, "E08000035")
    assert finding.verdict == "not_estimable" and finding.headline is None
    assert shown_verdict(finding) == "A figure of England alone"
    assert "for England and for no authority" in notes(finding)
    assert finding.plot("trend").svg and not finding.plot("ranked").svg
    nation = study(panel, None)
    assert nation.verdict == "effect_up" and shown_verdict(nation) == "Rising, tested by itself"


def test_without_any_figure_the_page_says_why() -> None:
    rows: list[Row] = [(code, 2025, 10.0 + place / 10, None, None) for place, code in enumerate(authorities()[1:])]
    hidden: Row = (authorities()[0], 2025, None, None, None)
    panel = made([*rows, hidden], statuses={(authorities()[0], 2025): "suppressed"})
    finding = study(panel, authorities()[0])
    assert "no figure" in finding.words[0] and "withheld to protect people" in finding.words[0]
    assert shown_verdict(finding) == "No figure"
    assert finding.verdict == "not_estimable" and all(view is not None for view in views(finding))
    assert not any(finding.plot(name).svg for name in ("trend", "ranked", "funnel", "points"))


def test_a_breakdown_is_chosen_and_the_others_are_named(sample_store: Path) -> None:
    panel = load(sample_store, "site_referral_count")
    owner = str(panel.data["area"].iloc[0])
    first = study(panel, owner, "site_referral_count")
    other = study(panel, owner, "site_referral_count", breakdown="Castle")
    assert "Shown: Abbey." in repr(first.note("measure")) and "Castle" in repr(first.note("measure"))
    assert "Castle" in other.words[0] and other.record() != first.record()


# Months.


def months(values: np.ndarray[Any, np.dtype[np.float64]], *, first: int = 2019 * 12) -> Months:
    cells = tuple(
        Cell("E08000035", (first + n) // 12 * 100 + (first + n) % 12 + 1, float(value), "value", "", None, None, "")
        for n, value in enumerate(values)
    )
    return months_of(cells)


SEASON = np.array([0, 5, 30, 0, 20, 10, 25, -60, 0, 30, 25, -55.0])


def seasonal(seed: int, *, years: int = 10, spread: float = 5.0) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Months with a season and nothing else: no change at all."""
    return np.asarray(500 + np.tile(SEASON, years) + np.random.default_rng(seed).normal(0, spread, 12 * years))


def test_a_season_is_taken_out_before_signals_are_sought() -> None:
    found = months(seasonal(3))
    assert found.season_removed and found.chart is not None
    assert len(found.cells) == SHOWN and found.chart.baseline == BASELINE
    spread = np.nanstd(found.chart.cells["value"])
    assert spread < 0.4 * np.std(SEASON), "what is left is a fraction of the season's own spread"
    assert found.season_words == "The usual difference of each month was learnt from January 2019 to December 2023."


def share_outside(charts: list[Months]) -> float:
    """Points after the baseline that lie outside the limits, of all of them."""
    marked = [
        sum(mark.rule == "outside the limits" and mark.points[0] >= BASELINE for mark in found.chart.marks)
        for found in charts
        if found.chart is not None
    ]
    return sum(marked) / (len(marked) * (SHOWN - BASELINE))


@pytest.mark.parametrize("spread", [5.0, 20.0])
def test_a_season_without_any_change_gives_hardly_a_false_signal(spread: float) -> None:
    """100 simulated series without change, normal noise. Limits of 24 points leave 1% of later points outside.

    (Three standard deviations that were known would leave 0.3%.) Series without a season say how many it is for these
    seeds, so the season adds nothing to it.
    """
    found = [months(seasonal(seed, spread=spread)) for seed in range(100)]
    charts = [each for each in found if each.season_removed and each.chart is not None and not each.chart.reasons]
    assert len(charts) > 80
    assert share_outside(charts) < 0.02
    plain = [months(np.random.default_rng(seed).normal(500, spread, 120)) for seed in range(100)]
    allowed = [each for each in plain if each.chart is not None and not each.chart.reasons]
    assert len(allowed) > 80
    assert share_outside(charts) < share_outside(allowed) + 0.01


def test_a_change_under_a_season_is_marked() -> None:
    steps = np.where(np.arange(120) >= 100, 30.0, 0.0)
    found = [months(seasonal(seed) + steps).chart for seed in range(20)]
    charts = [each for each in found if each is not None and not each.reasons]
    assert len(charts) > 12
    assert all(any(mark.rule == "shift" and mark.points[-1] == SHOWN - 1 for mark in each.marks) for each in charts)


def test_a_season_that_nobody_has_seen_before_gets_limits_and_no_marks() -> None:
    found = months(seasonal(4, years=7))
    assert found.chart is not None and not found.season_removed and not found.chart.marks
    assert any("months differ" in reason for reason in found.chart.reasons)
    assert found.season_words.startswith("Fewer than 3 years before them")
    assert months(seasonal(4, years=8)).season_removed


def test_a_step_is_marked_and_noise_is_not() -> None:
    noise = np.random.default_rng(8).normal(0, 5, 60)
    quiet, stepped = months(500 + noise), months(500 + noise + np.where(np.arange(60) >= 40, 40.0, 0.0))
    assert quiet.chart is not None and stepped.chart is not None
    assert not stepped.chart.reasons and not quiet.chart.reasons
    assert {mark.rule for mark in stepped.chart.marks} >= {"outside the limits", "shift"}
    assert not any(mark.rule == "outside the limits" or mark.points[-1] >= 40 for mark in quiet.chart.marks)


def test_months_that_depend_on_each_other_get_no_signals() -> None:
    generator, level, values = np.random.default_rng(2), 0.0, []
    for _ in range(60):
        level = 0.95 * level + generator.normal(0, 5)
        values.append(500 + level)
    found = months(np.array(values))
    assert found.chart is not None and not found.chart.marks
    assert any("depend on each other" in reason for reason in found.chart.reasons)


def test_a_few_months_have_no_limits_and_say_so() -> None:
    found = months(np.random.default_rng(1).normal(500, 5, 10))
    assert found.chart is None and found.reason


# Words.


@pytest.mark.parametrize(
    ("unit", "decimals", "value", "said", "apart"),
    [
        ("percent", 1, 12.34, "12.3%", "12.3 percentage points"),
        ("percent", 0, 1.0, "1%", "1 percentage point"),
        ("fte", 1, 2.0, "2.0 full-time equivalents", "2.0 full-time equivalents"),
        ("count", 0, 1234.0, "1,234", "1,234"),
        ("pounds", 0, -5.0, "−£5", "£5"),
        ("pounds per week", 0, 270.0, "£270 a week", "£270 a week"),
        ("thousand pounds", 0, 12.0, "£12 thousand", "£12 thousand"),
        ("rate per 10,000", 1, 515.7, "515.7 per 10,000", "515.7 per 10,000"),
        ("rate per 1,000 live births", 1, 3.0, "3.0 per 1,000 live births", "3.0 per 1,000"),
        ("average score", 1, 4.2, "4.2 average score", "4.2 average score"),
    ],
)
def test_figures_have_their_unit(unit: str, decimals: int, value: float, said: str, apart: str) -> None:
    indicator = dataclasses.replace(SHARE, unit=unit, decimals=decimals)
    assert (figure(value, indicator), size(value, indicator)) == (said, apart)


def test_a_gap_beyond_chance_that_rounds_to_nothing_is_not_called_none() -> None:
    """2,000,000 children, 20.04% against 20.00%: the interval lies above nothing, and so do the words."""
    panel = random_panel(years=1)
    code, rows = authorities()[0], panel.data
    rows.loc[rows["area"] == code, ["value", "numerator", "denominator"]] = (20.04, 400_800.0, 2_000_000.0)
    profile = profile_of(
        dataclasses.replace(panel, data=rows, remember=Kept()), panel.register.get(code), key="share_percent"
    )
    nation = profile.bench("nation")
    assert nation is not None
    gap = dataclasses.replace(gap_estimate(profile, nation), low=0.01, high=0.07)
    assert gap.excludes_null
    assert "no different" not in gap_words(profile, nation, gap)
    assert "is above it by less than is shown" in gap_words(profile, nation, gap)
    assert "no different" in gap_words(profile, nation, dataclasses.replace(gap, low=None, high=None))


def test_a_trend_says_how_many_figures_it_rests_on_and_of_which_years() -> None:
    """No tests in 2020 and 2021: eight figures span ten years."""
    rows: list[Row] = [
        ("E92000001", year, 50.0 + year - 2016, None, None) for year in range(2016, 2026) if year not in (2020, 2021)
    ]
    words = " ".join(study(made(rows), None).words)
    assert "in 8 yearly figures, 2016 to 2025" in words and "8 years" not in words


@pytest.mark.parametrize(("step", "is_moving"), [(1.0, True), (0.0, False)])
def test_a_trend_of_one_measure_is_said_to_be_tested_alone(step: float, is_moving: bool) -> None:
    """A brief tests many measures and may say that this one does not move; chance finds one in twenty by itself."""
    noise = (0.3, -0.4, 0.1, 0.5, -0.2, 0.0, -0.5, 0.4, -0.1)
    rows: list[Row] = [
        ("E92000001", 2017 + at, 30.0 + step * at + wobble, None, None) for at, wobble in enumerate(noise)
    ]
    finding = study(made(rows), None)
    words, title = " ".join(finding.words), str(finding.plot("trend").content["title"])
    if is_moving:
        assert "Tested by itself, it is rising by" in words
        assert BY_CHANCE in words and BY_CHANCE in finding.record()["verdict_words"]["meaning"]
        assert "A brief of many measures asks more" in notes(finding)
        assert title == "England: 37.9% in 2025, 7.6 percentage points higher than 2017"
    else:
        assert BY_CHANCE not in words and shown_verdict(finding) == "No steady trend shown"
        assert title == "England: 29.9% in 2025, with no steady rise or fall shown since 2017"
    assert BY_CHANCE in repr(finding.checks)


def test_without_a_test_of_trend_the_title_is_the_newest_figure_alone() -> None:
    rows: list[Row] = [("E92000001", 2023 + at, value, None, None) for at, value in enumerate((40.0, 30.0, 20.0))]
    assert study(made(rows), None).plot("trend").content["title"] == "England: 20.0% in 2025"


def test_a_long_title_is_short_in_headings_and_whole_in_the_first_sentence() -> None:
    long = "Turnover: social workers who left in the year, of those in post at its end (FTE)"
    rows: list[Row] = [("E92000001", year, 20.0 + year - 2016, None, None) for year in range(2017, 2026)]
    finding = study(made(rows, dataclasses.replace(SHARE, title=long)), None)
    assert finding.question == "Turnover (FTE): how does England compare?"
    assert finding.words[0].startswith(f"{long}: ")
    assert finding.table("figures").content["caption"] == "Turnover (FTE): England by period"


def test_regression_to_the_mean_is_named_beside_every_change() -> None:
    """60% in 2024 is far above all others; 20% in 2020 is the middle. An amount is large where the area is."""
    panel = random_panel(years=7)
    code, rows = authorities()[1], panel.data
    for year, value in ((2020, 20.0), (2024, 60.0), (2025, 30.0)):
        rows.loc[(rows["area"] == code) & (rows["time_period"] == year), ["value", "numerator"]] = (value, 2 * value)
    whole = dataclasses.replace(SHARE, unit="count", numerator=None, denominator=None)
    for indicator, unusual in ((SHARE, [True, False]), (whole, [False, False])):
        changed = dataclasses.replace(panel, data=rows, indicators={SHARE.key: indicator}, remember=Kept())
        paragraphs = study(changed, code).note("here").content["paragraphs"]
        changes = [text for text in paragraphs if "started alike" in text]
        assert ["It started in an outer fifth" in text for text in changes] == unusual
        assert all("regression to the mean" in text for text in changes)


def test_a_difference_that_rounds_to_nothing_is_none() -> None:
    assert difference(0.04, SHARE) == "no different"
    assert difference(-0.06, SHARE) == "0.1 percentage points lower"
    assert in_sentence("Social workers (FTE)") == "social workers (FTE)"
