"""Places in schools by the grade of the school, 2022/23 to 2024/25; the last year has no overall grades.

Every school has a grade; between two years one school in seven is graded anew, by the same chances as all others in its
authority. So the shares of an authority move a little and have no trend. Places are counted, not schools.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insight.sample import places
from insight.sample.places import NATION, Place
from insight.sample.referrals import population

COLUMNS = (
    "Year",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "Region",
    "LANumber",
    "new_la_code",
    "LA_name",
)
GRADES = ("1", "2", "3", "4", "0")  # outstanding to inadequate, and no grade
YEARS = (2025, 2024, 2023)
NO_GRADES, LAST_LOST = 2025, 2023
# Places for each child of the authority, places of one school, and the usual chances of the grades.
PHASES = {"P": (0.40, 280, (0.13, 0.78, 0.07, 0.015, 0.005)), "S": (0.29, 1050, (0.16, 0.65, 0.15, 0.03, 0.01))}
_GRADED_ANEW = 1 / 7
Counted = dict[tuple[str, int, str], npt.NDArray[np.int64]]


def school_rows(seed: int) -> list[list[str]]:
    """Header and rows, newest year first; no rows of regions."""
    counts = _counts(seed)
    published = [f"Qual_{phase}_{grade}_E" for phase in PHASES for grade in GRADES]
    rows = [[*COLUMNS, "PriNOR", "SecNOR", *published]]
    for year in YEARS:
        label = f"{year - 1}/{year % 100:02d}"
        for one in places.PLACES:
            own = [counts[one.code, year, phase] for phase in PHASES]
            area = [one.area, one.area_name, one.old_la_code, one.code, one.name]
            rows.append([label, "Local authority", *NATION, *area, *_cells(own, year, one)])
        total = [np.sum([counts[one.code, year, phase] for one in _counted(year)], axis=0) for phase in PHASES]
        area = ["", NATION[1], "0", "", NATION[1]]
        rows.append([label, "National", *NATION, *area, *_cells(total, year, None)])
    return rows


def _counted(year: int) -> list[Place]:
    return [one for one in places.PLACES if (one, year) != (places.NOBODY_EMPLOYED, LAST_LOST)]


def _cells(own: list[npt.NDArray[np.int64]], year: int, one: Place | None) -> list[str]:
    pupils = [str(int(by_grade.sum()) * 19 // 20) for by_grade in own]
    if one == places.NOBODY_EMPLOYED and year == LAST_LOST:
        return [*pupils, *["z"] * (len(PHASES) * len(GRADES))]
    if year == NO_GRADES:
        return [*pupils, *["NA"] * (len(PHASES) * len(GRADES))]
    return [*pupils, *(str(int(count)) for by_grade in own for count in by_grade)]


def _counts(seed: int) -> Counted:
    """Places by grade, by code, year and phase."""
    children = population(seed)
    found: Counted = {}
    for number, one in enumerate(places.PLACES):
        draw = np.random.default_rng([seed, 651, number])
        there = children[one.code, min(YEARS) - 1]["population"]
        for phase, (each, size, usual) in PHASES.items():
            chances = draw.dirichlet([30 * chance for chance in usual])
            capacity = draw.integers(size // 2, size * 3 // 2, max(round(there * each / size), 1))
            grade = draw.choice(len(GRADES), size=len(capacity), p=chances)
            for year in sorted(YEARS):
                anew = draw.random(len(grade)) < _GRADED_ANEW
                grade = np.where(anew, draw.choice(len(GRADES), size=len(grade), p=chances), grade)
                counted = np.bincount(grade, weights=capacity, minlength=len(GRADES))
                found[one.code, year, phase] = counted.astype(np.int64)
    return found
