"""The index: every area, its headline, and what failed."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from insight.core.finding import VERDICTS
from insight.core.register import Register
from insight.errors import UsageError
from insight.reporting.record import write_record
from insight.reporting.render import render
from insight.reporting.site import SiteEntry, index_html, site_entries

EVIL = '<script>alert(1)</script>" onfocus="x" {{ 7*7 }} \u202e </style>'


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.read()


@pytest.fixture
def entry() -> SiteEntry:
    return SiteEntry(
        area="E06000051",
        area_name="Shropshire",
        region_name="West Midlands",
        level="authority",
        study="caseload_turnover",
        title="Caseloads and turnover",
        headline="Turnover tends to be higher.",
        verdict_words=VERDICTS["cannot_tell"].short,
        href="E06000051/caseload_turnover.html",
        also=("Salop",),
    )


def test_each_area_stands_under_its_region_with_headline_verdict_and_link(
    entry: SiteEntry, register: Register, look: Any
) -> None:
    other = replace(entry, area="E06000020", area_name="A Place", region_name="Another Region", href="E06000020/x.html")
    seen = look(
        index_html([entry, other, replace(entry, region_name="", area="E1", href="E1/x.html")], register=register)
    )
    assert [text for level, text in seen.headings if level == 2] == ["Another Region", "West Midlands", "Other areas"]
    assert "Turnover tends to be higher." in seen.text
    assert VERDICTS["cannot_tell"].short in seen.text
    assert {"E06000051/caseload_turnover.html", "E06000020/x.html"} <= {link.get("href") for link in seen.all("a")}
    assert seen.headings[0][0] == 1
    assert [level for level, _ in seen.headings].count(1) == 1


def test_the_index_names_the_areas_that_have_no_page(entry: SiteEntry, register: Register, look: Any) -> None:
    seen = look(index_html([entry], register=register))
    assert f"Areas without a page here: {len(register.authorities()) - 1}" in seen.text
    assert "Kingston upon Hull" in seen.text


def test_failed_pages_are_named_with_their_reason(entry: SiteEntry, register: Register, look: Any) -> None:
    kept = replace(entry, status="kept", reason="the kernel died")
    failed = replace(entry, area="E1", area_name="Nowhere", status="failed", href="", reason="too few years")
    seen = look(index_html([kept, failed], register=register))
    assert "Shropshire, Caseloads and turnover (an earlier page stands): the kernel died" in seen.text
    assert "Nowhere, Caseloads and turnover: too few years" in seen.text
    assert "Earlier page: the last run failed" in seen.text
    assert "No page: the run failed" in seen.text


def test_the_index_reads_without_its_script_and_allows_no_other(
    entry: SiteEntry, register: Register, look: Any
) -> None:
    html = index_html([entry], register=register)
    seen = look(html)
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == html.count("<script") == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = next(meta["content"] for meta in seen.all("meta") if meta.get("http-equiv"))
    assert f"script-src 'sha256-{digest}'" in policy
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    assert f"style-src 'sha256-{base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy
    search = next(box for box in seen.all("div") if box.get("role") == "search")
    assert "hidden" in search
    assert not [item for item in seen.all("li") if "hidden" in item]


def test_the_search_knows_codes_and_other_names(entry: SiteEntry, register: Register, look: Any) -> None:
    items = [
        item["data-find"] for item in look(index_html([entry], register=register)).all("li") if "data-find" in item
    ]
    assert items[0] == "Shropshire E06000051 Salop"


def test_an_attack_in_a_name_or_reason_stays_text(entry: SiteEntry, register: Register, look: Any) -> None:
    bad = replace(
        entry,
        area_name=EVIL,
        region_name=EVIL,
        title=EVIL,
        headline=EVIL,
        verdict_words=EVIL,
        status="kept",
        reason=EVIL,
        also=(EVIL,),
    )
    html = index_html([bad], register=register)
    seen = look(html)
    assert len(seen.all("script")) == len(seen.all("style")) == 1
    assert not [name for _, given in seen.elements for name in given if name.startswith("on")]
    assert seen.text.count("<script>alert(1)</script>") >= 5
    assert "\u202e" not in html


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "../x.html", "/etc/x.html", "//x/y.html", "a/b/c.html", "a/x.svg"]
)
def test_an_address_out_of_the_site_is_refused(href: str, entry: SiteEntry) -> None:
    with pytest.raises(UsageError):
        replace(entry, href=href)


def test_entries_are_read_from_the_records_that_stand(
    build: Any, context: Any, finding: Any, register: Register, tmp_path: Path, look: Any
) -> None:
    folder = tmp_path / "E06000051"
    folder.mkdir()
    write_record(folder / "caseload_turnover.json", render(build(), context).record)
    (folder / "broken.json").write_text("{", encoding="utf-8")
    entries = site_entries(
        tmp_path,
        ["E06000051/caseload_turnover.html", "E06000051/broken.html"],
        {"E06000051/caseload_turnover.html": "it\n  stopped", "E08000013/other.html": "no data"},
        register,
    )
    assert [(e.area_name, e.status, e.href, e.reason) for e in entries] == [
        ("Shropshire", "failed", "", "its record cannot be read"),
        ("Shropshire", "kept", "E06000051/caseload_turnover.html", "it stopped"),
        ("St. Helens", "failed", "", "no data"),
    ]
    assert entries[1].headline == finding.words[0]
    assert entries[1].region_name == "West Midlands"
    html = index_html(entries, register=register)
    assert html == index_html(list(reversed(entries)), register=register)


def test_a_notebook_run_by_hand_becomes_the_same_kind_of_page(build: Any, look: Any) -> None:
    from insight.reporting.exporter import InsightExporter

    notebook: nbformat.NotebookNode = build()
    notebook.metadata["papermill"] = {"parameters": {"lag_years": 1}}
    html, resources = InsightExporter().from_notebook_node(notebook)
    assert resources["output_extension"] == ".html"
    assert "lag_years = 1" in look(html).text
    assert look(html).headings[0] == (1, "How do caseloads relate to social worker turnover?")
