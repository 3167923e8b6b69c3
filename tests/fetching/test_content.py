"""What has arrived is what the card promises, or it does not get into its place."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

import pytest

from insight.fetching import _cards
from tests.fetching.conftest import SMALL, TABLE, Fetching, made_card, words
from tests.fetching.server import Server, cut_off, problem, ranged, redirect, status, tag, whole

PAGE = b"\xef\xbb\xbf \r\n<!DOCTYPE html>\n<html><head><title>Sign in &amp; go on</title></head></html>"


def zipped(**members: bytes) -> bytes:
    """An archive; two underscores in a name stand for a slash."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name.replace("__", "/").replace("_csv", ".csv"), data)
    return made.getvalue()


def workbook(member: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr(member, b"<x/>")
    return made.getvalue()


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/csv"])
def test_a_web_page_is_known_whatever_it_is_called(server: Server, fetching: Fetching, kind: str) -> None:
    fetched = fetching.all(made_card(server.tell("/cases.csv", whole(PAGE, kind))))
    said = words(fetched.outcomes[0])
    assert "E202 fetching cases.csv" in said
    assert "a web page titled 'Sign in & go on', not the file" in said
    assert "proxy or a login" in said
    assert fetched.exit_code == 3
    assert fetching.files == {}
    assert len(server.asked) == 1


def test_an_answer_of_the_service_with_a_good_status_is_no_file(server: Server, fetching: Fetching) -> None:
    assert "an answer of the service: 'No such data set', not the file" in words(
        fetching.one(made_card(server.tell("/a.csv", problem(200, "No such data set"))))
    )
    said = words(fetching.one(made_card(server.tell("/b.csv", whole(b'{"results": []}', "text/csv")))))
    assert "JSON, not the file" in said
    assert fetching.files == {}


@pytest.mark.parametrize(
    ("data", "says", "todo"),
    [
        (
            b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Sorry, no &amp; no</Message></Error>',
            "an answer of the service: 'Sorry, no & no', not the file",
            "in a browser",
        ),
        (
            b"<Error><Code>Slow,Down</Code></Error>",
            "an answer of the service: 'Slow,Down', not the file",
            "in a browser",
        ),
        (b"\xef\xbb\xbf\n<rows><row>a,b</row></rows>", "XML, not the file", "in a browser"),
        ("<rows>a,b</rows>".encode("utf-16"), "XML, not the file", "in a browser"),
        (b'<?xml version="1.0"?>\n<html xmlns="x"><title>Log in, please</title>', "titled 'Log in, please'", "a proxy"),
        (b"<!-- a, b --><html></html>", "a web page, not the file", "a proxy"),
        (b"<div>a,b</div>", "XML, not the file", "in a browser"),
    ],
)
def test_what_begins_as_a_page_or_xml_is_no_table(
    server: Server, fetching: Fetching, data: bytes, says: str, todo: str
) -> None:
    said = words(fetching.one(made_card(server.tell("/cases.csv", whole(data)))))
    assert says in said
    assert todo in said
    assert fetching.files == {}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "an empty file"),
        (b"  \r\n", "an empty file"),
        (b"%PDF-1.7 a,b", "a PDF document"),
        (zipped(a_csv=SMALL), "a zip archive or workbook"),
        (gzip.compress(SMALL), "a gzip file"),
        (b"PAR1,,,PAR1", "a Parquet file"),
        (b"a,b\0c\n1,2\n", "something else"),
        (b"no table\nat all, it seems\n", "something else"),
    ],
    ids=["empty", "blank", "pdf", "zip", "gzip", "parquet", "nul", "prose"],
)
def test_something_else_than_a_table_is_named(server: Server, fetching: Fetching, data: bytes, says: str) -> None:
    fetched = fetching.all(made_card(server.tell("/cases.csv", whole(data, "application/octet-stream"))))
    assert f"{says}, where the card promises csv" in words(fetched.outcomes[0])
    assert fetching.files == {}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("csv", SMALL),
        ("csv", b"\xef\xbb\xbf" + SMALL),
        ("csv", SMALL.decode().encode("utf-16")),
        ("csv", SMALL.replace(b",", b";")),
        ("xlsx", workbook("xl/workbook.xml")),
        ("ods", workbook("content.xml")),
        ("parquet", b"PAR1 rows PAR1"),
        ("rds", gzip.compress(b"X\n")),
    ],
)
def test_what_a_card_promises_is_taken(server: Server, fetching: Fetching, kind: str, data: bytes) -> None:
    outcome = fetching.one(made_card(server.tell("/x", whole(data)), file=f"cases.{kind}", type=kind))
    assert outcome.status == "fetched", outcome.error
    assert fetching.files == {f"cases.{kind}": data}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("xlsx", workbook("content.xml")),
        ("ods", SMALL),
        ("ods", b"PK\x03\x04 and no more"),
        ("parquet", b"PAR1 cut off"),
        ("rds", SMALL),
    ],
)
def test_a_file_of_another_kind_is_refused(server: Server, fetching: Fetching, kind: str, data: bytes) -> None:
    outcome = fetching.one(made_card(server.tell("/x", whole(data)), file=f"cases.{kind}", type=kind))
    assert (outcome.status, fetching.files) == ("refused", {})


def test_an_archive_is_fetched_once_for_all_that_is_taken_from_it(server: Server, fetching: Fetching) -> None:
    data = zipped(data__cases_csv=TABLE, data__other_csv=SMALL)
    address = server.tell("/files", ranged(data))
    cards = [
        made_card(address, kind="zip", member="data/cases.csv", data=TABLE),
        made_card(address, kind="zip", member="data/other.csv", file="other.csv"),
    ]
    assert [outcome.status for outcome in fetching.all(*cards).outcomes] == ["fetched", "fetched"]
    assert len(server.asked) == 1
    assert fetching.files == {"cases.csv": TABLE, "other.csv": SMALL}


def test_a_member_is_known_by_its_exact_name(server: Server, fetching: Fetching) -> None:
    address = server.tell("/files", ranged(zipped(data__cases_2025_csv=SMALL, data__Cases_csv=SMALL)))
    said = words(fetching.one(made_card(address, kind="zip", member="data/cases.csv")))
    assert "no 'data/cases.csv' among the 2 files of the archive; the nearest are data/Cases.csv" in said
    assert "correct member in the card" in said
    assert fetching.files == {}


def test_an_archive_that_does_not_come_is_asked_for_once_for_all_its_files(server: Server, fetching: Fetching) -> None:
    address = server.tell("/files", status(404))
    cards = [made_card(address, kind="zip", member="a", file=f"{name}.csv") for name in "ab"]
    first, second = fetching.all(*cards).outcomes
    assert "fetching a.csv" in words(first)
    assert "fetching b.csv" in words(second)
    assert len(server.asked) == 1


def test_a_page_in_the_place_of_an_archive_is_known(server: Server, fetching: Fetching) -> None:
    address = server.tell("/files", whole(PAGE, "application/zip"))
    assert "a web page titled" in words(fetching.one(made_card(address, kind="zip", member="data/cases.csv")))


@pytest.mark.parametrize("data", [b"PK\x03\x04 no archive", SMALL, zipped(cases_csv=TABLE)[:-30]])
def test_a_damaged_archive_is_refused(server: Server, fetching: Fetching, data: bytes) -> None:
    address = server.tell("/files", whole(data, "application/zip"))
    outcome = fetching.one(made_card(address, kind="zip", member="cases.csv"))
    assert "an archive that cannot be unpacked" in words(outcome)
    assert fetching.files == {}


def test_a_damaged_member_is_refused(server: Server, fetching: Fetching) -> None:
    data = bytearray(zipped(cases_csv=TABLE))
    data[200:220] = bytes(20)
    address = server.tell("/files", whole(bytes(data), "application/zip"))
    outcome = fetching.one(made_card(address, kind="zip", member="cases.csv"))
    assert (outcome.status, fetching.files) == ("refused", {})


def test_a_member_packed_in_another_way_and_damaged_is_refused_in_its_own_turn(
    server: Server, fetching: Fetching
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("cases.csv", TABLE)
    data = bytearray(made.getvalue())
    data[60:200] = bytes(140)
    address = server.tell("/files", whole(bytes(data), "application/zip"))
    cards = [
        made_card(address, kind="zip", member="cases.csv"),
        made_card(server.tell("/other.csv", whole(SMALL)), file="other.csv"),
    ]
    first, second = fetching.all(*cards).outcomes
    assert "an archive that cannot be unpacked (LZMAError)" in words(first)
    assert second.status == "fetched"


def test_a_bomb_is_refused_before_it_is_unpacked(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = zipped(cases_csv=b"0,0\n" * 5_000_000)
    assert len(data) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    card = made_card(server.tell("/files", whole(data, "application/zip")), kind="zip", member="cases.csv")
    assert "more than 10,000,000 bytes once unpacked" in words(fetching.one(card))
    assert fetching.files == {}


def test_a_bomb_that_lies_about_its_size_is_stopped(server: Server, fetching: Fetching) -> None:
    data = bytearray(zipped(cases_csv=b"0,0\n" * 5_000_000))
    for sign, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(sign) + offset
        assert struct.unpack("<I", data[at : at + 4]) == (20_000_000,)
        data[at : at + 4] = struct.pack("<I", 1000)
    card = made_card(server.tell("/files", whole(bytes(data), "application/zip")), kind="zip", member="cases.csv")
    outcome = fetching.one(card)
    assert outcome.status == "refused"
    assert fetching.files == {}


@pytest.mark.parametrize("name", ["../cases.csv", "/cases.csv", "a/../../cases.csv", "..\\cases.csv", "C:\\cases.csv"])
def test_an_archive_with_a_name_that_leads_outside_is_refused(server: Server, fetching: Fetching, name: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("cases.csv", SMALL)
        packed.writestr(name, b"outside")
    address = server.tell("/files", whole(made.getvalue(), "application/zip"))
    for member in ("cases.csv", name):
        outcome = fetching.one(made_card(address, kind="zip", member=member))
        assert "leads outside" in words(outcome)
    assert fetching.files == {}
    assert sorted(path.name for path in fetching.folder.parent.iterdir()) == ["raw"]


def test_a_member_that_is_there_twice_is_refused(server: Server, fetching: Fetching) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("cases.csv", SMALL)
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("cases.csv", TABLE)
    address = server.tell("/files", whole(made.getvalue(), "application/zip"))
    assert "more than once" in words(fetching.one(made_card(address, kind="zip", member="cases.csv")))


def test_a_locked_member_is_refused(server: Server, fetching: Fetching) -> None:
    data = bytearray(zipped(cases_csv=SMALL))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + offset] |= 1
    address = server.tell("/files", whole(bytes(data), "application/zip"))
    assert "locked with a password" in words(fetching.one(made_card(address, kind="zip", member="cases.csv")))


@pytest.fixture()
def api(monkeypatch: pytest.MonkeyPatch, server: Server) -> str:
    """The path of one version of a data set."""
    monkeypatch.setattr(_cards, "API", f"{server.origin}/statistics/v1")
    return "/statistics/v1/data-sets/0a1b2c3d-0000-4000-8000-00000000000a/csv?dataSetVersion=2.1"


@pytest.mark.parametrize("coding", [{"Content_Encoding": "gzip"}, {}], ids=["said", "not said"])
def test_the_csv_of_the_statistics_api_is_unpacked(
    server: Server, fetching: Fetching, api: str, coding: dict[str, str]
) -> None:
    packed = gzip.compress(TABLE, mtime=0)
    address = server.tell(api, whole(packed, **coding))
    assert fetching.one(made_card(address, kind="api", data=TABLE)).status == "fetched"
    assert fetching.files == {"cases.csv": TABLE}
    assert server.headers_of(api)[0]["accept-encoding"] == "gzip"


def test_packed_bytes_that_were_cut_off_go_on_where_they_stopped(server: Server, fetching: Fetching, api: str) -> None:
    packed = gzip.compress(TABLE, mtime=0)
    headers = {"ETag": tag(packed), "Content_Encoding": "gzip"}
    address = server.tell(api, cut_off(packed, 1000, **headers), ranged(packed, Content_Encoding="gzip"))
    assert fetching.one(made_card(address, kind="api", data=TABLE)).status == "fetched"
    assert server.headers_of(api)[1]["range"] == "bytes=1000-"
    assert fetching.files == {"cases.csv": TABLE}


def test_a_gzip_bomb_or_a_broken_stream_is_refused(server: Server, fetching: Fetching, api: str) -> None:
    bomb = gzip.compress(b"0,0\n" * 5_000_000, mtime=0)
    address = server.tell(api, whole(bomb, Content_Encoding="gzip"), whole(bomb[:-100], Content_Encoding="gzip"))
    assert "once unpacked" in words(fetching.one(made_card(address, kind="api")))
    assert "cannot be unpacked" in words(fetching.one(made_card(address, kind="api", most_bytes=50_000_000)))
    assert fetching.files == {}


def test_bytes_packed_in_an_unknown_way_are_not_taken(server: Server, fetching: Fetching) -> None:
    outcome = fetching.one(made_card(server.tell("/cases.csv", whole(SMALL, Content_Encoding="br"))))
    assert "packed as 'br'" in words(outcome)
    assert fetching.files == {}


def test_a_plain_file_is_asked_for_as_it_is(server: Server, fetching: Fetching) -> None:
    server.tell("/there.csv", whole(SMALL))
    fetching.one(made_card(server.tell("/cases.csv", redirect("/there.csv"))))
    assert {headers["accept-encoding"] for _, headers in server.asked} == {"identity"}
