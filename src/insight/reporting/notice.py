"""What stands where a page could not be made: the last good page with a notice, or a plain page that says so.

A page is born with an empty pair of markers at the start of its main part; the notice goes between them, so that it
needs nothing but the page and its record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insight.reporting.site_freshness import Age

OPEN, CLOSE = b"<!--notice-->", b"<!--/notice-->"
_CODE = re.compile(r"\bE\d{3}\b")
_MAIN = b'<main id="main"'


def with_notice(html: bytes, releases: tuple[str, ...]) -> bytes | None:
    """A page with a notice at its top that says that the last run failed, and which releases it shows.

    A notice that is already there is replaced. None where the page has no place for one.
    """
    return _marked(html, "notice.html", releases=releases)


def with_age(html: bytes, old: Sequence[Age]) -> bytes | None:
    """A page with a notice at its top that names the sources of which two or more releases have come out since.

    None where the page has no place for one.
    """
    return _marked(html, "site_stale.html", old=old)


def _marked(html: bytes, template: str, **values: Any) -> bytes | None:
    place = _place(html)
    if place is None:
        return None
    from insight.reporting.templating import environment, visible

    said = environment().get_template(template).render(**values)
    return html[: place[0]] + visible(said).strip().encode() + html[place[1] :]


def without_notice(html: bytes) -> bytes:
    """A page as it was made."""
    place = _place(html)
    return html if place is None else html[: place[0]] + html[place[1] :]


def releases_of(page: Path) -> tuple[str, ...]:
    """The releases that a page shows, in words, from the record beside it; each once, in order of title."""
    from insight.reporting.site import read_summary

    record = read_summary(page)
    if record is None or record.key.encode() not in page.read_bytes():
        return ()
    said = {
        f"{source.title}, release {source.release}" if source.release else source.title for source in record.sources
    }
    return tuple(sorted(said))


def is_good_page(page: Path) -> bool:
    """Whether a page with figures stands there to its end.

    Its own markers say so. The record beside it need not: it may be of an earlier form, or of the next page where the
    power failed between two renames.
    """
    try:
        html = page.read_bytes()
    except OSError:
        return False
    return _place(html) is not None and html.rstrip().endswith(b"</html>")


def failed_page(*, area_name: str, title: str, reason: str, is_sample: bool) -> bytes:
    """A page without figures that says in words what failed."""
    from insight import __version__
    from insight.core.html import SAMPLE_BANNER
    from insight.reporting.templating import page

    # What to do next is for those who run insight, who read it in the console and the index.
    lines = [line.strip() for line in reason.splitlines() if line.strip() and not line.strip().startswith("next:")]
    html = page(
        "failed.html",
        banner=SAMPLE_BANNER if is_sample else None,
        area_name=area_name,
        title=title,
        lines=lines,
        codes=tuple(dict.fromkeys(_CODE.findall(reason))),
        index_href="../index.html",
        errors_href="../errors.html",
        package_version=__version__,
    )
    return html.encode()


def _place(html: bytes) -> tuple[int, int] | None:
    # Data are escaped and cannot hold a marker; the first pair after the start of the main part is ours.
    main = html.find(_MAIN)
    start = html.find(OPEN, main) if main >= 0 else -1
    end = html.find(CLOSE, start) if start >= 0 else -1
    return (start + len(OPEN), end) if end >= 0 else None
