"""The end of a run: every page around the studies' own is made, and the manifest lists what stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insight.core.fingerprint import Checksums, canonical, file_sha256, package_fingerprint, seen
from insight.core.whole import NO_ROOM
from insight.errors import UsageError
from insight.reporting import notice, site_docs
from insight.reporting.folder import WORKBOOK, Entry, Known, Site, is_address, record_of, study_of
from insight.reporting.site_freshness import STALE, Cards, Remembered, ages
from insight.reporting.site_freshness import Known as KnownReleases

if TYPE_CHECKING:
    from insight.core.register import Register
    from insight.reporting.site import Summary

PUBLISHED = "published.json"
SUMMARIES = "summaries.json"
KEYS = "made.json"
MakeIn = Callable[[], Path]


@dataclass(frozen=True)
class Facts:
    """What a run knows and its pages' records do not say.

    Parameters
    ----------
    data_hash : str
        SHA-256 of all data in the store.
    register : callable
        Asked for only if something is to be written.
    made_from : callable
        What somebody needs to make the same site again, in plain JSON; likewise.
    releases : known releases
        Which releases of the sources there are.
    """

    data_hash: str
    is_sample: bool
    register: Callable[[], Register]
    made_from: Callable[[], Mapping[str, Any]] = dict
    releases: KnownReleases = Cards()  # noqa: RUF009 - frozen


def publish(site: Site, known: Known, facts: Facts, *, made_in: MakeIn, checksums: Checksums) -> None:
    """Write the pages around the studies' own and the manifest; nothing where nothing would change.

    Raises
    ------
    OSError
        If they cannot be written; what stood there stays.
    """
    _list_extra(known, [address for address in known.extra if site.stands(address)])
    releases_mark = facts.releases.mark(checksums)
    if _is_published(site, known, facts, releases_mark, checksums):
        return
    from insight.reporting.site_places import as_plain, places_of

    register = facts.register()
    codes = {area.code for area in register.areas}
    known.pages = {href: entry for href, entry in known.pages.items() if _is_of(href, codes) and site.stands(href)}
    known.failed = {href: reason for href, reason in known.failed.items() if _is_of(href, codes)}
    known.is_sample = facts.is_sample
    made_from = dict(facts.made_from())
    rest = {
        "data_hash": facts.data_hash,
        "is_sample": facts.is_sample,
        "places": as_plain(places_of(register)),
        "made_from": made_from,
        "studies": _studies(known, made_from),
    }
    if not _write(site, known, rest, facts.releases, made_in=made_in):
        return
    mark = {"files": _files_mark(site, known, checksums), **_mark_of_package(), "releases": releases_mark}
    site.write_hidden(PUBLISHED, canonical(mark).encode())


def republish(site: Site, known: Known, *, made_in: MakeIn) -> None:
    """Make the pages around the studies' own anew after a change of the further files, from the manifest alone.

    Raises
    ------
    UsageError
        If the manifest is of a form that does not say enough.
    OSError
        If they cannot be written; what stood there stays.
    """
    from insight.reporting.site_make import releases_of

    manifest = known.manifest
    rest = {name: manifest.get(name) for name in ("data_hash", "is_sample", "places", "studies", "made_from")}
    if None in rest.values():
        raise UsageError(
            "changing a site",
            found="a manifest of an earlier form, or one that was changed by hand",
            todo="bring the site up to date first: insight run",
        )
    _write(site, known, rest, Remembered(releases_of(manifest)), made_in=made_in)
    # What cards and package say is of the last run; the next one compares them again.
    with suppress(OSError, ValueError):
        mark = json.loads((site.hidden / PUBLISHED).read_bytes())
        mark["files"] = _files_mark(site, known, Checksums(site.hidden / "checksums.json"))
        site.write_hidden(PUBLISHED, canonical(mark).encode())


def _studies(known: Known, made_from: Mapping[str, Any]) -> Mapping[str, Any]:
    """Titles and questions; those in the manifest hold for as long as the package is the same."""
    from insight.reporting.site import studies_in_words

    before = known.manifest.get("made_from", {})
    is_same = made_from and before.get("package") == made_from.get("package")
    said = known.manifest.get("studies", {}) if is_same else {}
    return studies_in_words({study_of(href) for href in (*known.pages, *known.failed)}, known=said)


def _write(site: Site, known: Known, rest: Mapping[str, Any], releases: KnownReleases, *, made_in: MakeIn) -> bool:
    """Everything but the studies' own pages; false where a page was held by another program and stays as it was."""
    from insight.reporting.site import Summaries, all_sources
    from insight.reporting.site_make import INDEX, plan_site

    memory = Summaries(site.hidden / SUMMARIES)
    summaries = memory.of(site.out, known.pages)
    found = releases.releases(all_sources(summaries.values()))
    _mark_stale(site, known, summaries, found, made_in=made_in)
    for href, summary in summaries.items():
        if summary is not None:
            known.pages[href] = {**known.pages[href], "parameters": summary.parameters}
    _take_away(site, known)
    manifest = {
        **rest,
        "releases": {key: list(several) for key, several in found.items()},
        "pages": known.pages,
        "failed": known.failed,
        "extra": known.extra,
        "extra_of": known.extra_of,
    }
    kept = known.manifest.get("site")
    before = {str(address): str(checksum) for address, checksum in kept.items()} if isinstance(kept, dict) else {}
    remembered, keys = _keys_of(site), {}
    listed: dict[str, str] = {}
    is_whole = True
    for address, made in plan_site(manifest, summaries).items():
        standing = _standing(site, address)
        if made.key == remembered.get(address) and standing and standing == before.get(address):
            listed[address], keys[address] = standing, made.key
            continue
        try:
            listed[address] = site.replace(address, made.html().encode(), made_in=made_in)
            keys[address] = made.key
        except OSError as fault:
            if address == INDEX or fault.errno in NO_ROOM:
                raise
            # Another program has it open, or something else stands there: as with a study's page, the others go on.
            is_whole = False
            if standing:
                listed[address] = standing
    for href in known.failed:
        # A plain page that says that there is none: no record goes with it, so it is listed here.
        if href not in known.pages and site.stands(href):
            listed[href] = file_sha256(site.out / href)
    for gone in sorted(set(before) - set(listed) - set(known.extra)):
        if is_address(gone) and not _is_of_a_study(site, known, gone):
            site.remove(gone)
    known.manifest = {**manifest, "site": dict(sorted(listed.items()))}
    text = seen(json.dumps(known.manifest, ensure_ascii=False, indent=1, sort_keys=True)) + "\n"
    site.replace("manifest.json", text.encode("utf-8", "replace"), made_in=made_in)
    memory.save()
    site.write_hidden(KEYS, canonical({"of": _mark_of_package(), "keys": keys}).encode())
    return is_whole


def outdated(extra_of: Mapping[str, Mapping[str, str]], pages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Addresses of further files that were made of pages which are others now, or gone.

    A workbook is of all pages of its area, so one that lacks a page is outdated too.
    """
    sums = {href: entry.get("html_sha256") for href, entry in pages.items()}
    pages_of: dict[str, set[str]] = {}
    for href in pages:
        pages_of.setdefault(href.partition("/")[0], set()).add(href)

    def lacks_a_page(address: str, of: Mapping[str, str]) -> bool:
        code, _, name = address.partition("/")
        return name == WORKBOOK and not pages_of.get(code, set()) <= set(of)

    return sorted(
        address
        for address, of in extra_of.items()
        if any(sums.get(href) != checksum for href, checksum in of.items()) or lacks_a_page(address, of)
    )


def _take_away(site: Site, known: Known) -> None:
    """Remove the further files that show other figures than the pages beside them; a file without origin stays.

    One that another program has open stays listed with its origin, so that ``verify`` names it and the next run tries
    again.
    """
    old = [address for address in outdated(known.extra_of, known.pages) if address in known.extra]
    stood = [address for address in old if site.stands(address)]
    for address in stood:
        site.remove(address)
    known.held = [address for address in stood if site.stands(address)]
    known.taken_away += [address for address in stood if address not in known.held]
    _list_extra(known, [address for address in known.extra if address not in old or address in known.held])


def _is_of_a_study(site: Site, known: Known, address: str) -> bool:
    """Whether a file is a study's page or record, whatever the manifest lists it as."""
    # Some systems know no capitals.
    plain = address.casefold()
    own = {each.casefold() for href in known.pages for each in (href, record_of(href))}
    return plain in own or plain.endswith(".json") or site.stands(record_of(address))


def _list_extra(known: Known, kept: Sequence[str]) -> None:
    """List these further files and no others."""
    known.extra = {address: known.extra[address] for address in kept}
    known.extra_of = {address: of for address, of in known.extra_of.items() if address in known.extra}


def _standing(site: Site, address: str) -> str:
    """SHA-256 of a file as it stands; empty where there is none."""
    try:
        return file_sha256(site.out / address)
    except OSError:
        return ""


def _keys_of(site: Site) -> dict[str, str]:
    """The keys of the pages that this package made last, with these documents."""
    try:
        read = json.loads((site.hidden / KEYS).read_bytes())
        return dict(read["keys"]) if read["of"] == _mark_of_package() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _mark_stale(
    site: Site,
    known: Known,
    summaries: Mapping[str, Summary | None],
    releases: Mapping[str, tuple[str, ...]],
    *,
    made_in: MakeIn,
) -> None:
    """Give each page with figures more than one release old a notice that says so, and take it from the others."""
    for href, summary in summaries.items():
        entry = known.pages[href]
        if entry.get("notice") or summary is None:
            continue
        old = [age for age in ages(summary.sources, releases) if age.releases_old >= STALE]
        if not old and not entry.get("stale"):
            continue
        try:
            html = (site.out / href).read_bytes()
            changed = notice.with_age(html, tuple(old)) if old else notice.without_notice(html)
            checksum = site.replace(href, changed, made_in=made_in) if changed is not None else ""
        except OSError as fault:
            if fault.errno in NO_ROOM:
                raise
            continue
        if checksum:
            said: Entry = {name: value for name, value in entry.items() if name != "stale"}
            known.pages[href] = {**said, "html_sha256": checksum, **({"stale": True} if old else {})}


def _is_published(site: Site, known: Known, facts: Facts, releases_mark: str, checksums: Checksums) -> bool:
    """Whether the site says already what it would say."""
    said = known.manifest
    now = (facts.data_hash, facts.is_sample, known.pages, known.failed, known.extra)
    if now != tuple(said.get(name) for name in ("data_hash", "is_sample", "pages", "failed", "extra")):
        return False
    if not isinstance(said.get("site"), dict) or "places" not in said or outdated(known.extra_of, known.pages):
        return False
    mark = {"files": _files_mark(site, known, checksums), **_mark_of_package(), "releases": releases_mark}
    try:
        return bool(json.loads((site.hidden / PUBLISHED).read_bytes()) == mark)
    except (OSError, ValueError):
        return False


def _mark_of_package() -> dict[str, str]:
    """Of the package, which holds templates and register, and of the documents."""
    return {"package": package_fingerprint(), "documents": site_docs.mark()}


def _files_mark(site: Site, known: Known, checksums: Checksums) -> dict[str, str]:
    """Of the manifest and of each page around the studies' own, as they stand."""
    listed = known.manifest.get("site", {})
    addresses = ["manifest.json", *(address for address in listed if is_address(address))]
    found = {}
    for address in addresses:
        with suppress(OSError):
            found[address] = checksums.sha256(site.out / address)
    return found


def _is_of(href: str, codes: set[str]) -> bool:
    return href.partition("/")[0] in codes and ".." not in href
