"""Benchmarks: against sums that stand here, against other packages, and against the files read in another way."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, rankdata

import insight as ins
from insight.core.indicator import Indicator
from insight.core.neighbours import Neighbour, Neighbours
from insight.core.panel import COLUMNS, Panel
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import PanelError
from insight.studies._benchmarks import (
    Measure,
    benchmarks,
    change_of,
    combined,
    counts_of,
    line_of,
    measure,
    places_of,
    quarters_of,
    together,
    trends_in,
    trends_of,
    with_regions,
)
from insight.studies._benchmarks._returns import return_of

WEST, ENGLAND = "E12000005", "E92000001"
REGISTER = Register.read()
MEMBERS = [area.code for area in REGISTER.members(WEST)]
SOURCE = Source(
    "referrals", "Publisher", "Referrals", "https://example.org", "OGL v3.0", release="2025", sha256="ab" * 32
)
SHARE = Indicator(
    "rereferral_percent",
    "Re-referrals",
    "percent",
    "lower",
    PeriodKind.YEAR_TO_MARCH,
    "referrals",
    numerator="rereferral_count",
    denominator="referral_count",
)
Pair = tuple[float, float]


def panel_of(
    pairs: Mapping[tuple[str, int], Pair | str], *, also: list[tuple[str, int, str, str]] | None = None
) -> Panel:
    """Shares from (part, whole) pairs; a text is the status of a hidden cell. ``also``: hidden cells elsewhere."""
    rows = []
    for (area, year), pair in pairs.items():
        hidden = isinstance(pair, str)
        part, whole = (np.nan, np.nan) if isinstance(pair, str) else pair
        value = np.nan if hidden else round(100 * part / whole, 1)
        status, symbol = (pair, "u") if isinstance(pair, str) else ("value", "")
        rows.append((area, year, date(year, 3, 31), SHARE.key, "", "2025", value, symbol, status, part, whole))
    others = {}
    for area, year, key, status in also or []:
        rows.append((area, year, date(year, 3, 31), key, "", "2025", np.nan, "u", status, np.nan, np.nan))
        others[key] = Indicator(key, key, "count", "neither", PeriodKind.YEAR_TO_MARCH, "section_47")
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    near = [
        Neighbour(MEMBERS[0], year, rank, code, "Close")
        for year in (2021, 2025)
        for rank, code in enumerate(MEMBERS[1:4], 1)
    ]
    return Panel(frame, {SHARE.key: SHARE, **others}, (SOURCE,), REGISTER, Neighbours(tuple(near)))


def plain(years: tuple[int, ...] = (2024, 2025), **changed: Pair | str) -> dict[tuple[str, int], Pair | str]:
    """All members with 20, 21, 22 ... of 100; the region and England as published."""
    pairs: dict[tuple[str, int], Pair | str] = {}
    for year in years:
        pairs |= {(code, year): (20.0 + place, 100.0) for place, code in enumerate(MEMBERS)}
        pairs[WEST, year], pairs[ENGLAND, year] = (370.0, 1400.0), (220.0, 1000.0)
    return pairs


def test_the_gap_is_the_areas_figure_less_the_other() -> None:
    found = {each.key: each for each in benchmarks(measure(panel_of(plain()), SHARE.key), MEMBERS[0], 2025)}
    # The other 139 authorities of England have no row here, so the nation comes a second time for those that have.
    assert list(found) == ["nation", "nation_members", "region", "neighbours_2025", "neighbours_2021"]
    assert found["nation"].gap == pytest.approx(20.0 - 22.0)
    assert found["region"].gap == pytest.approx(20.0 - 26.4)
    # The middle one of 21, 22 and 23.
    assert found["neighbours_2025"].value == 22.0 and found["neighbours_2025"].gap == pytest.approx(-2.0)
    assert (found["neighbours_2021"].model_year, found["nation"].change) == (2021, 0.0)


def test_where_a_member_is_missing_the_others_are_added_up_for_both_years() -> None:
    pairs = plain()
    pairs[MEMBERS[13], 2024] = "low reliability"
    found = {each.key: each for each in benchmarks(measure(panel_of(pairs), SHARE.key), MEMBERS[0], 2025)}
    # 20 + 21 + ... + 32 of 13 times 100.
    assert found["region_members"].value == pytest.approx(sum(range(20, 33)) / 13)
    assert found["region_members"].before == pytest.approx(sum(range(20, 33)) / 13)
    assert found["region_members"].absent == (REGISTER.get(MEMBERS[13]).name,)
    assert len(found["region_members"].members) == 13


@pytest.mark.parametrize("why", ["suppressed", "unspecified"])
@pytest.mark.parametrize(("hidden", "is_shown"), [(1, False), (2, True)])
def test_one_withheld_figure_is_not_given_away_by_the_sum_of_the_others(hidden: int, is_shown: bool, why: str) -> None:
    pairs = plain() | {(code, 2025): why for code in MEMBERS[12 : 12 + hidden]}
    keys = [each.key for each in benchmarks(measure(panel_of(pairs), SHARE.key), MEMBERS[0], 2025)]
    assert ("region_members" in keys) is is_shown


@pytest.mark.parametrize(("left", "is_shown"), [(2.0, False), (10.0, False), (11.0, True)])
def test_two_withheld_figures_are_not_given_away_where_both_must_be_small(left: float, is_shown: bool) -> None:
    """Two that add up to 2 are both 1; two that add up to 10 are both 5, the most that is withheld as small."""
    pairs = plain() | {(code, 2025): "suppressed" for code in MEMBERS[12:]}
    pairs[WEST, 2025] = (sum(range(20, 32)) + left, 1400.0)
    keys = [each.key for each in benchmarks(measure(panel_of(pairs), SHARE.key), MEMBERS[0], 2025)]
    assert ("region_members" in keys) is is_shown


@pytest.mark.parametrize("hidden", [1, 2])
def test_amounts_that_may_not_be_added_up_have_no_mean_either(hidden: int) -> None:
    """Leeds 50, Bradford 40, Kirklees 30 and a dash, beside a region of 123: three times their mean, 40, leaves 3."""
    panel = panel_of(plain() | {(code, 2025): "low reliability" for code in MEMBERS[12 : 12 + hidden]})
    amount = replace(SHARE, unit="count", numerator=None, denominator=None)
    rows = panel.frame.assign(numerator=np.nan, denominator=np.nan)
    found = measure(replace(panel, data=rows, indicators={SHARE.key: amount}), SHARE.key)
    assert "region_members" not in [each.key for each in benchmarks(found, MEMBERS[0], 2025)]
    assert together(found, MEMBERS[:3], 2025)[0] is None


def test_a_part_that_is_withheld_flags_every_table_of_the_return() -> None:
    of_source = {key: return_of(replace(SHARE, source=key)) for key in ("section_47", "referrals", "workforce")}
    assert of_source["section_47"] == of_source["referrals"] != of_source["workforce"]
    panel = panel_of(plain(), also=[(MEMBERS[3], 2025, "section_47_count", "low reliability")])
    found = measure(panel, SHARE.key)
    cell = found.cell(MEMBERS[3], 2025)
    assert cell.value == 23.0 and "unreliable" in cell.doubt and not cell.is_sound
    assert found.cell(MEMBERS[3], 2024).is_sound
    places = places_of(found, 2025, seed=1)
    assert places.of(MEMBERS[3]) is None and "unreliable" in places.why_not(MEMBERS[3])
    assert len(places.places) == 13 and max(place.of for place in places.places.values()) == 13
    assert not change_of(found, MEMBERS[3], 2025).may_say_moved


@pytest.mark.parametrize(
    ("topic", "own"),
    [
        ("Children in Need", "referrals"),
        ("Child Protection", "referrals"),
        ("Children in Need; All Pupil Absence & Exclusions", "referrals"),
        ("Children Looked After", "looked_after"),
        ("Adoption", "looked_after"),
        ("Children's Services Workforce", "workforce"),
        ("Key Stage 2", "tool"),
        ("", "tool"),
    ],
)
def test_what_a_tool_has_gathered_belongs_to_the_return_of_its_topic(topic: str, own: str) -> None:
    gathered = replace(SHARE, source="tool", topic=topic)
    assert return_of(gathered) == return_of(replace(SHARE, source=own))
    panel = replace(
        panel_of(plain()),
        indicators={SHARE.key: gathered},
        flags=frozenset({(MEMBERS[3], 2025, own), ("X", 2025, "y")}),
    )
    found = measure(panel, SHARE.key)
    assert "unreliable" in found.cell(MEMBERS[3], 2025).doubt
    assert not found.cell(MEMBERS[3], 2024).doubt and not found.cell(MEMBERS[2], 2025).doubt
    assert places_of(found, 2025, seed=1).of(MEMBERS[3]) is None


@pytest.mark.parametrize(("volume", "is_whole"), [(59.0, False), (61.0, True), (159.0, True), (161.0, False)])
def test_a_volume_outside_the_limits_has_no_place(volume: float, is_whole: bool) -> None:
    pairs = plain()
    pairs[MEMBERS[2], 2025] = (0.22 * volume, volume)
    places = places_of(measure(panel_of(pairs), SHARE.key), 2025, seed=1)
    assert (places.of(MEMBERS[2]) is not None) is is_whole
    assert (places.quarter(MEMBERS[2]).number is not None) is is_whole


def test_ranks_share_the_middle_of_their_places_and_the_best_is_first() -> None:
    pairs = plain()
    pairs[MEMBERS[1], 2025] = (20.0, 100.0)
    places = places_of(measure(panel_of(pairs), SHARE.key), 2025, seed=1)
    values = [places.places[code].value for code in MEMBERS]
    assert [places.places[code].rank for code in MEMBERS] == rankdata(values).tolist()
    higher = replace(SHARE, direction="higher")
    panel = panel_of(pairs)
    turned = places_of(measure(replace(panel, indicators={SHARE.key: higher}), SHARE.key), 2025, seed=1)
    assert [turned.places[code].rank for code in MEMBERS] == rankdata([-value for value in values]).tolist()
    assert all(place.low is not None and place.high is not None and place.low <= place.rank <= place.high
               for place in places.places.values())  # fmt: skip


def test_a_rank_without_counts_has_no_interval_and_says_why() -> None:
    panel = panel_of(plain())
    rows = panel.frame.assign(numerator=np.nan, denominator=np.nan)
    place = places_of(measure(replace(panel, data=rows), SHARE.key), 2025, seed=1).of(MEMBERS[0])
    assert place is not None and place.rank == 1 and place.low is None and "not published" in place.reason


def test_a_share_of_none_is_flagged() -> None:
    pairs = plain()
    pairs[MEMBERS[0], 2025] = (0.0, 100.0)
    place = places_of(measure(panel_of(pairs), SHARE.key), 2025, seed=1).of(MEMBERS[0])
    assert place is not None and place.is_zero


def test_quarters_follow_the_percentiles_of_another_package_and_the_better_way() -> None:
    found = quarters_of(measure(panel_of(plain()), SHARE.key), 2025)
    values = pd.Series(range(20, 34), index=MEMBERS, dtype=float)
    assert found.cuts == pytest.approx(tuple(values.quantile([0.25, 0.5, 0.75])))
    assert found.members(1) == tuple(sorted(values.index[values <= values.quantile(0.25)]))
    assert "lowest quarter, where lower is better" in found.of(MEMBERS[0]).words


def test_no_quarter_where_neither_way_is_better() -> None:
    panel = panel_of(plain())
    neither = replace(panel, indicators={SHARE.key: replace(SHARE, direction="neither")})
    found = quarters_of(measure(neither, SHARE.key), 2025).of(MEMBERS[0])
    assert found.number is None and "neither way" in found.reason


def test_a_region_is_added_up_from_its_members_and_never_through_a_hidden_one() -> None:
    pairs = {key: pair for key, pair in plain().items() if key[0] != WEST}
    pairs[MEMBERS[0], 2024] = "suppressed"
    found = with_regions(measure(panel_of(pairs), SHARE.key))
    # 20 + 21 + ... + 33 of 1,400.
    assert found.cell(WEST, 2025).value == pytest.approx(100 * sum(range(20, 34)) / 1400)
    assert (found.cell(WEST, 2024).value, found.cell(WEST, 2024).status) == (None, "suppressed")
    assert found.cell(ENGLAND, 2025).value == 22.0


def test_measures_are_added_up_cell_by_cell() -> None:
    one = measure(panel_of(plain()), SHARE.key)
    both = combined([one, one], title="Twice")
    assert both.cell(MEMBERS[0], 2025).numerator == 40.0 and both.cell(MEMBERS[0], 2025).value == pytest.approx(20.0)
    other = replace(one, indicator=replace(SHARE, unit="count"))
    with pytest.raises(PanelError, match="different kinds"):
        combined([one, other], title="No")


def test_a_change_is_shown_beside_those_that_started_alike() -> None:
    pairs = plain()
    pairs[MEMBERS[0], 2025] = (30.0, 100.0)
    change = change_of(measure(panel_of(pairs), SHARE.key), MEMBERS[0], 2025)
    assert change.value == pytest.approx(10.0) and change.alike is not None
    assert change.alike.peer_change.value == pytest.approx(0.0) and len(change.alike.peers) == 10


def test_trends_are_those_of_another_package_and_every_look_counts() -> None:
    years = tuple(range(2017, 2026))
    pairs = plain(years)
    shares = (30.0, 29.0, 31.0, 27.0, 26.0, 25.5, 24.0, 23.0, 22.0)
    pairs |= {(MEMBERS[0], year): (share, 100.0) for year, share in zip(years, shares, strict=True)}
    found = measure(panel_of(pairs), SHARE.key)
    trend = trends_of({"again": found}, MEMBERS[0]).all["again"]
    assert trend.result is not None and trend.result.p == pytest.approx(
        kendalltau(years, shares, method="exact").pvalue
    )
    assert (trend.towards, trend.is_better) == ("falling", True)
    crowd = trends_of({"again": found}, MEMBERS[0], besides={str(look): 0.9 for look in range(400)})
    assert (crowd.looks.n_looks, crowd.all["again"].towards) == (401, "no trend shown")
    flat = trends_of({"again": found}, MEMBERS[1]).all["again"]
    assert (flat.towards, flat.is_better) == ("not tested", None)


def test_no_direction_is_claimed_where_the_interval_of_the_slope_reaches_none() -> None:
    # The West Midlands' gap to England at key stage 2, in whole percentage points, without the years of no tests.
    gaps = {2016: -3.0, 2017: -3.0, 2018: -2.0, 2019: -2.0, 2022: -2.0, 2023: -1.0, 2024: -1.0, 2025: -1.0}
    line = replace(line_of(measure(panel_of(plain()), SHARE.key), MEMBERS[0]), better="higher")
    points = tuple(gaps.items())
    trend = trends_in({"gap": replace(line, points=points)}).all["gap"]
    assert trend.result is not None and trend.result.p < 0.05 and not trend.result.slope.excludes_null
    assert (trend.towards, trend.is_better) == ("no trend shown", None)


def test_two_releases_at_once_are_refused() -> None:
    panel = panel_of(plain())
    both = pd.concat([panel.frame, panel.frame.assign(release="2024")], ignore_index=True)
    with pytest.raises(PanelError, match="release"):
        measure(replace(panel, data=both), SHARE.key)


@cache
def real(store: Path) -> Panel:
    keys = ("turnover_rate_fte", "agency_rate_fte", "rereferral_percent", "caseload_fte", "lait_ks2rwm_expected_std")
    places = [f"{phase}_places_good_or_outstanding_percent" for phase in ("primary", "secondary")]
    return ins.load_panel(store, indicators=[*keys, *places])


def of(store: Path, key: str) -> Measure:
    return measure(real(store), key)


def workforce(test_data: Path, year: int) -> dict[str, dict[str, str]]:
    path = test_data / "published" / "dfe" / "csww_indicators_2017_to_2025.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["time_period"] == str(year)]
    return {row["la_name"]: row for row in rows if row["region_name"] == "West Midlands" and row["la_name"]}


@pytest.mark.published
def test_the_region_without_a_partial_return_is_the_sum_of_the_file(published_store: Path, test_data: Path) -> None:
    # Birmingham's return of 2024 was partly withheld as unreliable.
    whole = {name: row for name, row in workforce(test_data, 2025).items() if name != "Birmingham"}
    leavers, stock = (sum(float(row[column]) for row in whole.values()) for column in ("leavers_fte", "inpost_fte"))
    found = {each.key: each for each in benchmarks(of(published_store, "turnover_rate_fte"), "E10000031", 2025)}
    assert len(whole) == 13 and found["region_members"].value == pytest.approx(100 * leavers / stock)
    assert (found["region"].value, found["region_members"].absent) == (11.5, ("Birmingham",))


@pytest.mark.published
def test_the_counts_are_the_publishers(published_store: Path) -> None:
    counts = counts_of(of(published_store, "rereferral_percent"), 2025, among=[ENGLAND])
    # England 2025 as published: 142,900 of 632,830, 22.6%.
    assert (counts.events, counts.sizes) == ((142_900.0,), (632_830.0,))
    everyone = counts_of(of(published_store, "rereferral_percent"), 2025)
    assert everyone.kind == "proportion" and everyone.funnel is not None
    assert everyone.scale * everyone.funnel.centre == pytest.approx(22.6, abs=0.05)
    assert everyone.dispersion > 5


@pytest.mark.published
def test_eleven_regional_rows_are_nine_regions(published_store: Path) -> None:
    found = of(published_store, "turnover_rate_fte")
    assert [area.code for area in REGISTER.regions if found.cell(area.code, 2025).value is not None] == [
        area.code for area in REGISTER.regions
    ]
    assert len({area for area, _ in found.cells if REGISTER.get(area).level == "region"}) == 9


@pytest.mark.published
def test_a_member_of_a_joint_return_is_that_return_and_counts_once(published_store: Path) -> None:
    found = of(published_store, "turnover_rate_fte")
    unit = found.unit_of("E09000021")
    assert REGISTER.get(unit).members == ("E09000021", "E09000027")
    assert unit in found.units(2025) and not {"E09000021", "E09000027"} & set(found.units(2025))
    keys = [each.key for each in benchmarks(found, "E09000021", 2025)]
    assert "neighbours_2025" in keys and "region" in keys


@pytest.mark.published
def test_regional_places_are_the_sum_of_the_file(published_store: Path, test_data: Path) -> None:
    path = test_data / "published" / "dfe" / "school-places-scorecards" / "scorecard_data_2025_2023.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Region"] == "West Midlands" and row["Year"] == "2023/24"]
    good, graded = 0.0, 0.0
    for row in rows:
        for phase in "PS":
            good += sum(float(row[f"Qual_{phase}_{grade}_E"]) for grade in "12")
            graded += sum(float(row[f"Qual_{phase}_{grade}_E"]) for grade in "1234")
    two = [of(published_store, f"{phase}_places_good_or_outstanding_percent") for phase in ("primary", "secondary")]
    cell = with_regions(combined(two, title="Places")).cell(WEST, 2024)
    assert len(rows) == 14 and (cell.numerator, cell.denominator) == (good, graded)
    assert cell.value == pytest.approx(100 * good / graded)
    # No school has had one grade since September 2024.
    assert with_regions(combined(two, title="Places")).cell(WEST, 2025).status == "not applicable"
