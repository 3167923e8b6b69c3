"""Which publishers answer from here: asked only when a person wants to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from insight.errors import InsightError
from insight.fetching._client import open_client
from insight.fetching._hosts import PUBLISHERS
from insight.fetching._trouble import TryAgain, of_transport

SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether a host answers, and what it says or what stands in the way."""

    host: str
    is_there: bool
    found: str
    todo: str = ""


def reach(origins: Sequence[str] = PUBLISHERS) -> tuple[Reached, ...]:
    """Ask each host for its first page; any answer of its own will do.

    Raises
    ------
    UsageError
        If the environment names a proxy or certificates that cannot be used.
    """
    with open_client(connect_seconds=SECONDS, read_seconds=SECONDS) as client:
        return tuple(_asked(client, origin) for origin in origins)


def _asked(client: httpx.Client, origin: str) -> Reached:
    host = httpx.URL(origin).host
    try:
        status = client.head(origin).status_code
    except httpx.TransportError as fault:
        trouble = of_transport(fault, asked="", host=host)
        if isinstance(trouble, InsightError):
            return Reached(host, False, trouble.found, trouble.todo)
        todo = "ask whoever runs the network whether a proxy has to be named: HTTPS_PROXY=http://HOST:PORT"
        return Reached(host, False, trouble.words if isinstance(trouble, TryAgain) else "", todo)
    if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
        return Reached(host, False, "the proxy wants a name and a password", "name them in HTTPS_PROXY")
    return Reached(host, True, f"answers ({status})")
