"""Things that happened on a day: judgements, actions, programme starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from insight.core.described import Described, Description
from insight.core.source import Source
from insight.errors import PanelError

COLUMNS = ("area", "date", "kind", "value", "source")


@dataclass(frozen=True, repr=False, eq=False)
class Events(Described):
    """One row per event: area code, date, kind, value and the key of its source.

    The frame is copied on the way in and on the way out.
    """

    data: pd.DataFrame
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        if tuple(self.data.columns) != COLUMNS:
            raise PanelError(
                "making Events from a frame",
                found=f"columns {', '.join(map(str, self.data.columns))}",
                todo=f"give exactly {', '.join(COLUMNS)}",
            )
        ordered = self.data.sort_values(["area", "date", "kind"], kind="stable").reset_index(drop=True)
        object.__setattr__(self, "data", ordered)

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the rows, sorted by area, date and kind."""
        return self.data.copy()

    def select(
        self, *, areas: tuple[str, ...] | None = None, kinds: tuple[str, ...] | None = None, until: date | None = None
    ) -> Events:
        """The events of some areas, of some kinds, up to and including a day."""
        keep = pd.Series(True, index=self.data.index)
        if areas is not None:
            keep &= self.data["area"].isin(areas)
        if kinds is not None:
            keep &= self.data["kind"].isin(kinds)
        if until is not None:
            keep &= pd.to_datetime(self.data["date"]) <= pd.Timestamp(until)
        return Events(self.data[keep], self.sources)

    def describe(self) -> Description:
        """How many, of which kinds, where and when."""
        dates = pd.to_datetime(self.data["date"])
        span = f"{dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}" if len(self.data) else "none"
        facts = (
            ("events", str(len(self.data))),
            ("areas", str(self.data["area"].nunique())),
            ("kinds", ", ".join(sorted(self.data["kind"].unique())) or "none"),
            ("dates", span),
        )
        return Description("Events", facts)
