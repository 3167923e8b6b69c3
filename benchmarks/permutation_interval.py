"""How long a permutation interval takes on 150 units by 144 months, three of them treated, with 999 draws.

Run ``python benchmarks/permutation_interval.py``. The time includes the collapse of the panel to one log change per
unit, and is CPU time. Rounds alternate with a plain loop over the same number of draws that searches for the interval's
ends by bisection, and medians are compared, so that a busy machine slows both alike.
"""

from __future__ import annotations

from statistics import median
from time import process_time

import numpy as np
import pandas as pd

from insight.stats.panel_matrix import panel_matrix
from insight.stats.unit_permutation import permute_units

ROUNDS, UNITS, PERIODS, TREATED, START, DRAWS = 15, 150, 144, 3, 120, 999


def invented() -> tuple[np.ndarray, pd.DataFrame]:
    """Counts (units x periods), and the same as a tidy frame."""
    generator = np.random.default_rng(1)
    level = np.exp(generator.normal(4, 0.5, size=(UNITS, 1)) + generator.normal(scale=0.1, size=(UNITS, PERIODS)))
    counts = generator.poisson(level).astype(float)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(UNITS), PERIODS), "period": np.tile(np.arange(PERIODS), UNITS)})
    return counts, frame.assign(count=counts.reshape(-1), start=np.where(frame["unit"] < TREATED, START, np.inf))


def collapse(counts: np.ndarray) -> np.ndarray:
    """One log change of the mean count per unit."""
    return np.asarray(np.log(counts[:, START:].mean(axis=1)) - np.log(counts[:, :START].mean(axis=1)))


def by_matrix(counts: np.ndarray, frame: pd.DataFrame) -> None:
    """The collapse and the interval from a matrix of counts."""
    permute_units(collapse(counts), treated=np.arange(UNITS) < TREATED, n_draws=DRAWS, seed=1)


def by_frame(counts: np.ndarray, frame: pd.DataFrame) -> None:
    """The same from a tidy frame, laid out first."""
    panel = panel_matrix(frame, outcome="count", unit="unit", period="period", cohort="start")
    permute_units(collapse(panel.outcome), treated=panel.ever_treated, n_draws=DRAWS, seed=1)


def by_search(counts: np.ndarray, frame: pd.DataFrame) -> None:
    """A plain loop over draws, with twenty steps of bisection for each end."""
    changes, actual = collapse(counts), np.arange(UNITS) < TREATED
    generator = np.random.default_rng(1)
    sets = [generator.permutation(actual) for _ in range(DRAWS)]

    def p_value(theta: float) -> float:
        moved = changes - theta * actual
        observed = abs(moved[actual].mean() - moved[~actual].mean())
        return (1 + sum(abs(moved[each].mean() - moved[~each].mean()) >= observed for each in sets)) / (DRAWS + 1)

    centre = changes[actual].mean() - changes[~actual].mean()
    for side in (-1, 1):
        inside, outside = centre, centre + side
        for _ in range(20):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if p_value(middle) <= 0.05 else (middle, outside)


def main() -> None:
    """Print medians and ratios."""
    ways = {"from a matrix": by_matrix, "from a frame": by_frame, "plain search": by_search}
    counts, frame = invented()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for place in range(ROUNDS):
        for name, way in ways.items():
            if way is by_search and place % 5:
                continue
            started = process_time()
            way(counts, frame)
            times[name].append(process_time() - started)
    base = median(times["plain search"])
    for name, several in times.items():
        print(
            f"{name:14} {1000 * median(several):8.1f} ms  {base / median(several):6.0f} x as fast as the plain search"
        )


if __name__ == "__main__":
    main()
