"""One archive of a site, or of some of its areas, that opens from any folder and checks itself."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from insight.core.described import Described, Description
from insight.core.fingerprint import seen
from insight.core.whole import write_whole
from insight.errors import FileTrouble, UsageError
from insight.reporting.lock import held
from insight.reporting.site import Summaries
from insight.reporting.site_make import make_site
from insight.reporting.site_places import Place, as_plain, find_place, of_plain
from insight.reporting.site_publish import SUMMARIES
from insight.reporting.verify import HIDDEN, MANIFEST, read_manifest, verify

# The first moment that an archive can name: nothing in it tells when it was made.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16


@dataclass(frozen=True, repr=False)
class Packed(Described):
    """An archive of a site.

    ``manifest_sha256`` is what ``insight verify`` prints of the folder that the archive is unpacked into.
    """

    path: Path
    title: str
    files: int
    pages: int
    size: int
    manifest_sha256: str

    @property
    def exit_code(self) -> int:
        """0: there is an archive."""
        return 0

    @property
    def lines(self) -> tuple[str, ...]:
        """For a console."""
        pages = f"{self.pages:,} {'page' if self.pages == 1 else 'pages'}"
        return (
            f"{self.path.name}: {self.title}, {pages} in {self.files:,} files, {self.size:,} bytes",
            f"manifest: {self.manifest_sha256}",
        )

    def describe(self) -> Description:
        """Pages, files and size."""
        facts = (
            ("areas", self.title),
            ("pages", f"{self.pages:,}"),
            ("files", f"{self.files:,}"),
            ("bytes", f"{self.size:,}"),
            ("manifest", self.manifest_sha256),
        )
        return Description(self.path.name, facts)


def pack(
    out: Path,
    *,
    regions: Sequence[str] = (),
    authorities: Sequence[str] = (),
    everything: bool = False,
    to: Path | None = None,
) -> Packed:
    """Put a site, or the pages of some areas, into one archive with an index and a manifest of its own.

    The same site gives the same bytes. Nothing of ``.insight`` goes in. Unpacked anywhere, it reads without a server,
    and ``insight verify`` checks it.

    Parameters
    ----------
    out : Path
        The site.
    regions : names or codes
        Each with its own pages and those of its authorities.
    authorities : names or codes
    everything : bool
        Every area of the site.
    to : Path, optional
        The archive; without it, one beside the site that is named after the areas' codes.

    Raises
    ------
    UsageError
        If nothing, or several ways of choosing, are named; or the choice has no page.
    UnknownArea, AmbiguousArea
        If a place is none of the site's.
    SiteDamaged
        If a file of the site is not what its manifest says: nothing that is wrong is passed on.
    FileTrouble
        If the archive cannot be written.
    """
    if sum(map(bool, (regions, authorities, everything))) != 1:
        raise UsageError(
            "packing a site",
            found="no areas" if not (regions or authorities or everything) else "more than one way of choosing areas",
            todo="use one of --region, --authority (which may be repeated) and --all",
        )
    # Checked before the folder is held, so that a folder without a site is not written into.
    verify(out)
    try:
        with held(out):
            verify(out).require()
            manifest = read_manifest(out / MANIFEST)
            chosen = _chosen(manifest, regions, authorities, everything)
            files = _files(out, manifest, chosen)
            pages = sum(address in manifest["pages"] for address in files)
            title, name = _title(chosen, everything)
            path = to or out.parent / f"{out.resolve().name}-{name}.zip"
            if path.resolve().is_relative_to(out.resolve()):
                raise UsageError(
                    "packing a site", found="an archive inside the site itself", todo="choose another place with --to"
                )
            data = _archive(files)
            write_whole(path, data)
    except OSError as fault:
        raise FileTrouble.of("packing a site", fault) from None
    return Packed(path, title, len(files), pages, len(data), sha256(files[MANIFEST]).hexdigest())


def _chosen(
    manifest: Mapping[str, Any], regions: Sequence[str], authorities: Sequence[str], everything: bool
) -> tuple[Place, ...]:
    """The places whose pages go in."""
    places = of_plain(manifest.get("places"))
    if everything:
        return places
    named = [find_place(places, text, levels=("region",)) for text in regions]
    named += [find_place(places, text, levels=("authority", "joint", "region", "nation")) for text in authorities]
    codes = {place.code for place in named}
    members = {place.code for place in places if place.region in codes} if regions else set()
    with_page = {href.partition("/")[0] for href in (*manifest["pages"], *manifest["failed"])}
    if not (codes | members) & with_page:
        raise UsageError(
            f"packing {', '.join(place.name for place in named)}",
            found="no page of it in this site",
            todo="make its pages first: insight run",
        )
    return tuple(place for place in places if place.code in codes | members)


def _files(out: Path, manifest: Mapping[str, Any], chosen: Sequence[Place]) -> dict[str, bytes]:
    """Every file of the archive, by address; those around the studies' pages are made for these areas alone."""
    codes = {place.code for place in chosen}
    # A region's and the nation's names are needed to say where an area lies.
    places = of_plain(manifest.get("places"))
    regions = {place.region for place in chosen}
    kept = as_plain(p for p in places if p.code in codes or p.code in regions or p.level == "nation")
    pages = {href: dict(entry) for href, entry in manifest["pages"].items() if _code(href) in codes}
    failed = {href: reason for href, reason in manifest["failed"].items() if _code(href) in codes}
    is_all = len(codes) == len(places)
    extra = {
        address: checksum
        for address, checksum in manifest["extra"].items()
        if is_all or ("/" in address and _code(address) in codes)
    }
    extra_of = {address: of for address, of in manifest.get("extra_of", {}).items() if address in extra}
    listing = {**manifest, "places": kept, "pages": pages, "failed": failed, "extra": extra, "extra_of": extra_of}
    summaries = Summaries(out / HIDDEN / SUMMARIES).of(out, pages)
    made = make_site(listing, summaries)
    plain = [href for href in failed if href not in pages and href in manifest["site"]]
    files = {**made, **_read(out, [*_with_records(pages), *extra, *plain])}
    listing["site"] = {address: sha256(files[address]).hexdigest() for address in sorted([*made, *plain])}
    text = seen(json.dumps(listing, ensure_ascii=False, indent=1, sort_keys=True)) + "\n"
    return {**files, MANIFEST: text.encode("utf-8", "replace")}


def _with_records(pages: Iterable[str]) -> list[str]:
    return [address for href in pages for address in (href, href.removesuffix(".html") + ".json")]


def _read(out: Path, addresses: Iterable[str]) -> dict[str, bytes]:
    return {address: (out / address).read_bytes() for address in addresses}


def _code(address: str) -> str:
    return address.partition("/")[0]


def _title(chosen: Sequence[Place], everything: bool) -> tuple[str, str]:
    """What the archive holds, in words, and as part of a file's name."""
    if everything:
        return "every area", "all"
    regions = [place for place in chosen if place.level == "region"]
    shown = regions or list(chosen)
    if len(shown) == 1:
        return shown[0].name, shown[0].code
    return f"{len(shown)} {'regions' if regions else 'areas'}", f"{shown[0].code}-and-{len(shown) - 1}-more"


def _archive(files: Mapping[str, bytes]) -> bytes:
    """A zip with the same bytes every time: in order of name, with one fixed moment."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for address in sorted(files):
            entry = zipfile.ZipInfo(address, _MOMENT)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _MODE, 3
            archive.writestr(entry, files[address])
    return stream.getvalue()
