"""One indicator held against others: nation, region, statistical neighbours, ranks, quarters, funnel, trend, change.

Every study asks these functions, so that every page says the same thing in the same way. ``measure`` lays one indicator
out; everything else takes what it gives. Nothing here raises for want of data: it says in words why there is no number.
"""

from __future__ import annotations

from insight.studies._benchmarks._beside import Benchmark, benchmarks
from insight.studies._benchmarks._changes import Change, change_of
from insight.studies._benchmarks._counts import Counts, counts_of
from insight.studies._benchmarks._measure import Cell, Measure, breakdowns, measure
from insight.studies._benchmarks._places import Place, Places, Quarter, places_of
from insight.studies._benchmarks._trends import Trend, Trends, trends_of

__all__ = [
    "Benchmark",
    "Cell",
    "Change",
    "Counts",
    "Measure",
    "Place",
    "Places",
    "Quarter",
    "Trend",
    "Trends",
    "benchmarks",
    "breakdowns",
    "change_of",
    "counts_of",
    "measure",
    "places_of",
    "trends_of",
]
