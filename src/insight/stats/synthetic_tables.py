"""Tables and estimates that synthetic control and synthetic difference-in-differences share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.core.estimate import Estimate
from insight.stats.rows import Floats
from insight.stats.synthetic_blocks import SyntheticBlocks
from insight.stats.synthetic_panel import CompletePanel
from insight.stats.synthetic_placebo import PlaceboEffects, SyntheticEffects


@dataclass(frozen=True, eq=False)
class TreatedGroup:
    """Treated units that share a start and one comparison, and what it gave (``blocks`` holds this block alone)."""

    name: Any
    members: NDArray[np.intp]
    start: int
    blocks: SyntheticBlocks


def group_name(members: Sequence[int], *, units: Sequence[Any]) -> Any:
    """The unit's own name, or words for an average."""
    return units[members[0]] if len(members) == 1 else f"average of {len(members)} units"


def relative_error(panel: CompletePanel, group: TreatedGroup) -> float:
    """Error before the start over the group's mean before it; on the log scale the error itself."""
    error = float(group.blocks.pre_errors[0])
    if panel.scale == "log":
        return error
    size = abs(float(panel.values[group.members, : group.start].mean()))
    return error / size if size > 0 else math.inf if error > 0 else 0.0


def group_table(panel: CompletePanel, groups: Sequence[TreatedGroup]) -> pd.DataFrame:
    """One row per treated group: effect, errors before and after, numbers of periods."""
    return pd.DataFrame(
        [
            {
                "treated": group.name,
                "start": panel.periods[group.start],
                "effect": float(group.blocks.effects[0]),
                "pre_error": float(group.blocks.pre_errors[0]),
                "relative_pre_error": relative_error(panel, group),
                "post_error": float(group.blocks.post_errors[0]),
                "n_treated": len(group.members),
                "n_before": group.start,
                "n_after": len(panel.periods) - group.start,
            }
            for group in groups
        ]
    )


def weight_table(panel: CompletePanel, groups: Sequence[TreatedGroup]) -> pd.DataFrame:
    """``treated``, ``unit``, ``weight`` of all controls, largest first within a treated group."""
    controls = np.flatnonzero(panel.is_control)
    parts = []
    for group in groups:
        weights = group.blocks.unit_weights[0, controls]
        order = np.argsort(-weights, kind="stable")
        parts.append(
            pd.DataFrame(
                {
                    "treated": [group.name] * len(controls),
                    "unit": [panel.units[controls[place]] for place in order],
                    "weight": weights[order],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def cell_table(panel: CompletePanel, groups: Sequence[TreatedGroup]) -> pd.DataFrame:
    """``unit``, ``period``, ``is_treated``, ``observed``, ``expected``, ``gap``: one row per group and period."""
    parts = []
    for group in groups:
        path: Floats = panel.values[group.members].mean(axis=0)
        gaps = group.blocks.gaps[0]
        parts.append(
            pd.DataFrame(
                {
                    "unit": [group.name] * len(path),
                    "period": list(panel.periods),
                    "is_treated": np.arange(len(path)) >= group.start,
                    "observed": panel.back(path),
                    "expected": panel.back(path - gaps),
                    "gap": gaps,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def synthetic_estimate(
    panel: CompletePanel,
    *,
    effects: SyntheticEffects,
    n_treated: int,
    placebos: PlaceboEffects | None,
    level: float,
    key: str,
    term: str,
    measured_in: str,
    method: str,
) -> Estimate:
    """The effect with the interval that placebo ranks do not exclude; a ratio on the log scale."""
    is_ratio = panel.scale == "log"
    low, high = (None, None) if placebos is None else (placebos.ranks.low, placebos.ranks.high)
    ends = [float(effects.effects[0]), low, high]
    value, low, high = (None if end is None else float(panel.back(np.asarray(end))) for end in ends)
    n_controls = int(panel.is_control.sum())
    if placebos is None:
        said = "no placebos, so no interval"
    else:
        said = placebos.in_words + ("; interval by ranks" if low is not None else "; too few for an interval")
    return Estimate(
        key=key,
        term=term,
        value=value,
        unit="rate ratio" if is_ratio else measured_in,
        scale="ratio" if is_ratio else "difference",
        method=f"{method}; {said}",
        low=low,
        high=high,
        level=level,
        null=1.0 if is_ratio else 0.0,
        n_rows=(n_treated + n_controls) * len(panel.periods),
        n_units=n_treated + n_controls,
    )
