"""No network at analysis time: pages are a function of files alone."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_INTERNET = {"AF_INET", "AF_INET6"}


@cache
def refuse_network() -> None:
    """From now on, in this process, a connection that would leave the machine raises PermissionError.

    A kernel speaks to its client over loopback, which stays open. The hook cannot be taken back, and
    asking twice adds none.
    """

    def hook(event: str, details: tuple[Any, ...]) -> None:
        if event not in ("socket.connect", "socket.sendto"):
            return
        socket, address = details[0], details[1]
        if getattr(socket.family, "name", "") in _INTERNET and str(address[0]) not in _LOOPBACK:
            raise PermissionError("no network at analysis time: download files first, then build the store")

    sys.addaudithook(hook)
