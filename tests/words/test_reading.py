"""Every page of a small site, as a reader reads it: short sentences, known letters, no barred word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import insight as ins
from insight import sources, studies
from insight.core.register import Register
from insight.reporting.record import Record
from insight.studies.authority_brief._concepts import CONCEPTS
from tests.words.reading import MOST_IN_FINDING, counted, pieces, too_long, unexplained, with_barred_words
from tests.words.test_sentences_by_rule import GRADES

JUDGED = re.compile(
    r"\b(improv\w*|worse(?! side of England\b)\w*|deteriorat\w*|declin\w*|better than (?!inadequate)"
    r"|(?:got|become|became) better)",
    re.IGNORECASE,
)
# The name of a grade that a chart sets in two lines.
BROKEN_GRADE = re.compile(r"^improvement(?: to be(?: good)?)?$")
# Documents speak of how things are done; rules for what a finding may say are not about them.
OF_THE_SITE = ("methods", "glossary", "errors", "sources")


@cache
def names(store: Path) -> frozenset[str]:
    """What counts as one word: titles of measures, and areas."""
    panel = ins.load_panel(store)
    titles = [each.title for module in sources.all_sources().values() for each in module.INDICATORS]
    titles += [each.title for each in panel.indicators.values()]
    # The sample's own, and England's for a site of real places (INSIGHT_TEST_PAGES).
    areas = [area.name for register in (panel.register, Register.read()) for area in register.areas]
    return frozenset([*titles, *areas, *(concept.words for concept in CONCEPTS)])


def pages(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if ".insight" not in path.parts)


def of_areas(site: Path) -> list[Path]:
    """Pages with findings: an area's, a question's and the index."""
    return [path for path in pages(site) if not {path.stem, path.parent.name} & set(OF_THE_SITE)]


def records(site: Path) -> Iterator[Record]:
    for path in sorted(site.glob("[EX]*/*.json")):
        yield Record.model_validate_json(path.read_bytes())


def test_the_site_has_a_page_of_every_study(sample_pages: Path) -> None:
    assert {record.study for record in records(sample_pages)} == set(studies.names())
    assert len(of_areas(sample_pages)) >= 2 * len(studies.names())


def test_sentences_are_short(sample_pages: Path, sample_store: Path) -> None:
    known = names(sample_store)
    assert not [(page.name, long) for page in of_areas(sample_pages) for long in too_long(page, names=known)]


def test_no_barred_word_and_nothing_unfinished(sample_pages: Path) -> None:
    assert not [(page.name, found) for page in of_areas(sample_pages) for found in with_barred_words(page)]


def test_nothing_is_said_to_have_improved_or_worsened(sample_pages: Path) -> None:
    found = [
        (page.name, piece.text)
        for page in of_areas(sample_pages)
        for piece in pieces(page)
        if JUDGED.search(GRADES.sub("", BROKEN_GRADE.sub("", piece.text)))
    ]
    assert not found


def test_every_acronym_is_in_the_glossary(sample_pages: Path) -> None:
    assert not {page.name: letters for page in pages(sample_pages) if (letters := unexplained(page))}


def test_a_finding_is_short(sample_pages: Path, sample_store: Path) -> None:
    known = names(sample_store)
    for record in records(sample_pages):
        assert len(" ".join(record.words).split()) <= MOST_IN_FINDING, record.words
        for text in (*record.words, record.verdict_words.meaning, *record.does_not_show, *record.caveats):
            assert text.endswith((".", "?")), text
            assert all(count < 25 for count, _ in counted(text, names=known)), text


def test_a_side_of_england_is_named_and_nothing_is_called_worse() -> None:
    assert not JUDGED.search("It lies on the worse side of England, and on the better side of England.")
    for text in ("It is worse.", "It worsened.", "The worse side of Englandish.", "On the worse side."):
        assert JUDGED.search(text), text


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        (f"<p>{'word ' * 25}end.</p>", too_long),
        (f"<table><tr><td>{'word ' * 25}</td></tr></table>", too_long),
        (f"<svg aria-label='{'word ' * 25}'></svg>", too_long),
        ("<p>It proves that.</p>", with_barred_words),
        ("<p>The difference is <b>significant</b>.</p>", with_barred_words),
        ("<td>nan</td>", with_barred_words),
        ("<p>It was None, in 2024.</p>", with_barred_words),
        ("<svg><text>inf</text></svg>", with_barred_words),
        ("<p>See the XYZQ.</p>", unexplained),
    ],
)
def test_rules_catch_what_they_are_for(html: str, rule: object, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(html, encoding="utf-8")
    assert callable(rule) and list(rule(page))


def test_what_a_reader_meets_is_read_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<style>p{color:inf}</style><p title='Ends'>One <b>two</b>.<br>Three</p><code>None</code>"
        "<svg aria-label='A chart'><text>Four</text></svg>",
        encoding="utf-8",
    )
    assert {piece.text for piece in pieces(page)} == {"Ends", "One two.", "Three", "A chart", "Four", "code"}
