"""Judgements and panels for tests of the study, from one line for each report."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

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
