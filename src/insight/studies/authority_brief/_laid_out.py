"""The measure of each concept, with the counts that its publisher gives elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from insight.core.indicator import Indicator
from insight.core.missing import Status, combine
from insight.core.panel import Panel
from insight.studies._benchmarks import Cell, Measure, breakdowns, measure
from insight.studies.authority_brief._concepts import CONCEPTS, Concept, Piece

_TOTALS = {"", "Total"}


def measures_of(panel: Panel, concepts: Sequence[Concept] = CONCEPTS) -> dict[str, Measure]:
    """The measure of every concept that the panel has figures of, in order of the list."""
    made = {concept.key: _measure(panel, concept) for concept in concepts}
    return {key: found for key, found in made.items() if found is not None and found.newest() is not None}


def _measure(panel: Panel, concept: Concept) -> Measure | None:
    part, whole = _all(panel, concept.part), _all(panel, concept.whole)
    if concept.made is not None:
        return _made(concept.made, part, whole) if part and whole else None
    own = _one(panel, (concept.indicator, concept.breakdown))
    return own if own is None or not part else _with_counts(own, part, whole)


def _all(panel: Panel, pieces: Sequence[Piece]) -> tuple[Measure, ...]:
    """Measures of some pieces; none where the panel lacks one."""
    found = [each for each in (_one(panel, piece) for piece in pieces) if each is not None]
    return tuple(found) if len(found) == len(pieces) else ()


def _one(panel: Panel, piece: Piece) -> Measure | None:
    key, group = piece
    if key not in panel.indicators:
        return None
    there = breakdowns(panel, key)
    if group:
        return measure(panel, key, breakdown=group) if group in there else None
    return measure(panel, key) if len(there) == 1 or _TOTALS & set(there) else None


def _with_counts(own: Measure, part: tuple[Measure, ...], whole: tuple[Measure, ...]) -> Measure:
    """The figures as published, with counts beside those that there are, and what speaks against the counts."""
    cells = {}
    for key, cell in own.cells.items():
        if cell.value is not None:
            doubt = next((each.cell(*key).doubt for each in whole if each.cell(*key).doubt), "")
            below = _sum(whole, key)[0] if whole else None
            cell = replace(cell, numerator=_sum(part, key)[0], denominator=below, doubt=cell.doubt or doubt)
        cells[key] = cell
    return replace(own, cells=cells)


def _made(indicator: Indicator, part: tuple[Measure, ...], whole: tuple[Measure, ...]) -> Measure:
    """Figures that nobody published: one count of another, in percent; none where a count is hidden."""
    cells = {}
    for key in whole[0].cells:
        (above, one), (below, other) = _sum(part, key), _sum(whole, key)
        doubt = next((each.cell(*key).doubt for each in whole if each.cell(*key).doubt), "")
        if above is None or below is None:
            cells[key] = Cell(*key, None, combine(one, other).value, "", None, None, doubt)
        elif below <= 0:
            cells[key] = Cell(*key, None, Status.NOT_APPLICABLE.value, "", None, None, doubt)
        else:
            cells[key] = Cell(*key, 100.0 * above / below, Status.VALUE.value, "", above, below, doubt)
    return replace(whole[0], indicator=indicator, breakdown="", cells=cells)


def _sum(measures: Sequence[Measure], key: tuple[str, int]) -> tuple[float | None, str]:
    """Several counts of one area and period added up; no number where one has none, and why."""
    cells = [each.cell(*key) for each in measures]
    if any(cell.value is None for cell in cells):
        return None, combine(*(cell.status for cell in cells)).value
    return sum(cell.value or 0.0 for cell in cells), Status.VALUE.value
