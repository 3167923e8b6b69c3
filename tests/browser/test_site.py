"""The pages around the studies' own in a browser: rules, the way to an answer, and a search that forgives."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from insight.reporting.notice import with_age
from insight.reporting.site import Summaries
from insight.reporting.site_freshness import Age
from insight.reporting.site_make import make_site
from tests.browser.conftest import RESIZE, OpenPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

CODE, REGION, QUESTION = "X06000001", "X12000001", "questions/getting_to_good.html"
KINDS = (
    "index.html",
    QUESTION,
    "questions/indicator_profile.html",
    f"{CODE}/index.html",
    f"{REGION}/index.html",
    "sources.html",
    "glossary.html",
    "errors.html",
    "methods.html",
    "methods/caseload_turnover.html",
    "methods/site_effect.html",
    "methods/methods_that_several_studies_share.html",
)
# Those that say so where a page failed, or shows figures that are two releases old.
TROUBLED = ("index.html", QUESTION, f"{CODE}/index.html", f"{REGION}/index.html", "sources.html", "errors.html")


@pytest.fixture(scope="module")
def troubled(sample_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample site where one page failed and the figures of another source are old, with a workbook of an area."""
    out = tmp_path_factory.mktemp("troubled")
    shutil.copytree(sample_site, out, dirs_exist_ok=True)
    manifest = json.loads((out / "manifest.json").read_bytes())
    key = "ofsted_outcomes"
    manifest["releases"][key] = [*manifest["releases"][key], "2030", "2031"]
    manifest["failed"] = {
        f"{CODE}/site_effect.html": "E701 running a page found: E500 too few rows",
        f"{CODE}/other.html": "E704 running a page",
    }
    manifest["extra"] = {f"{CODE}/numbers.xlsx": "0" * 64}
    for address, data in make_site(manifest, Summaries().of(out, manifest["pages"])).items():
        (out / address).write_bytes(data)
    page = out / CODE / "getting_to_good.html"
    marked = with_age(page.read_bytes(), (Age(key, "Inspection outcomes", "2025", "2031", 2),))
    assert marked is not None
    page.write_bytes(marked)
    return out


@pytest.mark.parametrize("address", KINDS)
def test_no_rule_of_accessibility_is_broken(
    address: str, sample_site: Path, open_page: OpenPage, broken_rules: Any
) -> None:
    page = open_page(sample_site / address)
    assert broken_rules(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert broken_rules(page) == []
    page.emulate_media(color_scheme="dark")
    assert broken_rules(page, colours=True) == []


@pytest.mark.parametrize("address", [*TROUBLED, f"{CODE}/getting_to_good.html"])
def test_what_is_wrong_or_old_breaks_no_rule_either(
    address: str, troubled: Path, open_page: OpenPage, broken_rules: Any
) -> None:
    page = open_page(troubled / address)
    assert "2031" in page.inner_text("main") or "release old" in page.inner_text("main") or address == "errors.html"
    assert broken_rules(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert broken_rules(page) == []


STRUCTURE = """() => {
  const words = element => element.textContent.replace(/\\s+/g, ' ').trim();
  const all = selector => [...document.querySelectorAll(selector)];
  return {
    headings: all('h1,h2,h3,h4,h5,h6').map(h => Number(h.tagName[1])),
    tables: all('table').map(t => [words(t.caption), [...t.querySelectorAll('th')].map(th => th.scope)]),
    links: all('main a[href]').map(a => [words(a), a.getAttribute('href')]),
    ids: all('[id]').map(e => e.id),
    scripts: all('script').length,
    pictures: all('img').map(i => i.alt),
  };
}"""


@pytest.mark.parametrize("address", KINDS)
def test_headings_tables_and_links_are_in_order(address: str, troubled: Path, open_page: OpenPage) -> None:
    found = open_page(troubled / address).evaluate(STRUCTURE)
    assert found["headings"][0] == 1 and found["headings"].count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(found["headings"]))
    for caption, scopes in found["tables"]:
        assert caption and scopes and set(scopes) <= {"col", "row"}
    goals: dict[str, set[str]] = {}
    for words, href in found["links"]:
        assert words
        goals.setdefault(words, set()).add(href)
    assert {words: hrefs for words, hrefs in goals.items() if len(hrefs) > 1} == {}
    assert len(found["ids"]) == len(set(found["ids"]))
    assert found["scripts"] == int(address == "index.html")
    assert all(len(alt) >= 40 for alt in found["pictures"])


@pytest.mark.parametrize("address", KINDS)
def test_nothing_scrolls_sideways_at_any_size_of_letters(address: str, sample_site: Path, open_page: OpenPage) -> None:
    page = open_page(sample_site / address, 320)
    broad = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(broad) <= 0
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(RESIZE, "200%")
    assert page.evaluate(broad) <= 0


def links_of(folder: Path, page: Path, html: str) -> list[Path]:
    from html.parser import HTMLParser

    found: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "a":
                found.append(str(dict(attrs).get("href", "")))

    Links().feed(html)
    own = (
        href.partition("#")[0] for href in found if not href.startswith(("http:", "https:", "data:", "mailto:", "#"))
    )
    return [(page.parent / href).resolve() for href in own]


def test_every_link_of_every_page_leads_to_a_file(sample_site: Path) -> None:
    pages = sorted(sample_site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        for goal in links_of(sample_site, page, page.read_text(encoding="utf-8")):
            assert goal.is_file() and goal.is_relative_to(sample_site.resolve()), f"{page.name}: {goal.name}"


def test_how_long_getting_to_good_takes_is_two_clicks_from_the_index(sample_site: Path, open_page: OpenPage) -> None:
    page = open_page(sample_site / "index.html")
    page.get_by_role("link", name="How long does it take from Inadequate to Good?").click()
    # After one click: the country's answer with its interval, and every area's page.
    assert page.get_by_role("heading", name="The answer for Albion").is_visible()
    assert "95% interval" in page.inner_text("main")
    page.get_by_role("link", name="Ashquarry").click()
    assert page.url.endswith(f"{CODE}/getting_to_good.html")
    assert "Ashquarry" in page.inner_text("main")


def test_an_area_leads_to_its_region_its_studies_and_back(sample_site: Path, open_page: OpenPage) -> None:
    page = open_page(sample_site / "index.html")
    page.get_by_role("link", name="Ashquarry").click()
    assert page.url.endswith(f"{CODE}/index.html")
    page.get_by_role("link", name="Middlemarch").first.click()
    assert page.url.endswith(f"{REGION}/index.html")
    page.get_by_role("link", name="All areas and questions").click()
    assert page.url.endswith("index.html")


def shown(page: Page) -> tuple[list[str], list[str]]:
    """Areas and questions that a search leaves to be seen."""
    areas = page.eval_on_selector_all(
        "li[data-find]", "items => items.filter(i => i.checkVisibility()).map(i => i.firstChild.textContent)"
    )
    questions = page.eval_on_selector_all(
        "li[data-ask]", "items => items.filter(i => i.checkVisibility()).map(i => i.querySelector('a').textContent)"
    )
    return areas, questions


GOOD = "How long does it take from Inadequate to Good?"
TURNOVER = "How do caseloads relate to social worker turnover?"


@pytest.mark.parametrize(
    ("typed", "area", "question"),
    [
        ("Ashquarry", "Ashquarry", None),
        ("ashqarry", "Ashquarry", None),
        ("ASH QUARRY council", "Ashquarry", None),
        ("Áshquárry", "Ashquarry", None),
        ("X06000001", "Ashquarry", None),
        ("asqhuarry", "Ashquarry", None),
        ("city of fenbury", "Fenbury, City of", None),
        ("saint orwin", "St. Orwin", None),
        ("st orwin", "St. Orwin", None),
        ("dunmarrow and wick", "Dunmarrow & Wick", None),
        ("kings tarrow", "King's Tarrow", None),
        ("how long does getting to good take", None, GOOD),
        ("gettin to good", None, GOOD),
        ("inadequate", None, GOOD),
        ("leaving and caseload", None, TURNOVER),
        ("staff turnovr", None, TURNOVER),
        ("do sites reduce referals?", None, "Do co-located test-and-learn sites reduce referrals?"),
    ],
)
def test_the_search_forgives(
    typed: str, area: str | None, question: str | None, sample_site: Path, open_page: OpenPage
) -> None:
    page = open_page(sample_site / "index.html")
    page.get_by_label("Find an area or a question").fill(typed)
    areas, questions = shown(page)
    if area is not None:
        assert areas == [area]
    if question is not None:
        assert question in questions and len(questions) < 4
    assert "found" in page.inner_text("#found")
    page.get_by_label("Find an area or a question").fill("")
    # Folded areas are no longer seen; all others are.
    assert len(shown(page)[1]) > 4 and page.inner_text("#found") == ""


def test_a_search_that_finds_nothing_says_what_to_try(sample_site: Path, open_page: OpenPage) -> None:
    page = open_page(sample_site / "index.html")
    page.get_by_label("Find an area or a question").fill("xylophone")
    assert shown(page) == ([], [])
    assert page.inner_text("#found") == "Nothing found. Try fewer letters, other words or the code."


def test_a_region_is_found_with_its_areas(sample_site: Path, open_page: OpenPage) -> None:
    page = open_page(sample_site / "index.html")
    page.get_by_label("Find an area or a question").fill("middlemarch")
    assert "Ashquarry" in shown(page)[0]


def test_without_a_script_everything_is_there_but_the_search(sample_site: Path, open_page: OpenPage) -> None:
    page = open_page(sample_site / "index.html", java_script_enabled=False)
    assert not page.get_by_label("Find an area or a question").is_visible()
    assert page.get_by_role("link", name=GOOD).is_visible()
    assert page.get_by_role("link", name="Ashquarry").is_visible()


def test_the_keyboard_reaches_the_search_and_the_first_question(sample_site: Path, open_page: OpenPage) -> None:
    page = open_page(sample_site / "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("inadequate")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/getting_to_good.html")


def test_pages_are_small_enough_to_send(sample_site: Path) -> None:
    for address in KINDS:
        assert (sample_site / address).stat().st_size < 150_000, address
