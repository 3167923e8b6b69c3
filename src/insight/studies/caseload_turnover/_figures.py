"""Published figures by unit and year, as every page shows them, in plain types that a store can remember."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.core.missing import Status
from insight.core.panel import Panel
from insight.studies.caseload_turnover._frame import Frame

CASELOAD, TURNOVER = "caseload_fte", "turnover_opening"
SHOWN = (
    CASELOAD,
    "cases",
    "inpost_fte",
    "inpost_fte_lag1",
    "leavers_fte",
    "starters_headcount",
    "leavers_headcount",
    "turnover_published",
    TURNOVER,
)
VALUE = Status.VALUE.value
_BEFORE = "__year_before"

Series = list[tuple[int, float | None, float | None]]


def year_before(measure: str) -> str:
    """The column with a measure's number of the year before; missing where the two may not be compared."""
    return f"{measure}{_BEFORE}"


@dataclass(frozen=True, eq=False)
class Figures:
    """What pages show of the published figures.

    Parameters
    ----------
    columns : dict of str to array
        One place per unit and year, in order of unit and year: ``area, time_period, flag, is_tiny``, the measures of
        ``SHOWN`` with ``__status`` and ``__symbol``, and caseload and turnover of the year before (`year_before`).
    spans : dict of str to (int, int)
        Where the rows of each unit begin and end.
    together : dict of str to list of (year, caseload, turnover)
        The nation and the regions: caseload as published, turnover over the units with both numbers.
    place_years : dict of str to int
        The newest year in which a unit has a place among the others; units without one are not in it.
    first_year, last_year : int
        First and last year of turnover.
    """

    columns: dict[str, NDArray[Any]]
    spans: dict[str, tuple[int, int]]
    together: dict[str, Series]
    place_years: dict[str, int]
    first_year: int
    last_year: int

    def of(self, area: str) -> pd.DataFrame:
        """The rows of one unit, by year; none where it has none."""
        start, stop = self.spans.get(area, (0, 0))
        return pd.DataFrame({name: values[start:stop] for name, values in self.columns.items()})

    def at(self, places: list[int], measures: Iterable[str]) -> pd.DataFrame:
        """Some measures at these places, each with ``__status`` and ``__symbol``."""
        names = [f"{measure}{end}" for measure in measures for end in ("", "__status", "__symbol")]
        return pd.DataFrame({name: self.columns[name][places] for name in names})

    def last_year_of(self, area: str) -> int | None:
        """The newest year of a unit, or None where it has no row."""
        span = self.spans.get(area)
        return None if span is None else int(self.columns["time_period"][span[1] - 1])

    def as_plain(self) -> dict[str, Any]:
        """Plain JSON types; of statuses and symbols, only those of cells that have no ordinary value."""
        columns = self.columns
        hidden = {}
        for key in SHOWN:
            status, symbol = columns[f"{key}__status"], columns[f"{key}__symbol"]
            cells = enumerate(zip(status, symbol, strict=True))
            hidden[key] = [[place, *cell] for place, cell in cells if cell != (VALUE, "")]
        numbers = (*SHOWN, *(year_before(key) for key in (CASELOAD, TURNOVER)))
        return {
            "words": {name: columns[name].tolist() for name in ("area", "flag")},
            "years": columns["time_period"].tolist(),
            "is_tiny": columns["is_tiny"].tolist(),
            "numbers": {name: [_or_none(n) for n in columns[name].tolist()] for name in numbers},
            "hidden": hidden,
            "together": {code: [list(row) for row in rows] for code, rows in self.together.items()},
            "place_years": self.place_years,
            "first_year": self.first_year,
            "last_year": self.last_year,
        }

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> Figures:
        """The inverse of :meth:`as_plain`."""
        several = len(plain["years"])
        columns: dict[str, NDArray[Any]] = {
            **{name: np.array(values, dtype=object) for name, values in plain["words"].items()},
            "time_period": np.array(plain["years"], dtype=np.int64),
            "is_tiny": np.array(plain["is_tiny"], dtype=bool),
            **{name: np.array(values, dtype=np.float64) for name, values in plain["numbers"].items()},
        }
        for key, cells in plain["hidden"].items():
            status, symbol = np.full(several, VALUE, dtype=object), np.full(several, "", dtype=object)
            for place, state, sign in cells:
                status[place], symbol[place] = state, sign
            columns |= {f"{key}__status": status, f"{key}__symbol": symbol}
        together = {code: [tuple(row) for row in rows] for code, rows in plain["together"].items()}
        return cls(
            columns, _spans(plain["words"]["area"]), together, plain["place_years"], plain["first_year"],
            plain["last_year"],
        )  # fmt: skip


def figures_of(panel: Panel, frame: Callable[[], Frame]) -> Figures:
    """The figures behind the pages, gathered once per store; they do not depend on the lag.

    Parameters
    ----------
    panel : Panel
    frame : function that gives the analysis frame
        Called only where the store does not remember the figures yet.
    """
    return Figures.of_plain(panel.remember("caseload_turnover_figures", {}, lambda: _gather(panel, frame()).as_plain()))


def _gather(panel: Panel, frame: Frame) -> Figures:
    levels = frame.levels
    columns: dict[str, NDArray[Any]] = {
        "area": levels["area"].to_numpy(dtype=object),
        "time_period": levels["time_period"].to_numpy(dtype=np.int64),
        "flag": levels["flag"].to_numpy(dtype=object),
        "is_tiny": levels["is_tiny"].to_numpy(dtype=bool),
    }
    for key in SHOWN:
        columns[key] = levels[key].to_numpy(dtype=np.float64)
        columns[f"{key}__status"] = levels[f"{key}__status"].to_numpy(dtype=object)
        symbol = levels[f"{key}__symbol"] if f"{key}__symbol" in levels else pd.Series("", index=levels.index)
        columns[f"{key}__symbol"] = symbol.to_numpy(dtype=object)
    for key in (CASELOAD, TURNOVER):
        columns[year_before(key)] = _year_before(levels, key)
    regions = [region.code for region in panel.register.regions]
    return Figures(
        columns=columns,
        spans=_spans(columns["area"].tolist()),
        together={code: _together(panel, frame, code) for code in (panel.register.nation.code, *regions)},
        place_years=_place_years(frame),
        first_year=frame.first_year,
        last_year=frame.last_year,
    )


def _spans(areas: list[str]) -> dict[str, tuple[int, int]]:
    """Where each unit's rows begin and end, of rows in order of unit."""
    spans: dict[str, tuple[int, int]] = {}
    for place, area in enumerate(areas):
        spans[area] = (spans.get(area, (place, place))[0], place + 1)
    return spans


def _year_before(levels: pd.DataFrame, measure: str) -> NDArray[np.float64]:
    """Last year's number, where both years rest on returns that look whole and the unit is not tiny."""
    whole = levels[~levels["is_tiny"] & (levels["flag"] == "") & levels[measure].notna()]
    cells = zip(whole["area"], whole["time_period"], whole[measure], strict=True)
    known = {(area, year): value for area, year, value in cells}
    keys = zip(levels["area"], levels["time_period"], strict=True)
    pairs = [known.get((area, year - 1)) if (area, year) in known else None for area, year in keys]
    return np.array(pairs, dtype=np.float64)


def _together(panel: Panel, frame: Frame, code: str) -> Series:
    """Caseload as published for the nation or a region; turnover over the units with both numbers."""
    published = panel.data[(panel.data["area"] == code) & (panel.data["indicator"] == CASELOAD)]
    caseload = published.set_index("time_period")["value"]
    rows = frame.rows if code == panel.register.nation.code else frame.rows[frame.rows["region"] == code]
    sums = rows[rows[TURNOVER].notna()].groupby("time_period")[["leavers_fte", "inpost_fte_lag1"]].sum()
    turnover = 100 * sums["leavers_fte"] / sums["inpost_fte_lag1"].where(sums["inpost_fte_lag1"] > 0)
    wide = pd.DataFrame({CASELOAD: caseload, TURNOVER: turnover})
    cells = zip(wide.index.tolist(), wide[CASELOAD].tolist(), wide[TURNOVER].tolist(), strict=True)
    return [(int(year), _or_none(cases), _or_none(leavers)) for year, cases, leavers in cells]


def _place_years(frame: Frame) -> dict[str, int]:
    newest = comparable(frame).groupby("area")["time_period"].max()
    return {str(area): int(year) for area, year in newest.items()}


def comparable(frame: Frame) -> pd.DataFrame:
    """Rows with both leavers and opening headcount, of returns that look whole: a partial one is nobody's yardstick."""
    everyone = frame.rows[~frame.rows["is_tiny"]]
    both = everyone[everyone["leavers_headcount"].notna() & (everyone["inpost_headcount_lag1"] > 0)]
    return both[both["flag"] == ""]


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
