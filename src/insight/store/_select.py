"""Which parts of a store a panel is made of, and one hash of what they say. Nothing is read but the manifest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insight.core.fingerprint import content_sha256
from insight.errors import PanelError
from insight.store._manifest import CURRENT, LISTS_BY_NAME, NAME, PARTS, PARTS_OF, VINTAGE, Manifest

File = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """A part of a store that a panel is made of.

    Parameters
    ----------
    name : str
        In words, with its release: "workforce, release 2025".
    content : str
        SHA-256 of what it says and of the day it was published, whatever the file was called or when it was written.
    files : tuple of str
        Its files, relative to the store.
    """

    name: str
    content: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is taken from a store.

    Parameters
    ----------
    files : tuple
        Entries of the manifest whose rows are read.
    beside : tuple
        Entries that bring only lists: neighbours and programmes always come, others where they are named. And those
        that explain the measures of the chosen ones.
    inputs : tuple of Input
        All of them, and the register, in order of name.
    data_hash : str
        SHA-256 of the content of the inputs and of what is taken from them.
    """

    files: tuple[File, ...]
    beside: tuple[File, ...]
    inputs: tuple[Input, ...]
    data_hash: str

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file of the store that is read, relative to it."""
        return (NAME, *sorted(path for each in self.inputs for path in each.files))


def select(
    manifest: Manifest,
    *,
    sources: Collection[str] | None = None,
    indicators: Collection[str] | None = None,
    vintages: bool = False,
) -> Selection:
    """The parts that hold some sources and indicators; keys that the store lacks are passed over."""
    indicators = resolved(manifest, indicators)
    roles = (CURRENT, VINTAGE) if vintages else (CURRENT,)
    taken = [file for file in manifest["files"] if file["role"] in (CURRENT, VINTAGE)]
    files = [file for file in taken if file["role"] in roles and _is_chosen(file, sources, indicators)]
    beside = [
        file
        for file in taken
        if file not in files and (_is_neighbours(file) or lists_in(file, indicators) or explains(file, files))
    ]
    inputs = [_rows_of(file, indicators) for file in files] + [_beside(file, indicators) for file in beside]
    inputs.append(_register_of(manifest))
    if indicators is not None and "flags" in indicators:
        inputs.append(_input("returns withheld as unreliable", [content_sha256(manifest["flags"])], ()))
    inputs.sort(key=lambda each: each.name)
    if sources is None and indicators is None and not vintages:
        data_hash = str(manifest["data_hash"])
    else:
        kept = sorted({key for file in files for key in keys_of(file, indicators)})
        said = [[each.name, each.content] for each in inputs]
        data_hash = content_sha256([said, kept, vintages, manifest["is_sample"]])
    return Selection(tuple(files), tuple(beside), tuple(inputs), data_hash)


def resolved(manifest: Manifest, indicators: Collection[str] | None) -> list[str] | None:
    """The keys, with the parts that are asked for in their place: "parts of X" is what X is made of, where known."""
    if indicators is None:
        return None
    keys: dict[str, None] = {}
    for key in indicators:
        whole = key.removeprefix(PARTS_OF)
        keys.update(dict.fromkeys([key] if whole == key else manifest["made_of"].get(whole, ())))
    return list(keys)


def keys_of(file: File, indicators: Collection[str] | None) -> list[str]:
    """The indicators of a file that are wanted, in the order of its row groups."""
    return [key for key in file["indicators"] if indicators is None or key in indicators]


def lists_in(file: File, indicators: Collection[str] | None) -> list[str]:
    """The kinds of lists that a file brings.

    Programmes always, of the current release; what was published of inspections where it is named, of every release,
    since an older one may hold what a newer one has lost; aims where they are named. A release that was issued again
    is replaced by its last issue: a correction is no second report.
    """
    wanted = ["programmes", *(kind for kind in LISTS_BY_NAME if indicators is None or kind in indicators)]
    is_of_every_release = {"judgements": not _is_replaced(file)}
    return [
        kind
        for kind in sorted(file["lists"])
        if kind in wanted and (file["role"] == CURRENT or is_of_every_release.get(kind, False))
    ]


def explains(file: File, files: Sequence[File]) -> bool:
    """Whether any of the files was read with this one, which says what its figures measure."""
    return any(each["companion"] == file["sha256"] for each in files)


def _is_replaced(file: File) -> bool:
    # Only an issue that a later one of the same release replaces is called by more than its newest period.
    return bool(file["release"] != file["period"])


def _is_neighbours(file: File) -> bool:
    # Of any release: each is a model of its own.
    return bool(file["rows"] == "neighbours")


def require_known(
    files: Sequence[File], *, sources: Collection[str] | None = None, indicators: Collection[str] | None = None
) -> None:
    """Refuse a source or an indicator that none of the files has.

    Raises
    ------
    PanelError
        Naming what there is.
    """
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


def _is_chosen(file: File, sources: Collection[str] | None, indicators: Collection[str] | None) -> bool:
    if sources is None and indicators is None:
        # A table of hundreds of measures comes only to those who name what they want of it.
        return not file["is_by_name"]
    return (sources is None or file["source"] in sources) and (indicators is None or bool(keys_of(file, indicators)))


def _rows_of(file: File, indicators: Collection[str] | None) -> Input:
    paths = [file["part"]] if file["rows"] != "none" else []
    kinds = [*lists_in(file, indicators), *(["indicators"] if "indicators" in file["lists"] else [])]
    paths += [file["lists"][kind]["part"] for kind in kinds]
    return _input(_name(file), [file["content"], *_shown(file)], paths)


def _beside(file: File, indicators: Collection[str] | None) -> Input:
    """Of a file that has rows too, only the lists are read; of one that explains others, nothing is."""
    if not _is_neighbours(file) and not lists_in(file, indicators):
        # What it says of the measures stands with their figures.
        return _input(_name(file), _shown(file), ())
    if file["rows"] != "panel":
        return _rows_of(file, indicators)
    kinds = lists_in(file, indicators)
    listed = [file["lists"][kind] for kind in kinds]
    name = f"{' and '.join(kinds)} in {_name(file)}"
    return _input(name, [*(each["sha256"] for each in listed), *_shown(file)], [each["part"] for each in listed])


def _shown(file: File) -> list[str]:
    """What a page says of a file beside its figures. Other bytes are another file, even where its figures are equal."""
    return [file["sha256"], file["published"]]


def _input(name: str, content: Sequence[str], parts: Sequence[str]) -> Input:
    return Input(name, content_sha256(content), tuple(f"{PARTS}/{part}" for part in parts))


def _name(file: File) -> str:
    series = f" of {file['series']}" if file["series"] else ""
    return f"{file['source'].replace('_', ' ')}{series}, release {file['release']}"


def _register_of(manifest: Manifest) -> Input:
    part = manifest["register"]["part"]
    return Input("register of areas", manifest["register"]["sha256"], (f"{PARTS}/{part}",) if part else ())
