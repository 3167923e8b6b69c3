"""A download that did not succeed, in words."""

from __future__ import annotations

import ssl

import httpx

from insight.core.area import shown
from insight.errors import DownloadFailed


class TryAgain(Exception):
    """A fault that may pass: what happened, and how long the server asks to wait (seconds; None if it does not say)."""

    def __init__(self, words: str, *, wait: float | None = None) -> None:
        super().__init__(words)
        self.words, self.wait = words, wait


def failed(asked: str, found: str, todo: str) -> DownloadFailed:
    """A download that has failed for good."""
    return DownloadFailed(asked, found=found, todo=todo)


def of_transport(fault: Exception, *, asked: str, host: str) -> TryAgain | DownloadFailed:
    """What a fault of the network means; the library's own words are left out, for they may hold a proxy's password."""
    where = shown(host)
    if certificate := _in_chain(fault, ssl.SSLCertVerificationError):
        reason = shown(str(getattr(certificate, "verify_message", "") or "it cannot be verified"))
        return failed(
            asked,
            f"a certificate of {where} that this machine does not trust: {reason}",
            "ask whether traffic is inspected here: the authority's own certificate must then be in the system's "
            "store, or in the file that the environment variable SSL_CERT_FILE names",
        )
    if _in_chain(fault, ssl.SSLError):
        return TryAgain(f"no safe connection to {where} could be made")
    if isinstance(fault, httpx.ProxyError):
        return _of_proxy(fault, asked)
    if isinstance(fault, httpx.TimeoutException):
        return TryAgain(f"{where} did not answer in time")
    if isinstance(fault, httpx.ConnectError):
        return TryAgain(f"{where} cannot be reached: no network, a wrong name, or a proxy that has to be named")
    return TryAgain(f"the connection to {where} broke off")


def _of_proxy(fault: httpx.ProxyError, asked: str) -> TryAgain | DownloadFailed:
    if str(fault).startswith("407"):
        return proxy_wants_a_name(asked)
    if str(fault)[:2] == "40":
        return failed(
            asked, f"the proxy refuses ({str(fault)[:3]})", "ask whoever runs the proxy to allow the publisher's host"
        )
    return TryAgain("the proxy did not pass the request on")


def proxy_wants_a_name(asked: str) -> DownloadFailed:
    """The proxy lets nobody through without a name."""
    return failed(
        asked,
        "the proxy wants a name and a password (407)",
        "set the environment variable HTTPS_PROXY to http://NAME:PASSWORD@HOST:PORT, as whoever runs the proxy says",
    )


def _in_chain(fault: BaseException, kind: type[Exception]) -> BaseException | None:
    seen: BaseException | None = fault
    while seen is not None:
        if isinstance(seen, kind):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None
