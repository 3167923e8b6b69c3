"""What the provenance cards say of downloads: an address, a release archive, or a data set of the statistics API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from insight.core.area import printable, shown
from insight.core.card import read_card_text, refuse_card
from insight.errors import UsageError

API = "https://api.education.gov.uk/statistics/v1"
TYPES = ("csv", "ods", "parquet", "rds", "xlsx")
MOST_BYTES = 512 * 1024 * 1024
"""More than any published file or archive."""
USUAL_BYTES = 64 * 1024 * 1024
"""Where a card sets no limit of its own."""
NOT_KNOWN = "address not known: take it from the publication's page"

_DATA_SET = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}(?:\.[0-9]{1,4})?")
# Names that Windows keeps for devices, whatever follows the point.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_NOT_IN_A_NAME = frozenset('<>:"/\\|?*')
_KEYS = {"url": {"url"}, "zip": {"zip", "member"}, "api": {"api", "version"}, "missing": {"missing"}}
_LIMITS = {"bytes", "type"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file is had from.

    Parameters
    ----------
    kind : "file", "zip" or "api"
    address : str
        Of the file, of the archive that holds it, or of the data set's CSV in one version.
    type : str
        What the file must be; one of ``TYPES``.
    most_bytes : int
        What the file may have, unpacked.
    member : str
        Its exact name within the archive.
    """

    kind: Literal["file", "zip", "api"]
    address: str
    type: str
    most_bytes: int
    member: str = ""


@dataclass(frozen=True, slots=True)
class FetchCard:
    """One published file: what it is called here, what it must be, and where it comes from.

    ``missing`` says why there is no ``origin``; ``page`` is where a person finds the file.
    """

    name: str
    title: str
    file: str
    release: str
    published: str
    sha256: str
    page: str
    origin: Origin | None
    missing: str = ""


def wanted(paths: Sequence[Path], *, names: Sequence[str] = ()) -> tuple[FetchCard, ...]:
    """The cards in order of name, or those asked for.

    Raises
    ------
    UsageError
        If there are no cards, or none of a name that was asked for.
    SourceRefused
        If a card cannot be used, or two cards want one file name for different files.
    """
    cards = {path.stem: path for path in sorted(paths, key=lambda path: path.name)}
    if not cards:
        raise UsageError(
            "looking for provenance cards",
            found="none in data/raw",
            todo="run from the project's folder, where insight.toml is",
        )
    unknown = [name for name in names if name not in cards]
    if unknown:
        raise UsageError(
            f"looking for the card {shown(unknown[0])!r}",
            found="no card of that name",
            todo=f"the cards are: {', '.join(cards)}",
        )
    chosen = tuple(read_card(cards[name]) for name in cards if not names or name in names)
    first: dict[str, FetchCard] = {}
    for card in chosen:
        other = first.setdefault(card.file.casefold(), card)
        if other is not card:
            refuse_card(card.name, f"the same file name as the card {shown(other.name)}", "give one file another name")
    return chosen


def read_card(path: Path) -> FetchCard:
    """One card.

    Raises
    ------
    SourceRefused
        If it cannot be read, names no usable file, or its ``[fetch]`` is not one of the forms that there are.
    """
    text = read_card_text(path)
    content = text.content
    given = content.get("fetch", {"missing": NOT_KNOWN})
    if not isinstance(given, dict):
        refuse_card(path.name, "a fetch that is no table")
    file = _file_name(path.name, content.get("file"))
    return FetchCard(
        name=path.stem,
        title=str(content.get("title", "")),
        file=file,
        release=text.release,
        published=text.published,
        sha256=text.sha256,
        page=str(content.get("address", "")),
        origin=_origin(path.name, given, file),
        missing=str(given.get("missing", "")),
    )


def _file_name(card: str, given: object) -> str:
    """A plain file name that every system takes; a card never says in which folder."""
    if not isinstance(given, str) or not given:
        refuse_card(card, "no name of a file")
    is_plain = (
        given == printable(given)
        and not _NOT_IN_A_NAME & set(given)
        and given[0] not in ".~ "
        and given[-1] not in ". "
        and len(given) <= 120
        and not _RESERVED.fullmatch(given)
    )
    if not is_plain:
        refuse_card(card, f"{shown(given)!r}, which is no plain name of a file")
    return given


def _origin(card: str, given: Mapping[str, Any], file: str) -> Origin | None:
    forms = [form for form in _KEYS if form in given]
    if len(forms) != 1:
        refuse_card(
            card,
            f"a fetch with {' and '.join(forms) or 'no address'}",
            "give url, or zip and member, or api and version",
        )
    wrong = sorted(set(given) - _KEYS[forms[0]] - _LIMITS | _KEYS[forms[0]] - set(given))
    if wrong:
        refuse_card(card, f"a fetch that lacks {wrong[0]!r}" if wrong[0] not in given else f"a fetch with {wrong[0]!r}")
    if forms == ["missing"]:
        return None
    told = {key: value for key, value in given.items() if key != "bytes"}
    if not all(isinstance(value, str) and value for value in told.values()):
        refuse_card(card, "a fetch with a value that is not text")
    kind = given.get("type", Path(file).suffix.lower().removeprefix("."))
    if kind not in TYPES:
        refuse_card(card, f"the type {shown(str(kind))!r}", f"the types are: {', '.join(TYPES)}")
    most = given.get("bytes", USUAL_BYTES)
    if isinstance(most, bool) or not isinstance(most, int) or not 0 < most <= MOST_BYTES:
        refuse_card(card, "a limit of bytes that is none", f"give a whole number from 1 to {MOST_BYTES}")
    if forms == ["api"]:
        return Origin("api", _api_address(card, given["api"], given["version"]), kind, most)
    if forms == ["zip"]:
        return Origin("zip", given["zip"], kind, most, given["member"])
    return Origin("file", given["url"], kind, most)


def _api_address(card: str, data_set: str, version: str) -> str:
    if not _DATA_SET.fullmatch(data_set):
        refuse_card(card, f"the data set {shown(data_set)!r}, which is no id of the statistics API")
    if not _VERSION.fullmatch(version):
        # A revised figure arrives as a minor version: without one, the same card would give other figures later.
        refuse_card(card, f"the version {shown(version)!r}", 'pin one version of the data set, for example "2.1"')
    return f"{API}/data-sets/{data_set}/csv?dataSetVersion={version}"
