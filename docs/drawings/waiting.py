"""Waits that end in an event which somebody publishes later than it happens."""

from __future__ import annotations

import numpy as np
import pandas as pd
from drawings.plain import BLUE, GREY, ORANGE, bare, drawn, say
from matplotlib.axes import Axes

from insight import charts
from insight.charts import palette
from insight.charts.clouds import fix_ticks, name_axes
from insight.stats import kaplan_meier, turnbull

N_WAITS, FOLLOWED, LOOK_APART = 60, 11.0, 2.6


def clocks() -> str:
    """One spell: reports, the stretch that holds the change, and where each clock stops."""
    reports = ((0.0, "Inadequate"), (2.3, "Requires\nimprovement"), (4.6, "Requires\nimprovement"), (7.1, "Good"))

    def draw(ax: Axes) -> None:
        ax.plot([0, 8.4], [0, 0], color=palette.INK, linewidth=1.4)
        ax.bar([5.85], [0.5], bottom=-0.25, width=2.5, color=palette.BAND, edgecolor=ORANGE, linewidth=1.4, zorder=3)
        say(ax, 5.85, -0.01, "the change, unseen", palette.INK)
        for at, words in reports:
            is_good = words == "Good"
            ax.plot([at], [0], "D", color=BLUE if is_good else GREY, markersize=11, markeredgecolor="w", zorder=5)
            say(ax, at, 0.62, words, BLUE if is_good else palette.WORDS, fontweight="bold" if is_good else "normal")
        for height, end, colour in ((-0.95, 7.1, BLUE), (-1.75, 4.6, ORANGE)):
            look = {"arrowstyle": "->", "color": colour, "linewidth": 2}
            ax.annotate("", (end, height), (0, height), arrowprops=look)
        ax.plot([4.6, 7.1], [-1.75] * 2, color=ORANGE, linewidth=5, solid_capstyle="butt")
        say(ax, 0.05, -0.68, "to the published Good: 7.1 years", BLUE, ha="left")
        say(ax, 0.05, -1.48, "to the change itself: after 4.6 and up to 7.1 years", ORANGE, ha="left")
        bare(ax, -2.05, 1.0)
        ax.set_xlim(-0.7, 8.4)
        fix_ticks(ax, "x", [0, 2, 4, 6, 8])
        name_axes(ax, "Years since the Inadequate report", "")

    return drawn(
        "clocks",
        "One spell with four reports. One clock stops at the published Good after 7.1 years; "
        "the change lies between 4.6 and 7.1 years.",
        draw,
        height=2.9,
    )


def survival() -> str:
    """The curve to publication and that of the change itself, of the same invented waits."""
    waits = _waits()
    published = kaplan_meier(waits, duration="right", event="event", conf_type="log_log", unit="years").cells
    followed = waits.assign(right=waits["right"].where(waits["event"] == 1, np.inf))
    changed = turnbull(followed, left="left", right="right", seed=1, draws=0, unit="years").cells
    ours, theirs = "Published Good", "The change itself"
    steps = pd.DataFrame(
        {
            "curve": ours,
            "time": published["time"],
            "value": 100 * published["survival"],
            "low": 100 * published["low"],
            "high": 100 * published["high"],
            "status": "value",
        }
    )
    stretches = pd.DataFrame(
        {
            "curve": theirs,
            "left": changed["left"],
            "right": changed["right"].replace(np.inf, np.nan),
            "value": 100 * changed["survival"],
            "status": "value",
        }
    )
    return charts.survival_chart(
        steps,
        name="survival",
        title="",
        subtitle="",
        x_label="Years since the Inadequate report",
        y_label="Still without, percent",
        intervals=stretches,
        window=charts.Stretch(3, 5, "3 to 5 years"),
    ).svg


def _waits() -> pd.DataFrame:
    """Invented spells: changes with a median of four years, seen at the first look after each."""
    generator = np.random.default_rng(11)
    rows = []
    for _ in range(N_WAITS):
        change = generator.exponential(4 / np.log(2))
        until = generator.uniform(3, FOLLOWED)
        looks = np.cumsum(generator.uniform(LOOK_APART - 0.6, LOOK_APART + 0.6, 8)).round(1)
        seen = looks[looks <= until]
        later = seen[seen >= change]
        before = seen[seen < change]
        known = float(before[-1]) if len(before) else 0.0
        rows.append((known, float(later[0]) if len(later) else round(until, 1), float(len(later) > 0)))
    return pd.DataFrame(rows, columns=["left", "right", "event"])
