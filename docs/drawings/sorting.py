"""Years, sites and verdicts, sorted by rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
from drawings.plain import BLUE, GREY, bare, drawn, say
from matplotlib.axes import Axes

from insight import charts
from insight.charts import palette
from insight.charts.canvas import SMALL, value_grid
from insight.charts.clouds import cloud, fix_ticks, name_axes, number_ticks
from insight.stats.ferman_pinto import ferman_pinto


def annual() -> str:
    """Years to March around a start in July 2023, as the rule sorts them."""
    years = (
        (2020, "before"),
        (2021, "before"),
        (2022, "before"),
        (2023, "left out"),
        (2024, "75% after"),
        (2025, "100% after"),
    )
    start = 2023 + 6 / 12 - 3 / 12  # years to March begin in April

    def draw(ax: Axes) -> None:
        for year, words in years:
            face = GREY if words == "before" else palette.WHITE if words == "left out" else BLUE
            edge = GREY if words == "left out" else face
            ax.bar([year - 0.5], [0.7], bottom=-0.35, width=0.94, color=face, edgecolor=edge, linewidth=1.4)
            ink = palette.WHITE if face == BLUE else palette.INK
            ax.text(year - 0.5, 0, words, ha="center", va="center", fontsize=SMALL, color=ink)
            say(ax, year - 0.5, -0.62, f"{year}", palette.INK)
        for at, words, side in ((start, "start, July 2023", "left"), (start - 0.5, "6 months left out", "right")):
            ax.plot([at, at], [-0.42, 0.55], color=palette.INK, linewidth=1.6)
            say(ax, at + (0.05 if side == "left" else -0.05), 0.62, words, palette.INK, ha=side)
        bare(ax, -0.9, 0.8)
        ax.set_xticks([])
        ax.set_xlim(2019, 2025.05)
        ax.spines["bottom"].set_visible(False)
        name_axes(ax, "", "Years to March")

    return drawn(
        "annual",
        "Years to March 2020 to 2022 are before, 2023 is left out, 2024 and 2025 are after a start in July 2023.",
        draw,
        height=1.9,
    )


def displacement() -> str:
    """Referrals that moved from treated sites to the others."""
    rows = (("Expected", 45.0, 75.0), ("Counted", 33.0, 87.0))

    def draw(ax: Axes) -> None:
        for place, (words, own, rest) in enumerate(rows):
            ax.bar([place], [rest], width=0.5, color=GREY)
            ax.bar([place], [own], bottom=rest, width=0.5, color=BLUE)
            ax.text(
                place, rest / 2, f"other sites {rest:.0f}", ha="center", va="center", fontsize=SMALL, color=palette.INK
            )
            ax.text(
                place,
                rest + own / 2,
                f"treated sites {own:.0f}",
                ha="center",
                va="center",
                fontsize=SMALL,
                color=palette.WHITE,
            )
            say(ax, place, 124, f"whole authority {own + rest:.0f}", palette.INK, fontweight="bold", va="bottom")
            say(ax, place, -5, words, palette.INK, va="top")
        ax.set_ylim(-14, 136)
        ax.set_xlim(-0.6, 1.6)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines["bottom"].set_visible(False)
        name_axes(ax, "", "Referrals a month")

    return drawn(
        "displacement",
        "Treated sites fell from 45 to 33 and the others rose from 75 to 87. The whole stayed at 120: referrals moved.",
        draw,
    )


def small_sites() -> str:
    """Changes of sites against their size, and how far they spread."""
    draws = np.random.default_rng(4)
    sizes = np.exp(draws.uniform(np.log(15), np.log(250), 60))
    changes = draws.normal(0, 1, 60) * np.sqrt(0.004 + 1.1 / sizes)
    sizes[0], changes[0] = 8.0, -0.32
    treated = np.arange(60) == 0
    found = ferman_pinto(changes, treated=treated, sizes=sizes, seed=1)

    def draw(ax: Axes) -> None:
        along = np.exp(np.linspace(np.log(6), np.log(260), 60))
        wide = 1.96 * np.sqrt(found.constant + found.per_size / along)
        ax.set_xscale("log")
        ax.fill_between(along, np.exp(-wide), np.exp(wide), color=palette.BAND, zorder=0)
        cloud(ax, sizes[1:], np.exp(changes[1:]), size=5.5, colour=GREY)
        ax.plot([8], [float(np.exp(changes[0]))], "D", color=BLUE, markersize=9, zorder=4)
        say(ax, 8.8, float(np.exp(changes[0])), "treated site", BLUE, ha="left", fontweight="bold")
        ax.axhline(1, color=palette.INK, linewidth=1.2, zorder=1)
        ax.set_xlim(6, 260)
        fix_ticks(ax, "x", [10, 25, 50, 100, 250])
        ax.xaxis.set_ticks([], minor=True)
        ax.set_ylim(0.4, 2.1)
        value_grid(ax)
        number_ticks(ax, "y")
        name_axes(ax, "Referrals a month", "Times as many as before; the band holds what size alone makes usual")

    return drawn(
        "small-sites",
        f"Small sites change more by chance. The treated one ranks {found.plain.rank} of 60 "
        f"plainly, and {found.rescaled.rank} once its size is allowed for.",
        draw,
    )


def verdicts() -> str:
    """Intervals, and what would be said of each where nothing else speaks against it."""
    rows = (
        ("Effect: fewer", 0.78, 0.70, 0.88),
        ("Effect: more", 1.27, 1.12, 1.45),
        ("No effect larger than 15%", 0.99, 0.90, 1.09),
        ("The data cannot tell", 0.92, 0.74, 1.14),
        ("The data cannot tell", 1.10, 0.97, 1.26),
    )
    frame = pd.DataFrame(rows, columns=["label", "value", "low", "high"]).assign(status="value")
    return charts.forest_chart(
        frame,
        name="verdicts",
        title="",
        subtitle="",
        x_label="Times as many referrals as the others suggest",
        headline=None,
        scale="ratio",
        margin=(0.85, 1.15),
        margin_words="changes of up to 15%, too small to matter",
        lower_words="fewer",
        higher_words="more",
    ).svg
