"""Small made panels and findings that tests of several modules share."""

from __future__ import annotations

from datetime import date

import pandas as pd

from insight.core.check import Check
from insight.core.estimate import Estimate
from insight.core.finding import Finding, RowLeftOut
from insight.core.indicator import Indicator
from insight.core.panel import COLUMNS, Panel
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source

LEEDS, BRADFORD, YORKSHIRE, ENGLAND = "E08000035", "E08000032", "E12000003", "E92000001"
SOURCE = Source(
    "workforce", "Publisher", "Workforce", "https://example.org", "OGL v3.0", release="2025", sha256="ab" * 32
)
INDICATORS = {
    key: Indicator(key, title, "count", "lower", PeriodKind.AT_SEPTEMBER, "workforce", additive=True)
    for key, title in (("cases", "Cases"), ("agency", "Agency workers"))
}
Row = tuple[str, int, str, float | None, str]


def panel_of(rows: list[Row], *, release: str = "2025") -> Panel:
    """A panel from (area, year, indicator, value, status) rows."""
    full = [
        (area, year, date(year, 9, 30), key, "", release, value, "" if status == "value" else "u", status, None, None)
        for area, year, key, value, status in rows
    ]
    frame = pd.DataFrame(full, columns=list(COLUMNS)).astype(
        {"value": "float64", "numerator": "float64", "denominator": "float64"}
    )
    return Panel(frame, INDICATORS, (SOURCE,), Register.read())


def made_panel() -> Panel:
    """Leeds and Bradford with a hidden cell and a missing year, their region and the nation."""
    rows: list[Row] = [
        (LEEDS, 2022, "cases", 100.0, "value"),
        (LEEDS, 2023, "cases", 110.0, "value"),
        (LEEDS, 2025, "cases", 130.0, "value"),
        (BRADFORD, 2022, "cases", 90.0, "value"),
        (BRADFORD, 2023, "cases", None, "low reliability"),
        (BRADFORD, 2024, "cases", 70.0, "value"),
        (YORKSHIRE, 2022, "cases", 190.0, "value"),
        (ENGLAND, 2022, "cases", 190.0, "value"),
        (LEEDS, 2022, "agency", 0.0, "value"),
    ]
    return panel_of(rows)


def made_finding(*, is_sample: bool = False) -> Finding:
    """A finding with one estimate of each sort."""
    headline = Estimate(
        "lag_opening",
        "one more case per worker",
        0.25,
        "percentage points",
        "difference",
        "two-way fixed effects",
        std_error=0.1,
        low=0.05,
        high=0.45,
        null=0.0,
        n_rows=100,
        n_units=20,
        n_authorities=21,
    )
    none = Estimate("absent", "what could not be estimated", None, "percentage points", "difference", "too few rows")
    return Finding(
        study="caseload_turnover",
        version="1",
        question="How do caseloads relate to social worker turnover?",
        area=LEEDS,
        area_name="Leeds",
        verdict="effect_up",
        headline=headline,
        words=("One more case per worker went with 0.25 more leavers per 100 workers.",),
        does_not_show=("What a change of caseload would bring.",),
        estimates=(headline, none),
        all_checks=(Check("Enough rows", True, "There are 100 rows."), Check("For information", None, "Nothing.")),
        all_sources=(SOURCE,),
        rows_left_out=(RowLeftOut(BRADFORD, "2023", "withheld: low reliability"),),
        is_sample=is_sample,
    )
