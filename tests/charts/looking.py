"""What a reader would see on a drawing: its words and where they stand."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from insight.charts.lettering import width
from insight.core.results import Drawing

_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Seen:
    """A line of words and its box, in units of the picture, downwards."""

    text: str
    left: float
    right: float
    top: float
    foot: float
    colour: str
    is_bold: bool

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def seen(drawing: Drawing) -> list[Seen]:
    """Every line of words."""
    found = []
    for node in ET.fromstring(drawing.svg).iter(f"{_SVG}text"):
        size, text = float(node.get("font-size", "0")), node.text or ""
        is_bold = node.get("font-weight") == "bold"
        long = width(text, size, bold=is_bold)
        left = float(node.get("x", "0")) - long * {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor", ""), 0.0)
        foot = float(node.get("y", "0"))
        found.append(Seen(text, left, left + long, foot - 0.7 * size, foot, node.get("fill", ""), is_bold))
    return found


def words(drawing: Drawing) -> str:
    """All words in a row."""
    return " ".join(each.text for each in seen(drawing))


def collisions(drawing: Drawing) -> list[tuple[str, str]]:
    """Pairs of lines of words that cover each other."""
    return [
        (one.text, other.text)
        for one, other in itertools.combinations(seen(drawing), 2)
        if one.left < other.right and other.left < one.right and one.top < other.foot and other.top < one.foot
    ]


def strokes(drawing: Drawing, colour: str) -> list[str]:
    """The path data of the lines in a colour, apart from strokes that lead to labels."""
    nodes = ET.fromstring(drawing.svg).iter(f"{_SVG}path")
    return [node.get("d", "") for node in nodes if node.get("stroke") == colour.lower() and node.get("clip-path")]
