"""Further files of a published site, such as a workbook of an authority's numbers: put in place whole, and listed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from types import MappingProxyType
from typing import Self

from insight.errors import FileTrouble, UsageError
from insight.reporting.folder import Known, Site, is_address, is_further, record_of
from insight.reporting.lock import held
from insight.reporting.site_publish import outdated, republish

Origins = Mapping[str, Mapping[str, str]]
_MADE_BY = {".xlsx": ("workbook", "insight workbook"), ".pdf": ("PDF", "insight pdf")}


@dataclass(frozen=True)
class TakenAway:
    """The further files whose pages have changed; false where there are none.

    Parameters
    ----------
    gone : tuple of str
        Addresses of those that were removed.
    held : tuple of str
        Addresses of those that another program has open: they stand and are listed still.
    """

    gone: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gone or self.held)

    @classmethod
    def by(cls, known: Known) -> Self:
        """What the writing of a site has taken away."""
        return cls(tuple(known.taken_away), tuple(known.held))

    def then(self, later: TakenAway) -> TakenAway:
        """This and what came after it, which tried again what was held."""
        return TakenAway((*self.gone, *later.gone), later.held)

    @property
    def lines(self) -> tuple[str, ...]:
        """In words: a line for each kind of file.

        >>> TakenAway(("E06000051/numbers.xlsx",)).lines
        ('1 workbook was of earlier pages and was taken away; make it again with: insight workbook',)
        """
        gone, held = (sorted(Counter(map(_made_by, each)).items()) for each in (self.gone, self.held))
        said = [
            f"{number:,} {what}{'s were' if number > 1 else ' was'} of earlier pages and "
            f"{'were' if number > 1 else 'was'} taken away; make {'them' if number > 1 else 'it'} again with: {command}"
            for (what, command), number in gone
        ]
        said += [
            f"{number:,} {what}{'s are' if number > 1 else ' is'} of earlier pages and could not be taken away: "
            f"close {'them' if number > 1 else 'it'}, then run again"
            for (what, _), number in held
        ]
        return tuple(said)


def made_again_with(address: str) -> str:
    """The command that makes a file of this kind of a site's pages."""
    return _made_by(address)[1]


def _made_by(address: str) -> tuple[str, str]:
    return _MADE_BY.get(Path(address).suffix, ("file", "what made it first"))


def add_to_site(out: Path, files: Mapping[str, bytes], *, of: Origins = MappingProxyType({})) -> TakenAway:
    """Put files into a published site, each whole, and list them in its manifest.

    They stay listed by later runs for as long as they stand; ``verify`` and ``pack`` know them, and the page of their
    area links to them. A file of the same name that was added before is replaced. A file that was made of pages is
    taken away by the run that changes one of them, so that no old figure stands beside a new one.

    Parameters
    ----------
    out : Path
        The site's folder.
    files : mapping of address to content
        As seen from the folder, with ``/``: ``E06000051/numbers.xlsx``.
    of : mapping of address to pages
        The pages that a file was made of, each with its SHA-256. Without it a file stays, whatever becomes of pages.

    Returns
    -------
    TakenAway
        The further files of pages that have changed, which go as in a run.

    Raises
    ------
    UsageError
        If there is no site, an address leads out of it or is that of a page, or the pages of a file have changed.
    FolderHeld
        If a run is writing there.
    FileTrouble
        If a file cannot be written; what stood there stays.
    """
    site = Site(out)
    if not site.manifest_path.is_file():
        raise UsageError(
            "adding files to a site", found="a folder without manifest.json", todo="make the site first: insight run"
        )
    for address in files:
        if not is_address(address):
            raise UsageError(
                f"adding {address[:60]!r} to a site",
                found="an address that is not plain names with a slash between them",
                todo="name the file by its area's code: E06000051/numbers.xlsx",
            )
    try:
        with held(out):
            return _add(site, files, of)
    except OSError as fault:
        raise FileTrouble.of("adding files to a site", fault) from None


def _add(site: Site, files: Mapping[str, bytes], of: Origins) -> TakenAway:
    known = site.known()
    if changed := outdated(of, known.pages):
        raise UsageError(
            f"adding {changed[0]} to a site",
            found="pages that have changed since it was made of them",
            todo=f"make it again: {made_again_with(changed[0])}",
        )
    own = {*known.pages, *known.failed, *map(record_of, known.pages)}
    taken = {each.casefold() for each in (*own, *known.manifest.get("site", {}), site.manifest_path.name)}
    for address in files:
        # Some systems know no capitals; and what ends so is of a page, which a later run may make.
        is_ours = address.casefold() in taken or not is_further(address)
        if is_ours or not (site.out / address).resolve().is_relative_to(site.out.resolve()):
            raise UsageError(
                f"adding {address} to a site",
                found="the address of a page of the site" if is_ours else "an address that leads out of the site",
                todo="choose another name for the file",
            )
    temporary = Path(mkdtemp(prefix="run-", dir=site.hidden))
    try:
        for address, data in sorted(files.items()):
            known.extra[address] = site.replace(address, data, made_in=lambda: temporary)
            known.extra_of.pop(address, None)
        known.extra_of |= {address: dict(pages) for address, pages in of.items() if address in files}
        republish(site, known, made_in=lambda: temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return TakenAway.by(known)
