"""Provenance cards: small TOML files that say where a published file comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from insight.core.area import shown
from insight.core.card import is_day_or_month, read_card_text, refuse_card

_IN_NAME = re.compile(r"published-(\d{4}-\d{2}-\d{2})(?!\d)")


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
        If a card cannot be read, or two cards differ over one file.
    """
    cards: dict[str, Card] = {}
    for path in sorted(paths, key=lambda path: path.name):
        text = read_card_text(path)
        if not text.sha256:
            # Nobody here has held the file yet; the card only says where it can be had.
            continue
        card = Card(path.name, text.release, text.published)
        other = cards.setdefault(text.sha256, card)
        if (other.release, other.published) != (card.release, card.published):
            refuse_card(path.name, f"another release or date than {shown(other.name)} gives for the same file")
    return cards


def published_in_name(name: str) -> str:
    """The day in a name such as ``referrals_published-2025-11-05.csv``, or "".

    Examples
    --------
    >>> published_in_name("cin/referrals_2025_published-2025-11-05.csv")
    '2025-11-05'
    """
    found = _IN_NAME.search(name)
    return found[1] if found and is_day_or_month(found[1]) else ""
