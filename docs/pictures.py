"""The pictures of ``methods.md``, made from invented data by the package's own methods and charts.

Run ``python docs/pictures.py``; it takes a few seconds. Seeds are fixed: the same program gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.special import ndtr

from insight import charts
from insight.charts import palette
from insight.charts.canvas import SMALL, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import cloud, fix_ticks, name_axes, number_ticks
from insight.charts.labels import EndLabels
from insight.charts.svg import HALO
from insight.sample import simulate_sites
from insight.stats.arrangements import draw_assignments
from insight.stats.comparative_series import comparative_series
from insight.stats.ferman_pinto import ferman_pinto
from insight.stats.goodman_bacon import goodman_bacon
from insight.stats.interrupted_series import interrupted_series
from insight.stats.panel_matrix import NEVER, PanelMatrix, panel_matrix
from insight.stats.permutation import placebo_interval
from insight.stats.poisson_imputation import impute_for_assignments, poisson_imputation
from insight.stats.sensitivity import smoothness_intervals
from insight.stats.static_effects import static_two_way
from insight.stats.synthetic_control import synthetic_control
from insight.stats.synthetic_did import synthetic_did

FOLDER = Path(__file__).with_name("pictures")
BLUE, ORANGE, GREY = palette.HIGHLIGHT, palette.COMPARISONS[0].colour, palette.OTHERS
DASHED = (0, (6.0, 2.0))
PRE, GAP, START, MONTHS = 36, 6, 48, 66
SINGLE = 83
Floats = NDArray[np.float64]


def drawn(name: str, alt: str, draw: Callable[[Axes], EndLabels | None], *, height: float = 3.3) -> str:
    """A plain drawing on the paper of the charts; labels that ``draw`` gives back are placed at the end."""
    with house_style():
        figure, (ax,) = paper(height)
        labels = draw(ax)
        settle(figure)
        if labels is not None:
            labels.place()
        return finished(figure, name=name, label=alt)


def alone(svg: str) -> str:
    """A picture in a file of its own: it says its size, and ends with a newline."""
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    return re.sub(r' style="[^"]*"', f' width="{width}" height="{height}"', svg, count=1) + "\n"


def say(ax: Axes, x: float, y: float, words: str, colour: str = palette.WORDS, **look: object) -> None:
    """Words at a place, with a white rim so that lines do not cross them out."""
    wanted = {"ha": "center", "va": "center", "fontsize": SMALL, "color": colour, "zorder": 6, **look}
    ax.text(x, y, words, **wanted).set_gid(HALO)  # type: ignore[arg-type]  # mixed settings


def bare(ax: Axes, low: float, high: float) -> None:
    """No vertical axis: the rows are named in words."""
    ax.set_yticks([])
    ax.set_ylim(low, high)


def mark_start(ax: Axes, at: float, words: str = "start") -> None:
    """A line before the first month of treatment."""
    ax.axvline(at - 0.5, color=palette.INK, linewidth=1.4, zorder=2)
    ax.annotate(
        words,
        (at - 0.5, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-5, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=SMALL,
        color=palette.INK,
    ).set_gid(HALO)


@cache
def sites(seed: int, effect: float, n_treated: int, n_sites: int = 30, rising: float = 0.0) -> pd.DataFrame:
    """Invented sites with numbered months, a calendar month and the start as a number."""
    frame = simulate_sites(
        seed,
        effect,
        n_sites=n_sites,
        n_treated=n_treated,
        n_months=MONTHS,
        first_start=START,
        deviation=0.1,
        trend_deviation=rising,
        is_chosen_rising=rising > 0,
    )
    months = sorted(frame["month"].unique())
    number = {month: place for place, month in enumerate(months)}
    frame["t"], frame["first"] = frame["month"].map(number), frame["start"].map(number)
    return frame.assign(season=frame["month"].str[5:], rate=1e4 * frame["referrals"] / frame["children"])


@cache
def placebo_ratios() -> tuple[float, Floats]:
    """The log ratio of three treated sites by imputation, and that of sets of untreated ones."""
    frame = sites(11, 0.75, 3, 40)
    matrix = panel_matrix(
        frame, outcome="referrals", unit="site", period="t", cohort="first", exposure="children", is_count=True
    )
    seasons = np.arange(MONTHS) % 12
    treated = matrix.ever_treated
    drawn_sets = draw_assignments(~treated, treated=treated, n_draws=999, seed=1).sets

    def of(starts: Floats, rows: NDArray[np.bool_]) -> Floats:
        part = PanelMatrix(
            tuple(np.array(matrix.units)[rows]),
            matrix.periods,
            matrix.outcome[rows],
            matrix.exposure[rows],
            matrix.start[rows],
            matrix.weights[rows],
            matrix.covariates[rows],
            (),
        )
        return impute_for_assignments(part, starts=starts[:, rows], seasons=seasons, gap=GAP, pre=PRE)

    placebos = np.where(drawn_sets, float(START), NEVER)
    return float(of(matrix.start[None, :], np.ones(len(treated), dtype=bool))[0]), of(placebos, ~treated)


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


PICTURES: dict[str, Callable[[], str]] = {
    "imputation": imputation,
    "weightings": weightings,
    "level": level,
    "comparative": comparative,
    "series": series,
    "synthetic": synthetic,
    "synthetic-did": synthetic_differences,
    "quarters": quarters,
    "goodman-bacon": bacon,
    "placebos": placebo_rank,
    "inversion": inversion,
    "windows": windows,
    "sensitivity": sensitivity,
    "power": power,
    "annual": annual,
    "small-sites": small_sites,
    "displacement": displacement,
    "verdicts": verdicts,
}


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(alone(make()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
