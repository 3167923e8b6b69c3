"""Words side by side in one row over a chart: each near what it names, none over another."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from insight.charts.canvas import SMALL, points_of
from insight.charts.labels import spread
from insight.charts.lettering import width
from insight.charts.svg import HALO
from insight.charts.words import plain

_APART = 8.0
# Points free at the right edge of the paper.
_EDGE = 3.0


@dataclass(frozen=True)
class _Words:
    drawn: Annotation
    x: float
    rise: float
    wide: float
    colour: str


class Lane:
    """A row of words.

    Parameters
    ----------
    ax : Axes
    share : float
        Height of the row as a share of the axes, 0 at the bottom and 1 at the top.
    rise : float
        Points from there up to the foot of the words.
    is_joined : bool
        Whether a short stroke leads from each text down to its place.
    """

    def __init__(self, ax: Axes, *, share: float = 1.0, rise: float = 3.0, is_joined: bool = False) -> None:
        self._ax, self._share, self._rise, self._is_joined = ax, share, rise, is_joined
        self._words: list[_Words] = []

    def add(self, text: str, *, x: float, colour: str, bold: bool = False) -> None:
        """Words for a place; the layout makes room for their height."""
        weight = "bold" if bold else "normal"
        drawn = self._ax.annotate(
            plain(text),
            (0.5, self._share),
            xycoords="axes fraction",
            xytext=(0, self._rise),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=colour,
            fontsize=SMALL,
            fontweight=weight,
            annotation_clip=False,
            zorder=7,
        )
        drawn.set_gid(HALO)
        wide = max(width(line, SMALL, bold=bold) for line in drawn.get_text().split("\n"))
        self._words.append(_Words(drawn, x, self._rise, wide, colour))

    def place(self) -> None:
        """Move the words to their places, once the layout is settled."""
        if not self._words:
            return
        box, where = self._ax.bbox, points_of(self._ax)
        figure = self._ax.figure
        wanted = [float(self._ax.transData.transform((each.x, 0.0))[0]) for each in self._words]
        room = [each.wide + _APART for each in self._words]
        right = max(box.x1, min(figure.bbox.width - _EDGE, box.x0 + sum(room)))
        centres = spread(wanted, room, box.x0 - _APART / 2, right + _APART / 2)
        foot = box.y0 + self._share * box.height
        for each, at, centre in zip(self._words, wanted, centres, strict=True):
            each.drawn.set_position((centre - (box.x0 + box.x1) / 2, each.rise))
            if self._is_joined:
                stroke = Line2D(
                    [at, centre], [foot, foot + each.rise], color=each.colour, linewidth=0.8, zorder=2, clip_on=False,
                    transform=where,
                )  # fmt: skip
                self._ax.add_artist(stroke)
