"""Small notebooks and the jobs that run them, for the tests of the engine and of its workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from insight import studies
from insight.reporting.job import Isolation, Job, Kind
from insight.store import read_manifest
from insight.store._inputs import named_parts

STUDY = "caseload_turnover"
AREA = "X06000001"
REGION = "X12000001", "Middlemarch"
PARAMETERS = f'authority: str = "{AREA}"\nlag_years: int = 1\nmargin_percent: float = 15.0'
LOAD = f'import insight as ins\n\npanel = ins.load_panel(for_study="{STUDY}")'
FINDING = "finding = ins.studies.caseload_turnover(panel, authority=authority)\nfinding"
WHOLE = ("# How do caseloads relate to turnover?", LOAD, FINDING)
ISOLATIONS: tuple[Isolation, ...] = ("fork", "none", "kernel")


def write_notebook(path: Path, cells: Sequence[str]) -> Path:
    """A notebook with a tagged parameters cell and these cells; those that begin with ``#`` and a space are prose."""
    tagged = new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]})
    made = [
        new_markdown_cell(text, id=f"c{n}") if text.startswith("# ") else new_code_cell(text, id=f"c{n}")
        for n, text in enumerate(cells)
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = new_notebook(cells=[tagged, *made], metadata=metadata)
    notebook.nbformat_minor = 5
    nbformat.write(notebook, path)
    return path


def inputs_of(store: Path) -> tuple[str, ...]:
    """Every part of a store: the rows of each file, and each list beside them."""
    return tuple(f"parts/{name}" for name in sorted(named_parts(read_manifest(store)) - {""}))


def job_of(
    cells: Sequence[str] | Path,
    *,
    store: Path,
    root: Path,
    temporary: Path,
    kind: Kind = "page",
    study: str = STUDY,
    name: str = "",
    parameters: Mapping[str, Any] | None = None,
    **more: Any,
) -> Job:
    """A job for a notebook of these cells, or for a notebook that there is."""
    temporary.mkdir(parents=True, exist_ok=True)
    notebook = cells if isinstance(cells, Path) else write_notebook(temporary / f"{name or 'page'}.ipynb", cells)
    return Job(
        **{
            "kind": kind,
            "study": study,
            "area": AREA,
            "area_name": "Abbotsmere",
            "region_name": "Sampleshire",
            "parameters": parameters if parameters is not None else studies.find(study).parameters_for(AREA, {}),
            "key": "ab" * 32,
            "execution_key": "cd" * 32,
            "data_hash": "ef" * 32,
            "notebook": notebook,
            "store": store,
            "root": root,
            "temporary": temporary,
            "inputs": inputs_of(store),
            "seed": 7,
            "cell_seconds": 60.0,
            "page_seconds": 120.0,
            "name": name,
            **more,
        }
    )
