"""How often the 95% intervals of both clocks hold a known truth, on sets of spells like the published ones.

    python benchmarks/getting_to_good_coverage.py            prints a table in Markdown; some six minutes

A set has 64 spells. Services become good after an exponential time; inspections come at random distances, and each
spell is followed for 1 to 12 years. The truth of the published clock is the median of 200,000 such times.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from itertools import takewhile

import numpy as np

from insight.core.estimate import Estimate
from insight.studies.getting_to_good import _curves
from insight.studies.getting_to_good._curves import Row, until_changed, until_published

SETS, SPELLS, DRAWS = 150, 64, 100
CASES = ((3.0, 1.5, 4.0), (5.0, 1.5, 4.0), (5.0, 2.0, 3.0), (3.0, 2.0, 3.0))


def looks(generator: np.random.Generator, nearest: float, farthest: float) -> Iterator[float]:
    """Times of reports, the first at 0."""
    time = 0.0
    while True:
        yield time
        time += generator.uniform(nearest, farthest)


def spell(generator: np.random.Generator, name: str, median: float, nearest: float, farthest: float) -> Row:
    """One spell as its reports show it."""
    turn, followed = generator.exponential(median / math.log(2)), generator.uniform(1, 12)
    seen = list(takewhile(lambda time: time <= followed, looks(generator, nearest, farthest)))
    without = max(time for time in seen if time < turn or time == 0)
    good = next((time for time in seen if time >= turn and time > 0), None)
    return Row(name, followed if good is None else good, good is not None, without)


def true_published(median: float, nearest: float, farthest: float) -> float:
    """The median time to the report that shows the change."""
    generator = np.random.default_rng(0)
    found = []
    for _ in range(200_000):
        turn = generator.exponential(median / math.log(2))
        found.append(next(time for time in looks(generator, nearest, farthest) if time >= turn and time > 0))
    return statistics.median(found)


def holds(estimate: Estimate, truth: float) -> bool:
    """Whether the interval holds the truth; an open end reaches for ever."""
    low = 0.0 if estimate.low is None else estimate.low
    return low <= truth <= (math.inf if estimate.high is None else estimate.high)


def main() -> None:
    """Print the table."""
    _curves.DRAWS = DRAWS
    print("| true median | looks apart | change itself | published | mean of medians of the change |")
    print("| --- | --- | --- | --- | --- |")
    for median, nearest, farthest in CASES:
        truth = true_published(median, nearest, farthest)
        changed, published = [], []
        for seed in range(SETS):
            generator = np.random.default_rng(seed)
            rows = [spell(generator, f"a{number}", median, nearest, farthest) for number in range(SPELLS)]
            changed.append(until_changed(rows).median)
            published.append(until_published(rows).median)
        shares = [
            sum(holds(each, aim) for each in found) / SETS for found, aim in ((changed, median), (published, truth))
        ]
        middle = statistics.mean(each.value for each in changed if each.value is not None)
        cells = (f"{median:g} years", f"{nearest:g} to {farthest:g} years", *(f"{share:.0%}" for share in shares))
        print(f"| {' | '.join(cells)} | {middle:.2f} |")


if __name__ == "__main__":
    main()
