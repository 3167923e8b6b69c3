"""What every page of the study shares, and how a store remembers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from insight.core.estimate import Estimate
from insight.core.finding import RowLeftOut
from insight.core.panel import Panel
from insight.studies._plain import ten_digits
from insight.studies.getting_to_good._spells import DAYS_A_YEAR, Report, Spell

HEADLINE = "median_years_to_good"
CHANGE = "interval_censored_median_years"
YEARS_DECIMALS = 1
"""Of a median in words, and so of the number beside them."""
# The claim that was heard, in years.
CLAIM = (3.0, 5.0)
# Checks of the headline: another way of counting each.
SENSITIVITIES = (
    "median_ilacs_only",
    "median_began_under_ilacs",
    "median_official_files",
    "median_already_inadequate",
    "median_without_pause",
    "median_good_at_abolition",
    "median_never_after_abolition",
)
# Two that rest on nearly the same spells, and so are one look.
ONE_LOOK = ("median_ilacs_only", "median_began_under_ilacs")
_HALF_A_DAY = 0.5 / DAYS_A_YEAR


@dataclass(frozen=True, slots=True)
class Step:
    """A point of a curve: percent without the event from this time on, with its band, and how many were followed."""

    time: float
    at_risk: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where an unseen change falls; ``right`` is None where that has no end, ``value`` is the percent after."""

    left: float
    right: float | None
    value: float


@dataclass(frozen=True)
class National:
    """What every page shares, in plain types so that a store can remember it.

    Parameters
    ----------
    estimates : tuple of Estimate
    chances : dict of area to Estimate
        Of areas with an open spell: the chance of a published Good within two years, or why it has no number.
    spells : tuple of Spell
    reports : tuple of Report
        The overall grades of all services, by area and day.
    curves : dict of name to Steps
        "good", "better" and "from_ri".
    stretches : dict of name to Stretches
        "good" and "better": the change itself.
    horizon : date
        Newest day with a graded report.
    ungraded_since : date or None
    pause : (date, date) or None
    counted : dict
        What the checks count.
    rows_left_out : tuple of RowLeftOut
    """

    estimates: tuple[Estimate, ...]
    chances: dict[str, Estimate]
    spells: tuple[Spell, ...]
    reports: tuple[Report, ...]
    curves: dict[str, tuple[Step, ...]]
    stretches: dict[str, tuple[Stretch, ...]]
    horizon: date
    ungraded_since: date | None
    pause: tuple[date, date] | None
    counted: dict[str, int]
    rows_left_out: tuple[RowLeftOut, ...]

    def estimate(self, key: str) -> Estimate:
        """The estimate with this key."""
        return next(estimate for estimate in self.estimates if estimate.key == key)

    def of(self, area: str) -> tuple[Report, ...]:
        """The reports of one area in order of publication."""
        return tuple(each for each in self.reports if each.area == area)

    def spells_of(self, area: str) -> tuple[Spell, ...]:
        """The spells of one area, oldest first."""
        return tuple(each for each in self.spells if each.area == area)

    def latest(self, area: str) -> Report | None:
        """The newest report with a grade of one area."""
        graded = [each for each in self.of(area) if each.grade]
        return graded[-1] if graded else None

    def good_by(self, years: float) -> Step | None:
        """The point of the curve to Good that holds so many years after the start; None before the first event.

        Times are whole days, and remembered ones are rounded: a day's own step is the one within half a day.
        """
        by = years + _HALF_A_DAY
        return next((step for step in reversed(self.curves["good"]) if step.time <= by), None)

    def as_plain(self) -> dict[str, Any]:
        """Plain JSON types, with ten significant digits."""
        plain = {
            "estimates": [each.as_dict() for each in self.estimates],
            "chances": {area: each.as_dict() for area, each in self.chances.items()},
            "spells": [each.as_plain() for each in self.spells],
            "reports": [each.as_plain() for each in self.reports],
            "curves": {name: [_fields(each) for each in steps] for name, steps in self.curves.items()},
            "stretches": {name: [_fields(each) for each in several] for name, several in self.stretches.items()},
            "horizon": self.horizon.isoformat(),
            "ungraded_since": _iso(self.ungraded_since),
            "pause": None if self.pause is None else [_iso(day) for day in self.pause],
            "counted": self.counted,
            "rows_left_out": [[row.area, row.period, row.reason] for row in self.rows_left_out],
        }
        return {name: ten_digits(content) for name, content in plain.items()}

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> National:
        """The inverse of :meth:`as_plain`."""
        pause = plain["pause"]
        since = plain["ungraded_since"]
        return cls(
            estimates=tuple(Estimate(**each) for each in plain["estimates"]),
            chances={area: Estimate(**each) for area, each in plain["chances"].items()},
            spells=tuple(Spell.of_plain(each) for each in plain["spells"]),
            reports=tuple(Report.of_plain(each) for each in plain["reports"]),
            curves={name: tuple(Step(*each) for each in steps) for name, steps in plain["curves"].items()},
            stretches={name: tuple(Stretch(*each) for each in several) for name, several in plain["stretches"].items()},
            horizon=date.fromisoformat(plain["horizon"]),
            ungraded_since=None if since is None else date.fromisoformat(since),
            pause=None if pause is None else (date.fromisoformat(pause[0]), date.fromisoformat(pause[1])),
            counted=plain["counted"],
            rows_left_out=tuple(RowLeftOut(*row) for row in plain["rows_left_out"]),
        )


def national_model(panel: Panel) -> National:
    """Every spell and every estimate, computed once per store.

    Parameters
    ----------
    panel : Panel
        With its judgements.

    Raises
    ------
    NotEnoughData
        If no judgement of all services has a grade.
    """

    def compute() -> dict[str, Any]:
        # Imported here, so that pages that find the model remembered do without what fits it.
        from insight.studies.getting_to_good._models import national_of

        return national_of(panel.judgements, panel.register).as_plain()

    return National.of_plain(panel.remember("getting_to_good", {}, compute))


def _fields(each: Step | Stretch) -> Sequence[Any]:
    return [getattr(each, name) for name in each.__dataclass_fields__]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
