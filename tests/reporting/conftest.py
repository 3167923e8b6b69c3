"""A small notebook as the batch leaves it, made of what the gate really gives."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import matplotlib as mpl
import nbformat
import pandas as pd
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import insight  # noqa: F401 - installs the gate
from insight.core.check import Check
from insight.core.display import Display
from insight.core.estimate import Estimate
from insight.core.finding import Finding, RowLeftOut
from insight.core.results import CardResult, Column, Drawing, NoteResult, TableResult
from insight.core.source import Source
from insight.disclosure import release
from insight.reporting.render import PageContext

Build = Callable[..., nbformat.NotebookNode]
YEARS = list(range(2018, 2026))
TURNOVER = [14.25, 15.5, 13.75, 16.0, 17.25, 15.5, 13.0, 12.5]


@pytest.fixture
def source() -> Source:
    return Source(
        key="workforce",
        publisher="Department for Education",
        title="Children's social work workforce",
        address="published statistics",
        licence="Open Government Licence v3.0",
        release="2025",
        published="2026-02-26",
        file="csww_indicators_2017_to_2025.csv",
        sha256="5f" * 32,
    )


@pytest.fixture
def finding(source: Source) -> Finding:
    headline = Estimate(
        key="lag_opening",
        term="Difference in turnover with one more case per worker",
        value=0.4213,
        unit="percentage points of turnover for each extra case per worker",
        scale="difference",
        method="Two-way fixed effects",
        std_error=0.1501,
        low=0.1271,
        high=0.7155,
        null=0.0,
        n_rows=1178,
        n_units=151,
        n_authorities=151,
    )
    none = Estimate("split_panel_jackknife", "After the jackknife", None, "", "difference", method="too few years")
    return Finding(
        study="caseload_turnover",
        version="1",
        question="How do caseloads relate to social worker turnover?",
        area="E06000051",
        area_name="Wellmoor",
        verdict="effect_up",
        headline=headline,
        words=(
            "Where social workers start a year with one more case each, turnover in that year tends to be "
            "0.42 percentage points higher.",
            "The data fit anything from 0.13 to 0.72 percentage points.",
            "In Wellmoor, with 96 social workers, that is about one leaver in two and a half years.",
        ),
        does_not_show=(
            "That lowering caseloads would lower turnover: other things may move both.",
            "Why people leave, or where they go.",
        ),
        estimates=(headline, replace(headline, key="lag_published", value=0.39, low=0.1, high=0.68), none),
        all_checks=(
            Check("Enough authorities", True, "151 authorities with at least two years."),
            Check("Leads", False, "Turnover of the year before goes with caseload too."),
            Check("Spread", None, "Caseload ranges from 11.2 to 24.8."),
        ),
        all_sources=(source,),
        rows_left_out=(RowLeftOut("City of London", "2018 to 2025", "fewer than ten social workers"),),
        caveats=("Agency workers are counted in caseload and not in turnover.",),
        charts={"paths": drawing},
        tables={"paths": path_table},
        is_sample=True,
    )


def path_table() -> TableResult:
    frame = pd.DataFrame({"year": YEARS, "turnover": TURNOVER, "place": ["Wellmoor"] * 8})
    frame.loc[2, "turnover"] = float("nan")
    frame["turnover__status"] = ["suppressed" if missing else "value" for missing in frame["turnover"].isna()]
    frame["turnover__symbol"] = ["c" if missing else None for missing in frame["turnover"].isna()]
    columns = (
        Column("year", "Year to 30 September", kind="period"),
        Column("turnover", "Turnover (%)", decimals=2),
        Column("place", "Area", kind="text"),
    )
    notes = ("Turnover is leavers as a share of those in post at the start.",)
    return TableResult("paths", "Turnover of social workers", frame, columns, notes, is_sample=True)


def drawing() -> Drawing:
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "insight"}):
        figure = Figure(figsize=(8, 3.6), layout="constrained")
        axes = figure.subplots()
        axes.plot(YEARS, TURNOVER, marker="o", color="#174a86")
        axes.bar([2020], [13.75], hatch="//", color="#d0d7de")
        axes.set_ylabel("Turnover (%)", fontweight="bold")
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return Drawing(
        name="paths",
        title="Turnover in Wellmoor fell from 14.25% to 12.50%",
        subtitle="Leavers as a share of those in post, year to 30 September",
        svg=stream.getvalue(),
        alt="Line: turnover in Wellmoor was 14.25% in 2018, peaked at 17.25% in 2022 and was 12.50% in 2025.",
        table=path_table(),
        is_sample=True,
    )


@pytest.fixture
def context(source: Source) -> PageContext:
    return PageContext(
        study="caseload_turnover",
        study_title="Caseloads and turnover",
        area="E06000051",
        area_name="Wellmoor",
        region_name="Greater Sample",
        parameters={"authority": "E06000051", "lag_years": 1, "weighted": False, "note": None},
        package_version="0.1.0",
        data_hash="d1" * 32,
        key="ab" * 32,
        sources=(source,),
    )


def output_of(display: Any) -> nbformat.NotebookNode:
    """An output as a kernel sends it: the display's bundle with the plain text beside it."""
    data = {**display._repr_mimebundle_(), "text/plain": repr(display)}
    return new_output("execute_result", data=data, execution_count=1)


@pytest.fixture
def shown() -> Callable[[Any], nbformat.NotebookNode]:
    """Makes the output of a display object."""
    return output_of


@pytest.fixture
def build(finding: Finding) -> Build:
    """Builds a notebook; extra cells stand at the end."""

    def make(
        extra: Sequence[nbformat.NotebookNode] = (), *, of: Finding = finding, title: str = "", shown: bool = True
    ) -> nbformat.NotebookNode:
        question = title or "# How do caseloads relate to social worker turnover?\n\nAsked by the *region's* directors."
        views: list[Display] = [of.plot(), of.tidy(), of.checks, of.sources]
        hidden = new_code_cell("authority = 'E06000051'")
        hidden.metadata["tags"] = ["injected-parameters"]
        cells = [
            new_markdown_cell(question),
            hidden,
            new_code_cell("import insight as ins"),
            new_markdown_cell("## What the data cover\n\nEvery authority, from 2018."),
            new_code_cell("table", outputs=[output_of(release(path_table()))]),
            new_markdown_cell("## How the question is answered\n\nOne authority with *itself*, year by year."),
            new_markdown_cell("## The finding"),
            *([new_code_cell("finding", outputs=[output_of(of)])] if shown else []),
            new_markdown_cell("## What happened here"),
            *(new_code_cell("view", outputs=[output_of(view)]) for view in views),
            new_code_cell("note", outputs=[output_of(release(NoteResult(("Read with care.",), "warning", True)))]),
            new_code_cell(
                "card", outputs=[output_of(release(CardResult("A card", (("areas", "60"),), is_sample=True)))]
            ),
            *extra,
        ]
        notebook: nbformat.NotebookNode = new_notebook(cells=cells)
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell{number}"
        return notebook

    return make


@dataclass
class Seen(HTMLParser):
    """What a browser would find in a page: elements with their attributes, and text."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._open.append(tag)
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._open or "script" in self._open:
            return
        self.words.append(data)
        if self.headings and self._open and f"h{self.headings[-1][0]}" in self._open:
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def downloads(self) -> dict[str, list[list[str]]]:
        """The rows of every CSV in the page, by file name."""
        found = {}
        for link in self.all("a"):
            if "download" in link:
                start, _, encoded = link["href"].partition("charset=utf-8,")
                assert start == "data:text/csv;"
                text = unquote(encoded).removeprefix("\ufeff")
                found[link["download"]] = list(csv.reader(io.StringIO(text, newline="")))
        return found


@pytest.fixture
def look() -> Callable[[str], Seen]:
    """Parses a page with a parser that is not the one that made it."""

    def parse(html: str) -> Seen:
        seen = Seen()
        seen.feed(html)
        seen.close()
        return seen

    return parse
