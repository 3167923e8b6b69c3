"""From the store to a Panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from insight.core.indicator import Indicator
from insight.core.judgements import Judgements
from insight.core.neighbours import Neighbours
from insight.core.panel import COLUMNS, KEY, Panel
from insight.core.programmes import Programmes
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import PanelError
from insight.sources import all_indicators, all_sources
from insight.store._lists import read_list
from insight.store._manifest import (
    AIMS,
    CURRENT,
    LISTS_BY_NAME,
    PARTS,
    PARTS_OF,
    VINTAGE,
    Manifest,
    damaged,
    read_manifest,
)
from insight.store._parts import as_frame, read_neighbours, read_rows
from insight.store._register import register_of
from insight.store._remember import Memory, made_by
from insight.store._revisions import COLUMNS as REVISION_COLUMNS
from insight.store._revisions import pair
from insight.store._select import File, Selection, explains, keys_of, lists_in, require_known, resolved, select

_Found = TypeVar("_Found")
# What a process that is forked from has read already: the manifest of then, and the panel.
_HELD: dict[tuple[Path, frozenset[str] | None], tuple[Manifest, Panel]] = {}


def load_panel(
    store: Path,
    *,
    sources: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    needs: Sequence[str] | None = None,
    vintages: bool = False,
    register: Register | None = None,
) -> Panel:
    """The figures of a store, with its register, neighbours and programmes, which always come.

    Parameters
    ----------
    store : Path
        The folder that ``build`` filled: ``<processed>/<raw id>``.
    sources, indicators : sequence of str, optional
        Keys; only these are read. Without them, everything is but tables that come only by name. "judgements", "aims"
        and "flags" are lists, which come with the panel where they are named or everything is; "parts of KEY" are the
        indicators that one is made of.
    needs : sequence of str, optional
        Instead of ``indicators``: what a study declares. One that the store lacks is passed over, for a study says in
        its own words what it cannot answer.
    vintages : bool
        Also the figures of older releases; an indicator that only an older release has is found only with them.
    register : Register, optional
        Only for a store that was built with a register of the caller's own.

    Returns
    -------
    Panel
        Its ``data_hash`` is of what the chosen parts say: another source's new release does not change it.

    Raises
    ------
    StoreMissing, StoreDamaged
        If nothing was built there, or the manifest and the parts disagree.
    PanelError
        If the store has no such source or indicator, naming those it has; or no source knows a declared indicator.
    """
    _require_declared(needs or ())
    wanted = indicators if needs is None else needs

    def look(manifest: Manifest) -> Panel:
        if needs is None:
            roles = (CURRENT, VINTAGE) if vintages else (CURRENT,)
            files = [file for file in manifest["files"] if file["role"] in roles]
            figures = resolved(manifest, indicators)
            figures = None if figures is None else [key for key in figures if key not in LISTS_BY_NAME]
            require_known(files, sources=sources, indicators=figures)
        found = None
        if sources is None and register is None and not vintages:
            found = _held(store, manifest, wanted)
        return found or _panel(store, manifest, sources, wanted, vintages, register)

    return _looked_up(store, look)


def hold(store: Path, indicators: Sequence[str] | None) -> Panel:
    """Load what a study declares, and hand the same panel to every later ``load_panel`` of this process.

    For a process that others are forked from: they share the figures and read nothing. Reading leaves no thread. The
    panel is handed out for as long as the manifest says the same.

    Parameters
    ----------
    store : Path
        The folder that ``build`` filled.
    indicators : sequence of str or None
        As ``needs`` of ``load_panel``; None is the whole store.

    Raises
    ------
    StoreMissing, StoreDamaged, PanelError
        As ``load_panel``.
    """
    _require_declared(indicators or ())
    # Asked for here, so that no process forked from this one has to find it out again.
    made_by()

    def look(manifest: Manifest) -> Panel:
        found = _held(store, manifest, indicators)
        if found is None:
            found = _panel(store, manifest, None, indicators, vintages=False, register=None)
            _HELD[_key(store, indicators)] = (manifest, found)
        return found

    return _looked_up(store, look)


def _held(store: Path, manifest: Manifest, wanted: Sequence[str] | None) -> Panel | None:
    known, panel = _HELD.get(_key(store, wanted), (None, None))
    return panel if known == manifest else None


def _key(store: Path, wanted: Sequence[str] | None) -> tuple[Path, frozenset[str] | None]:
    return store.resolve(), None if wanted is None else frozenset(wanted)


def _require_declared(needs: Sequence[str]) -> None:
    known = all_indicators()
    by_name = tuple(f"{key}_" for key, module in all_sources().items() if module.IS_BY_NAME)
    plain = [key.removeprefix(PARTS_OF) for key in needs]
    strangers = [
        key for key in dict.fromkeys(plain) if key not in (*known, *LISTS_BY_NAME, AIMS) and not key.startswith(by_name)
    ]
    if strangers:
        raise PanelError(
            f"loading the indicator {', '.join(map(repr, strangers))} that a study declares",
            found="no source that has it",
            todo='name one that ins.indicators("words") finds; if the study names it itself, correct its needs',
        )


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
    require_known(known, indicators=[indicator])
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
    indicators = resolved(manifest, indicators)
    chosen = select(manifest, sources=sources, indicators=indicators, vintages=vintages)
    kept = {key for file in chosen.files for key in keys_of(file, indicators)}
    known = all_indicators() | _measures(store, chosen.files)
    brought = [*chosen.files, *chosen.beside]
    rows = [_frame(store, file, indicators) for file in chosen.files if keys_of(file, indicators)]
    named = [file for file in manifest["files"] if file in chosen.files or _is_named(file, chosen, indicators)]
    return Panel(
        data=_in_order(rows),
        indicators={key: known[key] for key in known if key in kept},
        sources=tuple(_source(file) for file in named),
        register=register_of(manifest, store, register),
        neighbours=_neighbours(store, manifest),
        programmes=_programmes(store, manifest),
        judgements=Judgements(_listed(store, brought, "judgements", indicators), bool(manifest["is_sample"])),
        aims=_listed(store, brought, "aims", indicators),
        flags=_flags(manifest) if indicators is None or "flags" in indicators else frozenset(),
        data_hash=chosen.data_hash,
        remember=Memory(store, chosen.data_hash),
    )


def _is_named(file: File, chosen: Selection, indicators: Sequence[str] | None) -> bool:
    """Whether a file that brings no figures is a source of the panel: not so an older model of neighbours."""
    if file not in chosen.beside:
        return False
    return file["role"] == CURRENT or bool(lists_in(file, indicators)) or explains(file, chosen.files)


def _frame(store: Path, file: File, indicators: Sequence[str] | None) -> pd.DataFrame:
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


def _source(file: File) -> Source:
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
        if file["role"] == CURRENT:
            found += _list(store, file, "programmes")
    ordered = sorted(found, key=lambda each: (each.programme, each.area, each.site))
    return Programmes(tuple(ordered), is_sample=bool(manifest["is_sample"]))


def _flags(manifest: Manifest) -> frozenset[tuple[str, int, str]]:
    return frozenset((flag["area"], flag["time_period"], flag["source"]) for flag in manifest["flags"])


def _listed(store: Path, files: Sequence[File], kind: str, indicators: Sequence[str] | None) -> tuple[Any, ...]:
    """Every entry of a kind of list, where it was asked for."""
    return tuple(each for file in files if kind in lists_in(file, indicators) for each in _list(store, file, kind))


def _measures(store: Path, files: Sequence[File]) -> dict[str, Indicator]:
    """What the figures of some files measure, where the files say it themselves."""
    return {each.key: each for file in files for each in _list(store, file, "indicators")}


def _list(store: Path, file: File, kind: str) -> list[Any]:
    listed = file["lists"].get(kind)
    return read_list(store / PARTS / listed["part"], listed["bytes"], kind) if listed else []
