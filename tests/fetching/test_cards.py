"""Cards: every one of the project's can be read, and what is wrong with one is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.errors import SourceRefused, UsageError
from insight.fetching import allowed_hosts, wanted
from insight.fetching._cards import API, MOST_BYTES, USUAL_BYTES, read_card
from insight.store._cards import read_cards

SET = "0a1b2c3d-0000-4000-8000-00000000000a"
TOP = (
    f'title = "Cases"\nfile = "cases.csv"\nrelease = "2025"\naddress = "https://page.example"\nsha256 = "{"a" * 64}"\n'
)


def written(folder: Path, fetch: str, top: str = TOP, name: str = "cases.toml") -> Path:
    path = folder / name
    path.write_text(f"{top}{fetch}", encoding="utf-8")
    return path


def test_every_card_of_the_project_can_be_read_and_names_allowed_hosts_alone(root: Path) -> None:
    cards = wanted(sorted((root / "data" / "raw").glob("*.toml")))
    assert len(cards) >= 11
    for card in cards:
        assert card.page.startswith("https://"), card.name
        assert (card.origin is None) == bool(card.missing), card.name
        if card.origin is not None:
            assert not allowed_hosts().reason_against(card.origin.address), card.name
            assert card.origin.most_bytes < MOST_BYTES


def test_the_three_forms_of_an_address(tmp_path: Path) -> None:
    file = read_card(written(tmp_path, '[fetch]\nurl = "https://a.example/cases.csv"\n')).origin
    assert file is not None
    assert (file.kind, file.address, file.type, file.most_bytes) == (
        "file",
        "https://a.example/cases.csv",
        "csv",
        USUAL_BYTES,
    )
    packed = read_card(
        written(tmp_path, '[fetch]\nzip = "https://a.example/files"\nmember = "data/x.csv"\nbytes = 9\ntype = "csv"\n')
    ).origin
    assert packed is not None
    assert (packed.kind, packed.member, packed.most_bytes) == ("zip", "data/x.csv", 9)
    api = read_card(written(tmp_path, f'[fetch]\napi = "{SET}"\nversion = "2.1"\n')).origin
    assert api is not None
    assert api.address == f"{API}/data-sets/{SET}/csv?dataSetVersion=2.1"


def test_a_card_may_say_why_there_is_no_address_or_nothing(tmp_path: Path) -> None:
    silent = read_card(written(tmp_path, ""))
    assert silent.origin is None
    assert silent.missing == "address not known: take it from the publication's page"
    told = read_card(written(tmp_path, '[fetch]\nmissing = "the release of 2024 is in the archive"\n'))
    assert told.missing == "the release of 2024 is in the archive"


@pytest.mark.parametrize(
    ("fetch", "says"),
    [
        ("[fetch]\n", "no address"),
        ('[fetch]\nurl = "https://a.example"\napi = "x"\n', "url and api"),
        ('[fetch]\nurl = ""\n', "not text"),
        ("[fetch]\nurl = 1\n", "not text"),
        ('[fetch]\nurl = "https://a.example"\nmember = "x"\n', "a fetch with 'member'"),
        ('[fetch]\nzip = "https://a.example"\n', "lacks 'member'"),
        ('[fetch]\nurl = "https://a.example"\nsize = 3\n', "a fetch with 'size'"),
        ('[fetch]\nurl = "https://a.example"\ntype = "exe"\n', "the type 'exe'"),
        ('[fetch]\nurl = "https://a.example"\nbytes = 0\n', "a limit of bytes"),
        ('[fetch]\nurl = "https://a.example"\nbytes = "9"\n', "a limit of bytes"),
        ('[fetch]\nurl = "https://a.example"\nbytes = true\n', "a limit of bytes"),
        (f'[fetch]\nurl = "https://a.example"\nbytes = {MOST_BYTES + 1}\n', "a limit of bytes"),
        (f'[fetch]\napi = "{SET}"\n', "lacks 'version'"),
        (f'[fetch]\napi = "{SET}"\nversion = "2.*"\n', "the version '2.*'"),
        ('[fetch]\napi = "../x"\nversion = "2.1"\n', "no id of the statistics API"),
        ("fetch = 3\n", "no table"),
        ("[fetch\n", "no readable TOML"),
    ],
)
def test_a_wrong_fetch_is_said(tmp_path: Path, fetch: str, says: str) -> None:
    with pytest.raises(SourceRefused) as caught:
        read_card(written(tmp_path, fetch))
    assert says in caught.value.found
    assert caught.value.asked == "reading the provenance card cases.toml"


NAMES = ("", "../x.csv", "a/b.csv", "a\\\\b.csv", "C:x.csv", ".hidden.csv", "con.csv", "NUL", "x.csv ", "x.", "~$x.csv")


@pytest.mark.parametrize("file", [*NAMES, "a\\u202ex.csv", "x" * 130])
def test_a_file_has_a_plain_name(tmp_path: Path, file: str) -> None:
    with pytest.raises(SourceRefused, match="name of a file"):
        read_card(written(tmp_path, "[fetch]\nmissing = 'x'\n", top=f'title = "x"\nfile = "{file}"\n'))


UNKNOWN = 'file = "cases.csv"\n'
DEEP = f"a = {'[' * 5000}{']' * 5000}\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f'{UNKNOWN}sha256 = "abc"\n', "64 hexadecimal"),
        (f'{UNKNOWN}sha256 = "{"A" * 64}"\n', "64 hexadecimal"),
        (UNKNOWN, "no sha256 of 64 hexadecimal digits, and no [fetch]"),
        (f'{TOP}published = "5 November 2025"\n', "neither YYYY-MM-DD nor YYYY-MM"),
        (f'{TOP}published = "2025-02-29"\n', "neither YYYY-MM-DD nor YYYY-MM"),
        (f'{UNKNOWN}published = "yesterday"\n[fetch]\nurl = "https://a.example"\n', "neither YYYY-MM-DD"),
        (f"{TOP}{DEEP}", "no readable TOML"),
        (f"{TOP}size = {'9' * 5000}\n", "no readable TOML"),
        (f"{TOP}[fetch\n", "no readable TOML"),
    ],
)
def test_a_card_that_a_build_refuses_is_refused_before_a_download_too(tmp_path: Path, content: str, says: str) -> None:
    path = written(tmp_path, "", top=content)
    with pytest.raises(SourceRefused) as by_fetch:
        read_card(path)
    with pytest.raises(SourceRefused) as by_build:
        read_cards([path])
    assert says in by_fetch.value.found
    assert str(by_fetch.value) == str(by_build.value)


@pytest.mark.parametrize("published", ['"2025-11"', '"2025-11-05"', "2025-11-05", '""'])
def test_a_card_that_a_build_takes_is_taken_for_a_download_too(tmp_path: Path, published: str) -> None:
    path = written(tmp_path, '[fetch]\nmissing = "it is not public"\n', top=f"\ufeff{TOP}published = {published}\n")
    card = read_card(path)
    other = read_cards([path])[card.sha256]
    assert (card.release, card.published) == (other.release, other.published) == ("2025", published.strip('"'))


def test_cards_are_chosen_by_name(tmp_path: Path) -> None:
    paths = [written(tmp_path, "", TOP.replace("cases.csv", f"{name}.csv"), f"{name}.toml") for name in "bca"]
    assert [card.name for card in wanted(paths)] == ["a", "b", "c"]
    assert [card.name for card in wanted(paths, names=["c", "a"])] == ["a", "c"]
    with pytest.raises(UsageError, match="the cards are: a, b, c"):
        wanted(paths, names=["d"])
    with pytest.raises(UsageError, match="none in data/raw"):
        wanted([])


def test_two_cards_never_want_one_name(tmp_path: Path) -> None:
    paths = [written(tmp_path, "", TOP.replace("cases", name), f"{name}.toml") for name in ("Cases", "cases")]
    with pytest.raises(SourceRefused, match="the same file name"):
        wanted(paths)
