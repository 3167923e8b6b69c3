"""Months beside years: labels, ends, words, and the same month of another year."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from insight.core.indicator import Indicator
from insight.core.panel import COLUMNS, Panel
from insight.core.period import Period, PeriodKind
from insight.core.register import Register
from insight.errors import PeriodError
from tests.making import INDICATORS, LEEDS

MONTHLY = Indicator("seen", "Seen in the month", "count", "neither", PeriodKind.MONTH, "workforce")


def panel_of_months(months: dict[int, float], years: dict[int, float] | None = None) -> Panel:
    rows = [
        (LEEDS, label, Period.of(str(label), PeriodKind.MONTH).end, "seen", "", "2025", value, "", "value", None, None)
        for label, value in months.items()
    ]
    rows += [
        (LEEDS, year, date(year, 9, 30), "cases", "", "2025", value, "", "value", None, None)
        for year, value in (years or {}).items()
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"value": "float64", "numerator": "float64", "denominator": "float64"}
    )
    indicators = {"seen": MONTHLY} | ({"cases": INDICATORS["cases"]} if years else {})
    return Panel(frame, indicators, (), Register.read())


@pytest.mark.parametrize("label", ["202304", "2023-04"])
def test_a_month_has_a_first_and_a_last_day(label: str) -> None:
    month = Period.of(label, PeriodKind.MONTH)
    assert (month.label, month.start, month.end) == ("202304", date(2023, 4, 1), date(2023, 4, 30))
    assert month.in_words == "April 2023"


@pytest.mark.parametrize(
    "label", ["202300", "202313", "2023", "189912", "2023-4", "2023/04", "April 2023", "٢٠٢٣٠٤", ""]
)
def test_what_is_no_month_is_refused_in_words(label: str) -> None:
    with pytest.raises(PeriodError, match="202304 or 2023-04"):
        Period.of(label, PeriodKind.MONTH)


@pytest.mark.parametrize(
    ("label", "kind", "words"),
    [
        ("2025", PeriodKind.YEAR_TO_MARCH, "year to 31 March 2025"),
        ("2025", PeriodKind.AT_SEPTEMBER, "at 30 September 2025"),
        ("2025", PeriodKind.AT_MARCH, "at 31 March 2025"),
    ],
)
def test_a_year_is_said_with_its_end(label: str, kind: PeriodKind, words: str) -> None:
    assert Period.of(label, kind).in_words == words


def test_the_same_month_of_another_year_knows_leap_years() -> None:
    february = Period.of("202402", PeriodKind.MONTH)
    assert february.end == date(2024, 2, 29)
    assert february.shifted(1).end == date(2025, 2, 28)
    assert february.shifted(1).shifted(-1) == february
    assert Period.of("2024", PeriodKind.YEAR_TO_MARCH).shifted(-1).label == "2023"


def test_months_stand_in_the_order_of_time() -> None:
    several = [Period.of(label, PeriodKind.MONTH) for label in ("202401", "202312", "202402")]
    assert [month.label for month in sorted(several)] == ["202312", "202401", "202402"]


def test_a_lag_of_months_counts_in_years_and_lands_on_the_month_s_last_day() -> None:
    lagged = panel_of_months({202302: 5.0, 202402: 7.0}).lag("seen").data.query("indicator == 'seen_lag1'")
    assert lagged[["time_period", "value"]].values.tolist() == [[202402, 5.0], [202502, 7.0]]
    assert lagged["period_end"].tolist() == [date(2024, 2, 29), date(2025, 2, 28)]


def test_a_lead_of_months_is_the_lag_the_other_way() -> None:
    panel = panel_of_months({202302: 5.0, 202402: 7.0}).lead("seen", 4)
    ends = panel.data.query("indicator == 'seen_lead4'")["period_end"].tolist()
    assert ends == [date(2019, 2, 28), date(2020, 2, 29)]


def test_months_are_chosen_by_their_label() -> None:
    panel = panel_of_months({202302: 5.0, 202402: 7.0})
    assert panel.select("seen", periods=[202402]).data["value"].tolist() == [7.0]


def test_coverage_and_card_say_months_in_words_and_years_in_digits() -> None:
    panel = panel_of_months({201204: 1.0, 202403: 2.0}, {2017: 3.0, 2025: 4.0})
    periods = panel.coverage().frame.set_index("indicator")["periods"]
    assert periods["Seen in the month"] == "April 2012 to March 2024"
    assert periods["Cases"] == "2017 to 2025"
    assert ("periods", "2017 to 2025; by month April 2012 to March 2024") in panel.describe().facts
    assert ("periods", "April 2012 to March 2024") in panel.select("seen").describe().facts


def test_months_and_years_stand_side_by_side_in_rows_of_their_own() -> None:
    wide = panel_of_months({202403: 2.0}, {2024: 3.0}).wide()
    assert wide["time_period"].tolist() == [2024, 202403]
    assert wide["seen__status"].tolist() == ["no row", "value"]
