"""The Local Authority Interactive Tool: hundreds of measures of children's services, schools, health and spending.

One long table of the Department for Education's tool, as Parquet or text. What its measures are, the dictionary beside
it says (source ``lait_dictionary``). The tool collects figures that others publish, and never says why one is missing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.panel import COLUMNS as PANEL_COLUMNS
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import SourceChanged, SourceRefused
from insight.sources._account import Account
from insight.sources._lait_lives import joint_rows, rows_in_life
from insight.sources._lait_rows import Rows, require_possible, rows_of
from insight.sources._lait_table import COLUMNS, NAME, NUMBER, REGION, YEARS, read_long_table
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="lait",
    publisher="Department for Education",
    title="Local Authority Interactive Tool",
    address="https://github.com/dfe-analytical-services/local-authority-interactive-tool",
    licence="Open Government Licence v3.0",
    known_problems=(
        "Every missing figure is printed as a dash: nobody can tell withheld from not collected.",
        "A figure that rounds to zero and is not zero is printed as 0.",
        "A return that was withheld as unreliable may be printed as 0, or stand without a mark.",
        "Health figures join the City of London with Hackney, and the Isles of Scilly with Cornwall.",
        "A few measures were recast for areas that did not exist yet, or go on for areas that were abolished.",
        "Some joint services report one figure under each of their authorities, beside the workforce returns.",
    ),
)
INDICATORS: tuple[Indicator, ...] = ()
COMPANION = "lait_dictionary"
IS_BY_NAME = True
LAYOUTS: tuple[Layout, ...] = (Layout("interactive tool, long table", COLUMNS, (YEARS, NAME, NUMBER, REGION)),)


def read(path: Path, register: Register) -> Reading:
    """Refuse: without the dictionary nobody knows what the figures are.

    Raises
    ------
    SourceRefused
    """
    raise SourceRefused(
        f"reading {shown(path.name)}",
        found="a table whose measures the tool's data dictionary explains, and no dictionary",
        todo="put the dictionary beside it, and build",
    )


def read_with(path: Path, register: Register, measures: tuple[Indicator, ...]) -> Reading:
    """Read the long table, knowing what its dictionary says.

    Parameters
    ----------
    measures : tuple of Indicator
        Those of the dictionary. A measure that it lacks is set aside.

    Returns
    -------
    Reading
        ``indicators`` are the measures that have rows, with the years that the publisher marks.

    Raises
    ------
    SourceRefused
        If a cell, a year or a place is not known, a cell stands twice, or a value cannot be.
    """
    table = read_long_table(path, LAYOUTS)
    account = Account(0, 0)
    rows = rows_of(table, {each.key: each for each in measures}, register, account)
    if not len(rows.row):
        raise SourceChanged(
            f"reading {shown(table.file)}",
            found="no measure that the dictionary explains",
            todo="use the dictionary of the same edition of the tool",
        )
    require_possible(rows)
    rows, joint = joint_rows(rows_in_life(rows, account), register, account)
    frame = _frame(rows, joint)
    used = np.unique(rows.measure).tolist()
    return Reading(
        source=SOURCE.key,
        layout=table.layout.name,
        release=str(frame["release"].iloc[0]),
        rows=frame,
        neighbours=(),
        rows_read=table.rows,
        rows_kept=len(frame),
        set_aside=account.entries(),
        encoding=table.encoding,
        notes=(*table.notes, *account.notes),
        indicators=tuple(rows.indicators[place] for place in used),
    )


def _frame(rows: Rows, joint: dict[int, str]) -> pd.DataFrame:
    """The rows of a panel, in the order of its key."""
    codes = np.array([area.code for area in rows.areas], dtype=object)[rows.area]
    codes[list(joint)] = list(joint.values())
    periods = [each.period for each in rows.all_series]
    labels = np.array([int(period.label) for period in periods], dtype=np.int64)[rows.series]
    # The indicators stand in order of key; only the few codes of joint returns are out of the areas' order.
    rank = {code: place for place, code in enumerate(sorted(set(codes.tolist())))}
    order = np.lexsort((rows.measure, labels, np.array([rank[code] for code in codes.tolist()], dtype=np.intp)))
    cells = rows.cell[order]
    frame = pd.DataFrame(
        {
            "area": codes[order],
            "time_period": labels[order],
            "period_end": np.array([period.end for period in periods], dtype=object)[rows.series[order]],
            "indicator": np.array([each.key for each in rows.indicators], dtype=object)[rows.measure[order]],
            "breakdown": "",
            "release": str(labels.max()),
            "value": np.array([np.nan if cell.value is None else cell.value for cell in rows.cells])[cells],
            "symbol": np.array([cell.symbol for cell in rows.cells], dtype=object)[cells],
            "status": np.array([cell.status.value for cell in rows.cells], dtype=object)[cells],
            "numerator": np.nan,
            "denominator": np.nan,
        }
    )
    return frame[list(PANEL_COLUMNS)]
