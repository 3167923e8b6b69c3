"""Whatever stands in a name, a cell, a heading or a file name stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from insight.core.display import MIME
from insight.core.html import escape
from insight.reporting.render import render

MARK = "zqz"
EVIL = (
    f"{MARK}<script>alert(1)</script><img src=x onerror=alert(1)>{{{{ 7*7 }}}}{{% raw %}}%s {{0.__class__}}"
    "[go](javascript:alert(1))</style></title></caption></table></svg><svg onload=alert(1)>"
    "\" onfocus=\"alert(1)\" ' onclick='alert(1)' --> ]]> &lt;b&gt; \u202eright to left\u2066\u0007 $\\input{x}$"
)
FORMULAS = ('=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")
ELEMENTS = """
html head meta title link style body a header p nav main h1 h2 h3 section div ul ol li span table caption thead tr th
tbody td svg line circle path rect g text use defs clippath pattern figure figcaption details summary strong em dl dt dd
br footer code blockquote
"""
TAGS = set(ELEMENTS.split())
FIXED = {"kind", "svg", "status", "tone", "scale", "verdict", "study", "headline"}


def _poisoned(content: Any, evil: str, name: str = "") -> Any:
    """Every free text of a payload with the attack behind it."""
    if isinstance(content, dict):
        return {key: value if key in FIXED else _poisoned(value, evil, key) for key, value in content.items()}
    if isinstance(content, list):
        return [_poisoned(item, evil, name) for item in content]
    if isinstance(content, str):
        return content if name in ("key", "policy") else content + evil
    return content


def _attacked(notebook: nbformat.NotebookNode, evil: str) -> nbformat.NotebookNode:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = f"{cell.source}\n\n{evil}\n\n> {evil}\n\n| a | b |\n| --- | --- |\n| {evil} | {evil} |"
        for output in cell.get("outputs", []):
            output.data[MIME] = _poisoned(dict(output.data[MIME]), evil)
    return notebook


@pytest.fixture
def attacked(build: Any, context: Any, source: Any) -> Any:
    """A page with the attack in every text that reaches it."""
    bad_source = replace(source, title=EVIL, release=EVIL, file=f"{EVIL}.csv", sha256=EVIL)
    place = replace(
        context,
        study_title=EVIL,
        area=EVIL,
        area_name=EVIL,
        region_name=EVIL,
        parameters={EVIL: EVIL, "more": [EVIL]},
        package_version=EVIL,
        data_hash=EVIL,
        key=EVIL,
        sources=(bad_source,),
    )
    heading = new_markdown_cell(f"## Heading {EVIL}\n\nwords")
    return render(_attacked(build([heading], title=f"# Title {EVIL}"), EVIL), place)


def test_an_attack_in_every_text_gives_nothing_but_text(attacked: Any, look: Any) -> None:
    seen = look(attacked.html)
    assert {tag for tag, _ in seen.elements} <= TAGS
    attributes = {name for _, given in seen.elements for name in given}
    assert not {name for name in attributes if name.startswith("on") or name in {"style", "src", "srcdoc", "action"}}
    for _, given in seen.elements:
        assert re.match(r"#|data:text/csv;|data:,$|(\.\./)?index\.html$", given.get("href", "#")), given["href"]
    assert seen.text.count("<script>alert(1)</script>") > 60
    assert seen.text.count(MARK) > 60
    assert "{{ 7*7 }}" in seen.text
    assert "49" not in re.findall(r"zqz\S*", seen.text)
    assert len(seen.all("title")) == len(seen.all("main")) == len(seen.all("style")) == 1


def test_nothing_turns_the_direction_of_the_text_or_works_unseen(attacked: Any) -> None:
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]", attacked.html)
    assert "\ufffdright to left" in attacked.html


def test_file_names_are_plain_whatever_they_are_made_of(attacked: Any, look: Any) -> None:
    names = [link["download"] for link in look(attacked.html).all("a") if "download" in link]
    assert names
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+\.csv", name) for name in names)


def test_the_record_keeps_the_text_as_it_was(attacked: Any) -> None:
    assert attacked.record["area_name"] == f"Wellmoor{EVIL}"
    assert attacked.record["parameters"] == {EVIL: EVIL, "more": [EVIL]}


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_download_runs_as_a_formula(formula: str, build: Any, context: Any, look: Any) -> None:
    notebook = build()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            content = dict(output.data[MIME])
            for table in (content, content.get("table", {})):
                for column in table.get("columns", ()):
                    column["label"] = formula
                for row in table.get("rows", ()):
                    row[:] = [formula if isinstance(item, str) else _worse(item, formula) for item in row]
            output.data[MIME] = content
    downloads = look(render(notebook, context).html).downloads()
    cells = [cell for rows in downloads.values() for row in rows for cell in row]
    # A lone carriage return would end the row for some readers, so it arrives as a line feed.
    assert f"'{formula}".replace("\r", "\n") in cells
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


def _worse(item: Any, formula: str) -> Any:
    return {**item, "symbol": formula} if isinstance(item, dict) else item


def test_a_genuine_negative_number_is_left_as_it_is(build: Any, context: Any, look: Any) -> None:
    notebook = build()
    content = dict(notebook.cells[4].outputs[0].data[MIME])
    content["rows"][0][1] = -3.25
    notebook.cells[4].outputs[0].data[MIME] = content
    page = render(notebook, context)
    rows = next(rows for name, rows in look(page.html).downloads().items() if name.endswith("-paths.csv"))
    assert rows[1][1] in {"-3.25", "14.25"}
    assert "−3.25" in page.html


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"]
)
def test_a_link_that_could_act_is_no_link(link: str, build: Any, context: Any, look: Any) -> None:
    words = new_markdown_cell(f"[go]({link}) <{link}> [ref]\n\n[ref]: {link}")
    seen = look(render(build([words]), context).html)
    assert not [a["href"] for a in seen.all("a") if a.get("href", "").lower().startswith(link[:12].lower())]


def test_html_in_markdown_is_shown_as_text(build: Any, context: Any, look: Any) -> None:
    words = new_markdown_cell("<div onclick='x'>raw</div>\n\ninline <b onmouseover=x>bold</b>")
    seen = look(render(build([words]), context).html)
    assert "<div onclick='x'>raw</div>" in seen.text
    assert "<b onmouseover=x>bold</b>" in seen.text


def test_text_inside_a_chart_stays_text(build: Any, context: Any, shown: Any, finding: Any, look: Any) -> None:
    words = escape(EVIL.replace("\u0007", ""))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><text>{words}</text></svg>'
    output = shown(finding.plot())
    output.data[MIME] = {**output.data[MIME], "svg": svg}
    seen = look(render(build([new_code_cell("x", outputs=[output])]), context).html)
    assert {tag for tag, _ in seen.elements} <= TAGS
    assert seen.text.count(MARK) == 1
