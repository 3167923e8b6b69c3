"""From the store to a Panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from insight.core.neighbours import Neighbours
from insight.core.panel import COLUMNS, KEY, Panel
from insight.core.programmes import Programmes
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import PanelError
from insight.sources import all_indicators, all_sources
from insight.store._manifest import CURRENT, PARTS, VINTAGE, Manifest, damaged, hash_of, read_manifest
from insight.store._parts import as_frame, read_neighbours, read_programmes, read_rows
from insight.store._register import register_of
from insight.store._remember import Memory
from insight.store._revisions import COLUMNS as REVISION_COLUMNS
from insight.store._revisions import pair

_Found = TypeVar("_Found")


def load_panel(
    store: Path,
    *,
    sources: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    vintages: bool = False,
    register: Register | None = None,
) -> Panel:
    """The figures of a store.

    Parameters
    ----------
    store : Path
        The folder that ``build`` filled: ``<processed>/<raw id>``.
    sources, indicators : sequence of str, optional
        Keys; only these are read. Without them, everything is.
    vintages : bool
        Also the figures of older releases; an indicator that only an older release has is found only with them.
    register : Register, optional
        Only for a store that was built with a register of the caller's own.

    Raises
    ------
    StoreMissing, StoreDamaged
        If nothing was built there, or the manifest and the parts disagree.
    PanelError
        If the store has no such source or indicator, naming those it has.
    """
    return _looked_up(store, lambda manifest: _panel(store, manifest, sources, indicators, vintages, register))


def revisions(store: Path, indicator: str) -> pd.DataFrame:
    """Every cell of an indicator that two releases share, with what it was and what it became.

    Returns
    -------
    DataFrame
        ``area, time_period, breakdown, older_release, older_value, older_status, newer_release, newer_value,
        newer_status, change``; the newer release is the current one. Without an older release it has no rows.

    Raises
    ------
    StoreMissing, StoreDamaged, PanelError
        As ``load_panel``.
    """
    return _looked_up(store, lambda manifest: _revisions(store, manifest, indicator))


def flags(store: Path) -> pd.DataFrame:
    """The returns with a figure of low reliability: ``area, time_period, source``.

    A flag on one figure of a return holds for every table of that return and year.

    Raises
    ------
    StoreMissing, StoreDamaged
    """
    return pd.DataFrame(read_manifest(store)["flags"], columns=["area", "time_period", "source"])


def _looked_up(store: Path, look: Callable[[Manifest], _Found]) -> _Found:
    """What a look into the store gives."""
    manifest = read_manifest(store)
    try:
        return look(manifest)
    except Exception:
        # A build may have replaced the parts between the two readings; then the new manifest tells where they are.
        renewed = read_manifest(store)
        if renewed == manifest:
            raise
        return look(renewed)


def _revisions(store: Path, manifest: Manifest, indicator: str) -> pd.DataFrame:
    known = [file for file in manifest["files"] if file["role"] in (CURRENT, VINTAGE)]
    _require_known(known, None, [indicator])
    files = [file for file in known if indicator in file["indicators"]]
    rows = {file["path"]: _frame(store, file, [indicator]) for file in files}
    current = {file["series"]: rows[file["path"]] for file in files if file["role"] == CURRENT}
    older = sorted((file for file in files if file["role"] == VINTAGE), key=lambda file: str(file["release"]))
    pairs = [pair(rows[file["path"]], current[file["series"]]) for file in older if file["series"] in current]
    return pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(columns=list(REVISION_COLUMNS))


def _panel(
    store: Path,
    manifest: Manifest,
    sources: Sequence[str] | None,
    indicators: Sequence[str] | None,
    vintages: bool,
    register: Register | None,
) -> Panel:
    roles = (CURRENT, VINTAGE) if vintages else (CURRENT,)
    files = [file for file in manifest["files"] if file["role"] in roles]
    chosen = [file for file in files if _is_chosen(file, sources, indicators)]
    _require_known(files, sources, indicators)
    known = all_indicators()
    kept = {key for file in chosen for key in _keys(file, indicators)}
    rows = [_frame(store, file, indicators) for file in chosen if _keys(file, indicators)]
    is_whole = sources is None and indicators is None and not vintages
    narrowing = [sorted(sources or []), sorted(indicators or []), vintages]
    data_hash = manifest["data_hash"] if is_whole else hash_of([manifest["data_hash"], narrowing])
    return Panel(
        data=_in_order(rows),
        indicators={key: known[key] for key in known if key in kept},
        sources=tuple(_source(file) for file in chosen),
        register=register_of(manifest, store, register),
        neighbours=_neighbours(store, manifest),
        programmes=_programmes(store, manifest),
        data_hash=data_hash,
        remember=Memory(store, data_hash),
    )


def _keys(file: Mapping[str, Any], indicators: Sequence[str] | None) -> list[str]:
    return [key for key in file["indicators"] if indicators is None or key in indicators]


def _is_chosen(file: Mapping[str, Any], sources: Sequence[str] | None, indicators: Sequence[str] | None) -> bool:
    return (sources is None or file["source"] in sources) and (indicators is None or bool(_keys(file, indicators)))


def _require_known(
    files: Sequence[Mapping[str, Any]], sources: Sequence[str] | None, indicators: Sequence[str] | None
) -> None:
    for what, wanted, there in (
        ("source", sources, {file["source"] for file in files}),
        ("indicator", indicators, {key for file in files for key in file["indicators"]}),
    ):
        strangers = sorted(set(wanted or ()) - there)
        if strangers:
            raise PanelError(
                f"loading the {what} {', '.join(map(repr, strangers))}",
                found=f"a store of {', '.join(sorted(there)) or 'nothing'}",
                todo="choose one of these; an older release may have others (vintages=True)",
            )


def _frame(store: Path, file: Mapping[str, Any], indicators: Sequence[str] | None) -> pd.DataFrame:
    """The rows of one file, or those of some of its indicators, with their release."""
    groups = None
    if indicators is not None:
        groups = [place for place, key in enumerate(file["indicators"]) if key in indicators]
    return as_frame(read_rows(store / PARTS / file["part"], file["part_bytes"], groups)).assign(release=file["release"])


def _in_order(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rows in the order of the panel's key."""
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS)).astype({"value": "float64", "time_period": "int64"})
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)].sort_values(list(KEY), kind="stable", ignore_index=True)


def _source(file: Mapping[str, Any]) -> Source:
    modules = all_sources()
    if file["source"] not in modules:
        raise damaged(f"rows of a source that this version does not know: {file['source']}")
    return modules[file["source"]].SOURCE.of_release(
        file["release"], file=file["path"], sha256=file["sha256"], published=file["published"]
    )


def _neighbours(store: Path, manifest: Manifest) -> Neighbours:
    found = []
    for file in manifest["files"]:
        if file["role"] in (CURRENT, VINTAGE) and file["rows"] == "neighbours":
            found += read_neighbours(store / PARTS / file["part"], file["part_bytes"])
    return Neighbours(tuple(sorted(found, key=lambda each: (each.model_year, each.area, each.rank))))


def _programmes(store: Path, manifest: Manifest) -> Programmes:
    """Those of current files: an older list is replaced, not added to."""
    found = []
    for file in manifest["files"]:
        if file["role"] == CURRENT and file["programmes"]:
            found += read_programmes(store / PARTS / file["programmes"]["part"], file["programmes"]["bytes"])
    ordered = sorted(found, key=lambda each: (each.programme, each.area, each.site))
    return Programmes(tuple(ordered), is_sample=bool(manifest["is_sample"]))
