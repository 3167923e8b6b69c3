"""What a reader of a page meets: every piece of text, apart from code and style, and the rules that all of it keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from tests.contracts.test_glossary import NOT_ACRONYMS, acronyms, terms

MOST_WORDS, MOST_IN_FINDING = 25, 60
"""A sentence has fewer words than the first; a finding at most the second."""
# Each piece of text between two of these stands alone.
_TEXTS = frozenset(["p", "li", "td", "th", "caption", "dd", "dt", "summary", "figcaption", "title", "desc", "text"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_PARTS = frozenset(["div", "section", "nav", "footer", "header", "main", "body", "table", "tr", "details", "ul", "ol"])
_BLOCKS = _TEXTS | _HEADINGS | _PARTS | {"dl", "figure", "head", "option", "label", "button"}
_CELLS = frozenset(["td", "th", "svg"])
_UNREAD = frozenset(["style", "script", "code", "pre"])
_VOID = frozenset(["meta", "link", "br", "hr", "img", "input", "col", "wbr"])
_READ_ALOUD = ("aria-label", "alt", "title", "placeholder")
BARRED = re.compile(
    r"\b(proves?|proven|drives?|driven by|works|wrong|only|significant\w*|insignificant\w*)\b", re.IGNORECASE
)
# "None" may begin an English sentence.
UNFINISHED = re.compile(r"\b(nan|NaN|NaT|inf|undefined|null)\b|\bNone\b(?!:| [a-z]|\. That)|\{\{|\}\}|\{%|<NA>")
BETTER = re.compile(r"\b(improv\w*|better|worse\w*|deteriorat\w*|declin\w*)\b", re.I)
# A full stop that ends no sentence.
_SHORT = re.compile(r"\b(St|vs|e\.g|i\.e|No|Dr|al)\.")


@dataclass(frozen=True)
class Piece:
    """Words that stand together, and the element that they stand in."""

    where: str
    text: str


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self._open: list[str] = []
        self._parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._end()
        if tag == "br":
            self._end()
        if tag not in _VOID:
            self._open.append(tag)
        self.pieces += [
            Piece(tag if tag == "svg" else f"{tag} {name}", text)
            for name, text in attrs
            if name in _READ_ALOUD and text
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end()
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "code" in self._open and "style" not in self._open:
            self._parts.append(" code ")
        elif not _UNREAD & set(self._open):
            self._parts.append(data)

    def _end(self) -> None:
        text = " ".join("".join(self._parts).split())
        if text:
            inside = [tag for tag in self._open if tag in _TEXTS | _HEADINGS]
            self.pieces.append(Piece(inside[-1] if inside else self._open[-1] if self._open else "", text))
        self._parts = []


@cache
def pieces(page: Path) -> tuple[Piece, ...]:
    """Every piece of text of a page, in its order; code is replaced by the word."""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    reader.close()
    return tuple(reader.pieces)


def sentences(text: str) -> list[str]:
    """The sentences of a piece; what stands in brackets belongs to its sentence.

    >>> sentences("One (see 2. Two). It rose by 0.5 in St. Helens. 3 did.")
    ['One (see 2. Two).', 'It rose by 0.5 in St. Helens.', '3 did.']
    """
    kept = _SHORT.sub(lambda found: found[0].replace(".", "\0"), text)
    found, start, depth = [], 0, 0
    for at, character in enumerate(kept):
        depth += {"(": 1, ")": -1}.get(character, 0)
        ends = character in ".?!" and kept[at + 1 : at + 2] in (" ", "")
        if ends and depth <= 0:
            found.append(kept[start : at + 1])
            start = at + 2
    found.append(kept[start:])
    return [each.replace("\0", ".").strip() for each in found if each.strip()]


def counted(text: str, *, names: Iterable[str] = ()) -> Iterator[tuple[int, str]]:
    """Each sentence with its number of words.

    A name is one word, whatever its length: a publisher's title of a measure, a joint return of several authorities. A
    list after a colon is counted item by item where semicolons part them. A label, which ends without a full stop, is
    counted part by part.

    >>> [count for count, _ in counted("Missing: one two; three; four.")], [count for count, _ in counted("A: b c")]
    ([3], [2])
    >>> [count for count, _ in counted("One two (FTE) is low.", names=["One two (FTE)"])]
    [3]
    """
    text = re.sub(r"“[^”]*”", "Name", text)
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), "Name", text, flags=re.I) if name.lower() in text.lower() else text
    for sentence in sentences(text):
        opening, colon, listed = sentence.partition(": ")
        parts = [sentence]
        if not sentence.endswith((".", "?", "!")):
            parts = re.split(r"[:;] ", sentence)
        elif colon and listed.count("; ") > 1:
            first, *others = listed.split("; ")
            parts = [f"{opening}: {first}", *others]
        yield max(len(part.split()) for part in parts), sentence


def too_long(page: Path, *, names: Iterable[str] = ()) -> Iterator[str]:
    """Sentences that are too long. Cells of tables are labels: a table's own rules part them."""
    for piece in pieces(page):
        parts = re.split(r"[:;] ", piece.text) if piece.where in _CELLS else [piece.text]
        for part in parts:
            for count, sentence in counted(part, names=names):
                if count >= MOST_WORDS:
                    yield f"<{piece.where}> {count} words: {sentence}"


def with_barred_words(page: Path) -> Iterator[str]:
    """Pieces with a word that the rules bar, or with what a program prints where it has no number."""
    for piece in pieces(page):
        found = BARRED.search(piece.text) or UNFINISHED.search(piece.text)
        if found:
            yield f"<{piece.where}> {found[0]}: {piece.text}"


def unexplained(page: Path) -> set[str]:
    """Acronyms that the glossary does not explain."""
    text = "\n".join(piece.text for piece in pieces(page))
    return acronyms(text) - set(terms()) - set(NOT_ACRONYMS)
