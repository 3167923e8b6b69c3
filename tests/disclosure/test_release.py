"""The gate: the publisher's figures pass, and nothing computed through a hidden cell does."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.core import gate
from insight.core.display import Card, Figure, Note, Table
from insight.core.missing import Status
from insight.core.results import CardResult, Column, Drawing, NoteResult, TableResult
from insight.disclosure import release
from insight.errors import DisclosureBlocked, NotDisplayable
from tests.making import made_finding, made_panel

HIDDEN = [status.value for status in Status if status is not Status.VALUE]
NAME = Column("name", "Authority", kind="text")
TURNOVER = Column("turnover", "Turnover", computed_from=("leavers", "stock"))


def table(frame: pd.DataFrame, *columns: Column) -> TableResult:
    return TableResult("t", "A table", frame, (NAME, *columns))


def computed(leavers: str, stock: str, turnover: float, status: str) -> TableResult:
    frame = pd.DataFrame(
        {
            "name": ["Leeds"],
            "turnover": [turnover],
            "turnover__status": [status],
            "leavers__status": [leavers],
            "stock__status": [stock],
        }
    )
    return table(frame, TURNOVER)


def test_a_published_figure_passes_with_its_symbol() -> None:
    frame = pd.DataFrame(
        {
            "name": ["Leeds", "Hull"],
            "cases": [5.0, math.nan],
            "cases__status": ["value", "suppressed"],
            "cases__symbol": ["", "c"],
        }
    )
    shown = release(table(frame, Column("cases", "Cases")))
    assert isinstance(shown, Table)
    assert shown.content["rows"] == [["Leeds", 5.0], ["Hull", {"status": "suppressed", "symbol": "c"}]]


@pytest.mark.parametrize("status", HIDDEN)
@pytest.mark.parametrize("place", ["leavers", "stock"])
def test_nothing_computed_through_a_hidden_cell_passes(place: str, status: str) -> None:
    statuses = {"leavers": "value", "stock": "value", place: status}
    with pytest.raises(DisclosureBlocked, match="hidden cell"):
        release(computed(statuses["leavers"], statuses["stock"], 12.5, "value"))
    release(computed(statuses["leavers"], statuses["stock"], math.nan, status))


def test_a_number_may_not_stand_beside_a_status_that_hides_it() -> None:
    with pytest.raises(DisclosureBlocked):
        release(computed("value", "value", 12.5, "suppressed"))


def test_a_computed_column_must_bring_the_status_of_what_it_came_from() -> None:
    frame = pd.DataFrame({"name": ["Leeds"], "turnover": [1.0]})
    with pytest.raises(DisclosureBlocked, match="no status of 'leavers'"):
        release(table(frame, TURNOVER))


def test_a_gap_without_a_reason_is_refused() -> None:
    with pytest.raises(NotDisplayable, match="without a reason"):
        release(table(pd.DataFrame({"name": ["Leeds"], "cases": [math.nan]}), Column("cases", "Cases")))


def test_an_infinite_number_is_refused() -> None:
    with pytest.raises(NotDisplayable, match="not finite"):
        release(table(pd.DataFrame({"name": ["Leeds"], "cases": [math.inf]}), Column("cases", "Cases")))


def test_a_gap_in_a_text_column_is_empty_and_never_the_word_nan() -> None:
    frame = pd.DataFrame({"name": [None, math.nan, "Leeds"]})
    shown = release(table(frame))
    assert isinstance(shown, Table)
    assert shown.content["rows"] == [[""], [""], ["Leeds"]]


def test_a_chart_needs_words_for_those_who_do_not_see_it() -> None:
    drawing = Drawing("d", "Title", "Subtitle", "<svg/>", "short", table(pd.DataFrame({"name": ["Leeds"]})))
    with pytest.raises(NotDisplayable, match="40 characters"):
        release(drawing)


def test_each_result_becomes_its_display_object() -> None:
    assert isinstance(release(NoteResult(("words",))), Note)
    assert isinstance(release(CardResult("title", (("label", "value"),))), Card)
    assert isinstance(release(made_finding()), Card)
    assert isinstance(release(made_panel()), Card)
    words = "A line from 1.0 in 2017 to 2.0 in 2025, higher in every year between."
    assert isinstance(release(Drawing("d", "T", "S", "<svg/>", words, table(pd.DataFrame({"name": ["A"]})))), Figure)


@pytest.mark.parametrize("result", [pd.DataFrame({"a": [1]}), "text", 1, None, {"a": 1}], ids=type)
def test_anything_else_is_refused(result: object) -> None:
    with pytest.raises(NotDisplayable, match="no rule for this type"):
        release(result)


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(DisclosureBlocked, match="published"):
        release(NoteResult(("words",)), policy="open")


def test_without_a_gate_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_loader", [])
    with pytest.raises(DisclosureBlocked, match="no disclosure gate"):
        made_panel().coverage()


@given(
    st.lists(
        st.tuples(
            st.floats(0, 100, allow_nan=False),
            st.sampled_from(["value", *HIDDEN]),
            st.sampled_from(["value", *HIDDEN]),
            st.booleans(),
        ),
        min_size=1,
    )
)
def test_whatever_the_table_no_number_leaks(rows: list[tuple[float, str, str, bool]]) -> None:
    frame = pd.DataFrame(
        {
            "name": [str(number) for number in range(len(rows))],
            "turnover": [value if kept else math.nan for value, _, _, kept in rows],
            "turnover__status": ["value" if kept else "not available" for *_, kept in rows],
            "leavers__status": [leavers for _, leavers, _, _ in rows],
            "stock__status": [stock for _, _, stock, _ in rows],
        }
    )
    leaking = any(kept and (leavers != "value" or stock != "value") for _, leavers, stock, kept in rows)
    if leaking:
        with pytest.raises(DisclosureBlocked):
            release(table(frame, TURNOVER))
    else:
        release(table(frame, TURNOVER))
