"""One chart of each family from invented rows; run as a program it prints the hash of each, one a line."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from insight.charts import (
    Measure,
    Span,
    column_chart,
    event_time_chart,
    forest_chart,
    funnel_chart,
    group_chart,
    line_chart,
    month_chart,
    placebo_chart,
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


FIRST_MONTH = 2019 * 12 + 3
"""April 2019, as year * 12 + month - 1."""
START = FIRST_MONTH + 45


def months_frame() -> pd.DataFrame:
    """Five years of three series by month; the first has no value in two months, and a lone one between two gaps."""
    rng = np.random.default_rng(4)
    rows = [
        (name, FIRST_MONTH + place, base + 5 * np.sin(place / 2) + float(rng.normal(0, 2)), "value")
        for name, base in (("Oakshire", 55.0), ("Treated together", 48.0), ("Untreated together", 44.0))
        for place in range(60)
    ]
    frame = pd.DataFrame(rows, columns=["series", "month", "value", "status"])
    own = frame["series"] == "Oakshire"
    for place, status in ((20, "suppressed"), (22, "not available")):
        here = own & (frame["month"] == FIRST_MONTH + place)
        frame.loc[here, "value"], frame.loc[here, "status"] = np.nan, status
    return frame


def months(frame: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """The three series around a start; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "months",
        **CAPTION,
        "y_label": "Referrals per 10,000 children a month",
        "highlight": "Oakshire",
        "comparisons": ["Treated together", "Untreated together"],
        "start": START,
        "spans": [
            Span(START - 42, START - 7, "36 months compared"),
            Span(START - 6, START - 1, "left out, in neither side"),
        ],
        **changed,
    }
    return month_chart(months_frame() if frame is None else frame, **arguments)  # type: ignore[arg-type]  # mixed


def event_rows() -> pd.DataFrame:
    """Fourteen quarters before a start and three after; the two before it were left out, one has no value."""
    quarters = list(range(-14, 3))
    rows = pd.DataFrame({"event_time": quarters, "value": [1 + 0.02 * (k % 3 - 1) for k in quarters]})
    rows["low"], rows["high"] = 0.88, 1.14
    rows.loc[rows["event_time"] >= 0, "value"] = [0.9, 0.8, 0.75]
    rows["is_left_out"] = rows["event_time"].isin([-1, -2])
    rows["status"] = "value"
    rows.loc[rows["event_time"] == -10, ["value", "low", "high", "status"]] = [np.nan, np.nan, np.nan, "not available"]
    return rows


def event_time(rows: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """Treated against untreated by quarter; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "event_time",
        **CAPTION,
        "x_label": "Quarters since the start",
        "y_label": "Times as many referrals as the others suggest",
        "band_words": "middle 95% of 999 sets of untreated ones",
        **changed,
    }
    return event_time_chart(event_rows() if rows is None else rows, **arguments)  # type: ignore[arg-type]  # mixed


def placebo_ratios() -> list[float]:
    """999 ratios around one."""
    return [float(value) for value in np.exp(np.random.default_rng(5).normal(0, 0.1, 999))]


def placebos(ratios: list[float] | None = None, observed: float = 0.8, **changed: object) -> Drawing:
    """The ratio of the treated among them; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "placebos",
        **CAPTION,
        "x_label": "Times as many referrals",
        "observed_words": "treated",
        **changed,
    }
    return placebo_chart(placebo_ratios() if ratios is None else ratios, observed=observed, **arguments)  # type: ignore[arg-type]  # mixed


def every_chart() -> list[Drawing]:
    """All families."""
    return [
        *(lines(), scatter(), forest(), funnel(), groups(), columns()),
        *(months(), event_time(), placebos()),
    ]


if __name__ == "__main__":
    for drawing in every_chart():
        print(drawing.name, hashlib.sha256((drawing.svg + drawing.alt).encode()).hexdigest())  # noqa: T201 - a program
