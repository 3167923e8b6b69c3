"""Figures in the order of time: which way they go, how many were looked at, and which points stand out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from drawings.plain import BLUE, GREY, ORANGE, drawn, say
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator

from insight import charts
from insight.charts import palette
from insight.charts.canvas import value_grid
from insight.charts.clouds import fix_ticks, name_axes, number_ticks
from insight.stats.many_looks import false_discovery
from insight.stats.spc import control_chart
from insight.stats.trend_test import trend_test


def trend() -> str:
    """Every pair of years, risen or fallen, and the middle of their slopes."""
    years = np.arange(2017, 2026)
    values = np.array([16.2, 15.4, 16.6, 13.9, 15.1, 14.6, 13.2, 13.5, 12.1])
    found = trend_test(values, times=years, unit="percentage points")
    slope = found.slope.value or 0.0
    pairs = list(combinations(range(len(years)), 2))
    falls = sum(values[late] < values[early] for early, late in pairs)

    def draw(ax: Axes) -> None:
        for early, late in pairs:
            rises = values[late] > values[early]
            look = {"color": ORANGE if rises else GREY, "linewidth": 1.6 if rises else 0.8, "zorder": 3 if rises else 1}
            ax.plot(years[[early, late]], values[[early, late]], **look)  # type: ignore[arg-type]  # mixed settings
        middle = float(np.median(values - slope * years))
        ends = np.array([2016.8, 2025.2])
        ax.plot(ends, middle + slope * ends, color=BLUE, linewidth=2.8, zorder=4)
        ax.plot(years, values, "o", color=palette.INK, markersize=7, markeredgecolor="w", zorder=5)
        words = f"{falls} of {len(pairs)} pairs fall (grey)\n{len(pairs) - falls} rise (orange)"
        say(ax, 2022.6, 16.4, words, palette.INK, ha="left")
        say(ax, 2017, 12.6, f"middle slope: {slope:.2f} a year\n(p {found.p:.3f})".replace("-", "−"), BLUE, ha="left")
        ax.set_xlim(2016.6, 2026)
        ax.xaxis.set_major_locator(FixedLocator(years[::2].tolist()))
        ax.xaxis.set_major_formatter(FixedFormatter([str(year) for year in years[::2]]))
        value_grid(ax)
        number_ticks(ax, "y")
        name_axes(ax, "", "Turnover, %")

    return drawn(
        "trend",
        f"Nine yearly figures, with a line for each pair: {falls} of {len(pairs)} pairs fall. "
        f"The middle slope is {slope:.2f} a year.".replace("-", "−"),
        draw,
    )


def looks() -> str:
    """Forty p-values in order, and the line that rises with their place."""
    generator = np.random.default_rng(21)
    values = np.concatenate([[0.0004, 0.0011, 0.0026, 0.011, 0.024, 0.043], np.sort(generator.uniform(0.07, 1, 34))])
    found = false_discovery({f"look {place:02d}": float(value) for place, value in enumerate(values)})
    kept, alone = len(found.kept), int((values <= 0.05).sum())
    places = np.arange(1, len(values) + 1)

    def draw(ax: Axes) -> None:
        ax.plot([0, 40], [0, 0.05], color=BLUE, linewidth=2.2)
        ax.axhline(0.05, color=palette.INK, linewidth=1.2)
        near = values <= 0.2
        for rows, colour, shape in ((places <= kept, BLUE, "D"), ((places > kept) & near, GREY, "o")):
            ax.plot(places[rows], values[rows], shape, color=colour, markersize=8, markeredgecolor="w", zorder=4)
        say(ax, 39.5, 0.058, f"5%: {alone} lie below this line", palette.INK, ha="right")
        say(ax, 30, 0.021, f"rising line: {kept} are kept", BLUE, ha="left")
        ax.set_xlim(0, 40.5)
        ax.set_ylim(-0.004, 0.15)
        fix_ticks(ax, "y", [0, 0.05, 0.1, 0.15])
        value_grid(ax)
        number_ticks(ax, "x")
        name_axes(ax, "Forty looks, the smallest p first", "p")

    return drawn(
        "looks",
        f"Forty p-values in order. {alone} lie below 5%, and {kept} below a line that rises with their place.",
        draw,
        height=3.0,
    )


def months() -> str:
    """Limits from the first two years, kept, and the points that stand out later."""
    generator = np.random.default_rng(5)
    values = (52 + generator.normal(0, 4, 40)).round(1)
    values[31:] += 6
    values[26] = 32.0
    labels = [f"{year}-{month:02d}" for year in range(2021, 2025) for month in range(1, 13)][: len(values)]
    frame = pd.DataFrame({"period": labels, "value": values})
    found = control_chart(frame, value="value", period="period", frequency="monthly", baseline=24)
    cells = found.cells
    points = pd.DataFrame(
        {
            "period": labels,
            "value": cells["value"],
            "status": "value",
            **{name: cells[name] for name in ("centre", "low", "high", "in_baseline")},
        }
    )
    rows = [(period, mark.rule) for mark in found.marks for period in mark.periods]
    return charts.control_chart(
        points,
        name="months",
        title="",
        subtitle="",
        y_label="Referrals for every 10,000 children",
        signals=pd.DataFrame(rows, columns=["period", "rule"]),
    ).svg
