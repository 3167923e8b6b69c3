"""What a reader hands over: typed rows, and an account of every row it was given."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from insight.core.aims import Aim
from insight.core.described import Described, Description
from insight.core.indicator import Indicator
from insight.core.judgements import Judgement
from insight.core.neighbours import Neighbour
from insight.core.programmes import Programme


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows of a file that are not in the panel, and why."""

    reason: str
    count: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False, eq=False)
class Reading(Described):
    """One file, read.

    Parameters
    ----------
    source : str
        Key of the source.
    layout : str
        Name of the layout that the file is in.
    release : str
        The newest period in the file, which is how its publisher names the release.
    rows : DataFrame
        One row per area, period and indicator, with ``core.panel.COLUMNS``; empty for a file of lists alone.
    neighbours : tuple of Neighbour
    rows_read, rows_kept : int
        Rows of the file; ``rows_read`` is ``rows_kept`` and all that was set aside.
    set_aside : tuple of SetAside
    encoding : str
    notes : tuple of str
        What was accepted although it is unusual, such as another order of columns.
    programmes, judgements, aims : tuples
        What the file lists beside figures, or instead of them.
    indicators : tuple of Indicator
        What the rows measure, where the files say it themselves and not the source's ``INDICATORS``.
    series : str
        Which of several files that stand side by side this is, such as the code of the authority whose own file it is.
        Within a series the newest period is current; "" where a source is one series.
    """

    source: str
    layout: str
    release: str
    rows: pd.DataFrame
    neighbours: tuple[Neighbour, ...]
    rows_read: int
    rows_kept: int
    set_aside: tuple[SetAside, ...]
    encoding: str
    notes: tuple[str, ...] = ()
    programmes: tuple[Programme, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    aims: tuple[Aim, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    series: str = ""

    def describe(self) -> Description:
        """Layout, release, rows and what was set aside."""
        facts = [
            ("layout", self.layout),
            ("release", self.release),
            ("rows read", str(self.rows_read)),
            ("rows kept", str(self.rows_kept)),
            *(("set aside", f"{each.count}: {each.reason}") for each in self.set_aside),
            ("encoding", self.encoding),
            *(("note", note) for note in self.notes),
        ]
        return Description(f"Reading of {self.source}", tuple(facts))
