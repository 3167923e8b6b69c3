"""Executed outputs as plain JSON, so that a page can be made again without running its notebook.

Kept are the typed payloads and, without its content, whatever else a page would be refused for. Nothing of the machine
or of the time is in it: the same execution key gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from insight.core.display import MIME
from insight.core.fingerprint import canonical
from insight.errors import PageRefused

FORMAT = 1
_INJECTED = "injected-parameters"
_BESIDE = {"text/html", "text/plain"}
_WARNING = re.compile(r"\b[A-Z][A-Za-z]{0,40}Warning\b")


def take(notebook: Any, execution_key: str) -> bytes:
    """The results of an executed notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Version 4, with outputs.
    execution_key : str
        SHA-256 of all that the results are made from.

    Returns
    -------
    bytes
        Canonical JSON: ``format``, ``execution_key``, ``outputs`` (for each code cell of the source, a list).
    """
    outputs = [_kept(cell.outputs) for cell in code_cells(notebook)]
    return canonical({"format": FORMAT, "execution_key": execution_key, "outputs": outputs}).encode() + b"\n"


def put(results: bytes, source: Any, *, execution_key: str) -> Any:
    """A freshly read notebook with stored results in its code cells, in their order; its prose may have changed.

    Raises
    ------
    PageRefused
        If the results are damaged, of another key, or of another number of cells.
    """
    try:
        read = json.loads(results)
        outputs = read["outputs"] if read["format"] == FORMAT and read["execution_key"] == execution_key else None
    except (ValueError, KeyError, TypeError):
        outputs = None
    cells = list(code_cells(source))
    if not isinstance(outputs, list) or len(outputs) != len(cells):
        raise PageRefused(
            "making a page from stored results",
            found="results that are damaged, or of another notebook",
            todo="run this page again",
        )
    node = type(source)
    for cell, shown in zip(cells, outputs, strict=True):
        cell.outputs = [node(output) for output in shown]
    return source


def code_cells(notebook: Any) -> Iterator[Any]:
    """The code cells of the source: all but the one that papermill put in."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and _INJECTED not in cell.get("metadata", {}).get("tags", ()):
            yield cell


def error_words(notebook: Any) -> str:
    """For the journal, of what the cells printed on their error stream: which cells, how much, which kinds of warning.

    Not the text itself: a warning may show the row that it is about.
    """
    said = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        streams = (output for output in cell.outputs if output.output_type == "stream" and output.name == "stderr")
        text = "".join(output.text for output in streams)
        if text:
            kinds = sorted(set(_WARNING.findall(text)))
            said.append(f"cell {number}: {len(text.splitlines())} lines{', '.join(['', *kinds])}")
    return "; ".join(said)


def _kept(outputs: Any) -> list[dict[str, Any]]:
    """What a page needs of a cell's outputs, and what it would refuse."""
    kept: list[dict[str, Any]] = []
    for output in outputs:
        kind = output.output_type
        if kind == "stream":
            # The error stream goes to the journal. Of other text it matters only that there was some.
            printed = {"output_type": kind, "name": "stdout", "text": ""}
            if output.name != "stderr" and printed not in kept:
                kept.append(printed)
        elif kind == "error":
            kept.append({"output_type": kind, "ename": "", "evalue": "", "traceback": []})
        else:
            kept.append({"output_type": kind, "data": _data(output.data)})
    return kept


def _data(data: Any) -> dict[str, Any]:
    if MIME not in data:
        return dict.fromkeys(sorted(data), "")
    return {kind: data[kind] if kind == MIME else "" for kind in sorted(data) if kind == MIME or kind not in _BESIDE}
