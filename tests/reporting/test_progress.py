"""What a batch says while it runs: on a terminal, in a log, to a program, on an old console, to nobody."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from insight.errors import UsageError
from insight.reporting import progress as said
from insight.reporting.progress import Bar, JsonLines, Lines, Voice, choose, one_line, printable, time_left

RESUME = "python -m insight retry --out 'my site'"


@dataclass
class Result:
    """A page and what became of it, as a batch says it."""

    area: str
    status: str
    reason: str = ""
    name: str = "Ashquarry"
    seconds: float = 1.25
    cpu_seconds: float = 0.5
    peak_bytes: int = 1000
    attempts: int = 1
    page: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        href = f"{self.area}/caseload_turnover.html"
        self.page = SimpleNamespace(area=self.area, area_name=self.name, study="caseload_turnover", href=href)


def batch(*results: Result, interrupted: bool = False, exit_code: int = 0) -> SimpleNamespace:
    failures = tuple(result for result in results if result.status == "failed")
    return SimpleNamespace(
        results=results, failures=failures, interrupted=interrupted, exit_code=exit_code, taken_away=()
    )


def tell(reporter: Callable[[SimpleNamespace], None], results: list[Result], seconds_left: float | None = None) -> None:
    """Say each result as a batch does: those that stay together and first, then the others one by one."""
    counts = {"done": 0, "kept": sum(result.status == "kept" for result in results), "failed": 0}
    reporter(SimpleNamespace(result=None, of=len(results), seconds_left=seconds_left, **counts))
    for result in results:
        if result.status != "kept":
            counts["failed" if result.status == "failed" else "done"] += 1
            reporter(SimpleNamespace(result=result, of=len(results), seconds_left=seconds_left, **counts))


class Stream(io.TextIOWrapper):
    """A console: what was written to it in the encoding it has."""

    def __init__(self, encoding: str = "utf-8", *, is_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


class Gone(Stream):
    """A pipe whose reader has gone, as in `insight run | head`."""

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.fixture()
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain terminal of 100 columns, whatever this one is."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")


KEPT = [Result(f"X{number:08}", "kept") for number in range(1200)]


def test_without_a_terminal_unchanged_pages_share_one_line() -> None:
    stream = Stream()
    lines = Lines(Voice(stream), site="my site", resume=RESUME)
    results = [*KEPT, Result("X90000001", "done"), Result("X90000002", "rendered")]
    tell(lines, results, seconds_left=130)
    lines.close()
    lines.finish(batch(*results))
    written = stream.text.splitlines()
    assert written[0] == "1,200 of 1,202 pages unchanged, 2 to make, about 2 minutes left"
    assert written[1] == "[1201/1202] done X90000001 Ashquarry, caseload_turnover (1.2 s)"
    assert written[2].startswith("[1202/1202] rendered X90000002")
    assert written[3] == "1 made, 1 rendered again, 1,200 unchanged, 0 failed"
    assert written[4] == f"site: {os.path.join('my site', 'index.html')}"  # noqa: PTH118
    assert len(written) == 5


def test_a_failure_is_said_when_it_happens_and_at_the_end_with_what_makes_it_again() -> None:
    stream = Stream()
    lines = Lines(Voice(stream), site="reports", resume=RESUME)
    reason = "E701 running caseload_turnover for Ashquarry\n  found: cell 4\n  next:  look"
    results = [Result("X90000001", "failed", reason), Result("X90000002", "done")]
    tell(lines, results)
    lines.finish(batch(*results, exit_code=1))
    written = stream.text
    assert "[1/2] failed X90000001 Ashquarry, caseload_turnover (1.2 s): E701 running" in written
    assert "      found: cell 4\n      next:  look\n" in written
    assert f"To run this again:\n  {RESUME}\n" in written


def test_a_thousand_failures_do_not_drown_the_last_words() -> None:
    stream = Stream()
    lines = Lines(Voice(stream), site="reports", resume=RESUME)
    lines.finish(
        batch(*(Result(f"X{number:08}", "failed", "E701 no\n  found: a\n  next: b") for number in range(1000)))
    )
    assert len(stream.text.splitlines()) < 100
    assert "and 980 more" in stream.text
    assert RESUME in stream.text


def test_a_stopped_run_says_how_to_go_on_and_blames_no_page() -> None:
    stream = Stream()
    results = [Result("X90000001", "done"), Result("X90000002", "failed", "interrupted before it was made")]
    Lines(Voice(stream), site="reports", resume=RESUME).finish(batch(*results, interrupted=True, exit_code=130))
    assert f"stopped; resume with: {RESUME}\n" in stream.text
    assert "1 made, 0 unchanged, 0 failed, 1 not made" in stream.text
    assert "Failed:" not in stream.text


def test_json_is_one_object_per_line_and_the_summary_comes_last() -> None:
    stream, words = Stream(), Stream()
    results = [*KEPT[:3], Result("X90000001", "done"), Result("X90000002", "failed", "E701 a\n  found: b\n  next: c")]
    reporter = JsonLines(stream, Voice(words), site="my site", resume=RESUME)
    tell(reporter, results)
    reporter.close()
    reporter.finish(batch(*results, exit_code=1))
    read = [json.loads(line) for line in stream.text.splitlines()]
    assert [each["status"] for each in read[:-1]] == ["done", "failed", "kept", "kept", "kept"]
    assert read[0] == {
        "event": "page",
        "area": "X90000001",
        "study": "caseload_turnover",
        "page": "X90000001/caseload_turnover.html",
        "status": "done",
        "seconds": 1.25,
        "cpu_seconds": 0.5,
        "peak_bytes": 1000,
        "attempts": 1,
        "reason": "",
    }
    assert read[-1] == {
        "event": "summary",
        "pages": 5,
        "done": 1,
        "rendered": 0,
        "kept": 3,
        "failed": 1,
        "interrupted": False,
        "exit_code": 1,
        "site": "my site",
        "manifest": "manifest.json",
    }
    assert "1 made, 3 unchanged, 1 failed" in words.text


def test_an_error_before_the_first_page_is_an_object_too() -> None:
    stream = Stream()
    reporter = JsonLines(stream, Voice(Stream()), site="reports", resume=RESUME)
    reporter.refuse(UsageError("reading --set", found="nothing", todo="write one"))
    (line,) = stream.text.splitlines()
    assert json.loads(line) == {
        "event": "error",
        "code": "E400",
        "exit_code": 2,
        "asked": "reading --set",
        "found": "nothing",
        "next": "write one",
    }


def test_what_a_library_prints_does_not_reach_the_json(capfd: pytest.CaptureFixture[str]) -> None:
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as kept, os.fdopen(1, "w", encoding="utf-8", closefd=False) as out:
        reporter = JsonLines(out, Voice(sys.stderr), site="reports", resume=RESUME)
        os.write(1, b"a library speaks\n")
        reporter.finish(batch(Result("X90000001", "done")))
        os.write(1, b"afterwards\n")
        kept.flush()
    captured = capfd.readouterr()
    written = captured.out.splitlines()
    assert [json.loads(line)["event"] for line in written[:2]] == ["page", "summary"]
    assert written[2:] == ["afterwards"]
    assert "a library speaks" in captured.err


HOSTILE = "\x1b[31mAsh\x1b]0;title\x07qu\x9b2Ja\u202erry\r\n[9/9] done \x1b]8;;http://x\x1b\\forged\x1b[0m"


def test_escape_codes_in_a_name_reach_no_console() -> None:
    assert printable(HOSTILE) == "Ashquarry\n[9/9] done forged"
    assert one_line(HOSTILE) == "Ashquarry [9/9] done forged"
    stream = Stream()
    lines = Lines(Voice(stream), site="reports", resume=RESUME)
    results = [Result("X90000001", "failed", f"E701 {HOSTILE}\n  found: {HOSTILE}\n  next: x", HOSTILE)]
    tell(lines, results)
    lines.finish(batch(*results))
    assert stream.text == printable(stream.text)
    assert not any(line.startswith("[9/9]") for line in stream.text.splitlines())


def test_escape_codes_in_a_name_do_not_reach_the_bar_or_the_json(terminal: None) -> None:
    stream, out = Stream(is_terminal=True), Stream()
    results = [Result("X90000001", "failed", f"E701 {HOSTILE}", f"[bold]{HOSTILE}")]
    bar = Bar(Voice(stream), site="reports", resume=RESUME)
    tell(bar, results)
    bar.close()
    assert "[bold]Ashquarry [9/9] done forged" in stream.text, "markup in a name is text"
    assert "\x1b]" not in stream.text and "\x9b" not in stream.text and "31m" not in stream.text
    reporter = JsonLines(out, Voice(Stream()), site="reports", resume=RESUME)
    tell(reporter, results)
    assert json.loads(out.text)["reason"] == f"E701 {printable(HOSTILE)}"


def test_a_console_of_an_old_code_page_gets_every_word(terminal: None) -> None:
    for is_terminal in (False, True):
        stream = Stream("cp1252", is_terminal=is_terminal)
        reporter = (Bar if is_terminal else Lines)(Voice(stream), site="reports", resume=RESUME)
        results = [Result("X90000001", "failed", "E701 Ynys Môn — 東京", "Ŵŷ")]
        tell(reporter, results)
        reporter.close()
        reporter.finish(batch(*results))
        assert r"\u0174\u0177" in stream.text
        assert r"Ynys Môn — \u6771\u4eac" in stream.text


def test_a_reader_who_has_gone_ends_nothing(terminal: None) -> None:
    for reporter in (
        Lines(Voice(Gone()), site="reports", resume=RESUME),
        Bar(Voice(Gone(is_terminal=True)), site="reports", resume=RESUME),
        JsonLines(Gone(), Voice(Gone()), site="reports", resume=RESUME),
    ):
        results = [Result("X90000001", "done"), Result("X90000002", "failed", "E701 x")]
        tell(reporter, results)
        reporter.close()
        reporter.finish(batch(*results))


def test_the_bar_counts_what_is_done_unchanged_failed_and_left(terminal: None) -> None:
    stream = Stream(is_terminal=True)
    bar = Bar(Voice(stream), site="reports", resume=RESUME)
    results = [*KEPT[:5], Result("X90000001", "failed", "E701 x"), *[Result(f"X{n}", "done") for n in range(4)]]
    tell(bar, results[:-1])
    bar(SimpleNamespace(result=None, done=3, kept=5, failed=1, of=10, seconds_left=300.0))
    bar.close()
    bar.close()
    drawn = printable(stream.text)
    assert "9/10 1 failed, 5 unchanged, about 5 minutes left" in drawn
    assert "failed X90000001" in stream.text
    assert "done X" not in stream.text, "pages that went well move the bar and say nothing"


def test_a_run_with_nothing_to_do_draws_nothing(terminal: None) -> None:
    stream = Stream(is_terminal=True)
    bar = Bar(Voice(stream), site="reports", resume=RESUME)
    tell(bar, KEPT)
    bar.close()
    bar.finish(batch(*KEPT))
    assert "\x1b" not in stream.text
    assert stream.text.startswith("0 made, 1,200 unchanged, 0 failed\n")


def test_the_bar_is_redrawn_rarely_however_fast_pages_come(terminal: None) -> None:
    stream = Stream(is_terminal=True)
    bar = Bar(Voice(stream), site="reports", resume=RESUME)
    begun = time.monotonic()
    tell(bar, [Result(f"X{number:08}", "done") for number in range(3000)])
    bar.close()
    allowed = said.REDRAWS * (time.monotonic() - begun) + 4
    assert said.REDRAWS <= 4
    assert stream.text.count("pages") <= allowed


def test_a_log_and_a_dumb_terminal_get_lines_a_terminal_gets_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(is_terminal=True))
    for term, kind in (("xterm", Bar), ("dumb", Lines)):
        monkeypatch.setenv("TERM", term)
        assert type(choose(as_json=False, site="reports", resume=RESUME)) is kind
    assert type(choose(as_json=True, site="reports", resume=RESUME)) is JsonLines
    monkeypatch.setattr(sys, "stdout", Stream())
    monkeypatch.setenv("TERM", "xterm")
    assert type(choose(as_json=False, site="reports", resume=RESUME)) is Lines


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "about 5 seconds"),
        (23, "about 25 seconds"),
        (59, "about 1 minute"),
        (130, "about 2 minutes"),
        (5300, "about 88 minutes"),
        (9000, "about 2.5 hours"),
    ],
)
def test_time_left_is_rough(seconds: float, words: str) -> None:
    assert time_left(seconds) == f"{words} left"
