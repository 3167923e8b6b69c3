"""The years of the interactive tool, which it writes in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from insight.core.period import PeriodKind

# What stands in brackets behind a year.
MARKS = {"rev": "revised", "final": "final", "prov": "provisional", "ot": "outturn"}
_SPELLINGS = (
    re.compile(r"(?P<last>[0-9]{4})"),
    re.compile(r"(?P<first>[0-9]{4})[-/](?P<tail>[0-9]{2})"),
    re.compile(r"(?P<first>[0-9]{4})/(?P<one>[0-9]{2})-(?P<two>[0-9]{2})/(?P<tail>[0-9]{2})"),
)
_MARKED = re.compile(r"(.*?)\s*\(([A-Za-z]+)\)")
_THREE = {
    PeriodKind.CALENDAR_YEAR: PeriodKind.THREE_CALENDAR_YEARS,
    PeriodKind.YEAR_TO_MARCH: PeriodKind.THREE_YEARS_TO_MARCH,
}


@dataclass(frozen=True, slots=True)
class Years:
    """The year in which a period ends, whether it is three years long, and how the publisher marks it."""

    label: int
    is_three: bool = False
    mark: str = ""


def years_of(text: str) -> Years | None:
    """What a spelling stands for, or None where it stands for nothing.

    A year and the next, as in 2023-24, is one year; a year and the one after that, as in 2014-16, is three.

    Examples
    --------
    >>> years_of("2022-23 (OT)"), years_of("2014-16").is_three, years_of("2013/14-15/16").label, years_of("0")
    (Years(label=2023, is_three=False, mark='outturn'), True, 2016, None)
    """
    marked = _MARKED.fullmatch(text)
    plain, mark = (marked[1], MARKS.get(marked[2].lower(), "")) if marked else (text, "")
    if marked and not mark:
        return None
    for spelling in _SPELLINGS:
        found = spelling.fullmatch(plain)
        if found:
            return _read({name: int(part) for name, part in found.groupdict().items()}, mark)
    return None


def _read(parts: dict[str, int], mark: str) -> Years | None:
    if "last" in parts:
        return Years(parts["last"], mark=mark)
    first, tail = parts["first"], parts["tail"]
    length = (tail - first) % 100
    if "one" in parts:
        # 2013/14-15/16: from the year 2013/14 to the year 2015/16.
        is_three = (parts["one"] - first) % 100 == 1 and (parts["two"] - first) % 100 == 2 and length == 3
        return Years(first + 3, is_three=True, mark=mark) if is_three else None
    return Years(first + length, is_three=length == 2, mark=mark) if length in (1, 2) else None


def kind_with(kind: PeriodKind, *, is_three: bool) -> PeriodKind | None:
    """The kind of year of a measure whose periods are one year long, or three; None where there is no such kind."""
    return _THREE.get(kind) if is_three else kind


def marks_in_words(years: Iterable[Years]) -> str:
    """Which years the publisher marks, or "".

    >>> marks_in_words([Years(2018, mark="revised"), Years(2019, mark="revised"), Years(2020, mark="final")])
    'Marked by the publisher: final 2020; revised 2018 to 2019.'
    """
    by_mark: dict[str, list[int]] = {}
    for each in years:
        by_mark.setdefault(each.mark, []).append(each.label)
    said = [f"{mark} {_spans(sorted(by_mark[mark]))}" for mark in sorted(by_mark) if mark]
    return f"Marked by the publisher: {'; '.join(said)}." if said else ""


def _spans(labels: list[int]) -> str:
    """Years in a row as from and to."""
    spans: list[list[int]] = []
    for label in labels:
        if spans and label == spans[-1][-1] + 1:
            spans[-1].append(label)
        else:
            spans.append([label])
    return ", ".join(f"{span[0]} to {span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)
