"""Inspections in three published layouts: the history of 2023, the outcomes of 2025, and a third party's overview."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from insight.sample import places
from insight.sample.judged_places import (
    HISTORY_ISSUED,
    HISTORY_UNTIL,
    LEAVERS_FROM,
    OUTCOMES_ISSUED,
    OUTCOMES_UNTIL,
    History,
    Oddities,
    as_in_overview,
    judged_places,
    oddities,
    until,
)
from insight.sample.judgements import SHORT, Inspection
from insight.sample.places import REGIONS, Place
from insight.sample.workbooks import Cell, Sheets

WARNING = "SAMPLE DATA: every judgement and every place in this workbook is invented"
_LINK = "No page: the place is invented"
# The inspectorate has one region where others have two.
_JOINED = ("X12000002", "X12000003")
_NO_GRADE = " -"

_PLACE = ("Web link", "Local authority name", "LA region", "LA Authority Type")
_SLAC = "Safeguarding & Looked After Children (SLAC) Inspection publication date"
_BEFORE_SIF = (
    _SLAC,
    "SLAC Safeguarding Overall effectiveness (OE)",
    "SLAC Looked After Children Overall Effectiveness (OE)",
    "SLAC re-inspection of Safeguarding publication date",
    "SLAC re-inspection Safeguarding OE",
    "SLAC re-inspection of services for Children Looked After publication date",
    "SLAC re-inspection of services Children Looked After OE",
    "Child Protection Inspections (CPI) publication date",
    "CPI Overall Effectiveness (OE)",
    "Child Protection Re-Inspection (CPRI) publication date",
    "CPRI Overall Effectiveness (OE)",
    "Targeted Looked After Children (TLAC) inspection publication date",
    "TLAC Overall Effectiveness (OE)",
)
# The blanks and breaks are the publisher's.
_SIF_ENDS = (
    "Overall Judgement\n(OE)",
    "children who need help and protection ",
    "children looked after and achieving permanence ",
    "CLA Sub: Adoption Performance",
    "CLA Sub: Experiences and progress of care leavers",
    "leadership, management and governance",
)
_ILACS_ENDS = (
    "inspection type",
    "publication date",
    "overall effectiveness",
    "impact of leaders",
    "experiences and progress of children who need help and protection",
)
_IN_CARE, _LEAVERS = "experiences and progress of children in care", "experiences and progress of care leavers"
_OUTCOMES = (
    "Overall effectiveness",
    "The impact of leaders on social work practice with children and families",
    "The experiences and progress of children who need help and protection",
    "The experiences and progress of children in care",
    "The experiences and progress of care leavers",
)
_OVERVIEW = (
    "urn",
    "la_code",
    "region_code",
    "ltla23cd",
    "local_authority",
    "overall_effectiveness_grade",
    "inspection_framework",
    "inspection_start_date",
    "inspection_end_date",
    "publication_date",
    "impact_of_leaders_grade",
    "help_and_protection_grade",
    "in_care_grade",
    "care_leavers_grade",
)
_FIRST_URN = 70001


def judgement_workbooks(seed: int) -> Mapping[str, Sheets]:
    """The sheets of the three files, by the name of the file."""
    history = judged_places(seed)
    odd = oddities(history)
    return {
        "sample_ofsted_history_2009_to_2023.ods": _history_2023(history, odd),
        "sample_ofsted_outcomes_as_at_31_march_2025.ods": _outcomes_2025(history),
        "sample_ofsted_overview_2026.xlsx": _overview(history, odd),
    }


def _cover(issued: date) -> list[list[Cell]]:
    return [[WARNING], ["Section", "Detail"], ["Published on:", issued]]


def _region(one: Place) -> str:
    return ", ".join(REGIONS[code] for code in (_JOINED if one.region in _JOINED else (one.region,)))


def _by_name(several: Sequence[Place]) -> list[Place]:
    return sorted(several, key=lambda one: one.name)


def _history_2023(history: History, odd: Oddities) -> Sheets:
    sif = [
        text
        for which in ("First SIF", "SIF Re-inspection")
        for text in (
            f"Single Inspection of LA Children's Services (SIF) {' ' * (which == 'First SIF')}{which} publication date",
            *(f" {which} {end}" for end in _SIF_ENDS),
            *(["LSCB Overall Effectiveness "] if which == "First SIF" else []),
        )
    ]
    front = [*_PLACE, *_BEFORE_SIF, *sif]
    first = [f"First ILACS framework {end}" for end in (*_ILACS_ENDS, f"{_IN_CARE} and care leavers")]
    second = [f"Second ILACS framework {end}" for end in (*_ILACS_ENDS, _IN_CARE, _LEAVERS)]
    header = [*front, *first, *second]
    below = [*front, *(name.removeprefix("First ") for name in first)]
    blank: list[Cell] = [""] * len(header)
    rows: list[list[Cell]] = [
        [WARNING],
        ["Two tables: the authorities that exist, and below a blank row those that were abolished."],
        [],
        list(header),
    ]
    rows += [_row_2023(one, until(history[one], HISTORY_UNTIL), odd) for one in _by_name(places.PLACES)]
    rows += [blank, ["Authorities that were abolished"], list(below)]
    rows.append(_row_2023(places.ABOLISHED, until(history[places.ABOLISHED], HISTORY_UNTIL), odd))
    return {"Cover": _cover(HISTORY_ISSUED), "LA_inspections_2009-2023": rows}


def _row_2023(one: Place, several: tuple[Inspection, ...], odd: Oddities) -> list[Cell]:
    by_framework = {
        name: [each for each in several if each.framework == name] for name in ("SLAC", "CPI", "SIF", "ILACS")
    }

    def part(each: Inspection, name: str) -> Cell:
        is_small = one == places.NOBODY_EMPLOYED and name in ("care", "leavers", "adoption")
        return _NO_GRADE if is_small and each.framework != "ILACS" else each.parts[name]

    def slac(each: Inspection) -> list[Cell]:
        return [each.published, each.grade, part(each, "care")]

    def again(each: Inspection) -> list[Cell]:
        return [each.published, each.grade, each.published, part(each, "care")]

    def sif(each: Inspection) -> list[Cell]:
        return [
            each.published,
            each.grade,
            *(part(each, name) for name in ("help", "care", "adoption", "leavers", "leadership")),
        ]

    def ilacs(each: Inspection) -> list[Cell]:
        day = each.published - timedelta(days=3 * (one == odd.earlier_day and each is by_framework["ILACS"][0]))
        return [each.kind, day, each.grade, *(each.parts[name] for name in ("leadership", "help", "care"))]

    def second_ilacs(each: Inspection) -> list[Cell]:
        return [*ilacs(each), each.parts["leavers"] if each.inspected >= LEAVERS_FROM else ""]

    def nth(name: str, number: int, cells: Callable[[Inspection], list[Cell]], width: int) -> list[Cell]:
        own = by_framework[name]
        return cells(own[number]) if len(own) > number else [""] * width

    kind = "Shire County" if one == places.ABOLISHED else "Unitary"
    return [
        _LINK,
        one.name,
        _region(one),
        kind,
        *nth("SLAC", 0, slac, 3),
        *nth("SLAC", 1, again, 4),
        *nth("CPI", 0, lambda each: [each.published, each.grade], 2),
        *[""] * 4,
        *nth("SIF", 0, sif, 7),
        "",
        *nth("SIF", 1, sif, 7),
        *nth("ILACS", 0, ilacs, 6),
        *([] if one == places.ABOLISHED else nth("ILACS", 1, second_ilacs, 7)),
    ]


def _outcomes_2025(history: History) -> Sheets:
    latest: list[list[Cell]] = [
        ["SAMPLE DATA: judgements as at 31 March 2025"],
        [],
        [
            "Web link",
            "Local authority area code",
            "Local authority name",
            "Ofsted region",
            "Inspection date",
            "Publication date",
            *_OUTCOMES,
        ],
    ]
    each_inspection: list[list[Cell]] = [
        ["SAMPLE DATA: ILACS inspections from 2018 to 2025"],
        [],
        [
            "Web link",
            "Local authority area code",
            "Local authority name",
            "Local authority status",
            "Ofsted region",
            "Inspection date",
            "Publication date",
            "Inspection type",
            *_OUTCOMES,
        ],
    ]
    for one in _by_name((*places.PLACES, places.ABOLISHED)):
        known = [each for each in until(history[one], OUTCOMES_UNTIL) if each.framework == "ILACS"]
        is_gone = one == places.ABOLISHED
        status = "No longer exists" if is_gone else "Current"
        for each in known:
            days: list[Cell] = [each.inspected, each.published]
            each_inspection.append(
                [_LINK, one.code, one.name, status, _region(one), *days, each.kind, *_outcome_grades(each)]
            )
        if not is_gone:
            cells: list[Cell] = [""] * 7
            if known:
                cells = [known[-1].inspected, known[-1].published, *_outcome_grades(known[-1])]
            latest.append([_LINK, one.code, one.name, _region(one), *cells])
    return {
        "Cover": _cover(OUTCOMES_ISSUED),
        "Inspections_as_at_31_March": latest,
        "ILACS_inspection_history": each_inspection,
    }


def _outcome_grades(each: Inspection) -> list[Cell]:
    leavers = each.parts["leavers"] if each.inspected >= LEAVERS_FROM else ""
    return [each.grade, *(each.parts[name] for name in ("leadership", "help", "care")), leavers]


def _overview(history: History, odd: Oddities) -> Sheets:
    rows: list[list[Cell]] = [list(_OVERVIEW)]
    for number, one in enumerate(_by_name(places.PLACES)):
        own = [each for each in history[one] if each.framework == "ILACS"]
        if not own:
            continue
        newest = as_in_overview(one, own[-1], odd)
        is_known = one != odd.no_kind
        days = 5 if newest.kind == SHORT else 12
        # The third party still has the code of the area that this one replaced.
        code = places.ABOLISHED.code if one == places.SUCCESSORS[0] else one.code
        leavers = _lower(newest.parts["leavers"])
        rows.append(
            [
                str(_FIRST_URN + number),
                one.old_la_code,
                "".join(word[0] for word in REGIONS[one.region].split())[:2].upper(),
                code,
                one.name.lower(),
                _lower(newest.grade) or "nan",
                ("short" if newest.kind == SHORT else "standard") if is_known else "None",
                f"{newest.inspected:%d/%m/%Y}" if is_known else "",
                f"{newest.inspected + timedelta(days=days - 1):%d/%m/%Y}" if is_known else "",
                f"{newest.published:%d/%m/%y}",
                *(_lower(newest.parts[name]) for name in ("leadership", "help", "care")),
                leavers if newest.inspected >= LEAVERS_FROM else "inspection_pre_dates_judgement",
            ]
        )
    return {"ofsted_cs_inspections_overview": rows}


def _lower(grade: str) -> str:
    """A grade as the third party writes it.

    >>> _lower("Requires improvement to be good")
    'requires improvement'
    """
    return grade.lower().removesuffix(" to be good")
