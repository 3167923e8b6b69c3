"""The cells of the interactive tool: numbers with the noise of a spreadsheet, and one sign for everything missing."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.sources._cell import Cell, unknown
from insight.sources._lait_table import VALUES, LongTable

SYMBOLS: Mapping[str, Status] = {"-": Status.UNSPECIFIED, "c": Status.SUPPRESSED}
# A negative exponent is how a spreadsheet stores a small number in full; a positive one would have lost its digits.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,20})?(?:E-[0-9]{1,2})?")
_DIGITS = 10


def cells_of(table: LongTable) -> list[Cell]:
    """Each different text of the column of values as a cell; numbers to ten significant digits.

    Raises
    ------
    UnknownSymbol
        With the first row that has a text which is neither a number nor a known symbol.
    """
    column = table.columns[VALUES]
    cells = []
    for place, text in enumerate(column.texts):
        cell = cell_of(text)
        if cell is None:
            row = int(np.argmax(column.codes == place)) + 1
            raise unknown(text, column=VALUES, line=row, file=table.file, known=SYMBOLS)
        cells.append(cell)
    return cells


def cell_of(text: str) -> Cell | None:
    """A cell, or None for a text that is neither a number nor a known symbol.

    Examples
    --------
    >>> cell_of("9.3699999999999992").value, cell_of("7.0000000000000007E-2").value, cell_of("-").status.value
    (9.37, 0.07, 'unspecified')
    >>> cell_of("1.2E+06") is None
    True
    """
    if text in SYMBOLS:
        return Cell(None, text, SYMBOLS[text])
    if not _NUMBER.fullmatch(text):
        return None
    return Cell(float(f"{float(text):.{_DIGITS}g}") + 0.0, "", Status.VALUE)


def is_signed(indicator: Indicator) -> bool:
    """Whether a measure may be negative: scores may, and gaps between two shares.

    Shares have no ceiling: suspensions can outnumber pupils, and children with a place an old estimate of them.
    """
    is_bounded = indicator.unit in ("percent", "count", "fte", "pounds per week", "cases per worker")
    return not (is_bounded or indicator.unit.startswith("rate")) or "gap" in indicator.title.lower()
