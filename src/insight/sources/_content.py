"""What a file's bytes are, whatever its name says."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from insight.core.area import shown
from insight.core.first_bytes import is_markup, plain
from insight.errors import NotTabular

MAX_BYTES = 512 * 1024 * 1024
TABLE_NAMES = frozenset({".csv", ".tsv", ".ods", ".xlsx"})
WORKBOOK_NAMES = frozenset({".ods", ".xlsx"})


class Content(StrEnum):
    """What the first bytes show; the value completes the sentence "this is ..."."""

    TEXT = "text"
    EMPTY = "an empty file"
    WEB_PAGE = "a web page"
    ARCHIVE = "a zip archive or a spreadsheet"
    PARQUET = "a Parquet file"
    OLD_WORKBOOK = "an old Excel workbook"
    COMPRESSED = "a gzip file"
    PDF = "a PDF document"
    BINARY = "no text"


_SIGNS = (
    (b"PK\x03\x04", Content.ARCHIVE),
    (b"PK\x05\x06", Content.ARCHIVE),
    (b"PAR1", Content.PARQUET),
    (b"%PDF-", Content.PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content.OLD_WORKBOOK),
    (b"\x1f\x8b", Content.COMPRESSED),
)
_CAUSES = {
    Content.EMPTY: "the download was probably cut off",
    Content.WEB_PAGE: "the download was probably blocked by a proxy or needs a login",
}


def content_of(head: bytes) -> Content:
    """What the first bytes are.

    Examples
    --------
    >>> content_of(b"\\xef\\xbb\\xbf <!DOCTYPE html><title>Sign in</title>").value
    'a web page'
    >>> content_of(b"time_period,time_identifier").value
    'text'
    """
    for sign, content in _SIGNS:
        if head.startswith(sign):
            return content
    if not plain(head):
        return Content.EMPTY
    if is_markup(head):
        return Content.WEB_PAGE
    return Content.BINARY if _is_binary(head) else Content.TEXT


def _is_binary(head: bytes) -> bool:
    controls = sum(head[:4096].count(byte) for byte in (*range(1, 9), *range(14, 32)))
    return controls > len(head[:4096]) // 50


def require_table(path: Path, content: Content) -> None:
    """Refuse a file that is named as a table and is none.

    Raises
    ------
    NotTabular
        If a ``.csv``, ``.tsv``, ``.ods`` or ``.xlsx`` holds something else.
    """
    suffix = path.suffix.lower()
    is_workbook = suffix in WORKBOOK_NAMES and content is Content.ARCHIVE
    if suffix in TABLE_NAMES and content not in (Content.TEXT, Content.BINARY) and not is_workbook:
        _refuse(path, content)


def _refuse(path: Path, content: Content) -> NoReturn:
    cause = f"; {_CAUSES[content]}" if content in _CAUSES else f"; its name should not end in {path.suffix}"
    raise NotTabular(
        f"reading {shown(path.name)}",
        found=f"this is {content}, not data{cause}",
        todo="open the publisher's page in a browser, download the file again and check that it opens as a table",
    )
