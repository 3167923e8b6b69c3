"""A hexagon for each authority: where it stands on the map, which are its neighbours, and its corners.

The layout of England in ``hexagons.csv`` is our own. Each of the nine regions is one piece, London lies whole between
the East of England and the South East, and authorities that touch on the ground touch here wherever that was possible.
Invented registers have no geography: their authorities follow each other by region and code along a winding row.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from insight.core.register import Register

Cell = tuple[int, int]
"""Column and row; odd rows stand half a hexagon to the right."""
SLOPE = 3**0.5 / 2
"""From row to row, in widths of a hexagon."""
_WINDING = 9


def cells(register: Register) -> dict[str, Cell]:
    """The hexagon of each of today's authorities, by code.

    >>> cells(Register.read())["E08000035"]
    (8, 6)
    """
    if not register.is_sample:
        return dict(_england())
    codes = [
        area.code
        for region in register.regions
        for area in sorted(register.members(region.code), key=lambda member: member.code)
    ]
    return {code: _wound(place) for place, code in enumerate(codes)}


@cache
def _england() -> dict[str, Cell]:
    text = resources.files("insight.charts").joinpath("hexagons.csv").read_text(encoding="utf-8")
    return {row["code"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(text.splitlines())}


def _wound(place: int) -> Cell:
    """To and fro, so that each follows its neighbour and a region stays one piece."""
    row, along = divmod(place, _WINDING)
    return (along if row % 2 == 0 else _WINDING - 1 - along, row)


def centre(cell: Cell) -> tuple[float, float]:
    """The middle of a hexagon, in its widths to the right and down.

    >>> centre((2, 1))[0]
    2.5
    """
    column, row = cell
    return column + 0.5 * (row % 2), row * SLOPE


def beside(cell: Cell) -> tuple[Cell, ...]:
    """The six around: right, lower right, lower left, left, upper left, upper right.

    >>> beside((2, 0))
    ((3, 0), (2, 1), (1, 1), (1, 0), (1, -1), (2, -1))
    """
    column, row = cell
    near = column + row % 2
    return (
        (column + 1, row), (near, row + 1), (near - 1, row + 1),
        (column - 1, row), (near - 1, row - 1), (near, row - 1),
    )  # fmt: skip


def corners(cell: Cell) -> NDArray[np.float64]:
    """Six corners in widths; the side from the first to the second faces the first of ``beside``, and so on."""
    x, y = centre(cell)
    turns = np.deg2rad(np.arange(-30, 330, 60))
    return np.column_stack([x + np.cos(turns) / (2 * SLOPE), y + np.sin(turns) / (2 * SLOPE)])


def borders(where: Mapping[str, Cell], region: Mapping[str, str | None]) -> NDArray[np.float64]:
    """The sides between two regions, and between land and nothing, as one broken line in widths.

    Parameters
    ----------
    where, region : mapping
        Cell and region of each code.

    Returns
    -------
    array, rows of two
        Two ends of each side, and a missing place after them; a side that two regions share is there once.
    """
    owner = {cell: region.get(code) for code, cell in where.items()}
    sides = []
    for cell in owner:
        points = corners(cell)
        for place, other in enumerate(beside(cell)):
            if owner.get(other, "") != owner[cell] and (other not in owner or cell < other):
                sides.append(np.vstack([points[place], points[(place + 1) % 6], [np.nan, np.nan]]))
    return np.concatenate(sides)
