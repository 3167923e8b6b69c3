"""The experimental workforce statistics of 2015 and 2016, from the real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.core.register import Register
from tests.sources.tool_values import ENGLAND, Published, england

pytestmark = pytest.mark.published
OF_2015, OF_2016 = "SFR07_2016_UD.csv", "SFR08_2017_UD.csv"


@pytest.fixture(scope="module")
def files(test_data: Path, register: Register) -> Published:
    """The real files."""
    return Published(test_data, register)


@pytest.mark.parametrize(
    ("name", "year", "rows", "kept", "blank"), [(OF_2015, "2015", 164, 162, 0), (OF_2016, "2016", 196, 161, 32)]
)
def test_every_row_is_read_or_set_aside(
    files: Published, name: str, year: str, rows: int, kept: int, blank: int
) -> None:
    reading = files.reading(name)
    assert (reading.series, reading.release, reading.rows_read, reading.rows_kept) == (year, year, rows, kept)
    aside = {each.reason: each.count for each in reading.set_aside}
    assert aside.get("blank line", 0) == blank
    assert sum(aside.values()) == rows - kept


def test_experimental_figures_keep_their_own_names_and_symbols(files: Published) -> None:
    first, second = files.reading(OF_2015), files.reading(OF_2016)
    assert england(first, "experimental_inpost_fte", 2015) == 26_500
    assert england(first, "experimental_children_per_worker_fte", 2015) == 15
    assert england(second, "experimental_inpost_fte", 2016) == 27_700
    assert england(second, "experimental_turnover_rate_fte", 2016) == 15.1
    assert all(key.startswith("experimental_") for key in (*first.rows["indicator"], *second.rows["indicator"]))
    assert set(second.rows["symbol"]) == {"", "x", ".."}
    assert "E06000053" in set(first.rows.query("symbol == 'x'")["area"])


def test_kingston_and_richmond_made_two_returns_in_2015_and_one_in_2016(files: Published) -> None:
    areas = [set(files.reading(name).rows["area"]) for name in (OF_2015, OF_2016)]
    assert {"E09000021", "E09000027"} <= areas[0]
    assert "E09000021_E09000027" in areas[1]
    assert not {"E09000021", "E09000027"} & areas[1]


def test_turnover_of_2016_is_leavers_over_those_in_post(files: Published) -> None:
    rows = files.reading(OF_2016).rows.pivot_table(index="area", columns="indicator", values="value")
    made = 100 * rows["experimental_leavers_fte"] / rows["experimental_inpost_fte"]
    apart = (made - rows["experimental_turnover_rate_fte"]).dropna().drop(ENGLAND)
    local = apart[~apart.index.str.startswith("E12")].abs()
    assert len(local) == 148
    # All three are printed to one decimal: half a step of each.
    inpost, turnover = rows["experimental_inpost_fte"], rows["experimental_turnover_rate_fte"]
    slack = 0.05 + (5 + 0.05 * turnover) / inpost
    # The one that differs is printed so: 17.4 per cent beside 28.0 leavers of 158.6.
    assert list(local.index[local > slack[local.index] + 1e-9]) == ["E09000021_E09000027"]
