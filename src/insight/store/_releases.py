"""Which release of a source is current, and which are kept as vintages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from insight.core.area import shown
from insight.errors import ReleaseConflict
from insight.store._manifest import CURRENT, VINTAGE


@dataclass(frozen=True, slots=True)
class Issue:
    """A file as one issue of a release: the newest period in it, and when it was published, if that is known.

    ``series`` tells files apart that stand side by side, such as two authorities' own.
    """

    name: str
    source: str
    period: str
    published: str
    series: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What an issue is within its source, and how its release is called."""

    role: str
    release: str


def place_issues(issues: Iterable[Issue]) -> dict[str, Place]:
    """Role and release of each file by its name: the newest period is current, then the latest publication.

    Each series of a source has a current release of its own.
    An older issue of a release that was issued again is called "2025, published 2025-11-05".

    Raises
    ------
    ReleaseConflict
        If two files claim one release and their days of publication do not tell which came later.
    """
    by_series: dict[tuple[str, str], list[Issue]] = defaultdict(list)
    for issue in issues:
        by_series[issue.source, issue.series].append(issue)
    places: dict[str, Place] = {}
    for several in by_series.values():
        ordered = sorted(several, key=lambda issue: (issue.period, issue.published), reverse=True)
        for position, issue in enumerate(ordered):
            later = ordered[position - 1] if position else None
            is_reissued = later is not None and later.period == issue.period
            if later is not None and is_reissued:
                _require_order(later, issue)
            release = f"{issue.period}, published {issue.published}" if is_reissued else issue.period
            places[issue.name] = Place(VINTAGE if position else CURRENT, release)
    return places


def _require_order(later: Issue, earlier: Issue) -> None:
    # "2026-03" and "2026-03-15" do not tell which came first, for one may lie within the other.
    is_told = earlier.published and later.published and not later.published.startswith(earlier.published)
    if not is_told:
        raise ReleaseConflict(
            f"choosing the current release of {later.source}",
            found=f"{shown(later.name)} and {shown(earlier.name)} both claim the release {later.period} and differ",
            todo="keep one of them, or say when each was published: in a provenance card, or as published-YYYY-MM-DD "
            "in the file's name",
        )
