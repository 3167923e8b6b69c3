"""No reader meets letters that the glossary does not explain, and the glossary itself is plain."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from insight import sources

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "insight"
MOST_WORDS = 25
# Letters that are no acronym, each with its reason.
NOT_ACRONYMS = {
    "II": "a numeral",
    "README": "the name of a file",
    "SN": "the beginning of a column's name",
    "SNP": "a column's name",
    "GOI": "the beginning of a column's name",
    "GOR": "the beginning of a column's name",
    "SAMPLE": "the word, in large letters on purpose",
    "DATA": "the word, in large letters on purpose",
}
_ACRONYM = re.compile(r"(?<!#)\b[A-Z]{2,}[0-9]?\b")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|<[^>\n]+>|\]\([^)]*\)", re.DOTALL)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>", re.DOTALL)
_ENTRY = re.compile(r"^- \*\*(.+?)\*\*(?: \((.+?)\))?: (.+)$", re.MULTILINE)


def glossary() -> str:
    return (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def terms() -> list[str]:
    return [match[1] for match in _ENTRY.finditer(glossary())]


def acronyms(text: str) -> set[str]:
    return set(_ACRONYM.findall(text))


def documents() -> Iterator[tuple[str, str]]:
    named = ("README.md", "CHANGELOG.md", "docs/guide.md", "docs/methods.md", "docs/errors.md", "docs/glossary.md")
    for name in named:
        yield name, _CODE.sub(" ", (ROOT / name).read_text(encoding="utf-8"))


def notebooks() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path.name, _CODE.sub(" ", "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown"))


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted((PACKAGE / "reporting" / "templates").glob("*.html")):
        yield path.name, _TEMPLATE.sub(" ", path.read_text(encoding="utf-8"))


def _docstrings(tree: ast.Module) -> set[int]:
    """The positions of docstrings, which no reader of a page meets."""
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            found.add(id(body[0].value))
    return found


def strings_of_studies() -> Iterator[tuple[str, str]]:
    for folder in ("studies", "stats", "charts"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            skipped = _docstrings(tree)
            texts = [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped
            ]
            # A name of the code is no word of a page: those are lower case, or constants in capitals of one piece.
            yield path.relative_to(PACKAGE).as_posix(), "\n".join(text for text in texts if not text.isidentifier())


def words_of_sources() -> Iterator[tuple[str, str]]:
    for key, module in sources.all_sources().items():
        said = [module.SOURCE.title, module.SOURCE.publisher, module.SOURCE.licence, *module.SOURCE.known_problems]
        for indicator in module.INDICATORS:
            said += [indicator.title, *indicator.caveats]
        yield key, "\n".join(said)


EVERYTHING = [*documents(), *notebooks(), *templates(), *strings_of_studies(), *words_of_sources()]


@pytest.mark.parametrize(("place", "text"), EVERYTHING, ids=[place for place, _ in EVERYTHING])
def test_every_acronym_is_in_the_glossary(place: str, text: str) -> None:
    assert acronyms(text) - set(terms()) <= set(NOT_ACRONYMS)


def test_there_is_something_of_every_kind_to_look_at() -> None:
    assert all(list(each()) for each in (notebooks, templates, strings_of_studies, words_of_sources))


def test_every_acronym_in_the_glossary_is_spelt_out() -> None:
    plain = {"BCP", "CRV1", "CRV3", "TOML"}  # names that are not short for anything a reader would know
    spelt = {match[1] for match in _ENTRY.finditer(glossary()) if match[2]}
    assert {term for term in terms() if _ACRONYM.fullmatch(term)} - plain <= spelt


def test_every_line_of_the_list_is_an_entry_and_no_term_stands_twice() -> None:
    listed = [line for line in glossary().splitlines() if line.startswith("-")]
    lowered = [term.lower() for term in terms()]
    assert len(listed) == len(lowered) == len(set(lowered))


def test_the_publishers_symbols_are_explained() -> None:
    from insight.core.missing import SYMBOLS

    assert set(SYMBOLS) <= set(terms())


def _sentences(text: str) -> list[str]:
    plain = _CODE.sub(" code ", re.sub(r"^\|.*$|^#.*$|^\s*[-*] ", "\n\n", text, flags=re.MULTILINE)).replace("**", "")
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", plain)]
    return [part for block in blocks for part in re.split(r"(?<=[.?!:])\s+(?=[A-Z“\"]|code\b)", block) if part]


@pytest.mark.parametrize("name", ["glossary.md", "guide.md", "methods.md"])
def test_sentences_are_short(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert not [part for part in _sentences(text) if len(part.split()) >= MOST_WORDS]
