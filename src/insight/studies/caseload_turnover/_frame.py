"""One row per unit and year: turnover on three denominators, and what was measured before the year began."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from insight.core.finding import RowLeftOut
from insight.core.missing import Status, combine, in_words
from insight.core.panel import Panel
from insight.errors import NotEnoughData
from insight.studies._volumes import has_jumped
from insight.studies._words import number

NEEDS = (
    "caseload_fte",
    "cases",
    "case_holders_fte",
    "inpost_fte",
    "inpost_headcount",
    "leavers_fte",
    "leavers_headcount",
    "starters_headcount",
    "turnover_rate_fte",
    "agency_rate_fte",
)
MEASURES = {
    "opening": "of workers in post at the start of the year",
    "published": "of workers in post at the end of the year, as published",
    "mean_stock": "of the mean of workers in post at the start and the end",
}
# Measured on the day before the year opens, so before anybody counted as a leaver could leave.
_LAGGED = ("caseload_fte", "cases", "inpost_fte", "inpost_headcount", "agency_rate_fte")
_VOLUMES = {"cases": "cases", "inpost_headcount": "people in post"}
_REQUIRED = ("caseload_before", "leavers_fte", "inpost_fte", "inpost_fte_lag1", "turnover_rate_fte")
_TITLES = {
    "caseload_before": "caseload before the year",
    "leavers_fte": "leavers",
    "inpost_fte": "workers at the end",
    "inpost_fte_lag1": "workers at the start",
    "turnover_rate_fte": "published turnover",
}

# Below this many full-time workers one leaver moves turnover by seven points and more. In the published files it leaves
# out the Isles of Scilly and the City of London, as a rule and not by name.
TINY_FTE = 15.0
_ALONE = "its one usable year: none to compare it with"
_TOO_FEW = f"fewer than {TINY_FTE:.0f} full-time equivalent social workers in most years"


@dataclass(frozen=True)
class Frame:
    """The rows that estimates may rest on, and those that they may not.

    ``levels`` has every year, ``rows`` every year but the first, for which nothing came before. One row per unit and
    year (``area, time_period, region``), ``flag`` where one of the two returns behind it looks partial, every needed
    measure, its lags (``<key>_lag1``), the regressor ``caseload_before`` with its parts ``cases_before`` and
    ``case_holders_before``, and ``turnover_opening``, ``turnover_published`` and ``turnover_mean_stock`` in percent,
    each with its ``__status``.
    """

    levels: pd.DataFrame
    rows: pd.DataFrame
    left_out: tuple[RowLeftOut, ...]
    first_year: int
    last_year: int

    @property
    def usable(self) -> pd.DataFrame:
        """Rows with all three measures and the caseload before; tiny authorities are not among them."""
        return self.rows[self.rows["is_usable"] & ~self.rows["is_tiny"]].copy()

    @property
    def everybody(self) -> pd.DataFrame:
        """The usable rows of every authority, tiny ones included."""
        return self.rows[self.rows["is_usable"]].copy()


def analysis_frame(panel: Panel, *, lag_years: int = 1) -> Frame:
    """Lay the workforce measures out for estimation; every lag is by period.

    Parameters
    ----------
    panel : Panel
        With the indicators of ``NEEDS``, one release.
    lag_years : int
        How many years before the end of the outcome year the caseload is counted; 1 is the day before it opens.

    Raises
    ------
    NotEnoughData
        If there are fewer than two years of figures.
    """
    local = panel.select(NEEDS, level=("authority", "joint"))
    years = sorted(local.data["time_period"].unique())
    if len(years) < 2:
        raise NotEnoughData(
            "laying out caseload and turnover",
            found=f"{len(years)} year(s) of workforce figures",
            todo="build the store with a release that has at least two years",
        )
    levels = _with_turnover(_wide(local, lag_years))
    levels = levels[_is_there(levels)].sort_values(["area", "time_period"]).reset_index(drop=True)
    levels["region"] = [panel.register.get(code).region_code for code in levels["area"]]
    levels["return_flag"] = _return_flags(levels)
    levels["is_tiny"] = levels.groupby("area")["inpost_fte"].transform("median") < TINY_FTE
    levels["flag"] = _either_flag(levels)
    rows = levels[levels["time_period"] > years[0]].reset_index(drop=True)
    rows["is_usable"] = (rows[[f"{name}__status" for name in _REQUIRED]] == Status.VALUE.value).all(axis=1)
    rows["is_usable"] &= rows["inpost_fte_lag1"] > 0
    return Frame(levels, rows, _left_out(rows), int(years[1]), int(years[-1]))


def _wide(local: Panel, lag_years: int) -> pd.DataFrame:
    lagged = local
    for name in _LAGGED:
        lagged = lagged.lag(name, 1)
    lagged = lagged.lag("caseload_fte", lag_years, name="caseload_before")
    lagged = lagged.lag("cases", lag_years, name="cases_before")
    lagged = lagged.lag("case_holders_fte", lag_years, name="case_holders_before")
    lagged = lagged.lag("caseload_fte", lag_years + 1, name="caseload_two_before")
    lagged = lagged.lead("caseload_fte", 1, name="caseload_after")
    return lagged.wide()


def _with_turnover(rows: pd.DataFrame) -> pd.DataFrame:
    """Leavers of the year as a share of three stocks; a hidden part hides the share."""
    rows = rows.copy()
    rows["turnover_published"] = rows["turnover_rate_fte"]
    rows["turnover_published__status"] = rows["turnover_rate_fte__status"]
    stocks = {
        "opening": (rows["inpost_fte_lag1"], ("leavers_fte", "inpost_fte_lag1")),
        "mean_stock": (
            (rows["inpost_fte_lag1"] + rows["inpost_fte"]) / 2,
            ("leavers_fte", "inpost_fte_lag1", "inpost_fte"),
        ),
    }
    for name, (stock, parts) in stocks.items():
        share = 100 * rows["leavers_fte"] / stock.where(stock > 0)
        status = [combine(*cells).value for cells in zip(*(rows[f"{part}__status"] for part in parts), strict=True)]
        rows[f"turnover_{name}"] = share
        rows[f"turnover_{name}__status"] = [
            Status.NOT_APPLICABLE.value if state == Status.VALUE.value and pd.isna(value) else state
            for state, value in zip(status, share, strict=True)
        ]
    return rows


def _return_flags(levels: pd.DataFrame) -> list[str]:
    """Why a return looks partial, or "": one unreliable figure flags all of it, and so does a jump in its volume."""
    doubtful = [f"{name}__status" for name in NEEDS]
    flags = []
    for row in levels.to_dict("records"):
        reasons = [
            f"{words} went from {number(row[f'{name}_lag1'], 0)} to {number(row[name], 0)} in a year"
            for name, words in _VOLUMES.items()
            if has_jumped(row[f"{name}_lag1"], row[name])
        ]
        if Status.LOW_RELIABILITY.value in [row[column] for column in doubtful]:
            reasons.append("part of it was withheld as unreliable")
        flags.append(f"the {row['time_period']} return: {'; '.join(reasons)}" if reasons else "")
    return flags


def _either_flag(levels: pd.DataFrame) -> list[str]:
    """A year rests on two returns: the one that opens it and the one that closes it."""
    known = dict(zip(zip(levels["area"], levels["time_period"], strict=True), levels["return_flag"], strict=True))
    pairs = zip(levels["area"], levels["time_period"], strict=True)
    return [known.get((area, year - 1), "") or known[area, year] for area, year in pairs]


def _is_there(rows: pd.DataFrame) -> pd.Series[bool]:
    """Whether the publisher has a row for this unit and year, hidden or not; lags alone make no row."""
    return rows["leavers_fte__status"] != Status.NO_ROW.value


def _left_out(rows: pd.DataFrame) -> tuple[RowLeftOut, ...]:
    years = rows[rows["is_usable"] & ~rows["is_tiny"]]["area"].value_counts()
    alone = set(years.index[years == 1])
    out = []
    for row in rows.to_dict("records"):
        if row["is_tiny"]:
            out.append(RowLeftOut(row["area"], str(row["time_period"]), _TOO_FEW))
        elif not row["is_usable"]:
            reasons = [
                f"{_TITLES[name]}: {in_words(row[f'{name}__status'])}"
                for name in _REQUIRED
                if row[f"{name}__status"] != Status.VALUE.value
            ]
            out.append(RowLeftOut(row["area"], str(row["time_period"]), "; ".join(reasons) or "nobody in post"))
        elif row["area"] in alone:
            out.append(RowLeftOut(row["area"], str(row["time_period"]), _ALONE))
    return tuple(out)
