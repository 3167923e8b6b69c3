"""Display objects: the only things a page shows.

They are made by ``insight.disclosure.release`` alone and hold plain, finite content. Each emits HTML for JupyterLab and
``application/vnd.insight+json`` for the page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from insight.core.html import SAMPLE_BANNER, card, escape
from insight.core.missing import in_words
from insight.errors import NotDisplayable

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.insight+json"
_PLAIN = (str, int, float, bool, type(None))


def require_plain(content: object, place: str = "content") -> None:
    """Refuse anything but plain JSON: no NaN, no infinity, no numpy type.

    Through a kernel a NaN would arrive as the text "nan", and in one process a numpy integer would fail later.

    Raises
    ------
    NotDisplayable
        Naming the place of the first offender.
    """
    if type(content) is dict:
        for key, value in content.items():
            if type(key) is not str:
                raise _not_plain(place, f"a key of type {type(key).__name__}")
            require_plain(value, f"{place}.{key}")
    elif type(content) is list:
        for number, value in enumerate(content):
            require_plain(value, f"{place}[{number}]")
    elif type(content) not in _PLAIN:
        raise _not_plain(place, f"a value of type {type(content).__name__}")
    elif isinstance(content, float) and not math.isfinite(content):
        raise _not_plain(place, "a number that is not finite")


def _copied(content: Any) -> Any:
    """A copy of plain content, all the way down; many times quicker than one that must expect anything."""
    if type(content) is dict:
        return {key: _copied(value) for key, value in content.items()}
    if type(content) is list:
        return [value if type(value) in _PLAIN else _copied(value) for value in content]
    return content


def _not_plain(place: str, found: str) -> NotDisplayable:
    return NotDisplayable(
        f"showing {place}", found=found, todo="give text, finite numbers, true, false or None with its status"
    )


class Display:
    """Base of Card, Note, Table and Figure: typed content, frozen."""

    kind: ClassVar[str] = ""
    __slots__ = ("_axes", "_content")
    _axes: Any
    _content: dict[str, Any]

    def __init__(self, content: Mapping[str, Any], *, key: object, axes: Any = None) -> None:
        from insight.core import _mint

        if key is not _mint.KEY:
            raise NotDisplayable(
                f"making a {type(self).__name__}",
                found="a call from outside the gate",
                todo="use a view of a Finding or Panel, or insight.disclosure.release",
            )
        plain = {"kind": self.kind, **{key: _copied(value) for key, value in content.items()}}
        require_plain(plain)
        object.__setattr__(self, "_content", plain)
        object.__setattr__(self, "_axes", axes)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    @property
    def content(self) -> dict[str, Any]:
        """A copy of the typed content."""
        return {key: _copied(value) for key, value in self._content.items()}

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        return [SAMPLE_BANNER] if self._content["is_sample"] else []

    def _banner(self) -> str:
        return f'<p style="font-size:1.4em;font-weight:700">{SAMPLE_BANNER}</p>' if self._content["is_sample"] else ""

    def _html(self) -> str:
        raise NotImplementedError

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/html": self._html(), MIME: self.content}


class Card(Display):
    """A titled list of facts; a finding's card carries its record."""

    kind = "card"

    def _lines(self) -> list[str]:
        shown = self._content
        facts = [f"  {label}: {value}" for label, value in shown["facts"]]
        return [*super()._lines(), shown["title"], *(f"  {line}" for line in shown["sentences"]), *facts]

    def _html(self) -> str:
        shown = self._content
        banner = SAMPLE_BANNER if shown["is_sample"] else None
        return card(shown["title"], shown["facts"], note=" ".join(shown["sentences"]) or None, banner=banner)


class Note(Display):
    """Paragraphs of words."""

    kind = "note"

    def _lines(self) -> list[str]:
        return [*super()._lines(), *self._content["paragraphs"]]

    def _html(self) -> str:
        return self._banner() + "".join(f"<p>{escape(text)}</p>" for text in self._content["paragraphs"])


def cell_text(cell: object, decimals: int, kind: str = "number") -> str:
    """A cell as a reader sees it; a missing one by its reason. A period is a label and has no thousands separator.

    >>> cell_text({"status": "suppressed", "symbol": "c"}, 1)
    'c (withheld to protect people)'
    >>> cell_text(12.345, 1), cell_text(2025, 1, "period")
    ('12.3', '2025')
    """
    if isinstance(cell, dict):
        words = in_words(cell["status"])
        return f"{cell['symbol']} ({words})" if cell.get("symbol") else words
    if isinstance(cell, bool | str) or cell is None:
        return "" if cell is None else str(cell)
    if kind == "period":
        return str(cell)
    if not isinstance(cell, int | float):
        raise _not_plain("a cell", f"a value of type {type(cell).__name__}")
    text = f"{cell:,.{decimals}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")


class Table(Display):
    """Rows with a caption; ``frame`` hands out a DataFrame."""

    kind = "table"

    @property
    def frame(self) -> pd.DataFrame:
        """A copy as a DataFrame: one column per key, missing numbers as NaN with ``<key>__status`` beside them."""
        import pandas as pd

        shown = self._content
        keys = [column["key"] for column in shown["columns"]]
        rows: list[dict[str, Any]] = []
        for cells in shown["rows"]:
            row: dict[str, Any] = {}
            for key, cell in zip(keys, cells, strict=True):
                row[key] = math.nan if isinstance(cell, dict) else cell
                if isinstance(cell, dict):
                    row[f"{key}__status"] = cell["status"]
            rows.append(row)
        return pd.DataFrame(rows, columns=None if rows else keys)

    def texts(self) -> list[list[str]]:
        """Every row as a reader sees it."""
        columns = self._content["columns"]
        return [
            [cell_text(cell, column["decimals"], column["kind"]) for cell, column in zip(row, columns, strict=True)]
            for row in self._content["rows"]
        ]

    def _lines(self) -> list[str]:
        shown = self._content
        head = " | ".join(column["label"] for column in shown["columns"])
        rows = [" | ".join(row) for row in self.texts()]
        return [*super()._lines(), shown["caption"], head, *rows, *shown["notes"]]

    def _html(self) -> str:
        shown = self._content
        head = "".join(f'<th scope="col">{escape(column["label"])}</th>' for column in shown["columns"])
        body = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(f"<td>{escape(text)}</td>" for text in row[1:])
            + "</tr>"
            for row in self.texts()
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in shown["notes"])
        caption = escape(shown["caption"])
        table = f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f"{self._banner()}<table>{table}</table>{notes}"


class Figure(Display):
    """A chart with its words and its numbers; ``axes`` for those who want to go on by hand."""

    kind = "figure"

    @property
    def axes(self) -> Any:
        """The matplotlib axes that were drawn, to go on from."""
        return self._axes

    @property
    def svg(self) -> str:
        """The finished picture."""
        return str(self._content["svg"])

    @property
    def alt(self) -> str:
        """What the picture shows, in words with its first and last value."""
        return str(self._content["alt"])

    def _lines(self) -> list[str]:
        shown = self._content
        return [*super()._lines(), shown["title"], shown["subtitle"], shown["alt"]]

    def _html(self) -> str:
        shown = self._content
        title, subtitle = escape(shown["title"]), escape(shown["subtitle"])
        return (
            f"{self._banner()}<p><b>{title}</b><br>{subtitle}</p><div>{shown['svg']}</div><p>{escape(shown['alt'])}</p>"
        )
