"""Charts: finished SVG with its data table and its words. One module per family, one palette.

matplotlib is loaded only when a chart is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insight.charts.bars import column_chart, group_chart
    from insight.charts.event_time import event_time_chart
    from insight.charts.forest import forest_chart
    from insight.charts.funnel import funnel_chart
    from insight.charts.months import Span, month_chart
    from insight.charts.paths import Measure, line_chart
    from insight.charts.placebos import placebo_chart
    from insight.charts.scatter import scatter_chart
    from insight.charts.trends import trend

_HOMES = {
    "Measure": "paths",
    "Span": "months",
    "column_chart": "bars",
    "event_time_chart": "event_time",
    "forest_chart": "forest",
    "funnel_chart": "funnel",
    "group_chart": "bars",
    "line_chart": "paths",
    "month_chart": "months",
    "placebo_chart": "placebos",
    "scatter_chart": "scatter",
    "trend": "trends",
}
__all__ = [
    "Measure",
    "Span",
    "column_chart",
    "event_time_chart",
    "forest_chart",
    "funnel_chart",
    "group_chart",
    "line_chart",
    "month_chart",
    "placebo_chart",
    "scatter_chart",
    "trend",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"insight.charts.{_HOMES[name]}"), name)
    raise AttributeError(f"insight.charts has no {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return list(__all__)
