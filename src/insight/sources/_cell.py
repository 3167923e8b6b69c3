"""One cell: a number, a symbol that the release explains, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from insight.core.area import shown
from insight.core.missing import SYMBOLS, Status
from insight.errors import UnknownSymbol

# [0-9] and not \d: Arabic-Indic and full-width digits are digits to Python, and no publisher here writes them.
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,10})?")
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,10})?")
_LONGEST_SYMBOL = 12
_LONGEST_OWN_SYMBOL = 3
_REASONS = (
    (re.compile(r"^$"), "a blank, which this release does not explain"),
    (re.compile("[\u00a0\u2007\u202f]"), "a non-breaking space"),
    (re.compile("[\u2212\u2010-\u2015]"), "a minus or dash that is not the hyphen of plain numbers"),
    (re.compile(r"[0-9],[0-9]|^,"), "a thousands separator, which this layout does not use"),
    (re.compile("%"), "a per cent sign"),
    (re.compile("[£$€]"), "a currency sign"),
    (re.compile(r"[0-9][eE][+-]?[0-9]"), "an exponent: a spreadsheet has shortened the number"),
    (re.compile(r"[^\x00-\x7f]"), "a character outside plain digits"),
)


class Cell(NamedTuple):
    """A value, or the symbol and the reason why there is none."""

    value: float | None
    symbol: str
    status: Status


def symbols(*letters: str) -> Mapping[str, Status]:
    """The symbols that a release explains, with their meaning."""
    return {letter: SYMBOLS[letter] for letter in letters}


def type_cell(text: str, known: Mapping[str, Status], *, takes_thousands: bool = False) -> Cell | None:
    """A typed cell, or None where the text is neither number nor known symbol.

    Ordinary spaces around it do not count. ``1,234`` is a number only in a layout that groups by thousands, and only
    if it is grouped properly.

    Examples
    --------
    >>> type_cell("12.5", {}), type_cell("1,234", {}), type_cell("1,234", {}, takes_thousands=True).value
    (Cell(value=12.5, symbol='', status=<Status.VALUE: 'value'>), None, 1234.0)
    """
    plain = text.strip(" ")
    if plain in known:
        return Cell(None, plain, known[plain])
    if _PLAIN.fullmatch(plain):
        return Cell(float(plain) + 0.0, "", Status.VALUE)
    if takes_thousands and _GROUPED.fullmatch(plain):
        return Cell(float(plain.replace(",", "")), "", Status.VALUE)
    return None


def unknown(
    text: str, *, column: str, line: int, file: str, known: Mapping[str, Status], is_published: bool = True
) -> UnknownSymbol:
    """The refusal of a cell, with the column, the line and the symbol, and nothing else of the row.

    Of a file that nobody has published, no text that could be more than a symbol is repeated.
    """
    plain = text.strip(" ")
    why = next((reason for form, reason in _REASONS if form.search(plain)), "neither a number nor a known symbol")
    symbol = shown(plain if len(plain) <= _LONGEST_SYMBOL else plain[:_LONGEST_SYMBOL] + "…")
    said = repr(symbol) if is_published or len(plain) <= _LONGEST_OWN_SYMBOL else "a text that is not repeated here"
    return UnknownSymbol(
        f"reading {shown(file)}, line {line}, column {shown(column)}",
        found=f"{said}: {why}",
        todo=f"this layout takes plain numbers and the symbols {', '.join(sorted(known)) or 'none'}; "
        "look the symbol up in the release's notes before adding it to the layout",
    )
