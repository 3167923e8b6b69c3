"""What one file is, and what is wrong with it, on a page of plain words; nothing is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from insight.core.area import printable, shown
from insight.core.described import Described, Description
from insight.core.fingerprint import file_sha256
from insight.core.html import SAMPLE_BANNER
from insight.core.register import Register
from insight.errors import FileTrouble, InsightError, SourceRefused, UsageError
from insight.sources import Reading, SourceModule, all_sources, source_of
from insight.store._cards import Card, published_in_name, read_cards
from insight.store._check_rows import levels_in_words, named, of_rows
from insight.store._looks import describe_unknown
from insight.store._register import is_register

NOT_PUBLISHED = "not published"
"""The licence of a source whose files are an authority's own: their cells are never printed."""
_QUOTED = re.compile(r"'[^']*'")

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, repr=False)
class FileReport(Described):
    """What a file is.

    Parameters
    ----------
    file : str
        Its name.
    facts : tuple of (label, words)
    verdict : str
        Whether a build takes it in, in one sentence.
    error : InsightError or None
        Why a build refuses it.
    is_known : bool
        Whether it is a file of a source that there is.
    is_sample : bool
        Whether its areas are invented.
    """

    file: str
    facts: Facts
    verdict: str
    error: InsightError | None = None
    is_known: bool = True
    is_sample: bool = False

    @property
    def exit_code(self) -> int:
        """0 if a build takes the file in, else 3: it is refused, or left alone."""
        if self.error is not None:
            return self.error.exit_code
        return 0 if self.is_known else SourceRefused.exit_code

    def describe(self) -> Description:
        """The facts, and the verdict last."""
        return Description(
            printable(self.file), self.facts, note=self.verdict, banner=SAMPLE_BANNER if self.is_sample else None
        )


def check_file(path: Path, *, cards: Sequence[Path] = ()) -> FileReport:
    """Read one file as a build would, and say what it is.

    Parameters
    ----------
    path : Path
        A text file, workbook or Parquet file. A register of areas beside it is used, as a build would.
    cards : sequence of Path
        Provenance cards; the one with the file's checksum is named.

    Raises
    ------
    UsageError
        If there is no such file.
    FileTrouble
        If it cannot be opened.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise UsageError(f"checking {shown(path.name)!r}", found=found, todo="give the path of one file")
    try:
        return _checked(path, read_cards(cards).get(file_sha256(path)))
    except OSError as fault:
        raise FileTrouble.of(f"reading {shown(path.name)}", fault) from None


def _checked(path: Path, card: Card | None) -> FileReport:
    size = ("size", f"{path.stat().st_size:,} bytes")
    if path.name.startswith(("~$", ".~lock.")):
        words = "the mark that a spreadsheet program leaves beside a file that it has open; no data"
        return FileReport(path.name, (size, ("what it is", words)), "A build leaves it alone.", is_known=False)
    if is_register(path):
        return _of_register(path, size)
    module: SourceModule | None = None
    try:
        module = source_of(path)
        if module is None:
            facts = (size, *describe_unknown(path))
            return FileReport(path.name, facts, "A build leaves it alone: it is no file known here.", is_known=False)
        register = _register_beside(path)
        reading = _read(path, module, register)
    except InsightError as fault:
        return _refused(path, fault, module, size)
    facts = tuple(_facts(reading, module, register, size, _published(card, path)))
    verdict = "A build takes it in: python -m insight build --raw FOLDER"
    return FileReport(path.name, facts, verdict, is_sample=register.is_sample)


def _register_beside(path: Path) -> Register:
    """The register of the file's own folder, or the packaged one."""
    others = (other for other in sorted(path.parent.iterdir()) if other.suffix.lower() == ".csv" and other.is_file())
    return Register.read(next((other for other in others if is_register(other)), None))


def _read(path: Path, module: SourceModule, register: Register) -> Reading:
    """The file, read: with the newest of those beside it that explain it, where it needs one."""
    if not module.COMPANION:
        return module.read(path, register)
    companion = all_sources()[module.COMPANION]
    beside, unread = _beside(path, companion)
    if not beside:
        raise SourceRefused(
            f"reading {shown(path.name)}",
            found="a table whose measures another file explains, and no such file beside it"
            + (f" that can be read; refused there: {named(unread)}" if unread else ""),
            todo=f"put this beside it: {companion.SOURCE.title}" + ("; or check the refused one" if unread else ""),
        )
    readings = [(companion.read(other, register), other.name) for other in beside]
    newest, _ = max(readings, key=lambda each: (each[0].release, each[1]))
    return module.read_with(path, register, newest.indicators)


def _beside(path: Path, companion: SourceModule) -> tuple[list[Path], list[str]]:
    """The files of a source in a file's own folder, and the names of those that no build would take in."""
    found, unread = [], []
    for other in sorted(each for each in path.parent.iterdir() if each != path and each.is_file()):
        try:
            if source_of(other) is companion:
                found.append(other)
        except (InsightError, OSError):
            unread.append(shown(other.name))
    return found, unread


def _refused(path: Path, fault: InsightError, module: SourceModule | None, size: tuple[str, str]) -> FileReport:
    found = fault.found
    facts = [size]
    if module is not None:
        facts.append(_what(module))
        if _is_own(module):
            # Of a file that nobody has published, a message names lines and columns, and no cell.
            found = _QUOTED.sub("'…'", found)
    facts += [("wrong", f"{fault.code} {fault.asked}: {found}"), ("what to do", fault.todo)]
    return FileReport(path.name, tuple(facts), "A build refuses it, and leaves its store as it was.", error=fault)


def _of_register(path: Path, size: tuple[str, str]) -> FileReport:
    what = ("what it is", "a register of areas, which a build uses for the folder that it lies in")
    try:
        register = Register.read(path)
    except InsightError as fault:
        return _refused(path, fault, None, size)
    levels = Counter[str](area.level for area in register.areas)
    return FileReport(
        path.name,
        (what, size, ("areas", levels_in_words(levels))),
        "A build uses it for its own folder.",
        is_sample=register.is_sample,
    )


def _what(module: SourceModule) -> tuple[str, str]:
    return ("what it is", f"{module.SOURCE.title}; {module.SOURCE.publisher}")


def _is_own(module: SourceModule) -> bool:
    return module.SOURCE.licence == NOT_PUBLISHED


def _published(card: Card | None, path: Path) -> str:
    if card is not None:
        return f"{card.published or 'on a day that is not recorded'}, as its card {shown(card.name)} says"
    day = published_in_name(path.name)
    return f"{day}, as its name says" if day else "not recorded: no card has its checksum"


def _facts(
    reading: Reading, module: SourceModule, register: Register, size: tuple[str, str], published: str
) -> Iterator[tuple[str, str]]:
    """Everything there is to say of a file that was read."""
    is_own = _is_own(module)
    yield _what(module)
    yield "layout", reading.layout
    yield "release", f"{reading.release}, its newest period"
    if not is_own:
        yield "published", published
    yield size
    yield "written as", reading.encoding
    yield "rows", f"{reading.rows_read:,} read, {reading.rows_kept:,} kept"
    yield from of_rows(reading, register, is_own=is_own)
    lists = {
        "neighbours": reading.neighbours,
        "programmes": reading.programmes,
        "judgements": reading.judgements,
        "aims": reading.aims,
        "measures explained": reading.indicators,
    }
    yield from ((label, f"{len(several):,}") for label, several in lists.items() if several)
    for aside in reading.set_aside:
        names = "" if is_own else named(sorted(name for name in aside.names if name))
        yield "set aside", f"{aside.count:,}: {aside.reason}" + (f" ({names})" if names else "")
    yield from _notes(reading, is_own=is_own)
    yield from (("known problem", problem) for problem in module.SOURCE.known_problems)


def _notes(reading: Reading, *, is_own: bool) -> Iterator[tuple[str, str]]:
    """What was accepted although it is unusual; of an own file, nothing that names one of its cells."""
    cells = set(reading.rows["breakdown"].astype(str)) - {""} if is_own and len(reading.rows) else set()
    plain = [note for note in reading.notes if not any(cell in note for cell in cells)]
    yield from (("accepted", note) for note in plain)
    if hidden := len(reading.notes) - len(plain):
        yield "accepted", f"{hidden} more, which name sites of the file and are said on its pages"
