"""One download: a few tries, going on where it was cut off, never longer than it may take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn

import httpx

from insight.core.area import shown
from insight.core.first_bytes import HEAD_BYTES
from insight.core.whole import NO_ROOM, free_bytes
from insight.errors import FileTrouble, SourceRefused
from insight.fetching._client import Pace, ask
from insight.fetching._hosts import Hosts
from insight.fetching._judge import refusal, said_in
from insight.fetching._part import Held, Part
from insight.fetching._trouble import TryAgain, failed, proxy_wants_a_name

CHUNK_BYTES = 65_536
LATER = "run the same command again later: what has arrived is kept"
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
_ACCEPTED = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip"}


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has arrived, and what is known of it.

    Parameters
    ----------
    coding : str
        How the bytes are packed: "gzip" or "".
    is_pieced : bool
        Whether they came in several pieces.
    is_end_known : bool
        Whether the server said where the file ends. If not, a connection that was cut off looks like the end.
    """

    coding: str
    is_pieced: bool
    is_end_known: bool = True


def download(
    address: str,
    part: Part,
    *,
    client: httpx.Client,
    hosts: Hosts,
    most_bytes: int,
    coding: str,
    asked: str,
    pace: Pace,
    say: Callable[[str], None],
) -> Arrived:
    """Bring the whole of a file into its hidden part.

    Parameters
    ----------
    address : str
        What to ask for.
    part : Part
        What an earlier run left is gone on with if the server can, and if the file has not changed since.
    most_bytes : int
        More are refused, before or while they arrive.
    coding : str
        "gzip" if the server may pack the bytes for the way, else "identity".
    asked : str
        What is being done, for messages.
    say : callable
        Hears why and for how long it waits.

    Raises
    ------
    DownloadFailed
        If the server has no such file, or does not give it within the tries and the time that there are.
    SourceRefused
        If it gives a web page, or more bytes than a published file has.
    FileTrouble
        If the file cannot be written.
    """
    request = _Request(address, part, client, hosts, most_bytes, coding, asked, pace)
    return request.run(say)


class _Request:
    """The tries for one file."""

    def __init__(
        self,
        address: str,
        part: Part,
        client: httpx.Client,
        hosts: Hosts,
        most_bytes: int,
        coding: str,
        asked: str,
        pace: Pace,
    ) -> None:
        self._address, self._part, self._client, self._hosts = address, part, client, hosts
        self._most, self._coding, self._asked, self._pace = most_bytes, coding, asked, pace
        self._end = pace.now() + pace.longest
        self._is_pieced, self._is_end_known = False, True

    def run(self, say: Callable[[str], None]) -> Arrived:
        """Try until the file is there, or there is no use in trying."""
        for attempt in range(1, self._pace.tries + 1):
            try:
                coding = self._once()
                return Arrived(coding, self._is_pieced, self._is_end_known)
            except TryAgain as fault:
                self._pause(fault, attempt, say)
            except OSError as fault:
                self._refuse_disk(fault)
        raise AssertionError  # the last pause raises

    def _pause(self, fault: TryAgain, attempt: int, say: Callable[[str], None]) -> None:
        """Wait before the next try, or give up in words."""
        pause = self._pace.first_pause * 2 ** (attempt - 1) if fault.wait is None else fault.wait
        if attempt == self._pace.tries:
            tries = f"after {attempt} tries" if attempt > 1 else "after one try"
            raise failed(self._asked, f"{fault.words}, {tries}{self._kept()}", LATER) from None
        if pause > self._pace.longest_pause:
            raise failed(
                self._asked, f"{fault.words}, and asks to be left alone for {pause:.0f} seconds", LATER
            ) from None
        if self._pace.now() + pause > self._end:
            self._refuse_slow()
        say(f"{fault.words}; once more in {pause:.0f} s" if pause else f"{fault.words}; once more")
        self._pace.sleep(pause)

    def _once(self) -> str:
        held, offset = self._part.held(self._address), self._part.size
        if held is not None and held.length is not None and offset > held.length:
            held = None
        headers = {"Accept-Encoding": self._coding}
        if held is not None:
            headers |= {"Range": f"bytes={offset}-", "If-Range": held.validator}
        with ask(self._client, self._address, headers=headers, hosts=self._hosts, asked=self._asked) as response:
            if held is not None and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                self._is_pieced = self._is_end_known = True
                return self._complete(held, response, offset)
            if held is not None and response.status_code == httpx.codes.PARTIAL_CONTENT:
                self._require_rest(held, response, offset)
                self._is_pieced = True
            elif response.status_code == httpx.codes.OK:
                held, self._is_pieced = self._begun(response), False
            else:
                self._refuse_status(response)
            self._is_end_known = held.length is not None or _says_where_it_ends(response)
            self._require_room(held)
            self._part.add(self._arriving(response))
        if held.length is not None and self._part.size != held.length:
            words = f"{self._part.size:,} bytes arrived of {held.length:,}"
            if self._part.size > held.length:
                self._part.forget()
            raise TryAgain(words)
        return held.coding

    def _begun(self, response: httpx.Response) -> Held:
        """A new part for the whole file, if the answer can be one."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html" or kind.endswith("json"):
            raise refusal(self._asked, said_in(_head(response)) or ("a web page" if kind == "text/html" else "JSON"))
        coding = response.headers.get("content-encoding", "").strip().lower()
        if coding not in _ACCEPTED:
            raise failed(self._asked, f"bytes packed as {shown(coding)!r}, which was not asked for", LATER)
        length = response.headers.get("content-length", "")
        held = Held(self._address, _validator(response), int(length) if length.isdecimal() else None, _ACCEPTED[coding])
        self._part.begin(held)
        return held

    def _require_rest(self, held: Held, response: httpx.Response, offset: int) -> None:
        """Refuse another part than the one asked for: glued together they would be no file at all."""
        found = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
        is_rest = found is not None and found[1] == str(offset)
        is_same = found is not None and (held.length is None or found[3] in ("*", str(held.length)))
        coding = response.headers.get("content-encoding", "").strip().lower()
        if not (is_rest and is_same and _ACCEPTED.get(coding) == held.coding):
            self._part.forget()
            raise TryAgain("the server gave another part than the one asked for", wait=0.0)

    def _complete(self, held: Held, response: httpx.Response, offset: int) -> str:
        """Nothing is left to ask for: the part is the whole, or belongs to a file that has changed."""
        found = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
        if found is not None and found[3] == str(offset):
            return held.coding
        self._part.forget()
        raise TryAgain("the file has changed since the first part of it arrived", wait=0.0)

    def _require_room(self, held: Held) -> None:
        if held.length is None:
            return
        if held.length > self._most:
            self._refuse_size(f"{held.length:,} bytes")
        free, needed = free_bytes(self._part.folder), held.length - self._part.size
        if free is not None and free < needed:
            self._part.forget()
            raise FileTrouble(
                self._asked,
                found=f"{free:,} bytes free on the disk of the folder; {needed:,} are needed",
                todo="make room, or choose another folder with --raw; then run it again",
            )

    def _arriving(self, response: httpx.Response) -> Iterator[bytes]:
        size = self._part.size
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > self._most:
                self._refuse_size(f"more than {self._most:,} bytes")
            yield chunk
            if self._pace.now() > self._end:
                self._refuse_slow()

    def _refuse_status(self, response: httpx.Response) -> NoReturn:
        status = response.status_code
        if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
            raise proxy_wants_a_name(self._asked)
        host = shown(response.url.host)
        if status in _PASSING:
            raise TryAgain(f"{host} answers {status}{_MEANING.get(status, '')}", wait=_wait(response))
        said = said_in(_head(response))
        raise failed(
            self._asked,
            f"{host} answers {status}{_MEANING.get(status, '')}" + (f", with {said}" if said else ""),
            "look at the publication's page: the release may have another address now; then correct the card"
            if status in (404, 410)
            else "open the publication's page in a browser; if that works, ask whether a proxy stands between",
        )

    def _refuse_size(self, found: str) -> NoReturn:
        self._part.forget()
        raise SourceRefused(
            self._asked,
            found=f"{found}, where the card allows {self._most:,}",
            todo="look at the publication's page; if the file has grown, give the card a larger limit: bytes = ...",
        )

    def _refuse_slow(self) -> NoReturn:
        found = f"no end after {self._pace.longest:.0f} seconds{self._kept()}"
        raise failed(self._asked, found, LATER) from None

    def _refuse_disk(self, fault: OSError) -> NoReturn:
        size = self._part.size
        if fault.errno in NO_ROOM:
            with suppress(OSError):
                self._part.forget()
        trouble = FileTrouble.of(self._asked, fault)
        more = f"; {size:,} bytes had arrived" if size else ""
        raise FileTrouble(self._asked, found=trouble.found + more, todo=trouble.todo) from None

    def _kept(self) -> str:
        size = self._part.size
        return f"; {size:,} bytes are kept" if size and self._part.held(self._address) else ""


_MEANING = {
    401: " (wants a login)",
    403: " (forbidden)",
    404: " (not found)",
    410: " (no longer there)",
    429: " (asked too often)",
    503: " (not available now)",
    504: " (not in time)",
}


def _validator(response: httpx.Response) -> str:
    """What tells one state of a file from another; a weak tag does not, byte for byte."""
    tag: str = response.headers.get("etag", "").strip()
    strong = tag if tag.startswith('"') else ""
    return strong or response.headers.get("last-modified", "").strip()


def _says_where_it_ends(response: httpx.Response) -> bool:
    """Whether the end of the connection is not the only end of the answer (RFC 9112, 6.3)."""
    told = response.headers
    return "content-length" in told or "chunked" in told.get("transfer-encoding", "").lower()


def _wait(response: httpx.Response) -> float | None:
    """Seconds that a server asks to wait; a time of day counts from the server's own clock."""
    given = response.headers.get("retry-after", "").strip()
    if given.isdecimal() and given.isascii():
        return float(given[:9])
    with suppress(ValueError, TypeError):
        until, now = (_moment(text) for text in (given, response.headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    return None


def _moment(text: str) -> datetime:
    return parsedate_to_datetime(text)


def _head(response: httpx.Response) -> bytes:
    """The beginning of a body that is not the file, unpacked."""
    head = b""
    with suppress(httpx.HTTPError):
        for chunk in response.iter_bytes(CHUNK_BYTES):
            head += chunk
            if len(head) >= HEAD_BYTES:
                break
    return head[:HEAD_BYTES]
