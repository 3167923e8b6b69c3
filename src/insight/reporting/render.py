"""From an executed notebook to one page and its record.

A page shows markdown cells and typed payloads, and nothing else: whatever else a cell put out fails the page and names
the cell. Nothing here knows how the notebook was run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

from markupsafe import Markup

from insight.core.display import MIME
from insight.core.html import SAMPLE_BANNER
from insight.core.source import Source
from insight.disclosure.policies import POLICIES
from insight.errors import PageRefused
from insight.reporting.markdown import Block, Heading, blocks
from insight.reporting.payloads import Card, ColumnContent, Figure, Note, Payload, TableContent, read_payload
from insight.reporting.record import FindingRecord, Plain, Record, SourceRecord
from insight.reporting.svg import rebuilt
from insight.reporting.templating import page, part, visible
from insight.reporting.views import finding_view, table_view

_BESIDE = {"text/html", "text/plain"}
_HIDDEN = {"parameters", "injected-parameters"}
_LEFT_OUT = {"left_out", "rows_left_out"}
_FEWEST_SECTIONS = 2
_OWN_ANCHORS = {"main", "limits", "made"}
_NO_ANCHOR = re.compile(r"[^a-z0-9]+")
_MIME_NAME = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


@dataclass(frozen=True)
class PageContext:
    """What a page says of itself beside the finding.

    Parameters
    ----------
    area, area_name, region_name : str
        The place the page is for; its finding may be of a joint return of which the area is a member.
    data_hash, key : str
        SHA-256 of the data, and of everything that the page was made from.
    sources : tuple of Source
        The files behind the page; without them, those that the finding names.
    index_href, area_href : str
        The site's index, and the area's own page with all its studies, as seen from the page.
    """

    study: str
    study_title: str
    area: str
    area_name: str
    parameters: Mapping[str, Plain | list[Plain]]
    package_version: str
    data_hash: str
    key: str
    region_name: str = ""
    sources: tuple[Source, ...] = ()
    index_href: str = "../index.html"
    area_href: str = "index.html"


@dataclass(frozen=True)
class RenderedPage:
    """A finished page, and its record for machines."""

    html: str
    record: dict[str, Any]


def _policy_label(name: str) -> str:
    """Name and version of a disclosure policy."""
    if name not in POLICIES:
        raise PageRefused(
            "making a page", found="a finding under no known disclosure policy", todo="release it under a known one"
        )
    return POLICIES[name].label


def render(notebook: Any, context: PageContext) -> RenderedPage:
    """Turn an executed notebook into a page.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Version 4, with its outputs.

    Raises
    ------
    PageRefused
        If an output is not one of insight's display objects, its content departs from its form, or there is not exactly
        one finding. The cell is named; its content is not.
    """
    walk = _Walk(context)
    for number, cell in enumerate(notebook.cells, start=1):
        walk.take(number, cell)
    finding = walk.one_finding()
    label = _policy_label(finding.policy)
    record = Record(
        **finding.model_dump(exclude={"estimates", "checks", "sources", "rows_left_out", "policy"}),
        estimates=finding.estimates,
        checks=finding.checks,
        sources=finding.sources,
        rows_left_out=finding.rows_left_out,
        parameters=dict(context.parameters),
        package_version=context.package_version,
        policy=label,
        data_hash=context.data_hash,
        key=context.key,
    ).model_dump(mode="json")
    body = in_order(walk.blocks)
    left_out = None if walk.shows_left_out else _left_out(finding, walk.next_table(), context)
    html = page(
        "page.html",
        context=context,
        contents=_contents(body, has_limits=bool(finding.caveats or left_out)),
        policy=label,
        title=finding.question or walk.title,
        opening=walk.opening,
        finding=finding_view(finding),
        record=finding,
        blocks=body,
        left_out=left_out,
        banner=SAMPLE_BANNER if walk.is_sample or finding.is_sample else None,
        parameters=[(name, _in_words(value)) for name, value in sorted(context.parameters.items())],
        sources=_sources(context, finding),
    )
    return RenderedPage(html, record)


@dataclass
class _Walk:
    """Goes through a notebook once, cell by cell."""

    context: PageContext
    blocks: list[Block] = field(default_factory=list)
    opening: list[Markup] = field(default_factory=list)
    findings: list[FindingRecord] = field(default_factory=list)
    title: str = ""
    heading: str = ""
    is_sample: bool = False
    shows_left_out: bool = False
    tables: int = 0
    figures: int = 0

    def take(self, number: int, cell: Any) -> None:
        above = f"under the heading “{self.heading}”" if self.heading else "above the first heading"
        place = f"cell {number} ({above})"
        hidden = bool(_HIDDEN & set(cell.get("metadata", {}).get("tags", ())))
        if cell.cell_type == "markdown":
            if not hidden:
                self._markdown(cell.source, place)
        elif cell.cell_type == "code":
            for output in cell.outputs:
                shown = self._output(output, place)
                if shown is not None and not hidden:
                    self._payload(shown, place)
        elif cell.source.strip():
            raise _refused(place, f"a {cell.cell_type} cell", "make it a markdown cell")

    def _markdown(self, source: str, place: str) -> None:
        in_opening = False
        for block in blocks(visible(source), heading=self.heading or self.context.study_title, place=place):
            if isinstance(block, Heading):
                in_opening = block.level == 1 and not self.title
                self.heading = block.text
                if in_opening:
                    self.title = block.text
                    continue
            if in_opening and not isinstance(block, Heading):
                self.opening.append(block)
            else:
                self.blocks.append(block)

    def _output(self, output: Any, place: str) -> Payload | None:
        kind = output.output_type
        if kind == "stream" and output.name == "stderr":
            return None  # the journal tells of it
        if kind == "stream":
            raise _refused(place, "printed text", "end the cell with one of insight's views instead of printing")
        if kind == "error":
            raise _refused(place, "an error", "run the notebook again and mend the cell that stops")
        kinds = set(output.data)
        if MIME not in kinds:
            raise _refused(place, f"{_listed(kinds)} and no insight display object", _TODO)
        if kinds - {MIME} - _BESIDE:
            raise _refused(place, f"{_listed(kinds - {MIME} - _BESIDE)} beside an insight display object", _TODO)
        return read_payload(output.data[MIME], place=place)

    def _payload(self, shown: Payload, place: str) -> None:
        self.is_sample = self.is_sample or shown.is_sample
        if isinstance(shown, Card) and shown.record is not None:
            self.findings.append(shown.record)
        elif isinstance(shown, Card):
            self.blocks.append(part("card", shown))
        elif isinstance(shown, Note):
            self.blocks.append(part("note", shown))
        elif isinstance(shown, Figure):
            self._figure(shown, place)
        else:
            # A study may show the rows left out in its own way; the page then does not repeat them.
            self.shows_left_out = self.shows_left_out or shown.name in _LEFT_OUT
            view = table_view(shown, number=self.next_table(), file_parts=_file_parts(self.context))
            self.blocks.append(part("table", view))

    def _figure(self, shown: Figure, place: str) -> None:
        if not shown.svg:
            # A chart that could not be drawn for this area says why, in the place where it would stand.
            reason = Note(kind="note", paragraphs=(shown.subtitle,), tone="information", is_sample=shown.is_sample)
            self.blocks.append(part("note", reason))
            return
        self.figures += 1
        picture = rebuilt(shown.svg, prefix=f"c{self.figures}-", label=shown.alt, place=place)
        twin = table_view(shown.table, number=self.figures, file_parts=_file_parts(self.context), twin=True)
        safe = Markup(picture)  # noqa: S704 - rebuilt from an allow-list
        self.blocks.append(part("figure", shown, self.figures, safe, twin))

    def next_table(self) -> int:
        self.tables += 1
        return self.tables

    def one_finding(self) -> FindingRecord:
        if len(self.findings) != 1:
            raise PageRefused(
                f"making the page {self.context.study} of {self.context.area}",
                found=f"{len(self.findings) or 'no'} cells that end with a finding",
                todo="show the finding in exactly one cell",
            )
        finding = self.findings[0]
        if finding.study != self.context.study:
            raise PageRefused(
                f"making the page {self.context.study} of {self.context.area}",
                found="a finding of another study",
                todo="let the notebook of a study show that study's finding",
            )
        return finding


_TODO = "end the cell with one of insight's views (a Finding, its plot, table, checks or sources)"


def _refused(place: str, found: str, todo: str) -> PageRefused:
    return PageRefused(f"making a page of {place}", found=found, todo=todo)


def _listed(kinds: set[str]) -> str:
    named = sorted({kind if _MIME_NAME.fullmatch(kind) else "an output without a known type" for kind in kinds})
    return ", ".join(named) or "an empty output"


def in_order(shown: list[Block]) -> list[Block]:
    """Blocks without the headings that head nothing, and with levels that start at 2 and never skip one."""
    kept: list[Block] = []
    # From the end, so that a heading over nothing but empty headings goes with them.
    for block in reversed(shown):
        if isinstance(block, Heading) and (not kept or _ends(kept[-1], block)):
            continue
        kept.append(block)
    out: list[Block] = []
    level = 1
    taken = set(_OWN_ANCHORS)
    for block in reversed(kept):
        if isinstance(block, Heading):
            level = max(2, min(block.level, level + 1))
            out.append(replace(block, level=level, anchor=_anchor(block.text, taken) if level == 2 else ""))
        else:
            out.append(block)
    return out


def _anchor(words: str, taken: set[str]) -> str:
    """An address made of a heading's words, so that a link outlives another section above it."""
    plain = _NO_ANCHOR.sub("-", words.lower()).strip("-")[:40] or "section"
    anchor = next(name for name in chain([plain], (f"{plain}-{n}" for n in count(2))) if name not in taken)
    taken.add(anchor)
    return anchor


def _contents(body: list[Block], *, has_limits: bool) -> list[tuple[str, str]]:
    """The page's sections, as address and words: with few there is nothing to choose."""
    sections = [(block.anchor, block.text) for block in body if isinstance(block, Heading) and block.anchor]
    if len(sections) < _FEWEST_SECTIONS:
        return []
    last = [("limits", "Limits of the data")] if has_limits else []
    return [*sections, *last, ("made", "How this page was made")]


def _ends(below: Block, heading: Heading) -> bool:
    return isinstance(below, Heading) and below.level <= heading.level


def _file_parts(context: PageContext) -> tuple[str, str]:
    return context.area, context.study


def _left_out(finding: FindingRecord, number: int, context: PageContext) -> Markup | None:
    if not finding.rows_left_out:
        return None
    labels = {"area": "Area", "period": "Period", "reason": "Why it was left out"}
    content = TableContent(
        name="rows_left_out",
        caption="Rows left out, and why",
        columns=tuple(ColumnContent(key=key, label=label, kind="text", decimals=0) for key, label in labels.items()),
        rows=tuple((row.area, row.period, row.reason) for row in finding.rows_left_out),
        notes=(),
    )
    view = table_view(content, number=number, file_parts=_file_parts(context))
    rows = len(finding.rows_left_out)
    return part("table", replace(view, folded=f"Rows left out: {rows:,}"))


def _in_words(value: Plain | list[Plain]) -> str:
    if isinstance(value, list):
        return ", ".join(map(_in_words, value)) or "no value"
    if value is None:
        return "not set"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _sources(context: PageContext, finding: FindingRecord) -> list[dict[str, str]]:
    if context.sources:
        return [
            {"file": source.file, "title": source.title, "release": _released(source), "sha256": source.sha256}
            for source in context.sources
        ]
    return [
        {"file": "", "title": source.title, "release": _released(source), "sha256": source.sha256}
        for source in finding.sources
    ]


def _released(source: Source | SourceRecord) -> str:
    """The release, and the day or month when it was published; some releases name it themselves."""
    published = f"published {source.published}" if source.published else "day of publication not recorded"
    return source.release if published in source.release else f"{source.release or 'not named'}, {published}"
