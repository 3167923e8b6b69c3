"""Every file that is wanted, one after the other: a fault of one leaves the others their turn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from filelock import FileLock, Timeout

from insight.core.area import shown
from insight.core.fingerprint import file_sha256
from insight.core.first_bytes import head_of
from insight.errors import FileTrouble, InsightError, SourceRefused, UsageError
from insight.fetching._cards import MOST_BYTES, FetchCard, Origin
from insight.fetching._client import Pace, open_client
from insight.fetching._download import Arrived, download
from insight.fetching._hosts import Hosts
from insight.fetching._judge import is_gzip, require_type
from insight.fetching._part import PREFIX, Part
from insight.fetching._place import Fact, Facts, put
from insight.fetching._unpack import take_member, take_plain

Status = Literal["fetched", "here", "by hand", "failed", "refused", "stopped", "not tried"]
LOCK = f"{PREFIX}lock"
# These forms say at their own end that they are whole, and are looked at there.
_WITH_AN_END = frozenset({"ods", "parquet", "xlsx"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    Parameters
    ----------
    card : FetchCard
    status : str
        "fetched"; "here" if it was there already; "by hand" where no address is known; "failed" if it could not be
        had; "refused" if something else came; "stopped" in the middle; "not tried" where its turn did not come.
    error : InsightError or None
    sha256 : str
        Of the file in its place.
    bytes : int
        Of the file in its place; of one that was stopped, what has arrived and is kept.
    kept : str
        The name under which an older file is kept.
    """

    card: FetchCard
    status: Status
    error: InsightError | None = None
    sha256: str = ""
    bytes: int = 0
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of every file that was asked for."""

    outcomes: tuple[Outcome, ...]
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0 if every file is there; 130 if stopped; 3 if one was refused, else 1 if one is not there."""
        if self.interrupted:
            return 130
        if any(outcome.status == "refused" for outcome in self.outcomes):
            return SourceRefused.exit_code
        return int(any(outcome.status not in ("fetched", "here") for outcome in self.outcomes))


def fetch(
    cards: Sequence[FetchCard],
    folder: Path,
    *,
    hosts: Hosts,
    again: bool = False,
    pace: Pace | None = None,
    say: Callable[[str], None] = lambda words: None,
) -> Fetched:
    """Bring every file of these cards into a folder.

    A file that is there, with the card's checksum, is not asked for. An archive is downloaded once for all its members.
    An interruption is answered with what was done; what has arrived of the file in hand is kept for the next run.

    Parameters
    ----------
    cards : sequence of FetchCard
    folder : Path
        Made where it is not there.
    hosts : Hosts
        Where files may come from.
    again : bool
        Ask for files that are there, too.
    say : callable
        Hears one line for each step.

    Raises
    ------
    UsageError
        If another fetch into the folder is running, or the environment names a proxy that cannot be used.
    FileTrouble
        If the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise FileTrouble.of(f"making the folder {shown(folder.name)}", fault) from None
    found = {card.name: _without_network(card, folder, again=again) for card in cards}
    if all(outcome is not None for outcome in found.values()):
        return Fetched(tuple(outcome for outcome in found.values() if outcome is not None))
    outcomes: list[Outcome] = []
    with _alone(folder), open_client() as client:
        run = _Run(cards, folder, client, hosts, pace or Pace(), say)
        try:
            for card in cards:
                outcomes.append(found[card.name] or run.fetch(card))
        except KeyboardInterrupt:
            inhand, *rest = cards[len(outcomes) :]
            outcomes.append(found[inhand.name] or Outcome(inhand, "stopped", bytes=run.arrived(inhand)))
            outcomes += [found[card.name] or Outcome(card, "not tried") for card in rest]
            return Fetched(tuple(outcomes), interrupted=True)
        run.sweep(outcomes)
    return Fetched(tuple(outcomes))


def _without_network(card: FetchCard, folder: Path, *, again: bool) -> Outcome | None:
    """What can be said of a card without asking anybody; None if its file has to be fetched."""
    if not (again and card.origin) and (there := _there(card, folder)) is not None:
        return Outcome(card, "here", sha256=file_sha256(there), bytes=there.stat().st_size)
    return Outcome(card, "by hand") if card.origin is None else None


def _there(card: FetchCard, folder: Path) -> Path | None:
    """The file of a card, anywhere in the folder; without a checksum, the one that was fetched for this very card."""
    if card.sha256:
        candidates = [path for path in sorted(folder.rglob("*")) if path.name == card.file and path.is_file()]
        return next((path for path in candidates if file_sha256(path) == card.sha256), None)
    fact, target = Facts(folder).of(card.file), folder / card.file
    is_same = fact is not None and (card.origin is None or fact.address == _known_as(card.origin))
    if fact is not None and is_same and target.is_file() and file_sha256(target) == fact.sha256:
        return target
    return None


def _known_as(origin: Origin) -> str:
    return f"{origin.address}#{origin.member}" if origin.member else origin.address


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"fetching into the folder {shown(folder.name)}",
            found="another fetch that is writing into it",
            todo="wait until it ends",
        ) from None
    except OSError as fault:
        raise FileTrouble.of(f"writing into the folder {shown(folder.name)}", fault) from None
    try:
        yield
    finally:
        lock.release()


class _Run:
    """One run: a client, a folder, and the archives that several files are taken from."""

    def __init__(
        self,
        cards: Sequence[FetchCard],
        folder: Path,
        client: httpx.Client,
        hosts: Hosts,
        pace: Pace,
        say: Callable[[str], None],
    ) -> None:
        self._cards, self._folder, self._client, self._hosts = cards, folder, client, hosts
        self._pace, self._say = pace, say
        self._facts = Facts(folder)
        self._archives: dict[str, Arrived | InsightError] = {}

    def fetch(self, card: FetchCard) -> Outcome:
        """One file, or why not."""
        asked = f"fetching {shown(card.file)}"
        try:
            return self._fetch(card, asked)
        except SourceRefused as fault:
            return Outcome(card, "refused", fault)
        except InsightError as fault:
            return Outcome(card, "failed", fault)
        except OSError as fault:
            return Outcome(card, "failed", FileTrouble.of(asked, fault))

    def arrived(self, card: FetchCard) -> int:
        """Bytes of a file or its archive that the next run can go on with."""
        if card.origin is None:
            return 0
        part = self._part(card.origin, card.file)
        return part.size if part.held(card.origin.address) else 0

    def sweep(self, outcomes: Sequence[Outcome]) -> None:
        """Remove archives, but for those that a file could not be taken from yet."""
        waiting = {each.card.origin.address for each in outcomes if each.card.origin and each.status == "failed"}
        for origin in {card.origin for card in self._cards if card.origin and card.origin.kind == "zip"}:
            if origin.address in self._archives and origin.address not in waiting:
                self._part(origin, "").forget()

    def _fetch(self, card: FetchCard, asked: str) -> Outcome:
        origin = card.origin
        if origin is None:
            return Outcome(card, "by hand")
        self._say(f"{card.name}: {card.file} from {shown(httpx.URL(origin.address).host)}")
        unpacked = self._folder / f"{PREFIX}{card.file}.whole"
        try:
            made = self._made(card, origin, unpacked, asked)
            checksum, size = file_sha256(made), made.stat().st_size
            kept = put(made, self._folder / card.file, cards=self._cards, facts=self._facts)
        finally:
            with suppress(OSError):
                unpacked.unlink(missing_ok=True)
        self._facts.keep(card.file, Fact(checksum, card.release, card.published, _known_as(origin)))
        if origin.kind != "zip":
            self._part(origin, card.file).forget()
        return Outcome(card, "fetched", sha256=checksum, bytes=size, kept=kept)

    def _made(self, card: FetchCard, origin: Origin, unpacked: Path, asked: str) -> Path:
        """The finished file, checked; once more from the beginning where it was put together and does not fit."""
        for attempt in (1, 2):
            arrived = self._arrived(origin, card.file, asked)
            try:
                return self._checked(card, origin, arrived, unpacked, asked)
            except SourceRefused:
                if origin.kind != "zip" or arrived.is_pieced:
                    self._part(origin, card.file).forget()
                    self._archives.pop(origin.address, None)
                if attempt == 2 or not arrived.is_pieced:
                    raise
                self._say(f"{card.name}: what an earlier try left does not fit; once more from the beginning")
        raise AssertionError  # the second attempt returns or raises

    def _arrived(self, origin: Origin, file: str, asked: str) -> Arrived:
        """Bring what an address gives into its part; an archive once for all that is in it."""
        known = self._archives.get(origin.address)
        if isinstance(known, InsightError):
            raise type(known)(asked, found=known.found, todo=known.todo)
        if known is not None:
            return known
        is_archive = origin.kind == "zip"
        try:
            arrived = download(
                origin.address,
                self._part(origin, file),
                client=self._client,
                hosts=self._hosts,
                most_bytes=MOST_BYTES if is_archive else origin.most_bytes,
                coding="gzip" if origin.kind == "api" else "identity",
                asked=asked,
                pace=self._pace,
                say=self._say,
            )
        except InsightError as fault:
            if is_archive:
                self._archives[origin.address] = fault
            raise
        if is_archive:
            self._archives[origin.address] = arrived
        return arrived

    def _checked(self, card: FetchCard, origin: Origin, arrived: Arrived, unpacked: Path, asked: str) -> Path:
        """The file out of what has arrived, if it is what the card promises."""
        part = self._part(origin, card.file).path
        made = unpacked
        if origin.kind == "zip":
            take_member(part, origin.member, into=unpacked, most_bytes=origin.most_bytes, asked=asked)
        elif arrived.coding == "gzip" or (origin.kind == "api" and is_gzip(head_of(part))):
            take_plain(part, into=unpacked, most_bytes=origin.most_bytes, asked=asked)
        else:
            made = part
        require_type(made, kind=origin.type, asked=asked)
        is_measured = arrived.is_end_known or made is unpacked or origin.type in _WITH_AN_END
        if not is_measured and not card.sha256:
            raise SourceRefused(
                asked,
                found="a file of which the server does not say how long it is: it may have been cut off on the way",
                todo="save the file by hand from the publication's page, or give the card its sha256 and fetch again",
            )
        checksum = file_sha256(made)
        if card.sha256 and checksum != card.sha256:
            raise SourceRefused(
                asked,
                found=f"other bytes than the card was written for: sha256 {checksum[:12]}…, the card says "
                f"{card.sha256[:12]}…",
                todo="look at the publication's page: if the file was issued again, write a card for the new issue, "
                f'with its release, its day and sha256 = "{checksum}"',
            )
        return made

    def _part(self, origin: Origin, file: str) -> Part:
        key = f"{hashlib.sha256(origin.address.encode()).hexdigest()[:16]}.zip" if origin.kind == "zip" else file
        return Part(self._folder, key)
