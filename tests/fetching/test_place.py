"""An older file is kept under the name of its release; nothing that was there is lost."""

from __future__ import annotations

import hashlib

from tests.fetching.conftest import SMALL, TABLE, Fetching, made_card
from tests.fetching.server import Server, whole

NEWER = SMALL.replace(b"12", b"13")
NEWEST = SMALL.replace(b"12", b"14")


def test_an_older_file_is_kept_under_its_release(server: Server, fetching: Fetching) -> None:
    fetching.one(made_card(server.tell("/2024.csv", whole(SMALL)), release="2024"))
    outcome = fetching.one(made_card(server.tell("/2025.csv", whole(NEWER)), release="2025"))
    assert outcome.kept == "cases_release-2024.csv"
    assert fetching.files == {"cases.csv": NEWER, "cases_release-2024.csv": SMALL}


def test_an_issue_is_kept_with_the_day_that_tells_it_from_a_later_one(server: Server, fetching: Fetching) -> None:
    fetching.one(made_card(server.tell("/1.csv", whole(SMALL)), release="2025", published="2025-11-05"))
    outcome = fetching.one(made_card(server.tell("/2.csv", whole(NEWER)), release="2025", published="2026-01-20"))
    assert outcome.kept == "cases_release-2025_published-2025-11-05.csv"


def test_the_release_of_a_file_that_somebody_put_there_is_known_by_its_card(server: Server, fetching: Fetching) -> None:
    fetching.folder.mkdir()
    (fetching.folder / "cases.csv").write_bytes(SMALL)
    older = made_card("", file="older.csv", data=SMALL, release="2023/24")
    fetching.all(older, made_card(server.tell("/cases.csv", whole(NEWER))))
    assert fetching.files == {"cases.csv": NEWER, "cases_release-2023-24.csv": SMALL}


def test_two_older_files_of_one_release_are_both_kept(server: Server, fetching: Fetching) -> None:
    for number, data in enumerate((SMALL, NEWER, NEWEST)):
        fetching.one(made_card(server.tell(f"/{number}.csv", whole(data)), release="2025"))
    mark = hashlib.sha256(NEWER).hexdigest()[:8]
    assert fetching.files == {
        "cases.csv": NEWEST,
        "cases_release-2025.csv": SMALL,
        f"cases_release-2025_{mark}.csv": NEWER,
    }


def test_a_notebook_that_is_damaged_or_gone_costs_a_download_and_no_file(server: Server, fetching: Fetching) -> None:
    card = made_card(server.tell("/cases.csv", whole(TABLE)))
    fetching.one(card)
    notebook = fetching.folder / ".fetched.json"
    before = notebook.read_bytes()
    for damage in (b"{", b"[]", b'{"cases.csv": {"sha": 1}}', b"null"):
        notebook.write_bytes(damage)
        assert fetching.one(card).status == "fetched"
        assert notebook.read_bytes() == before, "what is kept holds no time of day"
    assert fetching.files == {"cases.csv": TABLE}
