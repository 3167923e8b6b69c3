"""Where a number comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from insight.core.described import Described, Description


@dataclass(frozen=True, repr=False)
class Source(Described):
    """A published file, or one release of it.

    ``release`` is the newest period in the file, which is how its publisher names it. ``published`` and ``accessed``
    are days or months (ISO 8601), where a provenance card or the file's name gives them. ``sha256`` and ``file`` are
    set once a file has been read.
    """

    key: str
    publisher: str
    title: str
    address: str
    licence: str
    known_problems: tuple[str, ...] = ()
    release: str = ""
    published: str = ""
    accessed: str = ""
    file: str = ""
    sha256: str = ""

    def of_release(self, release: str, *, file: str, sha256: str, published: str = "") -> Source:
        """This source as read from one file."""
        return replace(self, release=release, file=file, sha256=sha256, published=published)

    def describe(self) -> Description:
        """Publisher, release, dates, licence, checksum and known problems."""
        facts = [
            ("publisher", self.publisher),
            ("release", self.release or "none read"),
            ("published", self.published or "not recorded"),
            ("accessed", self.accessed or "not recorded"),
            ("address", self.address),
            ("licence", self.licence),
            ("file", self.file or "none read"),
            ("SHA-256", self.sha256 or "none read"),
        ]
        facts += [("known problem", problem) for problem in self.known_problems]
        return Description(self.title, tuple(facts))
