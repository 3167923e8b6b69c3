"""Where a place stands among others, and how far chance moves it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from drawings.plain import BLUE, DASHED, GREY, ORANGE, bare, drawn, say
from matplotlib.axes import Axes

from insight import charts
from insight.charts import palette
from insight.charts.canvas import SMALL, value_grid
from insight.charts.clouds import cloud, fix_ticks, name_axes, number_ticks
from insight.stats.funnel import funnel_limits
from insight.stats.quarters import quarters
from insight.stats.rank import rank_counts
from insight.stats.regression_to_mean import change_beside_alike


def cuts() -> str:
    """Whole percent, so that several places share a figure, and two cuts fall on one."""
    figures = [55, 57, 58, 58, 59, 60, 60, 61, 61, 62, 62, 62, 63, 64, 64, 65, 66, 68, 70, 73]
    found = quarters({f"p{place:02d}": float(value) for place, value in enumerate(figures)})
    at_cut = {name for name in found.quarter if found.quarter[name] != found.strict[name]}

    def draw(ax: Axes) -> None:
        height: dict[int, int] = {}
        for place, value in enumerate(figures):
            level = height[value] = height.get(value, -1) + 1
            tied = f"p{place:02d}" in at_cut
            look = {"color": ORANGE if tied else GREY, "markeredgecolor": "w", "markersize": 13}
            ax.plot([value], [level], "D" if tied else "o", zorder=4, **look)  # type: ignore[arg-type]  # mixed settings
        for cut in found.cuts:
            ax.plot([cut, cut], [-0.6, 3.3], color=palette.INK, linestyle=DASHED, linewidth=1.4, zorder=2)
        edges = [54.2, *found.cuts, 74]
        words = ("lowest\nquarter", "second\nlowest", "second\nhighest", "highest\nquarter")
        for low, high, text in zip(edges[:-1], edges[1:], words, strict=True):
            say(ax, (low + high) / 2, 4.0, text, palette.INK)
        say(ax, 69.6, 2.0, "at a cut: counts with\nthe quarter below", ORANGE)
        bare(ax, -0.7, 4.7)
        ax.set_xlim(54.2, 74)
        fix_ticks(ax, "x", [55, 60, 65, 70])
        name_axes(ax, "Pupils at the expected standard, whole percent", "")

    return drawn(
        "cuts",
        f"Twenty places by a figure in whole percent, cut into quarters. {len(at_cut)} lie exactly on a cut.",
        draw,
        height=3.0,
    )


def ranks() -> str:
    """Nine regions: neighbours in the list could as well stand the other way round."""
    leavers = np.array([176, 204, 302, 318, 371, 355, 296, 452, 641])
    workers = np.array([1800, 2010, 2800, 2850, 3220, 2990, 2460, 3650, 4800])
    found = rank_counts(leavers, workers, seed=1, dispersion=2.4)
    rows = pd.DataFrame(
        {
            "area": [f"Region {letter}" for letter in "ABCDEFGHI"],
            "value": [each.rank for each in found],
            "low": [each.low for each in found],
            "high": [each.high for each in found],
            "status": "value",
        }
    )
    return charts.ranked_chart(
        rows,
        name="ranks",
        title="",
        subtitle="",
        x_label="Place among nine regions, 1 is the lowest turnover",
        highlight="Region E",
        order="low first",
        decimals=0,
    ).svg


def funnel() -> str:
    """Places of all sizes around one rate, with limits for chance alone and for the usual spread."""
    generator = np.random.default_rng(3)
    sizes = np.sort(np.concatenate([generator.uniform(40, 300, 34), generator.uniform(300, 1500, 16)]).round())
    rates = 0.14 * np.exp(generator.normal(0, 0.16, len(sizes)))
    events = generator.poisson(rates * sizes)
    own = 7
    events[own] = round(0.29 * sizes[own])
    fitted = funnel_limits(events, sizes, kind="rate")
    along = np.unique(np.linspace(sizes.min(), sizes.max(), 25))
    points = pd.DataFrame(
        {
            "area": ["Your place" if place == own else f"Place {place}" for place in range(len(sizes))],
            "denominator": sizes,
            "events": events.astype(float),
            "value": 100 * events / sizes,
            "denominator__status": "value",
            "events__status": "value",
            "status": "value",
        }
    )

    def curves(adjusted: bool) -> pd.DataFrame:
        made = {"denominator": along}
        for multiple, rows in fitted.limits(along, adjusted=adjusted).groupby("multiple"):
            made |= {f"{end}_{multiple:.0f}": 100 * rows[end].to_numpy() for end in ("low", "high")}
        return pd.DataFrame(made)

    return charts.funnel_chart(
        points,
        curves=curves(True),
        unadjusted=curves(False),
        centre=100 * fitted.centre,
        name="funnel",
        title="",
        subtitle="",
        highlight="Your place",
        x_label="Workers at the start of the year",
        y_label="Leavers for every 100 workers",
    ).svg


def alike() -> str:
    """Places that started high come down without anybody doing anything."""
    generator = np.random.default_rng(8)
    level = generator.normal(14, 2.0, 80)
    first, last = level + generator.normal(0, 2.4, 80), level + generator.normal(0, 2.4, 80)
    first[0], last[0] = 21.2, 16.9
    names = [f"p{place:02d}" for place in range(80)]
    known = dict(zip(names, first.tolist(), strict=True)), dict(zip(names, last.tolist(), strict=True))
    found = change_beside_alike(known[0], ends=known[1], focal="p00", unit="percentage points")
    peers = [names.index(name) for name in found.peers]
    rest = [place for place in range(1, 80) if place not in peers]
    change = last - first

    def words(value: float) -> str:
        return f"{value:.1f}".replace("-", "−")

    def draw(ax: Axes) -> None:
        cloud(ax, first[rest], change[rest], size=6)
        ax.plot(first[peers], change[peers], "D", color=ORANGE, markersize=7.5, markeredgecolor="w", zorder=4)
        ax.plot(first[:1], change[:1], "o", color=BLUE, markersize=12, markeredgecolor="w", zorder=6)
        ends = np.array([first.min(), first.max()])
        centre, height = float(first[1:].mean()), float(change[1:].mean())
        ax.plot(ends, height + found.slope * (ends - centre), color=palette.INK, linestyle=DASHED, linewidth=1.6)
        ax.axhline(0, color=palette.INK, linewidth=1.2, zorder=1)
        mean = found.peer_change.value or 0.0
        say(ax, 21.8, found.change, f"your place: {words(found.change)}", BLUE, ha="left", fontweight="bold")
        say(ax, 18.6, 4.4, f"the ten that started alike:\n{words(mean)} on average", ORANGE, ha="left")
        ax.set_xlim(6.5, 26.5)
        fix_ticks(ax, "x", [8, 12, 16, 20, 24])
        value_grid(ax)
        number_ticks(ax, "y")
        name_axes(ax, "Turnover in one year, %", "Change to the next year, percentage points")

    return drawn(
        "alike",
        f"Places by their start and their change. One fell by {abs(found.change):.1f}; the ten that started alike "
        f"fell by {abs(found.peer_change.value or 0.0):.1f} on average.",
        draw,
        height=3.6,
    )


def readings() -> str:
    """An aim on a strip: the region's members, its target, and how many more are needed."""
    grades = [4, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 1, 3]

    def draw(ax: Axes) -> None:
        words = ("Inadequate", "Requires\nimprovement", "Good", "Outstanding")
        for grade in (1, 2, 3, 4):
            several = sum(each == grade for each in grades)
            face = BLUE if grade > 2 else GREY
            for place in range(several):
                x = grade + 0.1 * (place - (several - 1) / 2)
                ax.plot([x], [0], "o", color=face, markersize=12, markeredgecolor="w")
            ax.text(grade, -0.55, words[grade - 1], ha="center", va="top", fontsize=SMALL, color=palette.INK)
        ax.plot([2.52, 2.52], [-0.4, 0.75], color=palette.INK, linestyle=DASHED, linewidth=1.4)
        good = sum(grade > 2 for grade in grades)
        say(ax, 2.6, 0.62, f"Good or better: {good} of 14; the aim of 85% is 12", palette.INK, ha="left")
        say(ax, 2.44, 0.62, f"{12 - good} more would reach it", ORANGE, ha="right", fontweight="bold")
        bare(ax, -1.15, 0.9)
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        ax.set_xlim(0.5, 4.6)

    return drawn(
        "readings",
        "Fourteen authorities by grade. Ten are Good or better, the aim of 85% is twelve: two more would reach it.",
        draw,
        height=1.7,
    )
