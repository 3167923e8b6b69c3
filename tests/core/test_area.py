"""An area says the same of itself in every view, and cannot be changed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from html import escape

import pytest

from insight.core.area import Area, LineageFact, is_speakable, printable, shown
from insight.core.html import SAMPLE_BANNER

SPLIT = LineageFact(
    "split", ("X10000001",), ("X06000001", "X06000002"), date(2021, 4, 1), "Old was divided between A and B", "An order"
)
REISSUE = LineageFact("reissue", ("X10000001",), ("X10000001",), date(2015, 4, 1), "the code changed", "Another order")
JOINT = LineageFact(
    "joint_return", ("X10000001", "X06000009"), ("X06000009_X10000001",), date(2016, 9, 30), "one return", "A release"
)
OLD = Area(
    code="X10000001",
    name="Old <shire> & Vale",
    level="authority",
    region_code="X12000001",
    region_name="Midmark",
    codes=("X10000001", "X10000009"),
    old_la_code="901",
    aliases=("Vale",),
    trusts=("Vale Children's Trust",),
    start=None,
    end=date(2021, 3, 31),
    members=(),
    lineage=(REISSUE, JOINT, SPLIT),
)


def test_the_card_and_the_plain_text_state_the_same_facts() -> None:
    description = OLD.describe()
    for label, value in description.facts:
        assert label in repr(OLD)
        assert value in repr(OLD)
        assert escape(label) in OLD._repr_html_()
        assert escape(value, quote=True) in OLD._repr_html_()
    assert {"X10000009", "901", "Midmark (X12000001)", "2021-03-31"} <= {value for _, value in description.facts}


def test_a_name_cannot_carry_markup_into_the_card() -> None:
    assert "<shire>" not in OLD._repr_html_()
    assert "Old &lt;shire&gt; &amp; Vale" in OLD._repr_html_()


def test_an_invented_area_says_so_in_both_views() -> None:
    invented = replace(OLD, is_sample=True)
    assert repr(invented).startswith(SAMPLE_BANNER)
    assert SAMPLE_BANNER in invented._repr_html_()
    assert SAMPLE_BANNER not in repr(OLD)


def test_an_area_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        OLD.name = "New"  # type: ignore[misc]  # the assignment is what must fail
    with pytest.raises(FrozenInstanceError):
        SPLIT.note = ""  # type: ignore[misc]  # the assignment is what must fail
    assert hash(OLD) == hash(replace(OLD))


def test_a_new_code_and_a_joint_return_are_no_succession() -> None:
    assert OLD.successors == ("X06000001", "X06000002")
    assert OLD.predecessors == ()


def test_a_successor_knows_what_it_replaced() -> None:
    new = replace(OLD, code="X06000001", lineage=(SPLIT,), end=None, start=date(2021, 4, 1))
    assert new.predecessors == ("X10000001",)
    assert new.successors == ()
    assert not new.is_abolished


def test_the_first_and_the_last_day_count_as_existence() -> None:
    area = replace(OLD, start=date(2019, 4, 1))
    assert area.is_abolished
    assert [area.exists_on(date(2019, 3, 31)), area.exists_on(date(2019, 4, 1))] == [False, True]
    assert [area.exists_on(date(2021, 3, 31)), area.exists_on(date(2021, 4, 1))] == [True, False]


def test_what_is_shown_of_a_request_is_printable_and_short() -> None:
    assert shown("Le\x1b[31meds\x00\u202e\u2028") == "Le[31meds"
    assert len(shown("a" * 300)) == 60
    assert printable("Brontë") == "Brontë"


@pytest.mark.parametrize(
    ("text", "fits"), [(" Leeds\n", True), ("Le\neds", False), ("a" * 121, False), ("\x1cLeeds", False)]
)
def test_a_name_is_short_and_free_of_control_characters(text: str, fits: bool) -> None:
    assert is_speakable(text) is fits
