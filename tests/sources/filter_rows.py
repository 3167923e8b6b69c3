"""Tiny files in the real layouts with filters: real areas and categories, round figures, one text per file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from insight.sources import Layout, all_sources

LEEDS = ("Local authority", "E12000003", "Yorkshire and The Humber", "383", "E08000035", "Leeds")
BRADFORD = ("Local authority", "E12000003", "Yorkshire and The Humber", "380", "E08000032", "Bradford")
CUMBRIA = ("Local authority", "E12000002", "North West", "909", "E10000006", "Cumbria")
NORTHAMPTONSHIRE = ("Local authority", "E12000004", "East Midlands", "928", "E10000021", "Northamptonshire")
YORKSHIRE = ("Regional", "E12000003", "Yorkshire and The Humber", "", "", "")
INNER_LONDON = ("Regional", "E13000001", "Inner London", "", "", "")
Place = tuple[str, str, str, str, str, str]
Row = dict[str, str]


def layout_of(source: str, place: int = 0) -> Layout:
    """A layout of a source, by its position."""
    return all_sources()[source].LAYOUTS[place]


def filter_row(layout: Layout, place: Place = LEEDS, year: str = "2024", **cells: str) -> Row:
    """One row: every column of numbers has 10, but for those that are given."""
    level, region, region_name, old, new, name = place
    made = dict.fromkeys(layout.columns, "10") | {
        "time_period": year,
        "geographic_level": level,
        "country_code": "E92000001",
        "country_name": "England",
        "region_code": region,
        "region_name": region_name,
        "old_la_code": old,
        "new_la_code": new,
        "la_name": name,
    }
    return made | dict(layout.constants) | cells


def write_rows(folder: Path, layout: Layout, rows: Iterable[Row], name: str = "file.csv") -> Path:
    """A file in the order of its layout's columns, cells with commas in quotes."""
    lines = [layout.columns, *([row[column] for column in layout.columns] for row in rows)]
    path = folder / name
    quoted = (",".join(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines)
    path.write_text("\n".join(quoted) + "\n", encoding="utf-8")
    return path
