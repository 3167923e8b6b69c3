"""Charts on the page: an SVG is taken apart and rebuilt from what is known to be harmless, or refused.

Nothing of the original text is copied. Style attributes become presentation attributes, so that the page's security
policy can forbid inline styles; identifiers get a prefix, so that two charts never share one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from xml.parsers import expat

from insight.errors import PageRefused


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "http://www.w3.org/1999/xlink href"
_ELEMENTS = _listed(
    "svg g path rect circle ellipse line polyline polygon text tspan title desc defs clipPath use pattern "
    "linearGradient stop"
)
_WORDS = frozenset({"text", "tspan", "title", "desc"})
_PRESENTATION = _listed(
    "clip-path clip-rule color dominant-baseline fill fill-opacity fill-rule font-size font-style font-variant "
    "font-weight letter-spacing opacity paint-order stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor visibility"
)
_GEOMETRY = _listed(
    "clipPathUnits cx cy d dx dy gradientTransform gradientUnits height offset patternContentUnits patternTransform "
    "patternUnits points preserveAspectRatio r rx ry transform viewBox width x x1 x2 y y1 y2"
)
_KEPT = _PRESENTATION | _GEOMETRY
# Harmless, and of no use on the page: the page's own font is kept, and its own label.
_DROPPED = _listed("version class role aria-label aria-hidden focusable font-family font-stretch white-space")
_OF_SIZE = frozenset({"width", "height", "x", "y", "style"})
# What matplotlib writes at the top of each file; both properties are inherited, so they stand on the root instead.
_MATPLOTLIB_STYLE = "*{stroke-linejoin: round; stroke-linecap: butt}"
_REFERENCE = re.compile(r"url\(#([\w.:-]+)\)")
_HREF = re.compile(r"#([\w.:-]+)")
_VALUE = re.compile(r"[\w\s.,:;#%()+'\"-]*", re.ASCII)
# Numbers and the commands of a path, which most values are: nothing else can be spelt with these.
_COORDINATES = re.compile(r"[\d ,.MmLlHhVvCcSsQqTtAaZz-]*", re.ASCII)
_FONT = re.compile(r"(?P<before>(?:[\w-]+\s+)*?)(?P<size>[\d.]+(?:px|pt))(?:/\S+)?\s+(?P<family>\S.*)")


class _Refused(Exception):
    """What was found, by type."""


def rebuilt(svg: str, *, prefix: str, label: str, place: str) -> str:
    """The chart as inline SVG, made anew from elements and attributes on an allow-list.

    Parameters
    ----------
    svg : str
        A whole SVG document.
    prefix : str
        Put before each identifier.
    label : str
        Alternative text of the picture.
    place : str
        The cell, in words, for the message.

    Raises
    ------
    PageRefused
        If it is not well-formed, or holds anything that is not on the list: scripts, foreign objects, styles, pictures,
        references outside itself, entities.
    """
    try:
        return _Rebuild(prefix, label).run(svg)
    except (_Refused, expat.ExpatError) as error:
        found = str(error) if isinstance(error, _Refused) else "not well-formed XML"
        raise PageRefused(
            f"drawing the chart of {place}", found=found, todo="draw it with insight.charts, which gives finished SVG"
        ) from None


class _Rebuild:
    def __init__(self, prefix: str, label: str) -> None:
        self._prefix, self._label = prefix, label
        self._out: list[str] = []
        self._open: list[str] = []
        self._written: list[bool] = []
        self._skipping = 0
        self._is_bare = False
        self._style: list[str] | None = None
        self._referred: set[str] = set()

    def run(self, svg: str) -> str:
        self._referred = set(_REFERENCE.findall(svg)) | set(re.findall(r"href\s*=\s*[\"']#([\w.:-]+)", svg))
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.ProcessingInstructionHandler = self._instruction
        parser.Parse(svg.encode(), True)
        return "".join(self._out)

    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: int) -> None:
        if has_subset:
            raise _Refused("a document type with declarations of its own")

    def _entity(self, *_: object) -> None:
        raise _Refused("an entity declaration")

    def _instruction(self, target: str, data: str) -> None:
        raise _Refused("a processing instruction")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self._skipping or (space == _SVG and local == "metadata" and self._open):
            self._skipping += 1
            return
        if self._style is not None or space != _SVG or (local == "svg") != (not self._open):
            raise _Refused("an element that no chart needs")
        if local == "style":
            self._style = []
            return
        if local not in _ELEMENTS:
            raise _Refused("an element that no chart needs")
        self._open.append(local)
        kept = dict(self._attributes(local, attributes))
        # Matplotlib's groups carry nothing but a name.
        self._written.append(bool(kept) or local != "g")
        if self._written[-1]:
            given = "".join(f' {key}="{value}"' for key, value in kept.items())
            self._out.append(f"<{local}{given}>")
            self._is_bare = True

    def _end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif self._style is not None:
            if "".join(self._style).strip() != _MATPLOTLIB_STYLE:
                raise _Refused("a style sheet inside the chart")
            self._style = None
        else:
            local = self._open.pop()
            if self._written.pop():
                if self._is_bare:
                    self._out[-1] = f"{self._out[-1][:-1]}/>"
                else:
                    self._out.append(f"</{local}>")
                self._is_bare = False

    def _text(self, data: str) -> None:
        if self._style is not None:
            self._style.append(data)
        elif not self._skipping and self._open and self._open[-1] in _WORDS:
            self._out.append(escape(data))
            self._is_bare = False

    def _attributes(self, local: str, given: dict[str, str]) -> Iterator[tuple[str, str]]:
        """Names, and values as they are written in the page."""
        if local == "svg":
            yield from {"role": "img", "aria-label": escape(self._label), "stroke-linejoin": "round"}.items()
            if "viewBox" not in given:
                raise _Refused("a chart without a viewBox")
            # The page decides how large the chart stands; the height follows from the viewBox.
            given = {key: value for key, value in given.items() if key not in _OF_SIZE}
        for name, value in given.items():
            if name == "style":
                yield from self._declarations(value)
            elif name == "id":
                if value in self._referred:
                    yield "id", self._prefix + value
            elif name in {"href", _XLINK_HREF}:
                if not _HREF.fullmatch(value):
                    raise _Refused("a reference outside the chart")
                yield "href", f"#{self._prefix}{value[1:]}"
            elif name in _KEPT:
                text = self._value(value)
                if not (name == "transform" and text.startswith("rotate(-0 ")):
                    yield name, text
            elif name not in _DROPPED and not name.startswith("http://www.w3.org/XML/1998/namespace "):
                raise _Refused("an attribute that no chart needs")

    def _declarations(self, style: str) -> Iterator[tuple[str, str]]:
        for declaration in filter(None, (part.strip() for part in style.split(";"))):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            if name == "font":
                yield from _font(value)
            elif name in _PRESENTATION:
                yield name, self._value(value)
            elif name not in _DROPPED:
                raise _Refused("a style that no chart needs")

    def _value(self, value: str) -> str:
        text = _harmless(value)
        return _REFERENCE.sub(rf"url(#{self._prefix}\1)", text) if "#" in text else text


@lru_cache(maxsize=16_384)
def _harmless(value: str) -> str:
    """A value in which nothing but a reference inside the chart refers to anything; charts repeat most of theirs."""
    text = " ".join(value.split())
    if _COORDINATES.fullmatch(text):
        return text
    rest = _REFERENCE.sub("", text)
    if not _VALUE.fullmatch(rest) or "url" in rest.lower() or "script" in rest.lower():
        raise _Refused("an attribute with a value that no chart needs")
    return escape(text)


def _font(shorthand: str) -> Iterator[tuple[str, str]]:
    parts = _FONT.fullmatch(shorthand)
    if not parts:
        raise _Refused("a font that cannot be read")
    for word in parts["before"].split():
        if word in {"italic", "oblique"}:
            yield "font-style", word
        elif word in {"bold", "bolder", "lighter"} or word.isdigit():
            yield "font-weight", word
        elif word not in {"normal", "condensed", "small-caps"}:
            raise _Refused("a font that cannot be read")
    yield "font-size", parts["size"]
