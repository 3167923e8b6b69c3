"""The brief on paper: two to four pages, with nothing cut, whoever it is of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

# An ordinary place, one that is tiny, a member of a joint return, and one that was abolished.
AUTHORITIES = ("X06000001", "X06000039", "X06000048", "X10000001")
LISTS = ("Strongest", "Weakest", "What moved", "How far from England", "Everything on the list", "How to read this")


@pytest.fixture(scope="module")
def briefs(root: Path, chromium: str, sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of briefs alone, made by the command that makes briefs."""
    out = tmp_path_factory.mktemp("briefs")
    chosen = [word for code in AUTHORITIES for word in ("--authority", code)]
    command = [sys.executable, "-m", "insight", "brief", *chosen, "--out", str(out / "site")]
    settings = {
        "INSIGHT_RAW": str(root / "data" / "raw" / "sample"),
        "INSIGHT_PROCESSED": str(sample_store.parent),
        "INSIGHT_BROWSER": chromium,
    }
    told = subprocess.run(
        [*command, "--pdf"], cwd=root, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
    return out / "site"


@pytest.mark.parametrize("area", AUTHORITIES)
def test_a_brief_prints_on_two_to_four_pages(briefs: Path, open_page: Callable[..., object], area: str) -> None:
    page = open_page(briefs / area / "authority_brief.html")
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))  # type: ignore[attr-defined]
    by_command = PdfReader(briefs / area / "authority_brief.pdf")
    for reader in (printed, by_command):
        assert 2 <= len(reader.pages) <= 4
        for sheet in reader.pages:
            assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == (595, 842)
    text = " ".join(" ".join(sheet.extract_text() for sheet in by_command.pages).split())
    assert all(heading in text for heading in LISTS)
    assert "false-discovery rate of 5%" in text or "could be looked at" in text


@pytest.mark.parametrize("width", [1280, 320])
def test_a_brief_breaks_no_rule_and_needs_no_sideways_scroll(
    briefs: Path, open_page: Callable[..., object], broken_rules: Callable[[object], list[str]], width: int
) -> None:
    page = open_page(briefs / AUTHORITIES[0] / "authority_brief.html", width)
    assert broken_rules(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth")  # type: ignore[attr-defined]
    assert wide <= width


WIDER = """[...document.querySelectorAll("main .scroll:has(table)")].filter(e => e.clientWidth).map(
    e => [e.scrollWidth - e.clientWidth, e.getAttribute("role"), e.getAttribute("aria-label"), e.tabIndex])"""


@pytest.mark.parametrize("area", AUTHORITIES)
def test_tables_fit_a_desk_and_scroll_by_themselves_on_a_telephone(
    briefs: Path, open_page: Callable[..., object], area: str
) -> None:
    address = briefs / area / "authority_brief.html"
    desk = open_page(address, 1280).evaluate(WIDER)  # type: ignore[attr-defined]
    assert desk and all(wider <= 0 for wider, *_ in desk)
    telephone = open_page(address, 320)
    assert telephone.evaluate("document.documentElement.scrollWidth") <= 320  # type: ignore[attr-defined]
    for wider, role, label, index in telephone.evaluate(WIDER):  # type: ignore[attr-defined]
        assert wider <= 0 or (role == "region" and label and index == 0)


def test_an_empty_list_has_no_headings_and_no_download(briefs: Path) -> None:
    page = (briefs / "X06000039" / "authority_brief.html").read_text(encoding="utf-8")
    assert "No rows." not in page and "X06000039-authority_brief-strongest.csv" not in page
    assert page.count("that is no proof that there is none.") == 3
    assert "X06000039-authority_brief-work.csv" in page
    assert "authority_brief-strongest.csv" in (briefs / AUTHORITIES[0] / "authority_brief.html").read_text("utf-8")


def test_the_first_screen_explains_a_false_discovery_rate(briefs: Path, open_page: Callable[..., object]) -> None:
    page = open_page(briefs / AUTHORITIES[0] / "authority_brief.html", 1280)
    box = page.get_by_text("A false-discovery rate of 5% means").bounding_box()  # type: ignore[attr-defined]
    assert box["y"] + box["height"] < 800
