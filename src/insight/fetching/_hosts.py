"""Where files may come from: the publishers' own hosts, and those that ``insight.toml`` adds."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from insight.core.area import shown
from insight.errors import UsageError

PUBLISHERS = (
    "https://content.explore-education-statistics.service.gov.uk",
    "https://api.education.gov.uk",
    "https://assets.publishing.service.gov.uk",
    "https://explore-education-statistics.service.gov.uk",
)
SETTING = "fetch_hosts"
_HOST = re.compile(r"[\w.:-]+")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Scheme, host and port of every place that may be asked; a redirect to any other is not followed."""

    origins: tuple[str, ...]

    def reason_against(self, address: str) -> str:
        """Why an address may not be asked, in words; "" where it may."""
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, ValueError):
            return "an address that cannot be read"
        if url.userinfo:
            return "an address with a name or password in it"
        if not url.host or url.scheme not in ("http", "https"):
            return "an address that is not of the web"
        if origin_of(url) in self.origins:
            return ""
        return f"an address on {shown(origin_of(url))}, which is not among the hosts that may be asked"


def origin_of(url: httpx.URL) -> str:
    """Scheme, host and port, as they are compared; the port that a scheme has anyway is left out."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{url.scheme}://{host}" + (f":{url.port}" if url.port is not None else "")


def allowed_hosts(more: str = "") -> Hosts:
    """The publishers' hosts, and those of the setting.

    Parameters
    ----------
    more : str
        Hosts with commas between them: ``files.example.org``, or with scheme and port where they are not those of
        https: ``http://mirror.example.org:8080``.

    Raises
    ------
    UsageError
        If one of them is no host.
    """
    return Hosts((*PUBLISHERS, *(_origin(part.strip()) for part in more.split(",") if part.strip())))


def _origin(text: str) -> str:
    try:
        url = httpx.URL(text if "://" in text else f"https://{text}")
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    is_plain = _HOST.fullmatch(url.host) and not url.userinfo and url.raw_path in (b"", b"/")
    if not is_plain or url.scheme not in ("http", "https"):
        # Whatever stands before an @ may be a password: it is not said, not even in part.
        words = "an address with a name or password in it" if "@" in text else f"{shown(text)!r}, which is no host"
        raise UsageError(
            f"reading the setting {SETTING}",
            found=words,
            todo="name hosts, with commas between them: files.example.org, https://mirror.example.org:8443",
        )
    return origin_of(url)
