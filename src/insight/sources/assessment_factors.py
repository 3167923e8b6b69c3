"""Factors found at the end of assessments, such as domestic abuse or a parent's mental health, from 2018.

Published each autumn by the Department for Education for the year to 31 March. National and regional counts are rounded
to 10; authorities' are not. An episode may have several factors, so they add up to more than the episodes.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import ees_layout, read_panel
from insight.sources._indicator import CHILDREN_IN_NEED, LICENCE, PUBLISHER, ROUNDED, Maker
from insight.sources._layout import Layout, Measure
from insight.sources._reading import Reading

SOURCE = Source(
    key="assessment_factors",
    publisher=PUBLISHER,
    title="Children in need: factors found at the end of assessments",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Physical and sexual abuse are divided by who did it from 2021 on, and child criminal exploitation is counted "
        "from 2022 on; before, these columns have no figures.",
        "Hackney has no figures for 2022 after a cyberattack.",
        "Hampshire's and Herefordshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
    ),
)
_WHOSE = {"child": "child", "parent": "parent or carer", "person": "another person in the household"}
_OF_SOMEBODY = {
    "Alcohol_Misuse": "Alcohol misuse",
    "Drug_Misuse": "Drug misuse",
    "Domestic_Abuse": "Domestic abuse",
    "Mental_Health": "Mental health",
    "Learning_Disability": "Learning disability",
    "Physical_Disability": "Physical disability or illness",
}
FACTORS = {
    **{
        f"{column}_{who}": f"{words}: {whose}"
        for column, words in _OF_SOMEBODY.items()
        for who, whose in _WHOSE.items()
    },
    "Young_Carer": "Young carer",
    "Privately_fostered": "Privately fostered",
    "Unaccompanied_asylum_seeker": "Unaccompanied asylum seeker",
    "Going_missing": "Going missing",
    "Child_sexual_exploitation": "Child sexual exploitation",
    "Trafficking": "Trafficking",
    "Gangs": "Gangs",
    "Socially_unacceptable_behaviour": "Socially unacceptable behaviour",
    "Self_harm": "Self-harm",
    "Neglect": "Neglect",
    "Emotional_Abuse": "Emotional abuse",
    "Physical_Abuse_unknown": "Physical abuse: by whom not known",
    "Physical_Abuse_child_on_child": "Physical abuse: by a child",
    "Physical_Abuse_adult_on_child": "Physical abuse: by an adult",
    "Sexual_Abuse_unknown": "Sexual abuse: by whom not known",
    "Sexual_Abuse_child_on_child": "Sexual abuse: by a child",
    "Sexual_Abuse_adult_on_child": "Sexual abuse: by an adult",
    "Female_Genital_Mutilation": "Female genital mutilation",
    "Faith_linked_abuse": "Abuse linked to faith or belief",
    "Child_criminal_exploitation": "Child criminal exploitation",
    "Other": "Other",
}
_SEVERAL = "An episode may have several factors; one that nobody wrote down is not counted."
_YEAR = Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH)
INDICATORS: tuple[Indicator, ...] = (
    _YEAR.count("episode_with_factor_count", "Episodes of need with any factor found at the end of an assessment"),
    _YEAR.count("assessment_factor_count", "Episodes of need, by factor found at the end of an assessment", _SEVERAL),
)

LAYOUTS: tuple[Layout, ...] = (
    # Both releases, 2024 and 2025, are in this layout.
    ees_layout(
        "factors at the end of assessments",
        [
            Measure("Episodes_with_assessment_factor", "episode_with_factor_count"),
            *(Measure(column, "assessment_factor_count", breakdown=words) for column, words in FACTORS.items()),
        ],
        filters={"category": "Factors identified at the end of assessment"},
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of factors found at the end of assessments.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
