"""Periods as they are written, and which of them nobody has."""

from __future__ import annotations

import pytest

from insight.charts.periods import is_plain, period_label, with_gaps
from insight.core.period import Period, PeriodKind


@pytest.mark.parametrize("kind", [PeriodKind.ACADEMIC_YEAR, PeriodKind.THREE_CALENDAR_YEARS])
@pytest.mark.parametrize("year", [2000, 2010, 2024])
def test_a_label_names_the_first_and_the_last_year_of_its_period(kind: PeriodKind, year: int) -> None:
    period = Period.of(str(year), kind)
    first, _, last = period_label(year, kind).replace("–", "/").partition("/")
    assert first == str(period.start.year)
    assert last == f"{period.end.year % 100:02}"


@pytest.mark.parametrize("kind", [PeriodKind.YEAR_TO_MARCH, PeriodKind.AT_SEPTEMBER, PeriodKind.IN_JANUARY, None])
def test_other_years_are_the_year_of_their_end(kind: PeriodKind | None) -> None:
    assert period_label(2025, kind) == "2025"
    assert is_plain(kind)


def test_a_month_is_said_by_name() -> None:
    assert period_label(202401, PeriodKind.MONTH) == "January 2024"


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ([], []),
        ([2020], [2020]),
        ([2019, 2022], [2019, 2022]),
        ([2017, 2018, 2019, 2022, 2023], [2017, 2018, 2019, 2020, 2021, 2022, 2023]),
        ([2015, 2017, 2019, 2023], [2015, 2017, 2019, 2021, 2023]),
        ([2015, 2017, 2019, 2020], [2015, 2017, 2019, 2020]),
    ],
)
def test_years_that_nobody_has_stand_between_the_others(given: list[int], whole: list[int]) -> None:
    assert with_gaps(given) == whole
