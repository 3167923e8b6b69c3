"""Data frames that R has saved (.rds): their columns as rows of text.

Written from the description of the format in "R Internals", section "Serialization Formats". The library rdata reads
the same files; it takes a minute of processor time for one that is read here in two seconds, because it makes an object
of every cell. Nothing in such a file is run: functions and environments are refused.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from insight.core.area import shown
from insight.core.first_bytes import head_of
from insight.errors import NotTabular
from insight.sources._content import MAX_BYTES, Content, content_of
from insight.sources._table import Row, Table

_MAX_UNPACKED = 512 * 1024 * 1024
# The largest file of a publisher has 17 columns and 2,100,000 cells; the rest of an object is names and attributes.
_MOST_MEMBERS = 1000
_MOST_PARTS = 100_000
_MOST_CELLS = 20_000_000
_FORMAT = b"X\n"
_END_BYTES = 16_384
_NO_INTEGER = -(2**31)
# The kinds of things in a saved object that a data frame is made of.
_NOTHING, _REFERENCE, _SYMBOL, _PAIRS, _LETTERS = 254, 255, 1, 2, 9
_LOGICAL, _INTEGERS, _DOUBLES, _TEXTS, _LIST, _POINTER = 10, 13, 14, 16, 19, 22
_TWO = struct.Struct(">ii")


def holds_columns(path: Path, columns: Sequence[str]) -> bool:
    """Whether a file is a saved object of R that names these columns at its end, where a data frame has its names."""
    if content_of(head_of(path)) is not Content.COMPRESSED or path.stat().st_size > MAX_BYTES:
        return False
    try:
        data = _unpacked(path) if _begins(path) else b""
    except NotTabular:
        return False
    return data.startswith(_FORMAT) and all(column.encode() in data[-_END_BYTES:] for column in columns)


def read_r_table(path: Path) -> Table:
    """A saved data frame as a table: numbers as the shortest text that gives them again, and "" for what is missing.

    Raises
    ------
    NotTabular
        If the file is no data frame of texts and numbers, is cut off, or has more parts or cells than any that is
        published.
    """
    data = _unpacked(path)
    try:
        frame = _Reader(data, path.name).whole()
    except (struct.error, UnicodeDecodeError, IndexError, RecursionError, MemoryError) as fault:
        _refuse(path.name, f"an R object that cannot be read ({type(fault).__name__})")
    names = frame.attributes.get("names")
    if not isinstance(frame.value, list) or not isinstance(names, list) or len(names) != len(frame.value):
        _refuse(path.name, "an R object that is no data frame")
    columns = [_texts(column, path.name) for column in frame.value]
    if len({len(column) for column in columns}) != 1:
        _refuse(path.name, "columns of several lengths")
    rows = (Row(line, tuple(cells)) for line, cells in enumerate(zip(*columns, strict=True), start=1))
    return Table(tuple(str(name) for name in names), tuple(rows))


def _begins(path: Path) -> bool:
    """Whether a compressed file begins as a saved object does."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head_of(path), len(_FORMAT)) == _FORMAT
    except zlib.error:
        return False


def _unpacked(path: Path) -> bytes:
    """The bytes of a compressed file; those of the last one are kept."""
    facts = path.stat()
    return _unpack(path, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=1)
def _unpack(path: Path, size: int, changed: int) -> bytes:
    packed = zlib.decompressobj(wbits=31)
    try:
        data = packed.decompress(path.read_bytes(), _MAX_UNPACKED)
    except (zlib.error, MemoryError):
        _refuse(path.name, "a compressed file that cannot be read")
    if packed.unconsumed_tail or not packed.eof:
        _refuse(path.name, "a compressed file that is cut off, or too large")
    return data


@dataclass(frozen=True, slots=True)
class _Thing:
    """A value and its attributes by name."""

    value: object
    attributes: dict[str, object]


class _Reader:
    """Reads one object from the bytes of a file."""

    def __init__(self, data: bytes, file: str) -> None:
        self._data, self._file, self._at = data, file, 0
        self._parts = self._cells = 0
        self._named: list[str] = []
        self._known: dict[bytes, str] = {}

    def whole(self) -> _Thing:
        if not self._data.startswith(_FORMAT):
            _refuse(self._file, "a compressed file that holds no R object in the usual form")
        self._at = len(_FORMAT)
        version, _, _ = self._integer(), self._integer(), self._integer()
        if version not in (2, 3):
            _refuse(self._file, f"version {version} of the form in which R saves")
        if version == 3:
            length = self._integer()
            self._at += length  # the name of an encoding
        return self._thing()

    def _integer(self) -> int:
        (value,) = struct.unpack_from(">i", self._data, self._at)
        self._at += 4
        return int(value)

    def _length(self, most: int, what: str) -> int:
        """How many there are of something."""
        count = self._integer()
        if not 0 <= count <= most:
            _refuse(self._file, f"an R object with {count:,} {what}; a published one has at most {most:,}")
        return count

    def _cells_ahead(self) -> int:
        count = self._length(_MOST_CELLS, "cells in a column")
        self._cells += count
        if self._cells > _MOST_CELLS:
            _refuse(self._file, f"an R object with more than {_MOST_CELLS:,} cells")
        return count

    def _thing(self) -> _Thing:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            _refuse(self._file, f"an R object with more than {_MOST_PARTS:,} parts")
        flags = self._integer()
        kind, has_attributes = flags & 0xFF, bool(flags & 0x200)
        value: object
        if kind == _NOTHING:
            return _Thing(None, {})
        if kind == _REFERENCE:
            return _Thing(self._named[(flags >> 8 or self._integer()) - 1], {})
        if kind == _SYMBOL:
            self._named.append(str(self._thing().value))
            return _Thing(self._named[-1], {})
        if kind == _LETTERS:
            self._at -= 4
            return _Thing(self._strings(1)[0], {})
        if kind == _PAIRS:
            self._at -= 4
            return _Thing(None, self._pairs())
        if kind == _POINTER:
            self._named.append("")
            self._thing(), self._thing()
            value = None
        elif kind in (_LOGICAL, _INTEGERS):
            value = self._numbers("i", 4)
        elif kind == _DOUBLES:
            value = self._numbers("d", 8)
        elif kind == _TEXTS:
            value = self._strings(self._cells_ahead())
        elif kind == _LIST:
            value = [self._thing() for _ in range(self._length(_MOST_MEMBERS, "members"))]
        else:
            _refuse(self._file, f"an R object with a part of kind {kind}, which no plain data frame has")
        return _Thing(value, self._pairs() if has_attributes else {})

    def _pairs(self) -> dict[str, object]:
        """Named values, as attributes are kept."""
        found: dict[str, object] = {}
        while (flags := self._integer()) & 0xFF == _PAIRS:
            if flags & 0x200:
                self._thing()
            name = str(self._thing().value) if flags & 0x400 else ""
            found[name] = self._thing().value
        return found

    def _numbers(self, form: str, size: int) -> tuple[float, ...]:
        count = self._cells_ahead()
        values = struct.unpack_from(f">{count}{form}", self._data, self._at)
        self._at += size * count
        return values

    def _strings(self, count: int) -> list[str]:
        data, at, known, found = self._data, self._at, self._known, []
        for _ in range(count):
            flags, length = _TWO.unpack_from(data, at)
            if flags & 0xFF != _LETTERS:
                _refuse(self._file, f"an R object with a text of kind {flags & 0xFF}")
            at += 8
            if length < 0:
                found.append("")
                continue
            letters = data[at : at + length]
            at += length
            text = known.get(letters)
            if text is None:
                text = known[letters] = letters.decode("utf-8")
            found.append(text)
        self._at = at
        return found


def _texts(column: object, file: str) -> list[str]:
    """A column's cells as text."""
    if not isinstance(column, _Thing) or "levels" in column.attributes:
        _refuse(file, "a column of categories, which is not read")
    if isinstance(column.value, tuple):
        if math.inf in column.value or -math.inf in column.value:
            _refuse(file, "a column with an infinite number")
        return [_number(value) for value in column.value]
    if not isinstance(column.value, list) or not all(isinstance(cell, str) for cell in column.value):
        _refuse(file, "a column that is neither text nor numbers")
    return list(column.value)


def _number(value: float) -> str:
    """A number as text; what R marks as missing is the least of its whole numbers, or no number at all."""
    if math.isnan(value) or (isinstance(value, int) and value == _NO_INTEGER):
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def _refuse(file: str, found: str) -> NoReturn:
    raise NotTabular(
        f"reading {shown(file)}", found=found, todo="download it again, or save it from R as a plain data frame"
    )
