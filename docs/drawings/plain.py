"""Plain drawings on the paper of the charts, and the invented sites that several pictures share."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.canvas import SMALL, finished, house_style, paper, settle
from insight.charts.labels import EndLabels
from insight.charts.svg import HALO
from insight.sample import simulate_sites
from insight.stats.arrangements import draw_assignments
from insight.stats.panel_matrix import NEVER, PanelMatrix, panel_matrix
from insight.stats.poisson_imputation import impute_for_assignments

BLUE, ORANGE, GREY = palette.HIGHLIGHT, palette.COMPARISONS[0].colour, palette.OTHERS
DASHED = (0, (6.0, 2.0))
PRE, GAP, START, MONTHS = 36, 6, 48, 66
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
