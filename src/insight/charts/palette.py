"""The one palette.

Series alternate between a dark and a light step, so that each stands out from white, from the grey band and from the
series beside it by 3:1 (WCAG 2.2, success criterion 1.4.11), whatever a reader's colour vision. Colour never works
alone: each series has its own dash and its own label.
"""

from __future__ import annotations

from dataclasses import dataclass

WHITE = "#FFFFFF"
INK = "#1F1F1F"
WORDS = "#4D4D4D"
OTHERS = "#8C8C8C"
BAND = "#EDEDED"
GRID = "#DCDCDC"
HIGHLIGHT = "#0F3B63"
# Four classes in order, each 2:1 from the next; letters, which can be read on all of them, say what shade alone cannot.
RAMP = (WHITE, "#97B4D2", "#46729F", HIGHLIGHT)


@dataclass(frozen=True)
class Style:
    """How one comparison line looks."""

    colour: str
    dash: tuple[float, ...]
    width: float


COMPARISONS: tuple[Style, ...] = (
    Style("#E0601F", (6.0, 2.0), 2.0),
    Style("#6E1046", (1.5, 1.5), 2.0),
    Style("#1F978D", (8.0, 2.0, 1.5, 2.0), 2.0),
    Style("#333333", (3.5, 1.5), 1.6),
    Style("#9678CA", (12.0, 3.0), 2.0),
)


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB``, 0 black to 1 white (WCAG 2.2).

    >>> luminance("#FFFFFF")
    1.0
    """
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2).

    >>> contrast("#000000", "#FFFFFF")
    21.0
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
