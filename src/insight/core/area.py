"""A place that has children's services, what it replaced and what replaced it; and how names are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from insight.core.described import Described, Description
from insight.core.html import SAMPLE_BANNER

Level = Literal["authority", "joint", "region", "nation"]
LineageKind = Literal["merger", "split", "reissue", "joint_return"]

LONGEST_NAME = 120
LONGEST_SHOWN = 60

_HYPHENS = "\u2010\u2011\u2012\u2013\u2014-"
_APOSTROPHES = "\u0027\u2018\u2019"
_SPACERS = re.compile(rf"[,(){_HYPHENS}]| / ")


@dataclass(frozen=True, slots=True)
class LineageFact:
    """One change in what is counted as a unit.

    ``date`` is the first day of the new state. Predecessors and successors are keys of the register. A reissue has the
    same area on both sides: only its code changed.
    """

    kind: LineageKind
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]
    date: date
    note: str
    source: str


@dataclass(frozen=True, repr=False)
class Area(Described):
    """A local authority with children's services, a joint return, a region or the nation.

    Parameters
    ----------
    code : str
        The register's key: the newest nine-character code. A joint return joins its members' codes with ``_``.
    name : str
        As the publisher writes it today.
    level : "authority", "joint", "region" or "nation"
    region_code, region_name : str or None
        Of authorities and joint returns.
    codes : tuple of str
        Every nine-character code the area has had, newest first; a joint return has none of its own.
    old_la_code : str or None
        The three digits of the Department for Education.
    aliases, trusts : tuple of str
        Other names, and the companies that run or ran its services: all of them find the area.
    start, end : date or None
        First and last day of existence. No start: before the register begins (1 April 2009). An end: abolished.
    members : tuple of str
        Keys of a joint return's authorities; empty for every other level.
    lineage : tuple of LineageFact
        Every change the area takes part in, oldest first.
    is_sample : bool
        Whether the area is invented.
    """

    code: str
    name: str
    level: Level
    region_code: str | None
    region_name: str | None
    codes: tuple[str, ...]
    old_la_code: str | None
    aliases: tuple[str, ...]
    trusts: tuple[str, ...]
    start: date | None
    end: date | None
    members: tuple[str, ...]
    lineage: tuple[LineageFact, ...]
    is_sample: bool = False

    @property
    def is_abolished(self) -> bool:
        """Whether the area no longer exists."""
        return self.end is not None

    @property
    def successors(self) -> tuple[str, ...]:
        """Keys of the areas that replaced this one, in order of code."""
        return self._others("successors")

    @property
    def predecessors(self) -> tuple[str, ...]:
        """Keys of the areas that this one replaced, in order of code."""
        return self._others("predecessors")

    def _others(self, side: Literal["predecessors", "successors"]) -> tuple[str, ...]:
        other = "successors" if side == "predecessors" else "predecessors"
        # A reissue and a joint return leave the area in being, so they have no successor.
        changes = [
            fact for fact in self.lineage if fact.kind in ("merger", "split") and self.code in getattr(fact, other)
        ]
        return tuple(sorted({code for fact in changes for code in getattr(fact, side)}))

    def exists_on(self, day: date) -> bool:
        """Whether the area existed on a day; the first and the last day count."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def describe(self) -> Description:
        """Codes, region, names, dates and lineage."""
        facts = [
            ("code", self.code),
            ("level", self.level),
            ("region", f"{self.region_name} ({self.region_code})" if self.region_code else ""),
            ("earlier codes", ", ".join(self.codes[1:])),
            ("three-digit code", self.old_la_code or ""),
            ("also known as", ", ".join(self.aliases)),
            ("services run by, now or before", ", ".join(self.trusts)),
            ("members", ", ".join(self.members)),
            ("first day", self.start.isoformat() if self.start else ""),
            ("last day", self.end.isoformat() if self.end else ""),
        ]
        facts += [(fact.kind.replace("_", " "), f"{fact.note} ({fact.source})") for fact in self.lineage]
        known = tuple((label, value) for label, value in facts if value)
        return Description(self.name, known, banner=SAMPLE_BANNER if self.is_sample else None)


def normalise(name: str) -> str:
    """The form in which two names are compared: equal forms are the same name, and nothing else is.

    Case, apostrophes, hyphens, commas and brackets do not count; "&" is "and", "St." and "Saint" are "St", a leading
    "the" falls away, and "Herefordshire, County of" is turned round. No other character is forgiven.

    Examples
    --------
    >>> normalise("Telford & Wrekin"), normalise("ST. HELENS"), normalise("Herefordshire, County of")
    ('telford and wrekin', 'st helens', 'county of herefordshire')
    >>> normalise("../Leeds")
    '../leeds'
    """
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    head, _, tail = text.partition(",")
    if tail.rstrip().endswith(" of") and "," not in tail:
        text = f"{tail} {head}"
    text = re.sub(r"\b(?:st\.|saint\b)", "st ", text).replace("&", " and ")
    text = text.translate({ord(mark): None for mark in _APOSTROPHES})
    words = _SPACERS.sub(" ", text).split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)


def is_speakable(text: str) -> bool:
    """Whether a text could be a name at all: not too long, and free of control and direction characters."""
    return len(text) <= LONGEST_NAME and text.strip(" \t\r\n") == printable(text.strip(" \t\r\n"))


def printable(text: str) -> str:
    """The text without control, direction and unassigned characters, which can repaint a terminal or hide a name."""
    return "".join(mark for mark in text if unicodedata.category(mark)[0] != "C" and mark not in "\u2028\u2029")


def shown(text: str) -> str:
    """What was asked for, safe to print in a message: printable, and cut to 60 characters."""
    clean = " ".join(printable(text).split())
    return clean if len(clean) <= LONGEST_SHOWN else clean[: LONGEST_SHOWN - 1] + "\u2026"
