"""How unusual a number is, what else was tried, and what could have been noticed."""

from __future__ import annotations

import numpy as np
from drawings.plain import BLUE, DASHED, GREY, ORANGE, bare, drawn, placebo_ratios, say
from matplotlib.axes import Axes
from scipy.special import ndtr

from insight import charts
from insight.charts import palette
from insight.charts.canvas import value_grid
from insight.charts.clouds import fix_ticks, name_axes, number_ticks
from insight.stats.permutation import placebo_interval
from insight.stats.sensitivity import smoothness_intervals


def placebo_rank() -> str:
    """The charts' own histogram of placebos."""
    observed, placebos = placebo_ratios()
    return charts.placebo_chart(
        np.exp(placebos).tolist(),
        observed=float(np.exp(observed)),
        name="placebos",
        title="",
        subtitle="",
        x_label="Times as many referrals as expected",
        observed_words="treated",
    ).svg


def inversion() -> str:
    """The rank of what is left for every effect that might be true."""
    observed, placebos = placebo_ratios()
    test = placebo_interval(observed, placebos)
    effects = np.linspace(np.log(0.55), np.log(1.08), 160)
    far = np.abs(observed - effects)[:, None]
    p = (1 + (np.abs(placebos)[None, :] >= far).sum(axis=1)) / (1 + len(placebos))

    def draw(ax: Axes) -> None:
        ax.set_xscale("log")
        inside = p > 0.05
        ax.fill_between(np.exp(effects), 0, p, where=inside, step="mid", color=palette.BAND, zorder=1)
        ax.step(np.exp(effects), p, where="mid", color=BLUE, linewidth=2, zorder=3)
        ax.axhline(0.05, color=ORANGE, linestyle=DASHED, linewidth=2, zorder=2)
        ax.axvline(1, color=palette.INK, linewidth=1.2)
        low, high = np.exp(test.low or 0), np.exp(test.high or 0)
        ax.annotate("", (low, 0.16), (high, 0.16), arrowprops={"arrowstyle": "<->", "color": palette.INK})
        say(ax, float(high) * 1.01, 0.16, f"interval: {low:.2f} to {high:.2f}", palette.INK, ha="left")
        say(ax, 1.075, 0.1, "5%", ORANGE, ha="right")
        say(ax, 0.995, 0.92, "no change", palette.INK, ha="right")
        ax.set_ylim(0, 1.05)
        ax.set_xlim(0.55, 1.08)
        fix_ticks(ax, "x", [0.6, 0.7, 0.8, 0.9, 1.0])
        ax.xaxis.set_ticks([], minor=True)
        value_grid(ax)
        number_ticks(ax, "y")
        name_axes(
            ax,
            "Effect supposed to be true, times as many referrals",
            "Share of placebo sets at least as far from zero as what is left",
        )

    return drawn(
        "inversion",
        "For every supposed effect the share of placebo sets at least as far out. The interval "
        "holds the effects whose share is above 5%.",
        draw,
    )


def windows() -> str:
    """What each row of the table compares: stretches of months on one line each."""
    rows: tuple[tuple[str, tuple[int, int], tuple[int, int], int], ...] = (
        ("Headline", (-42, -6), (0, 12), 0),
        ("12 months before", (-18, -6), (0, 12), 0),
        ("24 months before", (-30, -6), (0, 12), 0),
        ("60 months before", (-66, -6), (0, 12), 0),
        ("All months before", (-75, -6), (0, 12), 0),
        ("Start 3 months later", (-42, -6), (3, 12), 3),
        ("Start 6 months later", (-42, -6), (6, 12), 6),
        ("Pretended: just before", (-60, -24), (-18, -6), -18),
        ("Pretended: a year before", (-72, -36), (-30, -18), -30),
    )

    def draw(ax: Axes) -> None:
        for place, (words, before, after, start) in enumerate(rows):
            is_head = place == 0
            say(
                ax,
                -78,
                -place,
                words,
                BLUE if is_head else palette.INK,
                ha="right",
                fontweight="bold" if is_head else "normal",
            )
            for (first, last), face in ((before, GREY), (after, BLUE if place < 7 else ORANGE)):
                ax.bar([(first + last) / 2], [0.56], bottom=-place - 0.28, width=last - first, color=face)
            ax.plot([start, start], [-place - 0.42, -place + 0.42], color=palette.INK, linewidth=1.6)
        bare(ax, -9.5, 0.9)
        ax.axvline(0, color=palette.GRID, linewidth=1.2, zorder=0)
        ax.set_xlim(-118, 13)
        fix_ticks(ax, "x", [-72, -60, -48, -36, -24, -12, 0, 12])
        for x, face, text in (
            (-116, GREY, "before"),
            (-92, BLUE, "after"),
            (-72, ORANGE, "after a start that was not"),
        ):
            ax.bar([x], [0.4], bottom=-9.35, width=3, color=face)
            say(ax, x + 3, -9.15, text, ha="left")
        name_axes(ax, "Months since the real start", "")

    return drawn(
        "windows",
        "Nine rows, each with the months before and after that it compares. Six months before "
        "each start are in neither.",
        draw,
        height=4.4,
    )


def sensitivity() -> str:
    """Intervals that widen as trends may bend."""
    coefs = np.array([0.01, -0.02, 0.005, -0.19, -0.21, -0.2, -0.22])
    covariance = 0.025**2 * (0.5 * np.eye(7) + 0.5)
    bends = [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06]
    found = smoothness_intervals(
        coefs, vcov=covariance, n_pre=3, n_post=4, weights=[0.25] * 4, grid=bends, scale="ratio"
    )

    def draw(ax: Axes) -> None:
        for bend, each in zip(bends, found.estimates, strict=True):
            low, high, middle = float(each.low or 0), float(each.high or 0), float(each.value or 0)
            colour = BLUE if high < 1 else GREY
            ax.plot([100 * bend] * 2, [low, high], color=colour, linewidth=3)
            ax.plot([100 * bend], [middle], "o", color=colour, markersize=7)
        ax.axhline(1, color=palette.INK, linewidth=1.2)
        say(ax, 0.0, 1.03, "no change", palette.INK, ha="left", va="bottom")
        ax.set_yscale("log")
        ax.set_xlim(-0.5, 6.5)
        fix_ticks(ax, "y", [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5])
        ax.yaxis.set_ticks([], minor=True)
        ax.grid(axis="y", linewidth=0.8)
        name_axes(ax, "How far the difference in trends may bend, % a quarter", "Times as many referrals, 95% interval")

    return drawn(
        "sensitivity",
        "Intervals widen as the difference in trends may bend more. From some bend on they hold no change.",
        draw,
    )


def power() -> str:
    """How often a fall would be noticed, by its size."""
    placebos = placebo_ratios()[1]
    deviation = float(placebos.std(ddof=1))
    falls = np.linspace(0, 0.25, 51)
    noticed = ndtr(-np.log(1 - falls) / deviation - 1.96)
    least = float(np.interp(0.8, noticed, falls))

    def draw(ax: Axes) -> None:
        ax.plot(100 * falls, 10 * noticed, color=BLUE, linewidth=2.6)
        ax.plot([0, 100 * least, 100 * least], [8, 8, 0], color=ORANGE, linestyle=DASHED, linewidth=2)
        say(ax, 100 * least + 0.7, 1.2, f"smallest fall we would\nnotice: {100 * least:.0f}%", ORANGE, ha="left")
        say(ax, 0.4, 8.1, "8 times in 10", ORANGE, ha="left", va="bottom")
        ax.set_xlim(0, 25)
        ax.set_ylim(0, 10.4)
        fix_ticks(ax, "y", [0, 2, 4, 6, 8, 10])
        ax.grid(axis="y", linewidth=0.8)
        name_axes(ax, "True fall in referrals, %", "Times in 10 that the interval would leave out no change")

    return drawn(
        "power", f"A curve that rises with the size of the fall; it passes 8 times in 10 at {100 * least:.0f}%.", draw
    )
