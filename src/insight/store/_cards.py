"""Provenance cards: small TOML files that say where a published file comes from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from insight.core.area import shown
from insight.errors import SourceRefused

_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_IN_NAME = re.compile(r"published-(\d{4}-\d{2}-\d{2})(?!\d)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says of one file; ``published`` is a day, or a month where the publisher's day is not known."""

    name: str
    release: str
    published: str


def read_cards(paths: Sequence[Path]) -> Mapping[str, Card]:
    """Cards by the SHA-256 of the file that they describe.

    Raises
    ------
    SourceRefused
        If a card is not TOML, has no checksum, or two cards differ over one file.
    """
    cards: dict[str, Card] = {}
    for path in sorted(paths, key=lambda path: path.name):
        sha256, card = _read(path)
        if not sha256:
            # Nobody here has held the file yet; the card only says where it can be had.
            continue
        other = cards.setdefault(sha256, card)
        if (other.release, other.published) != (card.release, card.published):
            _refuse(path, f"another release or date than {shown(other.name)} gives for the same file")
    return cards


def published_in_name(name: str) -> str:
    """The day in a name such as ``referrals_published-2025-11-05.csv``, or "".

    Examples
    --------
    >>> published_in_name("cin/referrals_2025_published-2025-11-05.csv")
    '2025-11-05'
    """
    found = _IN_NAME.search(name)
    return found[1] if found and _is_day(found[1]) else ""


def _read(path: Path) -> tuple[str, Card]:
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        _refuse(path, f"no readable TOML ({type(fault).__name__})")
    sha256, published = str(content.get("sha256", "")), str(content.get("published", ""))
    is_to_fetch = not sha256 and isinstance(content.get("fetch"), dict)
    if not is_to_fetch and not _SHA256.fullmatch(sha256):
        _refuse(path, "no sha256 of 64 hexadecimal digits")
    if published and not (_DAY.fullmatch(published) and _is_day(published)):
        _refuse(path, "a day of publication that is neither YYYY-MM-DD nor YYYY-MM")
    return sha256, Card(path.name, str(content.get("release", "")), published)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text if len(text) > len("2025-11") else f"{text}-01")
    except ValueError:
        return False
    return True


def _refuse(path: Path, found: str) -> NoReturn:
    raise SourceRefused(
        f"reading the provenance card {shown(path.name)}", found=found, todo="correct the card, or leave it out"
    )
