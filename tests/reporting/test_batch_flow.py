"""What a batch does with many pages, seen with a crew that makes small ones."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insight.core.register import Register
from insight.errors import FileTrouble, SchedulerTrouble, UsageError
from insight.reporting import making
from insight.reporting.batch import Batch, Progress
from insight.reporting.cache import Cache, parts_of
from insight.reporting.job import Crew, Job, Outcome
from insight.reporting.journal import Journal
from insight.reporting.plan import Page
from insight.reporting.retry import last_request
from tests.reporting.fake_crew import AREAS, STUDIES, FakeCrew, batch_of, bytes_of, make, pages_of


def statuses(batch: Batch) -> Counter[str]:
    return Counter(result.status for result in batch.results)


def nobody() -> Crew:
    raise AssertionError("a crew was asked for")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A site with every page of version 1."""
    batch = batch_of(tmp_path / "site", pages_of())
    assert statuses(batch) == {"done": 12}
    assert batch.resume == ""
    return tmp_path / "site"


def test_a_run_with_nothing_to_do_starts_nothing_and_writes_nothing(out: Path) -> None:
    def of(path: Path) -> int:
        return path.stat().st_mtime_ns

    before = {path: of(path) for path in out.rglob("*") if path.is_file() and ".insight" not in path.parts}

    def no_register() -> Any:
        raise AssertionError("the register was read")

    batch = batch_of(out, pages_of(), nobody, register=no_register)
    assert statuses(batch) == {"kept": 12}
    assert before == {path: of(path) for path in out.rglob("*") if path.is_file() and ".insight" not in path.parts}


def test_kept_pages_are_one_line_of_the_journal(out: Path) -> None:
    lines = sum(1 for _ in Journal(out).read())
    batch_of(out, pages_of())
    added = list(Journal(out).read())[lines:]
    assert [event["event"] for event in added] == ["run started", "pages kept", "run ended"]
    assert added[1]["count"] == 12


def test_another_template_renders_every_page_and_executes_none(out: Path) -> None:
    crew = FakeCrew()
    batch = batch_of(out, pages_of(template="2"), crew)
    assert statuses(batch) == {"rendered": 12}
    assert {job.kind for job in crew.jobs} == {"render"}
    page = pages_of(template="2")[0]
    assert page.key in (out / page.href).read_text(encoding="utf-8")
    assert parts_of(out, page.href) == {"data": "1", "template": "2"}


def test_results_that_are_damaged_are_made_again(out: Path) -> None:
    page = pages_of()[0]
    results = Cache(out).results(page.execution_key)
    assert results is not None
    whole = results.read_bytes()
    results.write_bytes(whole[:-3])
    crew = FakeCrew()
    batch_of(out, pages_of(template="2"), crew)
    assert crew.names() == [f"{page.area}/{page.study}"]
    again = Cache(out).results(page.execution_key)
    assert again is not None and again.read_bytes() == whole


@pytest.mark.parametrize("end", [".html", ".json"])
def test_a_page_or_record_that_is_damaged_is_made_again_without_executing(out: Path, end: str) -> None:
    before = bytes_of(out)
    place = (out / pages_of()[3].href).with_suffix(end)
    place.write_bytes(place.read_bytes()[:-10])
    assert statuses(batch_of(out, pages_of())) == {"rendered": 1, "kept": 11}
    assert bytes_of(out) == before


def test_results_that_no_page_refers_to_are_swept_after_a_finished_run(out: Path) -> None:
    batch_of(out, pages_of(AREAS[:2], version="2"))
    left = {path.name.partition("-")[0] for path in (out / ".insight" / "results").glob("*/*.json")}
    new, old = pages_of(AREAS[:2], version="2"), pages_of(AREAS[2:])
    assert left == {page.execution_key for page in (*new, *old)}
    assert {path.stem for path in (out / ".insight" / "parts").glob("*/*.json")} == {page.key for page in (*new, *old)}


def test_what_pages_share_is_prepared_once_before_them_and_not_for_rendering(tmp_path: Path) -> None:
    crew = FakeCrew()
    pages = pages_of()
    other = [replace(page, parameters={**page.parameters, "lag_years": 2}) for page in pages[-2:]]
    batch_of(tmp_path / "site", [*pages[:-2], *other], crew)
    prepared = [(job.study, job.parameters["lag_years"]) for job in crew.jobs if job.kind == "prepare"]
    assert sorted(prepared) == [(STUDIES[0], 1), (STUDIES[1], 1), (STUDIES[1], 2)]
    first = {study: next(n for n, job in enumerate(crew.jobs) if job.study == study) for study in STUDIES}
    assert all(crew.jobs[number].kind == "prepare" for number in first.values())


def test_the_longest_come_first_and_few_wait_in_line(tmp_path: Path) -> None:
    out = tmp_path / "site"
    long = {AREAS[4]: 9.0, AREAS[1]: 5.0}

    def do(job: Job) -> Outcome | None:
        return None if job.kind == "prepare" else replace(make(job), seconds=long.get(job.area, 1.0))

    batch_of(out, pages_of(studies=STUDIES[:1]), FakeCrew(do))
    crew = FakeCrew(do)
    batch_of(out, pages_of(studies=STUDIES[:1], version="2"), crew)
    assert [name[:9] for name in crew.names()] == [AREAS[4], AREAS[1], AREAS[0], AREAS[2], AREAS[3], AREAS[5]]
    assert crew.most <= crew.capacity + 1


def test_progress_counts_every_page_and_says_what_is_left(out: Path) -> None:
    said: list[Progress] = []
    pages = [*pages_of(AREAS[:1]), *pages_of(AREAS[1:], version="2")]
    batch_of(out, pages, report=said.append)
    assert (said[0].result, said[0].kept, said[0].of) == (None, 2, 12)
    assert said[0].seconds_left == pytest.approx(10 * 0.5 / 2)  # two work
    assert [each.done for each in said] == list(range(11))
    assert all(each.result is not None and each.result.cpu_seconds == 0.4 for each in said[1:])


def test_a_page_that_dies_once_is_made_at_the_second_try(tmp_path: Path) -> None:
    tries: Counter[str] = Counter()

    def do(job: Job) -> Outcome | None:
        tries[job.area] += job.kind == "page"
        return Outcome("died", 0.1, signal=9) if job.area == AREAS[0] and tries[job.area] == 1 else None

    batch = batch_of(tmp_path / "site", pages_of(studies=STUDIES[:1]), FakeCrew(do))
    assert batch.exit_code == 0
    assert batch.results[0].attempts == 2
    warned = [event for event in Journal(tmp_path / "site").read() if event["event"] == "page warned"]
    assert [(event["page"], event["signal"]) for event in warned] == [(batch.results[0].page.href, 9)]


def test_a_page_that_dies_twice_fails_alone_in_words(tmp_path: Path) -> None:
    def do(job: Job) -> Outcome | None:
        return Outcome("died", 0.1, signal=9) if job.area == AREAS[0] and job.kind == "page" else None

    batch = batch_of(tmp_path / "site", pages_of(studies=STUDIES[:1]), FakeCrew(do))
    assert batch.exit_code == 1
    assert statuses(batch) == {"failed": 1, "done": 5}
    assert "E704" in batch.failures[0].reason and "signal 9, twice" in batch.failures[0].reason
    assert batch.resume.endswith("-m insight retry --out site")


def test_the_words_of_those_who_watched_it_die_are_kept(tmp_path: Path) -> None:
    said = "E704 making a page\n  found: its process was ended by signal 9; 4 GB were given\n  next:  close"

    def do(job: Job) -> Outcome | None:
        return Outcome("died", reason=said, signal=9) if job.kind == "page" else None

    batch = batch_of(tmp_path / "site", pages_of(AREAS[:1], STUDIES[:1]), FakeCrew(do))
    assert "found: twice, its process was ended by signal 9; 4 GB were given" in batch.failures[0].reason


def test_a_page_that_kills_its_neighbours_costs_none_of_them(tmp_path: Path) -> None:
    running: set[str] = set()
    lost: set[str] = set()
    lock = threading.Lock()

    def do(job: Job) -> Outcome | None:
        if job.kind != "page":
            return None
        with lock:
            running.add(job.area)
        time.sleep(0.02)
        with lock:
            running.discard(job.area)
            if job.area == AREAS[2]:
                lost.update(running)
                return Outcome("died", 0.1, signal=9)
            if job.area in lost:
                lost.discard(job.area)
                return Outcome("died", 0.1)
        return None

    batch = batch_of(tmp_path / "site", pages_of(studies=STUDIES[:1]), FakeCrew(do, capacity=3))
    assert [result.page.area for result in batch.failures] == [AREAS[2]]


def test_a_page_that_took_too_long_is_not_tried_again(tmp_path: Path) -> None:
    def do(job: Job) -> Outcome | None:
        late = job.area == AREAS[0] and job.kind == "page"
        return Outcome("timeout", 600.0, reason="E703 running cell 2", cell=2) if late else None

    crew = FakeCrew(do)
    batch = batch_of(tmp_path / "site", pages_of(studies=STUDIES[:1]), crew)
    assert crew.names().count(f"{AREAS[0]}/{STUDIES[0]}") == 1
    (failed,) = [event for event in Journal(tmp_path / "site").read() if event["event"] == "page failed"]
    assert (failed["status"], failed["cell"]) == ("timeout", 2)
    assert batch.failures[0].reason == "E703 running cell 2"


def test_a_crew_that_breaks_its_word_costs_its_page_alone(tmp_path: Path) -> None:
    def do(job: Job) -> Outcome | None:
        if job.area == AREAS[0] and job.kind == "page":
            raise ZeroDivisionError
        return None

    batch = batch_of(tmp_path / "site", pages_of(studies=STUDIES[:1]), FakeCrew(do))
    assert statuses(batch) == {"failed": 1, "done": 5}


def test_a_finished_page_of_another_key_is_not_put_in_place(tmp_path: Path) -> None:
    def do(job: Job) -> Outcome | None:
        return make(replace(job, key="other")) if job.area == AREAS[0] and job.kind == "page" else None

    batch = batch_of(tmp_path / "site", pages_of(studies=STUDIES[:1]), FakeCrew(do))
    assert "E700" in batch.failures[0].reason


def test_when_the_crew_as_a_whole_cannot_go_on_finished_pages_stay(tmp_path: Path) -> None:
    out = tmp_path / "site"
    done: list[str] = []

    def do(job: Job) -> Outcome | None:
        if job.kind == "page" and len(done) >= 2:
            raise SchedulerTrouble("reaching the scheduler", found="no answer", todo="start it")
        done.extend([job.area] * (job.kind == "page"))
        return None

    crew = FakeCrew(do, capacity=1)
    with pytest.raises(SchedulerTrouble):
        batch_of(out, pages_of(studies=STUDIES[:1]), crew)
    assert crew.is_closed
    assert len(json.loads((out / "manifest.json").read_bytes())["pages"]) == 2
    assert Journal(out).last()["event"] == "run interrupted"  # type: ignore[index]
    assert not list((out / ".insight").glob("run-*"))
    assert statuses(batch_of(out, pages_of(studies=STUDIES[:1]))) == {"kept": 2, "done": 4}


def test_a_run_for_which_nobody_could_be_had_is_the_one_to_retry(out: Path) -> None:
    def nobody_comes() -> FakeCrew:
        raise SchedulerTrouble("reaching the scheduler", found="no answer", todo="start it")

    before = bytes_of(out)
    with pytest.raises(SchedulerTrouble):
        batch_of(out, pages_of(version="2"), nobody_comes)
    assert bytes_of(out) == before
    assert len(last_request(out).pages) == len(pages_of())


def test_too_little_room_is_found_before_anything_runs(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "free_bytes", lambda folder: 1234)
    before = bytes_of(out)
    with pytest.raises(FileTrouble, match=r"1,234 bytes are free; 12 pages may need [\d,]+ bytes"):
        batch_of(out, pages_of(version="2"), nobody)
    with pytest.raises(FileTrouble, match="4,800,000"):
        batch_of(tmp_path / "new", pages_of(), nobody)
    assert bytes_of(out) == before
    assert statuses(batch_of(out, pages_of())) == {"kept": 12}  # needs no room


def test_pages_of_earlier_data_are_marked_until_they_are_made_again(out: Path) -> None:
    def index() -> str:
        return "".join((out / code / "index.html").read_text(encoding="utf-8") for code in AREAS)

    batch_of(out, pages_of(AREAS[:1], STUDIES[:1], version="2"), data_hash="newer")
    # Of this study the inputs have changed; of the other nobody has looked, but the store has changed.
    assert index().count("Made from earlier data") == 11
    batch_of(out, pages_of(AREAS[:1], STUDIES[1:]), data_hash="newer")
    # The other study's inputs are as they were, for every area.
    assert index().count("Made from earlier data") == 5
    batch_of(out, pages_of(studies=STUDIES[:1], version="2"), data_hash="newer")
    assert "Made from earlier data" not in index()


def test_a_run_twice_and_a_resumed_run_give_the_same_bytes(tmp_path: Path) -> None:
    batch_of(tmp_path / "one", pages_of(), FakeCrew(capacity=1))

    def stop(progress: Progress) -> None:
        if progress.done == 5:
            raise KeyboardInterrupt

    crew = FakeCrew()
    batch = batch_of(tmp_path / "two", pages_of(), crew, report=stop)
    assert batch.exit_code == 130 and batch.interrupted and crew.is_closed
    assert statuses(batch) == {"done": 5, "failed": 7}
    assert Journal(tmp_path / "two").last()["event"] == "run interrupted"  # type: ignore[index]
    assert bytes_of(tmp_path / "one") != bytes_of(tmp_path / "two")
    assert "retry" in batch.resume
    assert statuses(batch_of(tmp_path / "two", pages_of())) == {"kept": 5, "done": 7}
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_sample_and_real_pages_do_not_meet(out: Path) -> None:
    with pytest.raises(UsageError, match="pages of real data"):
        batch_of(out, pages_of(), is_sample=True)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"pages": {"x": 1}, "is_sample": true}', None])
def test_a_damaged_manifest_is_made_again_from_what_stands(out: Path, damage: bytes | None) -> None:
    before = bytes_of(out)
    (out / "manifest.json").unlink() if damage is None else (out / "manifest.json").write_bytes(damage)
    batch_of(out, pages_of(AREAS[:3]))
    left = json.loads((out / "manifest.json").read_bytes())["pages"]
    assert set(left) == set(json.loads(before["manifest.json"])["pages"])
    assert statuses(batch_of(out, pages_of())) == {"kept": 6, "done": 6}
    assert bytes_of(out) == before


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\n[]\nnull\n", b'{"event": "run started", "todo": 3}\n{"ev', None])
def test_a_damaged_journal_loses_no_page(out: Path, damage: bytes | None) -> None:
    before = bytes_of(out)
    journal = out / ".insight" / "journal.jsonl"
    journal.unlink() if damage is None else journal.write_bytes(damage)
    assert statuses(batch_of(out, pages_of())) == {"kept": 12}
    assert bytes_of(out) == before


def test_a_page_that_is_gone_or_of_no_area_leaves_the_index(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_bytes())
    entry = manifest["pages"][pages_of()[0].href]
    manifest["pages"] |= {"../../passwd.html": entry, "Z99/x.html": entry}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (out / pages_of()[5].href).unlink()
    batch_of(out, pages_of()[:2])
    left = json.loads((out / "manifest.json").read_bytes())["pages"]
    assert sorted(left) == sorted(page.href for number, page in enumerate(pages_of()) if number != 5)


def test_what_a_killed_run_left_is_swept(out: Path) -> None:
    leftover = out / ".insight" / "run-killed" / "3"
    leftover.mkdir(parents=True)
    (leftover / "page.html").write_text("half a page", encoding="utf-8")
    batch_of(out, pages_of())
    assert not leftover.parent.exists()


def test_nothing_of_the_machine_or_the_clock_is_published(out: Path) -> None:
    for name, content in bytes_of(out).items():
        assert str(out.parent).encode() not in content, name
        assert str(Path.home()).encode() not in content or str(Path.home()) == "/", name
    around = ["errors.html", "glossary.html", "index.html", "methods", "methods.html", "questions", "sources.html"]
    regions = {Register.read().authority(code).region_code or "" for code in AREAS}
    expected = sorted([".insight", "manifest.json", *around, *AREAS, *regions])
    assert sorted(os.listdir(out)) == expected  # noqa: PTH208


def test_an_empty_run_makes_an_index(tmp_path: Path) -> None:
    pages: list[Page] = []
    assert batch_of(tmp_path / "site", pages, nobody).results == ()
    assert (tmp_path / "site" / "index.html").is_file()
