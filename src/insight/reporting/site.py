"""The site around the pages: an index by region, and plain pages for areas without a result."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from insight import __version__
from insight.core.area import Area
from insight.core.finding import VERDICTS, VerdictWords
from insight.core.html import SAMPLE_BANNER
from insight.core.register import Register
from insight.errors import UnknownStudy, UsageError
from insight.reporting.templating import page

Status = Literal["ok", "failed", "kept", "older"]

_NO_REGION = "Other areas"
# Codes, joint codes and study names, and nothing that could lead out of the folder or into a script.
_HREF = re.compile(r"[A-Za-z0-9_]+/[a-z0-9_]+(--[A-Za-z0-9_-]+)?\.html", re.ASCII)


@dataclass(frozen=True)
class SiteEntry:
    """One page of the index.

    Parameters
    ----------
    level : str
        Of the area: authority, joint, region or nation.
    title : str
        The study in a few words.
    headline, verdict_words : str
        First sentence of the finding, and its verdict for people; empty without a page.
    status : "ok", "failed", "kept" or "older"
        Kept: the last run failed and an earlier page stands. Older: the page was made from other data than the last
        run's, and was not asked for since.
    href : str
        The page as seen from the index (``E06000051/caseload_turnover.html``); empty without a page.
    reason : str
        Why the last run failed.
    also : tuple of str
        Other names that the search should find the area by.
    """

    area: str
    area_name: str
    region_name: str
    level: str
    study: str
    title: str
    headline: str = ""
    verdict_words: str = ""
    status: Status = "ok"
    href: str = ""
    reason: str = ""
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.href and not _HREF.fullmatch(self.href):
            raise UsageError(
                "listing a page in the index",
                found="an address that is not <code>/<study>.html",
                todo="name pages by the area's code and the study",
            )


@dataclass(frozen=True)
class _AreaView:
    name: str
    find: str
    entries: tuple[SiteEntry, ...]


def site_entries(
    out: Path,
    hrefs: Iterable[str],
    failed: Mapping[str, str],
    register: Register,
    *,
    older: Collection[str] = (),
) -> tuple[SiteEntry, ...]:
    """Entries of the pages that stand in a folder, read from their records, and of those that failed.

    Parameters
    ----------
    hrefs : iterable of str
        Pages that stand, as seen from ``out``.
    failed : mapping of href to reason
        Pages that the last run could not make, whether an earlier one stands or not.
    older : collection of str
        Those of the pages that were made from other data than the last run's.
    """
    standing = {href: read_summary(out / href) for href in hrefs}
    entries = []
    for href in sorted({*standing, *failed}):
        record = standing.get(href)
        code, _, rest = href.removesuffix(".html").partition("/")
        study = rest.partition("--")[0]
        area = register.get(code)
        entries.append(
            SiteEntry(
                area=code,
                area_name=area.name,
                region_name=area.name if area.level == "region" else area.region_name or "",
                level=area.level,
                study=study,
                title=_title(study, record, apart=rest.removesuffix(".html").partition("--")[2]),
                headline=record.words[0] if record and record.words else "",
                verdict_words=_verdict(record),
                status=_status(record, href in failed, href in older),
                href=href if record else "",
                reason=" ".join(failed.get(href, "" if record else "its record cannot be read").split()),
                also=_also(area),
            )
        )
    return tuple(entries)


def _verdict(record: Summary | None) -> str:
    """The verdict in a few words; an earlier form of record has only its name."""
    if record is None:
        return ""
    if record.verdict_words is not None:
        return record.verdict_words.short
    known: dict[str, VerdictWords] = {str(name): words for name, words in VERDICTS.items()}
    return known[record.verdict].short if record.verdict in known else "No verdict"


def _status(record: Summary | None, has_failed: bool, is_older: bool) -> Status:
    if record is None:
        return "failed"
    if has_failed:
        return "kept"
    return "older" if is_older else "ok"


def index_html(entries: Sequence[SiteEntry], *, register: Register) -> str:
    """The site's index: by region, every area that has a page or should have one; then those that were not asked for.

    It reads without its script, which only adds the search.
    """
    listed = {entry.area for entry in entries}
    without = [area for area in register.authorities() if area.code not in listed]
    pages = sum(bool(entry.href) for entry in entries)
    failed = sorted((entry for entry in entries if entry.status in ("failed", "kept")), key=_by_name)
    return page(
        "index.html",
        script="search.js",
        banner=SAMPLE_BANNER if register.is_sample else None,
        counts=_counts(pages, len({entry.area for entry in entries if entry.href}), len(failed)),
        regions=_by_region(entries),
        failed=failed,
        without=[_AreaView(area.name, _find(area.name, area.code, _also(area)), ()) for area in without],
        package_version=__version__,
    )


def _by_region(entries: Sequence[SiteEntry]) -> list[tuple[str, list[_AreaView]]]:
    areas: dict[tuple[str, str], list[SiteEntry]] = {}
    for entry in entries:
        areas.setdefault((entry.region_name, entry.area), []).append(entry)
    regions: dict[str, list[_AreaView]] = {}
    for (region, code), own in areas.items():
        first = own[0]
        view = _AreaView(
            name=first.area_name,
            find=_find(first.area_name, code, first.also),
            entries=tuple(sorted(own, key=_by_name)),
        )
        regions.setdefault(region, []).append(view)
    named = sorted((name for name in regions if name), key=str.casefold)
    order = [*named, ""] if "" in regions else named
    return [
        (
            name or _NO_REGION,
            sorted(regions[name], key=lambda view: (view.name != name, view.name.casefold(), view.find)),
        )
        for name in order
    ]


def _by_name(entry: SiteEntry) -> tuple[str, ...]:
    return entry.area_name.casefold(), entry.area, entry.title, entry.study, entry.href


def _counts(pages: int, areas: int, failed: int) -> str:
    said = f"{pages:,} {'page' if pages == 1 else 'pages'} on {areas:,} {'area' if areas == 1 else 'areas'}."
    return said + (f" The last run could not make {failed:,}." if failed else "")


def _find(name: str, code: str, also: Sequence[str]) -> str:
    return " ".join(dict.fromkeys([name, code.replace("_", " "), *also]))


def _also(area: Area) -> tuple[str, ...]:
    return (*area.aliases, *area.trusts, *area.codes[1:])


def _title(study: str, record: Summary | None, *, apart: str) -> str:
    """The study in a few words, and what sets this page apart from its ordinary one."""
    from insight import studies

    try:
        title = studies.find(study).title
    except UnknownStudy:
        title = record.question if record and record.question else study
    return f"{title}: {apart.replace('--', ', ').replace('-', ' ')}" if apart else title


class SourceSummary(BaseModel):
    """A source, as far as a notice names it."""

    title: str
    release: str = ""


class VerdictSummary(BaseModel):
    """The verdict, as the index shows it."""

    short: str


class Summary(BaseModel):
    """What the site needs of a record, whichever version of this package wrote it."""

    key: str
    area: str
    is_sample: bool
    data_hash: str = ""
    question: str = ""
    words: tuple[str, ...] = ()
    verdict: str = ""
    verdict_words: VerdictSummary | None = None
    sources: tuple[SourceSummary, ...] = ()


def read_summary(html: Path) -> Summary | None:
    """Of the record beside a page; None where there is none that can be read."""
    try:
        return Summary.model_validate_json(html.with_suffix(".json").read_bytes())
    except (OSError, ValidationError):
        return None
