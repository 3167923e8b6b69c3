"""Who was treated, from when, and who may stand for what would have happened without it.

Two doors lead here: a published programme, whose units are authorities, and an authority's own sites. Both give the
same `Design`: months in a row, one unit a line, and the part that each unit plays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from insight.core.finding import RowLeftOut
from insight.core.missing import in_words
from insight.core.panel import Panel
from insight.core.programmes import Programme
from insight.errors import NotEnoughData, UsageError

Door = Literal["programme", "sites"]
Part = Literal["treated", "donor", "contaminated", "not used"]

COUNTS: dict[Door, str] = {"programme": "referral_month_count", "sites": "site_referral_count"}
CHILDREN: dict[Door, str] = {"programme": "population_0_to_17_count", "sites": "site_child_count"}
# From April 2025 every authority in England starts, so no later month has anybody to be compared with.
LAST_MONTH = 2025 * 12 + 2
# Below this many referrals a month on average the logarithm of a change is mostly chance.
FEWEST_A_MONTH = {"programme": 10.0, "sites": 2.0}
SITES = "Sites"
REFERRALS = "referral_count"
# Shares of referrals, as part and whole: a fall of the count means little if these move with it.
COMPANIONS = {
    "no_further_action": ("no_further_action_count", "Referrals that led to no further action"),
    "rereferral": ("rereferral_count", "Referrals within 12 months of an earlier one"),
}
# Counts of their own, which end a release earlier: they are compared over the years that there are.
VOLUMES = {
    "section_47": ("section_47_count", "Section 47 enquiries"),
    "plans": ("plan_start_count", "Child protection plans started"),
}


@dataclass(frozen=True)
class Start:
    """When a unit's treatment is counted from: ``month`` as year * 12 + month - 1, and which date that is."""

    month: int
    kind: Literal["live", "funded", "announced"]
    announced: int | None


@dataclass(frozen=True, eq=False)
class Design:
    """One comparison.

    Parameters
    ----------
    door : "programme" or "sites"
    name : str
        The programme, or whose sites these are.
    cells : DataFrame
        ``unit, period, season, count, children``: one row per unit and month; ``period`` is year * 12 + month - 1,
        ``season`` 1 to 12; what is missing is NaN.
    units : DataFrame
        Indexed by unit: ``name, part, start, kind, size, why``; ``start`` is a month or missing, ``size`` the mean
        number of children, ``why`` the reason where a unit is not used or may be contaminated.
    left_out : tuple of RowLeftOut
    """

    door: Door
    name: str
    cells: pd.DataFrame
    units: pd.DataFrame
    left_out: tuple[RowLeftOut, ...]

    def of_part(self, *parts: Part) -> list[str]:
        """The units that play these parts, in their order."""
        return self.units.index[self.units["part"].isin(parts)].tolist()

    @property
    def treated(self) -> list[str]:
        """Units with a start inside the data."""
        return self.of_part("treated")

    @property
    def first_start(self) -> int:
        """The earliest start."""
        return int(self.units.loc[self.treated, "start"].min())

    @property
    def is_selection(self) -> bool:
        """Whether any start is a date before the work went live."""
        return bool((self.units.loc[self.treated, "kind"] != "live").any())

    @property
    def last(self) -> int:
        """The last month with a count."""
        return int(self.cells.loc[self.cells["count"].notna(), "period"].max())


def month_number(date: str) -> int:
    """A month or day in ISO form as year * 12 + month - 1.

    >>> month_number("2023-07-26") - month_number("2023-07")
    0
    """
    found = re.match(r"(\d{4})-(\d{2})", date)
    if found is None:
        raise UsageError(f"reading the date {date[:20]!r}", found="no year and month", todo="write for example 2023-07")
    return int(found[1]) * 12 + int(found[2]) - 1


def month_words(month: int) -> str:
    """A month in words.

    >>> month_words(month_number("2023-07"))
    'July 2023'
    """
    return f"{pd.Timestamp(year=month // 12, month=month % 12 + 1, day=1):%B %Y}"


def start_of(programme: Programme) -> Start | None:
    """Going live if that is known, else being funded, else being announced; None where no date is known."""
    announced = month_number(programme.announced) if programme.announced else None
    for kind, date in (("live", programme.live), ("funded", programme.funded), ("announced", programme.announced)):
        if date:
            return Start(month_number(date), kind, announced)  # type: ignore[arg-type]  # one of the three literals
    return None


def programme_design(panel: Panel, name: str = "") -> Design:
    """The design of a published programme.

    Parameters
    ----------
    panel : Panel
        With referrals by month; children where there are any; programmes.
    name : str
        As in the file of programmes; "" for the first whose start lies inside the months.

    Raises
    ------
    UsageError
        If there is no such programme, naming those there are.
    NotEnoughData
        If there are no months, or no programme starts inside them.
    """
    cells = authority_cells(panel)
    months = (int(cells["period"].min()), int(cells.loc[cells["count"].notna(), "period"].max()))
    name = name or _first_inside(panel, months)
    if name not in panel.programmes.names():
        raise UsageError(
            f"looking for the programme {name[:60]!r}",
            found=f"a file of programmes with {', '.join(panel.programmes.names()) or 'none'}",
            todo="set programme= to one of them",
        )
    own = {each.area: start_of(each) for each in panel.programmes.of(name)}
    others: dict[str, list[str]] = {}
    for each in panel.programmes.all:
        if each.programme not in (name, SITES):
            others.setdefault(each.area, []).append(each.programme)
    rows = []
    for area, part in cells.groupby("unit", sort=True):
        code = str(area)
        start = own.get(code)
        rows.append(_unit(code, panel.register.get(code).name, part, code in own, start, others.get(code, []), months))
    for code in sorted(set(own) - set(cells["unit"])):
        rows.append({**_blank(code, panel.register.get(code).name), "why": "no referrals by month"})
    _require_inside(name, own, rows, months)
    return _made("programme", name, cells, rows, panel)


def _require_inside(
    name: str, own: dict[str, Start | None], rows: list[dict[str, object]], months: tuple[int, int]
) -> None:
    """Stop in words where no area of a programme starts inside the months."""
    if any(row["part"] == "treated" for row in rows):
        return
    starts = sorted({month_words(start.month) for start in own.values() if start is not None})
    raise NotEnoughData(
        f"comparing {name} by month",
        found=f"months from {month_words(months[0])} to {month_words(months[1])}, and "
        + (f"a start in {', '.join(starts)}" if starts else "no start that is known"),
        todo="see the years instead, wait for the next release, or add the date to programmes.csv",
    )


def site_design(panel: Panel, area: str | None = None) -> Design:
    """The design of an authority's own sites; without an area, of the only file there is.

    Raises
    ------
    NotEnoughData
        If there is no file of sites, or none of this authority.
    """
    if COUNTS["sites"] not in panel.indicators:
        raise NotEnoughData(
            "comparing sites",
            found="no file of sites in the raw folder",
            todo="put a CSV with the columns site, month, referrals, children, start there, and build again",
        )
    cells = _site_cells(panel, area)
    months = (int(cells["period"].min()), int(cells.loc[cells["count"].notna(), "period"].max()))
    owner = str(cells["owner"].iloc[0])
    starts = {
        each.site: start_of(each) for each in panel.programmes.all if (each.programme, each.area) == (SITES, owner)
    }
    rows = [
        _unit(str(site), str(site), part, str(site) in starts, starts.get(str(site)), [], months)
        for site, part in cells.groupby("unit", sort=True)
    ]
    return _made("sites", panel.register.get(owner).name, cells.drop(columns="owner"), rows, panel)


def _first_inside(panel: Panel, months: tuple[int, int]) -> str:
    for name in panel.programmes.names():
        starts = [start_of(each) for each in panel.programmes.of(name)]
        if name != SITES and any(start and months[0] < start.month <= months[1] for start in starts):
            return name
    raise NotEnoughData(
        "choosing a programme",
        found=f"no programme that starts between {month_words(months[0])} and {month_words(months[1])}",
        todo="add one to programmes.csv, with its areas and at least the month in which it was announced",
    )


def authority_cells(panel: Panel, *, area: str | None = None) -> pd.DataFrame:
    """Referrals by month and children, of every authority or of one: ``unit, period, season, count, status, children``.

    Raises
    ------
    NotEnoughData
        If there are no referrals by month, or none with a number before April 2025.
    """
    if COUNTS["programme"] not in panel.indicators:
        raise NotEnoughData(
            "comparing authorities by month",
            found="no referrals by month in the store",
            todo="put the publisher's file of referrals by month into the raw folder, and build again",
        )
    counts = _local(panel, COUNTS["programme"], area)
    cells = pd.DataFrame({"unit": counts["area"].astype(str), "period": _index(counts["time_period"])})
    cells["count"], cells["status"] = counts["value"].to_numpy(), counts["status"].to_numpy()
    cells["children"] = float("nan")
    if CHILDREN["programme"] in panel.indicators:
        children = _local(panel, CHILDREN["programme"], area)
        known = children.set_index(["area", "time_period"])["value"]
        # The year to March t is taken over the middle of t - 1, as the publisher's own rates are.
        middle = (cells["period"] - 3) // 12
        cells["children"] = known.reindex(pd.MultiIndex.from_arrays([cells["unit"], middle])).to_numpy()
    return _in_time(cells)


def _local(panel: Panel, key: str, area: str | None) -> pd.DataFrame:
    """Rows of an indicator at authorities and joint returns, or at one of them."""
    if area is None:
        return panel.select(key, level=("authority", "joint")).data
    return panel.data[(panel.data["indicator"] == key) & (panel.data["area"] == area)]


def _site_cells(panel: Panel, area: str | None) -> pd.DataFrame:
    counts = panel.data[panel.data["indicator"] == COUNTS["sites"]]
    nobody = panel.register.nation.code
    owners = sorted(set(counts["area"]))
    wanted = [owner for owner in owners if area in (None, owner)] or [owner for owner in owners if owner == nobody]
    if len(wanted) != 1:
        asked = "no authority was named" if area is None else f"none is of {panel.register.get(area).name}"
        whose = ", ".join(panel.register.get(owner).name for owner in owners)
        raise NotEnoughData(
            "comparing the sites of one authority",
            found=f"files of sites of {whose}; {asked}",
            todo="name one of them with authority=",
        )
    counts = counts[counts["area"] == wanted[0]]
    cells = pd.DataFrame({"unit": counts["breakdown"].astype(str), "period": _index(counts["time_period"])})
    cells["count"], cells["status"] = counts["value"].to_numpy(), counts["status"].to_numpy()
    children = panel.data[(panel.data["indicator"] == CHILDREN["sites"]) & (panel.data["area"] == wanted[0])]
    known = children.set_index(["breakdown", "time_period"])["value"]
    pairs = pd.MultiIndex.from_arrays([counts["breakdown"], counts["time_period"]])
    cells["children"] = known.reindex(pairs).to_numpy()
    cells["owner"] = wanted[0]
    return _in_time(cells)


def _index(labels: pd.Series[int]) -> pd.Series[int]:
    """From YYYYMM to year * 12 + month - 1."""
    return (labels // 100) * 12 + labels % 100 - 1


def _in_time(cells: pd.DataFrame) -> pd.DataFrame:
    cells = cells[cells["period"] <= LAST_MONTH].copy()
    if not cells["count"].notna().any():
        raise NotEnoughData(
            "comparing referrals by month",
            found="no month with a number before April 2025",
            todo="check the file: from then on every authority has the reform, and nobody is left to compare with",
        )
    cells["season"] = cells["period"] % 12 + 1
    return cells.sort_values(["unit", "period"], ignore_index=True)


def _blank(code: str, name: str) -> dict[str, object]:
    return {"unit": code, "name": name, "part": "not used", "start": None, "kind": "", "announced": None, "size": 0.0}


def _unit(
    code: str,
    name: str,
    cells: pd.DataFrame,
    is_listed: bool,
    start: Start | None,
    elsewhere: list[str],
    months: tuple[int, int],
) -> dict[str, object]:
    """The part that a unit plays, and why."""
    size = cells["children"].mean() if cells["children"].notna().any() else cells["count"].mean()
    row = {**_blank(code, name), "size": float(size) if pd.notna(size) else 0.0, "why": ""}
    if is_listed and start is None:
        return {**row, "part": "contaminated", "why": "in the programme, and no start is known"}
    if start is not None and start.month > months[1]:
        why = f"it starts in {month_words(start.month)}, after the last month there is"
        return {**row, "part": "contaminated", "why": why}
    if start is not None and start.month <= months[0]:
        return {**row, "why": f"it started in {month_words(start.month)}, before the first month there is"}
    if start is not None:
        dates = {"start": start.month, "kind": start.kind, "announced": start.announced}
        return {**row, **dates, "part": "treated", "why": f"also in {' and '.join(elsewhere)}" if elsewhere else ""}
    if elsewhere:
        return {**row, "part": "contaminated", "why": f"in {' and '.join(elsewhere)}"}
    return {**row, "part": "donor"}


def _made(door: Door, name: str, cells: pd.DataFrame, rows: Iterable[dict[str, object]], panel: Panel) -> Design:
    units = pd.DataFrame(list(rows)).set_index("unit").sort_index()
    units["start"] = units["start"].astype("Int64")
    hidden = cells[cells["count"].isna()]
    left_out = tuple(
        RowLeftOut(unit, f"{period // 12}-{period % 12 + 1:02d}", f"referrals: {in_words(status)}")
        for unit, period, status in zip(hidden["unit"], hidden["period"], hidden["status"], strict=True)
    )
    if door == "sites":
        owner = panel.register.nation.code
        left_out = tuple(RowLeftOut(owner, row.period, f"{row.area}: {row.reason}") for row in left_out)
    return Design(door, name, cells[["unit", "period", "season", "count", "children"]], units, left_out)
