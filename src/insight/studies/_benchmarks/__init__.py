"""One indicator held against others: nation, region, statistical neighbours, ranks, quarters, funnel, trend, change.

Every study asks these functions, so that every page says the same thing in the same way. ``measure`` lays one indicator
out; everything else takes what it gives. Nothing here raises for want of data: it says in words why there is no number.
"""

from __future__ import annotations

from insight.studies._benchmarks._added_up import combined, with_regions
from insight.studies._benchmarks._amounts import is_amount
from insight.studies._benchmarks._beside import Benchmark, benchmarks, like_for_like, points_at_somebody, together
from insight.studies._benchmarks._changes import Change, change_of
from insight.studies._benchmarks._counts import Counts, counts_of
from insight.studies._benchmarks._measure import Cell, Measure, breakdowns, measure
from insight.studies._benchmarks._places import Place, Places, places_of
from insight.studies._benchmarks._quarters import Quarter, Quarters, quarters_of
from insight.studies._benchmarks._trends import Line, Trend, Trends, line_of, trends_in, trends_of

__all__ = [
    "Benchmark",
    "Cell",
    "Change",
    "Counts",
    "Line",
    "Measure",
    "Place",
    "Places",
    "Quarter",
    "Quarters",
    "Trend",
    "Trends",
    "benchmarks",
    "breakdowns",
    "change_of",
    "combined",
    "counts_of",
    "is_amount",
    "like_for_like",
    "line_of",
    "measure",
    "places_of",
    "points_at_somebody",
    "quarters_of",
    "together",
    "trends_in",
    "trends_of",
    "with_regions",
]
