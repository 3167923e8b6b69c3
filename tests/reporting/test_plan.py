"""A plan says what is to be made and from what; a remembered one says exactly the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insight import studies
from insight.errors import StoreMissing, UnknownStudy, UsageError
from insight.reporting import recall
from insight.reporting.plan import Page, plan
from insight.reporting.recall import Request, planned
from insight.store import load_panel, load_register
from insight.studies import find
from insight.studies._study import Parameters
from tests.reporting.planning import STUDY, Planning, forget, make_planning

REQUEST = Request(regions=("X12000001",), settings=())


@pytest.fixture
def planning(root: Path, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planning]:
    yield make_planning(root, sample_store, tmp_path, monkeypatch)
    forget()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """The requests that were planned anew."""
    requests: list[Request] = []
    anew = recall._plan_anew

    def counted(request: Request, store: Path, root: Path) -> tuple[Page, ...]:
        requests.append(request)
        return anew(request, store, root)

    monkeypatch.setattr(recall, "_plan_anew", counted)
    return requests


def recalled(planning: Planning, request: Request = REQUEST) -> tuple[Page, ...]:
    return planned(request, store=planning.store, root=planning.root)


def test_a_page_says_what_its_panel_will_say(root: Path, sample_store: Path, planning: Planning) -> None:
    for study in ("caseload_turnover", "site_effect"):
        page = planning.page(study)
        assert page.data_hash == load_panel(sample_store, needs=find(study).needs).data_hash
        assert all((sample_store / path).is_file() for path in page.inputs)
        assert len({page.key, page.execution_key, page.data_hash}) == 3


def test_pages_of_one_study_share_their_inputs_and_differ_in_everything_else(planning: Planning) -> None:
    one, other = plan([STUDY, STUDY], planning.areas, settings={}, root=planning.root, store=planning.store)
    assert (one.data_hash, one.inputs) == (other.data_hash, other.inputs)
    assert len({one.key, other.key, one.execution_key, other.execution_key, one.href, other.href}) == 6
    assert one.seed != other.seed


def test_what_cannot_be_planned_is_refused_in_words(planning: Planning, tmp_path: Path) -> None:
    with pytest.raises(UnknownStudy):
        planning.page("no_such_study")
    with pytest.raises(UsageError, match="lag_yeras"):
        planning.page(lag_yeras="1")
    with pytest.raises(StoreMissing):
        plan([STUDY], planning.areas, settings={}, root=planning.root, store=tmp_path / "none")
    with pytest.raises(UsageError, match="notebook"):
        plan([STUDY], planning.areas, settings={}, root=tmp_path, store=planning.store)


def test_a_remembered_plan_is_the_plan(planning: Planning, made: list[Request]) -> None:
    first, second = recalled(planning), recalled(planning)
    assert made == [REQUEST]
    assert first == second
    assert [dict(page.parts) for page in first] == [dict(page.parts) for page in second]
    # Five studies of the home region's 14 authorities, and one of the region.
    assert len(first) == 5 * 14 + 1


@pytest.mark.parametrize("what", ["prose", "figures", "package", "library", "settings", "areas", "new notebook"])
def test_whatever_a_plan_depends_on_makes_it_anew(
    planning: Planning, made: list[Request], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    recalled(planning)
    request = REQUEST
    if what == "prose":
        planning.notebook(lambda cells: cells[0].update(source=["# Another?"]))
    elif what == "figures":
        planning.source("workforce", content="new")
    elif what == "package":
        monkeypatch.setattr(recall, "package_fingerprint", lambda: "other")
    elif what == "library":
        monkeypatch.setattr(recall, "installation_mark", lambda: "other")
    elif what == "settings":
        request = Request(studies=(STUDY,), regions=("X12000001",), settings=("lag_years=2",))
    elif what == "areas":
        request = Request(authorities=("X06000001",))
    else:
        (planning.root / "notebooks" / "other.ipynb").write_text("{}", encoding="utf-8")
    recalled(planning, request)
    assert len(made) == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"depends_on": 1}', "null"])
def test_a_damaged_memory_is_none(planning: Planning, made: list[Request], damage: str) -> None:
    pages = recalled(planning)
    (memory,) = (planning.store / "plans").glob("*.json")
    whole = memory.read_bytes()
    memory.write_text(damage, encoding="utf-8")
    assert recalled(planning) == pages
    assert len(made) == 2
    assert memory.read_bytes() == whole


def test_a_row_that_was_cut_is_no_plan(planning: Planning, made: list[Request]) -> None:
    pages = recalled(planning)
    (memory,) = (planning.store / "plans").glob("*.json")
    content = json.loads(memory.read_bytes())
    content["pages"][0].pop()
    memory.write_text(json.dumps(content), encoding="utf-8")
    assert recalled(planning) == pages
    assert len(made) == 2


def test_few_plans_are_remembered(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "_MOST", 2)
    for code in ("X06000001", "X06000002", "X06000003"):
        recalled(planning, Request(studies=(STUDY,), authorities=(code,)))
    assert len(list((planning.store / "plans").glob("*"))) == 2


def test_a_plan_names_no_place_on_this_machine(planning: Planning) -> None:
    recalled(planning)
    (memory,) = (planning.store / "plans").glob("*.json")
    text = memory.read_text(encoding="utf-8")
    assert str(planning.root) not in text and str(planning.store) not in text


@pytest.mark.parametrize(
    "request_",
    [
        Request(),
        Request(("a",), ("b", "c"), ("d",), False, ("e=1",)),
        Request(everything=True),
    ],
)
def test_a_request_comes_back_from_the_journal_as_it_went(request_: Request) -> None:
    plain = json.loads(json.dumps({**request_.as_plain(), "flags": ["--out", "x"]}))
    assert Request.of_plain(plain) == request_


@pytest.mark.parametrize("plain", [{}, {"studies": "x"}, {"studies": [1], "authorities": []}])
def test_a_request_that_is_none_is_refused_in_words(plain: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="insight run"):
        Request.of_plain(plain)


class RegionParameters(Parameters):
    """Of a study that is made once per region."""

    region: str = ""


def test_a_study_of_regions_has_one_page_for_each_region_of_the_areas(
    planning: Planning, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = find(STUDY)
    regional = replace(whole, per="region", parameters=RegionParameters)
    monkeypatch.setattr(studies, "find", lambda name: regional)
    chosen = Request((STUDY,), authorities=("X06000001", "X06000002", "X06000054"))
    pages = planned(chosen, store=planning.store, root=planning.root)
    register = load_register(planning.store)
    expected = {register.get(code).region_code for code in chosen.authorities}
    assert {page.area for page in pages} == expected
    assert len(pages) == len(expected) == 2
    assert all(page.parameters == {"region": page.area} for page in pages)
    everything = planned(Request((STUDY,), everything=True), store=planning.store, root=planning.root)
    assert {page.area for page in everything} == {area.region_code for area in register.authorities()}


def test_what_is_needed_may_depend_on_a_parameter(
    planning: Planning, sample_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def also(parameters: Mapping[str, Any]) -> tuple[str, ...]:
        asked.append(int(parameters["lag_years"]))
        return ("parts of turnover_rate_fte",) if int(parameters["lag_years"]) == 2 else ()

    made = replace(find(STUDY), needs=("caseload_fte",), also_needs=also)
    monkeypatch.setattr(studies, "find", lambda name: made)
    one, two = planning.page(), planning.page(lag_years="2")
    assert set(asked) == {1, 2}
    assert one.data_hash != two.data_hash
    panel = load_panel(sample_store, needs=made.needs_for({"lag_years": 2}))
    assert panel.data_hash == two.data_hash
    assert set(panel.indicators) == {"caseload_fte", "leavers_fte", "inpost_fte"}
    with pytest.raises(UsageError, match="no value of 'lag_years'"):
        made.needs_for({})
