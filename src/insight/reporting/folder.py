"""The output folder of a site: what stands in it, and how things are put there whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insight.core.display import canonical
from insight.core.fingerprint import file_sha256
from insight.core.register import Register
from insight.reporting.execute import Outcome
from insight.reporting.journal import Journal
from insight.reporting.plan import Page

_ENTRY = ("key", "html_sha256", "record_sha256")


@dataclass(frozen=True)
class Site:
    """An output folder: the pages in it and the manifest that lists them."""

    out: Path

    @property
    def manifest_path(self) -> Path:
        """Written last, so that it never lists a page that is not there."""
        return self.out / "manifest.json"

    def manifest(self) -> dict[str, Any]:
        """What the last run left; where that is missing or damaged, what the records beside the pages say."""
        try:
            read = json.loads(self.manifest_path.read_bytes())
        except (FileNotFoundError, ValueError):
            read = None
        return read if _is_manifest(read) else self._from_records()

    def _from_records(self) -> dict[str, Any]:
        """Every page that has a readable record; none counts as current, so a page that is wanted is made again."""
        from insight.reporting.site import read_record

        pages, kinds = {}, set()
        for html in sorted(self.out.glob("*/*.html")):
            record = read_record(html)
            if record and record.area == html.parent.name:
                kinds.add(record.is_sample)
                pages[html.relative_to(self.out).as_posix()] = {
                    "key": "",
                    "html_sha256": file_sha256(html),
                    "record_sha256": file_sha256(html.with_suffix(".json")),
                }
        return {"pages": pages, "data_hash": "", "is_sample": kinds.pop() if len(kinds) == 1 else None}

    def standing(self, manifest: Mapping[str, Any], journal: Journal, register: Register) -> dict[str, Any]:
        """Entries of the pages that are there: the manifest's, and those that a killed run finished before it died."""
        entries = dict(manifest["pages"])
        for event in journal.cut_off():
            if event["event"] == "page done" and _is_entry(event):
                entries[str(event["page"])] = {name: event[name] for name in _ENTRY}
        known = {area.code for area in register.areas}
        return {
            href: entry
            for href, entry in entries.items()
            if href.partition("/")[0] in known and (self.out / href).is_file()
        }

    def is_current(self, page: Page, known: Mapping[str, Any]) -> bool:
        """Whether page and record stand, whole, and were made from exactly what they would be made from now."""
        entry = known.get(page.href)
        if not entry or entry["key"] != page.key:
            return False
        files = ((page.href, "html_sha256"), (page.record_href, "record_sha256"))
        return all((self.out / href).is_file() and file_sha256(self.out / href) == entry[name] for href, name in files)

    def put(self, page: Page, outcome: Outcome) -> dict[str, Any]:
        """Move a finished page and its record into place, each by one rename; the manifest's entry for it."""
        assert outcome.html is not None and outcome.record is not None, "only finished pages are put in place"  # noqa: S101
        entry = {
            "key": page.key,
            "html_sha256": file_sha256(outcome.html),
            "record_sha256": file_sha256(outcome.record),
        }
        (self.out / page.area).mkdir(parents=True, exist_ok=True)
        outcome.record.replace(self.out / page.record_href)
        outcome.html.replace(self.out / page.href)
        return entry

    def write(self, href: str, text: str) -> None:
        """Write a small file whole or not at all."""
        temporary = self.out / ".insight" / f"{href}.part"
        try:
            with temporary.open("wb") as stream:
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self.out / href)
        finally:
            temporary.unlink(missing_ok=True)


def publish_index(
    site: Site,
    entries: Mapping[str, Any],
    failed: Mapping[str, str],
    *,
    register: Register,
    data_hash: str,
) -> None:
    """Write ``index.html`` from the records that stand, then the manifest."""
    from insight.reporting.site import index_html, site_entries

    listed = site_entries(site.out, sorted(entries), failed, register, data_hash=data_hash)
    site.write("index.html", index_html(listed, register=register))
    manifest = {
        "data_hash": data_hash,
        "is_sample": register.is_sample,
        "pages": {href: entries[href] for href in sorted(entries)},
    }
    site.write("manifest.json", json.dumps(json.loads(canonical(manifest)), indent=1, sort_keys=True) + "\n")


def _is_manifest(read: object) -> bool:
    return (
        isinstance(read, dict)
        and isinstance(read.get("is_sample"), bool)
        and isinstance(read.get("pages"), dict)
        and all(_is_entry(entry) for entry in read["pages"].values())
    )


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in _ENTRY)
