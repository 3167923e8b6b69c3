"""What a person, or a program, is told of a fetch."""

from __future__ import annotations

from collections.abc import Iterator

from insight.core.area import printable, shown
from insight.fetching._cards import NOT_KNOWN
from insight.fetching._plan import Fetched, Outcome

_ORDER = ("fetched", "here", "failed", "refused", "stopped", "not tried", "by hand")
_SUMMARY = {
    "fetched": "fetched",
    "here": "here already",
    "failed": "failed",
    "refused": "refused",
    "stopped": "stopped",
    "not tried": "not tried",
    "by hand": "to take by hand",
}


def closing_words(fetched: Fetched, *, folder: str, resume: str, build: str) -> Iterator[str]:
    """What is there, what is not and why, and how to go on; line by line.

    Parameters
    ----------
    fetched : Fetched
    folder : str
        As the user gave it.
    resume, build : str
        The commands that go on, to paste.
    """
    outcomes = fetched.outcomes
    counts = {status: sum(outcome.status == status for outcome in outcomes) for status in _ORDER}
    yield ", ".join(f"{counts[status]} {_SUMMARY[status]}" for status in _ORDER if counts[status])
    for outcome in outcomes:
        yield from _news(outcome)
    for outcome in outcomes:
        if outcome.error is not None:
            yield f"\n{outcome.card.name}:"
            yield from (f"  {line}" for line in str(outcome.error).splitlines())
    by_hand = [outcome for outcome in outcomes if outcome.status == "by hand"]
    if by_hand:
        yield f"\nTo take by hand, into {folder}:"
        for outcome in by_hand:
            yield from _page(outcome)
    if fetched.interrupted:
        kept = sum(outcome.bytes for outcome in outcomes if outcome.status == "stopped")
        words = f"; {kept:,} bytes of it are kept" if kept else ""
        yield f"\nstopped{words}; go on with: {resume}"
    elif any(outcome.status in ("failed", "refused") for outcome in outcomes):
        yield f"\nTo try again:\n  {resume}"
    if counts["fetched"]:
        yield f"next: {build}"


def _news(outcome: Outcome) -> Iterator[str]:
    """What was put in place, and what a card should learn from it."""
    if outcome.status != "fetched":
        return
    yield f"  {outcome.card.file}: {outcome.bytes:,} bytes" + (
        f"; the old one is kept as {outcome.kept}" if outcome.kept else ""
    )
    if not outcome.card.sha256:
        yield f'    the card has no checksum yet: sha256 = "{outcome.sha256}"'


def _page(outcome: Outcome) -> Iterator[str]:
    card = outcome.card
    yield f"  {printable(card.title)}"
    yield f"    {printable(card.missing or NOT_KNOWN)}"
    if card.page:
        yield f"    page: {printable(card.page)}"
    yield f"    save as: {card.file}" + (f" (release {shown(card.release)})" if card.release else "")


def as_objects(fetched: Fetched) -> Iterator[dict[str, object]]:
    """The same for a program: an object for each file, a summary last."""
    for outcome in fetched.outcomes:
        card, error = outcome.card, outcome.error
        told: dict[str, object] = {
            "event": "file",
            "card": card.name,
            "file": card.file,
            "status": outcome.status,
            "release": card.release,
            "page": card.page,
            "sha256": outcome.sha256,
            "bytes": outcome.bytes,
            "kept": outcome.kept,
        }
        if error is not None:
            told |= {"code": error.code, "found": printable(error.found), "next": printable(error.todo)}
        yield told
    counts = {status.replace(" ", "_"): sum(each.status == status for each in fetched.outcomes) for status in _ORDER}
    yield {"event": "summary", **counts, "interrupted": fetched.interrupted, "exit_code": fetched.exit_code}
