"""The project's own documents as pages of a site: methods, glossary and errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from insight.core.fingerprint import content_sha256

if TYPE_CHECKING:
    from markupsafe import Markup

_PACKAGE = Path(__file__).resolve().parents[1]
DOCUMENTS = ("errors.md", "glossary.md", "methods.md")
_PICTURE = re.compile(r"^!\[(?P<alt>[^\]]*)\]\((?P<file>pictures/[a-z0-9_-]+\.svg)\)\s*$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)")
_SECTION = re.compile(r"^## ", re.MULTILINE)
_LABEL = re.compile(r'aria-label="(Table: [^"]*)"')
_NAMES = {"errors.md": "Exit codes", "glossary.md": "Glossary", "methods.md": "Methods"}
_PAGES = {"glossary.md": "glossary.html", "errors.md": "errors.html", "methods.md": "methods.html"}


@dataclass(frozen=True)
class Picture:
    """A drawing of the documents, within the page itself."""

    alt: str
    address: Markup


@dataclass(frozen=True)
class Title:
    """A heading with an address of its own."""

    level: int
    html: Markup
    anchor: str


@dataclass(frozen=True)
class Chapter:
    """One page of the methods: what it is called, its address, and what stands on it."""

    name: str
    title: str
    blocks: tuple[Title | Picture | Markup, ...] = field(repr=False)

    @property
    def href(self) -> str:
        """As seen from the index."""
        return f"methods/{self.name}.html"


@cache
def folder() -> Path | None:
    """Where the documents are: inside the installed package, or in the project that it is installed from."""
    places = (_PACKAGE / "docs", _PACKAGE.parents[1] / "docs")
    return next((place for place in places if all((place / name).is_file() for name in DOCUMENTS)), None)


def text_of(name: str) -> str:
    """A document as it is written; empty where this copy of the package has none."""
    found = folder()
    return (found / name).read_text(encoding="utf-8") if found else ""


@cache
def mark() -> str:
    """A text that changes when a document or a picture of it changes; kept for the life of the process."""
    found = folder()
    if found is None:
        return ""
    paths = [*(found / name for name in DOCUMENTS), *sorted((found / "pictures").glob("*.svg"))]
    return content_sha256([[path.name, sha256(path.read_bytes()).hexdigest()] for path in paths])


@cache
def document(name: str) -> tuple[Title | Picture | Markup, ...]:
    """A document without its own title, in order."""
    return tuple(_blocks(_without_title(text_of(name)), name, above=""))


@cache
def chapters() -> tuple[Chapter, ...]:
    """The methods, a page for each study and one for what several share; addresses follow the headings."""
    found = []
    for name, title, body in _sections():
        words = title.partition(":")[2].strip() or title
        parts = tuple(_blocks(_raised(body), "methods.md", above="../"))
        found.append(Chapter(name, words[:1].upper() + words[1:], parts))
    return tuple(found)


def _sections() -> list[tuple[str, str, str]]:
    """Name, title and text of each part of the methods."""
    found = []
    for section in _SECTION.split(text_of("methods.md"))[1:]:
        title, _, body = section.partition("\n")
        title = title.strip()
        is_study = re.match(r"[a-z0-9_]+:", title)
        name = title.partition(":")[0] if is_study else anchor_of(title).replace("-", "_")
        found.append((name, title, body))
    return found


@cache
def _places() -> Mapping[str, str]:
    """Where each heading of the methods stands now: the page of its part, and its own place there."""
    found: dict[str, str] = {}
    for name, title, body in _sections():
        found.setdefault(_as_linked(title), f"methods/{name}.html")
        for heading in re.findall(r"^#{3,6} (.+)$", body, re.MULTILINE):
            found.setdefault(_as_linked(heading), f"methods/{name}.html#{anchor_of(heading)}")
    return found


def _as_linked(heading: str) -> str:
    """A heading as a link within one document names it."""
    return re.sub(r"[^a-z0-9_ -]", "", heading.strip().lower()).replace(" ", "-")


def anchor_of(heading: str) -> str:
    """The address of a heading within its page.

    >>> anchor_of("Methods that several studies share")
    'methods-that-several-studies-share'
    >>> anchor_of("E701 PageFailed")
    'E701'
    """
    code = re.match(r"E\d{3}\b", heading)
    return code[0] if code else "-".join(re.findall(r"[a-z0-9_]+", heading.lower()))


def _without_title(text: str) -> str:
    return text.partition("\n")[2] if text.startswith("# ") else text


def _raised(text: str) -> str:
    """Headings of a section, one level up: its own title is the page's."""
    return re.sub(r"^#(#+ )", r"\1", text, flags=re.MULTILINE)


def _blocks(text: str, name: str, *, above: str) -> Iterator[Title | Picture | Markup]:
    # What reads markdown takes a while to load, and a run that has nothing to do only asks for ``mark``.
    from insight.reporting.markdown import Heading, blocks

    anchors: dict[str, int] = {}
    labels: dict[str, int] = {}
    at = 0
    heading = _NAMES[name]
    for picture in [*_PICTURE.finditer(text), None]:
        piece = text[at : picture.start() if picture else len(text)]
        for block in blocks(_with_addresses(piece, above), heading=heading, place=name):
            if isinstance(block, Heading):
                heading = block.text
                anchor = anchor_of(block.text)
                anchors[anchor] = anchors.get(anchor, 0) + 1
                yield Title(block.level, block.html, anchor if anchors[anchor] == 1 else f"{anchor}-{anchors[anchor]}")
            else:
                yield _apart(block, labels)
        if picture:
            at = picture.end()
            yield Picture(picture["alt"], _address(picture["file"]))


def _apart(block: Markup, labels: dict[str, int]) -> Markup:
    """A piece whose tables have names of their own, though they stand under one heading."""

    def changed(found: re.Match[str]) -> str:
        labels[found[1]] = labels.get(found[1], 0) + 1
        return found[0] if labels[found[1]] == 1 else f'aria-label="{found[1]} ({labels[found[1]]})"'

    return type(block)(_LABEL.sub(changed, str(block)))


def _with_addresses(text: str, above: str) -> str:
    """Links between documents as links between pages; one to what the site does not hold is left as its words."""

    def changed(link: re.Match[str]) -> str:
        target, _, part = link["target"].partition("#")
        if re.match(r"https?:", link["target"]):
            return link[0]
        if target in ("", "methods.md") and part in _places() and (above or target):
            return f"[{link['text']}]({above}{_places()[part]})"
        page = _PAGES.get(target)
        if page:
            return f"[{link['text']}]({above}{page}{'#' + part if part else ''})"
        return link["text"] if target or not part else link[0]

    return _LINK.sub(changed, text)


def _address(file: str) -> Markup:
    """A drawing as an address of its own; percent signs take less room than base 64, and the text can be read."""
    from markupsafe import Markup

    found = folder()
    drawn = (found / file).read_text(encoding="utf-8") if found else ""
    # No quotation mark is left bare, so that the address can stand in an attribute as it is.
    safe = drawn.replace('"', "'") if "'" not in drawn else drawn
    return Markup("data:image/svg+xml," + quote(safe, safe=" '/:;,.=()-+"))  # noqa: S704 - every mark that opens is encoded
