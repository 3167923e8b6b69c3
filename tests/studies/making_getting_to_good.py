"""Judgements and panels for tests of the study, from one line for each report."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd

from insight.core.estimate import Estimate
from insight.core.finding import Finding
from insight.core.judgements import (
    GOOD,
    INADEQUATE,
    OUTSTANDING,
    OVERALL,
    REQUIRES_IMPROVEMENT,
    SAFEGUARDING,
    Judgement,
    Judgements,
)
from insight.core.panel import COLUMNS, Panel
from insight.core.register import Register
from insight.core.source import Source
from insight.studies.getting_to_good import getting_to_good
from insight.studies.getting_to_good._national import National
from insight.studies.getting_to_good._spells import Spell, horizon_of, spells_of, whole_service

LEEDS, BRADFORD, YORK, BRENT = "E08000035", "E08000032", "E06000014", "E09000005"
CUMBRIA, CUMBERLAND = "E10000006", "E06000063"
GRADES = {"O": OUTSTANDING, "G": GOOD, "R": REQUIRES_IMPROVEMENT, "I": INADEQUATE, "-": ""}
SUBJECTS = {"SLAC": SAFEGUARDING}
SOURCE = Source(
    "inspections", "Publisher", "Inspections", "https://example.org", "OGL v3.0", release="2026", sha256="cd" * 32
)


def reports(area: str, *lines: str) -> tuple[Judgement, ...]:
    """Reports of an area as "2015-03-27 I", a framework behind where it is not ILACS; "-" is no grade."""
    made = []
    for line in lines:
        day, grade, *framework = line.split()
        kind = framework[0] if framework else "ILACS"
        subject = SUBJECTS.get(kind, OVERALL)
        made.append(Judgement(area, kind, "", subject, GRADES[grade], "", day, "inspections", "2026", line))
    return tuple(made)


def judged(*several: Sequence[Judgement]) -> Judgements:
    """Judgements of several areas."""
    return Judgements(tuple(each for part in several for each in part))


def panel_of(judgements: Judgements) -> Panel:
    """A panel of judgements and no figures, with the real register."""
    frame = pd.DataFrame(columns=list(COLUMNS)).astype({"value": "float64", "time_period": "int64"})
    return Panel(frame, {}, (SOURCE,), Register.read(), judgements=judgements)


def many(count: int = 60, *, seed: int = 5) -> Judgements:
    """Areas that begin Inadequate in 2014 to 2018 and are inspected every two to three years until 2026.

    Leeds, Bradford, York and Brent are the first of them.
    Each becomes Good on a day of its own: exponential with a median of three years. It is Requires improvement from
    half of that way on. A report shows what is true on its day.
    """
    generator = random.Random(seed)
    everyone = (area.code for area in Register.read().authorities())
    areas = list(dict.fromkeys((LEEDS, BRADFORD, YORK, BRENT, *everyone)))[:count]
    made: list[Judgement] = []
    for area in areas:
        start = date(2014, 1, 1) + timedelta(days=generator.randrange(1500))
        turn = start + timedelta(days=round(generator.expovariate(0.6931 / (3 * 365.25))))
        half = start + (turn - start) / 2
        day, lines = start, [f"{start} I"]
        while (day := day + timedelta(days=generator.randrange(730, 1100))) < date(2026, 6, 1):
            lines.append(f"{day} {'G' if day >= turn else 'R' if day >= half else 'I'}")
        made += reports(area, *lines)
    return Judgements(tuple(made))


@cache
def panel_with_memory(judgements: Judgements) -> Panel:
    """A panel that computes what pages share once, as a store does."""
    kept: dict[str, Any] = {}

    def remember(name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        if name not in kept:
            kept[name] = compute()
        return kept[name]

    return dataclasses.replace(panel_of(judgements), remember=remember)


def study(judgements: Judgements, authority: str | None = None) -> Finding:
    """The finding on judgements, its model kept."""
    return getting_to_good(panel_with_memory(judgements), authority=authority)


def estimate(finding: Finding | National, key: str) -> Estimate:
    """The estimate with this key."""
    return next(each for each in finding.estimates if each.key == key)


def spells(judgements: Judgements) -> tuple[Spell, ...]:
    """The spells of judgements, followed until the newest grade."""
    read = whole_service(judgements.history())
    return spells_of(read, horizon=horizon_of(read) or max(each.published for each in read), ends={})


# Five authorities: Good after 2 and 4 years; open after 3 and 6; and one that went back and was Good after 8.
FIVE = judged(
    reports("E08000001", "2010-01-01 I", "2012-01-01 G"),
    reports("E08000002", "2012-01-01 I", "2013-01-01 R", "2016-01-01 G"),
    reports("E08000003", "2015-01-01 I"),
    reports("E08000004", "2012-01-01 I", "2014-01-01 R"),
    reports("E08000005", "2009-01-01 I", "2011-01-01 R", "2013-01-01 I", "2017-01-01 O"),
    reports(LEEDS, "2018-01-01 G"),
)
