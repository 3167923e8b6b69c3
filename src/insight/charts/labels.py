"""Where labels go, so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox, Transform, blended_transform_factory
from numpy.typing import NDArray

from insight.charts.canvas import SMALL, points_of
from insight.charts.svg import HALO
from insight.charts.words import plain

_LINE = SMALL * 1.25
# Points left free between a line's end and the stroke that leads to its label.
_SHORT = 5.0


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near as can be to where they are wanted, without overlap, between ``low`` and ``high``.

    Least squares under the order of the wanted places (pooling adjacent violators). Where the heights do not fit, the
    labels run over at the ends and still do not overlap.

    >>> spread([10, 10, 30], [4, 4, 4], 0, 40)
    [8.0, 12.0, 30.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    sizes = [heights[i] for i in order]
    before = [sum(sizes[:k]) + sizes[k] / 2 for k in range(len(sizes))]
    pools: list[list[float]] = []
    for place, i in enumerate(order):
        pools.append([wanted[i] - before[place], 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, count = pools.pop()
            earlier, several = pools.pop()
            pools.append([(mean * count + earlier * several) / (count + several), count + several])
    shifts = [mean for mean, count in pools for _ in range(int(count))]
    room = max(high - sum(sizes), low)
    out = [0.0] * len(wanted)
    for place, i in enumerate(order):
        out[i] = min(max(shifts[place], low), room) + before[place]
    return out


class EndLabels:
    """Direct labels in a column right of the axes, each joined to the end of its line."""

    def __init__(self, ax: Axes) -> None:
        self._ax = ax
        self._made: list[tuple[Annotation, float, float, str, int, bool]] = []
        self._at = blended_transform_factory(ax.transAxes, ax.transData)

    def add(self, text: str, *, x: float, y: float, colour: str, bold: bool = False, joined: bool = True) -> None:
        """A label for a line that ends at ``x``, ``y``; the layout makes room for its width.

        Leave it unjoined where the line ends early: a stroke across the missing years would be read as values.
        """
        made = self._ax.annotate(
            plain(text),
            (1.0, y),
            xycoords=self._at,
            xytext=(12, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=SMALL,
            fontweight="bold" if bold else "normal",
            annotation_clip=False,
        )
        self._made.append((made, x, y, colour, text.count("\n") + 1, joined))

    def place(self) -> None:
        """Move the labels apart, once the layout is settled."""
        if not self._made:
            return
        box, where = self._ax.bbox, points_of(self._ax)
        ends = [self._ax.transData.transform((x, y)) for _, x, y, *_ in self._made]
        heights = [lines * _LINE + 2 for *_, lines, _ in self._made]
        centres = spread([float(end[1]) for end in ends], heights, box.y0 - 4, box.y1 + 8)
        for (text, _, _, colour, _, joined), end, centre in zip(self._made, ends, centres, strict=True):
            text.set_position((12, centre - float(end[1])))
            if not joined:
                continue
            self._ax.add_artist(_leader(end, (box.x1 + 9, centre), colour, where))


def _leader(end: NDArray[np.float64], label: tuple[float, float], colour: str, where: Transform) -> Line2D:
    """A thin stroke from a label to the end of its line, and not quite up to it."""
    away = np.array(label) - end
    start = end + away * min(_SHORT / max(float(np.hypot(*away)), 1e-9), 1.0)
    ends = np.array([start, label])
    return Line2D(ends[:, 0], ends[:, 1], color=colour, linewidth=0.8, zorder=2, clip_on=False, transform=where)


_AROUND = [
    (0, 9),
    (0, -9),
    (8, 6),
    (-8, 6),
    (8, -6),
    (-8, -6),
    (11, 0),
    (-11, 0),
    (0, 17),
    (0, -17),
    (16, 12),
    (-16, 12),
]


def label_points(
    ax: Axes, texts: Sequence[str], x: NDArray[np.float64], y: NDArray[np.float64], *, colour: str, bold: bool = False
) -> None:
    """Label points where there is room: around each, off the other labels and marked points, inside the axes.

    Call it once the layout is settled.
    """
    places = ax.transData.transform(np.column_stack([x, y]))
    bounds = ax.bbox
    taken = [Bbox.from_bounds(px - 4, py - 4, 8, 8) for px, py in places]
    for text, (px, py) in zip(texts, places, strict=True):
        width, height = len(text) * SMALL * (0.7 if bold else 0.62), SMALL * 1.1
        boxes = [_beside(px, py, dx, dy, width, height) for dx, dy in _AROUND]
        costs = [
            rank + 100.0 * sum(_overlap(box, other) for other in taken) + 1000.0 * (not _inside(box, bounds))
            for rank, box in enumerate(boxes)
        ]
        best = costs.index(min(costs))
        dx, dy = _AROUND[best]
        taken.append(boxes[best])
        made = ax.annotate(
            plain(text),
            (px, py),
            xycoords="figure points",
            xytext=(dx, dy),
            textcoords="offset points",
            ha="center" if dx == 0 else "right" if dx < 0 else "left",
            va="center",
            color=colour,
            fontsize=SMALL,
            fontweight="bold" if bold else "normal",
            annotation_clip=False,
            zorder=8,
        )
        made.set_gid(HALO)


def _beside(x: float, y: float, dx: float, dy: float, width: float, height: float) -> Bbox:
    left = x + dx - (width / 2 if dx == 0 else width if dx < 0 else 0)
    return Bbox.from_bounds(left, y + dy - height / 2, width, height)


def _overlap(one: Bbox, other: Bbox) -> bool:
    return bool(one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1)


def _inside(box: Bbox, bounds: Bbox) -> bool:
    return bool(box.x0 >= bounds.x0 and box.x1 <= bounds.x1 and box.y0 >= bounds.y0 and box.y1 <= bounds.y1)
