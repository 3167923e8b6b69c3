"""The scorecard: aims whose answer is known beforehand, the real regions, and what may never be said."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import insight as ins
from insight.core.aims import Aim
from insight.core.display import Display
from insight.core.finding import Finding
from insight.core.indicator import Indicator
from insight.core.judgements import GRADES, OVERALL, Judgement, Judgements
from insight.core.panel import COLUMNS, Panel
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import UnknownArea
from insight.sources import regional_aims
from insight.studies import find
from insight.studies._benchmarks import benchmarks, measure
from insight.studies.regional_scorecard._judged import sign_test

REGISTER = Register.read()
WEST = "E12000005"
REGIONS = [area.code for area in REGISTER.regions]
MEMBERS = [area.code for area in REGISTER.members(WEST)]
BARRED = re.compile(r"\b(significant\w*|proves?|drives?|works|wrong|improved?|only|nan|None|inf)\b")
SOURCES = (
    Source("workforce", "Publisher", "Workforce", "https://example.org", "OGL v3.0", release="2025", sha256="ab" * 32),
    Source("regional_aims", "Regions", "Aims", "https://example.org", "facts", release="2026", sha256="cd" * 32),
)
TURNOVER = Indicator(
    "turnover_rate_fte",
    "Turnover",
    "percent",
    "lower",
    PeriodKind.YEAR_TO_SEPTEMBER,
    "workforce",
    numerator="leavers_fte",
    denominator="inpost_fte",
)
SCORES = Indicator("lait_ks2", "Pupils at the standard", "percent", "higher", PeriodKind.ACADEMIC_YEAR, "lait")


def aim(key: str, measure: str, test: str, target: str = "", **rest: str) -> Aim:
    plain = {
        "region": WEST,
        "title": key.capitalize(),
        "words": "an aim",
        "counts": "",
        "reason": "It leaves a lot out.",
    }
    return Aim(
        key=key, measure=measure, rule=test, target=target, whose="its directors", source="a page", **(plain | rest)
    )


GRADED = aim("grades", "judgements", "share_at_least", "85")
LOWEST = aim("lowest", TURNOVER.key, "best_region", counts="leavers a year")
QUARTER = aim("quarter", SCORES.key, "best_quarter")
NOBODY = aim("nobody", SCORES.key, "none_in_worst_quarter")
UNKNOWN = aim("innovation", "", "none", reason="Nothing is published.")


def panel_of(
    *aims: Aim,
    turnover: dict[tuple[str, int], tuple[float, float]] | None = None,
    scores: dict[tuple[str, int], float] | None = None,
    grades: list[tuple[str, str, str]] | None = None,
) -> Panel:
    """Leavers and stock by area and year; scores by area and year; grades as (area, day, grade)."""
    rows: list[tuple[object, ...]] = [
        (area, year, date(year, 9, 30), TURNOVER.key, "", "2025", 100 * part / whole, "", "value", part, whole)
        for (area, year), (part, whole) in (turnover or {}).items()
    ]
    rows += [
        (area, year, date(year, 8, 31), SCORES.key, "", "2025", score, "", "value", np.nan, np.nan)
        for (area, year), score in (scores or {}).items()
    ]
    known = {each.key: each for each in (TURNOVER, SCORES) if any(row[3] == each.key for row in rows)}
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"value": "float64", "numerator": "float64"})
    judged = [
        Judgement(area, "ILACS", "standard", OVERALL, grade, "", day, "ofsted_outcomes", "2025", "row 1")
        for area, day, grade in grades or []
    ]
    return Panel(frame, known, SOURCES, REGISTER, judgements=Judgements(tuple(judged)), aims=aims)


def study(panel: Panel, region: str = WEST) -> Finding:
    finding = ins.studies.regional_scorecard(panel, region=region)
    assert isinstance(finding, Finding)
    return finding


def value(finding: Finding, key: str) -> float | None:
    return next(estimate.value for estimate in finding.estimates if estimate.key == key)


def check(finding: Finding, words: str) -> str:
    return next(each.meaning for each in finding.all_checks if each.name.startswith(words))


def row(finding: Finding, table: str, words: str) -> dict[str, str]:
    frame = finding.table(table).frame
    found = frame[frame.iloc[:, 0].str.startswith(words)].to_dict("records")
    return {str(key): str(cell) for key, cell in found[0].items()}


def everybody(good: int, day: str = "2024-05-01") -> list[tuple[str, str, str]]:
    """So many members of the West Midlands Good, the rest not; all others Good but one in each region."""
    grades = [(code, day, GRADES[1] if place < good else GRADES[2]) for place, code in enumerate(MEMBERS)]
    for region in REGIONS:
        if region != WEST:
            codes = [area.code for area in REGISTER.members(region)]
            grades += [(code, day, GRADES[1] if place else GRADES[2]) for place, code in enumerate(codes)]
    return grades


@pytest.mark.parametrize(("good", "short"), [(10, 2), (11, 1), (12, 0), (14, 0), (0, 12)])
def test_85_percent_of_14_authorities_are_12(good: int, short: int) -> None:
    finding = study(panel_of(GRADED, grades=everybody(good)))
    assert value(finding, "grades_distance") == short
    to_go = row(finding, "scorecard", "Grades")["to_go"]
    assert to_go.startswith(f"not reached: {short} more of 14 authorities" if short else f"reached: {good} of 14")
    # 85% of 14 is 11.9: twelve are needed, however many there are.
    share = f"{good} of 14 authorities ({100 * good / 14:.0f}%)"
    assert finding.words[0] == f"{share} are Good or Outstanding; the aim needs 12."


def test_a_full_count_has_no_interval_and_says_what_it_is() -> None:
    shown = study(panel_of(GRADED, grades=everybody(10))).headline
    assert shown is not None and shown.key == "grades" and shown.value == pytest.approx(1000 / 14)
    assert (shown.low, shown.high, shown.n_rows, shown.n_authorities) == (None, None, 14, 14)
    assert shown.term.startswith("Share of its authorities that are Good or Outstanding")
    assert "full count" in shown.method and "no interval" in shown.method and shown.decimals == 0
    # It leads before a figure with an interval that stands later in the list.
    both = study(panel_of(GRADED, LOWEST, grades=everybody(10), turnover=regions(RATES, range(2024, 2026))))
    assert both.headline is not None and both.headline.key == "grades"


def test_a_target_that_is_met_exactly_is_met() -> None:
    # 85% of 20 is 17.0 and not 17.000000000000004.
    codes = [area.code for area in REGISTER.members("E12000002")][:20]
    grades = [(code, "2024-05-01", GRADES[1] if place < 17 else GRADES[3]) for place, code in enumerate(codes)]
    listed = replace(GRADED, region="E12000002")
    finding = study(panel_of(listed, grades=[*grades, *everybody(3)[:14]]), "North West")
    assert value(finding, "grades_distance") == 0
    # The other four have no grade yet, and are counted apart.
    assert "not counted" in " ".join(finding.table("know").frame["words"])


@pytest.mark.parametrize(("better", "worse"), [(5, 0), (7, 1), (3, 3), (9, 2), (0, 6)])
def test_the_sign_test_is_that_of_another_package(better: int, worse: int) -> None:
    assert sign_test(better, worse) == pytest.approx(binomtest(better, better + worse).pvalue)


def test_grades_that_came_and_went_are_counted_one_by_one() -> None:
    before = [(code, "2018-05-01", GRADES[3]) for code in MEMBERS[:7]]
    before += [(code, "2018-05-01", GRADES[1]) for code in MEMBERS[7:]]
    finding = study(panel_of(GRADED, grades=[*before, *everybody(7)]))
    # Seven came to be Good, seven ceased to be: the share is the same.
    assert value(finding, "grades_direction") == 0
    assert "7 came to be Good or Outstanding and 7 ceased" in row(finding, "standing", "Grades")["direction"]
    better = study(panel_of(GRADED, grades=[*[(code, "2018-05-01", GRADES[3]) for code in MEMBERS], *everybody(12)]))
    assert better.verdict == "effect_up" and study(panel_of(GRADED, grades=everybody(12))).verdict == "cannot_tell"


def regions(rates: dict[str, float], years: range) -> dict[tuple[str, int], tuple[float, float]]:
    """Leavers of 3,000 in each region, and of 300 in ten authorities of each."""
    found = {}
    for year in years:
        for code in REGIONS:
            found[code, year] = (30 * rates[code], 3000.0)
            for place, area in enumerate(REGISTER.members(code)[:10]):
                # Members spread around their region a little, some up and some down.
                found[area.code, year] = (3 * (rates[code] + (place % 2) - 0.5), 300.0)
        found["E92000001", year] = (30 * float(np.mean(list(rates.values()))) * 9, 27000.0)
    return found


def test_the_best_region_is_first_and_the_others_know_how_far_they_are() -> None:
    rates = {code: 12.0 + place for place, code in enumerate(REGIONS)} | {WEST: 4.0}
    finding = study(panel_of(LOWEST, turnover=regions(rates, range(2024, 2026))))
    found = next(estimate for estimate in finding.estimates if estimate.key == "lowest")
    assert (found.value, found.rank, found.rank_low, found.rank_high, found.rank_of) == (4.0, 1, 1, 1, 9)
    assert found.band == "reached" and value(finding, "lowest_distance") == 0
    away = study(panel_of(replace(LOWEST, region="E12000001"), turnover=regions(rates, range(2024, 2026))), "E12000001")
    assert value(away, "lowest_distance") == pytest.approx(8.0)
    # 8 of 100 in 3,000.
    assert (
        "8.0 percentage points above West Midlands: about 240 fewer leavers a year"
        in row(away, "standing", "Lowest")["distance"]
    )


def test_chance_leaves_open_who_is_first_where_regions_hardly_differ() -> None:
    rates = {code: 12.0 + place / 50 for place, code in enumerate(REGIONS)}
    finding = study(panel_of(LOWEST, turnover=regions(rates, range(2024, 2026))))
    found = next(estimate for estimate in finding.estimates if estimate.key == "lowest")
    assert found.rank == 5 and found.rank_low is not None and found.rank_high is not None
    assert found.rank_low <= 2 and found.rank_high >= 8
    assert "It could for: Lowest." in check(finding, "Chance")


@pytest.mark.parametrize("west", [90.0, 50.0])
def test_a_place_without_an_interval_makes_nothing_sure(west: float) -> None:
    finding = study(panel_of(QUARTER, NOBODY, scores=scored(west, low=0)))
    reached = next(estimate for estimate in finding.estimates if estimate.key == "aims_reached")
    assert (reached.value, reached.n_rows) == (2 if west > 68 else 1, 2)
    assert (reached.low, reached.high) == (None, None) and "no interval" in reached.method
    assert "nobody can say for: Quarter and Nobody" in check(finding, "Chance")


def test_an_answer_that_chance_cannot_change_is_settled() -> None:
    rates = {code: 12.0 + place for place, code in enumerate(REGIONS)} | {WEST: 4.0}
    finding = study(panel_of(LOWEST, GRADED, turnover=regions(rates, range(2024, 2026)), grades=everybody(10)))
    assert check(finding, "Chance").startswith("Each answer is a full count, or its interval lies on one side")


RATES = {code: 12.0 + place / 50 for place, code in enumerate(REGIONS)}


def scored(west: float, *, low: int, years: range = range(2025, 2026)) -> dict[tuple[str, int], float]:
    """All authorities and regions at 60 to 68; so many members of the West Midlands at 40."""
    found: dict[tuple[str, int], float] = {}
    for year in years:
        for at, code in enumerate(REGIONS):
            found[code, year] = 60.0 + at
            for place, area in enumerate(REGISTER.members(code)):
                found[area.code, year] = 60.0 + at + place / 100
        found |= {(code, year): 40.0 if place < low else 80.0 for place, code in enumerate(MEMBERS)}
        found[WEST, year], found["E92000001", year] = west, 64.0
    return found


@pytest.mark.parametrize("low", [0, 1, 5])
def test_members_in_the_worst_quarter_are_counted(low: int) -> None:
    finding = study(panel_of(NOBODY, scores=scored(70.0, low=low)))
    assert value(finding, "nobody") == low
    assert row(finding, "scorecard", "Nobody")["to_go"].startswith("not reached: " if low else "reached")


def without(panel: Panel, area: str, status: str = "not available") -> Panel:
    """The panel without the figures of one area."""
    data = panel.frame
    data.loc[data["area"] == area, ["value", "numerator", "denominator"]] = np.nan
    data.loc[data["area"] == area, "status"] = status
    return replace(panel, data=data)


@pytest.mark.parametrize(("low", "state"), [(0, "cannot be told while figures are missing"), (1, "not reached")])
def test_nobody_in_the_worst_quarter_needs_a_figure_of_everybody(low: int, state: str) -> None:
    finding = study(without(panel_of(GRADED, NOBODY, scores=scored(70.0, low=low), grades=everybody(10)), MEMBERS[13]))
    found = next(estimate for estimate in finding.estimates if estimate.key == "nobody")
    assert (found.value, found.band, found.n_rows, found.n_authorities) == (low, state, 13, 13)
    assert (value(finding, "aims_reached"), value(finding, "nobody_distance")) == (0, low or None)
    name = REGISTER.get(MEMBERS[13]).name
    assert f"No quarter for {name}" in " ".join(finding.table("know").frame["words"])
    # The words count as the table does.
    said = "One cannot be told while figures are missing: nobody." if not low else "Nobody: 1 fewer of 13 authorities"
    assert any(sentence.startswith(said) for sentence in finding.words)
    assert f"of 13 authorities{', no quarter' if not low else ''}" in row(finding, "standing", "Nobody")["distance"]


def test_whom_a_measure_does_not_apply_to_hides_nothing() -> None:
    finding = study(without(panel_of(NOBODY, scores=scored(70.0, low=0)), MEMBERS[13], "not applicable"))
    assert value(finding, "aims_reached") == 1


def test_a_member_that_the_publisher_has_no_row_for_is_missing_too() -> None:
    panel = panel_of(NOBODY, scores={key: at for key, at in scored(70.0, low=0).items() if key[0] != MEMBERS[13]})
    finding = study(panel)
    assert value(finding, "aims_reached") == 0
    assert REGISTER.get(MEMBERS[13]).name in check(finding, "Every authority has a figure")


def test_ties_at_the_cut_stand_beside_the_number() -> None:
    # Forty authorities at 40 are more than a quarter of all, and the cut of the worst quarter lies among them.
    scores = scored(70.0, low=3)
    codes = [area for area, _ in scores if area not in REGIONS and area not in MEMBERS and area != "E92000001"]
    scores |= {(code, 2025): 40.0 for code in codes[:40]}
    finding = study(panel_of(NOBODY, scores=scores))
    values = [score for (area, _), score in scores.items() if area not in REGIONS and area != "E92000001"]
    cut = float(np.quantile(values, 0.25))
    usual, strict = sum(score <= cut for score in values), sum(score < cut for score in values)
    assert (usual, strict) == (43, 0)
    know, share = " ".join(finding.table("know").frame["words"]), f"{100 * usual / len(values):.0f}%"
    assert f"{usual} of {len(values)} authorities ({share}) count as the worst quarter" in know
    assert f"since {usual - strict} lie at its cut; by the other rule {strict} do" in know
    assert f"3 of 14 authorities (21%; {share} of all" in row(finding, "scorecard", "No")["now"]
    # One member lies below the cut, two at it.
    lower = {**scores, (MEMBERS[0], 2025): 30.0}
    words = study(panel_of(GRADED, NOBODY, scores=lower, grades=everybody(10))).words
    assert "Nobody: 3 fewer of 14 authorities would reach it (1 if ties count the other way)." in words


def test_a_top_quarter_is_read_in_two_ways_and_both_are_shown() -> None:
    best = study(panel_of(QUARTER, scores=scored(90.0, low=0)))
    assert row(best, "scorecard", "Quarter")["to_go"].startswith("reached: inside among regions")
    # First of nine regions, and below the cut of all authorities.
    split = study(panel_of(QUARTER, scores={**scored(68.5, low=0), **{(c, 2025): 75.0 for c in list(REGISTER_LONDON)}}))
    to_go = row(split, "scorecard", "Quarter")["to_go"]
    assert to_go.startswith("depends on how the aim is read: inside among regions")


def test_each_reading_of_a_top_quarter_has_its_distance() -> None:
    # The cut of nine regions is the seventh highest: a region that has it lies at the cut, and not beyond it.
    scores = {**scored(66.0, low=0), **{(code, 2025): 80.0 for code in REGISTER_LONDON}}
    finding = study(panel_of(QUARTER, scores=scores))
    assert row(finding, "standing", "Quarter")["distance"].startswith("at the cut, not beyond it among regions; ")
    members = [score for (area, _), score in scores.items() if area not in REGIONS and area != "E92000001"]
    away = float(np.quantile(members, 0.75)) - 66.0
    assert value(finding, "quarter_distance_regions") == 0
    assert value(finding, "quarter_distance_authorities") == pytest.approx(away)
    assert value(finding, "quarter_distance") == pytest.approx(away) and away > 5


def test_a_figure_at_an_interpolated_cut_is_not_beyond_it_by_its_last_digit() -> None:
    scores = scored(90.0, low=0)
    members = [score for (area, _), score in scores.items() if area not in REGIONS and area != "E92000001"]
    cut = float(np.quantile(members, 0.75))
    for figure, inside in ((float(np.nextafter(cut, 100)), False), (cut + 1e-6, True)):
        finding = study(panel_of(QUARTER, scores={**scores, (WEST, 2025): figure}))
        words = "inside" if inside else "at the cut, not beyond it"
        assert row(finding, "standing", "Quarter")["distance"].endswith(f"; {words} among authorities")
        assert value(finding, "quarter_distance_authorities") == 0


REGISTER_LONDON = [area.code for area in REGISTER.members("E12000007")] + [
    area.code for area in REGISTER.members("E12000008")
]


def test_an_aim_without_a_public_measure_says_so_and_has_no_number() -> None:
    finding = study(panel_of(UNKNOWN, GRADED, grades=everybody(12)))
    assert "no public measure: nothing is published" in row(finding, "scorecard", "Innovation")["measure"]
    assert value(finding, "innovation") is None
    assert finding.headline is not None and finding.headline.key == "grades"


def test_a_measure_that_the_data_lack_is_said_in_words() -> None:
    finding = study(panel_of(QUARTER, LOWEST, GRADED))
    assert finding.verdict == "not_estimable" and finding.headline is None
    assert "do not hold what stands for it: lait_ks2" in row(finding, "scorecard", "Quarter")["measure"]
    assert "no judgements" in row(finding, "scorecard", "Grades")["measure"]
    assert finding.charts == {}


def test_a_region_without_a_list_is_told_whose_aims_these_are() -> None:
    spare = replace(GRADED, region="", whose="another region")
    finding = study(panel_of(spare, GRADED, grades=everybody(12)), "London")
    assert "set by another region" in finding.notes["whose"].paragraphs[0]
    assert finding.words[0] == "32 of 33 authorities (97%) are Good or Outstanding; the aim needs 29."
    assert finding.words[1].startswith("Of another region's one aim that figures can judge it has reached one")
    assert next(check for check in finding.all_checks if "own" in check.name).passed is False
    nobody = study(panel_of(GRADED, grades=everybody(12)), "London")
    assert nobody.verdict == "not_estimable" and "No list of aims" in nobody.words[0]


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(UnknownArea, match="West Midlands"):
        study(panel_of(GRADED), "West Midland")


def gaps(points: dict[int, float]) -> dict[tuple[str, int], float]:
    """Scores with which the West Midlands lie so far above England in each year."""
    found: dict[tuple[str, int], float] = {}
    for year, gap in points.items():
        found |= scored(64.0 + gap, low=0, years=range(year, year + 1))
    return found


LEAD = {2016 + at: 9.0 - at for at in range(8)}
BEHIND = {year: gap - 12 for year, gap in LEAD.items()}
# The West Midlands' gap to England at key stage 2, in whole percentage points; 2020 and 2021 had no tests.
TIED = {2016: -3.0, 2017: -3.0, 2018: -2.0, 2019: -2.0, 2022: -2.0, 2023: -1.0, 2024: -1.0, 2025: -1.0}


@pytest.mark.parametrize(
    ("points", "verdict", "words"),
    [
        (LEAD, "effect_down", "less far above England"),
        (BEHIND, "effect_down", "farther below England"),
        ({year: -gap for year, gap in LEAD.items()}, "effect_up", "less far below England"),
        ({year: -gap for year, gap in BEHIND.items()}, "effect_up", "farther above England"),
        ({year: gap - 5 for year, gap in LEAD.items()}, "effect_down", "from above England to below it"),
    ],
)
def test_a_direction_names_the_measure_and_which_side_of_england(
    points: dict[int, float], verdict: str, words: str
) -> None:
    finding = study(panel_of(QUARTER, NOBODY, scores=gaps(points)))
    way = "towards" if verdict == "effect_up" else "away from"
    assert finding.verdict == verdict and finding.verdict_words is not None
    assert finding.verdict_words.short == f"Moving {way} one of its aims"
    assert finding.verdict_words.meaning == (
        f"Quarter: {words}, {way} the aim. Tests tell movement, not whether an aim is reached."
    )
    assert f"By the one test it moves {way} an aim: quarter, {words}." in finding.words
    direction = row(finding, "standing", "Quarter")["direction"]
    assert f"{words}, by 1.00 percentage points a year in 8 yearly figures, 2016 to 2023 (p " in direction
    assert f"{'Towards' if verdict == 'effect_up' else 'Away from'} the aim." in direction
    first, last = 64 + points[2016], 64 + points[2023]
    assert direction.endswith(f"The region's own figure was {first:.1f}% in 2016 and {last:.1f}% in 2023.")


def test_aims_that_another_region_set_are_never_called_its_own() -> None:
    spare = [replace(each, region="", whose="another region") for each in (QUARTER, NOBODY)]
    finding = study(panel_of(*spare, scores=gaps(LEAD)))
    assert finding.verdict_words is not None
    assert finding.verdict_words.short == "Moving away from one of another region's aims"
    assert "its aim" not in " ".join([*finding.words, *finding.verdict_words])


def test_a_trend_that_stays_and_is_not_claimed_is_said_everywhere() -> None:
    finding = study(panel_of(QUARTER, scores=gaps(TIED)))
    looks = (
        "1 look; 1 stays at a false-discovery rate of 5%; it has an interval of the slope that reaches 0, "
        "so no direction is claimed for it."
    )
    assert finding.verdict == "cannot_tell" and page(finding) == f"Tests of direction: {looks}"
    assert looks in check(finding, "Many looks")
    assert "No direction is claimed; the one test finds movement whose slope may be 0." in finding.words
    assert "Quarter: less far below England by the test, but figures that tie let the slope be 0." in meaning(finding)
    direction = row(finding, "standing", "Quarter")["direction"]
    assert "less far below England by the test (p 0.008, in 8 yearly figures, 2016 to 2025)" in direction
    found = next(estimate for estimate in finding.estimates if estimate.key == "quarter_direction")
    assert found.excludes_null is False


def test_the_same_measure_twice_is_one_look() -> None:
    finding = study(panel_of(QUARTER, NOBODY, scores=gaps(LEAD)))
    assert page(finding).startswith("Tests of direction: 1 look; 1 stays")
    assert "not tested apart: “Quarter” is the same measure" in row(finding, "standing", "Nobody")["direction"]
    assert value(finding, "nobody_direction") is None and value(finding, "quarter_direction") == -1


def test_a_member_without_two_figures_of_one_period_is_left_out_of_both() -> None:
    panel = panel_of(LOWEST, turnover=regions(RATES, range(2024, 2026)))
    twin = replace(TURNOVER, key="agency_rate_fte", title="Agency")
    data = pd.concat([panel.frame, panel.frame.assign(indicator=twin.key)], ignore_index=True)
    both = replace(
        panel,
        data=data,
        indicators={TURNOVER.key: TURNOVER, twin.key: twin},
        aims=(LOWEST, replace(LOWEST, key="agency", title="Agency", measure=twin.key)),
    )
    finding = study(without(both, MEMBERS[0], "suppressed"))
    reasons = [each.reason for each in finding.rows_left_out if each.area == MEMBERS[0]]
    assert len(reasons) == 2 and reasons[0].startswith("Turnover: ") and reasons[1].startswith("Agency: ")


@cache
def real(store: Path, root: Path) -> Panel:
    panel = ins.load_panel(store, for_study="regional_scorecard")
    lists = sorted((root / "data" / "raw" / "aims").glob("*.toml"))
    return replace(panel, aims=tuple(each for path in lists for each in regional_aims.read(path, REGISTER).aims))


@cache
def of_region(store: Path, root: Path, region: str) -> Finding:
    return study(real(store, root), region)


@pytest.fixture
def panel(published_store: Path, root: Path) -> Panel:
    return real(published_store, root)


@pytest.fixture
def regional(published_store: Path, root: Path, region: str) -> Finding:
    return of_region(published_store, root, region)


def shown(finding: Finding) -> list[Display]:
    views: list[Display] = [finding.card(), finding.tidy(), finding.checks, finding.sources]
    views += [finding.note(name) for name in finding.notes]
    return views + [finding.table(name) for name in finding.tables] + [finding.plot(name) for name in finding.charts]


@pytest.mark.published
@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_its_scorecard(panel: Panel, region: str, regional: Finding) -> None:
    finding = regional
    assert len(shown(finding)) == 13 and set(finding.charts) == {"members", "regions", "ranks"}
    keys = {each.key for each in panel.aims if each.region == region} or {
        each.key for each in panel.aims if not each.region
    }
    assert keys <= {estimate.key for estimate in finding.estimates}
    assert 20 <= len(" ".join(finding.words).split()) <= 60
    texts = [*finding.words, *finding.does_not_show, *finding.caveats, *(check.meaning for check in finding.all_checks)]
    texts += [
        str(cell)
        for table in ("scorecard", "standing", "know")
        for cell in finding.table(table).frame.to_numpy().ravel()
    ]
    assert not [text for text in texts if BARRED.search(text)]
    assert not [text for text in finding.words if max(len(part.split()) for part in re.split(r"[.:;] ", text)) > 25]


@pytest.mark.published
@pytest.mark.parametrize("region", REGIONS)
def test_words_note_and_check_tell_one_story_of_directions(region: str, regional: Finding) -> None:
    said = check(regional, "Many looks").removeprefix("Tests of direction: ").split(" False ones")[0]
    assert page(regional) == f"Tests of direction: {said}"
    found = re.match(r"([0-9]+) looks?; ([0-9]+) stays? at a false-discovery rate of 5%", said)
    flat = re.search(r"of those ([0-9]+) ha", said)
    assert found
    stay = int(found[2])
    none = int(flat[1]) if flat else stay if "it has an interval" in said else 0
    cells = regional.table("standing").frame["direction"]
    claimed = int(cells.str.contains("Towards the aim|Away from the aim").sum())
    assert claimed == stay - none
    assert (claimed > 0) == (regional.verdict in ("effect_up", "effect_down", "depends_on_measure"))
    # A slope whose interval holds no change is never claimed.
    slopes = [each for each in regional.estimates if each.key.endswith("_direction") and each.has_interval]
    assert slopes and claimed <= sum(bool(each.excludes_null) for each in slopes)
    words = " ".join(regional.words)
    assert ("No direction is claimed" in words) == (none > 0 and claimed == 0)
    assert ("none finds any" in words) == (stay == 0)
    assert ("figures that tie let the slope be 0" in meaning(regional)) == (none > 0 and claimed == 0)
    # The same measure twice is one look.
    assert int(found[1]) == len({each.key for each in slopes}) + ("sign test, p" in str(regional.record()))
    assert value(regional, "no_authority_bottom_quarter_ks2_direction") is None


def page(finding: Finding) -> str:
    return " ".join(str(note) for note in finding.tables["standing"]().notes)


def meaning(finding: Finding) -> str:
    assert finding.verdict_words is not None
    return finding.verdict_words.meaning


@pytest.mark.published
def test_the_grades_are_those_of_another_reading_of_the_files(
    published_store: Path, root: Path, test_data: Path
) -> None:
    """The history in ``derived`` was put together from Ofsted's files by another program."""
    with (test_data / "derived" / "ofsted_la_judgement_history.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            line for line in csv.DictReader(file) if line["framework"] in ("SIF", "ILACS") or "SIF" in line["framework"]
        ]
    latest: dict[str, tuple[str, str]] = defaultdict(lambda: ("", ""))
    for line in rows:
        if line["overall"] and line["publication_date"] > latest[line["new_la_code"]][0]:
            latest[line["new_la_code"]] = line["publication_date"], line["overall"]
    for region in REGIONS:
        codes = [area.codes for area in REGISTER.members(region)]
        grades = [max(latest[code] for code in own)[1] for own in codes]
        good = sum(grade in GRADES[:2] for grade in grades)
        finding = of_region(published_store, root, region)
        assert value(finding, "authorities_good_or_outstanding") == pytest.approx(100 * good / len(grades))


@pytest.mark.published
def test_west_midlands_needs_two_more_of_fourteen(panel: Panel) -> None:
    finding = study(panel)
    assert "2 more of 14 authorities" in row(finding, "scorecard", "Authorities' grades")["to_go"]
    # The region's own regional update of November 2023 counts nine of 14 as Good or better, 64%:
    # https://www.wmchildrensservices.org.uk/post/regional-update-november-2023
    then = [panel.judgements.latest(code, date(2023, 11, 15)) for code in MEMBERS]
    assert sum(judged is not None and judged.grade in GRADES[:2] for judged in then) == 9


@pytest.mark.published
def test_turnover_is_the_published_one_of_nine_regions(panel: Panel) -> None:
    finding = study(panel)
    found = next(estimate for estimate in finding.estimates if estimate.key == "lowest_turnover")
    # Workforce release of 2025: 11.5 here and in the East of England, 9.8 in the East Midlands, 9.9 and 11.4 between.
    assert (found.value, found.rank, found.rank_of) == (11.5, 4.5, 9)
    assert value(finding, "lowest_turnover_distance") == pytest.approx(1.7)
    assert found.low is not None and found.high is not None and found.low < 11.5 < found.high


@pytest.mark.published
def test_schools_cannot_be_measured_as_worded(panel: Panel) -> None:
    finding = study(panel)
    schools = row(finding, "scorecard", "Schools")
    assert schools["to_go"].startswith("cannot be measured as worded") and "2023/24" in schools["now"]
    reached = next(estimate for estimate in finding.estimates if estimate.key == "aims_reached")
    # Grades, turnover, the top quarter and nobody in the bottom one; places stand in for schools.
    assert (reached.n_rows, reached.unit) == (4, "of 4 aims")


@pytest.mark.published
def test_the_words_count_the_aims_that_a_reader_sees_figures_of(panel: Panel) -> None:
    """Five aims have a figure in the table; one of them is of a measure that stands in, and is said to be no answer."""
    finding = study(panel)
    assert len(finding.table("standing").frame) == 5
    assert finding.words[1:3] == (
        "Of its four aims that figures can judge it has reached none.",
        "The figure for schools' grades cannot judge that aim as worded.",
    )
    assert str(finding.record()["verdict_words"]["short"]).startswith("None of four aims reached")
    know = finding.table("know").frame
    assert any("The page on caseloads" in words for words in know["words"])


def test_the_study_is_made_for_regions_and_names_what_it_needs() -> None:
    study_ = find("regional_scorecard")
    assert study_.per == "region" and {"judgements", "aims"} <= set(study_.needs)


@pytest.mark.published
def test_the_first_screen_counts_as_the_table_does(published_store: Path, root: Path) -> None:
    yorkshire, south_west = (of_region(published_store, root, region) for region in ("E12000003", "E12000009"))
    assert yorkshire.words[0] == "14 of 15 authorities (93%) are Good or Outstanding; the aim needs 13."
    assert row(yorkshire, "standing", "Nobody")["distance"].startswith("5 fewer of 15 authorities")
    # The Isles of Scilly have no figure.
    assert row(south_west, "standing", "Nobody")["distance"].startswith("9 fewer of 14 authorities")
    for finding in (yorkshire, south_west):
        found = next(each for each in finding.estimates if each.key == "no_authority_bottom_quarter_ks2")
        assert found.n_rows == (15 if finding is yorkshire else 14)


@pytest.mark.published
def test_the_worst_quarter_is_counted_from_the_file_itself(panel: Panel) -> None:
    rows = panel.data[(panel.data["indicator"] == "lait_ks2rwm_expected_std") & (panel.data["time_period"] == 2025)]
    figures = rows.set_index("area")["value"].dropna()
    figures = figures[[REGISTER.get(code).level == "authority" for code in figures.index]]
    cut = figures.quantile(0.25)
    usual, strict = int((figures <= cut).sum()), int((figures < cut).sum())
    assert (len(figures), usual, strict) == (151, 51, 36)
    know = " ".join(study(panel).table("know").frame["words"])
    assert f"51 of 151 authorities (34%) count as the worst quarter, since {usual - strict} lie at its cut" in know
    assert "6 of 14 authorities (43%; 34% of all count there)" in row(study(panel), "scorecard", "Nobody")["now"]


@pytest.mark.published
def test_an_unreliable_return_is_said_with_its_year(panel: Panel) -> None:
    finding = study(panel)
    know = " ".join(finding.table("know").frame["words"])
    assert "For the 13 members with whole returns in both years" in know
    assert "without Birmingham (2024: part of the return was withheld as unreliable)" in know
    assert "No return looks partial" in check(finding, "Every return of the newest year looks whole")
    beside = benchmarks(measure(panel, "turnover_rate_fte"), MEMBERS[0], 2025)
    assert "the 13 units of West Midlands with whole returns in both years" in [each.words for each in beside]


@pytest.mark.published
def test_london_cannot_say_that_nobody_is_in_the_bottom_quarter(published_store: Path, root: Path) -> None:
    london = of_region(published_store, root, "E12000007")
    assert value(london, "aims_reached") == 2 and value(london, "no_authority_bottom_quarter_ks2_distance") is None
    assert "no quarter for City of London" in row(london, "standing", "Nobody")["distance"]
    turnover = next(each for each in london.estimates if each.key == "lowest_turnover")
    # Two of 33 have no figure, and Kingston and Richmond report together.
    assert (turnover.n_rows, turnover.n_authorities) == (30, 31)
