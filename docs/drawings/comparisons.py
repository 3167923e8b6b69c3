"""What each design compares: imputation, levels, trends, and one series alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from drawings.plain import BLUE, DASHED, GAP, GREY, MONTHS, ORANGE, PRE, START, bare, drawn, mark_start, say, sites
from matplotlib.axes import Axes

from insight import charts
from insight.charts import palette
from insight.charts.canvas import value_grid
from insight.charts.clouds import cloud, fix_ticks, name_axes, number_ticks
from insight.charts.labels import EndLabels
from insight.stats.comparative_series import comparative_series
from insight.stats.interrupted_series import interrupted_series
from insight.stats.poisson_imputation import poisson_imputation


def imputation() -> str:
    """Counted and expected months of treated sites together."""
    found = poisson_imputation(
        sites(11, 0.75, 3, 40),
        outcome="referrals",
        unit="site",
        period="t",
        cohort="first",
        exposure="children",
        season="season",
        gap=GAP,
        pre=PRE,
    )
    origin = 2019 * 12 + 3
    cells = found.cells[found.cells["span"] != "control"]
    months = cells.groupby("period")[["observed", "expected"]].sum().reset_index()
    months["month"] = months["period"].astype(int) + origin
    rows = []
    for series, key in (("Counted", "observed"), ("Expected", "expected")):
        rows.append(pd.DataFrame({"series": series, "month": months["month"], "value": months[key], "status": "value"}))
    first = START - GAP - PRE + origin
    spans = (
        charts.Span(first, first + PRE - 1, "36 months compared"),
        charts.Span(START - GAP + origin, START - 1 + origin, "left out, in neither side"),
    )
    return charts.month_chart(
        pd.concat(rows),
        name="imputation",
        title="",
        subtitle="",
        y_label="Referrals a month at three treated sites",
        highlight="Counted",
        comparisons=["Expected"],
        start=START + origin,
        spans=spans,
        decimals=0,
    ).svg


def weightings() -> str:
    """Three treated authorities of different size: two ways to a mean."""
    sizes, ratios = np.array([400.0, 120.0, 60.0]), np.array([1.02, 0.80, 0.72])
    by_event = float(sizes @ ratios / sizes.sum())
    by_unit = float(np.exp(np.log(ratios).mean()))

    def draw(ax: Axes) -> None:
        for size, ratio, name in zip(sizes, ratios, "ABC", strict=True):
            ax.plot(
                [ratio],
                [0],
                "o",
                markersize=float(np.sqrt(size)) * 2,
                color=palette.BAND,
                zorder=3,
                markeredgecolor=BLUE,
            )
            at, side = (ratio + 0.024, "left") if size > 200 else (ratio, "center")
            say(ax, float(at), 0 if size > 200 else -0.4, f"{name}: {size:.0f} a month", palette.INK, ha=side)
        ax.axvline(1, color=palette.INK, linewidth=1.2)
        for at, words, colour, dash in (
            (by_event, "every referral\ncounts alike", BLUE, "-"),
            (by_unit, "every authority\ncounts alike", ORANGE, DASHED),
        ):
            ax.axvline(at, color=colour, linewidth=2.4, linestyle=dash, zorder=2)
            say(ax, at - 0.006, 0.82, f"{words} {at:.2f}", colour, ha="right", fontweight="bold")
        say(ax, 1.006, 0.88, "no change", palette.INK, ha="left")
        bare(ax, -0.75, 1.1)
        ax.set_xlim(0.66, 1.13)
        fix_ticks(ax, "x", [0.7, 0.8, 0.9, 1.0, 1.1])
        name_axes(ax, "Times as many referrals as expected", "Circles are authorities, with their referrals a month")

    return drawn(
        "weightings",
        f"Three authorities with ratios 1.02, 0.80 and 0.72. The largest pulls the mean over "
        f"referrals to {by_event:.2f}; the mean over authorities is {by_unit:.2f}.",
        draw,
        height=3.0,
    )


def level() -> str:
    """Before and after at treated and untreated units."""

    def draw(ax: Axes) -> EndLabels:
        labels = EndLabels(ax)
        lines = (
            ("Untreated 44", [40.0, 44.0], palette.WORDS, (0, (1.5, 1.5)), False),
            ("Expected 55", [50.0, 55.0], ORANGE, DASHED, False),
            ("Counted 46", [50.0, 46.0], BLUE, "-", True),
        )
        for words, values, colour, dash, bold in lines:
            ax.plot([0, 1], values, color=colour, linestyle=dash, linewidth=2.4, marker="o")
            labels.add(words, x=1, y=values[1], colour=colour, bold=bold)
        say(ax, 0.5, 40.2, "untreated: 10% more")
        say(ax, 0.5, 54.8, "the same 10% more", ORANGE)
        ax.annotate("", (0.985, 46.8), (0.985, 54.2), arrowprops={"arrowstyle": "<->", "color": palette.INK})
        say(ax, 0.93, 50.5, "46 / 55 = 0.84", palette.INK, ha="right")
        fix_ticks(ax, "x", [0, 1])
        ax.set_xticklabels(["Before", "After"])
        ax.set_xlim(-0.12, 1.06)
        ax.set_ylim(36, 58)
        value_grid(ax)
        name_axes(ax, "", "Referrals per 10,000 children a month, same calendar months")
        return labels

    return drawn(
        "level",
        "Untreated units rose from 40 to 44, 10% more. Treated ones fell from 50 to 46, where 10% "
        "more would be 55: a ratio of 0.84.",
        draw,
    )


def comparative() -> str:
    """The ratio of treated to untreated by month, with its trend carried on."""
    found = comparative_series(
        sites(6, 0.8, 4, 40, 0.006),
        outcome="referrals",
        unit="site",
        period="t",
        cohort="first",
        exposure="children",
        pre=PRE,
        gap=GAP,
    )
    cells = found.cells
    carried = np.exp(cells["fitted"] - np.where(cells["is_after"], found.step, 0.0))
    before = float(np.exp(cells.loc[~cells["is_after"], "difference"].mean()))

    def draw(ax: Axes) -> EndLabels:
        t, after = cells["period"].to_numpy(float), cells["is_after"].to_numpy()
        cloud(ax, t, np.exp(cells["difference"].to_numpy()), size=5, colour=GREY)
        ax.plot(t, carried, color=ORANGE, linestyle=DASHED, linewidth=2)
        ax.axhline(before, color=palette.WORDS, linewidth=1.4, linestyle=(0, (1.5, 1.5)), zorder=1)
        for side in (after, ~after):
            ax.plot(t[side], np.exp(cells["fitted"].to_numpy()[side]), color=BLUE, linewidth=2.4)
        mark_start(ax, START)
        labels = EndLabels(ax)
        labels.add("trend\ncarried on", x=t[-1], y=float(carried.iloc[-1]), colour=ORANGE)
        labels.add(
            f"step: {np.exp(found.step):.2f}\ntimes",
            x=t[-1],
            y=float(np.exp(cells["fitted"].iloc[-1])),
            colour=BLUE,
            bold=True,
        )
        labels.add("mean before", x=t[-1], y=before, colour=palette.WORDS)
        ax.set_xlim(t[0] - 1, MONTHS)
        value_grid(ax)
        number_ticks(ax, "y")
        name_axes(ax, "Month", "Rate at treated sites over rate at untreated sites")
        return labels

    return drawn(
        "comparative",
        "Dots by month rise before the start. A step below the trend carried on shows a fall "
        "that the mean before hides.",
        draw,
    )


def series() -> str:
    """One treated site by itself."""
    frame = sites(23, 0.75, 1)
    own = frame[frame["first"].notna()]
    found = interrupted_series(own, outcome="referrals", period="t", start=START, harmonics=1, family="quasi_poisson")

    def draw(ax: Axes) -> EndLabels:
        cells = found.cells
        t, after = cells["period"].to_numpy(float), cells["is_after"].to_numpy()
        cloud(ax, t, cells["observed"].to_numpy(float), size=5, colour=GREY)
        ax.plot(t, cells["fitted"], color=BLUE, linewidth=2.2)
        ax.plot(t[after], cells["counterfactual"][after], color=ORANGE, linestyle=DASHED, linewidth=2)
        mark_start(ax, START)
        labels = EndLabels(ax)
        labels.add("fitted", x=t[-1], y=float(cells["fitted"].iloc[-1]), colour=BLUE, bold=True)
        labels.add("its own past\ncarried on", x=t[-1], y=float(cells["counterfactual"].iloc[-1]), colour=ORANGE)
        ax.set_ylim(bottom=0)
        ax.set_xlim(-1, MONTHS)
        value_grid(ax)
        name_axes(ax, "Month", "Referrals a month at one site (dots)")
        return labels

    return drawn(
        "series",
        "One series with a fitted line that steps down at the start, and its past carried on as a "
        "dashed line. No other site is there to compare with.",
        draw,
    )
