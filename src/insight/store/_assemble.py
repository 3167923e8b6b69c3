"""The manifest's content: files with their roles, totals, revisions and flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.register import Register
from insight.errors import ReleaseConflict
from insight.sources import all_indicators, why_left_alone
from insight.store._cards import Card, published_in_name
from insight.store._inputs import reader_version
from insight.store._lists import read_list
from insight.store._manifest import AIMS, COPY, CURRENT, FORMAT, LEFT_ALONE, PARTS, REGISTER, VINTAGE, Manifest, hash_of
from insight.store._parts import as_frame, read_rows
from insight.store._register import Known
from insight.store._releases import Issue, place_issues
from insight.store._revisions import count_revisions
from insight.store._scan import Folder
from insight.store._take_in import Taken
from insight.store._totals import compare_totals


def assemble(taken: Sequence[Taken], folder: Folder, known: Known, cards: Mapping[str, Card], store: Path) -> Manifest:
    """Everything that the manifest says but for the hash of its inputs.

    Raises
    ------
    ReleaseConflict
        If two files claim one release, or a card names another release than its file has.
    """
    files = _files(taken, folder, known, cards)
    frames = {
        file["path"]: as_frame(read_rows(store / PARTS / file["part"], file["part_bytes"])).assign(
            release=file["release"]
        )
        for file in files
        # A table that comes only by name has its totals, flags and vintages in the tables that it was made from.
        if file["role"] in (CURRENT, VINTAGE) and file["rows"] == "panel" and not file["is_by_name"]
    }
    current = {
        (file["source"], file["series"]): frames[file["path"]]
        for file in files
        if file["role"] == CURRENT and file["path"] in frames
    }
    indicators = all_indicators()
    said = [
        [f["source"], f["role"], f["release"], f["sha256"], f["content"]]
        for f in files
        if f["role"] in (CURRENT, VINTAGE)
    ]
    return {
        "format": FORMAT,
        "reader": reader_version(),
        "is_sample": known.register.is_sample,
        "register": {"sha256": known.identity, "part": known.part},
        "data_hash": hash_of([said, known.identity]),
        "files": files,
        "made_of": _made_of(indicators.values()) | _measures_of_aims(files, store),
        "totals": [entry for rows in current.values() for entry in compare_totals(rows, indicators, known.register)],
        "revisions": _revisions(files, frames, current, known.register),
        "flags": [flag for (source, _), rows in current.items() for flag in _flags(source, rows, known.register)],
    }


def _made_of(indicators: Iterable[Indicator]) -> dict[str, list[str]]:
    """Numerator and denominator of each indicator that says them."""
    pairs = {each.key: [key for key in (each.numerator, each.denominator) if key] for each in indicators}
    return {key: parts for key, parts in sorted(pairs.items()) if parts}


def _measures_of_aims(files: Sequence[Mapping[str, Any]], store: Path) -> dict[str, list[str]]:
    """What the aims of every region are held against."""
    listed = [file["lists"]["aims"] for file in files if file["role"] == CURRENT and "aims" in file["lists"]]
    aims = [aim for each in listed for aim in read_list(store / PARTS / each["part"], each["bytes"], "aims")]
    keys = sorted({key for aim in aims for key in aim.measure.split(" + ") if key})
    return {AIMS: keys} if keys else {}


def _files(taken: Sequence[Taken], folder: Folder, known: Known, cards: Mapping[str, Card]) -> list[dict[str, Any]]:
    # The same bytes may be two authorities' own files: then the name says whose each is, and neither is a copy.
    first = {(each.file.sha256, each.entry["series"]): each.file.name for each in reversed(taken) if each.entry}
    published = {each.file.name: _published(each, cards) for each in taken}
    issues = [
        Issue(
            each.file.name,
            each.entry["source"],
            each.entry["period"],
            published[each.file.name],
            each.entry["series"],
        )
        for each in taken
        if each.entry and first[each.file.sha256, each.entry["series"]] == each.file.name
    ]
    places = place_issues(issues)
    files: list[dict[str, Any]] = []
    for each in taken:
        own: dict[str, Any] = {"path": each.file.name, "sha256": each.file.sha256, "bytes": each.file.bytes}
        if each.entry is None:
            is_register = known.file is not None and each.file.sha256 == known.file.sha256
            why = why_left_alone(each.file.sha256)
            own |= {"role": REGISTER} if is_register else {"role": LEFT_ALONE, "why": why}
        elif each.file.name not in places:
            original = first[each.file.sha256, each.entry["series"]]
            own |= {**each.entry, "role": COPY, "copy_of": original}
            own |= {"release": places[original].release, "published": published[each.file.name]}
        else:
            place = places[each.file.name]
            own |= {**each.entry, "role": place.role, "release": place.release, "published": published[each.file.name]}
        files.append(own)
    files += [{"path": name, "role": LEFT_ALONE, "why": "a link that was not followed"} for name in folder.links]
    return sorted(files, key=lambda file: str(file["path"]))


def _published(taken: Taken, cards: Mapping[str, Card]) -> str:
    """When a file was published: as its card says, else as its name says, else ""."""
    card = cards.get(taken.file.sha256)
    if card and card.release and taken.entry and card.release != taken.entry["period"]:
        raise ReleaseConflict(
            f"reading {shown(taken.file.name)} with its card {shown(card.name)}",
            found=f"the card says release {shown(card.release)!r}, the file's newest period is {taken.entry['period']}",
            todo="correct the card",
        )
    return (card.published if card else "") or published_in_name(taken.file.name)


def _revisions(
    files: Sequence[Mapping[str, Any]],
    frames: Mapping[str, pd.DataFrame],
    current: Mapping[tuple[str, str], pd.DataFrame],
    register: Register,
) -> list[dict[str, Any]]:
    newest = {(file["source"], file["series"]): file["release"] for file in files if file["role"] == CURRENT}
    entries = []
    for file in files:
        if file["role"] == VINTAGE and file["path"] in frames:
            series = (file["source"], file["series"])
            counted = count_revisions(current[series], frames[file["path"]], all_indicators(), register)
            releases = {"source": file["source"], "older": file["release"], "newer": newest[series]}
            entries += [{**releases, **entry} for entry in counted]
    return entries


def _flags(source: str, rows: pd.DataFrame, register: Register) -> list[dict[str, Any]]:
    """The authorities and years with any figure of low reliability."""
    low = rows.loc[rows["status"] == Status.LOW_RELIABILITY.value, ["area", "time_period"]].drop_duplicates()
    pairs = sorted(zip(low["area"], low["time_period"].tolist(), strict=True))
    return [
        {"area": area, "time_period": year, "source": source}
        for area, year in pairs
        if register.get(area).level in ("authority", "joint")
    ]
