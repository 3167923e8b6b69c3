"""Whether a published site is what its manifest says, file by file; needs nothing but the folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from insight.core.described import Described, Description
from insight.core.fingerprint import file_sha256
from insight.errors import SiteDamaged, UsageError
from insight.reporting.folder import record_of
from insight.reporting.site_manifest import faults
from insight.reporting.site_publish import outdated

MANIFEST = "manifest.json"
HIDDEN = ".insight"
Trouble = Literal["differs", "missing", "extra", "unreadable", "linked", "outdated"]
_IN_WORDS: Mapping[str, str] = {
    "differs": "is not the file that was published",
    "missing": "is listed and not there",
    "extra": "is there and not listed",
    "unreadable": "cannot be read",
    "linked": "is a link, which may lead out of the site",
    "outdated": "was made of pages that are others now",
}
_SHOWN = 20
_TODO = "take it again from where the site was published; one of an earlier form is renewed by insight run"


@dataclass(frozen=True, repr=False)
class Verified(Described):
    """What was found in a published site.

    Parameters
    ----------
    manifest_sha256 : str
        Of the manifest itself: to compare with one that was noted when the site was published.
    files : int
        How many files the manifest lists.
    troubles : tuple of (address, what is wrong)
        In order of address; empty where every file is as it was published.
    """

    out: Path
    manifest_sha256: str
    files: int
    troubles: tuple[tuple[str, Trouble], ...]

    @property
    def is_whole(self) -> bool:
        """Whether every listed file is as it was published, and no other is there."""
        return not self.troubles

    @property
    def exit_code(self) -> int:
        """0 or 1."""
        return int(not self.is_whole)

    @property
    def lines(self) -> tuple[str, ...]:
        """For a console: what is wrong, how many files, and the manifest's own checksum."""
        named = [f"{address} {_IN_WORDS[trouble]}" for address, trouble in self.troubles[:_SHOWN]]
        more = len(self.troubles) - len(named)
        told = [*named, *([f"and {more:,} more"] if more else [])]
        verdict = (
            f"every file is as it was published: {self.files:,}"
            if self.is_whole
            else f"THIS SITE IS NOT WHAT WAS PUBLISHED: {len(self.troubles):,} of its files are wrong"
        )
        return (*told, verdict, f"manifest: {self.manifest_sha256}")

    def require(self) -> None:
        """Nothing, where the site is whole.

        Raises
        ------
        SiteDamaged
            Naming the first files that are wrong.
        """
        if self.is_whole:
            return
        first = "; ".join(f"{address} {_IN_WORDS[trouble]}" for address, trouble in self.troubles[:3])
        more = len(self.troubles) - 3
        raise SiteDamaged(
            "checking a published site against its manifest",
            found=first + (f"; and {more:,} more" if more > 0 else ""),
            todo="make the site again with insight run, or take it again from where it was published",
        )

    def describe(self) -> Description:
        """What is wrong, how many files, and the manifest's checksum."""
        facts = [("files listed", f"{self.files:,}"), ("manifest", self.manifest_sha256)]
        facts += [(address, _IN_WORDS[trouble]) for address, trouble in self.troubles[:_SHOWN]]
        title = "Every file is as it was published" if self.is_whole else "This site is not what was published"
        return Description(title, tuple(facts))


def verify(out: Path) -> Verified:
    """Compare every file of a site with its manifest.

    What lies in ``.insight`` is never published and not looked at. Links are not followed: one in place of a file is
    named and not opened.

    Raises
    ------
    UsageError
        If there is no manifest.
    SiteDamaged
        If the manifest cannot be read.
    """
    path = out / MANIFEST
    if not path.is_file():
        raise UsageError(
            "checking a published site", found="a folder without manifest.json", todo="give the folder of the site"
        )
    manifest = read_manifest(path)
    listed = listed_files(manifest)
    standing = set(_standing(out))
    troubles: dict[str, Trouble] = dict.fromkeys(standing - set(listed) - {MANIFEST}, "extra")
    troubles |= dict.fromkeys(outdated(manifest.get("extra_of", {}), manifest["pages"]), "outdated")
    for address, checksum in listed.items():
        if address not in standing:
            troubles[address] = "missing"
            continue
        try:
            if (out / address).is_symlink():
                troubles[address] = "linked"
            elif file_sha256(out / address) != checksum:
                troubles[address] = "differs"
        except OSError:
            troubles[address] = "unreadable"
    found = tuple((_plain(address), troubles[address]) for address in sorted(troubles))
    return Verified(out, file_sha256(path), len(listed), found)


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a site.

    Raises
    ------
    SiteDamaged
        If it cannot be read, a part that anything rests on is missing or of no form of ours, or an address leads out of
        the site.
    """
    try:
        read = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise SiteDamaged(
            "reading the manifest of a site", found="no manifest of the form that insight writes", todo=_TODO
        )
    for fault in faults(read):
        raise SiteDamaged("reading the manifest of a site", found=fault, todo=_TODO)
    return read


def listed_files(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 of every file that a manifest lists, by address."""
    listed: dict[str, str] = {}
    for href, entry in manifest["pages"].items():
        listed[href] = entry["html_sha256"]
        listed[record_of(href)] = entry["record_sha256"]
    return {**listed, **manifest["site"], **manifest["extra"]}


def _standing(out: Path) -> Iterator[str]:
    """Every file, as seen from the folder; a link counts as a file and is not followed into a folder."""
    for folder, folders, names in os.walk(out, followlinks=False):
        here = Path(folder)
        if here == out:
            folders[:] = [name for name in folders if name != HIDDEN]
        linked = [name for name in folders if (here / name).is_symlink()]
        for name in (*names, *linked):
            yield (here / name).relative_to(out).as_posix()


def _plain(address: str) -> str:
    """An address that may be shown on a console."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in address)[:200]
