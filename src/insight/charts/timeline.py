"""A timeline: the grades that an area was given over the years, as steps between four grades in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedFormatter, FixedLocator
from matplotlib.transforms import Bbox

from insight.charts import palette
from insight.charts.canvas import POINTS, SMALL, add_key, finished, house_style, paper, settle
from insight.charts.dated import day_words, days, short_month, year_ticks
from insight.charts.inputs import require, table
from insight.charts.judged import HEIGHTS, NO_GRADE, SHORT, AreaRow, area_rows, refuse_days
from insight.charts.lanes import Lane
from insight.charts.marks import MARKS, mark_line
from insight.charts.tags import tag_marks
from insight.charts.words import listed, plain, wrapped
from insight.core.judgements import GRADES
from insight.core.missing import in_words
from insight.core.results import Column, Drawing

_MOST_AREAS = 6
# Points between two grades, above the best and below the worst.
_BETWEEN, _OVER, _UNDER, _LANE = 36.0, 30.0, 28.0, 16.0


def timeline_chart(
    events: pd.DataFrame,
    *,
    until: date | str,
    name: str,
    title: str,
    subtitle: str,
    areas: Sequence[str] = (),
    spells: pd.DataFrame | None = None,
    ends: pd.DataFrame | None = None,
    spell_words: str = "from a judgement of Inadequate to the next of Good or better",
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Judgements of one to six areas over the years, one panel an area.

    Parameters
    ----------
    events : DataFrame
        ``area`` (text), ``date`` (YYYY-MM-DD), ``framework`` (text), ``grade`` (one of ``GRADES`` of
        ``core.judgements``, or "" where none was given), ``status`` (``value``, or why there is no grade). One row a
        judgement.
    until : date or str
        The newest day that the data cover.
    areas : sequence of str
        The panels from the top; without it, the areas in the order of the rows.
    spells : DataFrame, optional
        ``area``, ``start``, ``end``, ``is_open``: stretches in grey with their length in years. An open one ends on the
        day when it was last seen.
    ends : DataFrame, optional
        ``area``, ``date``, ``words``, ``stops``: what ends the record of an area. It stops where the area was
        abolished; where no grade is given any more the last one stands, dashed.

    Returns
    -------
    Drawing
        A line keeps a grade until the next; a judgement without a grade has a mark of its own under the grades.

    Raises
    ------
    NotEnoughData
        If no judgement has a grade, or there are more than six areas.
    NotDisplayable
        If a column is missing, a day or grade is unknown, a grade stands beside a reason for none, a judgement is later
        than ``until``, or an area has two on one day.
    """
    rows = area_rows(events, spells, ends, areas, name)
    (last,) = days([until], name=name, column="until")
    require(len(rows) <= _MOST_AREAS, name=name, found=f"{len(rows)} areas", todo=f"show {_MOST_AREAS} areas at most")
    require(any(row.graded for row in rows), name=name, found="no judgement with a grade")
    refuse_days(rows, last, name)
    alt = plain(_words(rows, last))
    first = min(day for row in rows for day in (*(j.day for j in row.judged), *(spell.start for spell in row.spells)))
    bare = any(not each.grade for row in rows for each in row.judged)
    floor = _UNDER + (_LANE if any(row.spells for row in rows) else 0) + (_BETWEEN if bare else 0)
    high = _BETWEEN * (len(GRADES) - 1) + _OVER + floor
    with house_style():
        figure, axes = paper(((high + 50) * len(rows) + 60) / POINTS, rows=len(rows))
        later = []
        for row, ax in zip(rows, axes, strict=True):
            ax.set_ylim(-floor / _BETWEEN, len(GRADES) - 1 + _OVER / _BETWEEN)
            ax.set_xlim(first.toordinal() - 200, last.toordinal() + 120)
            year_ticks(ax, first, last)
            later += _draw(ax, row, last, bare)
            head = 22 if row.ends else 8
            ax.set_title(plain(wrapped(row.area, 60)), fontweight="bold" if len(rows) > 1 else "normal", pad=head)
        key = _key(rows, spell_words)
        below = add_key(figure, key)
        settle(figure, below=below)
        for lane in later:
            lane.place()
        extra = sum(_tag(ax, row, last, is_last=ax is axes[-1]) for row, ax in zip(rows, axes, strict=True))
        if extra:
            # As much higher as the words below the panels take, so that the labels keep their ground.
            figure.set_figheight(figure.get_figheight() + extra / POINTS)
            settle(figure, below=below)
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("area", "Area", kind="text"),
        Column("start", "Date, or first day", kind="text"),
        Column("end", "Last day", kind="text"),
        Column("what", "What", kind="text"),
        Column("detail", "Grade or length", kind="text"),
    )
    numbers = table(_told(rows), columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, axes[0] if len(axes) == 1 else tuple(axes), is_sample)


def _steps(row: AreaRow, until: date) -> list[tuple[float, float]]:
    """The corners of the line: each grade until the next, the last one until the area's end."""
    corners: list[tuple[float, float]] = []
    for each in row.graded:
        at = float(each.day.toordinal())
        corners += [(at, corners[-1][1])] if corners else []
        corners.append((at, float(each.height)))
    ungraded = [end.day for end in row.ends if not end.stops]
    stop = min([row.stop(until), *ungraded])
    if corners and stop.toordinal() > corners[-1][0]:
        corners.append((float(stop.toordinal()), corners[-1][1]))
    return corners


def _draw(ax: Axes, row: AreaRow, until: date, bare: bool) -> list[Lane]:
    """One panel; the lanes of words to be placed once the layout is settled."""
    heights = [*HEIGHTS.values(), *([NO_GRADE] if bare else [])]
    ax.yaxis.set_major_locator(FixedLocator(heights))
    names = [wrapped(SHORT.get(grade, grade), 12) for grade in GRADES] + (["no grade"] if bare else [])
    ax.yaxis.set_major_formatter(FixedFormatter(names))
    ax.grid(axis="y", linewidth=0.8)
    lengths, over = Lane(ax, share=0.0, rise=3.0), Lane(ax)
    for spell in row.spells:
        left, right = spell.start.toordinal(), spell.end.toordinal()
        ax.axvspan(left, right, facecolor=palette.BAND, linewidth=0, zorder=0)
        for edge in [left, *([] if spell.is_open else [right])]:
            ax.axvline(edge, color=palette.OTHERS, linewidth=0.8, zorder=1)
        lengths.add(spell.words, x=(left + right) / 2, colour=palette.INK)
    for end in row.ends:
        dash = "-" if end.stops else (0, (4, 3))
        ax.axvline(end.day.toordinal(), color=palette.INK, linewidth=1.6, linestyle=dash, zorder=2)
        over.add(wrapped(end.words, 60), x=end.day.toordinal(), colour=palette.INK)
    corners = _steps(row, until)
    ax.plot([at for at, _ in corners], [up for _, up in corners], color=palette.HIGHLIGHT, linewidth=2.4, zorder=4)
    stop = row.stop(until).toordinal()
    if corners and corners[-1][0] < stop:
        last, height = corners[-1]
        ax.plot([last, stop], [height] * 2, color=palette.HIGHLIGHT, linewidth=2.0, linestyle=(0, (2, 2)), zorder=4)
    graded = row.graded
    ax.plot([each.day.toordinal() for each in graded], [each.height for each in graded], "o",
            color=palette.HIGHLIGHT, markersize=8, markeredgecolor=palette.WHITE, zorder=5)  # fmt: skip
    for each in row.judged:
        if not each.grade:
            ax.add_line(mark_line(each.status, [each.day.toordinal()], [NO_GRADE], colour=palette.HIGHLIGHT))
    if not row.judged:
        ax.text(0.5, 0.5, "no judgement published", ha="center", va="center", fontsize=SMALL, color=palette.WORDS,
                transform=ax.transAxes)  # fmt: skip
    return [lengths, over]


def _tag(ax: Axes, row: AreaRow, until: date, *, is_last: bool) -> float:
    """Framework and month at each mark; what found no room stands numbered below. Returns the points that it takes."""
    drawn = [*_steps(row, until)]
    places = ax.transData.transform(drawn) if drawn else np.empty((0, 2))
    lines = [
        Bbox.from_extents(min(x0, x1) - 1, min(y0, y1) - 1, max(x0, x1) + 1, max(y0, y1) + 1)
        for (x0, y0), (x1, y1) in pairwise(places)
    ]
    numbered = tag_marks(
        ax,
        [f"{each.framework}\n{short_month(each.day)}" for each in row.judged],
        [each.day.toordinal() for each in row.judged],
        [each.height for each in row.judged],
        lines=lines,
        floor=_LANE if row.spells else 0.0,
        colour=palette.HIGHLIGHT,
    )
    if not numbered:
        return 0.0
    told = [f"{n}: {row.judged[at].framework}, {short_month(row.judged[at].day)}" for n, at in enumerate(numbered, 1)]
    text = wrapped(plain("; ".join(told)), 76)
    ax.annotate(
        text, (0.0, 0.0), xycoords="axes fraction", xytext=(0, -20 if is_last else -4), textcoords="offset points",
        ha="left", va="top", fontsize=SMALL, color=palette.WORDS, annotation_clip=False,
    )  # fmt: skip
    return SMALL * 1.2 * (text.count("\n") + 1) + 4


def _key(rows: Sequence[AreaRow], spell_words: str) -> list[Line2D | Rectangle]:
    found: list[Line2D | Rectangle] = []
    if any(row.spells for row in rows):
        look: dict[str, Any] = {"facecolor": palette.BAND, "edgecolor": palette.OTHERS, "linewidth": 0.8}
        found.append(Rectangle((0, 0), 1, 1, label=wrapped(plain(spell_words), 60), **look))
    why = {each.status for row in rows for each in row.judged if not each.grade}
    ordered = [kind for kind in MARKS if kind in why]
    return [*found, *(mark_line(kind, [], [], label=f"no grade: {in_words(kind)}") for kind in ordered)]


def _words(rows: Sequence[AreaRow], until: date) -> str:
    grades = ", ".join(SHORT.get(grade, grade) for grade in GRADES)
    parts = [f"Timeline of judgements until {day_words(until)}, in four grades: {grades}."]
    for row in rows:
        said = [f"{each.said} on {day_words(each.day)} ({each.framework})" for each in row.judged]
        if len(rows) > 1 and len(said) > 2:
            said = [f"{len(said)} judgements, first {said[0]}", f"last {said[-1]}"]
        parts.append(f"{row.area}: {'; '.join(said) or 'no judgement published'}.")
        if row.spells:
            spans = [f"{day_words(each.start)} to {day_words(each.end)} ({each.words})" for each in row.spells]
            parts.append(f"In grey: {listed(spans)}.")
        parts += [f"{end.words[:1].upper()}{end.words[1:]}." for end in row.ends]
    return " ".join(parts)


def _told(rows: Sequence[AreaRow]) -> pd.DataFrame:
    """Every judgement, spell and end as a row, day by day within an area."""
    out: list[tuple[str, str, str, str, str]] = []
    for row in rows:
        own = [
            *((row.area, str(each.day), "", f"judgement, {each.framework}", each.said) for each in row.judged),
            *(
                (row.area, str(each.start), str(each.end), "spell, still open" if each.is_open else "spell", each.words)
                for each in row.spells
            ),
            *((row.area, str(each.day), "", "end of the record", each.words) for each in row.ends),
        ]
        out += sorted(own, key=lambda found: found[1]) or [(row.area, "", "", "no judgement published", "")]
    return pd.DataFrame(out, columns=["area", "start", "end", "what", "detail"])
