"""From matplotlib's SVG to ours: small, safe beside other figures on a page, and scalable.

matplotlib's output carries a style sheet that would apply to the whole page, ids that repeat from figure to figure,
inline styles, fixed size and six decimals. All of that is rewritten on the parsed tree, never on the text.
"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
_DOTS = re.compile(r"(?:M[-\d.]+ [-\d.]+h0)+")
_NUMERIC = {"d", "height", "points", "transform", "width", "x", "y"}
_NUMERIC_STYLES = {"stroke-dasharray", "stroke-width", "font-size", "opacity", "stroke-opacity", "fill-opacity"}
_FONT = re.compile(r"(?:(?P<style>italic|oblique) )?(?:(?P<weight>bold|\d{3}) )?(?P<size>[\d.]+)px")
# What an attribute says when it is absent; the first is set once, on the root.
_DEFAULTS = {
    "stroke-linejoin": "round",
    "stroke-linecap": "butt",
    "stroke-dashoffset": "0",
    "text-anchor": "start",
}
_SIZE = "display:block;width:100%;max-width:42rem;height:auto"
HALO = "halo"


def tidied(text: str, *, name: str, label: str) -> str:
    """A figure ready to stand in a page.

    Parameters
    ----------
    text : str
        SVG as matplotlib writes it with text kept as text.
    name : str
        The figure's name; every id begins with it and a short hash of the picture.
    label : str
        What the picture shows, for those who do not see it.

    Returns
    -------
    str
        One ``svg`` element without declaration, style sheet, comment, fixed size or address; coordinates to one
        decimal (two inside the marker shapes, which are a few units wide).
    """
    root = ET.fromstring(text)  # noqa: S314 - written by matplotlib a moment ago
    # Two figures of one name may meet on a page: an id that named both would draw the second with the first's shapes.
    content = hashlib.sha256((text + label).encode()).hexdigest()[:6]
    prefix = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + f"-{content}-"
    _drop(root, {f"{_SVG}metadata", f"{_SVG}style", "metadata"})
    used = {href[1:] for node in root.iter() if (href := node.get(_XLINK))}
    used |= {clip[5:-1] for node in root.iter() if (clip := node.get("clip-path"))}
    names = {old: f"{prefix}{number}" for number, old in enumerate(_ordered(root, used), start=1)}
    _rewrite(root, names, decimals=1)
    _flatten(root)
    box = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": box,
            "role": "img",
            "aria-label": label,
            "font-family": "sans-serif",
            "stroke-linejoin": "round",
            "style": _SIZE,
        }
    )
    return ET.tostring(root, encoding="unicode")


def _drop(node: ET.Element, tags: set[str]) -> None:
    for child in list(node):
        if child.tag in tags:
            node.remove(child)
        else:
            _drop(child, tags)
            if child.tag == f"{_SVG}defs" and not len(child):
                node.remove(child)


def _ordered(root: ET.Element, used: set[str]) -> list[str]:
    return [found for node in root.iter() if (found := node.get("id")) in used and found is not None]


def _rewrite(node: ET.Element, names: dict[str, str], *, decimals: int) -> None:
    node.tag = node.tag.removeprefix(_SVG)
    if node.tag == "defs":
        decimals = 2
    node.tail = None
    if node.tag != "text":
        node.text = None
    new: dict[str, str] = {}
    for key, value in node.attrib.items():
        if key == "id":
            if value in names:
                new["id"] = names[value]
            elif value.startswith(HALO):
                new |= {"stroke": "#fff", "stroke-width": "3", "paint-order": "stroke"}
        elif key == _XLINK:
            new["href"] = f"#{names[value[1:]]}"
        elif key == "clip-path":
            new[key] = f"url(#{names[value[5:-1]]})"
        elif key == "style":
            new |= _presentation(value)
        elif key in _NUMERIC:
            rounded = _numbers(value, decimals, path=key == "d")
            if not (key == "transform" and rounded.startswith("rotate(0 ")):
                new[key] = rounded
        else:
            new[key] = value
    node.attrib.clear()
    node.attrib.update(new)
    for child in node:
        _rewrite(child, names, decimals=decimals)


def _presentation(style: str) -> dict[str, str]:
    """Inline style as attributes: they need no permission from a content-security policy."""
    out: dict[str, str] = {}
    for key, value in re.findall(r"([\w-]+):\s*([^;]+)", style):
        if key == "font" and (font := _FONT.match(value)):
            parts = (
                ("font-style", font["style"]),
                ("font-weight", font["weight"]),
                ("font-size", _short(font["size"], 1)),
            )
            out |= {name: found for name, found in parts if found}
        elif key != "font-family" and _DEFAULTS.get(key) != value:
            out[key] = _numbers(value.replace("px", ""), 2, path=False) if key in _NUMERIC_STYLES else value
    if "stroke-dasharray" not in out:
        out.pop("stroke-dashoffset", None)
    return out


def _numbers(value: str, decimals: int, *, path: bool) -> str:
    rounded = _NUMBER.sub(lambda found: _short(found[0], decimals), value)
    if not path:
        return rounded.strip()
    packed = re.sub(r"\s*([A-Za-z])\s*", r"\1", rounded.strip())
    dots = re.sub(r"M(\S+ \S+?)L\1(?=M|$)", r"M\1h0", packed)
    return _steps(dots, decimals) if _DOTS.fullmatch(dots) else dots


def _steps(dots: str, decimals: int) -> str:
    """A path of many dots as steps from dot to dot, from left to right: a quarter fewer bytes than places have.

    Steps are taken between rounded places, so rounding does not add up.
    """
    places = sorted(tuple(map(float, dot.split())) for dot in dots[1:].removesuffix("h0").split("h0M"))
    moves = [_packed(after[0] - before[0], after[1] - before[1], decimals) for before, after in pairwise(places)]
    start = " ".join(_short(str(number), decimals) for number in places[0])
    return "".join([f"M{start}h0", *(f"m{move}h0" for move in moves)])


def _packed(right: float, down: float, decimals: int) -> str:
    """A step in as few characters as a path allows: no zero before a point, no space before a minus."""
    first, second = (re.sub(r"^(-?)0\.", r"\1.", _short(str(step), decimals)) for step in (right, down))
    return f"{first}{second}" if second.startswith("-") else f"{first} {second}"


def _short(number: str, decimals: int) -> str:
    text = f"{float(number):.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _flatten(node: ET.Element) -> None:
    """Let the children of groups that say nothing move up."""
    for child in list(node):
        _flatten(child)
    kept: list[ET.Element] = []
    for child in node:
        kept += list(child) if child.tag == "g" and not child.attrib else [child]
    node[:] = kept
