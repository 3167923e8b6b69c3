"""Assessments completed in the year by how many working days they took, from 2014.

Published each autumn by the Department for Education for the year to 31 March. National and regional counts are rounded
to 10; authorities' are not. Within 45 working days, the limit in guidance, are the bands up to "41 to 45 days"
together: 84.5 per cent of England's in 2024. That share is not in the file; studies make it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import filtered_layout, read_panel
from insight.sources._indicator import CHILDREN_IN_NEED, LICENCE, PUBLISHER, ROUNDED, Maker, measures
from insight.sources._layout import Layout, Measure
from insight.sources._reading import Reading

SOURCE = Source(
    key="assessments_by_duration",
    publisher=PUBLISHER,
    title="Children in need: assessments by working days taken",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Hackney has no figures for 2021 and 2022 after a cyberattack; those of 2020 stand in the totals.",
        "Hampshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
        "In twelve authorities' years to 2021 the bands add up to a little less than all assessments: Essex, "
        "Leicestershire and others.",
        "Small numbers are withheld, and where it takes that another of the same authority.",
        "Herefordshire's figures for 2024 cover a part of the year and bear no mark: 1,088 after 3,025 a year before.",
        "Rates rest on populations revised since.",
        "Before 2014 assessments were initial or core ones, with other limits.",
    ),
)
_DAYS = "Working days from the start of the assessment to its end; 45 is the limit set in guidance."
_YEAR = Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH)
INDICATORS: tuple[Indicator, ...] = (
    _YEAR.count("assessment_count", "Assessments completed in the year", "A child may be assessed several times."),
    _YEAR.rate("assessment_rate_per_10k", "Assessments completed in the year, per 10,000 children"),
    _YEAR.count("assessment_days_count", "Assessments completed in the year, by working days taken", _DAYS),
    _YEAR.days("assessment_days_lower_quarter", "Working days of assessments: a quarter took no longer", _DAYS),
    _YEAR.days("assessment_days_median", "Working days of assessments: half took no longer", _DAYS),
    _YEAR.days("assessment_days_upper_quarter", "Working days of assessments: three quarters took no longer", _DAYS),
)
WITHIN_45_DAYS = {
    "Same_day": "Same day",
    "1-10_days": "1 to 10 days",
    "11-20_days": "11 to 20 days",
    "21-30_days": "21 to 30 days",
    "31-40_days": "31 to 40 days",
    "41-45_days": "41 to 45 days",
}
_LATER = {"46-50_days": "46 to 50 days", "51-60_days": "51 to 60 days", "61+_days": "61 days or more"}
_BANDS = {**WITHIN_45_DAYS, **_LATER}
_TOTALS = [("Assessments_completed", "assessment_count"), ("Assessments_completed_rate", "assessment_rate_per_10k")]
_QUARTERS = [
    ("25th_Percentile_days", "assessment_days_lower_quarter"),
    ("Median_days", "assessment_days_median"),
    ("75th_Percentile_days", "assessment_days_upper_quarter"),
]

LAYOUTS: tuple[Layout, ...] = (
    replace(
        filtered_layout(
            "assessments by duration, to the 2024 release",
            [
                *measures([*_TOTALS, *_QUARTERS], INDICATORS),
                *(Measure(column, "assessment_days_count", breakdown=words) for column, words in _BANDS.items()),
            ],
            columns=("category", *(column for column, _ in _TOTALS), *_BANDS, *(column for column, _ in _QUARTERS)),
            constants={"category": "Duration of assessment"},
            sums={"Assessments_completed": tuple(_BANDS)},
        ),
        has_other_parts=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of assessments by duration.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, breaks a rule of its layout, or its parts are more than their whole.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
