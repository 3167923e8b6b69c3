"""Mixtures of donors, and starts at different times."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from drawings.plain import BLUE, DASHED, GREY, ORANGE, START, bare, drawn, mark_start, say, sites
from matplotlib.axes import Axes

from insight.charts import palette
from insight.charts.canvas import value_grid
from insight.charts.clouds import fix_ticks, name_axes, number_ticks
from insight.charts.labels import EndLabels
from insight.stats.goodman_bacon import goodman_bacon
from insight.stats.static_effects import static_two_way
from insight.stats.synthetic_control import synthetic_control
from insight.stats.synthetic_did import synthetic_did

SINGLE = 83
"""Seed of a site that a mixture of donors meets closely before its start."""


@cache
def by_quarter(raised: float = 1.0) -> pd.DataFrame:
    """Sites by quarter, one of them treated, its rate raised so many times."""
    frame = sites(SINGLE, 0.72, 1, 14)
    frame = frame.assign(q=frame["t"] // 3, first=frame["first"] // 3)
    table = frame.groupby(["site", "q"], as_index=False).agg(
        referrals=("referrals", "sum"), children=("children", "first"), first=("first", "first")
    )
    own = np.where(table["first"].notna(), raised, 1.0)
    return table.assign(rate=own * 1e4 * table["referrals"] / table["children"] / 3)


def synthetic() -> str:
    """A treated site, all donors and the mixture."""
    frame = by_quarter()
    found = synthetic_control(frame, outcome="rate", unit="site", period="q", cohort="first", placebos=False)
    weights = found.weights[found.weights["weight"] > 0.01]

    def draw(ax: Axes) -> EndLabels:
        for _, donor in frame[frame["first"].isna()].groupby("site"):
            ax.plot(donor["q"], donor["rate"], color=palette.GRID, linewidth=1, zorder=1)
        own = found.cells
        ax.plot(own["period"], own["observed"], color=BLUE, linewidth=2.6, zorder=4)
        ax.plot(own["period"], own["expected"], color=ORANGE, linestyle=DASHED, linewidth=2.2, zorder=3)
        mark_start(ax, START // 3)
        labels = EndLabels(ax)
        labels.add("treated site", x=21, y=float(own["observed"].iloc[-1]), colour=BLUE, bold=True)
        labels.add(f"mixture of\n{len(weights)} donors", x=21, y=float(own["expected"].iloc[-1]), colour=ORANGE)
        ax.set_xlim(-0.3, 21.3)
        fix_ticks(ax, "x", [0, 4, 8, 12, 16, 20])
        value_grid(ax)
        name_axes(ax, "Quarter", "Referrals per 10,000 children a month; thin lines are single donors")
        return labels

    return drawn(
        "synthetic",
        f"A mixture of {len(weights)} donors runs close to the treated site before the start, and above it after.",
        draw,
    )


def synthetic_differences() -> str:
    """The comparison runs beside the treated site, is moved to meet it, and some quarters count more."""
    frame = by_quarter(1.3)
    found = synthetic_did(frame, outcome="rate", unit="site", period="q", cohort="first", placebos=False)
    wide = frame.pivot(index="site", columns="q", values="rate")
    weights = found.weights.set_index("unit")["weight"]
    mixture = weights @ wide.loc[weights.index]

    def draw(ax: Axes) -> EndLabels:
        own, times = found.cells, found.time_weights
        base = 14.0
        ax.bar(times["period"], 14 * times["weight"], bottom=base, width=0.7, color=GREY, zorder=2)
        ax.plot(own["period"], own["observed"], color=BLUE, linewidth=2.6, zorder=4)
        ax.plot(mixture.index, mixture, color=palette.WORDS, linestyle=(0, (1.5, 1.5)), linewidth=1.8, zorder=3)
        after = own["period"] >= START // 3
        ax.plot(own["period"][after], own["expected"][after], color=ORANGE, linestyle=DASHED, linewidth=2.2, zorder=3)
        mark_start(ax, START // 3)
        labels = EndLabels(ax)
        labels.add("treated site", x=21, y=float(own["observed"].iloc[-1]), colour=BLUE, bold=True)
        labels.add("mixture", x=21, y=float(mixture.iloc[-1]), colour=palette.WORDS)
        labels.add("mixture moved\nto meet it before", x=21, y=float(own["expected"].iloc[-1]), colour=ORANGE)
        ax.set_xlim(-0.3, 21.3)
        fix_ticks(ax, "x", [0, 4, 8, 12, 16, 20])
        ax.set_ylim(bottom=base)
        value_grid(ax)
        name_axes(
            ax,
            "Quarter (columns: how much each quarter before the start counts)",
            "Referrals per 10,000 children a month",
        )
        return labels

    return drawn(
        "synthetic-did",
        "A mixture of donors runs beside the treated site at a distance. Moved by that "
        "distance it shows what to expect; some quarters before the start count more.",
        draw,
    )


def quarters() -> str:
    """Which quarters of which units are compared."""
    rows = (("Starts in\nquarter 5", 4, BLUE), ("Starts in\nquarter 8", 7, BLUE), ("Never starts", 12, GREY))

    def draw(ax: Axes) -> None:
        for place, (words, start, _) in enumerate(rows):
            y = -place
            say(ax, -0.3, y, words, palette.INK, ha="right")
            for quarter in range(12):
                is_base = quarter in (3, 6) if start == 12 else quarter == start - 1
                is_after = start < 12 and quarter >= start
                face = ORANGE if is_base else BLUE if is_after else palette.BAND
                face = GREY if start == 12 and quarter >= 4 and not is_base else face
                ax.bar([quarter + 0.5], [0.62], bottom=y - 0.31, width=0.88, color=face, edgecolor=palette.WHITE)
        for x, face, words in (
            (0.2, ORANGE, "base: last quarter before"),
            (4.9, BLUE, "after a start"),
            (8.2, GREY, "compared with"),
        ):
            ax.bar([x], [0.3], bottom=-3.15, width=0.4, color=face)
            say(ax, x + 0.4, -3.0, words, ha="left")
        bare(ax, -3.4, 0.5)
        ax.set_xlim(-2.3, 12.1)
        ax.xaxis.set_ticks(np.arange(12) + 0.5, [str(number) for number in range(1, 13)])
        ax.spines["bottom"].set_visible(False)
        ax.xaxis.tick_top()

    return drawn(
        "quarters",
        "Each group of starters is compared, from its own base quarter, with units that never "
        "start, and never with units that have already started.",
        draw,
        height=2.8,
    )


def bacon() -> str:
    """Static two-way effects taken apart where effects grow."""
    t = np.arange(12)
    parts = []
    for unit in range(12):
        start = {0: 3, 1: 8}.get(unit % 3, np.inf)
        growing = np.where(t >= start, -4.0 - 1.5 * (t - start if np.isfinite(start) else 0), 0.0)
        parts.append(pd.DataFrame({"unit": unit, "t": t, "y": 50 + unit + 0.3 * t + growing, "first": start}))
    frame = pd.concat(parts, ignore_index=True)
    found = goodman_bacon(frame, outcome="y", unit="unit", period="t", cohort="first")
    fitted = static_two_way(frame, outcome="y", unit="unit", period="t", cohort="first", errors="none")
    static = fitted.estimate.value or 0.0
    truth = float((frame["y"] - 50 - frame["unit"] - 0.3 * frame["t"])[frame["t"] >= frame["first"]].mean())
    names = {
        "treated vs never": "with units\nthat never start",
        "earlier vs later": "early with those\nnot yet started",
    }

    def draw(ax: Axes) -> None:
        for row in found.comparisons.to_dict("records"):
            is_forbidden = row["kind"] not in names
            ax.plot(
                [row["weight"]],
                [row["estimate"]],
                "X" if is_forbidden else "o",
                markersize=11,
                color=ORANGE if is_forbidden else BLUE,
                zorder=4,
            )
            which = names.get(row["kind"], "late with those\nalready started")
            if row["kind"] == "treated vs never":
                which = f"{'early' if row['cohort'] == 3 else 'late'} {which}"
            lower = 1.1 if which.startswith("late with units") else 0.0
            say(ax, row["weight"] + 0.012, row["estimate"] - lower, which, ORANGE if is_forbidden else BLUE, ha="left")
        for value, words, dash in (
            (truth, f"true mean effect {truth:.1f}", "-"),
            (static, f"static {static:.1f}", DASHED),
        ):
            ax.axhline(value, color=palette.INK, linewidth=1.3, linestyle=dash, zorder=1)
            say(ax, 0.0, value, words.replace("-", "−"), palette.INK, ha="left", va="bottom")
        ax.set_xlim(0, 0.55)
        ax.margins(y=0.15)
        value_grid(ax)
        number_ticks(ax, "y")
        name_axes(ax, "Weight of the comparison in the static effect", "Effect by that comparison")

    return drawn(
        "goodman-bacon",
        f"Comparisons with units already treated find a rise where every true effect is a "
        f"fall. They pull the static effect from {truth:.1f} to {static:.1f}.",
        draw,
        height=3.6,
    )
