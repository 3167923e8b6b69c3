"""A map of hexagons: one for each authority, shaded and lettered by the class that its figure is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from insight.charts import palette
from insight.charts.canvas import SMALL, add_key, finished, house_style
from insight.charts.hexagons import SLOPE, Cell, borders, cells, centre, corners
from insight.charts.inputs import checked, records, require, table
from insight.charts.lettering import width
from insight.charts.marks import ZERO, key_to_marks, mark_line
from insight.charts.sheets import ACROSS, Floats, blank, cut, fitted, say, stroke
from insight.charts.words import listed, number, plain, wrapped
from insight.core.area import Area
from insight.core.missing import Status, in_words
from insight.core.register import Register
from insight.core.results import Column, Drawing
from insight.errors import NotDisplayable

_WIDEST, _MARGIN, _TOP, _APART = 29.0, 30.0, 6.0, 6.0


@dataclass(frozen=True)
class HexClass:
    """A class of figures: ``key`` in the frame, the ``letter`` on its hexagons, and its ``words`` in the key."""

    key: str
    letter: str
    words: str


QUARTER_CLASSES = (
    HexClass("1", "1", "best quarter"),
    HexClass("2", "2", "second quarter"),
    HexClass("3", "3", "third quarter"),
    HexClass("4", "4", "bottom quarter"),
)
GRADE_CLASSES = (
    HexClass("Outstanding", "O", "Outstanding"),
    HexClass("Good", "G", "Good"),
    HexClass("Requires improvement to be good", "R", "Requires improvement to be good"),
    HexClass("Inadequate", "I", "Inadequate"),
)


def hexagon_map(
    rows: pd.DataFrame,
    *,
    classes: Sequence[HexClass],
    name: str,
    title: str,
    subtitle: str,
    group_label: str,
    value_label: str = "",
    highlight: str | None = None,
    register: Register | None = None,
    decimals: int = 1,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Every authority as a hexagon of one size.

    Parameters
    ----------
    rows : DataFrame
        ``code`` (of an authority or a joint return, which colours its members), ``group`` (key of a class, "" where
        there is none), ``status`` (why there is none), and ``value`` where the class comes from a number.
    classes : sequence of HexClass
        Up to four, from the lightest shade to the darkest. ``QUARTER_CLASSES`` and ``GRADE_CLASSES`` are ready made.
    group_label, value_label : str
        Headings of the class and of the number in the table.
    highlight : str, optional
        Code of the authority with a thick edge.
    register : Register, optional
        The packaged one if not given; an invented one has a layout by rule.

    Returns
    -------
    Drawing
        An authority without a row is on the map, with the mark for it.

    Raises
    ------
    NotEnoughData
        If no authority has a class.
    NotDisplayable
        If a column is missing, a code has no hexagon or two rows, a class is unknown, or one stands beside a reason
        why there is none.
    """
    has_values = "value" in rows.columns
    data = checked(
        rows,
        name=name,
        text=["code", "group", "status"],
        numbers=["value"] if has_values else [],
        status=["value"] if has_values else [],
    )
    known = Register.read() if register is None else register
    layout = cells(known)
    tiles = _tiles(data, classes, known, layout, name)
    require(any(tile.group for tile in tiles), name=name, found="no authority with a class")
    mine = next((tile for tile in tiles if tile.area.code == highlight), None)
    words = {each.key: each.words for each in classes}
    alt = plain(_alt(tiles, classes, mine, known, value_label, decimals))
    with house_style():
        figure, ax = blank()
        below = add_key(figure, _key(tiles, classes, mine, decimals))
        paper = _Paper(layout)
        cut(figure, ax, paper.height + below)
        _draw(ax, paper, tiles, classes)
        _draw_regions(ax, paper, tiles, layout, known)
        if mine is not None:
            edge = paper.at(corners(mine.cell)[[0, 1, 2, 3, 4, 5, 0, 1]])
            stroke(ax, edge[:, 0], edge[:, 1], colour=palette.WHITE, thick=5.0, above=6)
            stroke(ax, edge[:, 0], edge[:, 1], colour=palette.INK, thick=2.4, above=6)
        svg = finished(figure, name=name, label=alt)
    columns = [
        Column("area", "Area", kind="text"),
        Column("region", "Region", kind="text"),
        Column("group", group_label, kind="text"),
    ]
    columns += [Column("value", value_label or "Value", decimals=decimals)] if has_values else []
    numbers = table(_rows(tiles, words), columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


@dataclass(frozen=True)
class _Tile:
    """An authority on the map; ``group`` is "" where it has no class, and ``status`` says why."""

    area: Area
    cell: Cell
    group: str
    value: float
    status: str


def _tiles(
    data: pd.DataFrame, classes: Sequence[HexClass], register: Register, layout: Mapping[str, Cell], name: str
) -> list[_Tile]:
    """One for each hexagon, by region and name; the row of a joint return stands for each member."""
    found: dict[str, dict[str, object]] = {}
    repeated, strangers = 0, set(data["group"]) - {each.key for each in classes} - {""}
    placeless = []
    for row in records(data):
        area = register.get(row["code"])
        for code in area.members or (area.code,):
            repeated += code in found
            placeless += [code] if code not in layout else []
            found[code] = row
    told = data["status"] == Status.VALUE.value
    unexplained = int((told != (data["group"] != "")).sum())
    if repeated or strangers or placeless or unexplained or len(classes) > len(palette.RAMP):
        wrong = [
            f"{repeated} authorities with two rows" if repeated else "",
            f"no class called {listed(sorted(strangers))}" if strangers else "",
            f"no hexagon for {listed(sorted(placeless)[:3])}" if placeless else "",
            f"{unexplained} row(s) with a class and a reason for none, or with neither" if unexplained else "",
            f"{len(classes)} classes" if len(classes) > len(palette.RAMP) else "",
        ]
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found="; ".join(words for words in wrong if words),
            todo=f"give one row for each of today's authorities, with one of up to {len(palette.RAMP)} classes",
        )
    none = {"group": "", "value": np.nan, "status": Status.NO_ROW.value}
    tiles = []
    for code, cell in layout.items():
        row = found.get(code, none)
        value = float(str(row.get("value", np.nan)))
        tiles.append(_Tile(register.get(code), cell, str(row["group"]), value, str(row["status"])))
    return sorted(tiles, key=lambda tile: (tile.area.region_name or "", tile.area.name))


class _Paper:
    """From widths of a hexagon to points."""

    def __init__(self, layout: Mapping[str, Cell]) -> None:
        places = np.array([centre(cell) for cell in layout.values()])
        low, high = places.min(axis=0), places.max(axis=0)
        self.size = min(_WIDEST, (ACROSS - 2 * _MARGIN) / (high[0] - low[0] + 1.0))
        self._left = (ACROSS - self.size * (high[0] - low[0])) / 2 - low[0] * self.size
        self._top = _TOP + self.size / SLOPE / 2 - low[1] * self.size
        self.height = _TOP + self.size * (high[1] - low[1] + 1.0 / SLOPE) + 14.0

    def at(self, places: Floats) -> Floats:
        """Points from the upper left corner."""
        return np.asarray(places * self.size + (self._left, self._top), dtype=float)


def _draw(ax: Axes, paper: _Paper, tiles: Sequence[_Tile], classes: Sequence[HexClass]) -> None:
    """The hexagons of a class as one path, a letter on each, and marks where there is none."""
    looks = {"": (palette.WHITE, palette.INK, "")}
    looks |= {each.key: (*_shade(place), each.letter) for place, each in enumerate(classes)}
    marks: dict[str, list[Floats]] = {}
    for key, (fill, ink, letter) in looks.items():
        own = [tile for tile in tiles if tile.group == key]
        shapes = [paper.at(corners(tile.cell)) for tile in own]
        if not shapes:
            continue
        collection = PolyCollection(shapes, facecolor=fill, edgecolor=palette.OTHERS, linewidth=0.6, zorder=2)
        ax.add_collection(collection, autolim=False)
        for tile in own:
            middle = paper.at(np.array(centre(tile.cell)))
            if letter:
                say(ax, letter, *middle, colour=ink, across="center", up="center_baseline")
            else:
                marks.setdefault(tile.status, []).append(middle)
            if tile.value == 0:
                marks.setdefault(ZERO, []).append(middle + np.array([0.0, paper.size * 0.38]))
    for kind, places in marks.items():
        made = mark_line(kind, *np.array(places).T)
        made.set_markersize(4.0 if kind == ZERO else 6.0)
        made.set_markeredgewidth(1.2)
        ax.add_line(made)


def _shade(place: int) -> tuple[str, str]:
    """The fill of a class, and the letters that can be read on it."""
    fill = palette.RAMP[place]
    return fill, max((palette.INK, palette.WHITE), key=lambda ink: palette.contrast(ink, fill))


def _draw_regions(
    ax: Axes, paper: _Paper, tiles: Sequence[_Tile], layout: Mapping[str, Cell], register: Register
) -> None:
    lines = paper.at(borders(layout, {tile.area.code: tile.area.region_code for tile in tiles}))
    for colour, thick in ((palette.WHITE, 3.6), (palette.INK, 1.3)):
        stroke(ax, lines[:, 0], lines[:, 1], colour=colour, thick=thick, above=5)
    for region in register.regions:
        own = [tile.cell for tile in tiles if tile.area.region_code == region.code]
        if own:
            _name_region(ax, paper, own, set(layout.values()), region.name)


def _name_region(ax: Axes, paper: _Paper, own: Sequence[Cell], land: set[Cell], name: str) -> None:
    """Beside one of its rows where there is nothing but sea as far as the words go, as near its middle as can be."""
    middle = float(np.mean([row for _, row in own]))
    long = width(name, SMALL) + _APART
    best: tuple[tuple[bool, float, float], float, float, str] | None = None
    for row in sorted({row for _, row in own}):
        columns = sorted(column for column, at in own if at == row)
        for side, column in ((-1, columns[0]), (1, columns[-1])):
            x, y = paper.at(np.array(centre((column, row)))).tolist()
            x += side * (paper.size / 2 + _APART)
            others = [at for at, other in land if other == row and (at - column) * side > 0]
            edge = min(
                (abs(float(paper.at(np.array(centre((at, row))))[0]) - x) - paper.size / 2 for at in others),
                default=x - 2.0 if side < 0 else ACROSS - 2.0 - x,
            )
            cost = (edge < long, abs(row - middle) if edge >= long else -edge, float(-side))
            if best is None or cost < best[0]:
                best = (cost, x, y, "right" if side < 0 else "left")
    if best is not None:
        _, x, y, across = best
        say(ax, fitted(name, long), x, y, colour=palette.INK, across=across, up="center_baseline")


def _key(
    tiles: Sequence[_Tile], classes: Sequence[HexClass], mine: _Tile | None, decimals: int
) -> list[Line2D | Rectangle]:
    key: list[Line2D | Rectangle] = []
    for place, each in enumerate(classes):
        count = sum(tile.group == each.key for tile in tiles)
        label = wrapped(f"{each.letter}: {each.words} ({count})", 60)
        key.append(
            Rectangle((0, 0), 1, 1, facecolor=palette.RAMP[place], edgecolor=palette.OTHERS, linewidth=0.6, label=label)
        )
    if mine is not None:
        label = wrapped(plain(_about(mine, {each.key: each.words for each in classes}, decimals)), 60)
        key.append(Rectangle((0, 0), 1, 1, facecolor=palette.WHITE, edgecolor=palette.INK, linewidth=2.4, label=label))
    kinds = [tile.status for tile in tiles if not tile.group] + [ZERO for tile in tiles if tile.value == 0]
    return [*key, *key_to_marks(kinds)]


def _about(tile: _Tile, words: Mapping[str, str], decimals: int) -> str:
    """One authority in words."""
    if not tile.group:
        return f"{tile.area.name}: {in_words(tile.status)}"
    shown = f"{number(tile.value, decimals)}, " if tile.value == tile.value else ""
    return f"{tile.area.name}: {shown}{words[tile.group]}"


def _alt(
    tiles: Sequence[_Tile],
    classes: Sequence[HexClass],
    mine: _Tile | None,
    register: Register,
    value_label: str,
    decimals: int,
) -> str:
    parts = [f"Map of {register.nation.name} with a hexagon for each of {len(tiles)} authorities."]
    counts = [f"{sum(tile.group == each.key for tile in tiles)} {each.words}" for each in classes]
    parts.append(f"{listed(counts)}.")
    there = sorted((tile for tile in tiles if tile.value == tile.value), key=lambda tile: (tile.value, tile.area.code))
    if there:
        ends = [f"{number(tile.value, decimals)} ({tile.area.name})" for tile in (there[0], there[-1])]
        label = f"{value_label}: f" if value_label else "F"
        parts.append(f"{label}rom {ends[0]} to {ends[1]}.")
    reasons = [tile.status for tile in tiles if not tile.group]
    parts += [f"{reasons.count(kind)} without a figure: {in_words(kind)}." for kind in dict.fromkeys(reasons)]
    if mine is not None:
        parts.append(f"{_about(mine, {each.key: each.words for each in classes}, decimals)}.")
    return " ".join(parts)


def _rows(tiles: Sequence[_Tile], words: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area": [tile.area.name for tile in tiles],
            "region": [tile.area.region_name or "" for tile in tiles],
            "group": [words[tile.group] if tile.group else in_words(tile.status) for tile in tiles],
            "value": [tile.value for tile in tiles],
            "value__status": [tile.status for tile in tiles],
        }
    )
