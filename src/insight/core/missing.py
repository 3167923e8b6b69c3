"""Missing is a type: a value, or the reason why there is none."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Why a cell holds what it holds. Only ``VALUE`` comes with a number."""

    VALUE = "value"
    SUPPRESSED = "suppressed"
    NOT_AVAILABLE = "not available"
    NOT_APPLICABLE = "not applicable"
    LOW_RELIABILITY = "low reliability"
    ROUNDS_TO_ZERO = "rounds to zero"
    UNSPECIFIED = "unspecified"
    NO_ROW = "no row"


# Government Statistical Service symbols; ":" and "~" are their obsolete forms (analysts' guide, statistics production).
SYMBOLS: dict[str, Status] = {
    "c": Status.SUPPRESSED,
    "x": Status.NOT_AVAILABLE,
    ":": Status.NOT_AVAILABLE,
    "z": Status.NOT_APPLICABLE,
    "u": Status.LOW_RELIABILITY,
    "low": Status.ROUNDS_TO_ZERO,
    "k": Status.ROUNDS_TO_ZERO,
    "~": Status.ROUNDS_TO_ZERO,
}

_WORDS = {
    Status.SUPPRESSED: "withheld to protect people",
    Status.NOT_AVAILABLE: "not available",
    Status.NOT_APPLICABLE: "not applicable",
    Status.LOW_RELIABILITY: "withheld: low reliability",
    Status.ROUNDS_TO_ZERO: "above zero, rounds to zero",
    Status.UNSPECIFIED: "missing, reason not given",
    Status.NO_ROW: "no row published",
}


def in_words(status: Status | str) -> str:
    """The reason as a reader should meet it.

    >>> in_words("suppressed")
    'withheld to protect people'
    """
    return _WORDS.get(Status(status), "value")


def combine(*statuses: Status | str) -> Status:
    """The status of a number computed from several cells: hidden as soon as one of them is.

    >>> combine("value", "suppressed").value
    'suppressed'
    """
    return next((Status(status) for status in statuses if Status(status) is not Status.VALUE), Status.VALUE)
