"""Rows of times to an event: when each was first and last seen, and whether it ended in the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData, UsageError
from insight.stats.panel_matrix import LeftOut
from insight.stats.rows import Floats, as_floats


@dataclass(frozen=True, eq=False)
class Spells:
    """Complete rows.

    Parameters
    ----------
    duration, event : (n,) arrays
        The time at which each ended, and 1 where it ended in the event.
    entry : (n,) array or None
    frame : DataFrame
        The rows themselves.
    left_out : tuple of LeftOut
        ``unit`` is the row's label.
    """

    duration: Floats
    event: Floats
    entry: Floats | None
    frame: pd.DataFrame
    left_out: tuple[LeftOut, ...]

    @property
    def seen_from(self) -> Floats:
        """(n,): the time after which each counts as at risk."""
        return np.full(len(self.duration), -np.inf) if self.entry is None else self.entry


def read_spells(
    frame: pd.DataFrame,
    duration: str,
    event: str,
    entry: str | None,
    numbers: Sequence[str],
    labels: Sequence[str] = (),
) -> Spells:
    """Complete rows of the frame, which is left as it was.

    Parameters
    ----------
    frame : DataFrame
    duration, event, entry : str
        Columns.
    numbers, labels : sequence of str
        Further columns that must be there, as numbers or as anything.

    Raises
    ------
    UsageError
        If a column is absent or no number, an event is not 0 or 1, or a time is negative.
    NotEnoughData
        If no complete row has the event.
    """
    numeric = [duration, event, *((entry,) if entry is not None else ()), *numbers]
    wrong = [name for name in dict.fromkeys([*numeric, *labels]) if (frame.columns == name).sum() != 1]
    asked = f"survival by {duration!r} and {event!r}"
    if wrong:
        raise UsageError(
            asked, found=f"not exactly one column {', '.join(map(repr, wrong))}", todo="name columns of the frame"
        )
    values = {name: as_floats(frame[name]) for name in numeric}
    reasons = np.full(len(frame), "", dtype=object)
    for name in reversed(numeric):
        reasons[~np.isfinite(values[name])] = f"no usable {name}"
    for name in labels:
        reasons[frame[name].isna().to_numpy(dtype=bool)] = f"no {name}"
    if entry is not None:
        with np.errstate(invalid="ignore"):
            reasons[(reasons == "") & (values[entry] >= values[duration])] = "entry not before its end"
    kept = np.array([not each for each in reasons], dtype=bool)
    labelled = frame.index.tolist()
    left_out = tuple(LeftOut(labelled[place], None, reasons[place]) for place in np.flatnonzero(~kept))
    time, ended = values[duration][kept], values[event][kept]
    if not np.isin(ended, (0.0, 1.0)).all() or (time < 0).any():
        raise UsageError(asked, found="an event that is not 0 or 1, or a negative time", todo="code events as 0 and 1")
    if not ended.any():
        raise NotEnoughData(
            asked, found=f"no event among {int(kept.sum())} complete rows of {len(frame)}", todo="follow for longer"
        )
    late = None if entry is None else values[entry][kept]
    return Spells(time, ended, late, frame.loc[kept], left_out)
