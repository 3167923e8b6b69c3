"""What a site says of its pages, read from the records beside them: the source of index, area and question pages."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, ValidationError

from insight.core.finding import VERDICTS, VerdictWords
from insight.core.fingerprint import canonical, package_fingerprint
from insight.core.whole import write_whole
from insight.errors import UnknownStudy, UsageError
from insight.reporting.folder import is_page_address
from insight.reporting.site_freshness import Releases, oldest
from insight.reporting.site_places import Place

Status = Literal["ok", "failed", "kept", "older"]


class StudyWords(TypedDict):
    """A study in a few words, and its question in one sentence."""

    title: str
    question: str


class SourceSummary(BaseModel):
    """A source, as far as a site names it."""

    model_config = ConfigDict(frozen=True)

    key: str = ""
    publisher: str = ""
    title: str
    release: str = ""
    published: str | None = None
    sha256: str = ""

    def __repr__(self) -> str:
        # Part of the key of every page that lists it, so thousands are written at once.
        return f"{self.key!r} {self.publisher!r} {self.title!r} {self.release!r} {self.published!r} {self.sha256!r}"


class VerdictSummary(BaseModel):
    """The verdict, as lists show it."""

    short: str


class NumberSummary(BaseModel):
    """The headline number in the words of its page."""

    value: str
    unit: str = ""
    of: str = ""
    interval: str = ""

    def __repr__(self) -> str:
        return f"{self.value!r} {self.unit!r} {self.of!r} {self.interval!r}"


class Summary(BaseModel):
    """What the site needs of a record, whichever version of this package wrote it.

    ``number`` is None where the record is of an earlier form; `read_full` fills it in.
    """

    key: str
    area: str
    is_sample: bool
    data_hash: str = ""
    question: str = ""
    words: tuple[str, ...] = ()
    does_not_show: tuple[str, ...] = ()
    verdict: str = ""
    verdict_words: VerdictSummary | None = None
    sources: tuple[SourceSummary, ...] = ()
    parameters: dict[str, Any] = {}
    number: NumberSummary | None = None


@dataclass(frozen=True)
class SiteEntry:
    """One page of a site, or one that should be there.

    Parameters
    ----------
    level : str
        Of the area: authority, joint, region or nation.
    title : str
        The study in a few words, and what sets this page apart from its ordinary one.
    question : str
        In one sentence, as for any area; empty where only the title is known.
    asked : str
        The question as the page itself puts it.
    headline, verdict_words : str
        First sentence of the finding, and its verdict for people; empty without a page.
    words : tuple of str
        Every sentence of the finding.
    status : "ok", "failed", "kept" or "older"
        Kept: the last run failed and an earlier page stands. Older: the page was made from other data than the last
        run's, and was not asked for since.
    href : str
        The page as seen from the index (``E06000051/caseload_turnover.html``); empty without a page.
    name : str
        The page's name without its ending.
    reason : str
        Why the last run failed.
    also : tuple of str
        Other names that the search should find the area by.
    releases_old : int
        How many releases have come out since, of the source where most have.
    """

    area: str
    area_name: str
    region_name: str
    level: str
    study: str
    title: str
    question: str = ""
    asked: str = ""
    headline: str = ""
    words: tuple[str, ...] = ()
    does_not_show: tuple[str, ...] = ()
    number: NumberSummary | None = None
    verdict_words: str = ""
    status: Status = "ok"
    href: str = ""
    name: str = ""
    reason: str = ""
    also: tuple[str, ...] = ()
    sources: tuple[SourceSummary, ...] = ()
    releases_old: int = 0

    def __post_init__(self) -> None:
        if self.href and not is_page_address(self.href):
            raise UsageError(
                "listing a page in the index",
                found="an address that is not <code>/<study>.html",
                todo="name pages by the area's code and the study",
            )


def site_entries(
    standing: Mapping[str, Summary | None],
    failed: Mapping[str, str],
    places: Mapping[str, Place],
    *,
    studies: Mapping[str, StudyWords] | None = None,
    older: Collection[str] = (),
    releases: Releases | None = None,
) -> tuple[SiteEntry, ...]:
    """Entries of the pages that stand and of those that failed, in order of address.

    Parameters
    ----------
    standing : mapping of address to summary
        Pages that stand; None where the record cannot be read.
    failed : mapping of address to reason
        Pages that the last run could not make, whether an earlier one stands or not.
    places : mapping of code to Place
        A page of a code that is not among them is passed over.
    studies : mapping of name to words
        Without them a page is called by the question in its record.
    older : collection of str
        Those of the pages that were made from other data than the last run's.
    """
    entries = []
    for href in sorted({*standing, *failed}):
        summary = standing.get(href)
        code, _, rest = href.removesuffix(".html").partition("/")
        place = places.get(code)
        if place is None:
            continue
        study, _, apart = rest.partition("--")
        region = places.get(place.region)
        title, question = _in_words((studies or {}).get(study), study, summary, apart=apart)
        entries.append(
            SiteEntry(
                area=code,
                area_name=place.name,
                region_name=place.name if place.level == "region" else region.name if region else "",
                level=place.level,
                study=study,
                title=title,
                question=question,
                asked=summary.question if summary and summary.question else question,
                headline=summary.words[0] if summary and summary.words else "",
                words=summary.words if summary else (),
                does_not_show=summary.does_not_show if summary else (),
                number=summary.number if summary else None,
                verdict_words=_verdict(summary),
                status=_status(summary, href in failed, href in older),
                href=href if summary else "",
                name=rest,
                reason=" ".join(failed.get(href, "" if summary else "its record cannot be read").split()),
                also=place.also,
                sources=summary.sources if summary else (),
                releases_old=oldest(summary.sources, releases or {}) if summary else 0,
            )
        )
    return tuple(entries)


def _verdict(summary: Summary | None) -> str:
    """The verdict in a few words; an earlier form of record has only its name."""
    if summary is None:
        return ""
    if summary.verdict_words is not None:
        return summary.verdict_words.short
    known: dict[str, VerdictWords] = {str(name): words for name, words in VERDICTS.items()}
    return known[summary.verdict].short if summary.verdict in known else "No verdict"


def _status(summary: Summary | None, has_failed: bool, is_older: bool) -> Status:
    if summary is None:
        return "failed"
    if has_failed:
        return "kept"
    return "older" if is_older else "ok"


def _in_words(said: StudyWords | None, study: str, summary: Summary | None, *, apart: str) -> tuple[str, str]:
    """A study's title and question, each with what sets this page apart from its ordinary one."""
    asked = summary.question if summary and summary.question else study.replace("_", " ")
    title, question = (said["title"], said["question"]) if said else (asked, asked)
    if not apart:
        return title, question
    more = apart.replace("--", ", ").replace("-", " ").replace("_", " ")
    return f"{title}: {more}", f"{question} ({more})"


def studies_in_words(names: Iterable[str], *, known: Mapping[str, StudyWords]) -> dict[str, StudyWords]:
    """Title and question of studies; only those that are not known are imported, and one that is gone has none."""
    from insight import studies

    found = {}
    for name in sorted(set(names)):
        if name in known:
            found[name] = known[name]
            continue
        with suppress(UnknownStudy):
            study = studies.find(name)
            found[name] = StudyWords(title=study.title, question=study.question)
    return found


def read_summary(html: Path) -> Summary | None:
    """Of the record beside a page; None where there is none that can be read."""
    try:
        return Summary.model_validate_json(html.with_suffix(".json").read_bytes())
    except (OSError, ValidationError):
        return None


def read_full(html: Path) -> Summary | None:
    """A summary with the headline number as the page words it, where the record is of today's form."""
    from insight.reporting.record import Record
    from insight.reporting.views import finding_view

    try:
        text = html.with_suffix(".json").read_bytes()
        summary = Summary.model_validate_json(text)
    except (OSError, ValidationError):
        return None
    with suppress(ValidationError):
        number = finding_view(Record.model_validate_json(text)).number
        said = NumberSummary(value=number.value, unit=number.unit, of=number.of, interval=number.interval)
        return summary.model_copy(update={"number": said})
    return summary


class Summaries:
    """Summaries of records, remembered by the record's checksum: an index of a thousand pages costs no reading.

    The memory may be deleted at any time; one of another version of this package counts as empty.
    """

    def __init__(self, memory: Path | None = None) -> None:
        self._memory = memory
        self._package = package_fingerprint()
        self._known: dict[str, str] = _remembered(memory, self._package) if memory else {}
        self._used: dict[str, str] = {}

    def of(self, out: Path, pages: Mapping[str, Mapping[str, Any]]) -> dict[str, Summary | None]:
        """The summary of each page that a manifest lists, by address."""
        return {href: self._one(out / href, str(entry.get("record_sha256", ""))) for href, entry in pages.items()}

    def _one(self, html: Path, sha256: str) -> Summary | None:
        if sha256 and sha256 in self._known:
            with suppress(ValidationError):
                summary = Summary.model_validate_json(self._known[sha256])
                self._used[sha256] = self._known[sha256]
                return summary
        read = read_full(html)
        if read is not None and sha256:
            self._used[sha256] = read.model_dump_json()
        return read

    def save(self) -> None:
        """Keep what was used, where it is not kept already."""
        if self._memory is None or self._used == self._known:
            return
        content = canonical({"package": self._package, "summaries": self._used})
        with suppress(OSError):
            write_whole(self._memory, content.encode("utf-8", "surrogatepass"), durable=False)


def _remembered(memory: Path, package: str) -> dict[str, str]:
    try:
        read = json.loads(memory.read_bytes())
        if read["package"] == package:
            return {str(sha256): str(text) for sha256, text in read["summaries"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return {}


def all_sources(summaries: Iterable[Summary | None]) -> tuple[SourceSummary, ...]:
    """Every file that pages were made from, once, in order of title and release."""
    found = {
        (source.title.casefold(), source.release, source.sha256, source.key): source
        for summary in summaries
        if summary
        for source in summary.sources
    }
    return tuple(found[place] for place in sorted(found))


def _has_interval(entry: SiteEntry) -> bool:
    return entry.number is not None and entry.number.interval.partition(" ")[0].endswith("%")


def common_words(entries: Sequence[SiteEntry]) -> tuple[str, ...]:
    """The sentences with which the findings of several areas all begin: what holds for the whole country.

    Their number with its interval must be the same too. Two areas of which each has the like count share no answer.
    """
    there = [entry for entry in entries if entry.href]
    numbers = {repr(entry.number) for entry in there}
    if len({entry.area for entry in there}) < 2 or len(numbers) > 1 or not _has_interval(there[0]):
        return ()
    several = [entry.words for entry in there]
    shared = []
    for sentences in zip(*several, strict=False):
        if len(set(sentences)) > 1:
            break
        shared.append(sentences[0])
    return tuple(shared)
