"""Out of an archive or a gzip stream: never more than a file may have, never to a place that the archive chooses."""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import IO, NoReturn

from insight.core.area import shown
from insight.core.first_bytes import head_of
from insight.errors import SourceRefused
from insight.fetching._judge import refusal, said_in

CHUNK_BYTES = 65_536
MOST_MEMBERS = 10_000
_ENCRYPTED = 0x1
_AGAIN = "fetch it again; if that does not help, take the file from the publication's page"


def take_member(archive: Path, member: str, *, into: Path, most_bytes: int, asked: str) -> None:
    """Unpack one member, by its exact name, into a file whose name the archive does not choose.

    Raises
    ------
    NotTabular
        If a web page or an answer of the service has arrived in the place of an archive.
    SourceRefused
        If it is no archive, holds no such member or two, is locked, is damaged, names a place outside itself, or
        unpacks to more bytes than the card allows.
    """
    if said := said_in(head_of(archive)):
        raise refusal(asked, said)
    try:
        with zipfile.ZipFile(archive) as packed:
            info = _info(packed, member, asked)
            if info.file_size > most_bytes:
                _refuse_size(asked, most_bytes)
            with packed.open(info) as stream, into.open("wb", buffering=0) as file:
                for chunk in _bounded(stream, most_bytes, asked):
                    file.write(chunk)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, lzma.LZMAError, RuntimeError) as fault:
        _refuse(asked, f"an archive that cannot be unpacked ({type(fault).__name__})")


def take_plain(part: Path, *, into: Path, most_bytes: int, asked: str) -> None:
    """Unpack a gzip stream into a file.

    Raises
    ------
    SourceRefused
        If it is damaged, or unpacks to more bytes than the card allows.
    """
    try:
        with gzip.open(part) as stream, into.open("wb", buffering=0) as file:
            for chunk in _bounded(stream, most_bytes, asked):
                file.write(chunk)
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        _refuse(asked, f"a gzip stream that cannot be unpacked ({type(fault).__name__})")


def _info(packed: zipfile.ZipFile, member: str, asked: str) -> zipfile.ZipInfo:
    names = packed.namelist()
    if len(names) > MOST_MEMBERS:
        _refuse(asked, f"an archive of {len(names):,} files")
    if any(map(_leads_outside, names)):
        # Nothing would be written there; but no publisher makes such an archive.
        _refuse(asked, "an archive with a name in it that leads outside of it")
    found = [info for info in packed.infolist() if info.filename == member]
    if not found:
        near = [shown(name) for name in get_close_matches(member, names, n=3, cutoff=0.5)]
        words = f"; the nearest are {', '.join(near)}" if near else ""
        _refuse(asked, f"no {shown(member)!r} among the {len(names)} files of the archive{words}", _MEMBER)
    if len(found) > 1:
        _refuse(asked, f"{shown(member)!r} more than once in the archive")
    if found[0].flag_bits & _ENCRYPTED:
        _refuse(asked, "a file that is locked with a password")
    return found[0]


_MEMBER = "the release may have been made anew: look at the publication's page, then correct member in the card"


def _leads_outside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or (len(parts[0]) == 2 and parts[0][1] == ":")


def _bounded(stream: IO[bytes] | gzip.GzipFile, most_bytes: int, asked: str) -> Iterator[bytes]:
    size = 0
    while chunk := stream.read(CHUNK_BYTES):
        size += len(chunk)
        if size > most_bytes:
            _refuse_size(asked, most_bytes)
        yield chunk


def _refuse_size(asked: str, most_bytes: int) -> NoReturn:
    _refuse(
        asked,
        f"more than {most_bytes:,} bytes once unpacked",
        "look at the publication's page; if the file has grown, give the card a larger limit: bytes = ...",
    )


def _refuse(asked: str, found: str, todo: str = _AGAIN) -> NoReturn:
    raise SourceRefused(asked, found=found, todo=todo)
