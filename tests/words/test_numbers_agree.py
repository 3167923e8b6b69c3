"""The same number everywhere: words, number block, tables, embedded CSV, charts and the record for machines.

Each is read back from the finished files. What a page shows of a number is compared with the record to half a unit of
the last decimal that is shown; what it carries for machines, to nine digits.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from insight import studies
from insight.reporting.record import EstimateRecord, Record
from tests.words.reading import MOST_IN_FINDING

NUMBER = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?")
COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
AXIS_LETTERS = "11.5"


# Of the whole chart and of no row: limits, a mark, an average; ends of a line or band; where an axis ends.
OF_ALL = (
    r"(?:[Mm]edian|treated:|middle|together|limits|line|place|band|Marked|marks)[^.]*(?:\.\d[^.]*)*?{0}"
    r"|from {0} (?:at|to)|to {0}"
)


@dataclass(frozen=True)
class Csv:
    """An embedded download: its name without area and study, headings and rows."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, head: str) -> int:
        return self.heads.index(head)


@dataclass(frozen=True)
class Chart:
    """A chart: its drawing, its alternative text and its twin."""

    root: ElementTree.Element
    alt: str
    twin: Csv


@dataclass(frozen=True)
class Page:
    """A page read back."""

    html: str
    record: Record

    @property
    def headline(self) -> EstimateRecord | None:
        return self.record.headline_estimate

    @property
    def csvs(self) -> dict[str, Csv]:
        return {each.name: each for each in csvs_in(self.html)}

    @property
    def charts(self) -> list[Chart]:
        found = []
        for figure in re.findall(r"<figure\b.*?</figure>", self.html, re.DOTALL):
            svg = re.search(r"<svg\b.*?</svg>", figure, re.DOTALL)
            assert svg
            root = ElementTree.fromstring(svg[0])  # noqa: S314 - the page is our own
            (twin,) = csvs_in(figure)
            found.append(Chart(root, root.attrib["aria-label"], twin))
        return found


def csvs_in(html: str) -> Iterator[Csv]:
    for name, address in re.findall(r'<a download="([^"]*)" href="data:text/csv;charset=utf-8,([^"]*)"', html):
        text = unquote(unescape(address)).removeprefix("\ufeff")
        heads, *rows = csv.reader(io.StringIO(text))
        yield Csv(name.split("-", 2)[-1].removesuffix(".csv"), tuple(heads), tuple(map(tuple, rows)))


@cache
def read(site: Path) -> tuple[Page, ...]:
    return tuple(
        Page(path.with_suffix(".html").read_text(encoding="utf-8"), Record.model_validate_json(path.read_bytes()))
        for path in sorted(site.glob("[EX]*/*.json"))
    )


def of_study(site: Path, study: str) -> list[Page]:
    found = [page for page in read(site) if page.record.study == study]
    assert found
    return found


def numbers_in(text: str) -> list[float]:
    """Numbers of a sentence, small ones in words too.

    >>> numbers_in("Three of 1,234 fell by −0.5.")
    [3.0, 1234.0, -0.5]
    """
    spelt = re.sub(
        rf"\b({'|'.join(COUNTS)})\b", lambda found: str(COUNTS.index(found[0].lower())), text, flags=re.IGNORECASE
    )
    return [float(found.replace(",", "").replace("−", "-")) for found in NUMBER.findall(spelt)]


def shown(value: float, decimals: int) -> float:
    return round(value, decimals)


def is_in(value: float, text: str, *, decimals: int) -> bool:
    """Whether a sentence has this number as it is shown; words tell the sign."""
    step = 10.0**-decimals
    return any(abs(abs(value) - abs(found)) <= step / 2 + 1e-9 for found in numbers_in(text))


# The first screen: words and number block.


@pytest.mark.parametrize("study", studies.names())
def test_the_number_block_is_the_record(sample_pages: Path, study: str) -> None:
    for page in of_study(sample_pages, study):
        headline = page.headline
        block = re.search(
            r'<div class="number">\s*<p class="value">(.*?)</p>(?:\s*<p class="unit">(.*?)</p>)?', page.html
        )
        interval = re.search(r'<p class="interval">(.*?)</p>', page.html)
        assert block and interval
        if headline is None or headline.value is None:
            assert block[1] == "No number"
            continue
        decimals = headline.decimals
        assert numbers_in(block[1]) == [pytest.approx(shown(headline.value, decimals))]
        assert unescape(block[2]) == headline.unit
        ends = [end for end in (headline.low, headline.high) if end is not None]
        found = numbers_in(interval[1].partition(":")[2])
        assert found == [pytest.approx(shown(end, decimals), abs=10.0**-decimals / 2) for end in ends]


@pytest.mark.parametrize("study", studies.names())
def test_the_words_have_the_number_as_the_block_shows_it(sample_pages: Path, study: str) -> None:
    """The number itself, or both ends of an interval that holds no difference; ratios are said as changes."""
    for page in of_study(sample_pages, study):
        text, headline = " ".join(page.record.words), page.headline
        assert len(text.split()) <= MOST_IN_FINDING
        if headline is None or headline.value is None:
            continue
        decimals = headline.decimals
        known = [headline.value, headline.low, headline.high]
        if headline.scale == "ratio":
            known, decimals = [None if each is None else 100 * (each - 1) for each in known], 0
        spans = headline.low is not None and headline.high is not None and headline.null is not None
        spans = spans and headline.low <= headline.null <= headline.high  # type: ignore[operator]  # known above
        for each in known[1:] if spans else known:
            assert each is None or is_in(each, text, decimals=decimals), (each, text)
            figure = f"{abs(each or 0.0):,.{decimals}f}"
            spelt = COUNTS[int(figure)] if figure.isdigit() and int(figure) < len(COUNTS) else figure
            assert each is None or re.search(rf"(?<![\d.])(?:{re.escape(figure)}|{spelt})(?![\d.]\d)", text), (
                figure,
                text,
            )
        assert re.search(r"could be nothing|cannot tell|no effect|depends", text) or not spans


@pytest.mark.parametrize("study", studies.names())
def test_the_words_on_the_page_are_those_of_the_record(sample_pages: Path, study: str) -> None:
    for page in of_study(sample_pages, study):
        first = page.html[page.html.index('<section class="finding"') : page.html.index("</section>")]
        read_back = [unescape(text) for text in re.findall(r"<(?:p|li)[^>]*>(.*?)</(?:p|li)>", first, re.DOTALL)]
        for sentence in (*page.record.words, *page.record.does_not_show):
            assert sentence in read_back
        words = page.record.verdict_words
        assert f"<strong>{words.short}.</strong> {words.meaning}" in unescape(first)


# Tables and their downloads.


@pytest.mark.parametrize("study", studies.names())
def test_the_table_of_estimates_is_the_record(sample_pages: Path, study: str) -> None:
    for page in of_study(sample_pages, study):
        table = page.csvs.get("estimates")
        if table is None:  # a brief prints no such table; its record has them all
            assert study == "authority_brief"
            continue
        key, places = table.column("Key"), {name: table.column(name.capitalize()) for name in ("value", "low", "high")}
        by_key = {row[key]: row for row in table.rows}
        assert set(by_key) == {estimate.key for estimate in page.record.estimates}
        for estimate in page.record.estimates:
            for name, at in places.items():
                _same(by_key[estimate.key][at], getattr(estimate, name))


def _same(cell: str, value: float | None) -> None:
    if value is None:
        assert not re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell), f"{cell} where the record has no number"
    else:
        assert float(cell) == pytest.approx(value, rel=1e-8, abs=1e-9)


def _tables(html: str) -> Iterator[tuple[list[list[str]], Csv]]:
    """Each table as it is shown, with its download."""
    for body, rest in re.findall(r"<table>.*?<tbody>(.*?)</tbody>(.*?)(?=<table>|</body>)", html, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        cells = [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]
        yield cells, next(csvs_in(rest))


@pytest.mark.parametrize("study", studies.names())
def test_every_table_shows_what_its_download_holds(sample_pages: Path, study: str) -> None:
    for page in of_study(sample_pages, study):
        tables = list(_tables(page.html))
        assert len(tables) == page.html.count("<table>")
        for cells, download in tables:
            if not download.rows:
                continue
            for row, held in zip(cells, download.rows, strict=False):
                assert len(row) == len(held)
                for text, number in zip(row, held, strict=True):
                    _shows(text, number)


def _shows(text: str, held: str) -> None:
    """A cell that is shown is the one that is held, rounded as shown; a missing one has its symbol or reason."""
    if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", held) and re.fullmatch(r"−?[\d,]+(\.\d+)?", text):
        decimals = len(text.partition(".")[2])
        assert float(text.replace(",", "").replace("−", "-")) == pytest.approx(
            float(held), abs=0.5 * 10.0**-decimals + 1e-9
        )
    else:
        plain = held.removeprefix("'") if held.startswith("'") else held
        assert text.startswith(plain) or " ".join(text.split()) == " ".join(plain.split()), (text, held)


# Charts: twin, alternative text and the drawing itself.


def _by_label(chart: Chart) -> dict[str, tuple[str, ...]]:
    return {row[0]: row for row in chart.twin.rows}


def _chart(page: Page, name: str) -> Chart:
    (found,) = [chart for chart in page.charts if chart.twin.name == f"{name}_data"]
    return found


@pytest.mark.parametrize(("study", "name"), [("caseload_turnover", "specifications"), ("site_effect", "designs")])
def test_the_chart_of_estimates_plots_the_headline(sample_pages: Path, study: str, name: str) -> None:
    for page in of_study(sample_pages, study):
        headline = page.headline
        if headline is None:
            continue
        chart = _chart(page, name)
        row = _by_label(chart)[headline.term]
        for cell, value in zip(row[1:4], (headline.value, headline.low, headline.high), strict=True):
            _same(cell, value)
        said = re.search(rf"{re.escape(headline.term)}: (.*?)\. ", chart.alt)
        assert said and numbers_in(said[1]) == [
            pytest.approx(shown(each, 2), abs=0.0051)
            for each in (headline.value, headline.low, headline.high)
            if each is not None
        ]
        across = Scale.across(chart.root)
        places = [float(dot.attrib["cx"]) for dot in chart.root.iter("circle")]
        drawn = [across.value(place) for place in (*places, *diamonds(chart.root))]
        held = [float(each[1]) for each in chart.twin.rows if _is_number(each[1])]
        assert drawn, "no estimate is drawn"
        for value in held:
            assert any(abs(value - each) <= across.dot for each in drawn), (value, drawn)


def diamonds(root: ElementTree.Element) -> list[float]:
    """Where the headline's own mark stands."""
    shape = re.compile(r"M([\d.]+) [\d.]+(?:L[\d.]+ [\d.]+){3}z")
    found = [shape.fullmatch(path.attrib.get("d", "")) for path in root.iter("path")]
    return [float(each[1]) for each in found if each]


def test_the_line_of_the_profile_is_its_figure(sample_pages: Path) -> None:
    for page in of_study(sample_pages, "indicator_profile"):
        figure = next(each for each in page.record.estimates if each.key == "figure")
        chart = _chart(page, "trend")
        unit = figure.term.rpartition(", ")[0]
        own = [(row[2], float(row[3])) for row in chart.twin.rows if row[0] == unit and _is_number(row[3])]
        assert figure.value == pytest.approx(own[-1][1])
        assert is_in(own[-1][1], page.record.words[0], decimals=figure.decimals)
        said = re.search(rf"{re.escape(unit)}: from (\S+) in (\d+) to (\S+) in (\d+)", chart.alt)
        assert said and [float(said[1]), float(said[3])] == [pytest.approx(own[0][1]), pytest.approx(own[-1][1])]
        assert [said[2], said[4]] == [own[0][0], own[-1][0]]
        up = Scale.up(chart.root)
        drawn = [up.value(float(dot.attrib["cy"])) for dot in chart.root.iter("circle")]
        assert len(drawn) >= len(own)
        for _, value in own:
            assert any(abs(value - each) <= up.dot for each in drawn), (value, drawn)
        gap = page.headline
        table = next(row for row in page.csvs["gaps"].rows if gap is not None and gap.term == f"Gap to {row[0]}")
        assert gap is not None and gap.value is not None
        assert float(table[2]) == pytest.approx(gap.value)
        assert float(table[1]) == pytest.approx(own[-1][1] - gap.value)


def test_the_curve_crosses_half_where_the_median_is(sample_pages: Path) -> None:
    for page in of_study(sample_pages, "getting_to_good"):
        headline = page.headline
        assert headline is not None
        chart = _chart(page, "waiting")
        steps = [(float(row[1]), float(row[3])) for row in chart.twin.rows if row[0] == "Published Good"]
        assert min(time for time, left in steps if left <= 50) == pytest.approx(headline.value)
        figure_title = re.findall(r'<p class="chart-title">(.*?)</p>', page.html)
        assert any(is_in(headline.value or 0, title, decimals=headline.decimals) for title in figure_title)
        across = Scale.across(chart.root)
        up = Scale.up(chart.root)
        falls = [
            across.value(x)
            for path in chart.root.iter("path")
            for (x, above), (same, below) in pairwise(points(path.attrib.get("d", "")))
            if x == same and up.value(above) > 50 - up.dot and up.value(below) <= 50 + up.dot
        ]
        assert any(abs((headline.value or 0) - each) <= across.dot for each in falls)


def points(path: str) -> list[tuple[float, float]]:
    """The corners of a path."""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_the_share_of_the_scorecard_is_its_count(sample_pages: Path) -> None:
    for page in of_study(sample_pages, "regional_scorecard"):
        headline = page.headline
        assert headline is not None and headline.value is not None
        good, whole, *_ = numbers_in(page.record.words[0])
        assert 100 * good / whole == pytest.approx(headline.value)
        title = re.search(r"“(.*)”", headline.term)
        assert title
        plotted = _chart(page, "regions")
        (own,) = [row for row in plotted.twin.rows if row[0] == page.record.area_name and row[1].startswith(title[1])]
        _same(own[2], headline.value)
        assert f"{page.record.area_name}: {headline.value:.{headline.decimals}f}" in plotted.alt
        members = [row for row in _chart(page, "members").twin.rows if row[1].startswith(title[1])]
        grades = [float(row[2]) for row in members if _is_number(row[2])]
        assert (sum(grade >= 3 for grade in grades), len(grades)) == (good, whole)


def test_the_brief_counts_what_it_lists(sample_pages: Path) -> None:
    for page in of_study(sample_pages, "authority_brief"):
        headline = page.headline
        if headline is None:
            continue
        lists = [page.csvs[name].rows for name in ("strongest", "weakest", "moved") if name in page.csvs]
        # The period behind the name of a measure differs where its last figure does.
        listed = {
            re.split(r", (?:year|at|March|September|in |[A-Z][a-z]+ \d)", row[0])[0] for rows in lists for row in rows
        }
        assert len(listed) == headline.value
        of = numbers_in(headline.unit)
        assert numbers_in(page.record.words[0])[:2] == [of[0], headline.value]


@pytest.mark.parametrize("study", studies.names())
def test_every_chart_says_the_numbers_of_its_twin(sample_pages: Path, study: str) -> None:
    """Numbers with a decimal in the alternative text are numbers of the twin, or made of them in an obvious way."""
    for page in of_study(sample_pages, study):
        for chart in page.charts:
            held = [float(cell) for row in chart.twin.rows for cell in row if _is_number(cell)]
            held += [number for row in chart.twin.rows for cell in row for number in numbers_in(cell)]
            texts = re.sub(r"\b(?:up|down) [\d.,]+", "", chart.alt)
            for text in re.findall(r"−?\d+\.\d+", texts):
                value, decimals = float(text.replace("−", "-")), len(text.partition(".")[2])
                near = min((abs(value - each) for each in held), default=1.0)
                is_near = near <= 0.5 * 10.0**-decimals + 1e-9
                assert is_near or re.search(OF_ALL.format(re.escape(text)), texts), (text, chart.alt)


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell))


@dataclass(frozen=True)
class Scale:
    """What a coordinate means, from an axis's own labels; ratios stand on a scale of logarithms."""

    at: tuple[float, ...]
    means: tuple[float, ...]
    is_log: bool

    @classmethod
    def across(cls, root: ElementTree.Element) -> Scale:
        return cls._of(root, along="x", level="y", anchor="middle")

    @classmethod
    def up(cls, root: ElementTree.Element) -> Scale:
        # Letters stand on their line, and the line goes through their middle.
        return cls._of(root, along="y", level="x", anchor="end", shift=-4.4)

    @classmethod
    def _of(cls, root: ElementTree.Element, *, along: str, level: str, anchor: str, shift: float = 0.0) -> Scale:
        """The longest row (or column) of numbers in the size of axis labels."""
        rows: dict[str, list[tuple[float, float]]] = {}
        for label in root.iter("text"):
            text = (label.text or "").replace(",", "").replace("−", "-")
            is_of_axis = label.attrib.get("text-anchor") == anchor and label.attrib.get("font-size") == AXIS_LETTERS
            if is_of_axis and _is_number(text):
                rows.setdefault(label.attrib[level], []).append((float(label.attrib[along]) + shift, float(text)))
        found = max(rows.values(), key=len)
        assert len(found) >= 2, "an axis without labels"
        at, means = zip(*sorted(found), strict=True)
        plain, logs = (cls(at, means, is_log) for is_log in (False, min(means) > 0))
        return min((plain, logs), key=lambda each: each.bend)

    def value(self, coordinate: float) -> float:
        first, last = (math.log(each) if self.is_log else each for each in (self.means[0], self.means[-1]))
        found = first + (last - first) * (coordinate - self.at[0]) / (self.at[-1] - self.at[0])
        return math.exp(found) if self.is_log else found

    @property
    def bend(self) -> float:
        """How far the labels lie from a straight line, in their own units."""
        return max(abs(self.value(at) - mean) for at, mean in zip(self.at, self.means, strict=True))

    @property
    def dot(self) -> float:
        """What half of the last decimal of three coordinates comes to: of a point, and of two labels."""
        middle = (self.at[0] + self.at[-1]) / 2
        return 0.15 * max(abs(self.value(each + 1) - self.value(each)) for each in (self.at[0], middle, self.at[-1]))
