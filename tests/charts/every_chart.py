"""One chart of each family from invented rows; run as a program it prints the hash of each, one a line."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from insight.charts import (
    Measure,
    column_chart,
    forest_chart,
    funnel_chart,
    group_chart,
    line_chart,
    scatter_chart,
)
from insight.core.results import Drawing

YEARS = range(2017, 2026)
CAPTION = {"title": "What was found", "subtitle": "Where, when, in what unit"}


def paths_frame() -> pd.DataFrame:
    """Two measures of an area, England, a region and thirty others; the area has no caseload in 2020 and 2024."""
    rng = np.random.default_rng(1)
    series = ["Oakshire", "England", "North", *(f"Area {number}" for number in range(30))]
    rows = [
        (measure, name, year, base + float(rng.normal(0, 1)), "value")
        for measure, base in (("caseload", 16.0), ("turnover", 12.0))
        for name in series
        for year in YEARS
    ]
    frame = pd.DataFrame(rows, columns=["measure", "series", "time_period", "value", "status"])
    own = (frame["measure"] == "caseload") & (frame["series"] == "Oakshire")
    for year, status in ((2020, "suppressed"), (2024, "not available")):
        here = own & (frame["time_period"] == year)
        frame.loc[here, "value"], frame.loc[here, "status"] = np.nan, status
    return frame


MEASURES = (Measure("caseload", "Cases per social worker"), Measure("turnover", "Turnover, per cent"))


def lines(frame: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """The two paths; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "paths",
        **CAPTION,
        "measures": MEASURES,
        "highlight": "Oakshire",
        "comparisons": ["England", "North"],
        **changed,
    }
    return line_chart(paths_frame() if frame is None else frame, **arguments)  # type: ignore[arg-type]  # mixed


def scatter_points(several: int = 1300) -> pd.DataFrame:
    """Points of 100 areas and 13 years; the last has no number."""
    rng = np.random.default_rng(2)
    x = rng.normal(0, 2, several)
    y = 0.5 * x + rng.normal(0, 3, several)
    frame = pd.DataFrame(
        {
            "area": [f"Area {number % 100}" for number in range(several)],
            "time_period": [2010 + number // 100 for number in range(several)],
            "x": x,
            "y": y,
            "x__status": "value",
            "y__status": "value",
        }
    )
    frame.loc[several - 1, ["y", "y__status"]] = [np.nan, "suppressed"]
    return frame


def scatter(points: pd.DataFrame | None = None) -> Drawing:
    """The scatter with the line that made it."""
    x = np.linspace(-6, 6, 25)
    line = pd.DataFrame({"x": x, "fit": 0.5 * x, "low": 0.5 * x - 0.3, "high": 0.5 * x + 0.3})
    return scatter_chart(
        scatter_points() if points is None else points,
        line=line,
        name="scatter",
        **CAPTION,
        highlight="Area 7",
        x_label="Caseload",
        y_label="Turnover",
    )


def forest_rows() -> pd.DataFrame:
    """Four specifications: one very wide, one that could not be estimated."""
    rows = [
        ("Opening stock", 0.21, -0.05, 0.47, "value"),
        ("Published turnover over the closing stock, as the publisher does", 0.35, 0.02, 0.68, "value"),
        ("One region alone", 0.5, -2.9, 9.9, "value"),
        ("Leads", np.nan, np.nan, np.nan, "not available"),
    ]
    return pd.DataFrame(rows, columns=["label", "value", "low", "high", "status"])


def forest(rows: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """The specifications; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "forest",
        **CAPTION,
        "x_label": "Percentage points",
        "headline": "Opening stock",
        "margin": (-0.5, 0.5),
        **changed,
    }
    return forest_chart(forest_rows() if rows is None else rows, **arguments)  # type: ignore[arg-type]  # mixed


def funnel_points() -> pd.DataFrame:
    """A hundred and fifty areas, one hidden."""
    rng = np.random.default_rng(3)
    size = rng.integers(50, 1200, 150).astype(float)
    events = rng.binomial(size.astype(int), 0.12).astype(float)
    frame = pd.DataFrame({"area": [f"Area {number}" for number in range(150)], "denominator": size, "events": events})
    frame["value"] = 100 * events / size
    for column in ("denominator__status", "events__status", "status"):
        frame[column] = "value"
    frame.loc[5, ["events", "value", "events__status", "status"]] = [np.nan, np.nan, "suppressed", "suppressed"]
    return frame


def funnel(highlight: str = "Area 7") -> Drawing:
    """The funnel around 12 per cent."""
    size = np.geomspace(30, 1500, 40)
    error = np.sqrt(12 * 88 / size)
    curves = pd.DataFrame({"denominator": size})
    for multiple in (2, 3):
        curves[f"low_{multiple}"] = np.maximum(12 - multiple * error, 0)
        curves[f"high_{multiple}"] = 12 + multiple * error
    return funnel_chart(
        funnel_points(),
        curves=curves,
        unadjusted=curves,
        centre=12.0,
        name="funnel",
        **CAPTION,
        highlight=highlight,
        neighbours=["Area 1", "Area 2"],
        x_label="Social workers",
        y_label="Leavers, per cent",
    )


def groups() -> Drawing:
    """Fifths, the third withheld."""
    rows = pd.DataFrame(
        {
            "label": ["Lowest fifth", "Second", "Third", "Fourth", "Highest fifth"],
            "value": [14.1, 14.6, np.nan, 15.0, 15.5],
            "low": [13.5, 14.0, np.nan, 14.4, 14.8],
            "high": [14.7, 15.2, np.nan, 15.6, 16.2],
            "status": ["value", "value", "suppressed", "value", "value"],
        }
    )
    return group_chart(rows, name="fifths", **CAPTION, x_label="Fifths", y_label="Turnover", reference=14.7)


def columns_frame() -> pd.DataFrame:
    """Starters and leavers; no leavers in 2018 and a hidden count in 2019."""
    rows = [
        (series, year, float(10 * place + year - 2016), "value")
        for place, series in enumerate(("Starters", "Leavers"), start=1)
        for year in YEARS
    ]
    frame = pd.DataFrame(rows, columns=["series", "time_period", "value", "status"])
    frame.loc[(frame["series"] == "Leavers") & (frame["time_period"] == 2018), "value"] = 0.0
    hidden = (frame["series"] == "Leavers") & (frame["time_period"] == 2019)
    frame.loc[hidden, "value"], frame.loc[hidden, "status"] = np.nan, "suppressed"
    return frame


def columns(frame: pd.DataFrame | None = None) -> Drawing:
    """Starters beside leavers."""
    return column_chart(
        columns_frame() if frame is None else frame,
        name="columns",
        **CAPTION,
        first="Starters",
        second="Leavers",
        y_label="Headcount",
    )


def every_chart() -> list[Drawing]:
    """All families."""
    return [lines(), scatter(), forest(), funnel(), groups(), columns()]


if __name__ == "__main__":
    for drawing in every_chart():
        print(drawing.name, hashlib.sha256((drawing.svg + drawing.alt).encode()).hexdigest())  # noqa: T201 - a program
