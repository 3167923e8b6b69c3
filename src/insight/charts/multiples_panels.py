"""The members of small multiples: a series each, the range of the others behind it, and their rows in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.charts.sheets import Floats, Scale
from insight.core.missing import Status
from insight.errors import NotDisplayable

Order = Literal["name", "value", "given"]


@dataclass(frozen=True, eq=False)
class Panel:
    """One member: a value, or none and its reason, for each period."""

    series: str
    values: Floats
    statuses: tuple[str, ...]

    @property
    def last(self) -> int | None:
        """Place of its last value."""
        there = np.flatnonzero(np.isfinite(self.values))
        return int(there[-1]) if len(there) else None


def panels_of(data: pd.DataFrame, *, periods: Sequence[int], order: Order, name: str) -> list[Panel]:
    """Every series with a value or a reason for each period, in order.

    Raises
    ------
    NotDisplayable
        If a series has two rows of one period.
    """
    rows = data.astype({"time_period": int})
    if (repeated := int(rows.duplicated(["series", "time_period"]).sum())) > 0:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"{repeated} repeated row(s) of one series and period",
            todo="give one row for each series and period",
        )
    made = []
    for series, own in rows.groupby("series", sort=False):
        whole = own.set_index("time_period").reindex(list(periods))
        given = whole["status"].astype(object)
        why = given.where(given.notna(), Status.NO_ROW.value)
        made.append(Panel(str(series), whole["value"].to_numpy(dtype=float), tuple(map(str, why))))
    if order == "name":
        made.sort(key=lambda panel: panel.series)
    elif order == "value":
        made.sort(key=lambda panel: (-_last_value(panel), panel.series))
    return made


def _last_value(panel: Panel) -> float:
    return -np.inf if panel.last is None else float(panel.values[panel.last])


def band_shapes(others: Floats, *, x: Floats, up: Scale) -> list[Floats]:
    """The others' range as closed shapes, one for each run of periods in which any of them has a value."""
    there: NDArray[np.bool_] = np.asarray(np.isfinite(others).any(axis=0), dtype=bool)
    made = []
    for run in np.split(np.arange(len(x)), np.flatnonzero(np.diff(there.astype(int))) + 1):
        if len(run) > 1 and there[run[0]]:
            low, high = up.at(np.nanmin(others[:, run], axis=0)), up.at(np.nanmax(others[:, run], axis=0))
            edge = np.concatenate([x[run], x[run][::-1]])
            made.append(np.column_stack([edge, np.concatenate([high, low[::-1]])]))
    return made


def side_by_side(panels: Sequence[Panel], *, periods: Sequence[int]) -> pd.DataFrame:
    """A row for each member, a column for each period."""
    out: dict[str, Any] = {"series": [panel.series for panel in panels]}
    for place, period in enumerate(periods):
        out[f"v{period}"] = [float(panel.values[place]) for panel in panels]
        out[f"v{period}__status"] = [panel.statuses[place] for panel in panels]
    return pd.DataFrame(out)
