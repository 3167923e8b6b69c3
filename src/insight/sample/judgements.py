"""The invented inspections: how good services truly are, when somebody looks, and what is then published.

The model, for each authority by itself:

- **The truth.** The quality of services moves between the four grades in continuous time, as a Markov process from
  April 2009 on. Its rates a year are ``RATES``. From Inadequate the way up leads through Requires improvement.
- **The inspections.** The first comes in the three years from June 2009, and the next always about three years after
  the last one (normal, standard deviation 0.4 years, kept within 2.3 and 3.9), whatever the grade was. None falls
  into the pause from 17 March 2020 to 31 March 2021: those due then follow within nine months of its end. An
  inspection sees the true grade of its first day, and its report is out 35 to 69 days later.
- **The frameworks** follow the calendar: SLAC until June 2012, CPI until October 2013, SIF until 2017, then ILACS.

**The true median.** An authority that is Inadequate is first Good or better after a median of
``true_median_years()``: 3.71 years. Nobody sees that day. A *published* Good comes later, because the next inspection
has to come first: with one every three years, about two and a half years later. The truth lies between the last report
that was not Good and the first that was, but for those who are Good and fall back while nobody looks.

The parts of an inspection lie around its overall grade: leadership always has the overall grade, and no other part is
Inadequate where that is not. From 27 April 2026 on an inspection has its parts and no overall grade.

Some areas are made by hand (``insight.sample.judged_places``). Nothing here has to do with anything in the other files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight.core.judged import GOOD, GRADES, INADEQUATE, OUTSTANDING, REQUIRES_IMPROVEMENT
from insight.sample.process import SEED

# A year, from one grade to another.
RATES = {
    (OUTSTANDING, GOOD): 0.12,
    (GOOD, OUTSTANDING): 0.04,
    (GOOD, REQUIRES_IMPROVEMENT): 0.06,
    (GOOD, INADEQUATE): 0.07,
    (REQUIRES_IMPROVEMENT, GOOD): 0.46,
    (REQUIRES_IMPROVEMENT, INADEQUATE): 0.10,
    (INADEQUATE, REQUIRES_IMPROVEMENT): 0.50,
}
# Where an authority stood in April 2009, in the order of the grades.
AT_FIRST = (0.05, 0.30, 0.40, 0.25)
FIRST_DAY, LAST_DAY = date(2009, 4, 1), date(2026, 6, 30)
FIRST_INSPECTIONS, PAUSE = date(2009, 6, 1), (date(2020, 3, 17), date(2021, 3, 31))
UNGRADED_FROM = date(2026, 4, 27)
YEARS_BETWEEN, DEVIATION, LEAST, MOST = 3.0, 0.4, 2.3, 3.9
DAYS_A_YEAR = 365.25
_FRAMEWORKS = (("SLAC", date(2012, 7, 1)), ("CPI", date(2013, 11, 1)), ("SIF", date(2018, 1, 1)), ("ILACS", date.max))
SHORT, STANDARD = "ILACS Short Inspection", "ILACS Standard Inspection"
PARTS = ("leadership", "help", "care", "leavers", "adoption")
_PART_AS_OVERALL, _WAIT = 0.7, (35, 70)


@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection; ``parts`` are grades by the names of ``PARTS``, ``kind`` is of ILACS alone."""

    framework: str
    kind: str
    inspected: date
    published: date
    grade: str
    parts: dict[str, str]


def true_median_years() -> float:
    """Years after which half of the Inadequate are first Good or better, by the rates.

    The time to leave the two grades below Good has the survival function (0, 1) exp(Q t) (1, 1)' with the rates between
    the two in Q: Neuts MF (1981). Matrix-Geometric Solutions in Stochastic Models, chapter 2.
    """
    below = (REQUIRES_IMPROVEMENT, INADEQUATE)
    moves = np.array([[RATES.get((one, other), 0.0) for other in below] for one in below])
    away = np.array([sum(rate for (start, _), rate in RATES.items() if start == one) for one in below])
    values, vectors = np.linalg.eig(moves - np.diag(away))
    weights = vectors[1] * np.linalg.solve(vectors, np.ones(2))
    early, late = 0.0, 50.0
    for _ in range(60):
        middle = (early + late) / 2
        early, late = (middle, late) if float(weights @ np.exp(values * middle)) > 0.5 else (early, middle)
    return early


def simulate_judgements(seed: int = SEED, *, n_authorities: int = 60) -> pd.DataFrame:
    """Invented inspections, one row each, of authorities that stay what they are.

    Parameters
    ----------
    seed : int
        The same seed gives the same rows.
    n_authorities : int

    Returns
    -------
    DataFrame
        ``authority`` (0, 1, ...), ``framework``, ``inspected`` and ``published`` (days), ``grade`` ("" for none) and
        ``years_to_good``: where the grade is Inadequate, the true years from the inspection to the first Good or
        better, missing where that is after the last day of the simulation.
    """
    rows = []
    for number in range(n_authorities):
        path = truth_of(seed, number)
        for each in inspections_of(seed, number):
            years = _years_to_good(path, each.inspected) if each.grade == INADEQUATE else None
            rows.append((number, each.framework, each.inspected, each.published, each.grade, years))
    columns = ["authority", "framework", "inspected", "published", "grade", "years_to_good"]
    return pd.DataFrame(rows, columns=columns).astype({"years_to_good": float})


def inspections_of(seed: int, number: int, *, first: date = FIRST_INSPECTIONS) -> tuple[Inspection, ...]:
    """The inspections of one authority that were published by the last day, in order.

    Parameters
    ----------
    seed, number : int
        Which authority; each has streams of its own.
    first : date
        The first inspection comes in the three years from this day.
    """
    path, draw = truth_of(seed, number), np.random.default_rng([seed, 543, number])
    found: list[Inspection] = []
    for day in _days(np.random.default_rng([seed, 542, number]), first):
        published = day + timedelta(days=int(draw.integers(*_WAIT)))
        if published > LAST_DAY:
            break
        grade = _on(path, day)
        framework = next(name for name, until in _FRAMEWORKS if day < until)
        is_short = bool(found) and found[-1].grade in (OUTSTANDING, GOOD)
        kind = (SHORT if is_short else STANDARD) if framework == "ILACS" else ""
        printed = "" if day >= UNGRADED_FROM else grade
        found.append(Inspection(framework, kind, day, published, printed, _parts(draw, grade)))
    return tuple(found)


def truth_of(seed: int, number: int) -> list[tuple[date, str]]:
    """The days on which one authority's true grade changed, with the new grade; the first is the first day."""
    draw = np.random.default_rng([seed, 541, number])
    grade = GRADES[int(draw.choice(len(GRADES), p=AT_FIRST))]
    path, years = [(FIRST_DAY, grade)], 0.0
    while True:
        moves = {other: rate for (start, other), rate in RATES.items() if start == grade}
        total = sum(moves.values())
        years += float(draw.exponential(1 / total))
        day = FIRST_DAY + timedelta(days=round(years * DAYS_A_YEAR))
        if day > LAST_DAY:
            return path
        grade = str(draw.choice(list(moves), p=np.array(list(moves.values())) / total))
        path.append((day, grade))


def _days(draw: np.random.Generator, first: date) -> Iterator[date]:
    """The Mondays on which inspections begin, without end."""
    day = first + timedelta(days=int(draw.uniform(0, 3 * DAYS_A_YEAR)))
    while True:
        day -= timedelta(days=day.weekday())
        if PAUSE[0] <= day <= PAUSE[1]:
            day = PAUSE[1] + timedelta(days=int(draw.uniform(7, 0.75 * DAYS_A_YEAR)))
            day -= timedelta(days=day.weekday())
        yield day
        gap = float(np.clip(draw.normal(YEARS_BETWEEN, DEVIATION), LEAST, MOST))
        day += timedelta(days=round(gap * DAYS_A_YEAR))


def _parts(draw: np.random.Generator, grade: str) -> dict[str, str]:
    place = GRADES.index(grade)
    steps: npt.NDArray[np.int64] = np.where(
        draw.random(len(PARTS)) < _PART_AS_OVERALL, 0, draw.choice([-1, 1], size=len(PARTS))
    )
    worst = len(GRADES) - 1 if grade == INADEQUATE else len(GRADES) - 2
    found = {name: GRADES[max(0, min(place + int(step), worst))] for name, step in zip(PARTS, steps, strict=True)}
    return {**found, "leadership": grade}


def _on(path: list[tuple[date, str]], day: date) -> str:
    return [grade for since, grade in path if since <= day][-1]


def _years_to_good(path: list[tuple[date, str]], day: date) -> float | None:
    later = [since for since, grade in path if since > day and grade in (GOOD, OUTSTANDING)]
    return (later[0] - day).days / DAYS_A_YEAR if later else None
