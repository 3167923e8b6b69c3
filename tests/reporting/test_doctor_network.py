"""Proxies, certificates, open files and unfinished downloads, as the doctor sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.errors import UsageError
from insight.fetching import Reached
from insight.reporting.doctor import INNER_STORE_PATH, path_length, synchronised
from insight.reporting.doctor_files import open_files, unfinished
from insight.reporting.doctor_network import certificates, hosts, proxies


def test_a_proxy_is_named_without_its_password() -> None:
    environment = {"HTTPS_PROXY": "http://anna:geheim@proxy.example:8080", "NO_PROXY": "localhost,.example"}
    check = proxies(environment=environment)
    assert check.is_ok
    assert "HTTPS_PROXY = proxy.example:8080 (with a name); NO_PROXY = localhost,.example" in check.found
    assert "geheim" not in check.line() and "anna" not in check.line()


def test_small_letters_win() -> None:
    assert "small:1" in proxies(environment={"https_proxy": "http://small:1", "HTTPS_PROXY": "http://large:1"}).found


@pytest.mark.parametrize("value", ["socks5://proxy.example:1080", "http://proxy.example:port", "a b", "http://"])
def test_a_proxy_that_cannot_be_used_is_wrong_and_its_text_is_not_shown(value: str) -> None:
    check = proxies(environment={"HTTPS_PROXY": value})
    assert (check.is_ok, check.todo) == (False, "set HTTPS_PROXY to http://HOST:PORT")
    assert value not in check.line().replace("http://HOST:PORT", "")


def test_without_proxies_that_is_said() -> None:
    assert proxies(environment={}).found.startswith("the environment names none")


def test_an_own_authority_is_named_and_a_wrong_one_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert "SSL_CERT_FILE" in certificates(environment={"SSL_CERT_FILE": "ours.pem"}).found
    assert certificates(environment={}).is_ok is not False
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    check = certificates()
    assert check.is_ok is False
    assert "nothing that holds certificates" in check.found


def test_hosts_are_asked_only_where_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insight.fetching.reach", lambda: (Reached("a.example", True, "answers (200)"),))
    assert hosts(network=False)[0].is_ok is None
    (check,) = hosts(network=True)
    assert (check.name, check.is_ok, check.found) == ("a.example", True, "answers (200)")

    def refuse() -> None:
        raise UsageError("reading the proxy settings", found="a proxy that cannot be used", todo="correct it")

    monkeypatch.setattr("insight.fetching.reach", refuse)
    assert hosts(network=True)[0].line().startswith("wrong          publishers: a proxy that cannot be used")


def test_files_that_a_spreadsheet_program_has_open_are_named(tmp_path: Path) -> None:
    assert open_files(tmp_path).found == "no spreadsheet program has one of the raw files open"
    (tmp_path / "dfe").mkdir()
    (tmp_path / "dfe" / "~$workforce.xlsx").write_bytes(b"")
    (tmp_path / ".~lock.a.ods#").write_bytes(b"")
    check = open_files(tmp_path, is_windows=True)
    assert (check.is_ok, check.found) == (
        False,
        "a spreadsheet program seems to have 2 open: .~lock.a.ods#, ~$workforce.xlsx",
    )
    assert "delete these marks" in check.todo
    assert open_files(tmp_path, is_windows=False).is_ok, "other systems let everybody read"


def test_downloads_that_were_stopped_are_counted(tmp_path: Path) -> None:
    assert unfinished(tmp_path, tmp_path / "nowhere").found == "none unfinished"
    for name, data in ((".fetching-a.csv", b"x"), (".fetching-a.csv.json", b"{}"), (".fetching-lock", b"")):
        (tmp_path / name).write_bytes(data)
    assert unfinished(tmp_path, tmp_path).found == "1 to go on with: python -m insight fetch"


def test_the_folder_of_the_stores_is_looked_at_too() -> None:
    folder = Path("/" + "x" * (260 - INNER_STORE_PATH))
    check = path_length(folder, what="stores", inner=INNER_STORE_PATH, is_windows=True, has_long_paths=False)
    assert (check.name, check.is_ok) == ("stores", False)
    inside = synchronised(Path("/cloud/data"), what="store", label="x", environment={"OneDrive": "/cloud"})
    assert "the store folder is one" in inside.found
