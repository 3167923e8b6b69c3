"""What `insight why` says of a page, in words that a council analyst understands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from insight.core.fingerprint import file_sha256
from insight.reporting.cache import Cache
from insight.reporting.folder import ENTRY, Known, Site
from insight.reporting.plan import Page
from insight.reporting.why import changes, why
from tests.reporting.planning import Planning, forget, make_planning


@pytest.fixture
def planning(root: Path, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planning]:
    yield make_planning(root, sample_store, tmp_path, monkeypatch)
    forget()


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Known:
    """What the site's manifest says; a test fills it."""
    known = Known(is_sample=True)
    monkeypatch.setattr(Site, "known", lambda site: known)
    return known


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def stand(out: Path, known: Known, page: Page, **more: Any) -> None:
    """Put a page in place as a batch leaves it, with its parts."""
    (out / page.area).mkdir(exist_ok=True)
    (out / page.href).write_text("page", encoding="utf-8")
    (out / page.record_href).write_text("{}", encoding="utf-8")
    entry: dict[str, Any] = dict.fromkeys(ENTRY, "")
    entry |= {"key": page.key, "execution_key": page.execution_key, "data_hash": page.data_hash}
    entry |= {"html_sha256": file_sha256(out / page.href), "record_sha256": file_sha256(out / page.record_href)}
    known.pages[page.href] = {**entry, **more}
    Cache(out).keep_parts(page.key, page.parts)


def keep_results(out: Path, page: Page) -> None:
    made = out / "made.json"
    made.write_text("{}", encoding="utf-8")
    Cache(out).keep(page.execution_key, made)


def test_a_page_that_was_never_made_will_be_run(planning: Planning, out: Path) -> None:
    said = why(planning.page(), out=out)
    assert (said.next, said.changes) == ("run", ())
    assert "never made here" in said.stands
    assert "the notebook is run again" in repr(said)


def test_a_page_that_failed_and_never_stood_says_so(planning: Planning, out: Path, known: Known) -> None:
    page = planning.page()
    known.failed[page.href] = "E501 ..."
    (out / page.href).parent.mkdir()
    (out / page.href).write_text("<p>This page could not be made.</p>", encoding="utf-8")
    assert "could not make it" in why(page, out=out).stands


def test_a_current_page_stays(planning: Planning, out: Path, known: Known) -> None:
    page = planning.page()
    stand(out, known, page)
    said = why(page, out=out)
    assert (said.next, said.changes) == ("kept", ())
    assert "nothing: the page is current" in repr(said)
    assert not (out / ".insight" / "checksums.json").exists()


def test_other_wording_is_rendered_again_without_being_run(planning: Planning, out: Path, known: Known) -> None:
    page = planning.page()
    stand(out, known, page)
    keep_results(out, page)
    planning.notebook(lambda cells: cells[0].update(source=["# Another question?"]))
    said = why(planning.page(), out=out)
    assert (said.next, said.changes) == ("rendered", ("only the wording of the notebook",))
    assert "without running the notebook" in repr(said)


def test_new_figures_are_named_with_their_release(planning: Planning, out: Path, known: Known) -> None:
    page = planning.page()
    stand(out, known, page)
    keep_results(out, page)
    planning.source("workforce", content="new", release="2026")
    planning.upgrade("pandas")
    said = why(planning.page(), out=out)
    assert said.next == "run"
    assert said.changes[0] == "the figures of workforce: now release 2026, before 2025"
    assert said.changes[1].startswith("pandas 99.0, was ")
    text = repr(said)
    assert text.splitlines()[0] == "caseload turnover, Ashquarry"
    assert all(change in text for change in said.changes)


def test_a_page_without_its_results_is_run_even_for_another_wording(
    planning: Planning, out: Path, known: Known
) -> None:
    page = planning.page()
    stand(out, known, page)
    planning.notebook(lambda cells: cells[0].update(source=["# Another question?"]))
    assert why(planning.page(), out=out).next == "run"


def test_the_last_good_page_with_a_notice_is_no_current_page(planning: Planning, out: Path, known: Known) -> None:
    page = planning.page()
    stand(out, known, page, notice=True)
    said = why(page, out=out)
    assert said.next == "run"
    assert "notice" in said.stands


def test_a_page_that_was_changed_by_hand_is_noticed(planning: Planning, out: Path, known: Known) -> None:
    page = planning.page()
    stand(out, known, page)
    (out / page.href).write_text("mine", encoding="utf-8")
    assert why(page, out=out).changes == ("the file itself, after it was made",)


def test_a_page_of_which_nothing_is_kept_says_that_it_is_not_known(planning: Planning, out: Path, known: Known) -> None:
    page = planning.page()
    stand(out, known, page)
    known.pages[page.href]["key"] = "0" * 64
    said = why(page, out=out)
    assert (said.next, said.changes) == ("run", ())
    assert "not known" in said.stands


INPUTS = {"workforce, release 2025": "a", "register of areas": "b", "programmes, release 2024-04": "c"}


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ({**INPUTS, "register of areas": "x"}, ["the register of areas changed"]),
        ({**INPUTS, "referrals, release 2025": "x"}, ["the figures of referrals, release 2025, are new"]),
        (
            {name: INPUTS[name] for name in list(INPUTS)[:2]},
            ["the figures of programmes, release 2024-04, are no longer there"],
        ),
        (INPUTS, []),
    ],
)
def test_each_change_of_an_input_is_said(new: Mapping[str, str], words: list[str]) -> None:
    assert list(changes({"inputs": INPUTS}, {"inputs": new})) == words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"n": 1}, {"n": 2}, "the parameter n was 1, now 2"),
        ({"n": 1}, {"n": True}, "the parameter n was 1, now True"),
        ({"n": 15.0}, {"n": 15}, "the parameter n was 15.0, now 15"),
        ({"p": ""}, {"p": "Wave 1"}, "the parameter p was '', now 'Wave 1'"),
        ({}, {"p": None}, "the parameter p was not there, now None"),
        ({"p": None}, {}, "the parameter p was None, now not there"),
    ],
)
def test_a_parameter_is_said_with_both_values(old: dict[str, Any], new: dict[str, Any], words: str) -> None:
    assert list(changes({"parameters": old}, {"parameters": new})) == [words]


def test_parts_of_an_older_version_or_damaged_ones_are_compared_as_far_as_they_go(planning: Planning) -> None:
    page = planning.page()
    assert list(changes(page.parts, page.parts)) == []
    said = list(changes({"inputs": 3, "parameters": None}, page.parts))
    assert "the code of the notebook" in said
    assert all(isinstance(each, str) and each for each in said)


def test_asking_leaves_no_trace(planning: Planning, out: Path) -> None:
    why(planning.page(), out=out)
    assert list(out.rglob("*")) == []
