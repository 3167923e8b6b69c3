"""Attainment at key stages 2 and 4 of children in need, on a plan and looked after, not of all pupils; from 2018/19.

Published each spring by the Department for Education for the academic year before, in two files. National and regional
counts are rounded to 10; authorities' are not. The breakdown is the group of children, who are counted at the 31 March
of the academic year, in the authorities of that day.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import GEOGRAPHY_NAME_FIRST, filtered_layout, read_panel
from insight.sources._filters import FilteredLayout
from insight.sources._indicator import GROUPS, LICENCE, OUTCOMES, PUBLISHER, ROUNDED, Maker, measures
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="social_care_attainment",
    publisher=PUBLISHER,
    title="Attainment of children in need, on a plan and looked after, at key stages 2 and 4",
    address=OUTCOMES,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "There were no tests at key stage 2 in 2020 and 2021: the rows have no figures.",
        "Grades at key stage 4 were set by schools in 2020 and 2021: those years do not compare with others.",
        "Many figures of single authorities are withheld, because the groups are small.",
    ),
)
_YEAR = Maker(SOURCE.key, PeriodKind.ACADEMIC_YEAR)
_OWN = "Of these groups of children alone, not of all pupils."
# Part of the publisher's column, the stem of the keys, and the subject.
_SUBJECTS = (
    ("read", "ks2_reading", "reading"),
    ("writta", "ks2_writing", "writing (teacher assessment)"),
    ("mat", "ks2_maths", "mathematics"),
    ("rwm", "ks2_reading_writing_maths", "reading, writing and mathematics together"),
    ("gps", "ks2_grammar", "grammar, punctuation and spelling"),
    ("scita", "ks2_science", "science (teacher assessment)"),
)
_PROGRESS = _SUBJECTS[:3]
_POINTS = "Points above or below pupils with the same results at key stage 1; 0 is the average of all pupils."
_PROGRESS_8 = "Grades above or below pupils with the same results at key stage 2; 0 is the average of all pupils."


def _score(key: str, title: str, unit: str, *caveats: str, decimals: int = 1) -> Indicator:
    return Indicator(
        key,
        title,
        unit,
        "higher",
        PeriodKind.ACADEMIC_YEAR,
        SOURCE.key,
        decimals=decimals,
        caveats=(*caveats, _OWN),
    )


def _met(key: str, subject: str) -> tuple[Indicator, ...]:
    return (
        _YEAR.count(f"{key}_eligible_count", f"Pupils eligible at key stage 2 in {subject}", _OWN),
        _YEAR.count(f"{key}_met_count", f"Pupils who met the standard at key stage 2 in {subject}", _OWN),
        _YEAR.percent(
            f"{key}_met_percent",
            f"Share of pupils who met the standard at key stage 2 in {subject}",
            _OWN,
            of=(f"{key}_met_count", f"{key}_eligible_count"),
            direction="higher",
            decimals=0,
        ),
    )


def _progress(key: str, subject: str) -> tuple[Indicator, ...]:
    title = f"Progress from key stage 1 to 2 in {subject}"
    return (
        _YEAR.count(f"{key}_progress_eligible_count", f"Pupils with a measure of progress in {subject}", _OWN),
        _score(f"{key}_progress_score", title, "points", _POINTS),
        _score(f"{key}_progress_score_low", f"{title}: lower end of the 95 % interval", "points", _POINTS),
        _score(f"{key}_progress_score_high", f"{title}: upper end of the 95 % interval", "points", _POINTS),
    )


def _share(key: str, title: str) -> tuple[Indicator, ...]:
    return (
        _YEAR.count(f"{key}_count", f"Pupils {title}", _OWN),
        _YEAR.percent(
            f"{key}_percent",
            f"Share of pupils {title}",
            _OWN,
            of=(f"{key}_count", "ks4_pupil_count"),
            direction="higher",
        ),
    )


INDICATORS: tuple[Indicator, ...] = (
    *(each for _, key, subject in _SUBJECTS for each in _met(key, subject)),
    *(each for _, key, subject in _PROGRESS for each in _progress(key, subject)),
    _YEAR.count("ks4_pupil_count", "Pupils at the end of key stage 4", _OWN),
    _score("ks4_attainment_8_score", "Attainment 8: average points over eight subjects", "points"),
    *_share("ks4_grade_5_english_maths", "with grade 5 or above in English and mathematics"),
    *_share("ks4_grade_4_english_maths", "with grade 4 or above in English and mathematics"),
    *_share("ks4_ebacc_entered", "entered for the English Baccalaureate"),
    _score("ks4_ebacc_score", "English Baccalaureate: average points", "points", decimals=2),
    _YEAR.count("ks4_progress_8_pupil_count", "Pupils with a measure of Progress 8", _OWN),
    _score("ks4_progress_8_score", "Progress 8: average grades", "grades", _PROGRESS_8, decimals=2),
    _score(
        "ks4_progress_8_score_low",
        "Progress 8: lower end of the 95 % interval",
        "grades",
        _PROGRESS_8,
        decimals=2,
    ),
    _score(
        "ks4_progress_8_score_high",
        "Progress 8: upper end of the 95 % interval",
        "grades",
        _PROGRESS_8,
        decimals=2,
    ),
)
_KS2 = [
    pair
    for column, key, _ in _SUBJECTS
    for pair in (
        (f"t_{column}_eligible_pupils", f"{key}_eligible_count"),
        (f"t_{column}_met_expected_standard", f"{key}_met_count"),
        (f"pt_{column}_met_expected_standard", f"{key}_met_percent"),
    )
]
_KS2_PROGRESS = [
    pair
    for column, key, _ in _PROGRESS
    for pair in (
        (f"t_{column}_progress_eligible_pupils", f"{key}_progress_eligible_count"),
        (f"t_{column}_progress_score", ""),
        (f"avg_{column}_progress_score", f"{key}_progress_score"),
        (f"avg_{column}_progress_score_lower_CI", f"{key}_progress_score_low"),
        (f"avg_{column}_progress_score_upper_CI", f"{key}_progress_score_high"),
    )
]
# A sum of points stands beside each average, and is not read.
_KS4 = [
    ("t_pupils", "ks4_pupil_count"),
    ("t_att8", ""),
    ("avg_att8", "ks4_attainment_8_score"),
    ("t_l2basics_95", "ks4_grade_5_english_maths_count"),
    ("pt_l2basics_95", "ks4_grade_5_english_maths_percent"),
    ("t_l2basics_94", "ks4_grade_4_english_maths_count"),
    ("pt_l2basics_94", "ks4_grade_4_english_maths_percent"),
    ("t_ebacc_e_ptq_ee", "ks4_ebacc_entered_count"),
    ("pt_ebacc_e_ptq_ee", "ks4_ebacc_entered_percent"),
    ("t_ebaccaps", ""),
    ("avg_ebaccaps", "ks4_ebacc_score"),
    ("t_inp8calc", "ks4_progress_8_pupil_count"),
    ("t_p8score", ""),
    ("avg_p8score", "ks4_progress_8_score"),
    ("p8score_CI_low", "ks4_progress_8_score_low"),
    ("p8score_CI_upp", "ks4_progress_8_score_high"),
]


def _layout(name: str, series: str, columns: list[tuple[str, str]]) -> FilteredLayout:
    layout = filtered_layout(
        name,
        measures([(column, key) for column, key in columns if key], INDICATORS),
        columns=("social_care_group", "version", *(column for column, _ in columns)),
        geography=GEOGRAPHY_NAME_FIRST,
        constants={"time_identifier": "Academic year"},
        parts={"social_care_group": GROUPS},
        unread=[column for column, key in columns if not key],
        common=("social_care_group", "version"),
        series=series,
    )
    return replace(
        layout,
        marks={"version": ("Final", "Revised")},
        signed=tuple(column for column, key in columns if "_progress_" in key and "_score" in key),
        placed_at=PeriodKind.AT_MARCH,
    )


LAYOUTS: tuple[Layout, ...] = (
    _layout("key stage 2 of children known to social care", "key stage 2", [*_KS2, *_KS2_PROGRESS]),
    _layout("key stage 4 of children known to social care", "key stage 4", _KS4),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of attainment.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
