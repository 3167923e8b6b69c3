"""Marks for what has no number, each with its words: suppressed, not available, not applicable and zero differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.lines import Line2D

from insight.charts import palette
from insight.core.missing import Status, in_words

ZERO = "zero"


@dataclass(frozen=True)
class Mark:
    """A marker shape and whether it is hollow."""

    shape: str
    hollow: bool
    words: str


MARKS: dict[str, Mark] = {
    Status.SUPPRESSED.value: Mark("x", False, in_words(Status.SUPPRESSED)),
    Status.NOT_AVAILABLE.value: Mark("o", True, in_words(Status.NOT_AVAILABLE)),
    Status.NOT_APPLICABLE.value: Mark("_", False, in_words(Status.NOT_APPLICABLE)),
    Status.LOW_RELIABILITY.value: Mark("v", True, in_words(Status.LOW_RELIABILITY)),
    Status.ROUNDS_TO_ZERO.value: Mark("d", True, in_words(Status.ROUNDS_TO_ZERO)),
    Status.UNSPECIFIED.value: Mark("s", True, in_words(Status.UNSPECIFIED)),
    Status.NO_ROW.value: Mark("|", False, in_words(Status.NO_ROW)),
    ZERO: Mark("D", True, "zero"),
}


def mark_line(
    kind: str, x: Iterable[float], y: Iterable[float], *, colour: str = palette.WORDS, label: str = ""
) -> Line2D:
    """Marks of one kind, without a line between them."""
    mark = MARKS[kind]
    return Line2D(
        list(x),
        list(y),
        linestyle="none",
        marker=mark.shape,
        markersize=7,
        markerfacecolor=palette.WHITE if mark.hollow else colour,
        markeredgecolor=colour,
        markeredgewidth=1.6,
        label=label or mark.words,
        zorder=6,
        clip_on=False,
    )


def key_to_marks(kinds: Iterable[str]) -> list[Line2D]:
    """Legend entries for the kinds that are on the chart, in the order of this page."""
    there = set(kinds)
    return [mark_line(kind, [], []) for kind in MARKS if kind in there]
