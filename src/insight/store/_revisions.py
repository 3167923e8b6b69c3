"""What a publisher changed between two releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from insight.core.indicator import Indicator
from insight.core.joins import join
from insight.core.missing import Status
from insight.core.register import Register

COLUMNS = (
    "area",
    "time_period",
    "breakdown",
    "older_release",
    "older_value",
    "older_status",
    "newer_release",
    "newer_value",
    "newer_status",
    "change",
)
_COMPARED = ("release", "value", "status")


def pair(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """The cells that two releases of one indicator share, side by side."""
    cell = ["area", "time_period", "breakdown"]
    sides = [
        rows[[*cell, *_COMPARED]].rename(columns={name: f"{side}_{name}" for name in _COMPARED})
        for side, rows in (("older", older), ("newer", newer))
    ]
    both = join(sides[0], sides[1], on=cell, cardinality="1:1", how="inner")
    both["change"] = both["newer_value"] - both["older_value"]
    return both[list(COLUMNS)].sort_values(cell, kind="stable", ignore_index=True)


def count_revisions(
    current: pd.DataFrame, vintage: pd.DataFrame, indicators: Mapping[str, Indicator], register: Register
) -> list[dict[str, Any]]:
    """For each indicator of both releases: authorities' cells compared, and how many changed.

    A cell has changed if it differs by more than half of its last printed digit, which is all that rounding can do.
    """
    local = {code for code in vintage["area"].unique() if register.get(code).level in ("authority", "joint")}
    entries = []
    for key in sorted(set(current["indicator"].unique()) & set(vintage["indicator"].unique())):
        older, newer = (rows[(rows["indicator"] == key) & rows["area"].isin(local)] for rows in (vintage, current))
        cells = pair(older, newer)
        values = cells[cells["change"].notna()]
        step = 0.5 * 10.0 ** -indicators[key].decimals
        is_value = [cells[f"{side}_status"] == Status.VALUE.value for side in ("older", "newer")]
        entries.append(
            {
                "indicator": key,
                "compared": len(values),
                "changed": int((values["change"].abs() > step + 1e-9).sum()),
                "withheld_since": int((is_value[0] & ~is_value[1]).sum()),
                "given_since": int((~is_value[0] & is_value[1]).sum()),
            }
        )
    return entries
