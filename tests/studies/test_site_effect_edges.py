"""Awkward months, units and files: each gives words, and nothing that is hidden comes back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import insight as ins
from insight.core.display import Display
from insight.core.finding import Finding
from insight.core.panel import Panel
from insight.core.programmes import Programme
from insight.errors import InsightError, NotEnoughData, UsageError
from insight.store import build, raw_id
from tests.studies.making_site_effect import (
    LEEDS,
    OTHER,
    PILOT,
    SHROPSHIRE,
    authorities,
    authority_panel,
    drawn,
    found,
    iso,
    loaded,
    month,
    panel_of,
    part_of,
    payloads,
    site_panel,
    site_rows,
    site_starts,
    values_of,
)

NAN = float("nan")
START = 36
MONTHS = 48
BAD = re.compile(r"\b(nan|None|inf|NaN)\b")
Change = Callable[[pd.DataFrame], None]


def put(rows: object, columns: object, value: float) -> Change:
    """Puts one value into some cells of the counts."""

    def change(counts: pd.DataFrame) -> None:
        counts.iloc[rows, columns] = value  # type: ignore[index]  # places of any form

    return change


def sites(
    several: int = 7,
    starts: Mapping[int, str] | None = None,
    change: Change | None = None,
    *,
    months: int = MONTHS,
    **how: object,
) -> Panel:
    """Sites of Shropshire, two of them treated unless said."""
    starts = {0: iso(START), 1: iso(START)} if starts is None else starts
    counts = drawn(several, months, seed=3, effect=0.6, treated=[0, 1][: min(2, several)], start=START)
    if change is not None:
        change(counts)
    return site_panel(counts, starts, **how)  # type: ignore[arg-type]  # by name


def of_sites(panel: Panel, **parameters: object) -> Finding:
    finding: Finding = ins.studies.site_effect(panel, design="sites", **{"authority": SHROPSHIRE, **parameters})
    return finding


def said(finding: Finding, *, with_charts: bool = False) -> str:
    """Everything that the page shows, as text; no number that is none."""
    shown = {name: repr(view) for name, view in payloads(finding, with_charts=with_charts).items()}
    for name, text in shown.items():
        assert not BAD.search(text), f"{name}: {text}"
    return " ".join([*finding.words, *shown.values()])


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        (lambda: sites(starts={0: "2018-01"}), "started in January 2018, before the first month"),
        (lambda: sites(starts={0: iso(0)}), "before the first month"),
        (lambda: sites(starts={0: iso(MONTHS + 9)}), "after the last month"),
        (lambda: sites(starts={0: iso(15)}), "9 months with a number before the start"),
        (lambda: sites(starts={}), "no unit that starts inside the months"),
        (lambda: sites(1, {0: iso(START)}), "no unit that never started"),
        (lambda: sites(1, {}), "no unit that starts inside the months"),
        (lambda: sites(2, {0: iso(START)}), "1 treated and 1 untreated"),
        (lambda: sites(3, {0: iso(START)}), "1 treated and 2 untreated"),
        (lambda: sites(3), "2 treated and 1 untreated"),
        (lambda: sites(4, {0: iso(START), 1: iso(START + 3)}), "2 treated and 2 untreated"),
        (lambda: sites(5, {place: iso(30 + 2 * place) for place in range(5)}), "no unit that never started"),
        (lambda: sites(change=put([0, 1], slice(0, MONTHS), NAN)), "0 months with a number before the start"),
        (lambda: sites(change=put([0, 1], slice(0, START), 0.0)), "no referral before the start"),
        (lambda: sites(change=put([0, 1], slice(0, MONTHS), 0.0)), "no referral before the start"),
        (lambda: sites(change=put(slice(2, 7), slice(0, MONTHS), 0.0)), "fewer than 2 referrals a month"),
        (lambda: sites(change=put(slice(2, 7), slice(START, MONTHS), 0.0)), "no referral after the start"),
        (lambda: sites(change=put(slice(0, 7), slice(0, MONTHS), 0.0)), "no referral before the start"),
        (lambda: sites(change=put([0, 1], slice(START, MONTHS), NAN)), "no month with a number after the start"),
        (lambda: sites(change=put(slice(0, 7), slice(0, MONTHS), NAN)), "no month with a number"),
        (lambda: sites(months=20, starts={0: iso(14)}), "8 months with a number before the start"),
    ],
)
def test_sites_that_allow_no_answer_are_told_why(panel: Callable[[], Panel], words: str) -> None:
    made = panel()
    finding = of_sites(made)
    assert finding.verdict == "not_estimable" and finding.headline is None
    assert words in said(finding)
    with pytest.raises(NotEnoughData, match=words):
        of_sites(made, authority=None)


def test_treated_sites_without_a_referral_after_the_start_are_told_so() -> None:
    finding = of_sites(sites(change=put([0, 1], slice(START, MONTHS), 0.0)))
    assert finding.verdict == "not_estimable"
    assert "without any referral" in said(finding)


def test_counts_that_never_move_give_words() -> None:
    finding = of_sites(site_panel(pd.DataFrame(np.full((7, MONTHS), 20.0)), {0: iso(START)}))
    assert finding.verdict in ("not_estimable", "cannot_tell", "no_effect_larger_than")
    assert said(finding)


@pytest.mark.parametrize(
    "change",
    [
        put(0, [3, 20, 40], NAN),  # a treated site with gaps
        put(5, [25], NAN),  # a donor with a gap
        put(slice(0, 7), [40], NAN),  # a month that nobody has
        put(slice(0, 7), [32, 33], NAN),  # months that nobody has, within the gap
        put(0, slice(START, MONTHS), NAN),  # one treated site without a month after
        put(0, slice(0, MONTHS), 0.0),  # one treated site without a referral
        put(0, slice(START, START + 3), 0.0),  # a quarter without a referral
        put(0, slice(START, MONTHS), 0.0),  # none after the start
        put(5, slice(0, START), 0.0),  # a site that opened later
        put(5, slice(START, MONTHS), 0.0),  # a site that closed
        put(slice(0, 7), slice(4, MONTHS, 12), 0.0),  # a calendar month in which nobody refers
    ],
)
def test_gaps_and_zeros_are_told_and_the_others_still_answer(change: Change) -> None:
    finding = of_sites(sites(change=change))
    assert finding.headline is not None and finding.headline.value is not None
    assert finding.headline.value == pytest.approx(0.6, abs=0.12) or finding.headline.value < 0.5
    assert said(finding)


def test_charts_of_sites_with_gaps_and_zeros_give_words() -> None:
    def gaps_and_zeros(counts: pd.DataFrame) -> None:
        counts.iloc[0, START : START + 3] = 0.0
        counts.iloc[1, [3, 20, 40]] = NAN
        counts.iloc[:, 32] = NAN

    assert said(of_sites(sites(change=gaps_and_zeros)), with_charts=True)
    assert said(of_sites(sites(starts={})), with_charts=True)


def test_a_site_that_opened_or_closed_is_no_comparison() -> None:
    for change, words in (
        (put(6, slice(0, START), 0.0), "no referral before the start"),
        (put(6, slice(START, MONTHS), 0.0), "no referral after the start"),
    ):
        finding = of_sites(sites(change=change))
        assert words in said(finding)
        assert finding.headline is not None and finding.headline.n_units == 6


def test_a_month_that_nobody_has_costs_that_month_alone() -> None:
    gone = of_sites(sites(change=put(slice(0, 7), [32], NAN)))
    rows = [row for row in site_rows(drawn(7, MONTHS, seed=3, effect=0.6, treated=[0, 1])) if row[1] != month(32)]
    absent = of_sites(panel_of(rows, site_starts({0: iso(START), 1: iso(START)})))
    for key, estimate in values_of(gone).items():
        assert values_of(absent)[key].value == estimate.value, key


def test_a_treated_site_without_referrals_is_not_counted_as_treated() -> None:
    finding = of_sites(sites(change=put(0, slice(0, MONTHS), 0.0)))
    assert values_of(finding)["treated_site_00"].value is None
    assert "the 2 treated sites" not in " ".join(finding.words)


def test_one_treated_among_ten_has_no_interval_and_no_claim() -> None:
    finding = of_sites(sites(10, {0: iso(START)}))
    head = values_of(finding)["poisson_imputation"]
    assert (head.low, head.high) == (None, None) and head.value is not None
    assert finding.verdict == "cannot_tell"
    assert values_of(finding)["p_smallest"].value == pytest.approx(0.1)


def test_one_treated_among_twenty_has_an_interval() -> None:
    head = values_of(of_sites(sites(20, {0: iso(START)})))["poisson_imputation"]
    assert head.low is not None and head.high is not None
    head = values_of(of_sites(sites(19, {0: iso(START)})))["poisson_imputation"]
    assert (head.low, head.high) == (None, None)


def test_sites_without_children_are_compared_as_counts() -> None:
    finding = of_sites(sites(children=None))
    assert finding.headline is not None and finding.headline.value is not None
    assert "No numbers of children" in said(finding)


@pytest.mark.parametrize(
    "parameters", [{"gap_months": 0}, {"gap_months": 24}, {"window_months": 120}, {"window_months": 12}]
)
def test_any_window_gives_words(parameters: dict[str, int]) -> None:
    assert said(of_sites(sites(), **parameters))


def test_a_file_without_an_authority_is_taken_as_that_of_the_page() -> None:
    finding = of_sites(sites(area="E92000001"))
    assert finding.headline is not None
    assert "does not say whose sites" in said(finding)


def test_two_authorities_files_are_kept_apart() -> None:
    rows = [*site_rows(drawn(7, MONTHS)), *site_rows(drawn(7, MONTHS, seed=2), area=LEEDS, name="Hub")]
    starts = [*site_starts({0: iso(START), 1: iso(START)}), *site_starts({2: iso(START), 3: iso(START)}, LEEDS, "Hub")]
    panel = panel_of(rows, starts)
    assert {u.key for u in of_sites(panel).estimates} >= {"treated_site_00", "treated_site_01"}
    assert {u.key for u in of_sites(panel, authority=LEEDS).estimates} >= {"treated_hub_02", "treated_hub_03"}
    assert "Hub" not in said(of_sites(panel))
    none = of_sites(panel, authority="Bradford")
    assert none.verdict == "not_estimable" and "Bradford" in said(none)
    with pytest.raises(NotEnoughData, match="no authority was named"):
        of_sites(panel, authority=None)


def test_no_file_of_sites_is_said() -> None:
    panel = pilot(6)
    finding = of_sites(panel, authority=authorities(1)[0])
    assert finding.verdict == "not_estimable"
    assert "no file of sites" in said(finding)


def pilot(
    several: int = 22,
    parts: list[Programme] | None = None,
    change: Change | None = None,
    *,
    months: int = MONTHS,
    **how: object,
) -> Panel:
    """Authorities by month; the first two are in the pilot unless said."""
    codes = authorities(several)
    counts = drawn(several, months, seed=5, mean=150, effect=0.6, treated=[0, 1], start=START)
    if change is not None:
        change(counts)
    parts = [part_of(code, live=iso(START)) for code in codes[:2]] if parts is None else parts
    return authority_panel(counts, parts, codes=codes, **how)  # type: ignore[arg-type]  # by name


def of_pilot(panel: Panel, authority: str | None = None, **parameters: object) -> Finding:
    finding: Finding = ins.studies.site_effect(panel, authority=authority, **parameters)
    return finding


FIRST, SECOND, DONOR = authorities(6)[0], authorities(6)[1], authorities(6)[5]


@pytest.mark.parametrize(
    ("panel", "parameters", "words"),
    [
        (lambda: sites(), {}, "no referrals by month"),
        (lambda: pilot(6, []), {}, "no programme that starts between April 2019"),
        (lambda: pilot(6, [part_of(FIRST)]), {}, "no programme that starts between April 2019"),
        (lambda: pilot(6, [part_of(FIRST)]), {"programme": PILOT}, "no start that is known|no start is known"),
        (lambda: pilot(6, [part_of(FIRST, live="2030-01")]), {"programme": PILOT}, "January 2030"),
        (lambda: pilot(6, [part_of(FIRST, live="2012-01")]), {"programme": PILOT}, "January 2012"),
        (lambda: pilot(6, [part_of(code, live=iso(START)) for code in authorities(6)]), {}, "no unit that never"),
        (lambda: pilot(6, change=put(slice(0, 6), slice(0, MONTHS), NAN)), {}, "no month with a number"),
        (lambda: pilot(6, [part_of(FIRST, live="2025-05")], months=90), {}, "no programme that starts between"),
    ],
)
def test_programmes_that_allow_no_answer_are_told_why(
    panel: Callable[[], Panel], parameters: dict[str, str], words: str
) -> None:
    made = panel()
    finding = of_pilot(made, FIRST, **parameters)
    assert finding.verdict == "not_estimable" and finding.headline is None
    assert re.search(words, said(finding))
    with pytest.raises(NotEnoughData, match=words):
        of_pilot(made, **parameters)


def test_an_unknown_programme_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="Pilot, wave 1"):
        of_pilot(pilot(6), FIRST, programme="Pilot, wave 9")


@pytest.mark.parametrize(
    "parameters",
    [{"design": "other"}, {"window_months": 0}, {"gap_months": -1}, {"margin_percent": NAN}, {"margin_percent": 0}],
)
def test_parameters_that_cannot_be_are_refused_in_words(parameters: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        of_pilot(pilot(6), FIRST, **parameters)


def test_an_area_in_two_programmes_is_named() -> None:
    codes = authorities(8)
    parts = [*(part_of(code, live=iso(START)) for code in codes[:2]), part_of(FIRST, live=iso(20), programme=OTHER)]
    parts.append(part_of(codes[2], live=iso(20), programme=OTHER))
    finding = of_pilot(pilot(8, parts), FIRST, programme=PILOT)
    assert f"also in {OTHER}" in said(finding)
    other = of_pilot(pilot(8, parts), codes[2], programme=PILOT)
    assert f"in {OTHER}" in said(other)


def test_a_programme_of_one_whose_authority_has_no_months_is_told() -> None:
    absent = authorities(30)[29]
    parts = [part_of(absent, live=iso(START)), part_of(FIRST, live=iso(START))]
    finding = of_pilot(pilot(8, parts), absent)
    assert "no referrals by month" in said(finding)


def test_months_between_being_announced_and_going_live_are_in_neither_side() -> None:
    parts = [part_of(code, announced=iso(START - 12), live=iso(START)) for code in (FIRST, SECOND)]
    finding = of_pilot(pilot(8, parts), FIRST)
    assert "12 months before are in neither side" in said(finding)


def test_a_start_that_was_announced_and_no_more_is_called_that() -> None:
    parts = [part_of(code, announced=iso(START)) for code in (FIRST, SECOND)]
    finding = of_pilot(pilot(8, parts), FIRST)
    assert "when they were announced" in said(finding) and "how areas were chosen" in said(finding)


def test_no_child_population_means_counts() -> None:
    with_children, without = of_pilot(pilot(8)), of_pilot(pilot(8, children=None))
    assert with_children.headline is not None and without.headline is not None
    # Children hardly change, so rates and counts change alike.
    assert without.headline.value == pytest.approx(with_children.headline.value, abs=0.01)
    assert said(without)


def test_donors_with_a_shorter_history_than_the_treated_give_words() -> None:
    assert said(of_pilot(pilot(8, change=put(slice(2, 8), slice(0, 8), NAN)), DONOR))
    assert said(of_pilot(pilot(8, change=put(slice(0, 2), slice(0, 8), NAN)), FIRST))


def test_areas_of_every_kind_have_a_page_in_words(sample_store: Path) -> None:
    for code in (
        "X06000048",
        "X06000049",
        "X06000059",
        "X10000001",
        "X06000054",
        "X06000023",
        "X06000006",
        "X06000061",
    ):
        finding = found(sample_store, code)
        assert finding.area == code or finding.area_name
        assert said(finding)


@pytest.mark.published
def test_real_areas_of_every_kind_have_a_page_in_words(published_store: Path) -> None:
    for name in ("Dorset", "Bournemouth", "Herefordshire, County of", "Hackney", "Cumbria", "Isles of Scilly"):
        assert said(found(published_store, name))


# Counts of 1 to 4 of an authority's own file.


def rows_of(view: Display) -> list[list[object]]:
    content = view.content
    table = content.get("table", content)
    rows: list[list[object]] = table.get("rows", [])
    return rows


def small_sites(change: Change | None = None) -> Panel:
    """Eight sites, the one treated has 1 to 4 referrals in some months; without children rates are counts."""
    counts = drawn(8, MONTHS, seed=8, mean=60)
    counts.iloc[0] = [12.0 + place % 5 for place in range(MONTHS)]
    counts.iloc[0, [10, 11, 12, 38, 39]] = [3.0, 2.0, 4.0, 1.0, 3.0]
    if change is not None:
        change(counts)
    return site_panel(counts, {0: iso(START)}, children=None)


def test_no_small_count_of_a_site_is_in_the_months_of_a_page() -> None:
    finding = of_sites(small_sites())
    months = rows_of(payloads(finding)["chart months"])
    shown = [row[1] for row in months if isinstance(row[1], int | float)]
    assert shown and not [value for value in shown if 0 < value < 5]
    hidden = [row[0] for row in months if isinstance(row[1], dict) and row[1]["status"] == "suppressed"]
    assert set(hidden) >= {iso(place) for place in (10, 11, 12, 38, 39)}
    # A small month that is alone in its quarter takes the next smallest with it, or the quarter would tell.
    quarters = Counter((place - START) // 3 for place in range(MONTHS) if iso(place) in hidden)
    assert min(quarters.values()) >= 2
    svg = str(payloads(finding)["chart months"].content["svg"])
    assert finding.policy == "own_counts" and svg


def test_a_left_out_site_does_not_cover_small_months_of_another() -> None:
    counts = drawn(8, MONTHS, seed=8, mean=60)
    counts.iloc[0] = 12.0 + np.arange(MONTHS) % 5
    counts.iloc[0, 40] = 3.0
    counts.iloc[1, : START - 6] = NAN  # treated too, and left out for want of months
    panel = site_panel(counts, {0: iso(START), 1: iso(START)}, children=None)
    months = rows_of(payloads(of_sites(panel))["chart months"])
    assert not [row for row in months if isinstance(row[1], int | float) and 0 < row[1] < 5]


def test_a_site_with_few_referrals_a_month_has_a_page() -> None:
    counts = drawn(8, MONTHS, seed=8, mean=60)
    counts.iloc[0] = np.random.default_rng(1).poisson(2.5, MONTHS).astype(float)
    finding = of_sites(site_panel(counts, {0: iso(START)}))
    text = said(finding)
    assert "suppressed" in text or "withheld" in text


def test_a_single_small_month_is_not_the_quarter_less_its_other_months() -> None:
    # Quarters, means and estimates rest on every month, so a month hidden alone could be worked out from them.
    counts = drawn(8, MONTHS, seed=8, mean=60)
    counts.iloc[0] = 12.0 + np.arange(MONTHS) % 5
    counts.iloc[0, 40] = 3.0
    finding = of_sites(site_panel(counts, {0: iso(START)}, children=None))
    months = {row[0]: row[1] for row in rows_of(payloads(finding)["chart months"])}
    quarter = [months[iso(place)] for place in (39, 40, 41)]
    assert isinstance(quarter[1], dict)
    assert sum(isinstance(value, dict) for value in quarter) > 1


def test_a_month_that_the_publisher_hides_is_nowhere(sample_store: Path) -> None:
    panel = loaded(sample_store)
    rows = panel.select("referral_month_count", areas=["X06000046"]).data
    hidden = [f"{label // 100}-{label % 100:02d}" for label in rows.loc[rows["status"] == "suppressed", "time_period"]]
    assert len(hidden) == 2
    months = rows_of(payloads(found(sample_store, "X06000046"))["chart months"])
    own = {row[0]: row[1] for row in months}
    for label in hidden:
        assert isinstance(own[label], dict), label


@pytest.mark.published
def test_no_month_is_hidden_alone_in_a_year_whose_total_is_printed(published_store: Path) -> None:
    # Else the page, which prints both, would give it away: the publisher hides a second one.
    panel = loaded(published_store)
    months = panel.select("referral_month_count", level=("authority", "joint")).data
    year = months["time_period"] // 100 + (months["time_period"] % 100 >= 4)
    hidden = months[months["status"] == "suppressed"].groupby(["area", year]).size()
    totals = panel.select("referral_count", level=("authority", "joint")).data
    printed = totals[totals["status"] == "value"].set_index(["area", "time_period"]).index
    alone = hidden.index[hidden == 1]
    assert len(hidden) and not set(alone) & set(printed)


def test_a_file_of_sites_alone_goes_through_the_store(root: Path, tmp_path: Path) -> None:
    counts = drawn(9, MONTHS, seed=3, effect=0.6, treated=[0, 1], start=START)
    lines = ["site,month,referrals,children,start"]
    for place, own in enumerate(counts.to_numpy()):
        start = iso(START) if place < 2 else ""
        lines += [f"Site {place},{iso(at)},{value:.0f},,{start}" for at, value in enumerate(own)]
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "sites.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    build(raw, tmp_path / "processed")
    panel = ins.load_panel(tmp_path / "processed" / raw_id(raw))
    finding = of_sites(panel)
    assert finding.headline is not None and finding.headline.value == pytest.approx(0.6, abs=0.1)
    assert "does not say whose sites" in said(finding)
    assert of_pilot(panel, SHROPSHIRE).verdict == "not_estimable"


def test_every_refusal_is_an_error_in_words() -> None:
    for parameters in ({"authority": "Nowhere"}, {"authority": "England"}, {"programme": "None such"}):
        with pytest.raises(InsightError) as refused:
            of_pilot(pilot(6), **{"authority": FIRST, **parameters})
        assert refused.value.found and refused.value.todo
