"""The page: what stands where, in which words, and the same bytes every time."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from insight.core.display import MIME
from insight.reporting.render import render
from insight.reporting.templating import asset

SITE = {"../index.html", "index.html"}


def test_the_notebooks_title_is_the_only_first_heading_and_no_level_is_skipped(
    build: Any, context: Any, look: Any
) -> None:
    deep = [new_markdown_cell("#### Deep\n\nwords\n\n# Another title\n\nwords\n\n> # quoted")]
    seen = look(render(build(deep), context).html)
    levels = [level for level, _ in seen.headings]
    assert levels.count(1) == 1
    assert seen.headings[0] == (1, "How do caseloads relate to social worker turnover?")
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_finding_comes_before_everything_else_and_leaves_no_empty_heading(
    build: Any, context: Any, look: Any
) -> None:
    seen = look(render(build(), context).html)
    texts = [text for _, text in seen.headings]
    assert texts[:4] == [
        "How do caseloads relate to social worker turnover?",
        "What it means",
        "What this does not show",
        "What the data cover",
    ]
    assert "The finding" not in texts
    first_screen = seen.text[: seen.text.index("What the data cover")]
    for words in (
        "Asked by the region's directors",
        "0.42",
        "95% interval: 0.13 to 0.72",
        "Higher.",
        "Why people leave",
    ):
        assert words in first_screen


def test_words_table_download_and_record_hold_the_same_numbers(build: Any, context: Any, look: Any) -> None:
    page = render(build(), context)
    seen = look(page.html)
    recorded = {estimate["key"]: estimate for estimate in page.record["estimates"]}["lag_opening"]
    rows = seen.downloads()["E06000051-caseload_turnover-estimates.csv"]
    downloaded = dict(zip(rows[0], rows[1], strict=True))
    assert recorded["value"] == float(downloaded["Value"]) == 0.4213
    assert [recorded["low"], recorded["high"]] == [float(downloaded["Low"]), float(downloaded["High"])]
    assert re.search(r'<p class="value">([^<]*)</p>', page.html)[1] == f"{recorded['value']:.2f}"  # type: ignore[index]
    assert f"{recorded['value']:.2f} percentage points higher" in page.record["words"][0]
    assert page.record["words"][0] in seen.text
    assert f" {recorded['value']:.3f} {recorded['std_error']:.3f} {recorded['low']:.3f}" in seen.text


def test_a_missing_cell_says_why_in_the_table_and_in_the_download(build: Any, context: Any, look: Any) -> None:
    seen = look(render(build(), context).html)
    assert "c: withheld to protect people" in seen.text
    rows = seen.downloads()["E06000051-caseload_turnover-paths.csv"]
    assert rows[0] == ["Year to 30 September", "Turnover (%)", "Area"]
    assert rows[3] == ["2020", "c", "Wellmoor"]
    assert rows[4] == ["2021", "16", "Wellmoor"]


def test_every_table_has_a_caption_scopes_a_region_to_scroll_in_and_a_download(
    build: Any, context: Any, look: Any
) -> None:
    words = [new_markdown_cell("## Terms\n\n| term | share |\n| --- | ---: |\n| a | 1 |")]
    seen = look(render(build(words), context).html)
    tables = len(seen.all("table"))
    assert len(seen.all("caption")) == tables == 7
    assert all(cell.get("scope") in {"col", "row"} for cell in seen.all("th"))
    regions = [box for box in seen.all("div") if box.get("role") == "region"]
    assert len(regions) == tables + 1  # and the chart
    assert all(box["tabindex"] == "0" and box["aria-label"] for box in regions)
    assert len({box["aria-label"] for box in regions}) == len(regions)
    assert len([link for link in seen.all("a") if "download" in link]) == 6


def test_a_chart_has_words_for_those_who_do_not_see_it_and_its_numbers(build: Any, context: Any, look: Any) -> None:
    seen = look(render(build(), context).html)
    pictures = [picture for picture in seen.all("svg") if picture.get("role") == "img"]
    assert [picture["aria-label"][:30] for picture in pictures] == ["Line: turnover in Wellmoor was"]
    assert len(seen.all("figure")) == len(seen.all("figcaption")) == 1
    assert "The numbers behind this chart" in seen.text


def test_a_page_asks_for_nothing_and_runs_nothing(build: Any, context: Any, look: Any) -> None:
    html = render(build(), context).html
    seen = look(html)
    assert not {"script", "iframe", "object", "embed", "form", "img", "base"} & {tag for tag, _ in seen.elements}
    assert not [name for _, attributes in seen.elements for name in attributes if name == "style" or name[:2] == "on"]
    policy = next(meta["content"] for meta in seen.all("meta") if meta.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert html.count("<style>") == 1
    addresses = [value for _, a in seen.elements for name, value in a.items() if name in {"href", "src"}]
    assert all(address.startswith(("#", "data:")) or address in SITE for address in addresses)


def test_ids_are_never_repeated_and_each_reference_is_met(
    build: Any, context: Any, finding: Any, shown: Any, look: Any
) -> None:
    html = render(build([new_code_cell("again", outputs=[shown(finding.plot())])]), context).html
    ids = [a["id"] for _, a in look(html).elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]*)\)", html)) | set(re.findall(r'href="#([^"]*)"', html)) <= set(ids)


def test_the_footer_says_what_the_page_was_made_from(build: Any, context: Any, look: Any) -> None:
    text = look(render(build(), context).html).text
    for said in (
        "insight 0.1.0",
        "version 1",
        "lag_years = 1",
        "note = not set",
        "weighted = no",
        "published v1",
        "1 of 2 passed; 1 for information",
        "csww_indicators_2017_to_2025.csv",
        "release 2025",
        "5f" * 32,
        "d1" * 32,
        "ab" * 32,
    ):
        assert said in text


def test_sample_data_are_named_in_large_letters_and_real_data_are_not(
    build: Any, context: Any, finding: Any, look: Any
) -> None:
    seen = look(render(build(), context).html)
    assert seen.text.count("SAMPLE DATA") == 1
    assert "Sample data" in seen.words[seen.words.index("Sample data: Wellmoor: " + seen.headings[0][1])]
    # One payload of sample data is enough to mark the page.
    mixed = render(build(of=replace(finding, is_sample=False)), context)
    assert "SAMPLE DATA" in mixed.html


def test_code_and_parameters_are_not_shown(build: Any, context: Any) -> None:
    html = render(build(), context).html
    assert "import insight" not in html
    assert "authority = &#39;" not in html


def test_the_same_notebook_gives_the_same_bytes(build: Any, context: Any) -> None:
    assert render(build(), context) == render(build(), context)


def test_a_page_without_a_number_says_why(build: Any, context: Any, finding: Any, look: Any) -> None:
    for headline in (finding.estimates[2], None):
        bare = replace(
            finding,
            verdict="not_estimable",
            headline=headline,
            words=("There are too few years to say.",),
            does_not_show=(),
            all_checks=(),
            rows_left_out=(),
            caveats=(),
        )
        text = look(render(build(of=bare), context).html).text
        assert "No number" in text
        assert "Could not be estimated" in text
        assert ("too few years" in text) if headline else ("None could be estimated." in text)
        assert not re.search(r"\b(nan|inf|NaN|undefined)\b", text)


def test_no_page_holds_a_number_that_went_wrong(build: Any, context: Any, look: Any) -> None:
    text = look(render(build(), context).html).text
    assert not re.search(r"\b(nan|NaN|inf|Infinity|None|NaT|undefined|True|False)\b", text)


def test_warnings_of_the_kernel_do_not_reach_the_page(build: Any, context: Any) -> None:
    warned = new_code_cell("x", outputs=[new_output("stream", name="stderr", text="a careful warning\n")])
    assert "careful" not in render(build([warned]), context).html


def test_a_page_is_small(build: Any, context: Any) -> None:
    html = render(build(), context).html
    assert len(re.sub(r"utf-8,[^\"]*", "", html).encode()) < 60_000


def test_the_rows_left_out_are_listed_once(build: Any, context: Any, shown: Any, finding: Any, look: Any) -> None:
    plain = look(render(build(), context).html)
    assert "fewer than ten social workers" in plain.text
    assert "Rows left out: 1" in plain.text
    output = shown(finding.checks)
    output.data[MIME] = {**output.data[MIME], "name": "left_out"}
    assert "Rows left out: 1" not in look(render(build([new_code_cell("x", outputs=[output])]), context).html).text


def test_the_table_of_a_crowded_chart_is_cut_and_its_download_is_not(
    build: Any, context: Any, shown: Any, finding: Any, look: Any
) -> None:
    output = shown(finding.plot())
    content = dict(output.data[MIME])
    content["table"] = {**content["table"], "name": "crowd", "rows": content["table"]["rows"] * 20}
    output.data[MIME] = content
    seen = look(render(build([new_code_cell("x", outputs=[output])]), context).html)
    assert "The first 20 of 160 rows; the download holds them all." in seen.text
    assert len(seen.downloads()["E06000051-caseload_turnover-crowd.csv"]) == 161


def _shares(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance of the lighter colour against the darker one."""
    light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(_shares, (one, other)))
    return (light[1] + 0.05) / (light[0] + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_words_stand_out_from_their_ground(scheme: int) -> None:
    palettes = [
        dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in re.findall(r":root \{([^}]*)\}", asset("style.css"))
    ]
    colours = palettes[scheme]
    assert set(colours) == set(palettes[0])
    for ground in ("paper", "panel"):
        for word in ("ink", "soft", "accent", "mark"):
            assert _contrast(colours[word], colours[ground]) >= 4.5, (word, ground)
    assert _contrast(colours["ink"], colours["warn"]) >= 4.5
    assert _contrast("#1f1800", "#ffd84d") >= 4.5
