"""Every page in a real browser: rules of accessibility, and what a program for rules does not look at."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.browser.conftest import PAGES, RESIZE, STUDIES, OpenPage, seen_by, unfold

Find = Callable[[str], Path]
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@pytest.mark.parametrize("name", PAGES)
def test_no_rule_of_accessibility_is_broken(name: str, find_page: Find, open_page: OpenPage, broken_rules: Any) -> None:
    page = open_page(find_page(name))
    assert broken_rules(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert broken_rules(page) == []
    page.emulate_media(color_scheme="dark")
    assert broken_rules(page, colours=True) == []


STRUCTURE = """() => {
  const words = element => element.textContent.replace(/\\s+/g, ' ').trim();
  const all = selector => [...document.querySelectorAll(selector)];
  return {
    lang: document.documentElement.lang,
    title: document.title,
    headings: all('h1,h2,h3,h4,h5,h6').map(h => [Number(h.tagName[1]), words(h)]),
    landmarks: ['header', 'main', 'footer'].map(tag => all(tag).length),
    tables: all('table').map(t => ({
      caption: t.caption ? words(t.caption) : '',
      scopes: [...t.querySelectorAll('th')].map(th => th.scope),
      heads: t.tHead ? t.tHead.rows[0].cells.length : 0,
      widths: [...t.tBodies[0].rows].map(row => [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0)),
      unnamed: [...t.tBodies[0].rows].filter(row => row.cells.length > 1 && row.cells[0].tagName !== 'TH').length,
    })),
    links: all('a[href]').map(a => [words(a), a.getAttribute('href').slice(0, 300), a.download]),
    summaries: all('summary').map(words),
    regions: all('[role=region],[role=search],nav,section[aria-label]').map(r => r.getAttribute('aria-label') || ''),
    ids: all('[id]').map(e => e.id),
    inPage: all('a[href^="#"]').map(a => a.getAttribute('href').slice(1)),
    scripts: all('script').length,
    pictures: all('svg').map(s => [s.getAttribute('role'), s.getAttribute('aria-hidden')]),
  };
}"""


@pytest.mark.parametrize("name", PAGES)
def test_headings_tables_links_and_names_are_in_order(
    name: str, sample_site: Path, find_page: Find, open_page: OpenPage
) -> None:
    page = open_page(find_page(name))
    seen = page.evaluate(STRUCTURE)
    levels = [level for level, _ in seen["headings"]]
    assert seen["lang"] == "en-GB"
    is_sample = name == "failed" or json.loads((sample_site / "manifest.json").read_bytes())["is_sample"]
    assert seen["title"].startswith("Sample data: ") == is_sample
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(words for _, words in seen["headings"])
    assert seen["landmarks"] == [1, 1, 1]
    for table in seen["tables"]:
        assert table["caption"]
        assert set(table["scopes"]) <= {"col", "row"}
        assert set(table["widths"]) <= {table["heads"]}, table["caption"]
        assert table["unnamed"] == 0, table["caption"]
    assert len(set(seen["ids"])) == len(seen["ids"])
    assert set(seen["inPage"]) <= set(seen["ids"])
    for _, same in grouped(seen["links"], lambda link: link[0].casefold()):
        assert len({(href, download) for _, href, download in same}) == 1, f"one text, two targets: {same[0][0]}"
    assert all(words for words, _, _ in seen["links"])
    assert len(set(seen["summaries"])) == len(seen["summaries"])
    assert all(seen["regions"]) or name == "index"
    assert len(set(seen["regions"])) == len(seen["regions"])
    assert seen["scripts"] == (1 if name == "index" else 0)
    assert all(role == "img" or hidden == "true" for role, hidden in seen["pictures"])


def grouped(items: list[Any], key: Callable[[Any], str]) -> list[tuple[str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.items())


FIGURES = """() => [...document.querySelectorAll('figure')].map(figure => ({
  title: figure.querySelector('.chart-title').textContent,
  alt: figure.querySelector('svg').getAttribute('aria-label') || '',
  role: figure.querySelector('svg').getAttribute('role'),
  twin: [...figure.querySelectorAll('details table tbody tr')].map(row => [...row.cells].map(cell => cell.textContent)),
  file: (figure.querySelector('details a[download]') || {}).href || '',
}))"""


@pytest.mark.parametrize("name", STUDIES)
def test_every_chart_has_its_words_its_table_and_its_file(name: str, find_page: Find, open_page: OpenPage) -> None:
    for figure in open_page(find_page(name)).evaluate(FIGURES):
        assert figure["role"] == "img"
        assert figure["title"].strip()
        assert len(figure["alt"]) >= 40
        assert figure["twin"], figure["title"]
        start, _, encoded = figure["file"].partition("charset=utf-8,")
        assert start == "data:text/csv;"
        rows = list(csv.reader(io.StringIO(unquote(encoded).removeprefix("\ufeff"), newline="")))
        assert len(rows) - 1 >= len(figure["twin"])
        assert {len(row) for row in rows} == {len(figure["twin"][0])}
        assert any(is_told(first, figure["alt"]) and is_told(last, figure["alt"]) for first, last in ends(rows[1:])), (
            figure["title"],
            rows[1],
            rows[-1],
            figure["alt"],
        )


def ends(rows: list[list[str]]) -> Iterator[tuple[list[str], list[str]]]:
    """The first row and the last, and the lowest and the highest of each column of numbers."""
    yield rows[0], rows[-1]
    for column in range(1, len(rows[0])):
        numbers = [(float(row[column]), at) for at, row in enumerate(rows) if is_number(row[column])]
        if numbers:
            yield rows[min(numbers)[1]], rows[max(numbers)[1]]


def is_told(row: list[str], alt: str) -> bool:
    """Whether a row's figure is among the words, rounded as they round it, or else its grade or other word."""
    told = {abs(float(number.replace(",", ""))) for number in NUMBER.findall(alt)}
    mine = [abs(float(cell)) for cell in row[1:] if is_number(cell)]
    return any(is_said(value, told) for value in mine) or any(
        cell in alt for cell in row[1:] if cell.replace(" ", "").isalpha()
    )


def is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell))


def is_said(value: float, told: set[float]) -> bool:
    return any(abs(round(value, decimals) - said) < 1e-9 for decimals in (0, 1, 2, 3) for said in told)


SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const outside = [...document.querySelectorAll('body *')].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.right > width + 1 && !element.closest('.scroll, .skip, .unseen, svg');
  });
  return {
    page: document.documentElement.scrollWidth - width,
    outside: outside.map(element => element.outerHTML.slice(0, 120)),
    closed: [...document.querySelectorAll('.scroll')].filter(box => box.tabIndex !== 0).length,
  };
}"""


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_but_what_may(name: str, find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page(name))
    unfold(page)
    # 640 is 1280 enlarged to 200%; the second size is of the letters alone.
    for width, text in ((1280, "100%"), (640, "100%"), (320, "100%"), (320, "200%"), (1280, "200%")):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(RESIZE, text)
        assert page.evaluate(SIDEWAYS) == {"page": 0, "outside": [], "closed": 0}, (width, text)


@pytest.mark.parametrize("name", STUDIES)
def test_letters_of_a_chart_stay_readable_on_a_telephone(name: str, find_page: Find, open_page: OpenPage) -> None:
    smallest = open_page(find_page(name), 320).evaluate(
        """() => Math.min(...[...document.querySelectorAll('.chart svg text')].map(text =>
          parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
    )
    assert smallest >= 8


@pytest.mark.parametrize("name", PAGES)
def test_the_first_key_leads_past_the_top(name: str, find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page(name), 320)
    page.keyboard.press("Tab")
    focused = page.evaluate(
        """() => {
          const box = document.activeElement.getBoundingClientRect();
          return [document.activeElement.className, box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight];
        }"""
    )
    assert focused == ["skip", True]
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


@pytest.mark.parametrize("name", PAGES)
def test_it_reads_without_scripts_and_asks_for_nothing_else(name: str, find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page(name), 1280, java_script_enabled=False)
    told = " ".join(page.inner_text("main").split())
    for heading in page.locator("main :is(h1, h2)").all_inner_texts():
        assert " ".join(heading.split()) in told
    assert len(told) > (100 if name == "failed" else 500)
    assert seen_by(page).requests == [find_page(name).as_uri()]


@pytest.mark.parametrize("name", ["failed", "notice"])
def test_what_failed_is_said_above_everything_else(name: str, find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page(name), 320)
    note = page.locator(".note.warning").first
    assert "the last run failed" in note.inner_text()
    assert note.bounding_box()["y"] < 900  # type: ignore[index]


@pytest.mark.parametrize("name", STUDIES)
def test_the_first_screen_holds_the_answer(name: str, find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page(name))
    places = page.evaluate(
        """() => ['.lead', '.finding .value', '.finding .interval', '.means', '.limits'].map(part => {
          const found = document.querySelector(part);
          return found ? Math.round(found.getBoundingClientRect().top) : null;
        })"""
    )
    assert all(place is not None and place < 900 for place in places), places


PLATES = "() => [...document.querySelectorAll('.chart')].map(plate => getComputedStyle(plate).backgroundColor)"
CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parts = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = colour => {
    const [r, g, b] = parts(colour).slice(0, 3).map(v => v / 255).map(v =>
      v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parts(colour)[3] === 255) return colour;
    }
    return getComputedStyle(document.documentElement).colorScheme.startsWith('dark') ? '#000' : 'Canvas';
  };
  const ratio = (one, two) => {
    const [low, high] = [light(one), light(two)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  const look = (element, colour, least) => {
    const reached = ratio(colour, behind(element));
    if (reached < least) found.push(`${element.tagName} ${element.className.baseVal ?? element.className} ${colour} ` +
      `on ${behind(element)}: ${reached.toFixed(2)}`);
  };
  for (const element of document.querySelectorAll('body *:not(svg *):not(script):not(style)'))
    if ([...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
      look(element, getComputedStyle(element).color, 4.5);
  for (const mark of document.querySelectorAll('.bar .null, .bar .interval, .bar circle'))
    look(mark, getComputedStyle(mark).stroke, 3);
  for (const words of document.querySelectorAll('.bar text')) look(words, getComputedStyle(words).fill, 4.5);
  return [...new Set(found)];
}"""


@pytest.mark.parametrize("name", PAGES)
def test_nothing_vanishes_in_any_choice_of_colours(name: str, find_page: Find, open_page: OpenPage) -> None:
    page = open_page(find_page(name), 640)
    unfold(page)
    for forced in ("none", "active"):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, forced_colors=forced)
            assert page.evaluate(CONTRAST) == [], (forced, scheme)
            # The plate under a chart stays as the chart's colours were chosen for it.
            assert set(page.evaluate(PLATES)) <= {"rgb(255, 255, 255)"}, (forced, scheme)


def test_pages_are_small_enough_to_send(sample_site: Path) -> None:
    sizes = {}
    for path in (path for name in STUDIES for path in sorted(sample_site.glob(f"[EX]*/{name}.html"))):
        html = path.read_text(encoding="utf-8")
        carried = sum(map(len, re.findall(r'href="data:text/csv[^"]*"', html)))
        sizes[f"{path.parent.name}/{path.name}"] = (len(html.encode()) - carried, carried)
    assert max(size for size, _ in sizes.values()) <= 150_000, sizes
    assert max(carried for _, carried in sizes.values()) <= 60_000, sizes
