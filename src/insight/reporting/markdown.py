"""The words between the outputs: markdown to clean HTML, and the headings that order a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from insight.errors import PageRefused

_TAGS_IN_TEXT = (
    "a abbr b blockquote br caption code dd div dl dt em hr i li ol p pre span strong sub sup "
    "table tbody td th thead tr ul"
)
_ATTRIBUTES = {
    "a": {"href"},
    "abbr": {"title"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "ol": {"start"},
    "th": {"scope", "class"},
    "td": {"class"},
}
_READER = MarkdownIt("commonmark", {"html": False}).enable("table")
_RENDERER = RendererHTML()


@dataclass(frozen=True)
class Heading:
    """A heading with its level in the notebook (1 to 6); ``text`` is its words, ``html`` as the page shows them.

    ``anchor`` is its address in the page, where it has one.
    """

    level: int
    text: str
    html: Markup
    anchor: str = ""


Block = Heading | Markup


def blocks(source: str, *, heading: str, place: str) -> list[Block]:
    """A markdown cell as headings and pieces of clean HTML, in order.

    Parameters
    ----------
    source : str
        Markdown; HTML in it is shown as text.
    heading : str
        The nearest heading above, which names a table that comes before any other.
    place : str
        The cell, in words, for the message.

    Raises
    ------
    PageRefused
        If the cell holds a picture: a page asks nothing of another address.
    """
    tokens = _READER.parse(source)
    if any(child.type == "image" for token in tokens for child in token.children or ()):
        raise PageRefused(
            f"reading {place}", found="a picture in the text", todo="show it as a chart of insight.charts"
        )
    return list(_split(tokens, heading))


def _split(tokens: list[Token], heading: str) -> Iterator[Block]:
    piece: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open" and token.level == 0:
            if piece:
                yield _html(piece, heading)
                piece = []
            inline = tokens[at + 1]
            heading = plain_text(inline)
            words = _RENDERER.renderInline(inline.children or [], _READER.options, {})
            yield Heading(int(token.tag[1]), heading, clean(words))
            at += 3
            continue
        piece.append(token)
        at += 1
    if piece:
        yield _html(piece, heading)


def _html(tokens: list[Token], heading: str) -> Markup:
    prepared: list[Token] = []
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            # Inside a quotation or a list a heading would break the order of levels.
            token.tag = "p"
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type in {"th_open", "td_open"} and "right" in str(token.attrs.pop("style", "")):
            token.attrSet("class", "n")
        if token.type == "table_open":
            prepared += _raw(
                f'<div class="scroll" role="region" tabindex="0" aria-label="Table: {Markup.escape(heading)}">'
            )
        prepared.append(token)
        if token.type == "table_open":
            prepared += _raw(f"<caption>{Markup.escape(heading)}</caption>")
        elif token.type == "table_close":
            prepared += _raw("</div>")
    return clean(_RENDERER.render(prepared, _READER.options, {}))


def _raw(html: str) -> list[Token]:
    return [Token("html_block", "", 0, content=html)]


def plain_text(inline: Token) -> str:
    """The words of a line of markdown."""
    parts = (
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in inline.children or ()
        if child.type in {"text", "code_inline", "softbreak", "hardbreak"}
    )
    return " ".join("".join(parts).split())


def clean(html: str) -> Markup:
    """HTML with nothing on it but what the page's text needs."""
    return Markup(  # noqa: S704 - nh3 has just removed all that is not on the list
        nh3.clean(
            html,
            tags=set(_TAGS_IN_TEXT.split()),
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )
