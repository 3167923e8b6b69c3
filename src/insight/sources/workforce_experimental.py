"""Children's social work workforce of 2015 and 2016: the experimental statistics before the series that began in 2017.

Published by the Department for Education in February 2016 (SFR07/2016) and February 2017 (SFR08/2017), for 30 September
of the year before. Their definitions differ from those of the later series, so the figures are indicators of their own
and continue nothing. National and regional figures are rounded to 10. Ages, lengths of service and roles are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Direction, Indicator, Unit
from insight.core.missing import Status
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import read_opened
from insight.sources._filters import FilteredLayout
from insight.sources._indicator import LICENCE, PUBLISHER, WORKFORCE, ceiling_of
from insight.sources._layout import Layout, Measure
from insight.sources._open import open_table
from insight.sources._reading import Reading

SOURCE = Source(
    key="workforce_experimental",
    publisher=PUBLISHER,
    title="Children's social work workforce, experimental statistics of 2015 and 2016",
    address=WORKFORCE,
    licence=LICENCE,
    known_problems=(
        "Experimental: definitions were still being settled, and differ from those of the series from 2017.",
        "National and regional figures are rounded to 10, authorities' are not.",
        "Rates of 2015 are printed as whole numbers.",
        "In 2016 Kingston upon Thames and Richmond upon Thames made one return for the first time.",
    ),
)
_FLOW, _STOCK = PeriodKind.YEAR_TO_SEPTEMBER, PeriodKind.AT_SEPTEMBER
_BEFORE = "Experimental; does not continue into the series from 2017."
_PER_WORKER = "Children in need over all social workers, not cases over those who hold cases."


def _made(
    key: str, title: str, unit: Unit, when: PeriodKind, *caveats: str, direction: Direction = "neither"
) -> Indicator:
    is_total = unit in ("fte", "count", "days")
    return Indicator(
        f"experimental_{key}",
        title,
        unit,
        direction,
        when,
        SOURCE.key,
        additive=is_total,
        rounding=10.0 if is_total else 0.0,
        decimals=0 if unit == "count" else 1,
        caveats=(_BEFORE, *caveats),
    )


# The publisher's stem without the year, and the indicator; by full-time equivalents and by people.
_FTE = (
    ("A1_FTE_ChildrensSocialWorkers", _made("inpost_fte", "Social workers in post (FTE)", "fte", _STOCK)),
    ("B1_FTE_Starters", _made("starters_fte", "Social workers who started in the year (FTE)", "fte", _FLOW)),
    ("B2_FTE_Leavers", _made("leavers_fte", "Social workers who left in the year (FTE)", "fte", _FLOW)),
    (
        "B3_FTE_TurnoverRate",
        _made("turnover_rate_fte", "Turnover of social workers (FTE)", "percent", _FLOW, direction="lower"),
    ),
    ("D1_FTE_AgencyWorkers", _made("agency_fte", "Agency social workers (FTE)", "fte", _STOCK, direction="lower")),
    (
        "D1a_FTE_AgencyWorkers",
        _made("agency_cover_fte", "Agency social workers who cover vacancies (FTE)", "fte", _STOCK, direction="lower"),
    ),
    (
        "D2_FTE_AgencyWorkerRate",
        _made("agency_rate_fte", "Agency rate (FTE)", "percent", _STOCK, direction="lower"),
    ),
    ("A2_FTE_Vacancies", _made("vacancy_fte", "Vacancies (FTE)", "fte", _STOCK, direction="lower")),
    ("A3_FTE_VacancyRate", _made("vacancy_rate_fte", "Vacancy rate (FTE)", "percent", _STOCK, direction="lower")),
    # Those of 2015 are rounded to 10 for authorities too, so they do not add up.
    (
        "C1_FTE_Absence",
        replace(_made("working_days_lost_fte", "Working days lost to sickness (FTE)", "days", _FLOW), additive=False),
    ),
    ("C2_FTE_AbsenceRate", _made("absence_rate_fte", "Sickness absence (FTE)", "percent", _FLOW, direction="lower")),
)
_PEOPLE = (
    (
        "A1_Headcount_ChildrensSocialWorkers",
        _made("inpost_headcount", "Social workers in post (people)", "count", _STOCK),
    ),
    (
        "B1_Headcount_Starters",
        _made("starters_headcount", "Social workers who started in the year (people)", "count", _FLOW),
    ),
    (
        "B2_Headcount_Leavers",
        _made("leavers_headcount", "Social workers who left in the year (people)", "count", _FLOW),
    ),
    (
        "B3_Headcount_TurnoverRate",
        _made("turnover_rate_headcount", "Turnover of social workers (people)", "percent", _FLOW, direction="lower"),
    ),
    (
        "D1_Headcount_AgencyWorkers",
        _made("agency_headcount", "Agency social workers (people)", "count", _STOCK, direction="lower"),
    ),
    (
        "D1a_Headcount_AgencyWorkers",
        _made(
            "agency_cover_headcount",
            "Agency social workers who cover vacancies (people)",
            "count",
            _STOCK,
            direction="lower",
        ),
    ),
    (
        "D2_Headcount_AgencyWorkerRate",
        _made("agency_rate_headcount", "Agency rate (people)", "percent", _STOCK, direction="lower"),
    ),
)
_OF_2015 = (
    (
        "CiNperCSW_FTE",
        _made(
            "children_per_worker_fte",
            "Children in need per social worker (FTE)",
            "cases per worker",
            _STOCK,
            _PER_WORKER,
            direction="lower",
        ),
    ),
    (
        "CiNperCSW_Headcount",
        _made(
            "children_per_worker_headcount",
            "Children in need per social worker (people)",
            "cases per worker",
            _STOCK,
            _PER_WORKER,
            direction="lower",
        ),
    ),
)
_OF_2016 = (
    ("Number_of_cases", _made("cases", "Cases held", "count", _STOCK)),
    (
        "Number_of_cases_held_by_front_line_social_workers",
        _made("front_line_cases", "Cases held by social workers at the front line", "count", _STOCK),
    ),
    (
        "Average_caseload",
        _made("caseload_fte", "Average caseload", "cases per worker", _STOCK, direction="lower"),
    ),
)
INDICATORS: tuple[Indicator, ...] = tuple(each for _, each in (*_FTE, *_PEOPLE, *_OF_2015, *_OF_2016))
_GEOGRAPHY = {
    "Country_code": "country_code",
    "Country_name": "country_name",
    "Region_code": "region_code",
    "Region_name": "region_name",
    "LA_code (9 digit)": "new_la_code",
    "LA_name": "la_name",
    "LA_code (3 digit)": "old_la_code",
}
# As the department's statistical first releases of those years used them; a dash is a figure too small to print.
_SYMBOLS: Mapping[str, Status] = {
    "x": Status.SUPPRESSED,
    ".": Status.NOT_APPLICABLE,
    "..": Status.NOT_AVAILABLE,
    "-": Status.ROUNDS_TO_ZERO,
}


def _in_convention(row: Mapping[str, str], year: str) -> Mapping[str, str]:
    level = "Local authority" if row["LA_name"].strip() else "Regional" if row["Region_name"].strip() else "National"
    named = {ours: row[theirs] for theirs, ours in _GEOGRAPHY.items()}
    region = "East of England" if row["Region_name"].strip() == "East" else row["Region_name"]
    return {**named, "region_name": region, "geographic_level": level, "time_period": year}


def _of_2015(row: Mapping[str, str]) -> Mapping[str, str]:
    return _in_convention(row, "2015")


def _of_2016(row: Mapping[str, str]) -> Mapping[str, str]:
    return _in_convention(row, "2016")


def _layout(year: str, named: list[tuple[str, Indicator]]) -> FilteredLayout:
    return FilteredLayout(
        name=f"workforce of {year}, experimental",
        columns=(*_GEOGRAPHY, *(column for column, _ in named)),
        geography=tuple(_GEOGRAPHY),
        measures=tuple(Measure(column, each.key, ceiling=ceiling_of(each)) for column, each in named),
        symbols=_SYMBOLS,
        takes_thousands=True,
        row_kind=_STOCK,
        has_more=True,
        series=year,
    )


LAYOUTS: tuple[Layout, ...] = (
    replace(
        _layout("2015", [(f"{column}_2015", each) for column, each in (*_FTE, *_PEOPLE, *_OF_2015)]),
        in_convention=_of_2015,
    ),
    replace(
        _layout("2016", [*((f"{column}_2016", each) for column, each in (*_FTE, *_PEOPLE)), *_OF_2016]),
        in_convention=_of_2016,
        has_joint_under_member=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one of the two files.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    opened = open_table(path, LAYOUTS)
    # The columns that are read stand among many others, in an order of their own.
    return read_opened(replace(opened, notes=()), register, source=SOURCE, indicators=INDICATORS)
