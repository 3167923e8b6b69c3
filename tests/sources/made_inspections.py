"""Small editions of the files of inspections, in the very layouts of the published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from insight.sources import ofsted_history_2023, ofsted_outcomes, ofsted_overview
from tests.sources.made_workbooks import Cell, write_ods, write_xlsx

OUTSTANDING, GOOD, INADEQUATE = "Outstanding", "Good", "Inadequate"
RI = "Requires improvement to be good"
LINK = "Ofsted Local Authority Webpage"
HISTORY = ofsted_history_2023.LAYOUTS[0].columns
LONG, WIDE = ofsted_outcomes.BY_INSPECTION.columns, ofsted_outcomes.BY_AREA.columns
OVERVIEW = ("urn", *ofsted_overview.LAYOUTS[0].columns, "inspector_name")
LATEST = (*LONG[:3], "Ofsted region", *LONG[5:7], *LONG[8:])
STANDARD = "ILACS Standard Inspection"
Row = Sequence[Cell]


def inspection(
    code: str = "E08000035",
    name: str = "Leeds",
    *,
    status: str = "Current",
    region: str = "North East, Yorkshire and the Humber",
    inspected: Cell = date(2022, 2, 21),
    published: Cell = date(2022, 4, 11),
    kind: str = STANDARD,
    grades: Sequence[str] = (OUTSTANDING, OUTSTANDING, GOOD, OUTSTANDING, ""),
) -> Row:
    """A row of the layout with a row for each inspection."""
    return (LINK, code, name, status, region, inspected, published, kind, *grades)


def write_outcomes(
    folder: Path, rows: Sequence[Row], *, year: int = 2025, latest: Sequence[Row] = (), issued: Cell = date(2025, 9, 25)
) -> Path:
    """An edition with a row for each inspection."""
    title = f"Local authority inspection judgements as at 31 March {year}"
    return write_ods(
        folder / f"outcomes {year}.ods",
        {
            "Cover": [["Local authority inspection outcomes"], ["Published on:", issued]],
            "Inspections_as_at_31_March": [[title], ["One table."], LATEST, *latest],
            "ILACS_inspection_history": [["ILACS inspection history"], ["One table."], LONG, *rows],
        },
    )


def latest_row(row: Row) -> Row:
    """The row of the table of latest grades that agrees with a row of the history."""
    return (*row[:3], row[4], *row[5:7], *row[8:])


def area_row(
    name: str,
    region: str,
    first: Sequence[Cell] = (date(2019, 7, 1), STANDARD, GOOD, GOOD, GOOD, GOOD, ""),
    second: Sequence[Cell] = ("",) * 7,
) -> Row:
    """A row of the layout with a row for each area: day, kind and five grades of each inspection."""
    return (LINK, name, region, *first, *second)


BELOW_WIDE = ofsted_outcomes.BELOW
BELOW_HISTORY = ofsted_history_2023.BELOW


def write_wide(
    folder: Path, rows: Sequence[Row], gone: Sequence[Row] = (), *, below: Sequence[str] = BELOW_WIDE, year: int = 2024
) -> Path:
    """An edition with a row for each area, and a second table of abolished ones."""
    title = f"Local authority inspection judgements as at 31 March {year}"
    latest = ["Web link", "Local authority name", "Ofsted region", "Overall effectiveness"]
    return write_ods(
        folder / f"outcomes {year}.ods",
        {
            "Cover": [["Local authority inspection outcomes"], ["Published on:", date(2024, 8, 30)]],
            "Inspections_31_March_2024": [[title], latest],
            f"ILACS_inspections_2018-{year}": [
                ["ILACS inspections"],
                ["Two tables."],
                WIDE,
                *rows,
                ["ILACS inspections of local authorities that existed before the restructure"],
                below,
                *gone,
            ],
        },
    )


def history_row(name: str, region: str, cells: Mapping[str, Cell]) -> Row:
    """A row of the history of 2009 to 2023; each cell by the beginning of its column's name."""
    row: dict[str, Cell] = dict.fromkeys(HISTORY, "")
    row |= {"Web link": LINK, "Local authority name": name, "LA region": region, "LA Authority Type": "Unitary"}
    for start, cell in cells.items():
        matching = [column for column in HISTORY if column.startswith(start)]
        assert len(matching) == 1, f"{start}: {matching}"
        row[matching[0]] = cell
    return tuple(row.values())


def write_history(
    folder: Path, rows: Sequence[Row], gone: Sequence[Row] = (), *, below: Sequence[str] = BELOW_HISTORY
) -> Path:
    """The history of 2009 to 2023, as it was issued in July 2023."""
    return write_ods(
        folder / "history.ods",
        {
            "Cover": [["Cover sheet"], ["Published on:", date(2023, 7, 6)]],
            "LA_inspections_2009-2023": [
                ["LA inspections 2009-2023"],
                ["Two tables."],
                ["Links."],
                ["Some cells are empty."],
                # The publisher breaks lines inside its headings.
                tuple(column.replace(" (OE)", "\n(OE) ") for column in HISTORY),
                *rows,
                [""],
                ["Table 11: History of inspections of local authorities that existed before the restructure"],
                below,
                *gone,
            ],
        },
    )


def overview_row(
    code: str = "E08000035",
    number: str = "383",
    name: str = "leeds",
    *,
    kind: str = "standard",
    inspected: str = "21/02/2022",
    published: str = "11/04/22",
    grades: Sequence[str] = ("outstanding", "outstanding", "good", "outstanding", "inspection_pre_dates_judgement"),
) -> Row:
    """A row of the overview."""
    return ("80500", number, code, name, kind, inspected, published, *grades, "a name")


def write_overview(folder: Path, rows: Sequence[Row]) -> Path:
    """The overview."""
    return write_xlsx(folder / "overview.xlsx", {"ofsted_cs_inspections_overview": [OVERVIEW, *rows]})
