"""Paths over the years: one area in bold, a few others named, the rest in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter

from insight.charts import palette
from insight.charts.canvas import add_key, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import fix_ticks
from insight.charts.inputs import checked, require, table
from insight.charts.labels import EndLabels
from insight.charts.marks import ZERO, key_to_marks, mark_line
from insight.charts.words import number, plain, series_words, wrapped
from insight.core.missing import Status
from insight.core.results import Column, Drawing

Others = Literal["band", "range", "lines", "none"]
_MOST = len(palette.COMPARISONS)


@dataclass(frozen=True)
class Measure:
    """What one panel of a line chart shows.

    ``key`` is its value in the frame's column ``measure``; ``label`` is its name and unit, as they stand above the
    panel. ``from_zero`` starts the scale at zero.
    """

    key: str
    label: str
    decimals: int = 1
    from_zero: bool = False


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
        ``measure``, ``series`` (text), ``time_period`` (year), ``value``, ``status``; one row per measure, series and
        year. Series that are neither ``highlight`` nor in ``comparisons`` are the others.
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
        _year_axis(axes, sorted({year for panel in panels for year in panel.years}))
        key = [entry for panel in panels[:1] for entry in panel.key()]
        key += key_to_marks(kind for panel in panels for kind in panel.kinds())
        add_key(figure, key)
        settle(figure)
        for labels in ends:
            labels.place()
        svg = finished(figure, name=name, label=alt)
    rows = pd.concat([panel.rows() for panel in panels], ignore_index=True)
    columns = (
        Column("series", "Area", kind="text"),
        Column("measure", "Measure", kind="text"),
        Column("time_period", "Year", kind="period"),
        Column("value", "Value", decimals=max(measure.decimals for measure in measures)),
    )
    numbers = table(rows, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, axes[0] if len(axes) == 1 else tuple(axes), is_sample)


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
        self.years = sorted(int(year) for year in mine["time_period"].unique())
        self.named = {series: self._whole(mine[mine["series"] == series]) for series in [highlight, *comparisons]}
        rest = mine[~mine["series"].isin(self.named)]
        self._others = others if rest["value"].notna().any() else "none"
        self._rest, self._count = rest, rest.loc[rest["value"].notna(), "series"].nunique()
        self._others_words = others_words

    def _whole(self, rows: pd.DataFrame) -> pd.DataFrame:
        """A row for every year of the measure: a year that was not published is a gap, not a longer line."""
        index = pd.Index(self.years, name="time_period")
        rows = rows.astype({"time_period": int}).set_index("time_period")[["value", "status"]]
        whole = rows.reindex(index).reset_index()
        whole["status"] = whole["status"].astype(object).where(whole["status"].notna(), Status.NO_ROW.value)
        return whole

    def _spread(self) -> pd.DataFrame:
        """``time_period, low, high`` of the others."""
        low, high = (0.1, 0.9) if self._others == "band" else (0.0, 1.0)
        years = self._rest.dropna(subset="value").groupby("time_period")["value"]
        return pd.DataFrame({"low": years.quantile(low), "high": years.quantile(high)}).reindex(self.years)

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
            spread = self._spread()
            years = np.array(self.years, dtype=float)
            ax.fill_between(
                years,
                spread["low"].to_numpy(),
                spread["high"].to_numpy(),
                facecolor=palette.BAND,
                edgecolor=palette.OTHERS,
                linewidth=0.6,
                zorder=1,
            )
        elif self._others == "lines":
            x: list[float] = []
            y: list[float] = []
            for _, rows in self._rest.groupby("series", sort=True):
                whole = self._whole(rows)
                x += [*whole["time_period"].astype(float), np.nan]
                y += [*whole["value"], np.nan]
            ax.plot(x, y, color=palette.OTHERS, linewidth=0.7, zorder=1)

    def _draw_comparisons(self, ax: Axes) -> None:
        # matplotlib breaks a line at a missing value; seaborn would drop the row and join its neighbours.
        for series, style in zip(self.comparisons, palette.COMPARISONS, strict=False):
            rows = self.named[series]
            ax.plot(
                rows["time_period"].to_numpy(float),
                rows["value"].to_numpy(),
                color=style.colour,
                linestyle=(0, style.dash),
                linewidth=style.width,
                zorder=3,
            )
            lone = _lone(rows)
            if len(lone):
                ax.plot(lone["time_period"], lone["value"], "o", color=style.colour, markersize=4, zorder=3)

    def _draw_highlight(self, ax: Axes) -> None:
        rows = self.named[self.highlight]
        ax.plot(
            rows["time_period"].to_numpy(float),
            rows["value"].to_numpy(),
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
            bottom = min(bottom, 0.0) if min(row["value"].min() for row in self.named.values()) < 0 else 0.0
        fix_ticks(ax, "y", [float(tick) for tick in ax.yaxis.get_major_locator()() if bottom <= tick <= top])
        gaps = [(series, rows) for series in self.named if len(rows := self._gaps(series))]
        step = (top - bottom) * 0.085
        for place, (series, rows) in enumerate(gaps):
            for kind, several in rows.groupby("status", sort=False):
                at = bottom - step * (place + 0.8)
                ax.add_line(
                    mark_line(str(kind), several["time_period"], [at] * len(several), colour=self._colour(series))
                )
        if gaps:
            ax.axhline(bottom, color=palette.GRID, linewidth=0.8, zorder=1)
        ax.set_ylim(bottom - step * (len(gaps) + 0.4) if gaps else bottom, top)
        zeros = self.named[self.highlight].query("value == 0")
        if len(zeros):
            ax.add_line(mark_line(ZERO, zeros["time_period"], zeros["value"], colour=palette.HIGHLIGHT))

    def _gaps(self, series: str) -> pd.DataFrame:
        rows = self.named[series]
        missing = rows["value"].isna()
        # A comparison without any value is not on the chart; the words say so.
        return rows[missing] if series == self.highlight or not missing.all() else rows[:0]

    def kinds(self) -> list[str]:
        """Which marks the panel needs explained."""
        missing = [kind for series in self.named for kind in self._gaps(series)["status"]]
        return [*missing, *([ZERO] if (self.named[self.highlight]["value"] == 0).any() else [])]

    def key(self) -> list[Artist]:
        """What is not labelled on the spot: who is grey."""
        if self._others == "none":
            return []
        what = {"band": "10th to 90th percentile of", "range": "lowest to highest of", "lines": ""}[self._others]
        text = wrapped(plain(f"{what} {self._count} {self._others_words}".strip()), 60)
        if self._others == "lines":
            return [Line2D([], [], color=palette.OTHERS, linewidth=0.9, label=text)]
        return [Patch(facecolor=palette.BAND, edgecolor=palette.OTHERS, linewidth=0.6, label=text)]

    def _colour(self, series: str) -> str:
        if series == self.highlight:
            return palette.HIGHLIGHT
        return palette.COMPARISONS[self.comparisons.index(series)].colour

    def _label(self, ax: Axes) -> EndLabels:
        labels = EndLabels(ax)
        for series, rows in self.named.items():
            there = rows[rows["value"].notna()]
            if there.empty:
                continue
            last = there.iloc[-1]
            year = int(last["time_period"])
            when = "" if year == self.years[-1] else f" in {year}"
            text = f"{series} {number(last['value'], self.measure.decimals)}{when}"
            labels.add(
                wrapped(text, 21),
                x=float(year),
                joined=not when,
                y=float(last["value"]),
                colour=self._colour(series),
                bold=series == self.highlight,
            )
        return labels

    def words(self) -> str:
        """The panel for those who do not see it."""
        said = [
            series_words(series, rows, decimals=self.measure.decimals, extremes=series == self.highlight)
            for series, rows in self.named.items()
        ]
        grey = f" In grey: {self._count} {self._others_words}." if self._others != "none" else ""
        return f"{self.measure.label}. {' '.join(said)}{grey}"

    def rows(self) -> pd.DataFrame:
        """Every value that is drawn and named, and the edges of the band."""
        parts = [rows.assign(series=series) for series, rows in self.named.items()]
        if self._others in ("band", "range"):
            edges = ("10th percentile", "90th percentile") if self._others == "band" else ("Lowest", "Highest")
            spread = self._spread().reset_index(names="time_period")
            for edge, key in zip(edges, ("low", "high"), strict=True):
                rows = spread[["time_period"]].assign(value=spread[key], series=f"{edge} of {self._others_words}")
                rows["status"] = np.where(rows["value"].notna(), Status.VALUE.value, Status.NOT_AVAILABLE.value)
                parts.append(rows)
        whole = pd.concat(parts, ignore_index=True).assign(measure=self.measure.label)
        return whole.rename(columns={"status": "value__status"})[
            ["series", "measure", "time_period", "value", "value__status"]
        ]


def _lone(rows: pd.DataFrame) -> pd.DataFrame:
    """Values with a gap on both sides, which a line cannot show."""
    there = rows["value"].notna()
    alone = there & ~there.shift(1, fill_value=False) & ~there.shift(-1, fill_value=False)
    return rows[alone]


def _year_axis(axes: Sequence[Axes], years: Sequence[int]) -> None:
    step = -(-len(years) // 10)
    ticks = years[::-1][::step][::-1]
    for ax in axes:
        ax.xaxis.set_major_locator(FixedLocator(ticks))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
        ax.set_xlim(years[0] - 0.3, years[-1] + 0.15)
