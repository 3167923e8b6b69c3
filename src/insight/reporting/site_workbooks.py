"""Workbooks beside the pages of a published site, one for each area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from insight.core.described import Described, Description
from insight.errors import FileTrouble, SiteDamaged, UsageError
from insight.reporting.folder import WORKBOOK, study_of
from insight.reporting.page_tables import page_tables
from insight.reporting.site import read_full
from insight.reporting.site_files import TakenAway, add_to_site
from insight.reporting.site_places import Place, find_place, of_plain
from insight.reporting.verify import MANIFEST, read_manifest
from insight.reporting.workbook import KEPT, OLD, PageNumbers, workbook

_LEVELS = ("authority", "joint", "region", "nation")


@dataclass(frozen=True, repr=False)
class Workbooks(Described):
    """The workbooks that were put into a site: address, area and size in bytes of each; and what had to go."""

    out: Path
    made: tuple[tuple[str, str, int], ...]
    taken_away: TakenAway = TakenAway()  # noqa: RUF009 - frozen

    @property
    def lines(self) -> tuple[str, ...]:
        """For a console."""
        made = (f"{address}: {name}, {size:,} bytes" for address, name, size in self.made)
        return (*made, *self.taken_away.lines)

    def describe(self) -> Description:
        """Area, address and size of each."""
        facts = tuple((name, f"{address}, {size:,} bytes") for address, name, size in self.made)
        facts += tuple(("further files", line) for line in self.taken_away.lines)
        return Description(f"{len(self.made):,} workbooks", facts)


def add_workbooks(out: Path, *, authorities: Sequence[str] = (), regions: Sequence[str] = ()) -> Workbooks:
    """Write ``<code>/numbers.xlsx`` for areas of a published site, from its pages alone.

    Parameters
    ----------
    out : Path
        The site.
    authorities : names or codes
    regions : names or codes
        Each stands for itself and its authorities. Without either, every area that has a page.

    Raises
    ------
    UsageError
        If there is no site, both ways of choosing are used, or the choice has no page.
    UnknownArea, AmbiguousArea
        If a place is none of the site's.
    SiteDamaged
        If a page is not what the manifest says: no number that is wrong is passed on.
    FolderHeld
        If a run is writing there.
    FileTrouble
        If a file cannot be read or written.
    """
    if not (out / MANIFEST).is_file():
        raise UsageError(
            "making workbooks", found="a folder without manifest.json", todo="make the site first: insight run"
        )
    manifest = read_manifest(out / MANIFEST)
    made = []
    files: dict[str, bytes] = {}
    of: dict[str, dict[str, str]] = {}
    try:
        for place in _chosen(manifest, authorities, regions):
            pages = _pages(out, manifest, place)
            address = f"{place.code}/{WORKBOOK}"
            of[address] = {page.href: manifest["pages"][page.href]["html_sha256"] for page in pages}
            files[address] = workbook(place.name, pages, is_sample=manifest["is_sample"])
            made.append((address, place.name, len(files[address])))
    except OSError as fault:
        raise FileTrouble.of("making workbooks", fault) from None
    taken_away = add_to_site(out, files, of=of)
    return Workbooks(out, tuple(made), taken_away)


def _chosen(manifest: Mapping[str, Any], authorities: Sequence[str], regions: Sequence[str]) -> list[Place]:
    if authorities and regions:
        raise UsageError(
            "making workbooks", found="both authorities and regions", todo="use --authority or --region, not both"
        )
    places = of_plain(manifest.get("places"))
    codes = {find_place(places, text, levels=_LEVELS).code for text in authorities}
    named = {find_place(places, text, levels=("region",)).code for text in regions}
    with_page = {href.partition("/")[0] for href in manifest["pages"]}
    everything = not (authorities or regions)
    chosen = [place for place in places if everything or place.code in codes or {place.code, place.region} & named]
    found = [place for place in chosen if place.code in with_page]
    if not found:
        raise UsageError(
            "making workbooks", found="no page of the areas that were named", todo="make their pages first: insight run"
        )
    return found


def _pages(out: Path, manifest: Mapping[str, Any], place: Place) -> list[PageNumbers]:
    """The pages of an area, in the order of their studies' names."""
    pages = []
    for href in sorted(href for href in manifest["pages"] if href.partition("/")[0] == place.code):
        entry = manifest["pages"][href]
        html = (out / href).read_bytes()
        summary = read_full(out / href)
        is_whole = sha256(html).hexdigest() == entry.get("html_sha256")
        if summary is None or not is_whole or _sha256(out / href) != entry.get("record_sha256"):
            raise SiteDamaged(
                f"reading the numbers of {href}",
                found="a page or record that is not what the site's manifest says",
                todo="make the page again with insight run",
            )
        stem = href.partition("/")[2].removesuffix(".html")
        tables = page_tables(html.decode("utf-8", "replace"), prefix=f"{place.code}-{study_of(href)}-")
        pages.append(PageNumbers(href, stem, summary, tables, _notices(entry)))
    return pages


def _notices(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What the page says of itself at its top."""
    said = {"notice": KEPT, "stale": OLD}
    return tuple(words for name, words in said.items() if entry.get(name))


def _sha256(html: Path) -> str:
    return sha256(html.with_suffix(".json").read_bytes()).hexdigest()
