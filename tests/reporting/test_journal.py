"""The journal: every whole line is read, whatever a power cut left behind."""

from __future__ import annotations

from pathlib import Path

from insight.reporting.journal import Journal


def half_written(out: Path) -> Journal:
    journal = Journal(out)
    journal.write("run started", pages=1)
    with journal.path.open("a", encoding="utf-8") as stream:
        stream.write('{"event": "page sta')
    return journal


def test_a_half_written_line_does_not_swallow_the_next_one(tmp_path: Path) -> None:
    journal = half_written(tmp_path)
    journal.write("run ended", failed=0)
    assert [event["event"] for event in journal.read()] == ["run started", "run ended"]


def test_lines_that_are_no_events_are_passed_over(tmp_path: Path) -> None:
    journal = half_written(tmp_path)
    with journal.path.open("ab") as stream:
        stream.write(b"\n[]\nnull\n\xff\xfe\n")
    journal.write("page failed", reason="a line separator \u2028 is text")
    assert [event["event"] for event in journal.read()] == ["run started", "page failed"]


def test_what_was_cut_off_reaches_back_to_the_last_run_that_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.cut_off() == []
    for event in ("run started", "page done", "run ended", "run started", "page done", "run started", "page kept"):
        journal.write(event)  # type: ignore[arg-type]  # the seven above are Events
    assert [event["event"] for event in journal.cut_off()] == ["run started", "page done", "run started", "page kept"]
    journal.write("run interrupted")
    assert journal.cut_off() == []
