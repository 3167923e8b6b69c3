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
    assert finding.words[0] == (
        f"{good} of 14 authorities are Good or Outstanding"
        f"{'; the aim needs 12' if short else ', as many as the aim needs'}."
    )


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
    reached = next(estimate for estimate in finding.estimates if estimate.key == "aims_reached")
    assert (reached.value, reached.low) == (0, 0)


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


def test_a_top_quarter_is_read_in_two_ways_and_both_are_shown() -> None:
    best = study(panel_of(QUARTER, scores=scored(90.0, low=0)))
    assert row(best, "scorecard", "Quarter")["to_go"].startswith("reached: inside among regions")
    # First of nine regions, and below the cut of all authorities.
    split = study(panel_of(QUARTER, scores={**scored(68.5, low=0), **{(c, 2025): 75.0 for c in list(REGISTER_LONDON)}}))
    to_go = row(split, "scorecard", "Quarter")["to_go"]
    assert to_go.startswith("depends on how the aim is read: inside among regions")


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
    assert finding.words[1].startswith("Of another region's one aim that figures can measure it has reached one")
    assert next(check for check in finding.all_checks if "own" in check.name).passed is False
    nobody = study(panel_of(GRADED, grades=everybody(12)), "London")
    assert nobody.verdict == "not_estimable" and "No list of aims" in nobody.words[0]


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(UnknownArea, match="West Midlands"):
        study(panel_of(GRADED), "West Midland")


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
def test_no_direction_is_claimed_where_an_interval_spans_no_change(region: str, regional: Finding) -> None:
    finding = regional
    tests = [
        estimate for estimate in finding.estimates if estimate.key.endswith("_direction") and estimate.has_interval
    ]
    assert tests
    claimed = finding.verdict in ("effect_up", "effect_down", "depends_on_measure")
    signs = [each for each in finding.estimates if each.key == "authorities_good_or_outstanding_direction"]
    p = float(signs[0].method.rsplit("p ", 1)[1]) if "p " in signs[0].method else 1.0
    assert not claimed or any(estimate.excludes_null for estimate in tests) or p < 0.05


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
    assert "schools_good_or_outstanding" not in str(
        next(e for e in finding.estimates if e.key == "aims_reached").as_dict()
    )


def test_the_study_is_made_for_regions_and_names_what_it_needs() -> None:
    study_ = find("regional_scorecard")
    assert study_.per == "region" and {"judgements", "aims"} <= set(study_.needs)
