"""The PDFs of a published site: which pages, beside which address, and which of them stand already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from insight.errors import InsightError, PageFailed, UsageError
from insight.reporting.folder import Known, Site, study_of
from insight.reporting.pdf import find_browser, is_of, make_pdf
from insight.reporting.site_files import TakenAway, add_to_site
from insight.reporting.site_places import find_place, of_plain

# Whoever stops half way keeps what is done but for the last few.
_AT_ONCE = 20


@dataclass(frozen=True)
class Pdfs:
    """What became of the pages that were asked for.

    Parameters
    ----------
    made, unchanged : tuple of str
        Addresses of PDFs in the site.
    failed : tuple of (str, str)
        Addresses of pages, and why.
    """

    made: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]

    @property
    def exit_code(self) -> int:
        """0 where every page has its PDF."""
        return 1 if self.failed else 0

    @property
    def words(self) -> str:
        """In a line."""
        return f"{len(self.made)} PDFs made, {len(self.unchanged)} unchanged, {len(self.failed)} failed"


def pages_of(
    out: Path, *, studies: Sequence[str] = (), authorities: Sequence[str] = (), regions: Sequence[str] = ()
) -> tuple[str, ...]:
    """Addresses of the pages of a site: of some studies, of some areas, or of all.

    Parameters
    ----------
    out : Path
        The site.
    authorities, regions : names or codes
        As the site's manifest knows them; a region stands for itself and its authorities.

    Raises
    ------
    UsageError
        If there is no site, or it has no such page.
    UnknownArea, AmbiguousArea
        If a place is none of the site's.
    """
    site = Site(out)
    if not site.manifest_path.is_file():
        raise UsageError(
            "making PDFs of a site", found="a folder without manifest.json", todo="make the site first: insight run"
        )
    known = site.known()
    places = of_plain(known.manifest.get("places"))
    named = {find_place(places, text, levels=("authority", "joint", "nation")).code for text in authorities}
    whole = {find_place(places, text, levels=("region",)).code for text in regions}
    named |= whole | {place.code for place in places if place.region in whole}
    there = sorted(known.pages)
    chosen = [
        href
        for href in there
        if (not studies or study_of(href) in studies)
        and (href.partition("/")[0] in named or not (authorities or regions))
    ]
    if not chosen:
        raise UsageError(
            "making PDFs of a site",
            found=f"none of its {len(there)} pages is of that study and area",
            todo="make the pages first with insight run, or name others",
        )
    return tuple(chosen)


def make_pdfs(
    out: Path, hrefs: Sequence[str], *, browser: str = "", say: Callable[[str], None] = lambda line: None
) -> Pdfs:
    """Put a PDF beside each page, listed in the manifest; one that was made of the page as it stands is kept.

    One that cannot be made does not keep the others from being made. One that an earlier version has listed without
    its page is kept too, and listed with it.

    Parameters
    ----------
    hrefs : addresses of pages
    browser : str
        As the setting has it; "" for any that is there.
    say : callable
        Told a line for each page, and what was taken away because its pages have changed.

    Raises
    ------
    NoBrowser
        If there is none; then nothing is written.
    UsageError, FolderHeld, FileTrouble
        As ``add_to_site``.
    """
    program = find_browser(browser)
    known = Site(out).known()
    waiting: dict[str, bytes] = {}
    of: dict[str, dict[str, str]] = {}
    made: list[str] = []
    unchanged, failed = [], []
    taken_away = TakenAway()
    for number, href in enumerate(hrefs, 1):
        beside, at = f"{href.removesuffix('.html')}.pdf", f"[{number}/{len(hrefs)}]"
        try:
            html = _page(out, known, href)
            standing = _standing(out, known, beside, html)
            if standing:
                unchanged.append(beside)
                if beside in known.extra_of:
                    continue
            waiting[beside] = standing or make_pdf(html, name=href, browser=program)
            of[beside] = {href: sha256(html).hexdigest()}
            if not standing:
                made.append(beside)
                say(f"{at} made {beside}")
        except InsightError as error:
            failed.append((href, f"{error.code}: {error.found}"))
            say(f"{at} failed {href}: {error.found}")
        if len(waiting) == _AT_ONCE:
            taken_away = taken_away.then(add_to_site(out, waiting, of=of))
            waiting, of = {}, {}
    if waiting:
        taken_away = taken_away.then(add_to_site(out, waiting, of=of))
    for line in taken_away.lines:
        say(line)
    return Pdfs(tuple(made), tuple(unchanged), tuple(failed))


def _page(out: Path, known: Known, href: str) -> bytes:
    """The page as the manifest has it; a page that says itself that it could not be made gets no PDF."""
    try:
        html = (out / href).read_bytes()
    except OSError as fault:
        raise PageFailed(
            f"reading {href}", found=f"the system says: {fault.strerror}", todo="make the page again: insight run"
        ) from None
    if known.pages[href].get("html_sha256") != sha256(html).hexdigest():
        raise PageFailed(
            f"reading {href}", found="another page than the manifest lists", todo="make the page again: insight run"
        )
    return html


def _standing(out: Path, known: Known, beside: str, html: bytes) -> bytes:
    """The PDF of this very page, where it stands as it was put there; else nothing."""
    try:
        pdf = (out / beside).read_bytes()
    except OSError:
        return b""
    return pdf if known.extra.get(beside) == sha256(pdf).hexdigest() and is_of(pdf, html) else b""
