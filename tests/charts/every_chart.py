"""One chart of each family from invented rows; run as a program it prints the hash of each, one a line."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from insight.charts import (
    QUARTER_CLASSES,
    Level,
    Measure,
    OwnTime,
    Span,
    Stretch,
    Strip,
    column_chart,
    control_chart,
    event_time_chart,
    forest_chart,
    funnel_chart,
    group_chart,
    hexagon_map,
    line_chart,
    month_chart,
    placebo_chart,
    ranked_chart,
    run_chart,
    scatter_chart,
    small_multiples,
    strip_chart,
    survival_chart,
    timeline_chart,
)
from insight.core.register import Register
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


UNTIL = "2026-06-18"


def judgements() -> pd.DataFrame:
    """Six judgements of Oakshire and three of an abolished area; the last of Oakshire has no grade."""
    rows = [
        ("Oakshire", "2010-11-05", "SLAC", "Good", "value"),
        ("Oakshire", "2013-07-19", "SLAC", "Requires improvement to be good", "value"),
        ("Oakshire", "2016-03-11", "SIF", "Inadequate", "value"),
        ("Oakshire", "2018-06-29", "SIF again", "Requires improvement to be good", "value"),
        ("Oakshire", "2021-09-08", "ILACS", "Good", "value"),
        ("Oakshire", "2025-02-14", "ILACS", "", "not applicable"),
        ("Elmland", "2012-05-18", "SLAC", "Outstanding", "value"),
        ("Elmland", "2015-02-26", "SIF", "Inadequate", "value"),
        ("Elmland", "2019-07-02", "ILACS", "Inadequate", "value"),
    ]
    return pd.DataFrame(rows, columns=["area", "date", "framework", "grade", "status"])


def timeline(events: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """Two areas, one of them abolished; arguments may be replaced."""
    spells = [("Oakshire", "2016-03-11", "2021-09-08", False), ("Elmland", "2015-02-26", "2023-04-01", True)]
    ends = [
        ("Elmland", "2023-04-01", "abolished on 1 April 2023", True),
        ("Oakshire", "2026-04-27", "no grades from 27 April 2026", False),
    ]
    arguments: dict[str, object] = {
        "name": "timeline",
        **CAPTION,
        "until": UNTIL,
        "spells": pd.DataFrame(spells, columns=["area", "start", "end", "is_open"]),
        "ends": pd.DataFrame(ends, columns=["area", "date", "words", "stops"]),
        **changed,
    }
    return timeline_chart(judgements() if events is None else events, **arguments)  # type: ignore[arg-type]  # mixed


def survival_steps() -> pd.DataFrame:
    """A curve of 36 steps that falls from 100 to 22 over twelve years, with its interval."""
    time = np.linspace(1.2, 12.0, 37)
    value = 100 - 78 * (np.arange(1, 38) / 37) ** 1.2
    rows = pd.DataFrame({"curve": "To a published Good", "time": time, "value": value})
    rows["low"], rows["high"] = (
        np.maximum(value - 12 * (time / 12) - 3, 0),
        np.minimum(value + 11 * (time / 12) + 3, 100),
    )
    return rows.assign(status="value")


def survival_intervals() -> pd.DataFrame:
    """Four stretches in which the change happened, the last without an end."""
    rows = [(0.9, 1.9, 88.0), (2.4, 3.1, 74.0), (4.0, 6.2, 49.0), (8.0, 9.5, 30.0), (11.0, np.nan, 0.0)]
    frame = pd.DataFrame(rows, columns=["left", "right", "value"])
    return frame.assign(curve="To the change itself", status="value")


def survival_risk() -> pd.DataFrame:
    """Two rows of numbers under the axis; one is withheld."""
    rows = [("To a published Good", time, float(64 - 5 * time), "value") for time in range(0, 13, 2)]
    rows += [("To the change itself", time, float(60 - 4 * time), "value") for time in range(0, 13, 2)]
    frame = pd.DataFrame(rows, columns=["curve", "time", "value", "status"])
    last = len(frame) - 1
    frame.loc[last, "value"], frame.loc[last, "status"] = np.nan, "suppressed"
    return frame


def survival(curves: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """Both curves, a claim and an own time; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "survival",
        **CAPTION,
        "x_label": "Years since the judgement of Inadequate",
        "y_label": "Still waiting for Good, per cent",
        "intervals": survival_intervals(),
        "censored": pd.DataFrame({"curve": "To a published Good", "time": [2.5, 4.1, 6.6, 9.0]}),
        "at_risk": survival_risk(),
        "window": Stretch(3, 5, "claim: 3 to 5 years"),
        "own": OwnTime(7.4, True, "Oakshire: 7.4 years so far"),
        **changed,
    }
    return survival_chart(survival_steps() if curves is None else curves, **arguments)  # type: ignore[arg-type]  # mixed


def control_points() -> pd.DataFrame:
    """Thirty months with steps of limits, a baseline of twelve, a hidden month; the last nine lie low."""
    rng = np.random.default_rng(6)
    size = rng.integers(180, 420, 30)
    value = 24 + rng.normal(0, 1.6, 30)
    value[21:] -= 5.5
    value[4], value[13] = 25.0, 33.5
    half = 3 * np.sqrt(24 * 76 / size)
    names = ("Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar")
    rows = pd.DataFrame(
        {
            "period": [f"{names[place % 12]} {2022 + (place + 3) // 12}" for place in range(30)],
            "value": value,
            "status": "value",
            "centre": 24.0,
            "low": 24 - half,
            "high": 24 + half,
            "in_baseline": np.arange(30) < 12,
        }
    )
    rows.loc[17, "value"], rows.loc[17, "status"] = np.nan, "suppressed"
    return rows


def control_signals() -> pd.DataFrame:
    """One point outside its limits, and nine on one side, one of them under a third rule too."""
    periods = control_points()["period"].tolist()
    rows = [(periods[13], "outside the limits")]
    rows += [(period, "7 or more in a row on one side of the mean") for period in periods[21:]]
    rows += [(periods[25], "2 of 3 near a limit")]
    return pd.DataFrame(rows, columns=["period", "rule"])


def control(points: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """The thirty months; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "control",
        **CAPTION,
        "y_label": "Re-referrals within 12 months, per cent",
        "signals": control_signals(),
        **changed,
    }
    return control_chart(control_points() if points is None else points, **arguments)  # type: ignore[arg-type]  # mixed


def run_points() -> pd.DataFrame:
    """Nine years, one without a number."""
    value = [14.1, 16.0, 15.2, np.nan, 13.8, 17.9, 18.4, 16.6, 0.0]
    return pd.DataFrame(
        {
            "period": [str(year) for year in YEARS],
            "value": value,
            "status": ["not available" if found != found else "value" for found in value],
        }
    )


def run(points: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """The nine years around their median; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "run",
        **CAPTION,
        "median": 15.6,
        "y_label": "Turnover, per cent",
        "highlight": "Oakshire",
        **changed,
    }
    return run_chart(run_points() if points is None else points, **arguments)  # type: ignore[arg-type]  # mixed


def ranked_rows(several: int = 14) -> pd.DataFrame:
    """Areas with their intervals; one hidden, one zero without interval, two equal."""
    rng = np.random.default_rng(7)
    value = np.round(rng.normal(15, 4, several), 1)
    value[2] = value[1]
    half = rng.uniform(0.8, 2.5, several)
    rows = pd.DataFrame({"area": [f"Area {number}" for number in range(several)], "value": value})
    rows["low"], rows["high"], rows["status"] = value - half, value + half, "value"
    rows.loc[3, "status"] = "suppressed"
    for key in ("value", "low", "high"):
        rows.loc[3, key] = np.nan
        rows.loc[4, key] = 0.0 if key == "value" else np.nan
    return rows


def ranked(rows: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """Fourteen areas; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "ranked",
        **CAPTION,
        "x_label": "Turnover, per cent",
        "highlight": "Area 7",
        "neighbours": ["Area 1", "Area 9", "Area 12"],
        "levels": [Level("England", 15.3), Level("North", 14.8)],
        **changed,
    }
    return ranked_chart(ranked_rows() if rows is None else rows, **arguments)  # type: ignore[arg-type]  # mixed


def ranked_all() -> Drawing:
    """A hundred and fifty-three areas, eleven of them named."""
    near = [f"Area {number}" for number in range(10, 150, 14)]
    return ranked(ranked_rows(153), name="ranked_all", neighbours=near)


def members_frame(several: int = 14) -> pd.DataFrame:
    """Members over the years: one withheld in 2020, one that ends in 2023, one without a value, one with a zero."""
    rng = np.random.default_rng(8)
    names = [f"Member {number:02}" for number in range(several)]
    rows = [(name, year, 15 + place / 2 + float(rng.normal(0, 1)), "value") for place, name in enumerate(names)
            for year in YEARS]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["series", "time_period", "value", "status"])
    for place, years, status in (
        (1, [2020], "suppressed"),
        (2, [2024, 2025], "not available"),
        (3, YEARS, "suppressed"),
    ):
        here = (frame["series"] == f"Member {place:02}") & frame["time_period"].isin(list(years))
        frame.loc[here, "value"], frame.loc[here, "status"] = np.nan, status
    frame.loc[(frame["series"] == "Member 04") & (frame["time_period"] == 2021), "value"] = 0.0
    return frame


def multiples(frame: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """A panel for each member; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "multiples",
        **CAPTION,
        "label": "Leavers per 100 workers",
        "highlight": "Member 07",
        "others_words": "the other 13 members",
        **changed,
    }
    return small_multiples(members_frame() if frame is None else frame, **arguments)  # type: ignore[arg-type]  # mixed


STRIPS = (
    Strip("far", "Far apart, per cent", "Two more are needed", marks=(("target", 85.0), ("England", 40.0))),
    Strip("close", "Close together", marks=(("England", 12.0),)),
    Strip("grades", "In words", decimals=0, ticks=((1.0, "Poor"), (2.0, "Fair"), (3.0, "Good")), marks=(("aim", 3.0),)),
)


def strip_rows() -> pd.DataFrame:
    """Five members far apart, one of them zero and one withheld; twelve close together; twelve with three grades."""
    far = [
        ("far", f"Place {letter}", value)
        for letter, value in zip("ABCDE", (0.0, 20.0, 45.0, 70.0, np.nan), strict=True)
    ]
    close = [("close", f"Place {letter}", 12 + place / 10) for place, letter in enumerate("ABCDEFGHIJKL")]
    close[0] = ("close", "Place A", 2.0)
    grades = [("grades", f"Place {letter}", float(1 + place % 3)) for place, letter in enumerate("ABCDEFGHIJKL")]
    frame = pd.DataFrame([*far, *close, *grades], columns=["strip", "area", "value"])
    return frame.assign(status=np.where(frame["value"].isna(), "suppressed", "value"))


def strip(rows: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """Three strips: names, numbers, words; arguments may be replaced."""
    arguments: dict[str, object] = {"name": "strip", **CAPTION, "strips": STRIPS, "highlight": "Place B", **changed}
    return strip_chart(strip_rows() if rows is None else rows, **arguments)  # type: ignore[arg-type]  # mixed


def map_rows(register: Register | None = None) -> pd.DataFrame:
    """Every authority in a quarter: one withheld, one not available, one zero, and none for the last."""
    codes = [area.code for area in (register or Register.read()).authorities()]
    rows = pd.DataFrame({"code": codes, "value": [float(place) for place in range(len(codes))], "status": "value"})
    rows["group"] = [str(1 + 4 * place // len(codes)) for place in range(len(codes))]
    for place, status in ((5, "suppressed"), (6, "not available")):
        rows.loc[place, ["value", "group", "status"]] = [np.nan, "", status]
    return rows.iloc[:-1]


def hexagons(rows: pd.DataFrame | None = None, **changed: object) -> Drawing:
    """The map by quarters; arguments may be replaced."""
    arguments: dict[str, object] = {
        "name": "hexagons",
        **CAPTION,
        "classes": QUARTER_CLASSES,
        "group_label": "Quarter",
        "value_label": "Leavers per 100 workers",
        "highlight": "E08000035",
        **changed,
    }
    return hexagon_map(map_rows() if rows is None else rows, **arguments)  # type: ignore[arg-type]  # mixed


def every_chart() -> list[Drawing]:
    """All families."""
    return [
        *(lines(), scatter(), forest(), funnel(), groups(), columns()),
        *(months(), event_time(), placebos()),
        *(timeline(), survival(), control(), run(), ranked(), ranked_all()),
        *(multiples(), strip(), hexagons()),
    ]


if __name__ == "__main__":
    for drawing in every_chart():
        print(drawing.name, hashlib.sha256((drawing.svg + drawing.alt).encode()).hexdigest())  # noqa: T201 - a program
