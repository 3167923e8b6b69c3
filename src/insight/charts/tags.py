"""Words of one or two lines beside marks; where there is no room a number stands, and the words go below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from insight.charts.canvas import SMALL
from insight.charts.lettering import laid
from insight.charts.svg import HALO
from insight.charts.words import plain

_MARK, _AWAY, _INWARD = 5.0, 7.0, 4.0
_LINE_CROSSED, _WORDS_HIT, _OUTSIDE = 20.0, 100.0, 1000.0


@dataclass(frozen=True)
class _Place:
    """A box for words, and its foot's offset from the mark."""

    box: Bbox
    right: float
    up: float


def tag_marks(
    ax: Axes,
    texts: Sequence[str],
    x: Sequence[float],
    y: Sequence[float],
    *,
    lines: Sequence[Bbox] = (),
    floor: float = 0.0,
    colour: str,
) -> list[int]:
    """Words beside each mark, off the other marks and words and where it can be off the lines.

    Parameters
    ----------
    ax : Axes
        Its layout is settled.
    texts : sequence of str
        Of the same length as ``x`` and ``y``, from left to right.
    lines : sequence of Bbox
        What the words should not cross, in points.
    floor : float
        Points at the foot of the axes that are taken.

    Returns
    -------
    list of int
        Places of the texts that found no room: their marks carry 1, 2 and so on.
    """
    places: NDArray[np.float64] = ax.transData.transform(np.column_stack([x, y])) if len(texts) else np.empty((0, 2))
    bounds = Bbox.from_extents(ax.bbox.x0 - 3, ax.bbox.y0 + floor, ax.bbox.x1 + 3, ax.bbox.y1 + 2)
    marks = [Bbox.from_bounds(px - _MARK, py - _MARK, 2 * _MARK, 2 * _MARK) for px, py in places]
    numbered: set[int] = set()
    while True:
        # Numbers first: they need room right at their marks, and words have more places to go.
        order = [*sorted(numbered), *(place for place in range(len(texts)) if place not in numbered)]
        said = {place: str(number) for number, place in enumerate(sorted(numbered), 1)}
        found: dict[int, _Place] = {}
        crowded = []
        for place in order:
            others = [*(mark for at, mark in enumerate(marks) if at != place), *(each.box for each in found.values())]
            wanted = said.get(place, plain(texts[place]))
            px, py = (float(at) for at in places[place])
            found[place], cost = _best(wanted, px, py, others, lines, bounds)
            if cost >= _WORDS_HIT and place not in numbered:
                crowded.append(place)
        if not crowded:
            break
        # One at a time: with fewer words around them, others may fit.
        numbered.add(crowded[-1])
    for place, best in sorted(found.items()):
        made = ax.annotate(
            said.get(place, plain(texts[place])),
            (x[place], y[place]),
            xytext=(best.right, best.up),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=colour,
            fontsize=SMALL,
            annotation_clip=False,
            zorder=8,
        )
        made.set_gid(HALO)
    return sorted(numbered)


def _best(
    words: str, px: float, py: float, taken: Sequence[Bbox], lines: Sequence[Bbox], bounds: Bbox
) -> tuple[_Place, float]:
    """The first of the cheapest places around a mark, and its cost."""
    made = laid(words, 0.0, 0.0, size=SMALL, across="center", up="bottom")
    wide, high = made.right - made.left, made.top - made.bottom
    aside, inward = wide / 2 + _AWAY, wide / 2 - _INWARD
    offsets = [
        *((right, up) for up in (_AWAY - 1, -_AWAY - high + 1) for right in (0.0, inward, -inward)),
        *((right, up) for right in (aside, -aside) for up in (-high / 2, 2.0, -high - 2.0)),
    ]
    found = [_Place(Bbox.from_bounds(px + right - wide / 2, py + up, wide, high), right, up) for right, up in offsets]
    costs = [
        rank
        + _LINE_CROSSED * any(_overlap(each.box, line) for line in lines)
        + _WORDS_HIT * sum(_overlap(each.box, other) for other in taken)
        + _OUTSIDE * (not _inside(each.box, bounds))
        for rank, each in enumerate(found)
    ]
    least = min(costs)
    return found[costs.index(least)], least


def _overlap(one: Bbox, other: Bbox) -> bool:
    return bool(one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1)


def _inside(box: Bbox, bounds: Bbox) -> bool:
    return bool(box.x0 >= bounds.x0 and box.x1 <= bounds.x1 and box.y0 >= bounds.y0 and box.y1 <= bounds.y1)
