"""Children's social work workforce: staff, leavers, agency workers, vacancies, caseloads and absence of authorities.

Published each spring by the Department for Education for 30 September of the year before. Rates are printed from
unrounded counts, and regional rates from every member's return even where a member's own figure is withheld.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.indicator import Direction, Indicator, Unit
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import ees_layout, read_panel
from insight.sources._layout import Layout, Measure
from insight.sources._reading import Reading

SOURCE = Source(
    key="workforce",
    publisher="Department for Education",
    title="Children's social work workforce",
    address="https://explore-education-statistics.service.gov.uk/find-statistics/children-s-social-work-workforce",
    licence="Open Government Licence v3.0",
    known_problems=(
        "National and regional totals contain replaced returns where an authority's own row is withheld.",
        "Kingston upon Thames and Richmond upon Thames make one return; so do the two Northamptonshires from 2021.",
        "Kensington and Chelsea and Westminster gave no figures for 2025; last year's stand in the totals.",
        "The North East's turnover for 2024 is printed as 14.0 and its own columns give 12.6: Sunderland's leavers are "
        "withheld.",
    ),
)
_FLOW, _STOCK = PeriodKind.YEAR_TO_SEPTEMBER, PeriodKind.AT_SEPTEMBER
_FTE = "Full-time equivalents: two half-time workers count as one."
_HEADS = "Headcount: each person counts as one, whatever the hours."
_REVISED = "Rates of 2017 to 2020 were revised after they were first published."
_MOVES = "Moves within the authority do not count as leaving."


def _made(
    key: str,
    title: str,
    unit: Unit,
    when: PeriodKind,
    *caveats: str,
    of: tuple[str, str] | None = None,
    direction: Direction = "neither",
) -> Indicator:
    is_total = of is None and unit in ("fte", "count", "days")
    whole = unit == "count"
    return Indicator(
        key=key,
        title=title,
        unit=unit,
        direction=direction,
        period_kind=when,
        source=SOURCE.key,
        numerator=of[0] if of else None,
        denominator=of[1] if of else None,
        additive=is_total,
        rounding=0.1 if is_total and not whole else 0.0,
        decimals=0 if whole else 1,
        caveats=caveats,
    )


INDICATORS: tuple[Indicator, ...] = (
    _made("inpost_fte", "Social workers in post (FTE)", "fte", _STOCK, _FTE),
    _made("inpost_headcount", "Social workers in post (people)", "count", _STOCK, _HEADS),
    _made("starters_fte", "Social workers who started in the year (FTE)", "fte", _FLOW, _FTE),
    _made("starters_headcount", "Social workers who started in the year (people)", "count", _FLOW, _HEADS),
    _made("leavers_fte", "Social workers who left in the year (FTE)", "fte", _FLOW, _FTE, _MOVES),
    _made("leavers_headcount", "Social workers who left in the year (people)", "count", _FLOW, _HEADS, _MOVES),
    _made(
        "turnover_rate_fte",
        "Turnover: social workers who left in the year, of those in post at its end (FTE)",
        "percent",
        _FLOW,
        _MOVES,
        _REVISED,
        of=("leavers_fte", "inpost_fte"),
        direction="lower",
    ),
    _made(
        "turnover_rate_headcount",
        "Turnover: social workers who left in the year, of those in post at its end (people)",
        "percent",
        _FLOW,
        _MOVES,
        _REVISED,
        of=("leavers_headcount", "inpost_headcount"),
        direction="lower",
    ),
    _made("agency_fte", "Agency social workers (FTE)", "fte", _STOCK, _FTE, direction="lower"),
    _made("agency_headcount", "Agency social workers (people)", "count", _STOCK, _HEADS, direction="lower"),
    _made(
        "agency_rate_fte",
        "Agency rate: agency workers, of agency workers and staff in post (FTE)",
        "percent",
        _STOCK,
        "Some authorities report exactly 0.",
        direction="lower",
    ),
    _made(
        "agency_rate_headcount",
        "Agency rate: agency workers, of agency workers and staff in post (people)",
        "percent",
        _STOCK,
        "Some authorities report exactly 0.",
        direction="lower",
    ),
    _made(
        "agency_cover_fte", "Agency social workers who cover vacancies (FTE)", "fte", _STOCK, _FTE, direction="lower"
    ),
    _made(
        "agency_cover_rate_fte",
        "Agency social workers who cover vacancies, of all agency social workers (FTE)",
        "percent",
        _STOCK,
        "Withheld where cover is reported as larger than the agency staff.",
        of=("agency_cover_fte", "agency_fte"),
        direction="lower",
    ),
    _made("vacancy_fte", "Vacancies (FTE)", "fte", _STOCK, _FTE, direction="lower"),
    _made(
        "vacancy_rate_fte",
        "Vacancy rate: vacancies, of vacancies and staff in post (FTE)",
        "percent",
        _STOCK,
        direction="lower",
    ),
    _made(
        "vacancy_agency_cover_rate_fte",
        "Vacancies covered by agency workers (FTE)",
        "percent",
        _STOCK,
        "Above 100 in the release of 2022 where cover was reported as larger than the vacancies; withheld since.",
        of=("agency_cover_fte", "vacancy_fte"),
    ),
    _made("case_holders_fte", "Social workers who hold cases (FTE)", "fte", _STOCK, _FTE),
    _made("cases", "Cases held", "count", _STOCK),
    _made(
        "caseload_fte",
        "Average caseload of social workers who hold cases (FTE)",
        "cases per worker",
        _STOCK,
        "An average over the workers who hold cases; it says nothing of how the cases are spread.",
        of=("cases", "case_holders_fte"),
        direction="lower",
    ),
    _made("working_days_lost_fte", "Working days lost to sickness (FTE)", "days", _FLOW, direction="lower"),
    _made(
        "absence_rate_fte",
        "Sickness absence: days lost, of the days that could be worked (FTE)",
        "percent",
        _FLOW,
        "The printed rates fit 253 working days a year.",
        direction="lower",
    ),
)


def _measures(columns: dict[str, str], unbounded: frozenset[str] = frozenset()) -> list[Measure]:
    percent = {indicator.key for indicator in INDICATORS if indicator.unit == "percent"}
    return [
        Measure(column, key, ceiling=100.0 if key in percent - unbounded else None) for column, key in columns.items()
    ]


_HEADLINE = {
    "social_worker_fte": "inpost_fte",
    "leaver_fte": "leavers_fte",
    "turnover_rate_fte_%": "turnover_rate_fte",
    "working_days_lost_fte": "working_days_lost_fte",
    "absence_rate_fte_%": "absence_rate_fte",
    "agency_fte": "agency_fte",
    "agency_worker_rate_fte_%": "agency_rate_fte",
    "agency_cover_fte": "agency_cover_fte",
    "agency_cover_rate_fte_%": "agency_cover_rate_fte",
    "vacancy_fte": "vacancy_fte",
    "vacancy_rate_fte_%": "vacancy_rate_fte",
    "vacancy_agency_cover_rate_fte_%": "vacancy_agency_cover_rate_fte",
    "case_holders_fte": "case_holders_fte",
    "cases": "cases",
    "caseload_fte": "caseload_fte",
    "social_worker_headcount": "inpost_headcount",
    "leaver_headcount": "leavers_headcount",
    "turnover_rate_headcount_%": "turnover_rate_headcount",
    "agency_headcount": "agency_headcount",
    "agency_worker_rate_headcount_%": "agency_rate_headcount",
}

LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "workforce indicators, from the 2025 release",
        _measures({indicator.key: indicator.key for indicator in INDICATORS}),
    ),
    # Here a joint return stands in its first member's row, a share of nothing is printed as 0, and vacancies may be
    # covered more than once.
    ees_layout(
        "workforce headline measures, to the 2022 release",
        _measures(_HEADLINE, unbounded=frozenset({"vacancy_agency_cover_rate_fte"})),
        has_joint_under_member=True,
        prints_zero_over_zero=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one workforce file.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
