"""The two keys of a page, and the parts that they are made of, each under a name that can be said.

The **execution key** is of everything that the results are made from: the code cells with their tags and order, the
typed parameters, what each declared input says, the package's own sources, the versions of Python and of the libraries
that bear on numbers and pictures, and the seed. The **page key** is of that, of the wording and of what renders it.
Equal keys mean equal bytes; a page whose execution key stands is rendered again without being run.

Of the package, everything bears on the results but: other studies; what renders (`RENDERING`), which is of the page
key; and what plans, runs, shows and publishes batches, makes sample data or speaks with the user (`APART`), of neither.
A new file bears on the results until it is named in one of these lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from insight.core.fingerprint import content_sha256, fingerprint_of, package_files, versions
from insight.store import Selection

RENDERING = (
    "reporting/downloads.py",
    "reporting/markdown.py",
    "reporting/payloads.py",
    "reporting/record.py",
    "reporting/render.py",
    "reporting/svg.py",
    "reporting/templates/",
    "reporting/templating.py",
    "reporting/views.py",
)
RENDERING_LIBRARIES = ("jinja2", "markdown-it-py", "markupsafe", "nbformat", "nh3", "pydantic")
EXECUTING = (
    "reporting/engine.py",
    "reporting/execute.py",
    "reporting/results.py",
    "reporting/shell.py",
    "reporting/worker.py",
)
APART = (
    "__main__.py",
    "catalogue/",
    "cli.py",
    "config.py",
    "docs/",
    "fetching/",
    "kernel/",
    "lab/",
    "offline.py",
    "py.typed",
    "reads.py",
    "reporting/__init__.py",
    "reporting/batch.py",
    "reporting/cache.py",
    "reporting/crew.py",
    "reporting/dask_",
    "reporting/descriptors.py",
    "reporting/doctor",
    "reporting/ended.py",
    "reporting/exporter.py",
    "reporting/folder.py",
    "reporting/job.py",
    "reporting/journal.py",
    "reporting/keys.py",
    "reporting/limits.py",
    "reporting/lock.py",
    "reporting/making.py",
    "reporting/notice.py",
    "reporting/pack.py",
    "reporting/page_tables.py",
    "reporting/pdf",
    "reporting/plan.py",
    "reporting/progress.py",
    "reporting/rebuild.py",
    "reporting/recall.py",
    "reporting/result.py",
    "reporting/retry.py",
    "reporting/schedule.py",
    "reporting/signals.py",
    "reporting/site",
    "reporting/state.py",
    "reporting/templates/failed.html",
    "reporting/templates/index.html",
    "reporting/templates/notice.html",
    "reporting/templates/search.js",
    "reporting/templates/site",
    "reporting/verify.py",
    "reporting/why.py",
    "reporting/workbook.py",
    "reporting/zygote.py",
    "sample/",
    "store/_check.py",
    "store/_check_rows.py",
    "store/_looks.py",
    "warm.py",
)
EXECUTION_PARTS = ("cells", "inputs", "package", "parameters", "seed", "study", "versions")
PAGE_PARTS = ("place", "rendering", "rendering_versions", "wording")
_SHORT = 32  # of 64 digits: still 128 bits, and half the room in every page's parts


@dataclass(frozen=True, slots=True)
class Wording:
    """A notebook as its keys see it.

    Parameters
    ----------
    code : str
        SHA-256 of the code cells: source, tags and order.
    prose : str
        SHA-256 of the markdown cells, and of their places between the code cells.
    """

    code: str
    prose: str


def read_wording(notebook: Path) -> Wording:
    """The hashes of a notebook's code and prose; outputs, counts and other metadata do not matter.

    A file that is no notebook has keys too: its pages fail one by one, in their own name.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    data = notebook.read_bytes()
    try:
        cells = [_cell(cell) for cell in json.loads(data)["cells"]]
    except (ValueError, TypeError, KeyError, AttributeError):
        cells = [("code", data.hex(), ())]
    code = [[source, tags] for kind, source, tags in cells if kind == "code"]
    prose = [[kind, "" if kind == "code" else source] for kind, source, _ in cells]
    return Wording(content_sha256(code), content_sha256(prose))


def _cell(cell: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    source = cell["source"]
    tags = cell.get("metadata", {}).get("tags", ())
    return str(cell["cell_type"]), source if isinstance(source, str) else "".join(source), tuple(map(str, tags))


@lru_cache(maxsize=64)
def sources_of(study: str) -> Mapping[str, str]:
    """What of the package's own sources bears on a study's results, by folder or file."""
    from insight.studies import names

    others = tuple(f"studies/{name}{end}" for name in names() if name != study for end in ("/", ".py"))
    return _grouped(lambda path: not path.startswith((*RENDERING, *APART, *others)))


@lru_cache(maxsize=1)
def rendering_sources() -> Mapping[str, str]:
    """What of the package's own sources turns results into a page, by folder or file."""
    return _grouped(lambda path: path.startswith(RENDERING) and not path.startswith(APART))


def _grouped(is_wanted: Callable[[str], bool]) -> Mapping[str, str]:
    groups: dict[str, dict[str, str]] = {}
    for path, checksum in package_files().items():
        if is_wanted(path):
            groups.setdefault(_group(path), {})[path] = checksum
    return {name: fingerprint_of(files)[:_SHORT] for name, files in sorted(groups.items())}


def _group(path: str) -> str:
    """The folder or file that is named when a source has changed; studies and reporting are named more finely."""
    first, _, rest = path.partition("/")
    if not rest or first not in ("studies", "reporting"):
        return first
    second, _, deeper = rest.partition("/")
    return f"{first}/{second}" if deeper or not second.startswith("_") else first


def seed_of(study: str, parameters: Mapping[str, Any]) -> int:
    """The seed of a page's global generators, 0 to 2**32 - 1: of its study and parameters, and of nothing else."""
    return int(content_sha256([study, dict(parameters)])[:8], 16)


def study_parts(study: str, wording: Wording, selection: Selection) -> dict[str, Any]:
    """The parts of the keys that all pages of a study share."""
    return {
        "study": study,
        "cells": wording.code[:_SHORT],
        "inputs": {each.name: each.content[:_SHORT] for each in selection.inputs},
        "package": dict(sources_of(study)),
        "versions": dict(versions()),
        "wording": wording.prose[:_SHORT],
        "rendering": dict(rendering_sources()),
        "rendering_versions": dict(versions(RENDERING_LIBRARIES)),
    }


def page_parts(
    shared: Mapping[str, Any], parameters: Mapping[str, Any], *, area_name: str, region: str
) -> dict[str, Any]:
    """Every part of one page's keys, plain JSON."""
    return {
        **shared,
        "parameters": dict(parameters),
        "seed": seed_of(shared["study"], parameters),
        "place": {"area": area_name, "region": region},
    }


def execution_key(parts: Mapping[str, Any]) -> str:
    """SHA-256 of everything that the results are made from."""
    return content_sha256({name: parts[name] for name in EXECUTION_PARTS})


def page_key(parts: Mapping[str, Any]) -> str:
    """SHA-256 of everything that the page is made from."""
    return content_sha256([execution_key(parts), {name: parts[name] for name in PAGE_PARTS}])
