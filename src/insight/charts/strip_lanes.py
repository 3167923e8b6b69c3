"""One strip: where its members stand on the line, what is said around it, and how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from insight.charts import palette
from insight.charts.canvas import SMALL
from insight.charts.clouds import decimals_of, limits
from insight.charts.inputs import records
from insight.charts.labels import spread
from insight.charts.layout import SIZE
from insight.charts.lettering import width
from insight.charts.marks import ZERO, mark_line
from insight.charts.sheets import ACROSS, LINE, Scale, fitted, round_ticks, say, stroke
from insight.charts.strip_places import DIGITS, ROUND, Group, NamePlace, levels, names
from insight.charts.words import listed, number
from insight.core.missing import in_words

MARKS = palette.COMPARISONS[:3]
# In points: from the paper's edge to the scale, and from level to level.
_INSIDE, _STEP = 14.0, ROUND + 1.0
_DOT = 7.5


@dataclass(frozen=True)
class Strip:
    """What one strip shows.

    Parameters
    ----------
    key : str
        Its value in the frame's column ``strip``.
    label : str
        The aim or measure with its unit, above the strip.
    words : str
        A sentence under the label, such as how far away the aim is; may be "".
    decimals : int
    marks : tuple of (str, float)
        Up to three lines across the strip with their words: the target, the nation.
    ticks : tuple of (float, str)
        Words instead of numbers under the strip, such as grades.
    """

    key: str
    label: str
    words: str = ""
    decimals: int = 1
    marks: tuple[tuple[str, float], ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()

    def said(self, value: float) -> str:
        """A value as the strip shows it."""
        return dict(self.ticks).get(value) or number(value, self.decimals)


class Lane:
    """One strip: its members in groups, how they are shown, and how high it is."""

    def __init__(self, strip: Strip, rows: pd.DataFrame, highlight: str | None) -> None:
        self.strip, self.highlight = strip, highlight
        self.rows = rows.sort_values(["value", "area"], kind="stable")
        self.there = self.rows[self.rows["value"].notna()]
        self._ticks, self._scale = self._scaled()
        self.groups = self._grouped()
        self._names = names(self.groups)
        self._levels = [place.level for place in self._names] if self._names else levels(self.groups)
        self._heading = fitted(strip.label, ACROSS - 8.0, size=SIZE, bold=True)
        self._words = fitted(strip.words, ACROSS - 8.0)
        self._listing = (
            "" if self._names is not None else fitted(_listing(self.groups, is_worded=bool(strip.ticks)), ACROSS - 24.0)
        )
        self._missing = self._reasons()

    def _scaled(self) -> tuple[list[tuple[float, str]], Scale | None]:
        values = [*self.there["value"], *(value for _, value in self.strip.marks), *(at for at, _ in self.strip.ticks)]
        if not values:
            return [], None
        low, high = limits(np.array(values), 0.09 if self.strip.ticks else 0.04)
        low = max(low, 0.0) if min(values) >= 0 and not self.strip.ticks else low
        scale = Scale(low, high, _INSIDE, ACROSS - _INSIDE)
        if self.strip.ticks:
            return list(self.strip.ticks), scale
        found = round_ticks(low, high, 5)
        decimals = decimals_of(found)
        return [(tick, number(tick, decimals)) for tick in found], scale

    def _grouped(self) -> list[Group]:
        if self._scale is None:
            return []
        shared: dict[str, list[tuple[str, float]]] = {}
        for row in records(self.there):
            shared.setdefault(self.strip.said(row["value"]), []).append((row["area"], row["value"]))
        groups = []
        for place, (said, members) in enumerate(shared.items(), start=1):
            at = float(self._scale.at(np.mean([value for _, value in members])))
            areas = tuple(area for area, _ in members)
            is_zero = all(value == 0 for _, value in members)
            groups.append(Group(place, at, said, areas, self.highlight in areas, is_zero))
        return groups

    def _reasons(self) -> list[tuple[str, str]]:
        """Each reason for no value, and in words whom it concerns."""
        gone = self.rows[self.rows["value"].isna()]
        return [
            (str(status), fitted(f"{in_words(str(status))}: {listed(own['area'].tolist())}", ACROSS - 30.0))
            for status, own in gone.groupby("status", sort=True)
        ]

    @property
    def has_numbers(self) -> bool:
        """Whether numbers stand for names."""
        return self._names is None

    @property
    def _step(self) -> float:
        return _STEP if self.has_numbers else LINE

    @property
    def _middle(self) -> float:
        """From the top of the dots' room to the line that they stand on."""
        return max([0, *self._levels]) * self._step + _STEP / 2 + 3.0

    @property
    def _room(self) -> float:
        return self._middle - min([0, *self._levels]) * self._step + _STEP / 2 + 3.0

    @property
    def height(self) -> float:
        """In points."""
        lines = _several(self._words) + _several(self._listing) + sum(_several(words) for _, words in self._missing)
        lines += bool(self.strip.marks) + (self._tick_lines if self._scale else 0)
        body = self._room + 4.0 if self._scale else 0.0
        return _several(self._heading) * SIZE * 1.25 + lines * LINE + body + 6.0

    @property
    def _tick_lines(self) -> int:
        return max((_several(self._tick_words(words)) for _, words in self._ticks), default=0)

    def _tick_words(self, words: str) -> str:
        if not self.strip.ticks:
            return words
        return fitted(words, (ACROSS - 2 * _INSIDE) / max(len(self.strip.ticks), 1) - 8.0)

    def draw(self, ax: Axes, top: float) -> None:
        """The strip from its label down to its key."""
        say(ax, self._heading, 4.0, top, size=SIZE, colour=palette.INK, bold=True)
        top += _several(self._heading) * SIZE * 1.25
        if self._words:
            say(ax, self._words, 4.0, top)
            top += _several(self._words) * LINE
        if self._scale is not None:
            top = self._draw_scale(ax, top, self._scale)
        for status, words in self._missing:
            made = mark_line(status, [11.0], [top + LINE / 2 + 3.0])
            made.set_markersize(5.5)
            ax.add_line(made)
            say(ax, words, 22.0, top + 3.0)
            top += _several(words) * LINE
        if self._listing:
            say(ax, self._listing, 4.0, top + 3.0)

    def _draw_scale(self, ax: Axes, top: float, scale: Scale) -> float:
        """Marks, dots, the line and its ticks; gives where the words under them may begin."""
        body = top + (LINE if self.strip.marks else 0.0) + 4.0
        line = body + self._room
        self._draw_marks(ax, top, body, line, scale)
        stroke(ax, [_INSIDE / 2, ACROSS - _INSIDE / 2], [line, line], colour=palette.WORDS, above=1)
        for tick, given in self._ticks:
            at, words = float(scale.at(tick)), self._tick_words(given)
            stroke(ax, [at, at], [line, line + 3.0], colour=palette.WORDS, above=1)
            half = max(width(part, SMALL) for part in words.split("\n")) / 2
            say(ax, words, min(max(at, half + 2.0), ACROSS - half - 2.0), line + 4.5, across="center")
        if self._names is None:
            self._draw_numbers(ax, body + self._middle)
        else:
            self._draw_names(ax, body + self._middle, self._names)
        zeros = [group.at for group in self.groups if group.is_zero]
        if zeros:
            made = mark_line(ZERO, zeros, [line] * len(zeros))
            made.set_markersize(5.5)
            ax.add_line(made)
        return line + self._tick_lines * LINE + 1.5

    def _draw_marks(self, ax: Axes, top: float, body: float, line: float, scale: Scale) -> None:
        texts = [f"{words} {self.strip.said(value)}" for words, value in self.strip.marks]
        places = [float(scale.at(value)) for _, value in self.strip.marks]
        widths = [width(text, SMALL) + 10.0 for text in texts]
        centres = spread(places, widths, 2.0, ACROSS - 2.0)
        for text, at, centre, style in zip(texts, places, centres, MARKS, strict=False):
            dash = () if style is MARKS[0] else style.dash
            near = min(max(at, centre - 4.0), centre + 4.0)
            stroke(ax, [near, at], [top + LINE - 0.5, body], colour=style.colour, above=2)
            stroke(ax, [at, at], [body, line], colour=style.colour, thick=style.width, dash=dash, above=2)
            say(ax, text, centre, top, colour=palette.INK, across="center", halo=True)

    def _draw_numbers(self, ax: Axes, middle: float) -> None:
        """Numbers on dots; a dot that stands for several members is as long as its words."""
        for is_mine, ink in ((False, palette.INK), (True, palette.WHITE)):
            mine = [
                (group, level)
                for group, level in zip(self.groups, self._levels, strict=True)
                if group.is_mine is is_mine
            ]
            if not mine:
                continue
            x = [at for group, _ in mine for at in (group.at - group.half, group.at + group.half, np.nan)]
            y = [at for _, level in mine for at in [middle - level * _STEP] * 2 + [np.nan]]
            fill = palette.HIGHLIGHT if is_mine else palette.WHITE
            for colour, thick in ((palette.HIGHLIGHT if is_mine else palette.WORDS, ROUND), (fill, ROUND - 2.0)):
                ax.add_line(
                    Line2D(x, y, color=colour, linewidth=thick, solid_capstyle="round", zorder=5, clip_on=False)
                )
            for group, level in mine:
                at = middle - level * _STEP
                say(
                    ax,
                    group.digits,
                    group.at,
                    at,
                    size=DIGITS,
                    colour=ink,
                    across="center",
                    up="center_baseline",
                    bold=is_mine,
                )

    def _draw_names(self, ax: Axes, middle: float, places: Iterable[NamePlace]) -> None:
        for is_mine in (False, True):
            mine = [place for place in places if place.group.is_mine is is_mine]
            colour = palette.HIGHLIGHT if is_mine else palette.WORDS
            for place in mine:
                y = middle - place.level * LINE - (2.0 if place.level > 0 else -2.0)
                say(
                    ax, place.group.name, place.left, y, colour=palette.HIGHLIGHT if is_mine else palette.INK,
                    up="center_baseline", bold=is_mine, halo=True,
                )  # fmt: skip
            far = [place for place in mine if abs(place.level) > 1]
            x = [at for place in far for at in (place.group.at, place.group.at, np.nan)]
            y_ends = [(middle, middle - np.sign(place.level) * (LINE * 2 - 4.0)) for place in far]
            if far:
                stroke(ax, x, [at for ends in y_ends for at in (*ends, np.nan)], colour=palette.OTHERS, above=3)
            ax.add_line(
                Line2D([place.group.at for place in mine], [middle] * len(mine), linestyle="none", marker="o",
                       markersize=_DOT + 2.0 * is_mine, color=colour, markeredgecolor=palette.WHITE, zorder=6,
                       clip_on=False)
            )  # fmt: skip

    def told(self) -> str:
        """The strip for those who do not see it."""
        parts = [f"{self.strip.label}."]
        if len(self.there) > 1:
            ends = [f"{group.said} ({_who(group.areas)})" for group in (self.groups[0], self.groups[-1])]
            parts.append(f"{len(self.there)} members from {ends[0]} to {ends[1]}.")
        elif len(self.there):
            parts.append(f"{self.groups[0].areas[0]}: {self.groups[0].said}.")
        mine = [group for group in self.groups if group.is_mine]
        if mine and len(self.there) > 1:
            parts.append(f"{self.highlight}: {mine[0].said}.")
        parts += [f"{words[:1].upper()}{words[1:]}: {self.strip.said(value)}." for words, value in self.strip.marks]
        parts += [f"No value, {words}.".replace("\n", " ") for _, words in self._missing]
        return " ".join(parts)


def _several(text: str) -> int:
    return text.count("\n") + 1 if text else 0


def _who(areas: Sequence[str]) -> str:
    return listed(areas) if len(areas) <= 3 else f"{len(areas)} members"


def _listing(groups: Sequence[Group], *, is_worded: bool) -> str:
    # A number stays beside its name: no line breaks there. Some names have a comma of their own.
    listings = [(group, "\u00a0· ".join(group.areas)) for group in groups]
    if is_worded:
        return "; ".join(f"{group.place}\u00a0{group.said}: {areas}" for group, areas in listings)
    return "; ".join(f"{group.place}\u00a0{areas} {group.said}" for group, areas in listings)
