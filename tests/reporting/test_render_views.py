"""The first screen and the tables in words: figures as the sentences give them, intervals without an end, contents."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from nbformat.v4 import new_markdown_cell

from insight.reporting.payloads import ColumnContent, TableContent
from insight.reporting.render import render
from insight.reporting.views import table_view


def first_screen(build: Any, context: Any, finding: Any, **headline: Any) -> str:
    estimate = replace(finding.headline, **headline)
    html = render(build(of=replace(finding, headline=estimate, estimates=(estimate,))), context).html
    return html[html.index('<section class="finding"') : html.index("</section>")]


@pytest.mark.parametrize(
    ("decimals", "shown", "interval"), [(0, "6", "3 to 9"), (1, "6.1", "3.4 to 9.0"), (2, "6.06", "3.41 to 9.01")]
)
def test_number_and_interval_have_the_decimals_of_the_estimate(
    build: Any, context: Any, finding: Any, decimals: int, shown: str, interval: str
) -> None:
    html = first_screen(build, context, finding, value=6.0637, low=3.4137, high=9.0087, null=None, decimals=decimals)
    assert f'<p class="value">{shown}</p>' in html
    assert f"95% interval: {interval}</p>" in html


@pytest.mark.parametrize(
    ("low", "high", "said"), [(3.4, None, "3.40 or more"), (None, 9.0, "9.00 or less"), (None, None, None)]
)
def test_an_interval_without_an_end_says_so(
    build: Any, context: Any, finding: Any, low: float | None, high: float | None, said: str | None
) -> None:
    html = first_screen(build, context, finding, value=6.0, low=low, high=high, null=None)
    assert (f"95% interval: {said}" if said else "No interval can be given for this number") in html
    assert ("<svg" in html) == bool(said)
    if low is not None:
        assert 'x2="100.0%"' in html  # the bar leaves the picture where there is no end
        assert "near the dot best" not in html
    elif high is not None:
        assert 'x1="0.0%"' in html


def test_a_number_without_an_interval_says_why_where_its_method_does(build: Any, context: Any, finding: Any) -> None:
    method = "share of all; a full count, so no interval; rank by simulation"
    html = first_screen(build, context, finding, low=None, high=None, null=None, method=method)
    assert '<p class="small">A full count, so no interval.</p>' in html
    assert "rank by simulation" not in html


def test_the_bar_stands_in_the_order_of_its_numbers(build: Any, context: Any, finding: Any) -> None:
    html = first_screen(build, context, finding)  # 0.13 to 0.72 around 0.42, and none at 0
    null, low, high, value = (
        float(re.search(pattern, html)[1])  # type: ignore[index]
        for pattern in (
            r'class="null" x1="([\d.]+)%',
            r'class="interval" x1="([\d.]+)%',
            r'class="interval" .*?x2="([\d.]+)%',
            r'<circle class="value" cx="([\d.]+)%',
        )
    )
    assert 0 < null < low < value < high < 100
    # Places are in proportion to the numbers.
    assert (value - low) / (high - low) == pytest.approx((0.4213 - 0.1271) / (0.7155 - 0.1271), abs=0.01)
    assert ">no difference</text>" in html


def table(rows: int, columns: int) -> TableContent:
    heads = tuple(ColumnContent(key=f"k{n}", label=f"Column {n}", kind="number", decimals=0) for n in range(columns))
    cells = tuple(tuple(float(n) for n in range(columns)) for _ in range(rows))
    return TableContent(name="t", caption="Numbers", columns=heads, rows=cells, notes=())


@pytest.mark.parametrize(
    ("rows", "columns", "folded"), [(20, 10, ""), (21, 3, "Numbers: 21 rows"), (1, 11, "Numbers: 1 row")]
)
def test_a_table_for_looking_up_is_folded(rows: int, columns: int, folded: str) -> None:
    assert table_view(table(rows, columns), number=1, file_parts=("a",)).folded == folded


def test_the_twin_of_a_broad_chart_shows_its_first_rows_and_its_download_all() -> None:
    view = table_view(table(40, 20), number=1, file_parts=("a",), twin=True)
    assert len(view.rows) == 5
    assert view.notes[0] == "The first 5 of 40 rows; the download holds them all."
    assert view.csv_address.count("%0A") == 41
    assert len(table_view(table(40, 4), number=1, file_parts=("a",), twin=True).rows) == 40


def test_the_contents_name_every_section_once_and_lead_to_it(build: Any, context: Any, look: Any) -> None:
    html = render(build([new_markdown_cell("## The finding\n\nagain\n\n## Ärger & 2+2\n\nwords")]), context).html
    contents = html[html.index('<nav class="contents"') : html.index("</nav>", html.index('<nav class="contents"'))]
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', contents)
    seen = look(html)
    assert [words for _, words in links] == [
        "What the data cover",
        "How the question is answered",
        "What happened here",
        "The finding",
        "Ärger &amp; 2+2",
        "Limits of the data",
        "How this page was made",
    ]
    anchors = [attributes["id"] for tag, attributes in seen.elements if tag == "h2" and "id" in attributes]
    assert anchors == [anchor for anchor, _ in links]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z0-9-]+", anchor) for anchor in anchors)
