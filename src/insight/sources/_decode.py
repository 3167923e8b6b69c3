"""From bytes to text, without guessing and without a wrong letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from insight.core.area import shown
from insight.errors import UnreadableText

_BOM = "\ufeff"
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_NAMES = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "cp1252": "CP1252",
}
# A letter of two to four bytes as UTF-8 writes it.
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and how it was written: ``UTF-8``, ``UTF-8 with a byte-order mark``, ``CP1252`` ..."""

    text: str
    encoding: str


def codec_of(data: bytes) -> str:
    """The codec that the first bytes point to; ``utf-8`` where they point nowhere.

    Examples
    --------
    >>> codec_of("la_name".encode("utf-16-be"))
    'utf-16-be'
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return codec
    head = data[:2000]
    if len(head) >= 4 and head[1::2].count(0) > len(head) // 4 and not head[0::2].count(0):
        return "utf-16-le"
    if len(head) >= 4 and head[0::2].count(0) > len(head) // 4 and not head[1::2].count(0):
        return "utf-16-be"
    return "utf-8"


def decode(data: bytes, file: str) -> Decoded:
    """A whole file as text.

    UTF-8 and UTF-16, with a byte-order mark, several or none; failing UTF-8, CP1252, which councils' spreadsheets
    still write. A file that mixes the two is refused: half of it would come out as other letters.

    Raises
    ------
    UnreadableText
        If bytes fit no encoding, naming the first by offset and line.
    """
    codec = codec_of(data)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as fault:
        if codec != "utf-8":
            _refuse(data, file, fault.start, f"bytes that are not {_NAMES[codec]}")
        codec, text = "cp1252", _western(data, file, fault.start)
    plain = text.lstrip(_BOM)
    if "\ufffd" in plain:
        line = 1 + plain.count("\n", 0, plain.index("\ufffd"))
        raise UnreadableText(
            f"reading {shown(file)}",
            found=f"line {line} has a replacement character: a letter was lost before the file came here",
            todo="download the file again from its publisher",
        )
    marks = len(text) - len(plain)
    with_marks = {0: "", 1: " with a byte-order mark"}.get(marks, f" with {marks} byte-order marks")
    return Decoded(plain, _NAMES[codec] + with_marks)


def decode_head(head: bytes) -> str:
    """The beginning of a file as text, good enough to read its header by; never refuses."""
    return head.decode(codec_of(head), errors="replace").lstrip(_BOM)


def _western(data: bytes, file: str, first: int) -> str:
    if _UTF8_LETTER.search(data):
        _refuse(data, file, first, "two encodings in one file: some letters are UTF-8 and this one is not")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as fault:
        _refuse(data, file, fault.start, "a byte that is neither UTF-8 nor CP1252")


def _refuse(data: bytes, file: str, offset: int, what: str) -> NoReturn:
    before = data[:offset]
    line = 1 + (before.count(b"\n") or before.count(b"\r"))
    raise UnreadableText(
        f"reading {shown(file)}",
        found=f"{what} (byte {offset}, line {line})",
        todo="save the file as UTF-8 (in Excel: CSV UTF-8), or download it again",
    )
