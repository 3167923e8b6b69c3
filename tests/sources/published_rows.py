"""Tiny files in the real layouts: rows of real areas with round figures, made from the layouts' own columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from insight.sources import Layout, all_sources

WORKFORCE, HEADLINE = all_sources()["workforce"].LAYOUTS
REFERRALS, REFERRALS_2024 = all_sources()["referrals"].LAYOUTS
(POPULATION,) = all_sources()["child_population"].LAYOUTS
(MONTHS,) = all_sources()["referrals_by_month"].LAYOUTS
(SOURCES,) = all_sources()["referrals_by_source"].LAYOUTS
NEIGHBOURS, NEIGHBOURS_2021 = all_sources()["statistical_neighbours"].LAYOUTS

# region code, region name, old code, new code, name
ENGLAND = ("", "", "", "", "")
LEEDS = ("E12000003", "Yorkshire and The Humber", "383", "E08000035", "Leeds")
BRADFORD = ("E12000003", "Yorkshire and The Humber", "380", "E08000032", "Bradford")
YORKSHIRE = ("E12000003", "Yorkshire and The Humber", "", "", "")
BARNSLEY_THEN = ("E12000003", "Yorkshire and The Humber", "370", "E08000016", "Barnsley")
BARNSLEY_NOW = ("E12000003", "Yorkshire and The Humber", "370", "E08000038", "Barnsley")
LONDON = ("E12000007", "London", "", "", "")
INNER_LONDON = ("E13000001", "Inner London", "", "", "")
HACKNEY = ("E13000001", "Inner London", "204", "E09000012", "Hackney")
KINGSTON = ("E13000002", "Outer London", "314", "E09000021", "Kingston upon Thames")
RICHMOND = ("E13000002", "Outer London", "318", "E09000027", "Richmond upon Thames")
KINGSTON_AND_RICHMOND = (
    "E13000002",
    "Outer London",
    "314 / 318",
    "E09000021 / E09000027",
    "Kingston upon Thames / Richmond upon Thames",
)
CUMBRIA = ("E12000002", "North West", "909", "E10000006", "Cumbria")
CUMBERLAND = ("E12000002", "North West", "942", "E06000063", "Cumberland")
NORTHAMPTONSHIRE = ("E12000004", "East Midlands", "928", "E10000021", "Northamptonshire")
BIRMINGHAM = ("E12000005", "West Midlands", "330", "E08000025", "Birmingham")

FIGURES = {
    "inpost_fte": "100",
    "inpost_headcount": "110",
    "starters_fte": "12",
    "starters_headcount": "13",
    "leavers_fte": "10",
    "leavers_headcount": "11",
    "turnover_rate_fte": "10",
    "turnover_rate_headcount": "10",
    "agency_fte": "20",
    "agency_headcount": "21",
    "agency_rate_fte": "16.7",
    "agency_rate_headcount": "16",
    "agency_cover_fte": "10",
    "agency_cover_rate_fte": "50",
    "vacancy_fte": "20",
    "vacancy_rate_fte": "16.7",
    "vacancy_agency_cover_rate_fte": "50",
    "case_holders_fte": "60",
    "cases": "900",
    "caseload_fte": "15",
    "working_days_lost_fte": "800",
    "absence_rate_fte": "3.2",
    "referral_count": "1000",
    "referral_rate_per_10k": "500.3",
    "rereferral_count": "200",
    "rereferral_percent": "20",
    "no_further_action_count": "50",
    "no_further_action_percent": "5",
    "not_in_need_count": "300",
    "not_in_need_percent": "30",
    "referral_child_count": "900",
    "referral_child_rate_per_10k": "450.1",
    "rereferral_child_count": "180",
    "rereferral_child_percent": "20",
    "population_0_to_17_count": "150000",
}
Row = dict[str, str]


def row(layout: Layout, place: tuple[str, ...] = LEEDS, year: int | str = 2024, **cells: str) -> Row:
    """One row of a layout; ``cells`` are given by indicator or by column."""
    level = "Local authority" if place[4] else "Regional" if place[0] else "National"
    geography = (str(year), "Reporting year", level, "E92000001", "England", *place)
    made = dict(zip(layout.geography, geography, strict=True)) | dict(layout.constants)
    made |= {measure.column: cells.get(measure.indicator, FIGURES[measure.indicator]) for measure in layout.measures}
    return made | {column: text for column, text in cells.items() if column in made}


def text_of(columns: Sequence[str], rows: Iterable[Row], *, separator: str = ",", end: str = "\n") -> str:
    """Rows as the text of a file."""
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, columns, delimiter=separator, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


def write(
    folder: Path,
    layout: Layout,
    rows: Iterable[Row],
    *,
    name: str = "file.csv",
    separator: str = ",",
    end: str = "\n",
    encoding: str = "utf-8",
    columns: Sequence[str] = (),
) -> Path:
    """A file in a layout."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = text_of(columns or layout.columns, rows, separator=separator, end=end)
    path.write_bytes(text.encode(encoding))
    return path


def neighbour_row(layout: Layout, code: str, name: str, neighbours: Sequence[str]) -> list[str]:
    """One row of a model of neighbours, all of them "Very close"."""
    where = [code, name, "3", "London"] if layout is NEIGHBOURS else [code, name, code, "3", "London (Inner)"]
    return where + [cell for neighbour in neighbours for cell in (neighbour, "Very close ")]


def month_row(place: tuple[str, ...] = LEEDS, year: int = 2024, whole: str = "1200", **months: str) -> Row:
    """One row of referrals by month, 100 in each."""
    level = "Local authority" if place[4] else "Regional" if place[0] else "National"
    geography = (str(year), "Reporting year", level, "E92000001", "England", *place)
    made = dict(zip(MONTHS.geography, geography, strict=True)) | {"category": "Month of referral", "Referrals": whole}
    return made | {measure.column: "100" for measure in MONTHS.measures} | months


def source_row(place: tuple[str, ...] = LEEDS, whole: str = "110", **parts: str) -> Row:
    """One row of referrals by source, 10 from each."""
    made = month_row(place) | {"category": "Source of referral", "Referrals": whole}
    return {name: made[name] for name in (*SOURCES.geography, "category", "Referrals")} | {
        name: parts.get(name, "10") for name in (measure.column for measure in SOURCES.measures)
    }
