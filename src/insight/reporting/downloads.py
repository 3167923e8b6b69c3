"""The data of a table or chart as CSV, carried inside the page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

from insight.core.missing import in_words
from insight.reporting.payloads import Cell, Missing, TableContent

# A spreadsheet takes a text that begins with one of these for a formula (OWASP, CSV injection), wide forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BYTE_ORDER_MARK = "\ufeff"
_PLAIN = ",;:/()*!"
# What a table has by the thousand, in this order: the percent sign first, because the others bring it in.
_FREQUENT = {"%": "%25", " ": "%20", "\n": "%0A", '"': "%22"}
_RARE = re.compile(rf"[^A-Za-z0-9_.~%{re.escape(_PLAIN)}-]+")


def csv_text(table: TableContent) -> str:
    """A table as CSV: headings, numbers of up to ten digits, and symbol or reason where there is none.

    A text that a spreadsheet would run is led by an apostrophe; numbers are left as they are.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_harmless(column.label) for column in table.columns])
    writer.writerows([_written(cell) for cell in row] for row in table.rows)
    return stream.getvalue()


def csv_address(table: TableContent) -> str:
    """The CSV as a ``data:`` address. The byte order mark lets Excel read it as UTF-8.

    Percent signs take less room than base 64 where most characters are letters, digits and commas.
    """
    return f"data:text/csv;charset=utf-8,{_percent_encoded(_BYTE_ORDER_MARK + csv_text(table))}"


def _percent_encoded(text: str) -> str:
    """What ``urllib.parse.quote`` gives, in a third of its time."""
    for character, code in _FREQUENT.items():
        text = text.replace(character, code)
    return _RARE.sub(lambda found: quote(found[0], safe=_PLAIN), text)


def file_name(parts: Sequence[str], ending: str) -> str:
    """A file name of ASCII letters, digits, ``-`` and ``_``, whatever the parts hold."""
    safe = (re.sub(r"[^A-Za-z0-9_]+", "-", part).strip("-") for part in parts)
    return "-".join(part[:60] for part in safe if part) + ending


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        return _harmless(cell)
    if isinstance(cell, Missing):
        return cell.symbol if cell.symbol and _harmless(cell.symbol) == cell.symbol else in_words(cell.status)
    return f"{cell:.10g}"


@lru_cache(maxsize=4096)
def _harmless(text: str) -> str:
    safe = f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
    # One kind of line end inside a cell: a lone carriage return would end the row for some readers.
    return safe.replace("\r\n", "\n").replace("\r", "\n")
