"""The search, as a table: what to load, what it measures, for which years, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

import pandas as pd

from insight.catalogue._index import Found, Index, topic_of
from insight.catalogue._words import roots_of, words_of
from insight.core.area import shown
from insight.core.display import Table
from insight.core.gate import release
from insight.core.period import Period, PeriodKind
from insight.core.results import Column, TableResult
from insight.errors import UsageError
from insight.store import Held

_COLUMNS = (
    Column("key", "Key", kind="text"),
    Column("what", "What it measures", kind="text"),
    Column("unit", "Unit", kind="text"),
    Column("better", "Better", kind="text"),
    Column("topic", "Topic", kind="text"),
    Column("years", "Years", kind="text"),
    Column("source", "Source", kind="text"),
)


def search(
    held: Sequence[Held],
    question: str = "",
    *,
    topic: str | None = None,
    limit: int | None = 20,
    is_sample: bool = False,
) -> Table:
    """The indicators that a question in plain words may mean, the likeliest first.

    Plurals, hyphens, capitals and the field's abbreviations do not count. A word that no indicator speaks of is said,
    with the nearest words there are; they are looked for in its place.

    Parameters
    ----------
    held : sequence of Held
        What a store holds.
    question : str
        Without words, every indicator.
    topic : str, optional
        Only those of a publisher's topic, or of a source, by some words of its name.
    limit : int, optional
        The most rows; None for all.
    is_sample : bool
        Whether the store's areas are invented.

    Returns
    -------
    Table
        ``key, what, unit, better, topic, years, source``; no rows where nothing fits.

    Raises
    ------
    UsageError
        If no topic has these words, naming the topics, or the limit is below 1.
    """
    if limit is not None and limit < 1:
        raise UsageError("looking for indicators", found=f"a limit of {limit}", todo="give 1 or more, or None for all")
    pool = _of_topic(held, topic)
    found = _index(tuple(pool)).find(question)
    hits = found.hits if limit is None else found.hits[:limit]
    result = TableResult(
        name="indicators",
        caption=_caption(question, topic, found, len(hits)),
        frame=pd.DataFrame([_row(each) for each in hits], columns=[column.key for column in _COLUMNS]),
        columns=_COLUMNS,
        notes=tuple(_notes(found)),
        is_sample=is_sample,
    )
    return cast(Table, release(result))


@lru_cache(maxsize=4)
def _index(held: tuple[Held, ...]) -> Index:
    """One index for the questions of a session."""
    return Index(held)


def _of_topic(held: Sequence[Held], topic: str | None) -> list[Held]:
    if topic is None:
        return list(held)
    wanted = set(roots_of(words_of(topic)))
    pool = [each for each in held if wanted <= set(roots_of(words_of(topic_of(each))))]
    if not wanted or not pool:
        topics = sorted({name for each in held for name in topic_of(each).split("; ")})
        raise UsageError(
            f"looking for indicators of the topic {shown(topic)!r}",
            found="no topic with these words",
            todo=f"choose one of: {'; '.join(topics)}",
        )
    return pool


def _row(held: Held) -> dict[str, str]:
    indicator = held.indicator
    return {
        "key": indicator.key,
        "what": indicator.title,
        "unit": indicator.unit,
        "better": indicator.direction,
        "topic": topic_of(held),
        "years": _years(held),
        "source": f"{held.source}, {held.release}",
    }


def _years(held: Held) -> str:
    if held.indicator.period_kind is PeriodKind.MONTH:
        ends = [Period.of(str(label), PeriodKind.MONTH).in_words for label in (held.first, held.last)]
    else:
        ends = [str(held.first), str(held.last)]
    return " to ".join(dict.fromkeys(ends))


def _caption(question: str, topic: str | None, found: Found, count: int) -> str:
    asked = f"Indicators for “{shown(question)}”" if words_of(question) else "Indicators"
    asked += f" in {shown(topic)}" if topic else ""
    total = len(found.hits)
    if not total:
        return f"{asked}: none"
    if count == total:
        return f"{asked}: {total}"
    return (
        f"{asked}: the {count} likeliest of {total}" if words_of(question) else f"{asked}: the first {count} of {total}"
    )


def _notes(found: Found) -> list[str]:
    notes = []
    for word, near in found.instead:
        notes.append(f"No title says “{shown(word)}”. Looked for instead: {', '.join(near)}.")
    for word, near in found.unknown:
        nearest = f" The nearest words: {', '.join(near)}." if near else ""
        notes.append(f"No indicator speaks of “{shown(word)}”.{nearest}")
    if found.hits and not found.has_all:
        notes.append("No indicator fits every word; these fit most of them.")
    if not found.hits:
        notes.append("Ask with fewer or other words, or look through a topic.")
    return notes
