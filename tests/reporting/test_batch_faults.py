"""A batch whose disk fills up, whose files are held, that is interrupted, terminated, killed, or meets another."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from insight.core import whole
from insight.core.fingerprint import file_sha256
from insight.errors import FileTrouble, FolderHeld, InsightError
from insight.reporting import folder, making
from insight.reporting.batch import Batch, Progress
from insight.reporting.folder import Site
from insight.reporting.job import Job, Outcome
from insight.reporting.journal import Journal
from insight.reporting.lock import read_owner
from insight.reporting.notice import is_good_page, without_notice
from insight.reporting.signals import terminable, undisturbed
from tests.reporting.fake_crew import AREAS, STUDIES, FakeCrew, batch_of, bytes_of, make, pages_of

ONE = STUDIES[:1]
FEW = AREAS[:3]


def statuses(batch: Batch) -> Counter[str]:
    return Counter(result.status for result in batch.results)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with pages of version 1."""
    out = tmp_path_factory.mktemp("first") / "site"
    batch_of(out, pages_of(FEW, ONE))
    return out


@pytest.fixture(scope="module")
def second(first: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What stands there after a run of version 2 that nothing disturbed."""
    out = shutil.copytree(first, tmp_path_factory.mktemp("second") / "site")
    batch_of(out, pages_of(FEW, ONE, version="2"))
    return bytes_of(out)


@pytest.fixture
def out(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "site")


def is_around(href: str) -> bool:
    """Whether it is a page of the site and of no study: it says what stands, so it differs while a run is under way."""
    return href.endswith("index.html") or href.partition("/")[0] not in AREAS


def assert_whole(out: Path, *versions: dict[str, bytes]) -> None:
    """Every page is one that a run has made, with or without a notice; nothing is half there."""
    for href, content in bytes_of(out).items():
        assert ".unfinished" not in href
        if href == "manifest.json":
            json.loads(content)
        elif is_around(href):
            assert content.rstrip().endswith(b"</html>")
        else:
            assert without_notice(content) in [version[href] for version in versions], href


@pytest.mark.parametrize("room", [0, 200, 900, 1500, 2500, 4000, 6000])
def test_a_full_disk_loses_no_page_and_the_next_run_goes_on(
    out: Path, second: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    before = bytes_of(out)
    real, left = whole._fill, room

    def fill(file: object, data: bytes, *, durable: bool = True) -> None:
        nonlocal left
        some, left = data[: max(0, left)], left - len(data)
        real(file, some, durable=durable)  # type: ignore[arg-type]
        if len(some) < len(data):
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)}; {len(data):,} bytes are needed")

    with monkeypatch.context() as patch:
        patch.setattr(whole, "_fill", fill)
        with pytest.raises(FileTrouble, match=r"No space left on device; [\d,]+ bytes are needed"):
            batch_of(out, pages_of(FEW, ONE, version="2"))
    assert_whole(out, before, second)
    assert not list((out / ".insight").glob("run-*"))
    batch_of(out, pages_of(FEW, ONE, version="2"))
    assert bytes_of(out) == second


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 1.1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1100k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not done or done.returncode:
        pytest.skip("no small disk may be mounted here")
    yield place
    subprocess.run([str(shutil.which("umount")), str(place)], check=True)


def test_a_disk_that_is_really_full_loses_no_page(
    small_disk: Path, second: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = small_disk / "site"
    with pytest.raises(FileTrouble, match="bytes are free; 3 pages may need 1,200,000 bytes"):
        batch_of(out, pages_of(FEW, ONE))
    monkeypatch.setattr(making, "_PAGE_BYTES", 1000)
    batch_of(out, pages_of(FEW, ONE))
    before = bytes_of(out)
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    with monkeypatch.context() as patch, pytest.raises(FileTrouble, match="No space"):
        patch.setattr(making, "free_bytes", lambda place: None)  # a system that does not say
        batch_of(out, pages_of(FEW, ONE, version="2"))
    assert_whole(out, before, second)
    filler.unlink()
    batch_of(out, pages_of(FEW, ONE, version="2"))
    assert bytes_of(out) == second


def test_a_page_that_another_program_holds_fails_alone_and_is_made_later(
    out: Path, second: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = bytes_of(out), Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.parent.name == FEW[1] and target.suffix == ".html":
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        patch.setattr(whole, "_FIRST_WAIT", 0.001)
        batch = batch_of(out, pages_of(FEW, ONE, version="2"))
    assert [result.status for result in batch.results] == ["done", "failed", "done"]
    assert batch.exit_code == 1
    assert "E800" in batch.failures[0].reason and "close the program" in batch.failures[0].reason
    assert str(out) not in batch.failures[0].reason
    href = f"{FEW[1]}/{STUDIES[0]}.html"
    assert bytes_of(out)[href] == before[href]
    assert statuses(batch_of(out, pages_of(FEW, ONE, version="2"))) == {"kept": 2, "rendered": 1}
    assert bytes_of(out) == second


def test_a_folder_of_one_area_that_cannot_be_made_costs_that_area(tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / FEW[0]).write_text("a file where the folder should be", encoding="utf-8")
    batch = batch_of(out, pages_of(FEW, ONE))
    assert [result.status for result in batch.results] == ["failed", "done", "done"]
    assert "E800" in batch.failures[0].reason


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused_in_words(out: Path) -> None:
    (out / ".insight").chmod(0o500)
    try:
        with pytest.raises(InsightError, match=r"E400|E800"):
            batch_of(out, pages_of(FEW, ONE, version="2"))
    finally:
        (out / ".insight").chmod(0o700)


class _Cut(BaseException):
    """The power is cut."""


@pytest.mark.parametrize("step", range(0, 26, 2))
def test_a_power_cut_at_any_step_loses_no_page(
    out: Path, second: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    before = bytes_of(out)
    steps = 0

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def call(*given: object, **more: object) -> None:
            nonlocal steps
            steps += 1
            if steps > step:
                raise _Cut
            real(*given, **more)

        return call

    with monkeypatch.context() as patch:
        for name in ("_fill", "_rename"):
            patch.setattr(whole, name, counted(getattr(whole, name)))
        # After a cut nobody tidies up, and nothing more is written.
        patch.setattr(whole, "_remove", lambda made: None)
        patch.setattr(making.Making, "tidy", lambda self: None)
        with pytest.raises(_Cut):
            batch_of(out, pages_of(FEW, ONE, version="2"), FakeCrew(capacity=1))
    assert_whole(out, before, second)
    batch = batch_of(out, pages_of(FEW, ONE, version="2"))
    assert batch.exit_code == 0
    assert bytes_of(out) == second
    assert not list((out / ".insight").glob("run-*"))


@pytest.mark.parametrize("place", ["_look_through", "_make", "_settle", "_put", "_end"])
def test_an_interruption_anywhere_keeps_what_is_finished(
    out: Path, second: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    real = getattr(making.Making, place)
    calls = 0

    def interrupted(self: making.Making, *given: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        answer = real(self, *given, **more)
        if calls == 1:
            signal.raise_signal(signal.SIGINT)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(making.Making, place, interrupted)
        batch = batch_of(out, pages_of(FEW, ONE, version="2"), FakeCrew(capacity=1))
    assert batch.exit_code == 130
    last = Journal(out).last()
    assert last is not None and last["event"].startswith("run ")
    # A page that was being put in place is wholly there, and so is its line in the journal.
    done = [event["page"] for event in Journal(out).last_run() if event["event"] == "page done"]
    assert sorted(done) == sorted(r.page.href for r in batch.results if r.status == "done")
    assert not list((out / ".insight").glob("run-*"))
    batch_of(out, pages_of(FEW, ONE, version="2"))
    assert bytes_of(out) == second


def test_a_second_interruption_does_not_wait() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), undisturbed():
        signal.raise_signal(signal.SIGINT)
        reached.append(1)
        signal.raise_signal(signal.SIGINT)
        reached.append(2)
    assert reached == [1]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="a signal of POSIX")
def test_being_asked_to_end_is_an_interruption_and_put_off_like_one() -> None:
    before = signal.getsignal(signal.SIGTERM)
    reached = []
    with pytest.raises(KeyboardInterrupt), terminable(), undisturbed():
        signal.raise_signal(signal.SIGTERM)
        reached.append(1)
    assert reached == [1]
    assert signal.getsignal(signal.SIGTERM) == before


def start(out: Path, root: Path, *, seconds: float, version: str = "1") -> subprocess.Popen[str]:
    """A batch of twelve pages in a process of its own."""
    words = [sys.executable, "-m", "tests.reporting.fake_crew", str(out), str(seconds), version]
    return subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, text=True)


def wait_for(process: subprocess.Popen[str], done: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == str(done):
            return
    raise AssertionError("the batch ended before")


@pytest.mark.parametrize(
    ("number", "times", "code"),
    [(signal.SIGINT, 1, 130), (signal.SIGTERM, 1, 130), (signal.SIGINT, 2, 130), (9, 1, -9)],
)
def test_a_batch_that_is_stopped_is_resumed_to_the_same_bytes(
    root: Path, tmp_path: Path, number: int, times: int, code: int
) -> None:
    out = tmp_path / "site"
    with start(out, root, seconds=0.05) as process:
        wait_for(process, 3)
        asked = time.monotonic()
        for _ in range(times):
            process.send_signal(number)
            time.sleep(0.01)
        assert process.wait(timeout=20) == code
    assert time.monotonic() - asked < 15
    if times == 1 and number != 9:
        last = Journal(out).last()
        assert last is not None and last["event"] == "run interrupted"
        assert not list((out / ".insight").glob("run-*"))
        assert read_owner(out) is None
    for href in Site(out).known().pages:
        assert is_good_page(out / href)
    batch = batch_of(out, pages_of())
    assert statuses(batch)["kept"] >= 3 and batch.exit_code == 0
    batch_of(tmp_path / "other", pages_of())
    assert bytes_of(out) == bytes_of(tmp_path / "other")
    assert not list((out / ".insight").glob("run-*"))


def test_of_two_batches_at_once_the_second_is_refused_by_name(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    with start(out, root, seconds=0.05) as process:
        wait_for(process, 1)
        process.send_signal(signal.SIGSTOP)  # so that it is still there
        with pytest.raises(FolderHeld, match=f"still writing there: process {process.pid} on this machine"):
            batch_of(out, pages_of(version="2"))
        process.send_signal(signal.SIGCONT)
        assert process.wait(timeout=20) == 0
    batch_of(tmp_path / "other", pages_of())
    assert bytes_of(out) == bytes_of(tmp_path / "other")


def test_pages_that_a_killed_run_finished_are_not_made_again(out: Path, tmp_path: Path) -> None:
    journal = out / ".insight" / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    journal.write_text("".join(lines[:-1]), encoding="utf-8")
    (out / "manifest.json").unlink()
    before = bytes_of(out)

    def none(job: Job) -> None:
        raise AssertionError(job.study)

    assert statuses(batch_of(out, pages_of(FEW, ONE), FakeCrew(none))) == {"kept": 3}
    assert {**before, "manifest.json": b""} == {**bytes_of(out), "manifest.json": b""}


def test_every_line_of_the_journal_can_be_the_last_one(out: Path, tmp_path: Path, second: dict[str, bytes]) -> None:
    batch_of(out, pages_of(FEW, ONE, version="2"))
    lines = (out / ".insight" / "journal.jsonl").read_bytes().splitlines(keepends=True)
    for number in range(len(lines) // 2, len(lines), 2):
        (out / ".insight" / "journal.jsonl").write_bytes(b"".join(lines[:number]) + lines[number][:20])
        batch_of(out, pages_of(FEW, ONE, version="2"))
        assert bytes_of(out) == second


def cut_off_at(out: Path, event: str) -> None:
    """Let the journal end with the first line of its last run that says this, and the manifest be the one before."""
    journal = out / ".insight" / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    begun = max(number for number, line in enumerate(lines) if '"run started"' in line)
    end = next(number for number, line in enumerate(lines) if number > begun and f'"{event}"' in line)
    journal.write_text("".join(lines[: end + 1]), encoding="utf-8")


def sums_are_those_that_stand(out: Path) -> bool:
    pages = json.loads((out / "manifest.json").read_bytes())["pages"]
    return all(
        (file_sha256(out / href), file_sha256((out / href).with_suffix(".json")))
        == (entry["html_sha256"], entry["record_sha256"])
        for href, entry in pages.items()
    )


@pytest.mark.parametrize("event", ["page started", "page failed", "page done"])
def test_a_later_run_of_other_pages_lists_what_a_killed_run_left(out: Path, event: str) -> None:
    manifest = (out / "manifest.json").read_bytes()

    def fails(job: Job) -> Outcome | None:
        return Outcome("failed", reason="E501 too few") if event == "page failed" and job.kind == "page" else None

    batch_of(out, pages_of(FEW[:1], ONE, version="2"), FakeCrew(fails))
    # Killed after the page was in place, before manifest and, with "page started", before its own line.
    (out / "manifest.json").write_bytes(manifest)
    cut_off_at(out, event)
    batch_of(out, pages_of(FEW[1:], ONE))
    assert sums_are_those_that_stand(out)
    batch_of(out, pages_of(FEW, ONE, version="2"))
    assert sums_are_those_that_stand(out)


def test_an_interruption_while_looking_keeps_what_a_killed_run_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "site"
    batch_of(out, pages_of(FEW, ONE))
    (out / "manifest.json").unlink()
    (out / "index.html").unlink()
    cut_off_at(out, "page done")

    def stop(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Site, "is_current", stop)
        assert batch_of(out, pages_of(FEW, ONE)).interrupted
    # A run of other pages still knows of the page that the journal says was done.
    batch_of(out, pages_of(AREAS[3:4], ONE))
    assert pages_of(FEW, ONE)[0].href in json.loads((out / "manifest.json").read_bytes())["pages"]


def test_a_page_with_a_record_of_an_earlier_form_keeps_its_place(out: Path) -> None:
    page = pages_of(FEW, ONE, version="2")[0]
    record = out / page.record_href
    old = json.loads(record.read_bytes())
    del old["study_version"]
    record.write_text(json.dumps(old | {"of_its_time": 1}), encoding="utf-8")
    before = (out / page.href).read_bytes()
    fails = FakeCrew(lambda job: Outcome("failed", reason="E501 too few") if job.kind == "page" else None)
    batch_of(out, [page, *pages_of(AREAS[3:4], ONE)], fails)
    assert without_notice((out / page.href).read_bytes()) == before
    assert b"release 2025" in (out / page.href).read_bytes()
    own = (out / page.area / "index.html").read_text(encoding="utf-8")
    assert f'href="{page.name or page.study}.html"' in own


def test_a_report_that_cannot_be_shown_loses_nothing(out: Path, second: dict[str, bytes]) -> None:
    def broken(progress: Progress) -> None:
        if progress.done == 1:
            raise BrokenPipeError(errno.EPIPE, "the console is gone")

    with pytest.raises(FileTrouble):
        batch_of(out, pages_of(FEW, ONE, version="2"), FakeCrew(make), report=broken)
    batch_of(out, pages_of(FEW, ONE, version="2"))
    assert bytes_of(out) == second


def test_the_seam_of_the_folder_is_the_seam_of_all() -> None:
    # The campaign lets disks fill up and power fail in one place alone.
    text = Path(str(folder.__file__)).read_text(encoding="utf-8")
    assert "os.fsync" not in text and ".replace(self" not in text and "write_bytes" not in text
