"""Where a page could not be made, the last good one says so, or a plain one stands in its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from insight.reporting import notice
from insight.reporting.batch import Batch
from insight.reporting.folder import Site
from insight.reporting.job import Job, Outcome
from insight.reporting.render import PageContext, render
from tests.reporting.conftest import Build, Seen
from tests.reporting.fake_crew import AREAS, STUDIES, FakeCrew, batch_of, bytes_of, make, pages_of

REASON = "E701 running cell 3 of a study for <b>Hartlepool</b>\n  found: E500 too few rows\n  next:  mend it"
SAID = "This page could not be made anew: the last run failed."


def fails(job: Job) -> Outcome | None:
    is_it = job.area == AREAS[0] and job.kind != "prepare"
    return Outcome("failed", 0.1, reason=REASON, cell=3) if is_it else None


def run(out: Path, version: str, *, failing: bool = False, areas: tuple[str, ...] = AREAS[:2]) -> Batch:
    pages = pages_of(areas, STUDIES[:1], version=version)
    return batch_of(out, pages, FakeCrew(fails if failing else make))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The first page of a site whose last run could not make it."""
    out = tmp_path / "site"
    run(out, "1")
    run(out, "2", failing=True)
    return out / AREAS[0] / f"{STUDIES[0]}.html"


def test_a_made_page_is_born_with_a_place_for_a_notice(
    build: Build, context: PageContext, look: Callable[[str], Seen], tmp_path: Path
) -> None:
    html = render(build(), context).html.encode()
    marked = notice.with_notice(html, ("Children <script>alert(1)</script>, release 2025",))
    assert marked is not None
    text = look(marked.decode()).text
    assert text.index(SAID) < text.index(", Greater Sample")
    assert "It shows the figures of an earlier run: Children <script>alert(1)</script>, release 2025." in text
    assert b"<script>alert" not in marked
    assert notice.without_notice(marked) == html
    assert notice.with_notice(marked, ()) == notice.with_notice(html, ())


def test_a_page_without_a_place_is_left_as_it_is() -> None:
    assert notice.with_notice(b"<main>a page of another program</main>", ()) is None
    outside = b'<!--notice--><!--/notice--><main id="main"></main>'
    assert notice.with_notice(outside, ()) is None


def test_the_last_good_page_stays_and_names_the_release_that_it_shows(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    old, other = pages_of(AREAS[:2], STUDIES[:1])
    assert old.key in html and html.count(SAID) == 1
    assert f"Workforce &lt;b&gt;&amp; more, release 2025 ({old.data_hash[:6]})" in html
    assert SAID not in (page.parent.parent / other.href).read_text(encoding="utf-8")
    assert json.loads(page.with_suffix(".json").read_bytes())["key"] == old.key
    index = (page.parent.parent / "index.html").read_text(encoding="utf-8")
    assert "(an earlier page stands): E701" in index and "E500 too few rows" in index
    own = (page.parent / "index.html").read_text(encoding="utf-8")
    assert "Earlier page: the last run failed" in own and 'href="../errors.html#E500"' in own


def test_failing_again_says_it_once(page: Path) -> None:
    before = page.read_bytes()
    run(page.parent.parent, "3", failing=True)
    assert page.read_bytes() == before


def test_a_page_with_a_notice_is_never_current_and_a_success_removes_it(page: Path) -> None:
    # The same key as the page that stands: its results are still there, so it is rendered, not executed.
    batch = run(page.parent.parent, "1")
    assert batch.results[0].status == "rendered"
    assert SAID not in page.read_text(encoding="utf-8")
    manifest = json.loads((page.parent.parent / "manifest.json").read_bytes())
    assert not any("notice" in entry for entry in manifest["pages"].values())
    assert manifest["failed"] == {}


def test_a_success_gives_the_bytes_of_a_run_that_never_failed(page: Path, tmp_path: Path) -> None:
    run(page.parent.parent, "2")
    run(tmp_path / "other", "2")
    assert bytes_of(page.parent.parent) == bytes_of(tmp_path / "other")


def test_where_no_page_stands_a_plain_one_says_what_failed(tmp_path: Path, look: Callable[[str], Seen]) -> None:
    out = tmp_path / "site"
    run(out, "1", failing=True)
    place = out / AREAS[0] / f"{STUDIES[0]}.html"
    text = look(place.read_text(encoding="utf-8")).text
    assert "This page could not be made" in text and "E500 too few rows" in text
    assert "<b>Hartlepool</b>" in text and "mend it" not in text
    assert not place.with_suffix(".json").exists()
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert list(manifest["failed"]) == [f"{AREAS[0]}/{STUDIES[0]}.html"]
    assert list(manifest["pages"]) == [f"{AREAS[1]}/{STUDIES[0]}.html"]
    assert "1 page on 1 area." in look((out / "index.html").read_text(encoding="utf-8")).text
    batch = run(out, "1")
    assert [result.status for result in batch.results] == ["done", "kept"]
    assert "could not be made" not in place.read_text(encoding="utf-8")


def test_a_failure_stays_listed_until_the_page_is_made(page: Path) -> None:
    out = page.parent.parent
    run(out, "2", areas=AREAS[1:3])
    assert "E500 too few rows" in (out / "index.html").read_text(encoding="utf-8")
    run(out, "2", areas=AREAS[:1])
    assert "E500 too few rows" not in (out / "index.html").read_text(encoding="utf-8")


def test_a_page_that_is_cut_off_is_no_good_page(page: Path) -> None:
    page.write_bytes(page.read_bytes()[:60])
    run(page.parent.parent, "3", failing=True)
    assert "There is no earlier page" in page.read_text(encoding="utf-8")


def test_a_plain_page_is_not_taken_for_a_page_with_figures(tmp_path: Path) -> None:
    out = tmp_path / "site"
    run(out, "1", failing=True)
    run(out, "2", failing=True)
    assert len(Site(out).known().pages) == 1


def test_what_a_killed_run_marked_is_still_a_good_page(page: Path) -> None:
    # The run that gave the notice did not come to write its manifest.
    out = page.parent.parent
    journal = out / ".insight" / "journal.jsonl"
    manifest = json.loads((out / "manifest.json").read_bytes())
    manifest["pages"][f"{AREAS[0]}/{STUDIES[0]}.html"].pop("notice")
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    journal.write_text("".join(journal.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert list(Site(out).known().failed) == [f"{AREAS[0]}/{STUDIES[0]}.html"]
    run(out, "3", failing=True)
    assert pages_of(AREAS[:1], STUDIES[:1])[0].key in page.read_text(encoding="utf-8")
