"""What every provenance card must say, whoever reads it: a build by the checksum, a download by the address."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from insight.core.area import shown
from insight.errors import SourceRefused

_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class CardText:
    """A card's own words, with what each reader of cards relies on.

    Parameters
    ----------
    content : mapping
        All that it says.
    release : str
    published : str
        A day, or a month where the publisher's day is not known; "" where neither is.
    sha256 : str
        "" where nobody here has held the file yet, and the card only says where it can be had.
    """

    content: Mapping[str, Any]
    release: str
    published: str
    sha256: str


def read_card_text(path: Path) -> CardText:
    """One card.

    Raises
    ------
    SourceRefused
        If it is no TOML, its day of publication is none, or its checksum is none; a card may be without a checksum only
        where a ``[fetch]`` says how the file is had.
    """
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as fault:
        refuse_card(path.name, f"no readable TOML ({type(fault).__name__})")
    release, published, sha256 = (str(content.get(key, "")) for key in ("release", "published", "sha256"))
    if sha256 and not _SHA256.fullmatch(sha256):
        refuse_card(path.name, "a sha256 that is not 64 hexadecimal digits")
    if not sha256 and not isinstance(content.get("fetch"), dict):
        refuse_card(path.name, "no sha256 of 64 hexadecimal digits, and no [fetch]")
    if published and not is_day_or_month(published):
        refuse_card(path.name, "a day of publication that is neither YYYY-MM-DD nor YYYY-MM")
    return CardText(content, release, published, sha256)


def is_day_or_month(text: str) -> bool:
    """Whether a text is a day of the calendar, or a month of it.

    Examples
    --------
    >>> is_day_or_month("2024-02-29"), is_day_or_month("2025-02"), is_day_or_month("2025-02-29")
    (True, True, False)
    """
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) > len("2025-11") else f"{text}-01")
    except ValueError:
        return False
    return True


def refuse_card(name: str, found: str, todo: str = "correct the card, or leave it out") -> NoReturn:
    """Refuse a card in words.

    Raises
    ------
    SourceRefused
        Always.
    """
    raise SourceRefused(f"reading the provenance card {shown(name)}", found=found, todo=todo)
