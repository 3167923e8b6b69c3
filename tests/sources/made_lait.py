"""Small files in the layouts of the interactive tool: a dictionary of a few measures, and a long table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from insight.sources.lait import LAYOUTS as TABLES
from insight.sources.lait_dictionary import LAYOUTS as DICTIONARIES

(TABLE,) = TABLES
(DICTIONARY,) = DICTIONARIES
OWNER = "Data Owner (DO) /Supplier and Contact Details"
# number, name, region
Place = tuple[str, str, str]
LEEDS: Place = ("383", "Leeds", "Yorkshire and The Humber")
HACKNEY: Place = ("204", "Hackney", "Inner London")
KINGSTON: Place = ("314", "Kingston upon Thames", "Outer London")
RICHMOND: Place = ("318", "Richmond upon Thames", "Outer London")
OLD_DORSET: Place = ("835", "Dorset (Pre LG)", "South West")
DORSET: Place = ("838", "Dorset", "South West")
ENGLAND: Place = ("970", "England", "NA")
LONDON: Place = ("986", "London", "NA")
INNER_LONDON: Place = ("987", "London (Inner)", "NA")
# measure, years, place, value
Cell = tuple[str, str, Place, str]

MEASURE: Mapping[str, str] = {
    "Measure_code": "1",
    "Topic": "Child Protection",
    "Measure": "Rates per 10,000 of referrals",
    "Chart_title": "Rates of referrals to children's services",
    "Measure_short": "RefRate",
    "Polarity": "-",
    "y_axis_name": "Rate per 10,000",
    "state_funded_flag": "NA",
    "Table_status": "NA",
    "Description": "Referrals in the year.",
    "Last Update": "46113",
    "Next Update": "46447",
    OWNER: "DfE",
    "Methodology": "-",
    "Hyperlink(s)": "https://example.org/referrals",
    "dps": "NA",
    "Year_Type": "Financial Year",
    "No_Quartile": "NA",
}
TURNOVER: Mapping[str, str] = {
    **MEASURE,
    "Topic": "Children's Services Workforce",
    "Measure": "Turnover",
    "Chart_title": "Social worker turnover (%)",
    "Measure_short": "Turnover",
    "Polarity": "Low",
    "y_axis_name": "Turnover rate",
    "Year_Type": "Annual (end of Sept)",
}
VACANCIES: Mapping[str, str] = {
    **TURNOVER,
    "Measure": "Vacancies",
    "Chart_title": "Social worker vacancies (%)",
    "Measure_short": "Vacancies",
    "y_axis_name": "% vacancies",
}
ABSENCE: Mapping[str, str] = {
    **MEASURE,
    "Topic": "All Pupil Absence & Exclusions",
    "Measure": "Total absence",
    "Chart_title": "Total absence (%)",
    "Measure_short": "TotAbs",
    "Polarity": "Low",
    "y_axis_name": "% half days missed",
    "Year_Type": "Academic Year",
    "dps": "2",
}
CASUALTIES: Mapping[str, str] = {
    **MEASURE,
    "Topic": "Health and Wellbeing",
    "Measure": "Casualties",
    "Chart_title": "Children hurt on the road - rate",
    "Measure_short": "RTA",
    "y_axis_name": "Rate per 100,000",
    "Year_Type": "Calendar Year",
}
GAP: Mapping[str, str] = {
    **ABSENCE,
    "Measure": "Inequality gap",
    "Chart_title": "Inequality gap (%)",
    "Measure_short": "Gap",
    "y_axis_name": "% gap",
}
MEASURES = (MEASURE, TURNOVER, VACANCIES, ABSENCE, CASUALTIES, GAP)


def write_dictionary(folder: Path, rows: Sequence[Mapping[str, str]] = MEASURES, encoding: str = "utf-8") -> Path:
    """A dictionary of these measures, quoted as the publisher quotes."""
    made = io.StringIO()
    writer = csv.DictWriter(made, DICTIONARY.columns, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "dictionary.csv"
    path.write_bytes(made.getvalue().encode(encoding))
    return path


def _columns(cells: Sequence[Cell]) -> dict[str, list[str]]:
    return {
        "Short Desc": [measure for measure, _, _, _ in cells],
        "Data item": [measure.lower() for measure, _, _, _ in cells],
        "Years": [years for _, years, _, _ in cells],
        "LA and Regions": [place[1] for _, _, place, _ in cells],
        "Values": [value for _, _, _, value in cells],
        "LA Number": [place[0] for _, _, place, _ in cells],
        "Region": [place[2] for _, _, place, _ in cells],
    }


def write_parquet(folder: Path, cells: Sequence[Cell]) -> Path:
    """A long table as Parquet; the numbers of areas are floating point, as the publisher's are."""
    columns: dict[str, list[str] | list[float]] = {**_columns(cells)}
    columns["LA Number"] = [float(place[0]) for _, _, place, _ in cells]
    path = folder / "bds_long_0.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def write_text(folder: Path, cells: Sequence[Cell], separator: str = ",") -> Path:
    """The same table as text."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=separator)
    columns = _columns(cells)
    writer.writerow(TABLE.columns)
    writer.writerows(zip(*(columns[name] for name in TABLE.columns), strict=True))
    path = folder / "bds_long.csv"
    path.write_text(made.getvalue(), encoding="utf-8", newline="")
    return path
