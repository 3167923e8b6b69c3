"""From matplotlib's artists to our SVG: small, safe beside other figures on a page, and scalable.

matplotlib's own writer lays every text out again, and gives a style sheet that would apply to the whole page, ids that
repeat from figure to figure, inline styles, fixed size and six decimals. Here each artist is asked what it is, and
written once: words stay words, lines and areas are paths with one decimal, and many dots are one path.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from html import escape
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text

from insight.charts import palette
from insight.charts.layout import SIZE, across, tick_places, tick_words
from insight.charts.lettering import Lettering, lettering
from insight.charts.shapes import Floats, dots, outline, polyline, short
from insight.charts.words import plain

_SIZE = "display:block;width:100%;max-width:42rem;height:auto"
# Stands for the start of each id until the picture is known; ``plain`` words cannot hold it.
_PREFIX = "\ufffe"
HALO = "halo"


def written(figure: Figure, *, name: str, label: str) -> str:
    """A figure ready to stand in a page.

    Parameters
    ----------
    figure : Figure
        Settled, at 72 dots an inch, so that a point is a unit of the picture.
    name : str
        The figure's name; every id begins with it and a short hash of the picture.
    label : str
        What the picture shows, for those who do not see it.

    Returns
    -------
    str
        One ``svg`` element without declaration, style sheet, comment, fixed size or address; coordinates to one
        decimal.

    Raises
    ------
    TypeError
        If an artist is of a kind that no chart has used so far.
    """
    sheet = _Sheet(figure)
    sheet.draw()
    body = sheet.text()
    # Two figures of one name may meet on a page: an id that named both would clip the second as the first.
    content = hashlib.sha256((body + label).encode()).hexdigest()[:6]
    prefix = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + f"-{content}-"
    opening = _attributes(
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {short(figure.bbox.width)} {short(figure.bbox.height)}",
            "role": "img",
            "aria-label": plain(label),
            "font-family": "sans-serif",
            "stroke-linejoin": "round",
            "style": _SIZE,
        }
    )
    return f"<svg{opening}>{body.replace(_PREFIX, prefix)}</svg>"


def _attributes(given: dict[str, str]) -> str:
    return "".join(f' {key}="{escape(value)}"'.replace("\n", "&#10;") for key, value in given.items() if value)


class _Sheet:
    """The elements of one picture, in the order in which they cover each other."""

    def __init__(self, figure: Figure) -> None:
        self._figure, self._height = figure, figure.bbox.height
        self._parts: list[str] = []
        self._clips: dict[tuple[float, ...], int] = {}

    def text(self) -> str:
        """All elements, and the windows through which some of them are seen."""
        windows = "".join(
            f'<clipPath id="{_PREFIX}{number}"><rect x="{short(x)}" y="{short(y)}" width="{short(wide)}" '
            f'height="{short(high)}"/></clipPath>'
            for (x, y, wide, high), number in self._clips.items()
        )
        return "".join([*self._parts, f"<defs>{windows}</defs>" if windows else ""])

    def draw(self) -> None:
        """The paper, and what is on it from the back to the front."""
        wide, high = short(self._figure.bbox.width), short(self._height)
        self._add("path", {"d": f"M0 0h{wide}v{high}h-{wide}z", "fill": to_hex(self._figure.get_facecolor())})
        for artist in sorted(self._figure.get_children(), key=lambda found: found.get_zorder()):
            if artist is not self._figure.patch:
                self._draw(artist)

    def _draw(self, artist: Artist) -> None:
        if not artist.get_visible():
            return
        for kind, write in _WRITERS:
            if isinstance(artist, kind):
                write(self, artist)
                return
        raise TypeError(f"a chart holds a {type(artist).__name__}, which is not written yet")

    def _add(self, tag: str, attributes: dict[str, str], words: str = "") -> None:
        inner = f">{escape(words, quote=False)}</{tag}>" if words else "/>"
        self._parts.append(f"<{tag}{_attributes(attributes)}{inner}")

    def _flipped(self, places: Any) -> Floats:
        """Places from the lower left corner as places from the upper left one."""
        return np.asarray(places, dtype=float) * (1, -1) + (0, self._height)

    def _window(self, artist: Artist) -> str:
        """What an artist is seen through: its axes, unless it may stand out."""
        if artist.axes is None or not artist.get_clip_on():
            return ""
        box = artist.axes.bbox
        key = (box.x0, self._height - box.y1, box.width, box.height)
        return f"url(#{_PREFIX}{self._clips.setdefault(key, len(self._clips) + 1)})"

    def _axes(self, ax: Axes) -> None:
        if ax.get_facecolor() != self._figure.get_facecolor():
            self._patch(ax.patch)
        children = [child for child in ax.get_children() if child is not ax.patch]
        for child in sorted(children, key=lambda found: found.get_zorder()):
            self._draw(child)

    def _axis(self, axis: Axis) -> None:
        looks = axis.get_tick_params()
        if looks.get("gridOn"):
            self._grid(axis, float(looks.get("grid_linewidth", 0.8)))
        for words in tick_words(axis):
            anchor = "middle" if isinstance(axis, XAxis) else "end"
            self._words(words, size=SIZE, colour=palette.WORDS, anchor=anchor)
        if axis.label.get_text():
            self._text(axis.label)

    def _grid(self, axis: Axis, width: float) -> None:
        box = axis.axes.bbox
        pairs = [
            [(at, box.y0), (at, box.y1)] if isinstance(axis, XAxis) else [(box.x0, at), (box.x1, at)]
            for at in across(axis, tick_places(axis)[0])
        ]
        data = "".join(polyline(self._flipped(pair)) for pair in pairs)
        if data:
            self._add("path", {"d": data, **_stroke(palette.GRID, width)})

    def _spine(self, spine: Spine) -> None:
        box = spine.axes.bbox
        ends = {
            "bottom": [(box.x0, box.y0), (box.x1, box.y0)],
            "top": [(box.x0, box.y1), (box.x1, box.y1)],
            "left": [(box.x0, box.y0), (box.x0, box.y1)],
            "right": [(box.x1, box.y0), (box.x1, box.y1)],
        }[spine.spine_type]
        look = _stroke(spine.get_edgecolor(), spine.get_linewidth())
        self._add("path", {"d": polyline(self._flipped(ends)), **look})

    def _line(self, line: Line2D) -> None:
        window = self._window(line)
        seen = line.get_linewidth() > 0 and line.get_linestyle() not in ("None", "none", "", " ")
        change = line.get_transform()
        if seen and (data := polyline(self._flipped(change.transform(line.get_path().vertices)))):
            cap = line.get_dash_capstyle() if line.is_dashed() else line.get_solid_capstyle()
            look = _stroke(line.get_color(), line.get_linewidth(), dash=_dash(line), cap=cap, alpha=line.get_alpha())
            self._add("path", {"d": data, "clip-path": window, **look})
        if line.get_marker() in ("None", "none", "", " ", None):
            return
        places = np.asarray(line.get_xydata(), dtype=float)
        every: Any = line.get_markevery()
        places = places if every is None else places[every]
        places = self._flipped(change.transform(places[np.isfinite(places).all(axis=1)]))
        if len(places):
            self._markers(line, places, window)

    def _markers(self, line: Line2D, places: Floats, window: str) -> None:
        shape, size = str(line.get_marker()), line.get_markersize()
        if shape == ".":
            # matplotlib's point is half as wide as its size says.
            look = _stroke(line.get_markerfacecolor(), size / 2, cap="round")
            self._add("path", {"d": dots(places), "clip-path": window, **look})
            return
        style = _marker(shape)
        edge = line.get_markeredgewidth()
        look = _fill(line.get_markerfacecolor() if style.is_filled() else "none")
        look |= {key: value for key, value in _stroke(line.get_markeredgecolor(), edge).items() if key != "fill"}
        if shape == "o":
            made = [{"cx": short(x), "cy": short(y), "r": short(size / 2, 2)} for x, y in places.tolist()]
        else:
            look |= {"stroke-linejoin": "miter"} if style.get_joinstyle() == "miter" else {}
            path = style.get_path()
            corners = style.get_transform().transform(path.vertices) * (size, -size)
            made = [{"d": outline(path, corners + place)} for place in places]
        shared = {**look, "clip-path": window}
        tag = "circle" if shape == "o" else "path"
        if len(made) == 1:
            self._add(tag, {**made[0], **shared})
            return
        self._parts.append(f"<g{_attributes(shared)}>")
        for attributes in made:
            self._add(tag, attributes)
        self._parts.append("</g>")

    def _patch(self, patch: Patch) -> None:
        path = patch.get_path()
        data = outline(path, self._flipped(patch.get_transform().transform(path.vertices)))
        look = _fill(patch.get_facecolor() if patch.get_fill() and not isinstance(patch, FancyArrowPatch) else "none")
        look |= _edge(patch.get_edgecolor(), patch.get_linewidth(), _dash(patch), str(patch.get_joinstyle()))
        self._add("path", {"d": data, "clip-path": self._window(patch), **look})

    def _area(self, area: PolyCollection) -> None:
        change, window = area.get_transform(), self._window(area)
        look = _fill(area.get_facecolor()[0])
        edges, widths = area.get_edgecolor(), np.atleast_1d(area.get_linewidth())
        if len(edges):
            look |= _edge(edges[0], float(widths[0]), "", "round")
        data = "".join(outline(path, self._flipped(change.transform(path.vertices))) for path in area.get_paths())
        if data:
            self._add("path", {"d": data, "clip-path": window, **look})

    def _text(self, text: Text) -> None:
        if isinstance(text, Annotation) and text.arrow_patch is not None:
            text.update_positions(None)  # type: ignore[arg-type]  # without words an arrow needs no renderer
            self._patch(text.arrow_patch)
        if not text.get_text():
            return
        self._words(
            lettering(text),
            size=float(text.get_fontsize()),
            colour=text.get_color(),
            anchor={"left": "", "center": "middle", "right": "end"}[text.get_horizontalalignment()],
            bold=text.get_fontweight() == "bold",
            halo=text.get_gid() == HALO,
        )

    def _words(
        self, words: Lettering, *, size: float, colour: Any, anchor: str, bold: bool = False, halo: bool = False
    ) -> None:
        look = {
            "font-weight": "bold" if bold else "",
            "font-size": short(size),
            "text-anchor": anchor,
            "fill": to_hex(colour),
        }
        if halo:
            look |= {"stroke": "#fff", "stroke-width": "3", "paint-order": "stroke"}
        for line, baseline in words.lines:
            if line:
                self._add("text", {**look, "x": short(words.x), "y": short(self._height - baseline)}, plain(line))


_WRITERS: tuple[tuple[type[Artist], Any], ...] = (
    (Axes, _Sheet._axes),
    (Axis, _Sheet._axis),
    (Text, _Sheet._text),
    (Line2D, _Sheet._line),
    (Spine, _Sheet._spine),
    (Patch, _Sheet._patch),
    (PolyCollection, _Sheet._area),
)


@cache
def _marker(shape: str) -> MarkerStyle:
    return MarkerStyle(shape)


def _dash(artist: Line2D | Patch) -> str:
    """Dashes and gaps in points. matplotlib scales them by the line's width, and has no public name for the result."""
    _, pattern = getattr(artist, "_dash_pattern")  # noqa: B009 - not in the published types
    return "" if pattern is None else " ".join(short(length, 2) for length in pattern)


def _fill(colour: Any) -> dict[str, str]:
    shade, opacity = _shade(colour)
    return {"fill": shade, "fill-opacity": opacity} if opacity else {"fill": shade}


def _stroke(
    colour: Any, width: float, *, dash: str = "", cap: str = "butt", alpha: float | None = None
) -> dict[str, str]:
    """A line without a fill; what SVG takes for granted is left out."""
    shade, opacity = _shade(colour if alpha is None else to_rgba(colour, alpha))
    look = {"fill": "none", "stroke": shade}
    if width != 1:
        look["stroke-width"] = short(width, 2)
    if dash:
        look["stroke-dasharray"] = dash
    if cap != "butt":
        look["stroke-linecap"] = "square" if cap == "projecting" else cap
    return look | ({"stroke-opacity": opacity} if opacity else {})


def _edge(colour: Any, width: float, dash: str, join: str) -> dict[str, str]:
    """The line around an area, where it has one."""
    look = _stroke(colour, width, dash=dash)
    if not width or look.pop("stroke") == "none":
        return {}
    look.pop("fill")
    joined = {"stroke-linejoin": join} if join != "round" else {}
    return {"stroke": _shade(colour)[0], **look, **joined}


def _shade(colour: Any) -> tuple[str, str]:
    """A colour and, where one sees through it, how much of it there is."""
    return _known_shade(colour if isinstance(colour, str) else tuple(colour))


@cache
def _known_shade(colour: Any) -> tuple[str, str]:
    rgba = to_rgba(colour)
    return ("none", "") if rgba[3] == 0 else (to_hex(rgba), "" if rgba[3] == 1 else short(rgba[3], 2))
