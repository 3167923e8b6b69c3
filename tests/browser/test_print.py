"""On paper and as a PDF: nothing cut, headings repeated, and the structure kept for those who do not see it."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import PAGES, OpenPage

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pypdf import PdfReader

Find = Callable[[str], Path]
# A4 less its margins, in CSS pixels.
PAPER_WIDTH, PAPER_HEIGHT = 680, 1000


def printed(page: Page) -> PdfReader:
    pytest.importorskip("pypdf")
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, tagged=True, outline=True)))


def tags(reader: PdfReader) -> Iterator[Any]:
    """Elements of the structure tree, in reading order."""

    def below(node: Any) -> Iterator[Any]:
        node = node.get_object()
        if not hasattr(node, "get"):
            return
        if "/S" in node:
            yield node
        children = node.get("/K", [])
        for child in children if isinstance(children, list) else [children]:
            if hasattr(child.get_object(), "get"):
                yield from below(child)

    root: Any = reader.trailer["/Root"]
    yield from below(root["/StructTreeRoot"])


@pytest.mark.parametrize("name", PAGES)
def test_the_pdf_keeps_headings_tables_and_words_for_pictures(name: str, find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page(name))
    reader = printed(page)
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert reader.metadata is not None and reader.metadata.title == page.title()
    found = list(tags(reader))
    kinds = Counter(str(tag["/S"]) for tag in found)
    shown = page.evaluate(
        """() => {
          const seen = selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).length;
          return {h1: seen('h1'), h2: seen('h2'), figures: seen('figure'), alone: seen('main > div.wide table')};
        }"""
    )
    assert kinds["/H1"] == shown["h1"] == 1
    assert kinds["/H2"] == shown["h2"]
    assert kinds["/Table"] >= shown["alone"]
    if shown["alone"]:
        assert kinds["/TH"] > 0
    told = [str(tag["/Alt"]) for tag in found if tag["/S"] == "/Figure" and "/Alt" in tag]
    assert len([words for words in told if len(words) >= 40]) == shown["figures"]
    first = next(flat(reader.outline))
    assert "".join(first.title.split()) == "".join(page.locator("h1").inner_text().split())
    assert all(
        (box.width, box.height) == pytest.approx((595, 842), abs=2) for box in (p.mediabox for p in reader.pages)
    )


def flat(outline: Any) -> Iterator[Any]:
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_off_the_paper(name: str, find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page(name), PAPER_WIDTH)
    page.emulate_media(media="print")
    cut = page.evaluate(
        """([width, height]) => {
          const visible = [...document.querySelectorAll('main *, footer *')].filter(e => e.checkVisibility());
          const box = e => e.getBoundingClientRect();
          return {
            wide: visible.filter(e => box(e).width > 1 && box(e).right > width + 1 && !e.closest('svg'))
              .map(e => e.outerHTML.slice(0, 90)),
            tall: visible.filter(e => e.matches('figure, tr, .note, .card') && box(e).height > height)
              .map(e => e.outerHTML.slice(0, 90)),
            parted: visible.filter(e => e.matches('figure, tr') && getComputedStyle(e).breakInside !== 'avoid').length,
            controls: visible.filter(e => e.matches('nav, .skip, .download')).length,
          };
        }""",
        [PAPER_WIDTH, PAPER_HEIGHT],
    )
    assert cut == {"wide": [], "tall": [], "parted": 0, "controls": 0}


def test_a_long_table_repeats_its_head_and_cuts_no_row(find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page("caseload_turnover"))
    rows = page.evaluate(
        """() => {
          const table = document.querySelector('main > div.wide table');
          table.tHead.rows[0].cells[0].textContent = 'HEADOFTABLE';
          const row = table.tBodies[0].rows[0];
          const words = ' words that take more than one line of the cell'.repeat(4);
          for (let n = 100; n < 220; n++) {
            const copy = row.cloneNode(true);
            copy.cells[0].textContent = `BEGIN${n}${words} END${n}`;
            table.tBodies[0].append(copy);
          }
          return 120;
        }"""
    )
    texts = [sheet.extract_text() for sheet in printed(page).pages]
    holding = [text for text in texts if "BEGIN" in text]
    assert len(holding) > 4
    assert all("HEADOFTABLE" in text for text in holding)
    for n in range(100, 100 + rows):
        (place,) = [at for at, text in enumerate(texts) if f"BEGIN{n}" in text]
        assert f"END{n}" in texts[place]
