"""Absence from school of children in need, on a plan and looked after, not of all pupils; from 2018/19.

Published each spring by the Department for Education for the academic year before, over its six half terms. National
and regional counts are rounded to 10; authorities' are not. The breakdown is the group of children, who are counted at
the 31 March of the academic year, and the kind of school; without a kind it is all of them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import GEOGRAPHY_NAME_FIRST, filtered_layout, read_panel
from insight.sources._indicator import GROUPS, LICENCE, OUTCOMES, PUBLISHER, ROUNDED, Maker, measures
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="social_care_absence",
    publisher=PUBLISHER,
    title="School absence of children in need, on a plan and looked after",
    address=OUTCOMES,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "There are no figures for 2019/20: schools closed to most pupils in its second half.",
        "Many figures of single authorities and kinds of school are withheld, because the groups are small.",
    ),
)
SCHOOLS = {
    "Total": "",
    "State-funded primary": "state-funded primary schools",
    "State-funded secondary": "state-funded secondary schools",
    "Special": "special schools",
    "State-funded alternative provision school": "state-funded alternative provision",
}
_OWN = "Of these groups of children alone, not of all pupils."
_SESSION = "A session is half a school day."
_YEAR = Maker(SOURCE.key, PeriodKind.ACADEMIC_YEAR)
_SHARES = (
    ("t_sess_overall", "pt_overall", "absence_session", "absence_percent", "missed"),
    (
        "t_sess_authorised",
        "pt_sess_authorised",
        "authorised_absence_session",
        "authorised_absence_percent",
        "missed with leave",
    ),
    (
        "t_sess_unauthorised",
        "pt_sess_unauthorised",
        "unauthorised_absence_session",
        "unauthorised_absence_percent",
        "missed without leave",
    ),
)
_PERSISTENT = (
    ("10", "persistent_absence", "who missed 10 per cent or more of their sessions"),
    ("50", "severe_absence", "who missed 50 per cent or more of their sessions"),
)
INDICATORS: tuple[Indicator, ...] = (
    _YEAR.count("absence_pupil_count", "Pupils whose absence is counted", _OWN),
    _YEAR.count("possible_session_count", "Sessions that the pupils could attend", _OWN, _SESSION),
    *(
        indicator
        for _, _, stem, percent, words in _SHARES
        for indicator in (
            _YEAR.count(f"{stem}_count", f"Sessions {words}", _OWN, _SESSION),
            _YEAR.percent(
                percent,
                f"Share of sessions {words}",
                _OWN,
                _SESSION,
                of=(f"{stem}_count", "possible_session_count"),
                direction="lower",
            ),
        )
    ),
    *(
        indicator
        for _, key, words in _PERSISTENT
        for indicator in (
            _YEAR.count(f"{key}_count", f"Pupils {words}", _OWN),
            _YEAR.percent(
                f"{key}_percent",
                f"Share of pupils {words}",
                _OWN,
                of=(f"{key}_count", "absence_pupil_count"),
                direction="lower",
            ),
        )
    ),
)
_COLUMNS = [
    ("t_pupils", "absence_pupil_count"),
    ("t_sess_possible", "possible_session_count"),
    *(pair for number, share, stem, percent, _ in _SHARES for pair in ((number, f"{stem}_count"), (share, percent))),
    *(
        pair
        for most, key, _ in _PERSISTENT
        for pair in ((f"t_pupils_pa_{most}_exact", f"{key}_count"), (f"pt_pupils_pa_{most}_exact", f"{key}_percent"))
    ),
]

LAYOUTS: tuple[Layout, ...] = (
    replace(
        filtered_layout(
            "absence of children known to social care",
            measures(_COLUMNS, INDICATORS),
            columns=(
                "absence_terms",
                "social_care_group",
                "phase_type_grouping",
                *(column for column, _ in _COLUMNS),
            ),
            geography=GEOGRAPHY_NAME_FIRST,
            constants={"time_identifier": "Academic year", "absence_terms": "six half terms"},
            parts={"social_care_group": GROUPS, "phase_type_grouping": SCHOOLS},
            common=("social_care_group",),
        ),
        placed_at=PeriodKind.AT_MARCH,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of absence.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
