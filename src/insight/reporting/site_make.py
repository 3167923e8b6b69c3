"""Every page of a site around the studies' own: made from manifest, records and documents, and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from insight import __version__
from insight.core.html import SAMPLE_BANNER
from insight.reporting import site_docs
from insight.reporting.site import (
    NumberSummary,
    SiteEntry,
    SourceSummary,
    Summary,
    all_sources,
    common_words,
    site_entries,
)
from insight.reporting.site_freshness import STALE, Age, Releases, ages, speaks_of_the_present
from insight.reporting.site_places import Place, by_code, of_plain
from insight.reporting.templating import STYLES, page

INDEX = "index.html"
_NO_REGION = "Other areas"
_EACH = "each area"
_MOST_FAILED = 20
_CODE = re.compile(r"\bE\d{3}\b")
_KINDS = {".xlsx": "workbook", ".pdf": "for printing", ".csv": "table", ".zip": "archive", ".html": "page"}


@dataclass(frozen=True)
class Question:
    """A question with the pages that answer it.

    ``shared`` are the sentences that hold for the whole country, where the pages of several areas all begin with them.
    """

    name: str
    question: str
    title: str
    entries: tuple[SiteEntry, ...]
    shared: tuple[str, ...]

    @property
    def href(self) -> str:
        """As seen from the index."""
        return f"questions/{self.name}.html"

    @property
    def number(self) -> NumberSummary | None:
        """The one number of a question with one answer."""
        numbers = [entry.number for entry in self.entries if entry.href]
        return numbers[0] if self.shared and all(number == numbers[0] for number in numbers) else None

    @property
    def is_stale(self) -> bool:
        """Whether a page of it shows figures that are more than one release old."""
        return any(entry.releases_old >= STALE for entry in self.entries)

    @property
    def verdict(self) -> str:
        """The one verdict of a question with one answer."""
        verdicts = {entry.verdict_words for entry in self.entries if entry.href}
        return verdicts.pop() if self.shared and len(verdicts) == 1 else ""

    @property
    def does_not_show(self) -> tuple[str, ...]:
        """What no page of it shows."""
        several = [entry.does_not_show for entry in self.entries if entry.href]
        return (
            tuple(sentence for sentence in several[0] if all(sentence in each for each in several)) if several else ()
        )

    @property
    def find(self) -> str:
        """What a search looks through: the question, its other names, and the words of its answer."""
        shared = " ".join(self.shared)
        of = {entry.number.of for entry in self.entries if entry.number and entry.number.of}
        return " ".join([self.question, self.title, self.name.replace("_", " "), *sorted(of)[:3], shared])

    def own(self, entry: SiteEntry) -> tuple[str, ...]:
        """What a page says beyond the sentences that all share."""
        return entry.words[len(self.shared) :]

    @property
    def areas(self) -> int:
        """How many areas have a page."""
        return len({entry.area for entry in self.entries if entry.href})


@dataclass(frozen=True)
class Listing:
    """A site as its manifest and its records describe it."""

    entries: tuple[SiteEntry, ...]
    places: tuple[Place, ...]
    releases: Releases
    sources: tuple[SourceSummary, ...]
    used_by: Mapping[str, int]
    extra: tuple[str, ...]
    is_sample: bool

    @classmethod
    def of(cls, manifest: Mapping[str, Any], summaries: Mapping[str, Summary | None]) -> Listing:
        """What a manifest lists."""
        places = of_plain(manifest.get("places"))
        releases = releases_of(manifest)
        older = {href for href, entry in manifest["pages"].items() if entry["store_hash"] != manifest["data_hash"]}
        entries = site_entries(
            summaries,
            manifest["failed"],
            by_code(places),
            studies=manifest["studies"],
            older=older,
            releases=releases,
        )
        used: dict[str, int] = {}
        for summary in summaries.values():
            for checksum in {source.sha256 for source in summary.sources} if summary else ():
                used[checksum] = used.get(checksum, 0) + 1
        extra = tuple(sorted(manifest.get("extra", {})))
        return cls(entries, places, releases, all_sources(summaries.values()), used, extra, manifest["is_sample"])

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """In order of their words."""
        by_name: dict[str, list[SiteEntry]] = {}
        for entry in self.entries:
            by_name.setdefault(entry.name, []).append(entry)
        found = []
        for name, several in by_name.items():
            several.sort(key=_by_place)
            if any(entry.href for entry in several):
                first = next(entry for entry in several if entry.href)
                found.append(Question(name, _question_of(several), first.title, tuple(several), common_words(several)))
        return tuple(sorted(found, key=lambda question: (question.question.casefold(), question.name)))

    @cached_property
    def by_area(self) -> Mapping[str, tuple[SiteEntry, ...]]:
        """The entries of each area that has any, in order of title."""
        found: dict[str, list[SiteEntry]] = {}
        for entry in self.entries:
            found.setdefault(entry.area, []).append(entry)
        return {code: tuple(sorted(several, key=lambda e: (e.title, e.name))) for code, several in found.items()}

    @cached_property
    def regions(self) -> tuple[Place, ...]:
        """Those that have a page of their own: they or a member have an entry."""
        with_entries = {place.region for place in self.places if place.code in self.by_area} | set(self.by_area)
        return tuple(place for place in self.places if place.level == "region" and place.code in with_entries)

    def members(self, region: str) -> tuple[Place, ...]:
        """Of a region: those that stand today, and those that have an entry, in order of name."""
        own = [place for place in self.places if place.region == region and place.level in ("authority", "joint")]
        chosen = [place for place in own if place.code in self.by_area or (place.is_living and place.level != "joint")]
        return tuple(sorted(chosen, key=lambda place: (place.name.casefold(), place.code)))

    @property
    def stale(self) -> tuple[SiteEntry, ...]:
        """Pages whose figures are more than one release old."""
        return tuple(entry for entry in self.entries if entry.href and entry.releases_old >= STALE)

    @property
    def failed(self) -> tuple[SiteEntry, ...]:
        """Pages that could not be made when they were last tried."""
        return tuple(sorted((e for e in self.entries if e.status in ("failed", "kept")), key=_by_name))

    def files_of(self, code: str) -> tuple[tuple[str, str], ...]:
        """Further files of an area: address as seen from its page, and what they are."""
        own = [address.partition("/")[2] for address in self.extra if address.startswith(f"{code}/")]
        return tuple((name, _kind(name)) for name in own if "/" not in name)

    def ages_of(self, entries: Iterable[SiteEntry]) -> tuple[Age, ...]:
        """How old the sources of some pages are, in order of title."""
        several = list(dict.fromkeys(source for entry in entries for source in entry.sources))
        return tuple(sorted(ages(several, self.releases), key=lambda age: (age.title.casefold(), age.key)))


def _question_of(entries: Sequence[SiteEntry]) -> str:
    """The question as its pages put it, where they differ by nothing but the area's name."""
    said = {entry.asked.replace(entry.area_name, _EACH) for entry in entries if entry.href and entry.area_name}
    asked = said.pop() if len(said) == 1 else ""
    return asked if _EACH in asked else next(entry.question for entry in entries if entry.href)


def releases_of(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The releases that were known when a manifest was written, by key of the source."""
    given = manifest.get("releases")
    if not isinstance(given, dict):
        return {}
    return {str(key): tuple(map(str, several)) for key, several in given.items() if isinstance(several, list)}


@dataclass(frozen=True)
class Made:
    """A page that can be made: equal keys mean equal bytes, as long as package and documents are the same."""

    key: str
    html: Callable[[], str]


def make_site(manifest: Mapping[str, Any], summaries: Mapping[str, Summary | None]) -> dict[str, bytes]:
    """Every page around the studies' own, by address; see `plan_site`."""
    return {address: made.html().encode() for address, made in plan_site(manifest, summaries).items()}


def plan_site(manifest: Mapping[str, Any], summaries: Mapping[str, Summary | None]) -> dict[str, Made]:
    """Every page around the studies' own, by address and in order of it; each is made when it is asked for.

    Parameters
    ----------
    manifest : mapping
        With ``places``, ``studies``, ``releases``, ``pages``, ``failed``, ``extra``, ``data_hash``, ``is_sample``.
    summaries : mapping of address to summary
        Of every page that stands; None where its record cannot be read.
    """
    listing = Listing.of(manifest, summaries)
    render = _renderer(listing)
    made = {INDEX: index_page(listing)}
    for question in listing.questions:
        made[question.href] = question_page(listing, question, render)
    for place in listing.places:
        if place.level == "region":
            if place in listing.regions:
                made[f"{place.code}/{INDEX}"] = region_page(listing, place, render)
        elif place.code in listing.by_area:
            made[f"{place.code}/{INDEX}"] = area_page(listing, place, render)
    made["sources.html"] = sources_page(listing, render)
    made["glossary.html"] = render(
        "site_document.html",
        title="Glossary",
        opening="Words and letters that the pages use, in plain words.",
        blocks=site_docs.document("glossary.md"),
    )
    made["errors.html"] = render(
        "site_errors.html", failed=_with_codes(listing.failed), blocks=site_docs.document("errors.md")
    )
    chapters = site_docs.chapters()
    made["methods.html"] = render("site_methods.html", chapters=chapters)
    for chapter in chapters:
        made[chapter.href] = render("site_chapter.html", above="../", chapter=chapter)
    return dict(sorted(made.items()))


_Render = Callable[..., Made]


def _renderer(listing: Listing) -> _Render:
    banner = SAMPLE_BANNER if listing.is_sample else None

    def render(template: str, *, script: str | None = None, above: str = "", **values: Any) -> Made:
        # Values are frozen data, whose text says all that a template can show of them.
        said = repr((template, banner, above, values)).encode("utf-8", "surrogatepass")
        styles = (*STYLES, "site.css")
        given = {"banner": banner, "above": above, "package_version": __version__, **values}
        return Made(sha256(said).hexdigest(), lambda: page(template, script=script, styles=styles, **given))

    return render


def index_page(listing: Listing) -> Made:
    """The site's front: its questions, then every area by region. It reads without its script, which only searches."""
    listed = set(listing.by_area)
    without = [
        place for place in listing.places if place.level == "authority" and place.is_living and place.code not in listed
    ]
    pages = sum(bool(entry.href) for entry in listing.entries)
    failed = listing.failed
    return _renderer(listing)(
        "index.html",
        script="search.js",
        counts=_counts(pages, len({entry.area for entry in listing.entries if entry.href}), len(failed)),
        questions=[(q.find, q.href, q.question, _answer_line(q)) for q in listing.questions],
        regions=_by_region(listing),
        failed=failed[:_MOST_FAILED],
        failed_more=max(0, len(failed) - _MOST_FAILED),
        stale=len(listing.stale),
        without=without,
        files=[(address, _kind(address)) for address in listing.extra if "/" not in address],
    )


def _answer_line(question: Question) -> str:
    if question.shared and not (question.is_stale and speaks_of_the_present(question.shared[0])):
        return question.shared[0]
    entries = [entry for entry in question.entries if entry.href]
    if len(entries) == 1:
        return f"{entries[0].area_name}: {headline_of(entries[0])}"
    kind = "regions" if all(entry.level == "region" for entry in entries) else "areas"
    return f"An answer for each of {question.areas:,} {kind}."


@dataclass(frozen=True)
class _AreaLine:
    """An area in a list; ``said`` is how many answers it has, and what is wrong with them; empty without a page."""

    place: Place
    said: str


def _line(place: Place, entries: Sequence[SiteEntry]) -> _AreaLine:
    if not entries:
        return _AreaLine(place, "")
    answers = sum(bool(entry.href) for entry in entries)
    failed = sum(entry.status in ("failed", "kept") for entry in entries)
    said = f"{answers} {'answer' if answers == 1 else 'answers'}" if answers else "no page"
    return _AreaLine(place, f"{said}, {failed} failed" if failed else said)


def _by_region(listing: Listing) -> list[tuple[str, Place | None, list[_AreaLine]]]:
    found: list[tuple[str, Place | None, list[_AreaLine]]] = []
    for region in sorted(listing.regions, key=lambda place: place.name.casefold()):
        lines = [
            _line(place, listing.by_area[place.code])
            for place in listing.members(region.code)
            if place.code in listing.by_area
        ]
        found.append((region.name, region, lines))
    codes = {region.code for region in listing.regions}
    rest = [p for p in listing.places if p.code in listing.by_area and p.region not in codes and p.level != "region"]
    if rest:
        lines = [_line(p, listing.by_area[p.code]) for p in sorted(rest, key=lambda p: (p.name.casefold(), p.code))]
        found.append((_NO_REGION, None, lines))
    return found


@dataclass(frozen=True)
class _Link:
    """A question, as far as the page of an area needs it: its address, and no answers of others."""

    href: str
    title: str
    question: str
    is_shared: bool

    @classmethod
    def of(cls, question: Question) -> _Link:
        return cls(question.href, question.title, question.question, bool(question.shared))


@dataclass(frozen=True)
class _Answer:
    """One page as a line or card of another page."""

    entry: SiteEntry
    words: tuple[str, ...]
    is_shared: bool
    tags: tuple[str, ...]


def headline_of(entry: SiteEntry) -> str:
    """The first sentence of a page, unless it speaks of the present and its figures are more than one release old."""
    if entry.releases_old >= STALE and speaks_of_the_present(entry.headline):
        return f"Its figures are {entry.releases_old} releases old, so its words are not repeated here as of today."
    return entry.headline


def _answer(entry: SiteEntry, question: Question | None, *, is_own_page: bool = False) -> _Answer:
    shared = bool(question and question.shared)
    words = question.own(entry) if question and shared else entry.words
    if question and is_own_page and shared:
        # What holds for all in one sentence, then what the area's own page adds to it.
        words = (*question.shared[:1], *words) if words else entry.words
    if entry.releases_old >= STALE and any(map(speaks_of_the_present, words)):
        words = (headline_of(entry),) if speaks_of_the_present(entry.headline) else (entry.headline,)
    tags = []
    if entry.status == "kept":
        tags.append("Earlier page: the last run failed")
    if entry.status == "older":
        tags.append("Made from earlier data")
    if entry.releases_old >= STALE:
        tags.append(f"{entry.releases_old} releases old")
    return _Answer(entry, words, shared, tuple(tags))


def area_page(listing: Listing, place: Place, render: _Render) -> Made:
    """An authority: every question with its answer, further files, and how old the figures are."""
    entries = listing.by_area[place.code]
    region = by_code(listing.places).get(place.region)
    names = {question.name: question for question in listing.questions}
    return render(
        "site_area.html",
        above="../",
        place=place,
        region=region if region in listing.regions else None,
        region_name=region.name if region else "",
        answers=[_answer(entry, names[entry.name], is_own_page=True) for entry in entries if entry.href],
        questions={entry.name: _Link.of(names[entry.name]) for entry in entries if entry.href},
        failed=_with_codes([entry for entry in entries if entry.status in ("failed", "kept")]),
        files=listing.files_of(place.code),
        ages=listing.ages_of(entries),
        stale=sum(entry.releases_old >= STALE for entry in entries),
    )


def region_page(listing: Listing, region: Place, render: _Render) -> Made:
    """A region: its own answers, its members, and the members' answers to each question side by side."""
    own = listing.by_area.get(region.code, ())
    members = listing.members(region.code)
    codes = {place.code for place in members}
    tables = []
    for question in listing.questions:
        rows = [_answer(e, question) for e in question.entries if e.area in codes and e.href]
        if rows and not question.shared:
            tables.append((_Link.of(question), rows))
    shared = [
        question for question in listing.questions if question.shared and any(e.area in codes for e in question.entries)
    ]
    every = [*own, *(entry for code in sorted(codes) for entry in listing.by_area.get(code, ()))]
    return render(
        "site_region.html",
        above="../",
        place=region,
        answers=[_answer(entry, None) for entry in own if entry.href],
        questions={q.name: _Link.of(q) for q in listing.questions if any(e.name == q.name for e in own)},
        members=[_line(place, listing.by_area.get(place.code, ())) for place in members],
        tables=tables,
        shared=shared,
        failed=_with_codes([entry for entry in every if entry.status in ("failed", "kept")]),
        files=listing.files_of(region.code),
        ages=listing.ages_of(every),
        stale=sum(entry.releases_old >= STALE for entry in every),
    )


def question_page(listing: Listing, question: Question, render: _Render) -> Made:
    """A question: the country's answer where there is one, and every area's."""
    standing = [entry for entry in question.entries if entry.href]
    groups: dict[str, list[_Answer]] = {}
    for entry in standing:
        groups.setdefault(entry.region_name or _NO_REGION, []).append(_answer(entry, question))
    chapters = {chapter.name for chapter in site_docs.chapters()}
    stale = sum(entry.releases_old >= STALE for entry in standing)
    shared = question.shared
    if question.is_stale and any(map(speaks_of_the_present, shared)):
        shared = (
            "The figures are more than one release old, so these pages' words are not repeated here as of today.",
        )
    nation = next((place.name for place in listing.places if place.level == "nation"), "the country")
    return render(
        "site_question.html",
        above="../",
        question=question,
        shared=shared,
        nation=nation,
        groups=sorted(groups.items(), key=lambda group: (group[0] == _NO_REGION, group[0].casefold())),
        has_own=any(answer.words for several in groups.values() for answer in several),
        failed=_with_codes([entry for entry in question.entries if entry.status in ("failed", "kept")]),
        chapter=standing[0].study if standing[0].study in chapters else "",
        ages=listing.ages_of(standing),
        stale=stale,
    )


@dataclass(frozen=True)
class _SourceLine:
    source: SourceSummary
    age: str
    is_stale: bool
    used_by: int


def sources_page(listing: Listing, render: _Render) -> Made:
    """Every file that the pages were made from, and how old it is."""
    lines = []
    for source in listing.sources:
        (age,) = ages([source], listing.releases)
        said = age.in_words if len(listing.releases.get(source.key, ())) else "no release is named"
        lines.append(_SourceLine(source, said, age.releases_old >= STALE, listing.used_by.get(source.sha256, 0)))
    return render("site_sources.html", sources=lines, stale=len(listing.stale), pages=len(listing.entries))


def _with_codes(entries: Sequence[SiteEntry]) -> list[tuple[SiteEntry, tuple[str, ...]]]:
    """Failed pages, each with the codes of errors in its reason."""
    return [(entry, tuple(dict.fromkeys(_CODE.findall(entry.reason)))) for entry in entries]


def _counts(pages: int, areas: int, failed: int) -> str:
    said = f"{pages:,} {'page' if pages == 1 else 'pages'} on {areas:,} {'area' if areas == 1 else 'areas'}."
    return said + (f" The last run could not make {failed:,}." if failed else "")


def _kind(name: str) -> str:
    return _KINDS.get("." + name.rpartition(".")[2], "file")


def _by_name(entry: SiteEntry) -> tuple[str, ...]:
    return entry.area_name.casefold(), entry.area, entry.title, entry.study, entry.href


def _by_place(entry: SiteEntry) -> tuple[str, ...]:
    return entry.region_name.casefold() or "\uffff", entry.area_name.casefold(), entry.area
