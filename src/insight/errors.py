"""Every error a user can meet: a code, what was asked, what was found, what to do next.

No message holds a value of a child's record: errors speak of files, columns, row numbers and published names.
Each class has an entry in ``docs/errors.md`` (a test compares the two).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar


class InsightError(Exception):
    """Something a person can mend; never shown with a traceback.

    Parameters
    ----------
    asked : str
        What was being done, or what was asked for.
    found : str
        What was found instead.
    todo : str
        What to do next.
    """

    code: ClassVar[str] = "E000"
    exit_code: ClassVar[int] = 1

    def __init__(self, asked: str, *, found: str, todo: str) -> None:
        super().__init__(asked, found, todo)
        self.asked, self.found, self.todo = asked, found, todo

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.asked, self.found, self.todo))

    def __str__(self) -> str:
        return f"{self.code} {self.asked}\n  found: {self.found}\n  next:  {self.todo}"

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback: the message, in which no terminal code works."""
        return ["".join(mark if mark.isprintable() else "\ufffd" for mark in line) for line in str(self).split("\n")]


def _rebuild(kind: type[InsightError], asked: str, found: str, todo: str) -> InsightError:
    return kind(asked, found=found, todo=todo)


class AreaError(InsightError):
    """A place that the register cannot give."""

    code = "E100"
    exit_code = 2


class UnknownArea(AreaError):
    """No area has this code, name or alias."""

    code = "E101"


class AmbiguousArea(AreaError):
    """The name belongs to more than one area."""

    code = "E102"


class AbolishedArea(AreaError):
    """The area no longer exists; its successors are named."""

    code = "E103"


class RegisterError(AreaError):
    """The register's own file contradicts itself."""

    code = "E104"
    exit_code = 3


class PeriodError(InsightError):
    """A period that is not written as the publisher writes it."""

    code = "E110"
    exit_code = 2


class PanelError(InsightError):
    """A selection, lag or join that the panel cannot give."""

    code = "E120"
    exit_code = 2


class SourceRefused(InsightError):
    """A file that cannot be taken in; the store stays as it was."""

    code = "E200"
    exit_code = 3


class SourceChanged(SourceRefused):
    """A file resembles a known layout without equalling it."""

    code = "E201"


class NotTabular(SourceRefused):
    """The bytes are a web page, an archive, a PDF or nothing, whatever the file's name says."""

    code = "E202"


class UnreadableText(SourceRefused):
    """Undecodable bytes, ragged rows, an unclosed quote, a NUL, or no rows below the header."""

    code = "E203"


class UnknownSymbol(SourceRefused):
    """A cell is neither a number nor a symbol that this release explains."""

    code = "E204"


class RuleBroken(SourceRefused):
    """A value that cannot be: a negative count, a share above 100, a part larger than its whole."""

    code = "E205"


class DuplicateKey(SourceRefused):
    """Two rows, or two columns, claim the same place."""

    code = "E206"


class GeographyConflict(SourceRefused):
    """Code, old code, name or region of a row contradict each other or the register."""

    code = "E207"


class ReleaseConflict(SourceRefused):
    """Two different files claim to be the same release."""

    code = "E208"


class StoreMissing(InsightError):
    """No store has been built for this raw folder."""

    code = "E300"
    exit_code = 3


class StoreDamaged(InsightError):
    """The store's manifest and its files disagree."""

    code = "E301"
    exit_code = 3


class UsageError(InsightError):
    """A flag, parameter or setting that cannot be used."""

    code = "E400"
    exit_code = 2


class UnknownStudy(UsageError):
    """No study has this name."""

    code = "E401"


class NotEnoughData(InsightError):
    """Too few rows or units for the method asked for."""

    code = "E500"


class MethodRefused(InsightError):
    """The method is not valid for this many units; the alternative is named."""

    code = "E501"


class DisclosureBlocked(InsightError):
    """The gate holds a result back."""

    code = "E600"
    exit_code = 4


class NotDisplayable(InsightError):
    """A display object was given something that is not plain, finite content."""

    code = "E601"


class PageRefused(InsightError):
    """A notebook's output cannot become a page; the cell is named."""

    code = "E700"


class PageFailed(InsightError):
    """A notebook stopped before its end; the cell is named."""

    code = "E701"


class UndeclaredRead(PageFailed):
    """A notebook read a file that its study does not declare, so a change of it would go unnoticed."""

    code = "E702"


class TimedOut(PageFailed):
    """A page, or one of its cells, ran for longer than it may."""

    code = "E703"


class ProcessDied(PageFailed):
    """The process that made a page ended before its end; too little memory is the usual reason."""

    code = "E704"


class FileTrouble(InsightError):
    """The system will not read or write a file: no space, no permission, or another program has it open."""

    code = "E800"

    @classmethod
    def of(cls, asked: str, fault: OSError) -> FileTrouble:
        """The system's own words, without the path: what is asked says which file."""
        return cls(
            asked,
            found=f"the system says: {fault.strerror or type(fault).__name__}",
            todo="make room, close the program that has the file open, or choose another folder; then run it again",
        )


class FolderHeld(InsightError):
    """Another run is writing into the output folder; its owner is named."""

    code = "E801"
    exit_code = 2


class NotReady(InsightError):
    """Something that a run needs is not on this machine, or too old."""

    code = "E802"
    exit_code = 2


class SchedulerTrouble(InsightError):
    """The scheduler cannot be reached, or its workers cannot do the work."""

    code = "E803"


class DownloadFailed(InsightError):
    """A published file could not be downloaded; what stood in its place is untouched."""

    code = "E804"


class SiteDamaged(InsightError):
    """A file of a published site is not what its manifest says, or the manifest itself cannot be used."""

    code = "E805"


class RawDiffers(InsightError):
    """The raw files are not those that a site was made from; which one, and of which release, is named."""

    code = "E806"
    exit_code = 3


class NoBrowser(InsightError):
    """There is no Chromium, Chrome or Edge that could make a PDF."""

    code = "E810"
    exit_code = 2


class PdfFailed(InsightError):
    """A browser did not make a whole, tagged PDF of a page; what stood in its place is untouched."""

    code = "E811"


class UnexpectedError(InsightError):
    """A fault in insight itself, shown with a fingerprint and without data."""

    code = "E900"


def in_words(error: Exception) -> InsightError:
    """Any fault of a command in words, without its own, which may hold data; one that has words keeps them."""
    if isinstance(error, InsightError):
        return error
    if isinstance(error, OSError):
        named = f" with {Path(os.fsdecode(error.filename)).name!r}" if isinstance(error.filename, str | bytes) else ""
        return FileTrouble.of(f"running this command{named}", error)
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] != "insight":
        return NotReady(
            "running this command",
            found=f"no library that gives {error.name.partition('.')[0]}",
            todo="install the libraries again: python -m pip install --require-hashes -r requirements.lock",
        )
    return UnexpectedError(
        "running this command",
        found=f"an unexpected {type(error).__name__}",
        todo="set INSIGHT_DEBUG=1 and run it again to see where, and report that",
    )
