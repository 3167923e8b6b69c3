"""Charts: finished SVG with its data table and its words. One module per family, one palette.

matplotlib is loaded only when a chart is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insight.charts.bars import column_chart, group_chart
    from insight.charts.control import control_chart, run_chart
    from insight.charts.event_time import event_time_chart
    from insight.charts.forest import forest_chart
    from insight.charts.funnel import funnel_chart
    from insight.charts.hexmap import GRADE_CLASSES, QUARTER_CLASSES, HexClass, hexagon_map
    from insight.charts.months import Span, month_chart
    from insight.charts.multiples import small_multiples
    from insight.charts.paths import Measure, line_chart
    from insight.charts.placebos import placebo_chart
    from insight.charts.ranked import Level, ranked_chart
    from insight.charts.scatter import scatter_chart
    from insight.charts.strip import Strip, strip_chart
    from insight.charts.survival_curves import OwnTime, Stretch, survival_chart
    from insight.charts.timeline import timeline_chart
    from insight.charts.trends import trend

_HOMES = {
    "GRADE_CLASSES": "hexmap",
    "HexClass": "hexmap",
    "Level": "ranked",
    "Measure": "paths",
    "OwnTime": "survival_curves",
    "QUARTER_CLASSES": "hexmap",
    "Span": "months",
    "Stretch": "survival_curves",
    "Strip": "strip",
    "column_chart": "bars",
    "control_chart": "control",
    "event_time_chart": "event_time",
    "forest_chart": "forest",
    "funnel_chart": "funnel",
    "group_chart": "bars",
    "hexagon_map": "hexmap",
    "line_chart": "paths",
    "month_chart": "months",
    "placebo_chart": "placebos",
    "ranked_chart": "ranked",
    "run_chart": "control",
    "scatter_chart": "scatter",
    "small_multiples": "multiples",
    "strip_chart": "strip",
    "survival_chart": "survival_curves",
    "timeline_chart": "timeline",
    "trend": "trends",
}
__all__ = [
    "GRADE_CLASSES",
    "QUARTER_CLASSES",
    "HexClass",
    "Level",
    "Measure",
    "OwnTime",
    "Span",
    "Stretch",
    "Strip",
    "column_chart",
    "control_chart",
    "event_time_chart",
    "forest_chart",
    "funnel_chart",
    "group_chart",
    "hexagon_map",
    "line_chart",
    "month_chart",
    "placebo_chart",
    "ranked_chart",
    "run_chart",
    "scatter_chart",
    "small_multiples",
    "strip_chart",
    "survival_chart",
    "timeline_chart",
    "trend",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"insight.charts.{_HOMES[name]}"), name)
    raise AttributeError(f"insight.charts has no {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return list(__all__)
