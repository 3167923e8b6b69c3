"""Display objects: made by the gate alone, plain, finite, frozen, and the same in every view."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from insight.core.display import MIME, Card, Figure, Note, Table, require_plain
from insight.disclosure import release
from insight.errors import NotDisplayable
from tests.making import made_finding, made_panel


@pytest.mark.parametrize("kind", [Card, Note, Table, Figure])
def test_a_display_object_cannot_be_made_outside_the_gate(kind: type) -> None:
    with pytest.raises(NotDisplayable, match="outside the gate"):
        kind({"is_sample": False}, key=object())


@pytest.mark.parametrize(
    "content",
    [
        math.nan,
        math.inf,
        -math.inf,
        np.int64(1),
        np.float64(1.0),
        np.bool_(True),
        {1: "a"},
        (1,),
        {"a": [{"b": math.nan}]},
    ],
    ids=repr,
)
def test_only_plain_finite_content_is_shown(content: object) -> None:
    with pytest.raises(NotDisplayable):
        require_plain(content)


def test_plain_content_passes() -> None:
    require_plain({"a": [1, 2.5, "x", None, True, {"b": []}]})


def test_two_mime_types_say_the_same_and_survive_json() -> None:
    bundle = made_finding()._repr_mimebundle_()
    assert set(bundle) == {"text/html", MIME}
    content = json.loads(json.dumps(bundle[MIME], allow_nan=False))
    assert content == bundle[MIME]
    for _, value in content["facts"]:
        assert value in made_finding().describe().as_text()


def test_content_is_a_copy_and_the_object_is_frozen() -> None:
    table = made_panel().coverage()
    table.content["rows"].clear()
    assert table.content["rows"]
    with pytest.raises(AttributeError):
        table.anything = 1  # type: ignore[attr-defined]


def test_a_table_gives_back_its_frame_with_the_reasons_beside_the_gaps() -> None:
    frame = made_finding().tidy().frame.set_index("key")
    assert frame.loc["lag_opening", "value"] == 0.25
    assert math.isnan(frame.loc["absent", "value"])
    assert frame.loc["absent", "value__status"] == "not applicable"


def test_sample_data_are_shouted_in_every_view() -> None:
    finding = made_finding(is_sample=True)
    for shown in (finding.card(), finding.tidy(), finding.checks, finding.sources):
        assert "SAMPLE DATA" in repr(shown)
        assert "SAMPLE DATA" in shown._repr_mimebundle_()["text/html"]


def test_markup_in_a_name_is_shown_as_text() -> None:
    from insight.core.results import NoteResult

    html = release(NoteResult(("<script>alert(1)</script>",)))._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert "&lt;script&gt;" in html
