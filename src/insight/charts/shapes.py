"""Places on the paper as the data of SVG paths: one decimal, no place twice in a row, many dots as steps."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Of each code of matplotlib: its letter, and how many places it takes where that is not one.
_LETTERS = {int(Path.MOVETO): "M", int(Path.LINETO): "L", int(Path.CURVE3): "Q", int(Path.CURVE4): "C"}
_CORNERS = {int(Path.CURVE3): 2, int(Path.CURVE4): 3}


def short(value: float, decimals: int = 1) -> str:
    """A number in as few characters as its decimals need.

    >>> short(12.04), short(-0.01), short(7.25, 2)
    ('12', '0', '7.25')
    """
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def polyline(places: Floats) -> str:
    """Lines from place to place, broken where a place is missing; empty where no two are joined.

    >>> polyline(np.array([[0, 0], [1.04, 2], [np.nan, 0], [3, 3]]))
    'M0 0L1 2M3 3'
    """
    parts: list[str] = []
    pen, before, is_joined = "M", None, False
    for place in _rounded(places):
        if place[0] != place[0] or place[1] != place[1]:  # not a number
            pen, before = "M", None
        elif place != before:
            parts.append(f"{pen}{short(place[0])} {short(place[1])}")
            is_joined |= pen == "L"
            pen, before = "L", place
    return "".join(parts) if is_joined else ""


def outline(path: Path, places: Floats) -> str:
    """A path of matplotlib, straight or curved, whose corners stand at these places."""
    if path.codes is None:
        return polyline(places)
    parts: list[str] = []
    rounded, codes, at, before = _rounded(places), [int(code) for code in np.asarray(path.codes)], 0, None
    while at < len(rounded):
        code = codes[at]
        if code == Path.CLOSEPOLY:
            parts.append("z")
            at, before = at + 1, None
            continue
        several = _CORNERS.get(code, 1)
        corners = rounded[at : at + several]
        if code != Path.LINETO or corners[0] != before:
            parts.append(_LETTERS[code] + " ".join(f"{short(x)} {short(y)}" for x, y in corners))
        at, before = at + several, corners[-1]
    return "".join(parts)


def dots(places: Floats) -> str:
    """Many dots as steps from dot to dot, from left to right: a quarter fewer bytes than their places have.

    A dot is a line of no length, seen by its round ends. Steps are taken between rounded places, so rounding does not
    add up.

    >>> dots(np.array([[2.0, 3.0], [1.0, 1.5]]))
    'M1 1.5h0m1 1.5h0'
    """
    tenths = np.rint(places * 10).astype(int)
    tenths = tenths[np.lexsort((tenths[:, 1], tenths[:, 0]))]
    start = " ".join(short(value / 10) for value in tenths[0].tolist())
    steps = [_step(right, down) for right, down in np.diff(tenths, axis=0).tolist()]
    return "".join([f"M{start}h0", *steps])


def _step(right: int, down: int) -> str:
    """A step in as few characters as a path allows: no zero before a point, no space before a minus."""
    return f"m{_tenths(right)}{_tenths(down)}h0" if down < 0 else f"m{_tenths(right)} {_tenths(down)}h0"


@lru_cache(maxsize=8192)
def _tenths(count: int) -> str:
    whole, rest = divmod(abs(count), 10)
    text = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{text}" if count < 0 else text


def _rounded(places: Floats) -> list[tuple[float, float]]:
    return [(x, y) for x, y in np.round(places, 1).tolist()]
