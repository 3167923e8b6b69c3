"""What the first bytes of a file say of it: the one rule for what is a web page."""

from __future__ import annotations

from pathlib import Path

HEAD_BYTES = 65_536
_MARKS = b"\xef\xbb\xbf\xff\xfe \t\r\n"
_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script")


def head_of(path: Path) -> bytes:
    """The first bytes of a file, enough to know it by."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def plain(head: bytes) -> bytes:
    """First bytes in small letters, without what may stand before the first of them.

    UTF-16 puts a NUL beside every plain letter, so they are taken out, too.

    Examples
    --------
    >>> plain("\\ufeff\\n <HTML>".encode("utf-16-le"))
    b'<html>'
    """
    return head.replace(b"\0", b"").lstrip(_MARKS).lower()


def is_markup(head: bytes) -> bool:
    """Whether first bytes are those of a web page or of XML, which no table begins with.

    Examples
    --------
    >>> is_markup(b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"), is_markup(b"time_period,la_name")
    (True, False)
    """
    return plain(head).startswith(b"<")


def is_web_page(head: bytes) -> bool:
    """Whether first bytes are those of a page for a browser, and not of XML for a program.

    Examples
    --------
    >>> is_web_page(b"<?xml version='1.0'?><html xmlns='...'>"), is_web_page(b"<?xml version='1.0'?><Error/>")
    (True, False)
    """
    text = plain(head)
    return text.startswith(_PAGE) or (text.startswith(b"<") and b"<html" in text)
