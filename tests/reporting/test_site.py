"""The pages around the studies' own: every question, every area, and what failed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from insight.core.finding import VERDICTS
from insight.core.register import Register
from insight.errors import AmbiguousArea, UnknownArea, UsageError
from insight.reporting.record import write_record
from insight.reporting.render import render
from insight.reporting.site import NumberSummary, SiteEntry, SourceSummary, Summaries, read_full, site_entries
from insight.reporting.site_make import Listing, index_page, make_site
from insight.reporting.site_places import Place, as_plain, by_code, find_place, of_plain, places_of

EVIL = '<script>alert(1)</script>" onfocus="x" {{ 7*7 }} \u202e </style>'


@pytest.fixture(scope="module")
def places() -> tuple[Place, ...]:
    return places_of(Register.read())


@pytest.fixture
def entry() -> SiteEntry:
    return SiteEntry(
        area="E06000051",
        area_name="Shropshire",
        region_name="West Midlands",
        level="authority",
        study="caseload_turnover",
        title="Caseloads and turnover",
        question="How do caseloads relate to social worker turnover?",
        asked="How do caseloads relate to social worker turnover?",
        headline="Turnover tends to be higher.",
        words=("Turnover tends to be higher.",),
        number=NumberSummary(value="0.42", unit="percentage points", interval="95% interval: 0.13 to 0.72"),
        verdict_words=VERDICTS["cannot_tell"].short,
        href="E06000051/caseload_turnover.html",
        name="caseload_turnover",
        also=("Salop",),
    )


def listing(
    *entries: SiteEntry, places: tuple[Place, ...], releases: Any = None, extra: tuple[str, ...] = ()
) -> Listing:
    return Listing(entries, places, releases or {}, (), {}, extra, is_sample=False)


def test_places_go_through_a_manifest_unchanged(places: tuple[Place, ...]) -> None:
    assert of_plain(json.loads(json.dumps(as_plain(places)))) == places
    assert of_plain([{"code": "x"}]) == of_plain(None) == ()


@pytest.mark.parametrize("text", ["Salop", "shropshire", "E06000051", "893"])
def test_a_place_of_a_site_is_found_by_any_of_its_names(text: str, places: tuple[Place, ...]) -> None:
    assert find_place(places, text, levels=("authority",)).code == "E06000051"


def test_a_place_that_is_none_of_the_site_or_several_is_refused(places: tuple[Place, ...]) -> None:
    with pytest.raises(UnknownArea):
        find_place(places, "Camelot", levels=("authority", "region"))
    with pytest.raises(AmbiguousArea, match="Kingston"):
        find_place(places, "Kingston", levels=("authority",))


def test_each_question_and_area_is_a_link_and_areas_stand_under_their_region(
    entry: SiteEntry, places: tuple[Place, ...], look: Any
) -> None:
    other = replace(entry, area="E06000001", area_name="Hartlepool", region_name="North East", href="E06000001/x.html")
    seen = look(index_page(listing(entry, other, places=places)).html())
    assert [text for level, text in seen.headings if level == 3] == ["North East", "West Midlands"]
    assert {"E06000051/index.html", "E06000001/index.html", "questions/caseload_turnover.html"} <= {
        link.get("href") for link in seen.all("a")
    }
    # Both pages say the same first, with one number and interval: it is the country's answer and stands on the front.
    assert seen.text.count("Turnover tends to be higher.") == 1
    assert "An answer for each" not in seen.text
    assert [level for level, _ in seen.headings].count(1) == 1 == seen.headings[0][0]


@pytest.mark.parametrize(
    "number",
    [None, NumberSummary(value="3"), NumberSummary(value="0.42", interval="No interval can be given for this number")],
)
def test_areas_that_happen_to_say_the_same_share_no_answer(
    number: NumberSummary | None, entry: SiteEntry, places: tuple[Place, ...], look: Any
) -> None:
    one = replace(entry, number=number)
    other = replace(one, area="E06000001", area_name="Hartlepool", href="E06000001/x.html")
    pages = site_of(one, other, places=places)
    assert "An answer for each of 2 areas." in look(pages["index.html"]).text
    assert "Turnover tends to be higher." not in look(pages["index.html"]).text
    seen = look(pages["E06000051/index.html"]).text
    assert "Turnover tends to be higher." in seen and "of all areas together" not in seen


def test_an_interval_that_differs_makes_two_answers(entry: SiteEntry, places: tuple[Place, ...], look: Any) -> None:
    number = NumberSummary(value="0.42", unit="percentage points", interval="95% interval: 0.10 to 0.80")
    other = replace(entry, area="E06000001", area_name="Hartlepool", href="E06000001/x.html", number=number)
    assert "An answer for each of 2 areas." in look(index_page(listing(entry, other, places=places)).html()).text


def test_the_index_names_the_areas_that_have_no_page(entry: SiteEntry, places: tuple[Place, ...], look: Any) -> None:
    seen = look(index_page(listing(entry, places=places)).html())
    living = sum(place.level == "authority" and place.is_living for place in places)
    assert f"Areas without a page here: {living - 1}" in seen.text
    assert "Kingston upon Hull" in seen.text


def test_failed_pages_are_named_with_their_reason(entry: SiteEntry, places: tuple[Place, ...], look: Any) -> None:
    kept = replace(entry, status="kept", reason="E701 the kernel died")
    failed = replace(entry, area="E06000001", area_name="Hartlepool", status="failed", href="", reason="too few years")
    seen = look(index_page(listing(kept, failed, places=places)).html())
    assert "Shropshire, Caseloads and turnover (an earlier page stands): E701 the kernel died" in seen.text
    assert "Hartlepool, Caseloads and turnover: too few years" in seen.text
    assert "1 answer, 1 failed" in seen.text and "no page, 1 failed" in seen.text


def test_of_many_failed_pages_the_index_names_the_first(entry: SiteEntry, places: tuple[Place, ...], look: Any) -> None:
    areas = [place for place in places if place.level == "authority" and place.is_living][:23]
    several = [replace(entry, area=p.code, area_name=p.name, status="failed", href="", reason="no") for p in areas]
    seen = look(index_page(listing(*several, places=places)).html())
    assert "And 3 more." in seen.text and {"href": "errors.html"} in seen.all("a")


def test_the_index_reads_without_its_script_and_allows_no_other(
    entry: SiteEntry, places: tuple[Place, ...], look: Any
) -> None:
    html = index_page(listing(entry, places=places)).html()
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


def test_the_search_knows_codes_other_names_and_the_words_of_questions(
    entry: SiteEntry, places: tuple[Place, ...], look: Any
) -> None:
    seen = look(index_page(listing(entry, places=places)).html())
    (own,) = [item["data-find"] for item in seen.all("li") if item.get("data-find", "").startswith("Shropshire ")]
    assert {"E06000051", "Salop", "893"} <= set(own.split())
    (ask,) = [item["data-ask"] for item in seen.all("li") if "data-ask" in item]
    assert "caseload turnover" in ask and "How do caseloads relate" in ask


def test_an_attack_in_a_name_or_reason_stays_text(entry: SiteEntry, places: tuple[Place, ...], look: Any) -> None:
    bad_place = replace(by_code(places)["E06000051"], name=EVIL, also=(EVIL,))
    bad = replace(
        entry,
        area_name=EVIL,
        region_name=EVIL,
        title=EVIL,
        question=EVIL,
        asked=EVIL,
        headline=EVIL,
        words=(EVIL,),
        does_not_show=(EVIL,),
        verdict_words=EVIL,
        status="kept",
        reason=EVIL,
        sources=(SourceSummary(key=EVIL, title=EVIL, release=EVIL, published=EVIL, sha256=EVIL, publisher=EVIL),),
    )
    changed = tuple(bad_place if place.code == bad_place.code else place for place in places)
    pages = site_of(bad, places=changed)
    for address, html in pages.items():
        seen = look(html)
        assert len(seen.all("style")) == 1, address
        assert len(seen.all("script")) == int(address == "index.html"), address
        assert not [name for _, given in seen.elements for name in given if name.startswith("on")], address
        assert "\u202e" not in html
    for address in ("index.html", "E06000051/index.html", "E12000005/index.html", "questions/caseload_turnover.html"):
        assert "<script>alert(1)</script>" in look(pages[address]).text, address
    assert "<script>alert(1)</script>" in look(pages["errors.html"]).text


def site_of(*entries: SiteEntry, places: tuple[Place, ...], **more: Any) -> dict[str, str]:
    """Every page around the studies' own, of these entries."""
    from insight.reporting import site_make

    given = listing(*entries, places=places, **more)
    renderer = site_make._renderer(given)
    pages = {"index.html": index_page(given), "sources.html": site_make.sources_page(given, renderer)}
    for question in given.questions:
        pages[question.href] = site_make.question_page(given, question, renderer)
    for place in given.places:
        if place in given.regions:
            pages[f"{place.code}/index.html"] = site_make.region_page(given, place, renderer)
        elif place.code in given.by_area:
            pages[f"{place.code}/index.html"] = site_make.area_page(given, place, renderer)
    failed = site_make._with_codes(given.failed)
    pages["errors.html"] = renderer("site_errors.html", failed=failed, blocks=())
    return {address: made.html() for address, made in pages.items()}


def test_an_area_lists_its_answers_its_files_and_its_region(
    entry: SiteEntry, places: tuple[Place, ...], look: Any
) -> None:
    other = replace(entry, area="E06000019", area_name="Herefordshire", href="E06000019/caseload_turnover.html")
    own = replace(other, words=(entry.words[0], "In Herefordshire it fell."))
    pages = site_of(entry, own, places=places, extra=("E06000051/numbers.xlsx", "E06000019/other.pdf"))
    seen = look(pages["E06000051/index.html"])
    links = [link.get("href") for link in seen.all("a")]
    assert {"caseload_turnover.html", "numbers.xlsx", "../E12000005/index.html", "../index.html"} <= set(links)
    assert "../questions/caseload_turnover.html" in links and "other.pdf" not in links
    assert "The figures are of all areas together." in seen.text
    # What holds for all areas in one sentence, then what is the area's own.
    other_area = look(pages["E06000019/index.html"]).text
    assert other_area.count("Turnover tends to be higher.") == 1 and "In Herefordshire it fell." in other_area
    region = look(pages["E12000005/index.html"])
    assert {"../E06000051/index.html", "../E06000019/index.html"} <= {link.get("href") for link in region.all("a")}
    assert "Birmingham no page here" in region.text


def test_a_question_about_each_area_drops_its_name(entry: SiteEntry, places: tuple[Place, ...]) -> None:
    one = replace(entry, asked="How does Shropshire compare?", words=("12% in Shropshire.",))
    two = replace(
        entry,
        area="E06000019",
        area_name="Herefordshire",
        href="E06000019/caseload_turnover.html",
        asked="How does Herefordshire compare?",
        words=("9% in Herefordshire.",),
    )
    (question,) = listing(one, two, places=places).questions
    assert question.question == "How does each area compare?"
    assert question.shared == () and question.number is None
    page = site_of(one, two, places=places)["questions/caseload_turnover.html"]
    assert "12% in Shropshire." in page and "9% in Herefordshire." in page


def test_words_of_the_present_are_not_repeated_where_the_figures_are_old(
    entry: SiteEntry, places: tuple[Place, ...]
) -> None:
    source = SourceSummary(key="workforce", title="Workforce", release="2023", sha256="a" * 64)
    old = replace(entry, headline="It is now 12%.", words=("It is now 12%.",), sources=(source,), releases_old=2)
    pages = site_of(old, places=places, releases={"workforce": ("2023", "2024", "2025")})
    for address, html in pages.items():
        assert "It is now 12%." not in html, address
    assert "more than one release old" in pages["index.html"]
    assert "2 releases old: the newest is 2025" in pages["E06000051/index.html"]
    fresh = site_of(replace(old, releases_old=1), places=places)
    assert "It is now 12%." in fresh["E06000051/index.html"]


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "../x.html", "/etc/x.html", "//x/y.html", "a/b/c.html", "a/x.svg"]
)
def test_an_address_out_of_the_site_is_refused(href: str, entry: SiteEntry) -> None:
    with pytest.raises(UsageError):
        replace(entry, href=href)


def test_entries_are_read_from_the_records_that_stand(
    build: Any, context: Any, finding: Any, places: tuple[Place, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "E06000051"
    folder.mkdir()
    write_record(folder / "caseload_turnover.json", render(build(), context).record)
    (folder / "broken.json").write_text("{", encoding="utf-8")
    hrefs = ["E06000051/caseload_turnover.html", "E06000051/broken.html"]
    entries = site_entries(
        {href: read_full(tmp_path / href) for href in hrefs},
        {"E06000051/caseload_turnover.html": "it\n  stopped", "E08000013/other.html": "no data", "Z9/x.html": "no"},
        by_code(places),
    )
    assert [(e.area_name, e.status, e.href, e.reason) for e in entries] == [
        ("Shropshire", "failed", "", "its record cannot be read"),
        ("Shropshire", "kept", "E06000051/caseload_turnover.html", "it stopped"),
        ("St. Helens", "failed", "", "no data"),
    ]
    assert entries[1].headline == finding.words[0]
    assert entries[1].region_name == "West Midlands"
    assert entries[1].number is not None and "0.42" in entries[1].number.value
    html = index_page(listing(*entries, places=places)).html()
    assert html == index_page(listing(*reversed(entries), places=places)).html()


def test_summaries_are_remembered_by_the_checksum_of_their_record(build: Any, context: Any, tmp_path: Path) -> None:
    record = tmp_path / "E06000051" / "caseload_turnover.json"
    record.parent.mkdir()
    write_record(record, render(build(), context).record)
    pages = {"E06000051/caseload_turnover.html": {"record_sha256": "a" * 64}}
    memory = tmp_path / "summaries.json"
    first = Summaries(memory)
    read = first.of(tmp_path, pages)
    first.save()
    record.unlink()
    assert Summaries(memory).of(tmp_path, pages) == read
    assert Summaries(memory).of(tmp_path, {"E06000051/caseload_turnover.html": {"record_sha256": "b" * 64}}) == {
        "E06000051/caseload_turnover.html": None
    }
    memory.write_text("{", encoding="utf-8")
    assert Summaries(memory).of(tmp_path, pages) == {"E06000051/caseload_turnover.html": None}


def test_the_same_manifest_gives_the_same_site(places: tuple[Place, ...]) -> None:
    manifest = {
        "places": as_plain(places),
        "studies": {},
        "releases": {},
        "pages": {},
        "failed": {"E06000051/caseload_turnover.html": "E500 too few rows"},
        "extra": {},
        "data_hash": "d",
        "is_sample": False,
    }
    made = make_site(manifest, {})
    assert made == make_site(json.loads(json.dumps(manifest)), {})
    assert {"index.html", "methods.html", "glossary.html", "sources.html", "errors.html"} <= set(made)
    assert b'href="errors.html#E500"' in made["errors.html"] and b'id="E500"' in made["errors.html"]


@pytest.mark.parametrize(
    ("release", "published", "said"),
    [
        ("2025", "2026-02-26", "release 2025, published 2026-02-26"),
        ("2025", "", "release 2025, day of publication not recorded"),
        ("2025, published 2025-11-05", "2025-11-05", "release 2025, published 2025-11-05"),
    ],
)
def test_the_footer_says_when_each_source_was_published(
    build: Any, context: Any, finding: Any, source: Any, look: Any, release: str, published: str, said: str
) -> None:
    shown = replace(source, release=release, published=published)
    named = render(build(of=replace(finding, all_sources=(shown,))), replace(context, sources=()))
    given = render(build(), replace(context, sources=(shown,)))
    assert f"{said} SHA-256" in look(named.html).text
    assert f"{said}, file {source.file} SHA-256" in look(given.html).text


def test_a_notebook_run_by_hand_becomes_the_same_kind_of_page(build: Any, look: Any) -> None:
    from insight.reporting.exporter import InsightExporter

    notebook: nbformat.NotebookNode = build()
    notebook.metadata["papermill"] = {"parameters": {"lag_years": 1}}
    html, resources = InsightExporter().from_notebook_node(notebook)
    assert resources["output_extension"] == ".html"
    assert "lag_years = 1" in look(html).text
    assert look(html).headings[0] == (1, "How do caseloads relate to social worker turnover?")
