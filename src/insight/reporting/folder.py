"""The output folder of a site: what stands in it, and how things are put there whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from insight.core.fingerprint import Checksums, file_sha256
from insight.core.whole import UNFINISHED, flush, put_whole, settle, write_whole
from insight.errors import PageRefused
from insight.reporting.job import Outcome
from insight.reporting.journal import Journal
from insight.reporting.plan import Page

Entry = dict[str, Any]
ENTRY = ("key", "execution_key", "data_hash", "store_hash", "html_sha256", "record_sha256")
"""What the manifest says of a page, each a text.

``notice`` is true where the last run could not make it anew, ``stale`` where the page says that its figures are more
than one release old; ``parameters`` are those of its study.
"""
_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?", re.ASCII)
# Names that Windows keeps for devices, whatever stands after the first dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.ASCII | re.IGNORECASE)
# Codes, joint codes and study names, and nothing that could lead out of the folder or into a script.
_PAGE = re.compile(r"[A-Za-z0-9_]+/[a-z0-9_]+(--[A-Za-z0-9_-]+)?\.html", re.ASCII)
_LONGEST = 150
WORKBOOK = "numbers.xlsx"
"""All numbers of an area in one file, made of every page of that area."""


@dataclass
class Known:
    """What the manifest says, and what runs that were killed did after it was written.

    Parameters
    ----------
    is_sample : bool or None
        Which kind of data the pages show; None where there is none.
    pages : mapping
        By address in the site.
    failed : mapping
        Why a page could not be made when it was last tried, by its address.
    extra : mapping
        SHA-256 of further files of the site, by their address.
    extra_of : mapping
        The pages that a further file was made of, with their SHA-256; a file that somebody brought has no entry.
    taken_away : list
        Addresses of further files that were removed because their pages have changed.
    held : list
        Addresses of those that should have been and still stand, because another program has them open.
    manifest : mapping
        The manifest as it stands.
    """

    is_sample: bool | None = None
    pages: dict[str, Entry] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    extra_of: dict[str, Mapping[str, str]] = field(default_factory=dict)
    taken_away: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    manifest: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """An output folder: the pages in it and the manifest that lists them."""

    out: Path

    @property
    def hidden(self) -> Path:
        """Everything of ours that is never published."""
        return self.out / ".insight"

    @property
    def manifest_path(self) -> Path:
        """Written last, so that it never lists a page that is not there."""
        return self.out / "manifest.json"

    def manifest(self) -> dict[str, Any]:
        """What the last run left; where that is missing or damaged, what the records beside the pages say.

        A part that cannot be used is left out, as in a manifest of an earlier form.
        """
        from insight.reporting.site_manifest import sound_parts

        try:
            read = json.loads(self.manifest_path.read_bytes())
        except (OSError, ValueError, RecursionError):
            read = None
        sound = sound_parts(read) if isinstance(read, dict) else {}
        return sound if {"is_sample", "pages", "failed"} <= set(sound) else self._from_records()

    def known(self) -> Known:
        """The manifest, with what later runs journaled that did not reach their end."""
        manifest = self.manifest()
        extra = {address: sha256 for address, sha256 in manifest.get("extra", {}).items() if is_further(address)}
        known = Known(
            is_sample=manifest["is_sample"],
            pages=dict(manifest["pages"]),
            failed=dict(manifest["failed"]),
            extra=extra,
            extra_of={address: of for address, of in manifest.get("extra_of", {}).items() if address in extra},
            manifest=manifest,
        )
        touched: set[str] = set()
        for event in Journal(self.out).cut_off():
            href = event.get("page")
            if not isinstance(href, str):
                continue
            if event["event"] == "page started":
                touched.add(href)
            elif event["event"] == "page done" and is_entry(event):
                known.pages[href] = {name: event[name] for name in ENTRY}
                known.failed.pop(href, None)
                touched.discard(href)
            elif event["event"] == "page failed":
                known.failed[href] = str(event.get("reason", ""))
                touched.discard(href)
                self._know_failed(known, href)
        # Begun, and cut off before its end was told: the manifest may speak of another page than the one that stands.
        for href in touched & set(known.pages):
            sums = self._sums(href)
            if any(known.pages[href].get(name) != checksum for name, checksum in sums.items()):
                known.pages[href] = {**known.pages[href], **sums, "key": "", "execution_key": ""}
        return known

    def _know_failed(self, known: Known, href: str) -> None:
        """As ``say_failed`` has left it: a page with a notice, or a plain one, which no record goes with."""
        if href in known.pages and (self.out / href).with_suffix(".json").is_file():
            known.pages[href] = {**known.pages[href], **self._sums(href), "notice": True}
        else:
            known.pages.pop(href, None)

    def _from_records(self) -> dict[str, Any]:
        """Every page that has a readable record; none counts as current, so a page that is wanted is made again."""
        pages, kinds = {}, set()
        hrefs = sorted(self.out.glob("[!.]*/*.html"))
        if hrefs:
            from insight.reporting.site import read_summary

            for html in hrefs:
                record = read_summary(html)
                if record and record.area == html.parent.name:
                    kinds.add(record.is_sample)
                    pages[html.relative_to(self.out).as_posix()] = {
                        **dict.fromkeys(ENTRY, ""),
                        "html_sha256": file_sha256(html),
                        "record_sha256": file_sha256(html.with_suffix(".json")),
                        "data_hash": record.data_hash,
                    }
        return {"pages": pages, "failed": {}, "data_hash": "", "is_sample": kinds.pop() if len(kinds) == 1 else None}

    def is_current(self, page: Page, entry: Mapping[str, Any] | None, checksums: Checksums) -> bool:
        """Whether page and record stand, whole, and were made from exactly what they would be made from now."""
        if not entry or entry["key"] != page.key or entry.get("notice"):
            return False
        try:
            return bool(
                checksums.sha256(self.out / page.href) == entry["html_sha256"]
                and checksums.sha256(self.out / page.record_href) == entry["record_sha256"]
            )
        except OSError:
            return False

    def put(self, page: Page, outcome: Outcome, *, store_hash: str) -> Entry:
        """Move a finished page and its record into place, each by one rename; the manifest's entry for it.

        Raises
        ------
        PageRefused
            If what was made is not this page.
        OSError
            If it cannot be put there; what stood there stays.
        """
        if outcome.html is None or outcome.record is None or not _is_record_of(page, outcome.record):
            raise PageRefused(
                f"putting {page.href} in place",
                found="a finished page without its record",
                todo="run this page again, and report it if it happens twice",
            )
        entry = {
            "key": page.key,
            "execution_key": page.execution_key,
            "data_hash": page.data_hash,
            "store_hash": store_hash,
            "html_sha256": file_sha256(outcome.html),
            "record_sha256": file_sha256(outcome.record),
        }
        flush(outcome.record)
        flush(outcome.html)
        put_whole(outcome.record, self.out / page.record_href, durable=False)
        put_whole(outcome.html, self.out / page.href, durable=False)
        settle(self.out / page.area)
        return entry

    def say_failed(
        self, page: Page, entry: Entry | None, reason: str, *, is_sample: bool, made_in: Path
    ) -> Entry | None:
        """Give the last good page a notice, or put a plain page in its place; the manifest's entry, if a page stands.

        Raises
        ------
        OSError
            If it cannot be written; what stood there stays.
        """
        from insight.reporting import notice

        place = self.out / page.href
        if notice.is_good_page(place):
            marked = notice.with_notice(place.read_bytes(), notice.releases_of(place))
            if marked is not None:
                self.write(page.href, marked, made_in=made_in)
            return {**dict.fromkeys(ENTRY, ""), **(entry or {}), **self._sums(page.href), "notice": True}
        plain = notice.failed_page(
            area_name=page.area_name, title=title_of(page.study), reason=reason, is_sample=is_sample
        )
        self.write(page.href, plain, made_in=made_in)
        (self.out / page.record_href).unlink(missing_ok=True)
        return None

    def _sums(self, href: str) -> Entry:
        """The checksums of a page and its record as they stand; empty for one that does not."""
        html = self.out / href
        files = {"html_sha256": html, "record_sha256": html.with_suffix(".json")}
        return {name: file_sha256(path) if path.is_file() else "" for name, path in files.items()}

    def write(self, href: str, data: bytes, *, made_in: Path) -> None:
        """Write a small file whole or not at all; nothing unfinished ever stands outside the hidden folder.

        Raises
        ------
        OSError
            If it cannot be written; what stood there stays.
        """
        made = made_in / f"{UNFINISHED}{href.replace('/', '-')}"
        try:
            write_whole(made, data)
            put_whole(made, self.out / href)
        finally:
            with suppress(OSError):
                made.unlink(missing_ok=True)

    def replace(self, address: str, data: bytes, *, made_in: Callable[[], Path]) -> str:
        """Write a small file where it is not already what it should be; its SHA-256.

        Raises
        ------
        OSError
            If it cannot be written; what stood there stays.
        """
        wanted = sha256(data).hexdigest()
        path = self.out / address
        if not path.is_file() or file_sha256(path) != wanted:
            self.write(address, data, made_in=made_in())
        return wanted

    def write_hidden(self, name: str, data: bytes) -> None:
        """Write a file that is never published."""
        write_whole(self.hidden / name, data)

    def remove(self, address: str) -> None:
        """Remove a file that is no longer wanted, and its folder if it was the last in it; one that is held stays."""
        path = self.out / address
        with suppress(OSError):
            path.unlink(missing_ok=True)
            if path.parent != self.out:
                path.parent.rmdir()

    def stands(self, address: str) -> bool:
        """Whether there is such a file."""
        return (self.out / address).is_file()


def study_of(href: str) -> str:
    """The study of a page, from its address in the site."""
    return href.partition("/")[2].removesuffix(".html").partition("--")[0]


def title_of(study: str) -> str:
    """The study in a few words."""
    from insight import studies
    from insight.errors import UnknownStudy

    try:
        return studies.find(study).title
    except UnknownStudy:
        return study.replace("_", " ")


def is_entry(entry: object) -> bool:
    """Whether something is what the manifest says of a page."""
    return isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in ENTRY)


def _is_record_of(page: Page, record: Path) -> bool:
    try:
        content = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("key") == page.key


def is_address(address: str) -> bool:
    """Whether an address stays inside the site on every system, and outside what is hidden in it."""
    parts = address.split("/")
    return len(address) <= _LONGEST and all(_PART.fullmatch(part) and not _DEVICE.fullmatch(part) for part in parts)


def is_further(address: str) -> bool:
    """Whether an address may be that of a further file: what ends as a page or a record does is of a page."""
    return is_address(address) and not address.casefold().endswith((".html", ".json"))


def record_of(href: str) -> str:
    """The address of the record beside a page."""
    return href.removesuffix(".html") + ".json"


def is_page_address(href: str) -> bool:
    """Whether an address is that of a study's page: an area's code, and a study with what sets the page apart."""
    return len(href) <= _LONGEST and bool(_PAGE.fullmatch(href))
