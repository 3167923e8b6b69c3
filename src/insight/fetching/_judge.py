"""What has arrived, by its bytes: the table that a card promises, or something else."""

from __future__ import annotations

import html
import json
import re
import zipfile
from pathlib import Path

from insight.core.area import shown
from insight.core.first_bytes import head_of, is_markup, is_web_page, plain
from insight.errors import NotTabular

_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_SAID = re.compile(rb"<(?:\w+:)?(message|title|code)>([^<]*)<", re.IGNORECASE)
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
# R data files: plain, gzip, bzip2 or xz.
_R_DATA = (b"X\n", b"A\n", b"RDX", _GZIP, b"BZh", b"\xfd7zXZ")
_WORKBOOK = {"xlsx": "xl/workbook.xml", "ods": "content.xml"}
_SEPARATORS = (b",", b"\t", b";", b"|")
_BROWSER = (
    "open the publication's page in a browser and see what it says there; then fetch again, or save the file by hand"
)
_PROXY = "ask whoever runs the network whether a proxy or a login stands between; then fetch again"


def is_gzip(head: bytes) -> bool:
    """Whether bytes are packed with gzip."""
    return head.startswith(_GZIP)


def said_in(head: bytes) -> str:
    """A web page or an answer of the service in words, with its title; "" for anything else.

    Examples
    --------
    >>> said_in(b"<!DOCTYPE html><title>Sign in</title>")
    "a web page titled 'Sign in'"
    >>> said_in(b'{"title": "Not Found", "status": 404}')
    "an answer of the service: 'Not Found'"
    >>> said_in(b"time_period,time_identifier")
    ''
    >>> said_in(b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')
    "an answer of the service: 'AccessDenied'"
    """
    if is_web_page(head):
        found = _TITLE.search(head.replace(b"\0", b""))
        title = shown(html.unescape(found[1].decode("utf-8", "replace"))) if found else ""
        return f"a web page titled {title!r}" if title else "a web page"
    if is_markup(head):
        return _fault(head)
    return _problem(head) if plain(head).startswith((b"{", b"[")) else ""


def refusal(asked: str, said: str) -> NotTabular:
    """The refusal of a web page or an answer of the service where a file was promised."""
    is_page = said.startswith("a web page")
    return NotTabular(asked, found=f"{said}, not the file", todo=_PROXY if is_page else _BROWSER)


def require_type(path: Path, *, kind: str, asked: str) -> None:
    """Refuse what is not of the type that the card promises.

    Raises
    ------
    NotTabular
        Naming what it is instead.
    """
    head = head_of(path)
    if said := said_in(head):
        raise refusal(asked, said)
    found = "" if _is(path, head, kind) else _what(head)
    if found:
        raise NotTabular(asked, found=f"{found}, where the card promises {kind}", todo=_BROWSER)


def _is(path: Path, head: bytes, kind: str) -> bool:
    if kind in _WORKBOOK:
        return head.startswith(_ZIP) and _has_member(path, _WORKBOOK[kind])
    if kind == "parquet":
        return head.startswith(_PARQUET) and _ends_with(path, _PARQUET)
    if kind == "rds":
        return head.startswith(_R_DATA)
    return _is_text(head) and any(mark in head.replace(b"\0", b"").splitlines()[0] for mark in _SEPARATORS)


def _is_text(head: bytes) -> bool:
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return (
        bool(plain(head)) and not head.startswith((_ZIP, _GZIP, _PARQUET, b"%PDF")) and (is_wide or b"\0" not in head)
    )


def _what(head: bytes) -> str:
    if not plain(head):
        return "an empty file"
    signs = {
        _ZIP: "a zip archive or workbook",
        _GZIP: "a gzip file",
        _PARQUET: "a Parquet file",
        b"%PDF": "a PDF document",
    }
    return next((words for sign, words in signs.items() if head.startswith(sign)), "something else")


def _has_member(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            return name in packed.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return False


def _ends_with(path: Path, sign: bytes) -> bool:
    with path.open("rb") as file:
        file.seek(-len(sign), 2)
        return file.read() == sign


def _fault(head: bytes) -> str:
    """What XML says that is for a program and no page, as the storage behind a publisher answers."""
    told = {found[1].lower(): found[2] for found in _SAID.finditer(head.replace(b"\0", b""))}
    first = next((told[name] for name in (b"message", b"title", b"code") if told.get(name)), b"")
    words = shown(html.unescape(first.decode("utf-8", "replace")))
    return f"an answer of the service: {words!r}" if words else "XML"


def _problem(head: bytes) -> str:
    """The title of a problem that a service describes in JSON."""
    try:
        content = json.loads(head.decode("utf-8-sig", "replace"))
    except ValueError:
        return "JSON"
    told = content if isinstance(content, dict) else {}
    title = shown(str(told.get("title") or told.get("message") or told.get("detail") or ""))
    return f"an answer of the service: {title!r}" if title else "JSON"
