"""Small files of sites and of programmes, as an analyst writes them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

SITES = ("site", "month", "referrals", "children", "start")
PROGRAMMES = ("programme", "area", "announced", "funded", "live", "what_it_is", "source")


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], *, separator: str = ",") -> Path:
    """A file with a header and rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows([header, *rows])
    return path


def programme(name: str = "Pilot", area: str = "Leeds", **cells: str) -> list[str]:
    """One row of a file of programmes."""
    made = {"programme": name, "area": area, "announced": "2023-07-26", "funded": "2023-07", "source": "a paper"}
    return [(made | cells).get(column, "") for column in PROGRAMMES]
