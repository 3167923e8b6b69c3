"""Paths over the years: one area in bold, a few others named, the rest in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.canvas import add_key, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import fix_ticks, lonely
from insight.charts.inputs import checked, require, table
from insight.charts.labels import EndLabels
from insight.charts.layout import SIZE
from insight.charts.lettering import width
from insight.charts.marks import ZERO, key_to_marks, mark_line
from insight.charts.periods import is_plain, period_column, period_label, with_gaps
from insight.charts.words import number, plain, told, wrapped
from insight.core.missing import Status
from insight.core.period import PeriodKind
from insight.core.results import Column, Drawing
from insight.errors import NotDisplayable

Others = Literal["band", "range", "lines", "none"]
_MOST = len(palette.COMPARISONS)
# How much of the paper the years have, in points: the rest is for values on the left and names on the right.
_ACROSS = 300.0


@dataclass(frozen=True)
class Measure:
    """What one panel of a line chart shows.

    ``key`` is its value in the frame's column ``measure``; ``label`` is its name and unit, as they stand above the
    panel. ``from_zero`` starts the scale at zero. ``kind`` says how periods are written: years if not given.
    """

    key: str
    label: str
    decimals: int = 1
    from_zero: bool = False
    kind: PeriodKind | None = None


def line_chart(
    frame: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    measures: Sequence[Measure],
    highlight: str,
    comparisons: Sequence[str] = (),
    others: Others = "band",
    others_words: str = "other authorities",
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """One or more measures over the years, below each other.

    Parameters
    ----------
    frame : DataFrame
        ``measure``, ``series`` (text), ``time_period`` (year of the period's end), ``value``, ``status``; one row per
        measure, series and year. Series that are neither ``highlight`` nor in ``comparisons`` are the others.
    measures : sequence of Measure
        One panel each, from the top.
    highlight : str
        The series in bold.
    comparisons : sequence of str
        Up to five named series, each with its own colour, dash and label.
    others : "band", "range", "lines" or "none"
        10th to 90th percentile, lowest to highest, or a grey line each. A year counts the others with a value.
    others_words : str
        Who the others are.

    Returns
    -------
    Drawing
        A line breaks where a year has no value; a mark below it says why.

    Raises
    ------
    NotEnoughData
        If there are fewer than two years, or the highlighted series has no value at all.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, or six or more series are to be named.
    """
    data = checked(frame, name=name, text=["measure", "series"], numbers=["time_period", "value"], status=["value"])
    require(len(comparisons) <= _MOST, name=name, found=f"{len(comparisons)} comparisons", todo=f"name {_MOST} at most")
    panels = [_Panel(data, measure, highlight, comparisons, others, others_words) for measure in measures]
    require(bool(panels), name=name, found="no measure", todo="name one or two measures")
    for panel in panels:
        require(len(panel.years) > 1, name=name, found=f"{len(panel.years)} year(s) of {panel.measure.label}")
    there = data.loc[(data["series"] == highlight) & data["measure"].isin([m.key for m in measures]), "value"]
    require(there.notna().any(), name=name, found=f"no value for {highlight}")
    alt = plain(" ".join(["Line chart.", *(panel.words() for panel in panels)]))
    with house_style():
        figure, axes = paper(1.0 + 3.1 * len(panels) - 0.4 * (len(panels) - 1), rows=len(panels))
        ends = [panel.draw(ax) for panel, ax in zip(panels, axes, strict=True)]
        _year_axis(axes, sorted({year for panel in panels for year in panel.years}), _shared_kind(measures))
        key = [entry for panel in panels[:1] for entry in panel.key()]
        key += key_to_marks(kind for panel in panels for kind in panel.kinds())
        settle(figure, below=add_key(figure, key))
        for labels in ends:
            labels.place()
        svg = finished(figure, name=name, label=alt)
    parts = [panel.rows() for panel in panels]
    rows = pd.DataFrame({key: [cell for part in parts for cell in part[key]] for key in parts[0]})
    rows["value__status"] = rows["value__status"].astype(object)
    columns = (
        Column("series", "Area", kind="text"),
        Column("measure", "Measure", kind="text"),
        Column("time_period", period_column(_shared_kind(measures)), kind=_column_kind(measures)),
        Column("value", "Value", decimals=max(measure.decimals for measure in measures)),
    )
    numbers = table(rows, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, axes[0] if len(axes) == 1 else tuple(axes), is_sample)


@dataclass(frozen=True)
class _Series:
    """One series of a panel: a value, or none and its reason, for each of the panel's years."""

    years: Sequence[int]
    values: NDArray[np.float64]
    statuses: Sequence[str]

    @property
    def is_missing(self) -> NDArray[np.bool_]:
        return np.isnan(self.values)


class _Panel:
    """One measure: its rows in order, and how they are drawn and told."""

    def __init__(
        self,
        data: pd.DataFrame,
        measure: Measure,
        highlight: str,
        comparisons: Sequence[str],
        others: Others,
        others_words: str,
    ) -> None:
        self.measure, self.highlight, self.comparisons = measure, highlight, list(comparisons)
        mine = data[data["measure"] == measure.key]
        self.years = with_gaps(mine["time_period"].unique())
        self._periods = [period_label(year, measure.kind) for year in self.years]
        groups = mine.groupby("series", sort=True).indices
        places = {str(series): np.asarray(found, dtype=np.intp) for series, found in groups.items()}
        self._columns = (
            mine["time_period"].to_numpy(), mine["value"].to_numpy(), mine["status"].to_numpy(),
        )  # fmt: skip
        none = np.array([], dtype=np.intp)
        self.named = {series: self._whole(places.get(series, none)) for series in [highlight, *comparisons]}
        values = self._columns[1]
        rest = [series for series in places if series not in self.named]
        self._count = sum(bool(np.isfinite(values[places[series]]).any()) for series in rest)
        self._others: Others = others if self._count else "none"
        self._rest = [self._whole(places[series]) for series in rest] if self._others == "lines" else []
        self._is_rest = np.ones(len(mine), dtype=bool)
        for series in self.named:
            self._is_rest[places.get(series, none)] = False
        self._others_words = others_words

    def _whole(self, places: NDArray[np.intp]) -> _Series:
        """A value for every year of the measure: a year that was not published is a gap, not a longer line."""
        years, values, statuses = (column[places] for column in self._columns)
        rows = {int(year): (value, status) for year, value, status in zip(years, values, statuses, strict=True)}
        if len(rows) < len(places):
            raise NotDisplayable(
                f"drawing {self.measure.label}",
                found="two rows of one series and year",
                todo="give one row for each measure, series and year",
            )
        found = [rows.get(year, (np.nan, Status.NO_ROW.value)) for year in self.years]
        return _Series(self.years, np.array([value for value, _ in found], dtype=float), [why for _, why in found])

    @cached_property
    def _spread(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The lower and the upper edge of the others, year by year."""
        shares = (0.1, 0.9) if self._others == "band" else (0.0, 1.0)
        kept = self._is_rest & np.isfinite(self._columns[1])
        frame = pd.DataFrame({"year": self._columns[0][kept], "value": self._columns[1][kept]})
        edges = frame.groupby("year")["value"].quantile(np.array(shares)).unstack().reindex(self.years)
        return edges[shares[0]].to_numpy(), edges[shares[1]].to_numpy()

    def draw(self, ax: Axes) -> EndLabels:
        self._draw_others(ax)
        self._draw_comparisons(ax)
        self._draw_highlight(ax)
        ax.set_title(plain(wrapped(self.measure.label, 76)), fontweight="normal", pad=10)
        value_grid(ax)
        self._draw_gaps(ax)
        return self._label(ax)

    def _draw_others(self, ax: Axes) -> None:
        if self._others in ("band", "range"):
            low, high = self._spread
            x = np.array(self.years, dtype=float)
            ax.fill_between(x, low, high, facecolor=palette.BAND, edgecolor=palette.OTHERS, linewidth=0.6, zorder=1)
        elif self._others == "lines":
            # One path for all: a gap between two series, as between two years.
            several = len(self._rest)
            x = np.tile([*map(float, self.years), np.nan], several)
            y = np.concatenate([[*series.values, np.nan] for series in self._rest])
            ax.plot(x, y, color=palette.OTHERS, linewidth=0.7, zorder=1)

    def _draw_comparisons(self, ax: Axes) -> None:
        for series, style in zip(self.comparisons, palette.COMPARISONS, strict=False):
            x, y = np.array(self.years, dtype=float), self.named[series].values
            ax.plot(x, y, color=style.colour, linestyle=(0, style.dash), linewidth=style.width, zorder=3)
            lone = lonely(y)
            if lone.any():
                ax.plot(x[lone], y[lone], "o", color=style.colour, markersize=4, zorder=3)

    def _draw_highlight(self, ax: Axes) -> None:
        ax.plot(
            np.array(self.years, dtype=float),
            self.named[self.highlight].values,
            color=palette.HIGHLIGHT,
            linewidth=3.2,
            marker="o",
            markersize=5.5,
            solid_capstyle="round",
            zorder=5,
        )

    def _draw_gaps(self, ax: Axes) -> None:
        """Marks in rows of their own under the scale, so that none can be read as a value."""
        bottom, top = ax.get_ylim()
        if self.measure.from_zero:
            least = min(float(np.nanmin(row.values, initial=np.inf)) for row in self.named.values())
            bottom = min(bottom, 0.0) if least < 0 else 0.0
        fix_ticks(ax, "y", [float(tick) for tick in ax.yaxis.get_major_locator()() if bottom <= tick <= top])
        gaps = [(series, found) for series in self.named if (found := self._gaps(series))]
        step = (top - bottom) * 0.085
        for place, (series, found) in enumerate(gaps):
            for kind in dict.fromkeys(status for _, status in found):
                years = [year for year, status in found if status == kind]
                at = bottom - step * (place + 0.8)
                ax.add_line(mark_line(kind, years, [at] * len(years), colour=self._colour(series)))
        if gaps:
            ax.axhline(bottom, color=palette.GRID, linewidth=0.8, zorder=1)
        ax.set_ylim(bottom - step * (len(gaps) + 0.4) if gaps else bottom, top)
        zeros = [year for year, value in zip(self.years, self.named[self.highlight].values, strict=True) if value == 0]
        if zeros:
            ax.add_line(mark_line(ZERO, zeros, [0.0] * len(zeros), colour=palette.HIGHLIGHT))

    def _gaps(self, series: str) -> list[tuple[int, str]]:
        """The years without a value and why."""
        row = self.named[series]
        missing = row.is_missing
        # A comparison without any value is not on the chart; the words say so.
        if series != self.highlight and missing.all():
            return []
        return [(year, why) for year, why, is_gap in zip(row.years, row.statuses, missing, strict=True) if is_gap]

    def kinds(self) -> list[str]:
        """Which marks the panel needs explained."""
        missing = [kind for series in self.named for _, kind in self._gaps(series)]
        return [*missing, *([ZERO] if (self.named[self.highlight].values == 0).any() else [])]

    def key(self) -> list[Line2D | Rectangle]:
        """What is not labelled on the spot: who is grey."""
        if self._others == "none":
            return []
        what = {"band": "10th to 90th percentile of", "range": "lowest to highest of", "lines": ""}[self._others]
        text = wrapped(plain(f"{what} {self._count} {self._others_words}".strip()), 60)
        if self._others == "lines":
            return [Line2D([], [], color=palette.OTHERS, linewidth=0.9, label=text)]
        return [Rectangle((0, 0), 1, 1, facecolor=palette.BAND, edgecolor=palette.OTHERS, linewidth=0.6, label=text)]

    def _colour(self, series: str) -> str:
        if series == self.highlight:
            return palette.HIGHLIGHT
        return palette.COMPARISONS[self.comparisons.index(series)].colour

    def _label(self, ax: Axes) -> EndLabels:
        labels = EndLabels(ax)
        for series, row in self.named.items():
            there = np.flatnonzero(~row.is_missing)
            if not len(there):
                continue
            year, last = self.years[there[-1]], float(row.values[there[-1]])
            when = "" if year == self.years[-1] else f" in {self._periods[there[-1]]}"
            labels.add(
                wrapped(f"{series} {number(last, self.measure.decimals)}{when}", 21),
                x=float(year),
                joined=not when,
                y=last,
                colour=self._colour(series),
                bold=series == self.highlight,
            )
        return labels

    def words(self) -> str:
        """The panel for those who do not see it."""
        decimals = self.measure.decimals
        said = [
            told(series, self._periods, row.values, row.statuses, decimals=decimals, extremes=series == self.highlight)
            for series, row in self.named.items()
        ]
        grey = f" In grey: {self._count} {self._others_words}." if self._others != "none" else ""
        return f"{self.measure.label}. {' '.join(said)}{grey}"

    def rows(self) -> dict[str, list[Any]]:
        """Every value that is drawn and named, and the edges of the band, column by column."""
        parts = dict(self.named)
        if self._others in ("band", "range"):
            edges = ("10th percentile", "90th percentile") if self._others == "band" else ("Lowest", "Highest")
            for edge, values in zip(edges, self._spread, strict=True):
                why = np.where(np.isnan(values), Status.NOT_AVAILABLE.value, Status.VALUE.value).tolist()
                parts[f"{edge} of {self._others_words}"] = _Series(self.years, values, why)
        return {
            "series": [series for series in parts for _ in self.years],
            "measure": [self.measure.label] * (len(parts) * len(self.years)),
            "time_period": [*(self.years if is_plain(self.measure.kind) else self._periods)] * len(parts),
            "value": [value for row in parts.values() for value in row.values.tolist()],
            "value__status": [why for row in parts.values() for why in row.statuses],
        }


def _shared_kind(measures: Sequence[Measure]) -> PeriodKind | None:
    """How periods are written where panels share one axis: years where they differ."""
    kinds = {measure.kind for measure in measures}
    return kinds.pop() if len(kinds) == 1 else None


def _column_kind(measures: Sequence[Measure]) -> Literal["period", "text"]:
    return "period" if all(is_plain(measure.kind) for measure in measures) else "text"


def _year_axis(axes: Sequence[Axes], years: Sequence[int], kind: PeriodKind | None) -> None:
    most = 10
    if not is_plain(kind):
        most = max(int(_ACROSS / max(width(period_label(year, kind), SIZE) + 12.0 for year in years)), 2)
    step = -(-len(years) // most)
    ticks = years[::-1][::step][::-1]
    for ax in axes:
        ax.xaxis.set_major_locator(FixedLocator(ticks))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: period_label(round(value), kind)))
        ax.set_xlim(years[0] - 0.3, years[-1] + 0.15)
