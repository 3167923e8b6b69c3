"""One rule for what is a web page, for files that are read, looked at and fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.core.first_bytes import is_markup, is_web_page
from insight.fetching._judge import said_in
from insight.sources._content import Content, content_of
from insight.store._looks import describe_unknown

HEADS = {
    b"<!DOCTYPE html><title>Sign in</title>": "page",
    b"\xef\xbb\xbf \r\n<HTML>": "page",
    "<html>login, please</html>".encode("utf-16"): "page",
    b"<!-- a comment first --><html>": "page",
    b"<?xml version='1.0'?><html xmlns='x'>": "page",
    b"<script>location = 'a,b'</script>": "page",
    b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>": "xml",
    b"<Message><Header>a,b</Header></Message>": "xml",
    b"time_period,la_name": "",
    b"5 < 6,html": "",
}


@pytest.mark.parametrize(("head", "kind"), HEADS.items())
def test_each_reader_says_the_same_of_first_bytes(tmp_path: Path, head: bytes, kind: str) -> None:
    assert (is_web_page(head), is_markup(head)) == (kind == "page", kind != "")
    assert (content_of(head) is Content.WEB_PAGE) == (kind != "")
    assert said_in(head).startswith("a web page") == (kind == "page")
    assert bool(said_in(head)) == (kind != "")
    path = tmp_path / "file"
    path.write_bytes(head)
    looks = " ".join(words for _, words in describe_unknown(path))
    assert ("an XML file" in looks) == (kind == "xml")
    assert ("a web page" in looks) == (kind == "page")
