"""How old a page's figures are: counted in releases that the provenance cards name, never by a clock."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from insight.core.fingerprint import Checksums, content_sha256

Releases = Mapping[str, tuple[str, ...]]
"""By key of a source: releases of it that are known, oldest first."""

STALE = 2
"""From how many newer releases on a page carries a warning and its words do not count as of today."""
_YEAR = re.compile(r"_\d{4}\Z")
_PRESENT = re.compile(
    r"\b(now|nowadays|today|current|currently|at present|latest|newest|so far|this year|to date)\b", re.IGNORECASE
)


class SourceLike(Protocol):
    """A source, as a record names it."""

    @property
    def key(self) -> str:
        """Of the source."""
        ...

    @property
    def release(self) -> str:
        """The newest period in the file."""
        ...

    @property
    def sha256(self) -> str:
        """Of the file."""
        ...


class Known(Protocol):
    """Whoever knows which releases there are."""

    def mark(self, checksums: Checksums) -> str:
        """A text that changes when the answer may change."""
        ...

    def releases(self, sources: Iterable[SourceLike]) -> Releases:
        """The releases that are known of each source."""
        ...


@dataclass(frozen=True)
class Cards:
    """The provenance cards of a project; without any, only the releases that pages show are known."""

    paths: tuple[Path, ...] = ()

    def mark(self, checksums: Checksums) -> str:
        """SHA-256 over names and bytes of the cards."""
        return content_sha256([[path.name, checksums.sha256(path)] for path in self.paths])

    def releases(self, sources: Iterable[SourceLike]) -> Releases:
        """What cards name, and what the pages show.

        A card is of a source if its name is the source's key and a year, or if a card of the same name has the
        checksum of a file that a page was made from.
        """
        used = list(sources)
        key_of = {source.sha256: source.key for source in used if source.sha256}
        known: dict[str, set[str]] = {}
        for source in used:
            known.setdefault(source.key, set()).add(_newest_part(source.release))
        cards = [card for path in self.paths if (card := _read(path))]
        series = {stem: key_of[sha256] for stem, _, sha256 in cards if sha256 in key_of}
        for stem, release, sha256 in cards:
            key = series.get(stem, stem)
            # A file that a page shows has said its own release; its card may say it in another form.
            if key in known and sha256 not in key_of:
                known[key].add(_newest_part(release))
        return {key: tuple(sorted(found - {""}, key=_order)) for key, found in sorted(known.items())}


@dataclass(frozen=True)
class Remembered:
    """The releases that were known when a site was made."""

    known: Releases

    def mark(self, checksums: Checksums) -> str:
        """SHA-256 over them."""
        return content_sha256({key: list(several) for key, several in self.known.items()})

    def releases(self, sources: Iterable[SourceLike]) -> Releases:
        """They do not depend on what pages show."""
        return self.known


@dataclass(frozen=True)
class Age:
    """Of one source that a page shows."""

    key: str
    title: str
    release: str
    newest: str
    releases_old: int

    @property
    def in_words(self) -> str:
        """Such as "no newer release is known" or "2 releases old: the newest is 2026"."""
        return age_in_words(self.releases_old, self.newest)


def age_in_words(releases_old: int, newest: str) -> str:
    """How old a release is, without a word that would be wrong tomorrow."""
    if releases_old == 0:
        return "no newer release is known"
    return f"{'one release' if releases_old == 1 else f'{releases_old} releases'} old: the newest is {newest}"


def ages(sources: Sequence[SourceLike], releases: Releases) -> tuple[Age, ...]:
    """Of each source of a page, by the newest release of it that the page shows."""
    shown: dict[str, SourceLike] = {}
    for source in sources:
        held = shown.get(source.key)
        if held is None or _order(_newest_part(source.release)) > _order(_newest_part(held.release)):
            shown[source.key] = source
    found = []
    for key, source in sorted(shown.items()):
        own = _newest_part(source.release)
        newer = [release for release in releases.get(key, ()) if own and _order(release) > _order(own)]
        title = str(getattr(source, "title", key))
        found.append(Age(key, title, own, newer[-1] if newer else own, len(newer)))
    return tuple(found)


def oldest(sources: Sequence[SourceLike], releases: Releases) -> int:
    """How many releases have come out since, of the source where most have."""
    return max((age.releases_old for age in ages(sources, releases)), default=0)


def speaks_of_the_present(text: str) -> bool:
    """Whether words claim to say how things stand, which stale figures cannot.

    >>> speaks_of_the_present("It is now 12%."), speaks_of_the_present("It was 12% in 2023.")
    (True, False)
    """
    return bool(_PRESENT.search(text))


def _read(path: Path) -> tuple[str, str, str] | None:
    """The card's name without its year, its release and its file's checksum; a card that cannot be read says none."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    return _YEAR.sub("", path.stem), str(content.get("release", "")), str(content.get("sha256", ""))


@lru_cache(maxsize=512)
def _newest_part(release: str) -> str:
    """A release without what tells its issues apart: "2025, published 2025-11-05" is 2025."""
    return release.partition(",")[0].strip()


@lru_cache(maxsize=512)
def _order(release: str) -> tuple[int, ...]:
    digits = "".join(letter for letter in release if letter.isdigit())
    return int(digits[:4] or 0), int(digits[4:6] or 0), int(digits[6:8] or 0)
