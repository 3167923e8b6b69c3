"""What may not become a page: the cell is named, what it held is not."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from insight.core.display import MIME
from insight.errors import PageRefused
from insight.reporting.render import render

NAME = "Zaphod"


def _frame() -> dict[str, str]:
    frame = pd.DataFrame({"name": [NAME]})
    return {"text/html": frame.to_html(), "text/plain": repr(frame)}


STRAY = {
    "a frame": (new_output("execute_result", data=_frame()), "text/html, text/plain and no insight"),
    "a picture": (new_output("display_data", data={"image/png": NAME, "text/plain": NAME}), "image/png"),
    "a widget": (new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}}), "widget-view"),
    "a strange type": (new_output("display_data", data={f"<b>{NAME}": "x"}), "without a known type"),
    "nothing": (new_output("display_data", data={}), "an empty output"),
    "printed text": (new_output("stream", name="stdout", text=NAME), "printed text"),
    "an error": (new_output("error", ename="KeyError", evalue=NAME, traceback=[NAME]), "an error"),
}


@pytest.mark.parametrize("stray", STRAY)
def test_a_stray_output_fails_the_page_and_names_the_cell_but_not_the_content(
    stray: str, build: Any, context: Any
) -> None:
    output, found = STRAY[stray]
    notebook = build([new_markdown_cell("### Odd ends"), new_code_cell("x", outputs=[output])])
    with pytest.raises(PageRefused) as refused:
        render(notebook, context)
    assert f"cell {len(notebook.cells)} (under the heading “Odd ends”)" in refused.value.asked
    assert found in refused.value.found
    assert NAME not in str(refused.value)


def test_an_unknown_type_beside_a_display_object_fails_the_page(
    build: Any, context: Any, shown: Any, finding: Any
) -> None:
    output = shown(finding.checks)
    output.data["image/svg+xml"] = "<svg/>"
    with pytest.raises(PageRefused, match="image/svg"):
        render(build([new_code_cell("x", outputs=[output])]), context)


def test_an_output_of_a_parameters_cell_is_checked_and_not_shown(
    build: Any, context: Any, shown: Any, finding: Any
) -> None:
    hidden = new_code_cell("x", outputs=[shown(finding.checks)])
    hidden.metadata["tags"] = ["parameters"]
    assert render(build([hidden]), context).html == render(build(), context).html
    hidden.outputs.append(new_output("stream", name="stdout", text=NAME))
    with pytest.raises(PageRefused, match="printed text"):
        render(build([hidden]), context)


@pytest.mark.parametrize("cell", [new_markdown_cell("![a](b.png)"), new_raw_cell("<b>raw</b>")], ids=["picture", "raw"])
def test_a_cell_that_a_page_cannot_show_is_refused(cell: Any, build: Any, context: Any) -> None:
    with pytest.raises(PageRefused, match="cell 16"):
        render(build([cell]), context)


def test_there_is_exactly_one_finding_and_it_is_of_the_pages_study(
    build: Any, context: Any, finding: Any, shown: Any
) -> None:
    with pytest.raises(PageRefused, match="found: no cells"):
        render(build(shown=False), context)
    with pytest.raises(PageRefused, match="found: 2 cells"):
        render(build([new_code_cell("again", outputs=[shown(finding)])]), context)
    with pytest.raises(PageRefused, match="another study"):
        render(build(of=_of_another_study(finding)), context)


def _of_another_study(finding: Any) -> Any:
    return replace(finding, study="site_effect")


def _spoilt(content: dict[str, Any], how: str) -> dict[str, Any]:
    bad = copy.deepcopy(content)
    if how == "unknown kind":
        bad["kind"] = "dance"
    elif how == "extra field":
        bad[NAME] = 1
    elif how == "short row":
        bad["rows"][0] = bad["rows"][0][:1]
    elif how == "number as text":
        bad["rows"][0][1] = NAME
    elif how == "truth as number":
        bad["rows"][0][1] = True
    elif how == "null":
        bad["rows"][0][1] = None
    elif how == "nan as text":
        bad["rows"][0][2] = "nan"
    elif how == "nan":
        bad["rows"][0][1] = float("nan")
    elif how == "missing without a reason":
        bad["rows"][0][1] = {"status": "value", "symbol": ""}
    elif how == "unknown reason":
        bad["rows"][0][1] = {"status": NAME, "symbol": ""}
    elif how == "half a character":
        bad["caption"] = "\ud800"
    elif how == "not an object":
        return [NAME]  # type: ignore[return-value]
    return bad


@pytest.mark.parametrize(
    "how",
    [
        "unknown kind",
        "extra field",
        "short row",
        "number as text",
        "truth as number",
        "null",
        "nan as text",
        "nan",
        "missing without a reason",
        "unknown reason",
        "half a character",
        "not an object",
    ],
)
def test_content_that_departs_from_its_form_is_refused_without_being_quoted(
    how: str, build: Any, context: Any, shown: Any
) -> None:
    notebook = build()
    output = notebook.cells[4].outputs[0]
    output.data[MIME] = _spoilt(dict(output.data[MIME]), how)
    with pytest.raises(PageRefused) as refused:
        render(notebook, context)
    assert "cell 5 (under the heading “What the data cover”)" in refused.value.asked
    assert NAME not in str(refused.value)
