"""Second opinions on published files: what the Local Authority Interactive Tool shows for the same thing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from insight.core.register import Register
from insight.sources import Reading, source_of

ENGLAND = "E92000001"
_TABLE = "published/dfe/lait/bds_long_0.parquet"


@dataclass(frozen=True)
class Published:
    """The real files of the department, each read once."""

    folder: Path
    register: Register

    def reading(self, name: str) -> Reading:
        """A file by its name within the department's folder."""
        return _read(self.folder / "published" / "dfe" / name, self.register)

    def beside_tool(self, values: pd.DataFrame, measure: str) -> pd.DataFrame:
        """Our values of authorities and England beside the tool's, where both have one.

        Parameters
        ----------
        values : DataFrame
            ``area``, ``time_period``, ``value``.
        measure : str
            The tool's short name.
        """
        numbers = {area.code: area.old_la_code for area in self.register.areas if area.level == "authority"}
        numbers[ENGLAND] = "970"
        own = values.assign(number=values["area"].map(numbers)).dropna(subset=["number", "value"])
        tool = _tool(self.folder / _TABLE)
        tool = tool[tool["Short Desc"] == measure]
        return own.assign(number=own["number"].astype(int)).merge(
            tool.assign(number=tool["LA Number"].astype(int)),
            left_on=["number", "time_period"],
            right_on=["number", "year"],
        )


_READ: dict[Path, Reading] = {}


def _read(path: Path, register: Register) -> Reading:
    if path not in _READ:
        module = source_of(path)
        assert module is not None, "the file was not recognised"
        _READ[path] = module.read(path, register)
    return _READ[path]


@lru_cache(maxsize=1)
def _tool(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path, columns=["Short Desc", "Years", "Values", "LA Number"])
    frame["year"] = frame["Years"].map({text: _last_year(text) for text in frame["Years"].dropna().unique()})
    frame["shown"] = pd.to_numeric(frame["Values"], errors="coerce")
    return frame.dropna(subset=["LA Number", "year", "shown"])


def _last_year(text: str) -> int | None:
    plain = str(text).split(" (")[0].strip()
    pair = re.fullmatch(r"(\d{4})[-/](\d{2})", plain)
    if pair:
        return int(pair[1]) + 1
    return int(plain) if re.fullmatch(r"\d{4}", plain) else None


def part_of(reading: Reading, indicator: str, breakdown: str = "") -> pd.DataFrame:
    """One indicator and breakdown of a file."""
    rows = reading.rows
    return rows[(rows["indicator"] == indicator) & (rows["breakdown"] == breakdown)]


def england(reading: Reading, indicator: str, year: int, breakdown: str = "") -> float:
    """England's value."""
    rows = part_of(reading, indicator, breakdown)
    return float(rows.loc[(rows["area"] == ENGLAND) & (rows["time_period"] == year), "value"].item())
