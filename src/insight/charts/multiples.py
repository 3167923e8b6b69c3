"""Small multiples: each member of a group in a panel of its own, all on one scale, the others behind it as a band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.canvas import SMALL, add_key, finished, house_style
from insight.charts.clouds import cloud, decimals_of, limits, lonely
from insight.charts.inputs import checked, require, table
from insight.charts.layout import SIZE
from insight.charts.lettering import width
from insight.charts.marks import ZERO, key_to_marks, mark_line
from insight.charts.multiples_panels import Order, Panel, band_shapes, panels_of, side_by_side
from insight.charts.periods import period_label, with_gaps
from insight.charts.sheets import ACROSS, LINE, Scale, blank, cut, fitted, round_ticks, say, stroke
from insight.charts.words import listed, number, plain, told, wrapped
from insight.core.missing import Status, in_words
from insight.core.period import PeriodKind
from insight.core.results import Column, Drawing

MOST = 40
# In points: between panels, height of a panel's plot, of the row of marks under it, and the room around.
_GAP, _PLOT, _MARKS, _BELOW, _EDGE = 14.0, 42.0, 10.0, 11.0, 4.0
_MANY = 15


def small_multiples(
    frame: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    label: str,
    highlight: str | None = None,
    order: Order = "name",
    others_words: str = "the other members of the group",
    decimals: int = 1,
    from_zero: bool = False,
    kind: PeriodKind | None = None,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Every member of a group over the years, a panel each, on shared scales.

    Parameters
    ----------
    frame : DataFrame
        ``series`` (text), ``time_period`` (year of the period's end), ``value``, ``status``; one row per series and
        period, up to 40 series.
    label : str
        The measure and its unit, as they stand above the panels.
    highlight : str, optional
        The series in bold.
    order : "name", "value" or "given"
        Panels by name, by last value from the highest, or as the rows come.
    others_words : str
        Who the band is: the lowest to the highest of all members but the panel's own.
    kind : PeriodKind, optional
        How periods are written; years if not given.

    Returns
    -------
    Drawing
        A line breaks where a period has no value; a mark below says why. The table has a row for each member.

    Raises
    ------
    NotEnoughData
        If there are fewer than two periods, no series, more than 40, or no value at all.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, or a series has two rows of one period.
    """
    data = checked(frame, name=name, text=["series"], numbers=["time_period", "value"], status=["value"])
    periods = with_gaps(data["time_period"].unique())
    require(len(periods) > 1, name=name, found=f"{len(periods)} period(s)")
    several = data["series"].nunique()
    require(several <= MOST, name=name, found=f"{several} series", todo=f"draw {MOST} at most, a group at a time")
    require(data["value"].notna().any(), name=name, found="no value of any member")
    panels = panels_of(data, periods=periods, order=order, name=name)
    labels = [period_label(period, kind) for period in periods]
    with house_style():
        drawing = _Sheet(panels, periods, labels, label, highlight, decimals, from_zero=from_zero)
        drawing.draw(others_words)
        alt = plain(_words(panels, labels, label, highlight, others_words, decimals))
        svg = finished(drawing.figure, name=name, label=alt)
    columns = (
        Column("series", "Area", kind="text"),
        *(Column(f"v{period}", text, decimals=decimals) for period, text in zip(periods, labels, strict=True)),
    )
    numbers = table(
        side_by_side(panels, periods=periods), columns, name=name, title=title, notes=notes, is_sample=is_sample
    )
    return Drawing(name, title, subtitle, svg, alt, numbers, drawing.ax, is_sample)


@dataclass(frozen=True)
class _Place:
    """Where a panel stands: its column, the top of its plot, and the bottom of the marks under it."""

    panel: int
    column: int
    top: float
    bottom: float


class _Sheet:
    """Where the panels stand, and what is in each."""

    def __init__(
        self,
        panels: Sequence[Panel],
        periods: Sequence[int],
        labels: Sequence[str],
        label: str,
        highlight: str | None,
        decimals: int,
        *,
        from_zero: bool,
    ) -> None:
        self.figure, self.ax = blank()
        self._panels, self._periods, self._labels = panels, periods, labels
        self._label, self._highlight, self._decimals = label, highlight, decimals
        values = np.concatenate([panel.values for panel in panels])
        low, high = limits(values)
        # Nothing that is never below zero has a scale that goes there.
        low = max(low, 0.0) if np.nanmin(values) >= 0 else low
        self.value_range = (min(low, 0.0) if from_zero else low, high)
        self._ticks = round_ticks(*self.value_range, 3)
        decimals_shown = decimals_of(self._ticks)
        self._tick_words = [number(tick, decimals_shown) for tick in self._ticks]
        self._left = max((width(word, SMALL) for word in self._tick_words), default=0.0) + 7.0
        self._across = min(len(panels), 4 if len(panels) > _MANY else 3)
        self.room = (ACROSS - self._left - _EDGE - _GAP * (self._across - 1)) / self._across

    def draw(self, others_words: str) -> None:
        """All panels, the words at the edges, and the key."""
        key = self._key(others_words)
        below = add_key(self.figure, key)
        headings = [self._heading(panel) for panel in self._panels]
        heading = fitted(self._label, ACROSS - 2 * _EDGE, size=SIZE)
        places, bottom = self._lay(headings, _EDGE + 6.0 + LINE * 1.2 * (heading.count("\n") + 1))
        cut(self.figure, self.ax, bottom + LINE * (1.3 if self._are_apart else 2.3) + below)
        say(self.ax, heading, _EDGE, _EDGE, size=SIZE, colour=palette.INK)
        self._draw_panels(places)
        for at in places:
            self._draw_heading(headings[at.panel], self._x(at.column), at.top, is_bold=self._is_mine(at.panel))
            if at.column == 0:
                self._name_ticks(at.top)
            if at.panel + self._across >= len(self._panels):
                self._name_periods(at.column, at.bottom)

    def _lay(self, headings: Sequence[tuple[str, str]], top: float) -> tuple[list[_Place], float]:
        """Rows of panels below each other, each row as high as its longest heading asks; and where the last ends."""
        places: list[_Place] = []
        for start in range(0, len(self._panels), self._across):
            row = range(start, min(start + self._across, len(self._panels)))
            top += max(_lines(headings[place]) for place in row) * LINE + 3.0
            has_marks = any(not np.isfinite(self._panels[place].values).all() for place in row)
            bottom = top + _PLOT + (_MARKS if has_marks else 0.0)
            places += [_Place(place, place - start, top, bottom) for place in row]
            top = bottom + _BELOW
        return places, top

    def _x(self, column: int) -> float:
        return self._left + column * (self.room + _GAP)

    def _is_mine(self, place: int) -> bool:
        return self._panels[place].series == self._highlight

    def _across_scale(self, column: int) -> Scale:
        return Scale(self._periods[0], self._periods[-1], self._x(column) + 3.0, self._x(column) + self.room - 4.0)

    def _up_scale(self, top: float) -> Scale:
        return Scale(*self.value_range, top + _PLOT, top)

    def _heading(self, panel: Panel) -> tuple[str, str]:
        """The name, and the last value in words."""
        is_mine = panel.series == self._highlight
        if panel.last is None:
            reasons = listed([in_words(status) for status in dict.fromkeys(panel.statuses)])
            said = f"no value: {reasons}"
        else:
            said = f"{number(float(panel.values[panel.last]), self._decimals)} in {self._labels[panel.last]}"
        return fitted(panel.series, self.room, bold=is_mine), fitted(said, self.room, bold=is_mine)

    def _draw_heading(self, words: tuple[str, str], x: float, top: float, *, is_bold: bool) -> None:
        colour = palette.HIGHLIGHT if is_bold else palette.INK
        above = top - 3.0 - _lines(words) * LINE
        say(self.ax, words[0], x, above, colour=colour, bold=is_bold)
        below = above + (words[0].count("\n") + 1) * LINE
        say(self.ax, words[1], x, below, colour=colour if is_bold else palette.WORDS, bold=is_bold)

    def _draw_panels(self, places: Sequence[_Place]) -> None:
        """Many panels, few paths: all lines of a kind are one."""
        none = np.array([np.nan])
        grid: list[list[NDArray[np.float64]]] = [[], []]
        lines: dict[bool, list[list[NDArray[np.float64]]]] = {True: [[], []], False: [[], []]}
        lone: dict[bool, list[list[NDArray[np.float64]]]] = {True: [[], []], False: [[], []]}
        bands: list[NDArray[np.float64]] = []
        marks: dict[str, list[tuple[float, float]]] = {}
        everyone = np.array([panel.values for panel in self._panels])
        for place in places:
            panel, x = self._panels[place.panel], self._across_scale(place.column).at(self._periods)
            up, is_mine, left = self._up_scale(place.top), self._is_mine(place.panel), self._x(place.column)
            y = up.at(panel.values)
            _append(lines[is_mine], np.concatenate([x, none]), np.concatenate([y, none]))
            apart = lonely(panel.values)
            if panel.last is not None:
                apart[panel.last] = True
            _append(lone[is_mine], x[apart], y[apart])
            for tick in self._ticks:
                _append(grid, np.array([left, left + self.room, np.nan]), np.full(3, float(up.at(tick))))
            bands += band_shapes(np.delete(everyone, place.panel, axis=0), x=x, up=up)
            _mark(panel, x, up, place.bottom, marks)
        if bands:
            self.ax.add_collection(
                PolyCollection(bands, facecolor=palette.BAND, edgecolor=palette.OTHERS, linewidth=0.5, zorder=1),
                autolim=False,
            )
        stroke(self.ax, *map(np.concatenate, grid), colour=palette.GRID, thick=0.7, above=1.5)
        for is_mine, (colour, thick, size) in {
            False: (palette.WORDS, 1.5, 3.6), True: (palette.HIGHLIGHT, 2.6, 5.2)
        }.items():  # fmt: skip
            if lines[is_mine][0]:
                stroke(self.ax, *map(np.concatenate, lines[is_mine]), colour=colour, thick=thick, above=4)
                cloud(self.ax, *map(np.concatenate, lone[is_mine]), size=size, colour=colour)
        for kind, found in marks.items():
            made = mark_line(kind, *zip(*found, strict=True))
            made.set_markersize(4.6)
            made.set_markeredgewidth(1.1)
            self.ax.add_line(made)

    def _name_ticks(self, top: float) -> None:
        for tick, word in zip(self._ticks, self._tick_words, strict=True):
            at = float(self._up_scale(top).at(tick))
            say(self.ax, word, self._left - 4.0, at, across="right", up="center_baseline")

    def _name_periods(self, column: int, bottom: float) -> None:
        """The first and the last period under the lowest panel of a column; in one where they do not fit apart."""
        first, last, under = self._labels[0], self._labels[-1], bottom + 4.0
        if self._are_apart:
            say(self.ax, first, self._x(column), under)
            say(self.ax, last, self._x(column) + self.room, under, across="right")
        else:
            say(self.ax, f"{first} to\n{last}", self._x(column), under)

    @property
    def _are_apart(self) -> bool:
        return width(self._labels[0], SMALL) + width(self._labels[-1], SMALL) + 6.0 <= self.room

    def _key(self, others_words: str) -> list[Line2D | Rectangle]:
        text = wrapped(plain(f"lowest to highest of {others_words}"), 60)
        key: list[Line2D | Rectangle] = []
        if len(self._panels) > 1:
            key.append(
                Rectangle((0, 0), 1, 1, facecolor=palette.BAND, edgecolor=palette.OTHERS, linewidth=0.5, label=text)
            )
        statuses = [why for panel in self._panels for why in panel.statuses if why != Status.VALUE.value]
        zeros = [ZERO] if any((panel.values == 0).any() for panel in self._panels) else []
        return [*key, *key_to_marks([*statuses, *zeros])]


def _mark(
    panel: Panel, x: NDArray[np.float64], up: Scale, bottom: float, marks: dict[str, list[tuple[float, float]]]
) -> None:
    """Reasons in a row under the panel, and zeros where they stand."""
    for at, value, status in zip(x.tolist(), panel.values.tolist(), panel.statuses, strict=True):
        if value != value:
            marks.setdefault(status, []).append((at, bottom - _MARKS * 0.3))
        elif value == 0:
            marks.setdefault(ZERO, []).append((at, float(up.at(0.0))))


def _append(to: list[list[Any]], x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    to[0].append(x)
    to[1].append(y)


def _lines(words: tuple[str, str]) -> int:
    return sum(text.count("\n") + 1 for text in words)


def _words(
    panels: Sequence[Panel],
    labels: Sequence[str],
    label: str,
    highlight: str | None,
    others_words: str,
    decimals: int,
) -> str:
    count = f"{len(panels)} panels" if len(panels) > 1 else "One panel"
    parts = [f"Small line charts on one scale, {count}, {labels[0]} to {labels[-1]}. {label}."]
    if len(panels) > 1:
        parts.append(f"Each has the range of {others_words} behind it.")
    ordered = sorted(panels, key=lambda panel: panel.series != highlight)
    parts += [
        told(panel.series, labels, panel.values, panel.statuses, decimals=decimals, extremes=False) for panel in ordered
    ]
    return " ".join(parts)
