"""The study on the real files: every indicator of the store, and figures that their publisher has printed."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import insight as ins
from insight.core.finding import Finding
from insight.core.panel import Panel, compute_anew
from insight.store import contents
from insight.studies import _benchmarks as bench
from insight.studies._benchmarks import _places
from insight.studies.indicator_profile._months import BASELINE, SHOWN, months_of
from insight.studies.indicator_profile._standing import standing_of

pytestmark = pytest.mark.published
LEEDS, SHROPSHIRE, SCILLY, NORTH_NORTHAMPTONSHIRE = "E08000035", "E06000051", "E06000053", "E06000061"


def profile(store: Path, authority: str, key: str) -> Finding:
    panel = ins.load_panel(store, for_study="indicator_profile", parameters={"indicator": key})
    finding: Finding = ins.studies.indicator_profile(panel, authority=authority, indicator=key)
    return finding


def test_every_indicator_of_the_store_gives_a_finding_with_words(
    published_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 434 measures of the tool and all others, for one authority, with its region, its neighbours and England."""
    monkeypatch.setattr(_places, "DRAWS", 100)
    held = contents(published_store)
    whole = ins.load_panel(published_store, indicators=[each.indicator.key for each in held])
    groups = {str(key): rows for key, rows in _near(whole, SHROPSHIRE).groupby("indicator")}
    verdicts: Counter[str] = Counter()
    for each in held:
        key = each.indicator.key
        own = whole.indicators[key]
        parts = [name for name in (key, own.numerator, own.denominator) if name is not None and name in groups]
        rows = pd.concat([groups[name] for name in parts]) if parts else whole.data.iloc[:0]
        some = {name: whole.indicators[name] for name in dict.fromkeys([key, *parts])}
        panel = dataclasses.replace(whole, data=rows, indicators=some, data_hash="", remember=compute_anew)
        finding = ins.studies.indicator_profile(panel, authority=SHROPSHIRE, indicator=key)
        assert finding.words and all(len(text) > 20 for text in finding.words), key
        assert sum(len(text.split()) for text in finding.words) <= 60, (key, finding.words)
        told = " ".join(finding.note("here").content["paragraphs"])
        assert not re.search(r"\b(nan|inf)\b", told), key
        figure = next((found for found in finding.estimates if found.key == "figure"), None)
        assert figure is not None or "no figure" in finding.words[0], key
        if figure is not None and figure.low is None:
            assert "no interval: " in figure.method, key
        verdicts[finding.verdict] += 1
    assert sum(key.startswith("lait_") for key in groups) > 400
    assert sum(verdicts.values()) == len(held) and verdicts["effect_up"] and verdicts["effect_down"]


def _near(panel: Panel, authority: str) -> pd.DataFrame:
    """The rows of an authority, its region's, its neighbours' and the nation's: enough for every rule, and quick."""
    register = panel.register
    region = register.get(authority).region_code or ""
    members = [area.code for area in register.authorities(region=region)]
    near = panel.neighbours.of(authority)
    rows = panel.data
    return rows[rows["area"].isin({authority, region, register.nation.code, *members, *near})]


def test_leeds_has_more_re_referrals_than_england(published_store: Path) -> None:
    """Characteristics of children in need 2025: England 142,900 of 632,830, which is 22.6%; Leeds 2,494 of 10,304."""
    finding = profile(published_store, LEEDS, "rereferral_percent")
    found = {each.key: each for each in finding.estimates}
    assert found["figure"].value == pytest.approx(24.2, abs=0.05)
    assert found["figure"].value == pytest.approx(100 * 2494 / 10304, abs=0.05)
    assert found["gap_nation"].value == pytest.approx(24.2 - 22.6, abs=0.05)
    assert "England had 22.6%" in finding.words[1]
    # Shares of re-referrals vary 30 times as much as chance would have them, so 1.6 points are nothing unusual.
    assert finding.verdict == "cannot_tell"


def test_turnover_is_above_or_below_england_in_few_authorities(published_store: Path) -> None:
    """Of 2025: leavers vary 2.4 times as much as chance among authorities, and as much within one from year to year.

    By chance alone 43 of 148 would differ from England, 28 of them inside the funnel.
    """
    panel = ins.load_panel(
        published_store, for_study="indicator_profile", parameters={"indicator": "turnover_rate_fte"}
    )
    rows = standing_of(panel, bench.measure(panel, "turnover_rate_fte"), 2025).rows
    england = bench.measure(panel, "turnover_rate_fte").cell("E92000001", 2025).value or 0.0
    apart = [row for row in rows.values() if row["low"] is not None and not row["low"] <= england <= row["high"]]
    assert len(apart) == 13 and sum(abs(row["z"]) < 2 for row in apart) == 2
    assert len(rows) - sum(row["low"] is not None for row in rows.values()) == 1
    assert max(row["high"] for row in rows.values() if row["high"] is not None) <= 100


def test_months_with_a_season_are_marked_as_often_as_months_without(published_store: Path) -> None:
    """Referrals by month, every authority. Learnt in the baseline, the season left one later month in five outside."""
    panel = ins.load_panel(
        published_store, for_study="indicator_profile", parameters={"indicator": "referral_month_count"}
    )
    measured = bench.measure(panel, "referral_month_count")
    outside: Counter[bool] = Counter()
    points: Counter[bool] = Counter()
    for code in measured.units(202403):
        found = months_of(measured.series(code))
        if found.chart is not None and not found.chart.reasons:
            later = [m for m in found.chart.marks if m.rule == "outside the limits" and m.points[0] >= BASELINE]
            outside[found.season_removed] += len(later)
            points[found.season_removed] += SHOWN - BASELINE
    share = {removed: outside[removed] / points[removed] for removed in (True, False)}
    assert points[True] > 25 * (SHOWN - BASELINE) and share[True] < 0.1 and share[True] < share[False] + 0.02


def test_a_joint_return_speaks_for_its_member(published_store: Path) -> None:
    finding = profile(published_store, NORTH_NORTHAMPTONSHIRE, "turnover_rate_fte")
    assert "North Northamptonshire / West Northamptonshire" in finding.words[0]
    assert finding.area == NORTH_NORTHAMPTONSHIRE


def test_a_measure_of_the_tool_has_a_place_without_an_interval(published_store: Path) -> None:
    finding = profile(published_store, LEEDS, "lait_cpplans2yrs")
    figure = next(each for each in finding.estimates if each.key == "figure")
    assert figure.rank is not None and figure.rank_low is None
    assert finding.verdict == "not_estimable"
    assert "the counts behind the figure are not published with it" in figure.method


def test_isles_of_scilly_without_turnover_say_so(published_store: Path) -> None:
    finding = profile(published_store, SCILLY, "turnover_rate_fte")
    assert "Isles of Scilly" in " ".join(finding.note("missing").content["paragraphs"])
    assert finding.words
