"""One conversation with a server: this machine's proxies and certificates, and redirects to allowed hosts alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from insight.core.area import shown
from insight.errors import UsageError
from insight.fetching._hosts import SETTING, Hosts, origin_of
from insight.fetching._trouble import failed, of_transport
from insight.fetching._trust import ssl_context

CONNECT_SECONDS, READ_SECONDS = 10.0, 30.0
MOST_REDIRECTS = 5
_USER_AGENT = "insight (published statistics of children's services)"


@dataclass(frozen=True)
class Pace:
    """How long to go on: tries, pauses between them, and an end for each file.

    Parameters
    ----------
    tries : int
        Requests for one file, the first counted.
    first_pause : float
        Seconds before the second try; each later pause is twice as long.
    longest_pause : float
        Seconds; a server that asks for more is left alone until the next run.
    longest : float
        Seconds for one file, with all its tries and pauses.
    sleep, now : callable
        The clock: it decides when to stop, and reaches no output.
    """

    tries: int = 3
    first_pause: float = 1.0
    longest_pause: float = 60.0
    longest: float = 900.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


@contextmanager
def open_client(
    *, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
) -> Iterator[httpx.Client]:
    """A client with this machine's proxies and certificates.

    Raises
    ------
    UsageError
        If the environment names a proxy or certificates that cannot be used.
    """
    timeout = httpx.Timeout(read_seconds, connect=connect_seconds)
    context = ssl_context()
    try:
        client = httpx.Client(verify=context, timeout=timeout, headers={"User-Agent": _USER_AGENT})
    except (ImportError, ValueError, httpx.InvalidURL):
        raise UsageError(
            "reading the proxy settings",
            found="a proxy that cannot be used: only http:// and https:// proxies can",
            todo="correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY: http://HOST:PORT; see: insight doctor",
        ) from None
    with client:
        yield client


@contextmanager
def ask(
    client: httpx.Client, address: str, *, headers: Mapping[str, str], hosts: Hosts, asked: str
) -> Iterator[httpx.Response]:
    """The answer to a GET, its body not yet read; redirects are followed to allowed hosts alone.

    Raises
    ------
    DownloadFailed
        If the address or a redirect leads elsewhere, or redirects do not end.
    TryAgain
        For a fault of the network that may pass.
    """
    response = _after_redirects(client, address, headers, hosts, asked)
    try:
        yield response
    except httpx.TransportError as fault:
        raise of_transport(fault, asked=asked, host=response.url.host) from None
    finally:
        response.close()


def _after_redirects(
    client: httpx.Client, address: str, headers: Mapping[str, str], hosts: Hosts, asked: str
) -> httpx.Response:
    for _ in range(MOST_REDIRECTS + 1):
        _require_allowed(address, hosts, asked)
        url = httpx.URL(address)
        try:
            response = client.send(client.build_request("GET", url, headers=dict(headers)), stream=True)
        except httpx.TransportError as fault:
            raise of_transport(fault, asked=asked, host=url.host) from None
        if not response.has_redirect_location:
            return response
        response.close()
        address = _joined(url, response.headers["location"])
    raise failed(
        asked,
        f"more than {MOST_REDIRECTS} redirects, from one address to the next",
        "open the publication's page in a browser and take the file from there",
    )


def _joined(url: httpx.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError):
        return ""


def _require_allowed(address: str, hosts: Hosts, asked: str) -> None:
    reason = hosts.reason_against(address)
    if not reason:
        return
    todo = "take the file from the publication's page by hand"
    try:
        named = shown(origin_of(httpx.URL(address)))
        todo += f'; or, if this host is the publisher\'s, write in insight.toml: {SETTING} = "{named}"'
    except (httpx.InvalidURL, ValueError):
        pass
    raise failed(asked, reason, todo)
