"""Joins that state their cardinality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from insight.errors import PanelError

Cardinality = Literal["1:1", "1:m", "m:1"]
How = Literal["left", "inner", "outer"]


def join(
    left: pd.DataFrame, right: pd.DataFrame, *, on: Sequence[str], cardinality: Cardinality, how: How = "left"
) -> pd.DataFrame:
    """Merge two frames, refusing a repeated key on a side that promises none.

    Raises
    ------
    PanelError
        If a key repeats on a side that ``cardinality`` says is unique, naming how many do.
    """
    for side, frame, unique in (("left", left, cardinality[0] == "1"), ("right", right, cardinality[2] == "1")):
        repeated = int(frame.duplicated(list(on)).sum())
        if unique and repeated:
            raise PanelError(
                f"joining {cardinality} on {', '.join(on)}",
                found=f"{repeated} repeated key(s) on the {side} side",
                todo="select one release and one breakdown first, or state another cardinality",
            )
    return left.merge(right, on=list(on), how=how, validate=cardinality)
