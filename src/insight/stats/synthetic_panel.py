"""The units of a panel that have every period, as outcomes or rates, on the scale on which effects add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from insight.errors import NotEnoughData, UsageError
from insight.stats.panel_matrix import LeftOut, PanelMatrix
from insight.stats.rows import Floats
from insight.stats.synthetic_blocks import FEWEST_DONORS, FEWEST_PRE

EffectScale = Literal["level", "log"]


@dataclass(frozen=True, eq=False)
class CompletePanel:
    """Units without a gap.

    Parameters
    ----------
    units, periods : tuple
    values : (N, T) array
        Outcome over exposure, or its logarithm.
    start : (N,) array
        As in `PanelMatrix`.
    scale : {"level", "log"}
    left_out : tuple of LeftOut
        Rows without a number, and whole units with the reason.
    """

    units: tuple[Any, ...]
    periods: tuple[Any, ...]
    values: Floats
    start: Floats
    scale: EffectScale
    left_out: tuple[LeftOut, ...]

    @property
    def treated(self) -> NDArray[np.intp]:
        """Positions of the units that are treated within the data, by start and then by name."""
        places = np.flatnonzero(self.start < len(self.periods))
        return places[np.argsort(self.start[places], kind="stable")]

    @property
    def is_control(self) -> NDArray[np.bool_]:
        """(N,): whether a unit is untreated throughout the data."""
        return self.start >= len(self.periods)

    @property
    def starts(self) -> tuple[int, ...]:
        """Position of the first treated period of each unit of ``treated``."""
        return tuple(int(each) for each in self.start[self.treated])

    def back(self, values: Floats) -> Floats:
        """Values on the scale of the outcome."""
        return np.exp(values) if self.scale == "log" else values


def complete_panel(panel: PanelMatrix, *, scale: EffectScale = "level") -> CompletePanel:
    """Units that have every period, a logarithm where one is asked for, and two periods before their start.

    Parameters
    ----------
    panel : PanelMatrix
    scale : {"level", "log"}
        "log" compares logarithms, so that effects are ratios.

    Raises
    ------
    UsageError
        If the scale is unknown.
    NotEnoughData
        If no treated unit, or fewer than 2 untreated ones, are left.
    """
    if scale not in ("level", "log"):
        raise UsageError("a synthetic comparison", found=f"scale={scale!r}", todo="choose level or log")
    rates = panel.outcome / panel.exposure
    missing = (~np.isfinite(rates)).sum(axis=1)
    has_no_log: NDArray[np.bool_] = np.any(np.nan_to_num(rates, nan=1.0) <= 0, axis=1)
    reasons: dict[int, str] = {}
    for place in range(len(panel.units)):
        if panel.start[place] < FEWEST_PRE:
            reasons[place] = f"fewer than {FEWEST_PRE} periods before its start"
        elif missing[place]:
            reasons[place] = f"no number in {missing[place]} of {len(panel.periods)} periods"
        elif scale == "log" and has_no_log[place]:
            reasons[place] = "a value of zero or less, which has no logarithm"
    kept = np.array([place not in reasons for place in range(len(panel.units))], dtype=bool)
    values = rates[kept]
    complete = CompletePanel(
        units=tuple(name for name, stays in zip(panel.units, kept, strict=True) if stays),
        periods=panel.periods,
        values=np.log(values) if scale == "log" else values,
        start=panel.start[kept],
        scale=scale,
        left_out=(*panel.left_out, *(LeftOut(panel.units[place], None, why) for place, why in reasons.items())),
    )
    _check_left(complete, panel, len(reasons))
    return complete


def _check_left(complete: CompletePanel, panel: PanelMatrix, n_left_out: int) -> None:
    if not panel.ever_treated.any():
        raise NotEnoughData(
            "a synthetic comparison",
            found="no unit with a start inside the data",
            todo="name a cohort column with starts between the first and the last period",
        )
    n_controls = int(complete.is_control.sum())
    if not len(complete.treated) or n_controls < FEWEST_DONORS:
        raise NotEnoughData(
            "a synthetic comparison",
            found=f"{len(complete.treated)} treated and {n_controls} untreated unit(s) with every period; "
            f"{n_left_out} left out",
            todo="choose periods that the units have in full, and give units that are never treated",
        )
