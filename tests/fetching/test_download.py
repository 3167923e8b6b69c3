"""A server that cuts off, changes its mind, asks for patience or never ends: the file is whole in its place, or not."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from insight.fetching import Pace, _download, _part, _plan
from tests.fetching.conftest import SMALL, TABLE, Clock, Fetching, made_card, words
from tests.fetching.server import (
    Handler,
    Server,
    chunked,
    cut_off,
    problem,
    ranged,
    redirect,
    running,
    status,
    tag,
    unmeasured,
    whole,
)

HALF = len(TABLE) // 2


def test_a_file_comes_whole_and_is_not_asked_for_again(server: Server, fetching: Fetching) -> None:
    card = made_card(server.tell("/cases.csv", whole(TABLE)), data=TABLE)
    outcome = fetching.one(card)
    assert (outcome.status, outcome.bytes, outcome.sha256) == ("fetched", len(TABLE), card.sha256)
    assert fetching.files == {"cases.csv": TABLE}
    assert fetching.one(card).status == "here"
    assert len(server.asked) == 1
    assert fetching.one(card, again=True).status == "fetched"
    assert len(server.asked) == 2
    assert fetching.files == {"cases.csv": TABLE}, "the same bytes leave no older file behind"


def test_a_file_that_somebody_has_put_there_is_not_asked_for(server: Server, fetching: Fetching) -> None:
    (fetching.folder / "dfe").mkdir(parents=True)
    (fetching.folder / "dfe" / "cases.csv").write_bytes(TABLE)
    assert fetching.one(made_card(server.tell("/cases.csv", whole(TABLE)), data=TABLE)).status == "here"
    assert not server.asked


def test_without_a_checksum_the_first_one_is_remembered(server: Server, fetching: Fetching) -> None:
    card = made_card(server.tell("/cases.csv", whole(SMALL)))
    first = fetching.one(card)
    assert len(first.sha256) == 64
    assert fetching.one(card).status == "here"
    (fetching.folder / "cases.csv").write_bytes(b"time_period,changed\n")
    assert fetching.one(card).status == "fetched", "a file that was changed here is not the one that was fetched"


def test_what_was_cut_off_goes_on_where_it_stopped(server: Server, fetching: Fetching) -> None:
    address = server.tell("/cases.csv", cut_off(TABLE, HALF, ETag=tag(TABLE)), ranged(TABLE))
    assert fetching.one(made_card(address, data=TABLE)).status == "fetched"
    first, second = server.headers_of("/cases.csv")
    assert "range" not in first
    assert (second["range"], second["if-range"]) == (f"bytes={HALF}-", tag(TABLE))
    assert fetching.files == {"cases.csv": TABLE}
    assert fetching.clock.slept == [1.0]


def test_a_server_without_ranges_gives_it_once_more(server: Server, fetching: Fetching) -> None:
    address = server.tell("/cases.csv", cut_off(TABLE, HALF, ETag=tag(TABLE)), whole(TABLE, ETag=tag(TABLE)))
    assert fetching.one(made_card(address, data=TABLE)).status == "fetched"
    assert fetching.files == {"cases.csv": TABLE}


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}], ids=["none", "weak"])
def test_where_nothing_tells_states_apart_it_begins_anew(
    server: Server, fetching: Fetching, headers: dict[str, str]
) -> None:
    address = server.tell("/cases.csv", cut_off(TABLE, HALF, **headers), whole(TABLE))
    assert fetching.one(made_card(address, data=TABLE)).status == "fetched"
    assert all("range" not in asked for asked in server.headers_of("/cases.csv"))


def test_the_time_of_the_last_change_tells_states_apart_too(server: Server, fetching: Fetching) -> None:
    changed = "Thu, 20 Nov 2025 09:30:00 GMT"
    address = server.tell("/cases.csv", cut_off(TABLE, HALF, Last_Modified=changed), whole(TABLE))
    assert fetching.one(made_card(address, data=TABLE)).status == "fetched"
    assert server.headers_of("/cases.csv")[1]["if-range"] == changed


def test_a_file_that_changed_meanwhile_is_not_glued_together(server: Server, fetching: Fetching) -> None:
    newer = TABLE.replace(b"Ashquarry", b"Marrowdal")
    address = server.tell("/cases.csv", cut_off(TABLE, HALF, ETag=tag(TABLE)), ranged(newer))
    assert fetching.one(made_card(address, data=newer)).status == "fetched"
    assert fetching.files == {"cases.csv": newer}


def _another_part(handler: Handler) -> None:
    span = f"bytes 0-{len(TABLE) - 1}/{len(TABLE)}"
    handler.begin(206, Content_Length=str(len(TABLE)), Content_Range=span, ETag=tag(TABLE))
    handler.wfile.write(TABLE)


def test_another_part_than_the_one_asked_for_is_not_taken(server: Server, fetching: Fetching) -> None:
    address = server.tell("/cases.csv", cut_off(TABLE, HALF, ETag=tag(TABLE)), _another_part, ranged(TABLE))
    assert fetching.one(made_card(address, data=TABLE)).status == "fetched"
    assert fetching.files == {"cases.csv": TABLE}
    assert "range" not in server.headers_of("/cases.csv")[2]


def _lies_about_the_rest(handler: Handler) -> None:
    rest = b"x" * (len(TABLE) - HALF)
    span = f"bytes {HALF}-{len(TABLE) - 1}/{len(TABLE)}"
    handler.begin(206, Content_Length=str(len(rest)), Content_Range=span, ETag=tag(TABLE))
    handler.wfile.write(rest)


def test_pieces_that_do_not_fit_are_fetched_once_more_from_the_beginning(server: Server, fetching: Fetching) -> None:
    address = server.tell("/cases.csv", cut_off(TABLE, HALF, ETag=tag(TABLE)), _lies_about_the_rest, ranged(TABLE))
    assert fetching.one(made_card(address, data=TABLE)).status == "fetched"
    assert any("does not fit" in said for said in fetching.said)


def test_a_length_that_never_comes_is_given_up_after_three_tries(server: Server, fetching: Fetching) -> None:
    outcome = fetching.one(made_card(server.tell("/cases.csv", cut_off(TABLE, HALF)), data=TABLE))
    assert outcome.status == "failed"
    assert "after 3 tries" in words(outcome)
    assert len(server.asked) == 3
    assert "cases.csv" not in fetching.files


@pytest.mark.parametrize("cut", [30, None], ids=["cut off", "whole"])
def test_text_whose_end_nobody_knows_is_not_put_in_place(server: Server, fetching: Fetching, cut: int | None) -> None:
    address = server.tell("/cases.csv", unmeasured(SMALL[:cut], ETag=tag(SMALL)))
    outcome = fetching.one(made_card(address))
    assert "E200 fetching cases.csv" in words(outcome)
    assert "the server does not say how long it is: it may have been cut off" in words(outcome)
    assert "give the card its sha256" in words(outcome)
    assert (outcome.status, fetching.files) == ("refused", {})
    checked = fetching.one(made_card(address, data=SMALL))
    assert checked.status == ("fetched" if cut is None else "refused")
    assert fetching.files == ({"cases.csv": SMALL} if cut is None else {})


def test_what_says_itself_that_it_is_whole_needs_no_length(server: Server, fetching: Fetching) -> None:
    assert fetching.one(made_card(server.tell("/cases.csv", chunked(TABLE)))).status == "fetched"
    data = b"PAR1 rows PAR1"
    fitting = made_card(server.tell("/rows", unmeasured(data)), file="rows.parquet", type="parquet")
    assert fetching.one(fitting).status == "fetched"
    short = made_card(server.tell("/short", unmeasured(data[:-2])), file="short.parquet", type="parquet")
    assert fetching.one(short).status == "refused"
    packed = made_card(server.tell("/r", unmeasured(b"\x1f\x8b cut off")), file="saved.rds", type="rds")
    assert "does not say how long it is" in words(fetching.one(packed))
    assert sorted(fetching.files) == ["cases.csv", "rows.parquet"]


def test_a_server_is_left_alone_for_as_long_as_it_asks(server: Server, fetching: Fetching) -> None:
    address = server.tell("/cases.csv", status(429, Retry_After="7"), whole(SMALL))
    assert fetching.one(made_card(address)).status == "fetched"
    assert fetching.clock.slept == [7.0]
    assert any("asked too often" in said and "in 7 s" in said for said in fetching.said)


def test_a_time_of_day_counts_from_the_servers_own_clock(server: Server, fetching: Fetching) -> None:
    now, later = "Thu, 20 Nov 2025 09:30:00 GMT", "Thu, 20 Nov 2025 09:30:12 GMT"
    address = server.tell("/cases.csv", status(503, Date=now, Retry_After=later), whole(SMALL))
    assert fetching.one(made_card(address)).status == "fetched"
    assert fetching.clock.slept == [12.0]


def test_a_server_that_asks_for_an_hour_is_not_asked_again(server: Server, fetching: Fetching) -> None:
    outcome = fetching.one(made_card(server.tell("/cases.csv", status(429, Retry_After="3600"))))
    assert "asks to be left alone for 3600 seconds" in words(outcome)
    assert len(server.asked) == 1
    assert not fetching.clock.slept


def test_a_server_that_is_never_available_is_given_up(server: Server, fetching: Fetching) -> None:
    fetched = fetching.all(made_card(server.tell("/cases.csv", status(503))))
    assert "answers 503 (not available now), after 3 tries" in words(fetched.outcomes[0])
    assert fetching.clock.slept == [1.0, 2.0]
    assert fetched.exit_code == 1


def test_a_missing_file_is_not_asked_for_twice(server: Server, fetching: Fetching) -> None:
    outcome = fetching.one(made_card(f"{server.origin}/nowhere.csv"))
    assert "answers 404 (not found), with a web page titled 'Gone'" in words(outcome)
    assert len(server.asked) == 1


def test_a_problem_is_told_in_the_services_words(server: Server, fetching: Fetching) -> None:
    outcome = fetching.one(made_card(server.tell("/cases.csv", problem(403, "Not for \x1b[31myou"))))
    assert "(forbidden), with an answer of the service: 'Not for [31myou'" in words(outcome)


def test_a_server_that_is_not_there_is_said(server: Server, fetching: Fetching) -> None:
    other = Server()
    address = f"{other.origin}/cases.csv"
    other.server_close()
    fetching.hosts = type(fetching.hosts)((other.origin,))
    outcome = fetching.one(made_card(address))
    assert "127.0.0.1 cannot be reached" in words(outcome)
    assert "after 3 tries" in words(outcome)


def test_a_redirect_within_the_allowed_hosts_is_followed(server: Server, fetching: Fetching) -> None:
    server.tell("/there.csv", whole(SMALL))
    assert fetching.one(made_card(server.tell("/cases.csv", redirect("/there.csv")))).status == "fetched"


def test_a_redirect_to_another_host_is_not_followed(server: Server, fetching: Fetching) -> None:
    other = Server()
    with running(other):
        elsewhere = other.tell("/cases.csv", whole(SMALL))
        outcome = fetching.one(made_card(server.tell("/cases.csv", redirect(elsewhere))))
        assert outcome.status == "failed"
        assert f"an address on {other.origin}, which is not among the hosts" in words(outcome)
        assert f'fetch_hosts = "{other.origin}"' in words(outcome)
        assert not other.asked
    assert fetching.files == {}


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/cases.csv", "//", "http://[", "file:///etc/hostname", ""])
def test_a_redirect_to_nowhere_is_said_in_words(server: Server, fetching: Fetching, to: str) -> None:
    outcome = fetching.one(made_card(server.tell("/cases.csv", redirect(to))))
    assert outcome.status == "failed"
    assert words(outcome).startswith("E804 fetching cases.csv\n")


def test_redirects_without_end_are_ended(server: Server, fetching: Fetching) -> None:
    server.tell("/b.csv", redirect("/a.csv"))
    outcome = fetching.one(made_card(server.tell("/a.csv", redirect("/b.csv"))))
    assert "more than 5 redirects" in words(outcome)
    assert len(server.asked) == 6


@pytest.mark.parametrize("answer", [whole(TABLE), chunked(TABLE)], ids=["said", "found out"])
def test_more_bytes_than_the_card_allows_are_refused(server: Server, fetching: Fetching, answer: object) -> None:
    card = made_card(server.tell("/cases.csv", answer), most_bytes=50_000)  # type: ignore[arg-type]
    fetched = fetching.all(card)
    assert fetched.outcomes[0].status == "refused"
    assert "50,000" in words(fetched.outcomes[0])
    assert fetched.exit_code == 3
    assert fetching.files == {}


def test_a_slow_drip_comes_to_an_end_and_the_next_run_goes_on(server: Server, fetching: Fetching) -> None:
    def drip(handler: Handler) -> None:
        handler.begin(200, Content_Type="text/csv", Content_Length=str(len(TABLE)), ETag=tag(TABLE))
        for start in range(0, len(TABLE), 1000):
            handler.wfile.write(TABLE[start : start + 1000])
            handler.wfile.flush()

    address = server.tell("/cases.csv", drip, ranged(TABLE))
    hurried = Clock(step=10.0)
    outcome = fetching.one(
        made_card(address, data=TABLE), pace=Pace(longest=30.0, now=hurried.now, sleep=hurried.sleep)
    )
    assert "no end after 30 seconds; " in words(outcome)
    assert "bytes are kept" in words(outcome)
    assert "cases.csv" not in fetching.files
    assert fetching.one(made_card(address, data=TABLE)).status == "fetched"
    assert server.headers_of("/cases.csv")[1]["range"].startswith("bytes=")
    assert fetching.files == {"cases.csv": TABLE}


def test_other_bytes_than_the_card_says_are_refused_and_the_old_file_stays(server: Server, fetching: Fetching) -> None:
    fetching.folder.mkdir()
    (fetching.folder / "cases.csv").write_bytes(b"old,file\n1,2\n")
    fetched = fetching.all(made_card(server.tell("/cases.csv", whole(SMALL)), data=TABLE))
    assert fetched.exit_code == 3
    assert "other bytes than the card was written for" in words(fetched.outcomes[0])
    assert fetching.files == {"cases.csv": b"old,file\n1,2\n"}
    assert len(server.asked) == 1, "a whole file that is another one does not become right by asking again"


def test_a_full_disk_leaves_the_old_file_and_no_part(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching.folder.mkdir()
    (fetching.folder / "cases.csv").write_bytes(b"old,file\n1,2\n")
    room, write = [100_000], _part._write

    def fill(file: BinaryIO, chunk: bytes) -> None:
        room[0] -= len(chunk)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(file, chunk)

    monkeypatch.setattr(_part, "_write", fill)
    fetched = fetching.all(made_card(server.tell("/cases.csv", ranged(TABLE)), data=TABLE))
    assert "E800" in words(fetched.outcomes[0])
    assert "No space left on device; " in words(fetched.outcomes[0])
    assert "bytes had arrived" in words(fetched.outcomes[0])
    assert fetching.files == {"cases.csv": b"old,file\n1,2\n"}
    assert fetched.exit_code == 1


def test_too_little_room_is_found_before_anything_arrives(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_download, "free_bytes", lambda folder: 1000)
    outcome = fetching.one(made_card(server.tell("/cases.csv", ranged(TABLE)), data=TABLE))
    assert f"1,000 bytes free on the disk of the folder; {len(TABLE):,} are needed" in words(outcome)
    assert fetching.files == {}


def test_ctrl_c_keeps_what_has_arrived_and_the_next_run_goes_on(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = _part._write

    def interrupted(file: BinaryIO, chunk: bytes) -> None:
        write(file, chunk)
        raise KeyboardInterrupt

    card = made_card(server.tell("/cases.csv", ranged(TABLE)), data=TABLE)
    other = made_card(server.tell("/other.csv", ranged(SMALL)), file="other.csv", data=SMALL)
    with monkeypatch.context() as patched:
        patched.setattr(_part, "_write", interrupted)
        fetched = fetching.all(card, other)
    assert fetched.interrupted
    assert fetched.exit_code == 130
    assert [outcome.status for outcome in fetched.outcomes] == ["stopped", "not tried"]
    assert 0 < fetched.outcomes[0].bytes < len(TABLE)
    assert "cases.csv" not in fetching.files
    assert [outcome.status for outcome in fetching.all(card, other).outcomes] == ["fetched", "fetched"]
    assert server.headers_of("/cases.csv")[1]["range"] == f"bytes={fetched.outcomes[0].bytes}-"
    assert fetching.files == {"cases.csv": TABLE, "other.csv": SMALL}


@pytest.mark.skipif(os.name == "nt", reason="Windows has another way of stopping a process")
def test_a_process_that_is_stopped_while_it_waits_ends_at_once(server: Server, tmp_path: Path) -> None:
    is_waiting, may_end = threading.Event(), threading.Event()

    def stall(handler: Handler) -> None:
        handler.begin(200, Content_Type="text/csv", Content_Length=str(len(TABLE)), ETag=tag(TABLE))
        handler.wfile.write(TABLE[:HALF])
        handler.wfile.flush()
        is_waiting.set()
        may_end.wait(30)

    code = (
        "from pathlib import Path\n"
        "from insight.fetching import *\n"
        f"origin = Origin('file', {server.tell('/cases.csv', stall)!r}, 'csv', 10_000_000)\n"
        "card = FetchCard('cases', 'Cases', 'cases.csv', '', '', '', '', origin)\n"
        f"fetched = fetch([card], Path('raw'), hosts=Hosts(({server.origin!r},)))\n"
        "print(fetched.outcomes[0].status, fetched.outcomes[0].bytes, fetched.exit_code)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        assert is_waiting.wait(30)
        deadline = time.monotonic() + 30
        while not (tmp_path / "raw" / ".fetching-cases.csv").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    finally:
        may_end.set()
        process.kill()
        process.wait()
    status, kept, exit_code = said.split()
    assert (status, exit_code) == ("stopped", "130")
    assert 0 <= int(kept) <= HALF
    assert not (tmp_path / "raw" / "cases.csv").exists()


def test_a_file_that_another_program_holds_is_put_in_place_by_the_next_run(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching.folder.mkdir()
    (fetching.folder / "cases.csv").write_bytes(b"old,file\n1,2\n")
    held, replace = [True], Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if held[0] and Path(target).name == "cases.csv":
            raise PermissionError(errno.EACCES, "another program has it open")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr("insight.core.whole.time.sleep", lambda seconds: None)
    card = made_card(server.tell("/cases.csv", ranged(TABLE)), data=TABLE)
    outcome = fetching.one(card)
    assert "E800 fetching cases.csv" in words(outcome)
    assert "another program has it open" in words(outcome)
    assert fetching.files["cases.csv"] == b"old,file\n1,2\n"
    held[0] = False
    assert fetching.one(card).status == "fetched"
    assert server.headers_of("/cases.csv")[1]["range"] == f"bytes={len(TABLE)}-", "nothing came twice"
    assert fetching.files == {"cases.csv": TABLE, "cases_release-unknown.csv": b"old,file\n1,2\n"}


def test_a_part_whose_note_is_damaged_is_not_gone_on_with(server: Server, fetching: Fetching) -> None:
    fetching.folder.mkdir()
    for note in ("{", "[]", '{"address": 1}', '{"address":"a","validator":1,"length":"x","coding":""}'):
        (fetching.folder / ".fetching-cases.csv").write_bytes(b"half")
        (fetching.folder / ".fetching-cases.csv.json").write_text(note, encoding="utf-8")
        card = made_card(server.tell("/cases.csv", ranged(SMALL)))
        assert fetching.one(card, again=True).status == "fetched"
        assert fetching.files == {"cases.csv": SMALL}


def test_a_fault_of_one_file_leaves_the_others_their_turn(server: Server, fetching: Fetching) -> None:
    cards = [
        made_card(server.tell("/a.csv", status(404)), file="a.csv"),
        made_card(server.tell("/b.csv", whole(SMALL)), file="b.csv"),
    ]
    assert [outcome.status for outcome in fetching.all(*cards).outcomes] == ["failed", "fetched"]


def test_two_fetches_into_one_folder_do_not_meet(server: Server, fetching: Fetching) -> None:
    from filelock import FileLock

    fetching.folder.mkdir()
    with FileLock(fetching.folder / _plan.LOCK), pytest.raises(Exception, match="another fetch"):
        fetching.one(made_card(server.tell("/cases.csv", whole(SMALL))))
    assert not server.asked


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that this user may not write")
def test_a_folder_that_may_not_be_written_is_said(server: Server, fetching: Fetching) -> None:
    fetching.folder.mkdir(mode=0o500)
    with pytest.raises(Exception, match="E800"):
        fetching.one(made_card(server.tell("/cases.csv", whole(SMALL))))


def test_a_file_in_the_place_of_the_folder_is_said(server: Server, fetching: Fetching) -> None:
    fetching.folder.write_text("no folder")
    with pytest.raises(Exception, match="E800 making the folder raw"):
        fetching.one(made_card(server.tell("/cases.csv", whole(SMALL))))
