"""A server of our own, a clock that does not wait, and an environment without proxies."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from insight.fetching import FetchCard, Fetched, Hosts, Origin, Outcome, Pace, fetch
from tests.fetching.server import Server, running

TABLE = b"time_period,la_name,cases\n" + b"".join(b"2025,Ashquarry,%d\n" % number for number in range(20_000))
SMALL = b"time_period,la_name,cases\n2025,Ashquarry,12\n"


@dataclass
class Clock:
    """Time that passes only while somebody sleeps, and a step for each look at it."""

    step: float = 0.0
    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        """The time."""
        self.time += self.step
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.time += seconds

    @property
    def pace(self) -> Pace:
        """The usual pace by this clock."""
        return Pace(sleep=self.sleep, now=self.now)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has set."""
    for name in list(os.environ):
        if name.upper().endswith("_PROXY") or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)


@pytest.fixture()
def server() -> Iterator[Server]:
    """A server that does what it is told."""
    own = Server()
    with running(own):
        yield own


@pytest.fixture()
def clock() -> Clock:
    """A clock that nobody waits for."""
    return Clock()


def made_card(address: str, *, file: str = "cases.csv", data: bytes | None = None, **more: Any) -> FetchCard:
    """A card of a file at an address; with the checksum of its data, if they are given."""
    origin: dict[str, Any] = {"kind": "file", "type": "csv", "most_bytes": 10_000_000, "member": ""} | {
        name: more.pop(name) for name in ("kind", "type", "most_bytes", "member") if name in more
    }
    told = {
        "name": file.partition(".")[0],
        "title": "Cases",
        "release": "2025",
        "published": "",
        "sha256": hashlib.sha256(data).hexdigest() if data is not None else "",
        "page": "https://explore-education-statistics.service.gov.uk/find-statistics/cases",
    } | more
    return FetchCard(file=file, origin=Origin(address=address, **origin), **told)


@dataclass
class Fetching:
    """Fetches into one folder with one server's host allowed, and remembers what was said."""

    folder: Path
    hosts: Hosts
    clock: Clock
    said: list[str] = field(default_factory=list)

    def all(self, *cards: FetchCard, again: bool = False, pace: Pace | None = None) -> Fetched:
        """Fetch several files."""
        pace = pace or self.clock.pace
        return fetch(cards, self.folder, hosts=self.hosts, again=again, pace=pace, say=self.said.append)

    def one(self, card: FetchCard, **more: Any) -> Outcome:
        """Fetch one file."""
        (outcome,) = self.all(card, **more).outcomes
        return outcome

    @property
    def files(self) -> dict[str, bytes]:
        """What is in the folder, hidden files too, but for the notebook and the lock."""
        found = {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        return {name: data for name, data in sorted(found.items()) if name not in (".fetched.json", ".fetching-lock")}


@pytest.fixture()
def fetching(tmp_path: Path, server: Server, clock: Clock) -> Fetching:
    """Ready to fetch from the server."""
    return Fetching(tmp_path / "raw", Hosts((server.origin,)), clock)


def words(outcome: Outcome) -> str:
    """What a person is told of an outcome that is none."""
    assert outcome.error is not None, outcome
    return str(outcome.error)
