"""The journal: every whole line is read, whatever a power cut left behind, and time never goes back in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

from insight.reporting import journal as module
from insight.reporting.journal import Journal


def half_written(out: Path) -> Journal:
    journal = Journal(out)
    journal.write("run started", pages=1)
    with journal.path.open("a", encoding="utf-8") as stream:
        stream.write('{"event": "page sta')
    return Journal(out)


def names(journal: Journal) -> list[str]:
    return [event["event"] for event in journal.read()]


def test_a_half_written_line_is_passed_over(tmp_path: Path) -> None:
    journal = half_written(tmp_path)
    assert names(journal) == ["run started"]
    last = journal.last()
    assert last is not None and last["number"] == 1


def test_a_half_written_line_does_not_swallow_the_next_one(tmp_path: Path) -> None:
    journal = half_written(tmp_path)
    journal.write("run ended", failed=0)
    journal.write("run started")
    assert [(event["event"], event["number"]) for event in journal.read()] == [
        ("run started", 1),
        ("run ended", 2),
        ("run started", 3),
    ]


def test_lines_that_are_no_events_are_passed_over(tmp_path: Path) -> None:
    journal = half_written(tmp_path)
    with journal.path.open("ab") as stream:
        stream.write(b'\n[]\nnull\n\xff\xfe\n{"event": 3}\n')
    journal.write("page failed", reason="a line separator \u2028 is text, and so is half a letter \ud800")
    assert names(journal) == ["run started", "page failed"]


def test_what_was_cut_off_reaches_back_to_the_last_run_that_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.cut_off() == []
    for event in ("run started", "page done", "run ended", "run started", "page done", "run started", "page warned"):
        journal.write(event)
    assert [event["event"] for event in journal.cut_off()] == ["run started", "page done", "run started", "page warned"]
    journal.write("run interrupted")
    assert journal.cut_off() == []


class _Clock(datetime):
    moment = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return cls.moment


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(days=-400), timedelta(0)])
def test_times_and_numbers_never_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: timedelta) -> None:
    monkeypatch.setattr(module, "datetime", _Clock)
    monkeypatch.setattr(_Clock, "moment", _Clock.moment)
    for _ in range(3):
        # A new process each time knows only what is written.
        Journal(tmp_path).write_all([("run started", {}), ("run ended", {})])
        monkeypatch.setattr(_Clock, "moment", _Clock.moment + step)
    events = list(Journal(tmp_path).read())
    assert [event["number"] for event in events] == [1, 2, 3, 4, 5, 6]
    times = [event["time"] for event in events]
    assert times == sorted(times)


def test_a_time_that_cannot_be_one_is_not_carried_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.path.parent.mkdir()
    journal.path.write_text('{"event": "run ended", "number": "x", "time": "zzzz"}\n', encoding="utf-8")
    journal.write("run started")
    last = journal.last()
    assert last is not None and last["number"] == 1
    assert datetime.fromisoformat(last["time"]).tzinfo is not None


def test_the_last_event_is_found_behind_a_very_long_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write("run started", todo=["x" * 100] * 3000)
    with journal.path.open("ab") as stream:
        stream.write(b"{" + b"y" * 200_000)
    last = Journal(tmp_path).last()
    assert last is not None and last["event"] == "run started"


def test_a_line_that_cannot_be_written_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.write("run started")
    before = journal.path.read_bytes()

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("insight.core.whole._fill", full)
        with pytest.raises(OSError, match="No space"):
            journal.write("run ended")
    assert journal.path.read_bytes() == before
    journal.write("run ended")
    assert [event["number"] for event in journal.read()] == [1, 2]


def test_past_seconds_are_those_of_the_last_execution(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write("page done", page="a/x.html", made="executed", seconds=3.0)
    journal.write("page done", page="a/x.html", made="executed", seconds=2.0)
    journal.write("page done", page="a/x.html", made="rendered", seconds=0.1)
    journal.write("page failed", page="b/x.html", made="executed", seconds=9.0)
    assert journal.seconds() == {"a/x.html": 2.0}
