"""The chooser without a browser: what it sets, what it shows, what it says when something is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import insight as ins
from insight import studies
from insight.errors import InsightError, UsageError
from insight.lab import Chooser

CODE, NAME, REGION = "X06000001", "Ashquarry", "Middlemarch"


@pytest.fixture(autouse=True)
def project(root: Path, sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample store, and the project's folder as the place where notebooks are opened."""
    monkeypatch.setenv("INSIGHT_STORE", str(sample_store))
    monkeypatch.chdir(root / "notebooks")
    yield


def words(chooser: Chooser) -> str:
    """What the chooser says, without its markup."""
    return unescape(re.sub("<[^>]+>", " ", chooser._says.value))


def controls_of(chooser: Chooser) -> dict[str, Any]:
    """Every control that takes words or a press, by its label."""
    found = [chooser._study, chooser._place, *chooser._fields.values(), chooser._show, chooser._out, chooser._publish]
    return {control.description: control for control in found}


@pytest.mark.parametrize("name", studies.names())
def test_every_parameter_of_every_study_has_a_labelled_control_with_its_default(name: str) -> None:
    study = studies.find(name)
    chooser = ins.choose()
    chooser._study.value = name
    fields = {field: info for field, info in study.parameters.model_fields.items() if field != study.per}
    assert list(chooser._fields) == list(fields)
    for field, info in fields.items():
        control = chooser._fields[field]
        assert control.value == info.default
        assert control.description == field.replace("_", " ").capitalize()
        assert control.tooltip == info.description
    labels = list(controls_of(chooser))
    assert all(labels) and len(set(labels)) == len(labels)
    # Native fields and buttons alone: nothing that answers only to a pointer.
    kinds = {type(control).__name__ for control in controls_of(chooser).values()}
    assert kinds <= {"Combobox", "Text", "IntText", "FloatText", "Checkbox", "Button"}


@pytest.mark.parametrize("name", ["getting_to_good", "regional_scorecard"])
def test_the_cards_are_those_of_the_page(name: str, root: Path) -> None:
    place = {"region": REGION} if studies.find(name).per == "region" else {"authority": NAME}
    chooser = ins.choose(study=name, **place)  # type: ignore[arg-type]  # one of two names
    cells = json.loads((root / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    shown = [output["data"] for output in chooser._cards.outputs]
    prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert [data["text/markdown"] for data in shown if "text/markdown" in data] == prose
    views = ["".join(cell["source"]).splitlines()[-1] for cell in cells if cell["cell_type"] == "code"]
    views = [view for view in views if " = " not in view]
    assert len(shown) == len(prose) + len(views)
    record = next(data for data in shown if "text/html" in data)["application/vnd.insight+json"]["record"]
    assert record == chooser.finding.record()
    namespace: dict[str, Any] = {"ins": ins}
    exec(chooser.choice.code, namespace)  # noqa: S102 - the lines that the chooser offers
    assert namespace["finding"].record() == record


def test_controls_and_call_make_the_same_choice() -> None:
    chooser = ins.choose()
    chooser._study.value = "regional_scorecard"
    chooser._place.value = REGION.upper()
    chooser._fields["judgement_years"].value = 4
    chooser._show.click()
    code = ins.region(REGION).code
    assert chooser.choice.parameters == {"region": code, "judgement_years": 4}
    call = f'ins.choose(study="regional_scorecard", region="{code}", parameters={{"judgement_years": 4}})'
    assert chooser.choice.call == call
    assert chooser.choice == eval(call, {"ins": ins}).choice  # noqa: S307 - the call that the chooser offers
    assert chooser.finding.words[0] in words(chooser)
    assert all(line in words(chooser) for line in chooser.choice.code.splitlines())


def test_a_study_of_regions_asks_for_a_region_and_keeps_nothing_of_an_authority() -> None:
    chooser = ins.choose(authority=NAME)
    assert (chooser._place.description, chooser._place.value) == ("Authority", NAME)
    chooser._study.value = "regional_scorecard"
    assert (chooser._place.description, chooser._place.value) == ("Region", "")
    assert REGION in chooser._place.options
    assert ins.choose(region=REGION)._place.value == REGION


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"study": "nothing"}, "E401"),
        ({"study": "getting_to_good", "authority": "Leads"}, "did you mean Leeds"),
        ({"study": "getting_to_good", "region": REGION}, "give authority="),
        ({"study": "caseload_turnover", "authority": NAME, "parameters": {"lag_years": 99}}, "lag_years"),
        ({"study": "caseload_turnover", "authority": NAME, "parameters": {"lag": 1}}, "lag: Extra"),
        ({"study": "caseload_turnover", "authority": NAME, "parameters": {"lag_years": "many"}}, "lag_years"),
        ({"study": "indicator_profile", "authority": NAME, "parameters": {"indicator": "<script>"}}, "<script>"),
        ({"study": "getting_to_good", "authority": "<img src=x>"}, "<img src=x>"),
    ],
)
def test_what_is_wrong_is_said_in_words_beside_the_controls(given: Any, said: str) -> None:
    chooser = ins.choose(**given)
    assert said in words_of(chooser)
    assert 'role="alert"' in chooser._says.value
    assert "<script>" not in chooser._says.value and "<img" not in chooser._says.value
    assert "Traceback" not in chooser._says.value
    assert chooser._cards.outputs == ()


def words_of(chooser: Chooser) -> str:
    """Words with what would be markup if it were not escaped."""
    return unescape(chooser._says.value)


def test_an_empty_place_is_asked_for_and_the_plain_view_says_so_too() -> None:
    chooser = ins.choose()
    chooser._show.click()
    assert "type one of: " in words(chooser)
    chooser._study.value = "getting_to_good"
    chooser._show.click()
    assert "type the name of an authority" in words(chooser)
    assert "nothing chosen yet" in repr(chooser)
    bundle = chooser._repr_mimebundle_()
    assert bundle["text/plain"] == repr(chooser)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    with pytest.raises(UsageError):
        _ = chooser.choice


def test_without_a_store_the_words_say_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHT_STORE", str(tmp_path / "none"))
    chooser = ins.choose(study="getting_to_good", authority="Leeds")
    assert "insight build" in words(chooser)


@pytest.fixture
def out(root: Path, tmp_path: Path, sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a site, and settings with which a batch finds the store of the session."""
    monkeypatch.setenv("INSIGHT_RAW", str(root / "data" / "raw" / "sample"))
    monkeypatch.setenv("INSIGHT_PROCESSED", str(sample_store.parent))
    return tmp_path / "site"


def test_publishing_makes_the_page_with_its_parameters_and_only_what_it_is(out: Path) -> None:
    parameters = {"indicator": "agency_rate_fte"}
    chooser = ins.choose(study="indicator_profile", authority=NAME, parameters=parameters)
    chooser._out.value = str(out)
    chooser._publish.click()
    href = f"{CODE}/indicator_profile--agency_rate_fte.html"
    assert f"Made: {out}/{href}" in words(chooser)
    record = json.loads((out / href).with_suffix(".json").read_text(encoding="utf-8"))
    assert record["parameters"] == chooser.choice.parameters
    assert record["words"] == list(chooser.finding.words)
    (result,) = ins.publish(chooser, out=out).results
    assert (result.status, result.page.href) == ("kept", href)
    (result,) = ins.publish(chooser.finding, parameters=parameters, out=out).results
    assert result.status == "kept"
    with pytest.raises(UsageError, match="another answer"):
        ins.publish(chooser.finding, out=out)
    with pytest.raises(UsageError, match="beside those of the choice"):
        ins.publish(chooser, parameters=parameters, out=out)


def test_a_page_that_cannot_be_published_is_said_in_words(out: Path) -> None:
    out.write_text("a file where the folder should be", encoding="utf-8")
    chooser = ins.choose(study="getting_to_good", authority=NAME)
    chooser._out.value = str(out)
    chooser._publish.click()
    assert "This cannot be done" in words(chooser)
    with pytest.raises(InsightError):
        chooser.publish(out)
