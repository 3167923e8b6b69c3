"""A chart is rebuilt from what is known to be harmless, or refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from insight.errors import PageRefused
from insight.reporting.svg import rebuilt

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"'


def _draw(inside: str, *, root: str = "", before: str = "") -> str:
    return rebuilt(f"{before}{HEAD} {root}>{inside}</svg>", prefix="c1-", label='A "label"', place="cell 3")


def test_a_matplotlib_drawing_keeps_its_shapes_and_loses_its_styles(finding: Any) -> None:
    original = finding.plot().svg
    made = rebuilt(original, prefix="c1-", label="words", place="cell 3")
    assert len(made) < len(original)
    assert made.count("<path") == original.count("<path")
    assert re.findall(r">([^<>]+)</text>", made) == re.findall(r">([^<>\n]+)</text>", original)
    assert "style" not in made
    assert 'fill="url(#c1-' in made
    assert 'font-size="10px"' in made
    assert 'font-weight="700"' in made or 'font-weight="bold"' in made


def test_the_root_carries_the_words_and_the_page_decides_the_size() -> None:
    made = _draw(
        "<rect width='2' height='3'/>", root='width="432pt" height="200pt" style="position:fixed" version="1.1"'
    )
    assert made.startswith(
        '<svg role="img" aria-label="A &quot;label&quot;" stroke-linejoin="round" viewBox="0 0 9 9">'
    )
    assert made.endswith('<rect width="2" height="3"/></svg>')


def test_names_get_a_prefix_and_unused_ones_go() -> None:
    made = _draw(
        '<g id="figure_1"><defs><path id="m" d="M0 0"/></defs><use xlink:href="#m"/><use href="#m"/>'
        '<g clip-path="url(#m)"><path d="M 1 1 \nL 2 2"/></g></g>'
    )
    assert made.count('id="c1-m"') == 1
    assert made.count('href="#c1-m"') == 2
    assert 'clip-path="url(#c1-m)"' in made
    assert "figure_1" not in made
    assert 'd="M 1 1 L 2 2"' in made


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject><p>x</p></foreignObject>",
        '<image href="http://x/y.png"/>',
        '<image href="data:image/png;base64,AAAA"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<use href="http://x/y.svg#a"/>',
        '<use xlink:href="data:image/svg+xml,x#a"/>',
        "<style>@import url(http://x)</style>",
        "<style>*{stroke-linejoin: round; stroke-linecap: butt} p{}</style>",
        '<rect onload="alert(1)"/>',
        '<rect fill="url(http://x/y)"/>',
        '<rect style="fill: url(//x)"/>',
        '<rect style="background: red"/>',
        '<rect style="fill: u\\72l(x)"/>',
        '<rect style="behavior: url(#a)"/>',
        '<animate attributeName="href" to="javascript:x"/>',
        '<set attributeName="onload" to="x"/>',
        "<svg/>",
        '<p xmlns="http://www.w3.org/1999/xhtml">x</p>',
        "<?xml-stylesheet href='x'?>",
        "<rect",
        "&evil;",
        "<text style='font: x'>x</text>",
    ],
)
def test_anything_that_no_chart_needs_is_refused_without_being_quoted(inside: str) -> None:
    with pytest.raises(PageRefused) as refused:
        _draw(inside)
    assert "cell 3" in refused.value.asked
    assert inside not in str(refused.value)


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE svg [<!ENTITY a "x">]>',
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        "<?php x ?>",
    ],
)
def test_declarations_and_instructions_are_refused(before: str) -> None:
    with pytest.raises(PageRefused):
        _draw("<text>x</text>", before=before)


def test_a_drawing_of_another_kind_is_refused() -> None:
    for text in ("", "words", "<svg/>", "<html xmlns='http://www.w3.org/1999/xhtml'/>"):
        with pytest.raises(PageRefused):
            rebuilt(text, prefix="c1-", label="x", place="cell 3")
    with pytest.raises(PageRefused, match="viewBox"):
        rebuilt('<svg xmlns="http://www.w3.org/2000/svg"/>', prefix="c1-", label="x", place="cell 3")


def test_what_matplotlib_says_of_itself_is_left_out() -> None:
    made = _draw(
        "<metadata><x xmlns='y'>Matplotlib</x></metadata>"
        "<defs><style type='text/css'>*{stroke-linejoin: round; stroke-linecap: butt}</style></defs><!-- c --><g/>"
    )
    assert "Matplotlib" not in made
    assert "style" not in made
    assert "<g" not in made
