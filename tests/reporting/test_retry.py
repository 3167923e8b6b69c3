"""What is still to be made, from the journal alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.errors import UsageError
from insight.reporting.batch import Progress
from insight.reporting.job import Job, Outcome
from insight.reporting.journal import Journal
from insight.reporting.retry import last_request
from tests.reporting.fake_crew import AREAS, STUDIES, FakeCrew, batch_of, pages_of

ONE = STUDIES[:1]


def hrefs(areas: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{code}/{STUDIES[0]}.html" for code in areas)


def test_pages_that_failed_are_named_with_their_reason_and_the_request(tmp_path: Path) -> None:
    def do(job: Job) -> Outcome | None:
        return Outcome("failed", reason="E500 too few") if job.area in AREAS[1:3] and job.kind == "page" else None

    batch_of(tmp_path / "site", pages_of(studies=ONE), FakeCrew(do))
    last = last_request(tmp_path / "site")
    assert last.pages == hrefs(AREAS[1:3])
    assert last.request == {"studies": list(STUDIES), "flags": ["--out", "site"]}
    batch_of(tmp_path / "site", [page for page in pages_of(studies=ONE) if page.href in last.pages])
    assert last_request(tmp_path / "site").pages == ()


def test_an_interrupted_run_left_what_had_no_turn(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    batch_of(tmp_path / "site", pages_of(studies=ONE), FakeCrew(capacity=1), report=stop)
    last = last_request(tmp_path / "site")
    assert last.pages == hrefs(AREAS[2:])


@pytest.mark.parametrize("lines", [1, 3, 5, 8])
def test_a_killed_run_left_what_it_could_not_say_was_done(tmp_path: Path, lines: int) -> None:
    batch_of(tmp_path / "site", pages_of(studies=ONE), FakeCrew(capacity=1))
    journal = tmp_path / "site" / ".insight" / "journal.jsonl"
    kept = journal.read_text(encoding="utf-8").splitlines(keepends=True)[:lines]
    journal.write_text("".join(kept) + '{"event": "page do', encoding="utf-8")
    done = [event["page"] for event in Journal(tmp_path / "site").read() if event["event"] == "page done"]
    assert last_request(tmp_path / "site").pages == tuple(href for href in hrefs(AREAS) if href not in done)


@pytest.mark.parametrize("content", [None, b"", b"\xff", b'{"event": "run started", "request": 3, "todo": 4}\n'])
def test_without_a_run_there_is_nothing_to_retry(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / ".insight").mkdir()
        (tmp_path / ".insight" / "journal.jsonl").write_bytes(content)
    with pytest.raises(UsageError, match="none in this output folder"):
        last_request(tmp_path)
