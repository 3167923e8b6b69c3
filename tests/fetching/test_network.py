"""Proxies, certificates, and the wall between downloads and pages."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from insight.errors import UsageError
from insight.fetching import Hosts, allowed_hosts, reach, ssl_context
from insight.fetching._hosts import PUBLISHERS
from tests.fetching.conftest import SMALL, Fetching, made_card, words
from tests.fetching.server import Proxy, Server, redirect, running, whole


def test_a_proxy_of_the_environment_is_used(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.tell("/cases.csv", whole(SMALL))
    proxy = Proxy(server)
    fetching.hosts = Hosts(("http://files.example.test",))
    with running(proxy):
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        assert fetching.one(made_card("http://files.example.test/cases.csv")).status == "fetched"
    assert proxy.asked == ["http://files.example.test/cases.csv"]
    assert fetching.files == {"cases.csv": SMALL}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_name_is_said_without_the_one_that_was_given(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    proxy = Proxy(server, wants_a_name=True)
    fetching.hosts = Hosts((f"{scheme}://files.example.test",))
    with running(proxy):
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.address.replace("//", "//anna:geheim@"))
        outcome = fetching.one(made_card(f"{scheme}://files.example.test/cases.csv"))
    assert "the proxy wants a name and a password (407)" in words(outcome)
    assert "geheim" not in words(outcome)
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "gopher://127.0.0.1:1", "http://127.0.0.1:port"])
def test_a_proxy_that_cannot_be_used_is_said_before_anything_is_asked(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(UsageError, match="reading the proxy settings"):
        fetching.one(made_card(server.tell("/cases.csv", whole(SMALL))))


def test_a_proxy_that_is_not_there_is_no_traceback(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Server()
    monkeypatch.setenv("HTTPS_PROXY", closed.origin)
    closed.server_close()
    outcome = fetching.one(made_card(f"{PUBLISHERS[0]}/cases.csv"))
    assert outcome.status == "failed"
    fetching.hosts = allowed_hosts()
    assert "cannot be reached" in words(fetching.one(made_card(f"{PUBLISHERS[0]}/cases.csv")))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of this machine's loopback address that vouches for itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl command to make a certificate with")
    folder = tmp_path_factory.mktemp("authority")
    certificate, key = folder / "authority.pem", folder / "key.pem"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -addext"
    where = ["subjectAltName=IP:127.0.0.1", "-subj", "/CN=own authority", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        [openssl, *made.split(), *where],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture()
def secure(authority: tuple[Path, Path]) -> Iterator[Server]:
    """A server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    server = Server(context)
    with running(server):
        yield server


def test_an_own_certificate_authority_is_trusted_where_it_is_named(
    secure: Server, fetching: Fetching, authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching.hosts = Hosts((secure.origin,))
    card = made_card(secure.tell("/cases.csv", whole(SMALL)))
    outcome = fetching.one(card)
    assert "a certificate of 127.0.0.1 that this machine does not trust: " in words(outcome)
    assert "SSL_CERT_FILE" in words(outcome)
    assert not fetching.clock.slept, "asking again does not make it trusted"
    assert not secure.asked
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))
    assert fetching.one(card).status == "fetched"
    (asked,) = reach([secure.origin])
    assert (asked.is_there, asked.found) == (True, "answers (404)")


def test_a_tunnel_through_a_proxy_carries_the_same_trust(
    secure: Server, fetching: Fetching, authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(secure)
    fetching.hosts = Hosts((secure.origin,))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))
    with running(proxy):
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        assert fetching.one(made_card(secure.tell("/cases.csv", whole(SMALL)))).status == "fetched"
    assert proxy.asked == [secure.origin.removeprefix("https://")]


def test_from_https_nobody_is_sent_to_plain_http(
    server: Server, secure: Server, fetching: Fetching, authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))
    fetching.hosts = Hosts((secure.origin,))
    card = made_card(secure.tell("/cases.csv", redirect(server.tell("/cases.csv", whole(SMALL)))))
    assert fetching.one(card).status == "failed"
    assert not server.asked


def test_the_systems_own_store_is_what_is_trusted() -> None:
    import truststore

    context = ssl_context()
    assert isinstance(context, truststore.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_certificates_that_cannot_be_read_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (tmp_path / "nowhere.pem", tmp_path / "none.pem"):
        (tmp_path / "none.pem").write_text("no certificate", encoding="ascii")
        monkeypatch.setenv("SSL_CERT_FILE", str(place))
        with pytest.raises(UsageError, match="SSL_CERT_FILE names"):
            ssl_context()


def test_a_host_that_does_not_answer_is_said() -> None:
    closed = Server()
    closed.server_close()
    (asked,) = reach([closed.origin])
    assert (asked.host, asked.is_there) == ("127.0.0.1", False)
    assert "cannot be reached" in asked.found
    assert "HTTPS_PROXY" in asked.todo


def test_a_process_that_makes_pages_cannot_fetch(tmp_path: Path) -> None:
    # An address of the range that is kept for documents: nobody would answer, and nobody is asked.
    code = (
        "from insight.offline import refuse_network; refuse_network()\n"
        "from pathlib import Path\n"
        "from insight.fetching import *\n"
        "card = FetchCard('a', 'A', 'a.csv', '', '', '', '', Origin('file', 'http://192.0.2.1/a.csv', 'csv', 10))\n"
        "(outcome,) = fetch([card], Path('raw'), hosts=Hosts(('http://192.0.2.1',)), pace=Pace(tries=1)).outcomes\n"
        "print(outcome.status, outcome.error.found)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("failed 192.0.2.1 cannot be reached"), done.stderr


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (f"{PUBLISHERS[0]}/api/releases/x/files", ""),
        (f"{PUBLISHERS[0].upper().replace('HTTPS', 'https')}/x", ""),
        (f"{PUBLISHERS[0]}:443/x", ""),
        (f"{PUBLISHERS[0]}:8443/x", "not among"),
        (f"{PUBLISHERS[0]}.example.org/x", "not among"),
        (PUBLISHERS[0].replace("https", "http") + "/x", "not among"),
        (PUBLISHERS[0].replace("//", "//name:word@") + "/x", "name or password"),
        ("https://content.explore-education-statistics.service.gov.uk@example.org/x", "name or password"),
        ("file:///etc/hostname", "not of the web"),
        ("https:///x", "not of the web"),
        ("http://files.example:port/", "cannot be read"),
    ],
)
def test_only_the_publishers_own_hosts_may_be_asked(address: str, says: str) -> None:
    reason = allowed_hosts().reason_against(address)
    assert says in reason if says else not reason


def test_a_setting_adds_hosts() -> None:
    hosts = allowed_hosts("files.example.org, http://mirror.example.org:8080/ ,")
    assert not hosts.reason_against("https://files.example.org/a.csv")
    assert not hosts.reason_against("http://mirror.example.org:8080/a.csv")
    assert hosts.reason_against("http://files.example.org/a.csv")
    for wrong in ("a b", "https://a.example/folder", "ftp://a.example", "https://n:p@a.example"):
        with pytest.raises(UsageError, match="fetch_hosts"):
            allowed_hosts(wrong)


@pytest.mark.parametrize(
    "wrong",
    ["https://anna:geheim@mirror.example", "anna:geheim@mirror.example", "https://anna:geh eim@a", "x@geheim@y"],
)
def test_a_password_in_a_setting_is_not_printed(wrong: str) -> None:
    with pytest.raises(UsageError, match="an address with a name or password in it") as caught:
        allowed_hosts(f"files.example.org, {wrong}")
    assert "geheim" not in str(caught.value)
    assert "anna" not in str(caught.value)
