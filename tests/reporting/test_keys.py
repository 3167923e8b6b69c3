"""Each part of a page's keys: a change of it changes the right key, and nothing else does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight.core.fingerprint import package_files
from insight.reporting import keys
from insight.reporting.plan import Page
from insight.reporting.why import changes
from insight.studies import names
from tests.reporting.planning import STUDY, Planning, forget, make_planning

Change = Callable[[Planning], None]


@pytest.fixture
def planning(root: Path, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planning]:
    yield make_planning(root, sample_store, tmp_path, monkeypatch)
    forget()


def first_of(cells: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(cell for cell in cells if cell["cell_type"] == kind and not cell["metadata"])


def reworded(cells: list[dict[str, Any]]) -> None:
    first_of(cells, "markdown")["source"] = ["# Another question?"]


def commented(cells: list[dict[str, Any]]) -> None:
    first_of(cells, "code")["source"].append("\n# why")


def tagged(cells: list[dict[str, Any]]) -> None:
    first_of(cells, "code")["metadata"]["tags"] = ["other"]


def swapped(cells: list[dict[str, Any]]) -> None:
    places = [place for place, cell in enumerate(cells) if cell["cell_type"] == "code"]
    cells[places[3]], cells[places[4]] = cells[places[4]], cells[places[3]]


def prose_moved(cells: list[dict[str, Any]]) -> None:
    place = next(place for place, cell in enumerate(cells) if place and cell["cell_type"] == "markdown")
    cells[place - 1], cells[place] = cells[place], cells[place - 1]


def executed(cells: list[dict[str, Any]]) -> None:
    for number, cell in enumerate(cells):
        cell["id"] = f"other-{number}"
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = (
                [{"output_type": "stream", "name": "stdout", "text": "x"}],
                number,
            )


NOTHING: dict[str, Change] = {
    "nothing": lambda p: None,
    "outputs, counts, ids and the way that text is laid out": lambda p: p.notebook(executed),
    "another study's notebook": lambda p: p.notebook(commented, "site_effect"),
    "another study's own code": lambda p: p.edit("studies/site_effect/__init__.py"),
    "another source's new release": lambda p: p.source("referrals", content="new", release="2026"),
    "figures that only another study needs": lambda p: p.source("child_population", content="new"),
    "the name and the size of a needed file": lambda p: p.source("workforce", path="new.csv", bytes=1),
    "where a part is kept": lambda p: p.source("workforce", part="new.parquet", part_sha256="0" * 64),
    "the batch": lambda p: p.edit("reporting/batch.py"),
    "the index of the site": lambda p: p.edit("reporting/site.py"),
    "the template of the index": lambda p: p.edit("reporting/templates/index.html"),
    "the command line": lambda p: p.edit("cli.py"),
    "the invented data's program": lambda p: p.edit("sample/process.py"),
    "a library that bears on neither": lambda p: p.upgrade("typer"),
}
EXECUTION: dict[str, tuple[Change, str]] = {
    "a comment in a code cell": (lambda p: p.notebook(commented), "the code of the notebook"),
    "a tag of a code cell": (lambda p: p.notebook(tagged), "the code of the notebook"),
    "the order of code cells": (lambda p: p.notebook(swapped), "the code of the notebook"),
    "a needed figure": (
        lambda p: p.source("workforce", content="new"),
        "the figures of workforce, release 2025, changed",
    ),
    "a needed source's new release": (
        lambda p: p.source("workforce", content="new", release="2026"),
        "the figures of workforce: now release 2026, before 2025",
    ),
    "the bytes of a file with the same figures": (
        lambda p: p.source("workforce", sha256="0" * 64),
        "the figures of workforce, release 2025, changed",
    ),
    "a day of publication": (
        lambda p: p.source("workforce", published="2026-03-01"),
        "the figures of workforce, release 2025, changed",
    ),
    "neighbours": (
        lambda p: p.source("statistical_neighbours", content="new"),
        "the figures of statistical neighbours, release 2025, changed",
    ),
    "a statistical method": (lambda p: p.edit("stats/poisson.py"), "insight's own code: stats/"),
    "a chart": (lambda p: p.edit("charts/svg.py"), "insight's own code: charts/"),
    "the study's own code": (
        lambda p: p.edit("studies/caseload_turnover/_models.py"),
        "insight's own code: studies/caseload_turnover/",
    ),
    "what all studies share": (lambda p: p.edit("studies/_words.py"), "insight's own code: studies/"),
    "the packaged register": (lambda p: p.edit("core/authorities.csv"), "insight's own code: core/"),
    "the way cells are run": (lambda p: p.edit("reporting/execute.py"), "insight's own code: reporting/execute.py"),
    "a library": (lambda p: p.upgrade("pandas"), r"pandas 99\.0, was .+"),
    "Python": (lambda p: p.upgrade("python"), r"python 99\.0, was 3\..+"),
}
PAGE: dict[str, tuple[Change, str]] = {
    "prose": (lambda p: p.notebook(reworded), "only the wording of the notebook"),
    "the place of prose between code": (lambda p: p.notebook(prose_moved), "only the wording of the notebook"),
    "a template": (
        lambda p: p.edit("reporting/templates/page.html"),
        "insight's own code that lays the page out: reporting/templates/",
    ),
    "the style": (
        lambda p: p.edit("reporting/templates/style.css"),
        "insight's own code that lays the page out: reporting/templates/",
    ),
    "the renderer": (
        lambda p: p.edit("reporting/render.py"),
        "insight's own code that lays the page out: reporting/render.py",
    ),
    "a library that renders": (lambda p: p.upgrade("jinja2"), r"jinja2 99\.0, was .+"),
}


def told(before: Page, after: Page) -> list[str]:
    return list(changes(before.parts, after.parts))


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING)
def test_what_bears_on_no_page_changes_no_key(planning: Planning, change: Change) -> None:
    before = planning.page()
    change(planning)
    after = planning.page()
    assert (after.key, after.execution_key, after.data_hash) == (before.key, before.execution_key, before.data_hash)
    assert told(before, after) == []


@pytest.mark.parametrize(("change", "words"), EXECUTION.values(), ids=EXECUTION)
def test_what_bears_on_results_changes_both_keys_and_is_said(planning: Planning, change: Change, words: str) -> None:
    before = planning.page()
    change(planning)
    after = planning.page()
    assert after.execution_key != before.execution_key
    assert after.key != before.key
    (said,) = told(before, after)
    assert re.fullmatch(words, said)


@pytest.mark.parametrize(("change", "words"), PAGE.values(), ids=PAGE)
def test_what_bears_on_the_page_alone_leaves_its_results(planning: Planning, change: Change, words: str) -> None:
    before = planning.page()
    change(planning)
    after = planning.page()
    assert after.execution_key == before.execution_key
    assert after.key != before.key
    (said,) = told(before, after)
    assert re.fullmatch(words, said)


def test_only_figures_change_the_hash_of_the_data(planning: Planning) -> None:
    before = planning.page()
    planning.notebook(commented)
    planning.upgrade("pandas")
    assert planning.page().data_hash == before.data_hash
    planning.source("workforce", content="new")
    assert planning.page().data_hash != before.data_hash


def test_a_parameter_as_typed_or_by_default_is_the_same_page(planning: Planning) -> None:
    assert planning.page(lag_years="1", margin_percent="15").key == planning.page().key
    assert planning.page(margin_percent="15.0").execution_key == planning.page().execution_key


def test_another_parameter_is_another_page_with_another_seed(planning: Planning) -> None:
    before, after = planning.page(), planning.page(lag_years="2")
    assert after.execution_key != before.execution_key
    assert after.seed != before.seed
    assert told(before, after) == ["the parameter lag_years was 1, now 2"]


def test_the_seed_depends_on_study_and_parameters_alone(planning: Planning) -> None:
    before = planning.page()
    planning.notebook(commented)
    planning.source("workforce", content="new")
    planning.edit("stats/poisson.py")
    assert planning.page().seed == before.seed
    assert planning.page("site_effect").seed != before.seed
    assert 0 <= before.seed < 2**32


def test_the_name_of_a_place_is_on_its_page_and_not_in_its_results(planning: Planning) -> None:
    parts = dict(planning.page().parts)
    renamed = {**parts, "place": {"area": "Ashquarry-on-Sea", "region": parts["place"]["region"]}}
    assert keys.execution_key(renamed) == keys.execution_key(parts)
    assert keys.page_key(renamed) != keys.page_key(parts)
    assert list(changes(parts, renamed)) == ["the name of the area: now 'Ashquarry-on-Sea', was 'Ashquarry'"]


def test_the_parts_are_plain_and_name_no_place_on_this_machine(planning: Planning) -> None:
    page = planning.page()
    text = json.dumps(page.parts, allow_nan=False)
    assert json.loads(text) == page.parts
    assert str(planning.root) not in text and str(planning.store) not in text
    assert keys.page_key(json.loads(text)) == page.key
    assert keys.execution_key(json.loads(text)) == page.execution_key
    assert set(page.parts) == {*keys.EXECUTION_PARTS, *keys.PAGE_PARTS}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 1}', '{"cells": [{}]}', '{"cells": [{"source": 1}]}'])
def test_a_file_that_is_no_notebook_has_keys_too(planning: Planning, text: str) -> None:
    before = planning.page()
    (planning.root / "notebooks" / f"{STUDY}.ipynb").write_text(text, encoding="utf-8")
    assert planning.page().execution_key != before.execution_key


VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "1", "a", "é"]) | st.floats(-2, 2)
PARAMETERS = st.dictionaries(st.sampled_from(["authority", "lag_years", "design"]), VALUES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(one=PARAMETERS, other=PARAMETERS)
def test_keys_of_different_parameters_differ(planning: Planning, one: dict[str, Any], other: dict[str, Any]) -> None:
    shared = planning.page().parts
    keyed = [
        keys.execution_key(keys.page_parts(shared, parameters, area_name="A", region="R"))
        for parameters in (one, other)
    ]
    assert (keyed[0] == keyed[1]) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def test_every_file_of_reporting_is_said_to_bear_on_results_on_the_page_or_on_neither() -> None:
    said = (*keys.RENDERING, *keys.EXECUTING, *keys.APART)
    unsaid = [path for path in package_files() if path.startswith("reporting/") and not path.startswith(said)]
    assert unsaid == [], "name each in RENDERING, EXECUTING or APART of reporting/keys.py"


def test_no_study_imports_another_so_that_each_has_its_own_key(root: Path) -> None:
    folder = root / "src" / "insight" / "studies"
    for study in names():
        own = [folder / f"{study}.py", *(folder / study).rglob("*.py")]
        text = "\n".join(path.read_text(encoding="utf-8") for path in own if path.is_file())
        assert not [other for other in names() if other != study and f"insight.studies.{other}" in text]
