"""Indicators as the Department for Education publishes them: counts rounded to 10 above authorities, shares, rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from insight.core.indicator import Direction, Indicator
from insight.core.period import PeriodKind
from insight.sources._layout import Measure

CHILDREN_IN_NEED = (
    "https://explore-education-statistics.service.gov.uk/find-statistics/characteristics-of-children-in-need"
)
LOOKED_AFTER = (
    "https://explore-education-statistics.service.gov.uk/find-statistics/"
    "children-looked-after-in-england-including-adoptions"
)
STABILITY = (
    "https://explore-education-statistics.service.gov.uk/find-statistics/"
    "stability-measures-for-children-looked-after-in-england"
)
OUTCOMES = (
    "https://explore-education-statistics.service.gov.uk/find-statistics/"
    "outcomes-for-children-in-need-including-children-looked-after-by-local-authorities-in-england"
)
WORKFORCE = "https://explore-education-statistics.service.gov.uk/find-statistics/children-s-social-work-workforce"
LICENCE = "Open Government Licence v3.0"
PUBLISHER = "Department for Education"
ROUNDED = "National and regional counts are rounded to 10, authorities' are not."
# How the statistics of outcomes call their groups of children; none of them stands in two.
GROUPS = {
    "CINO at 31 March": "In need, neither on a plan nor looked after",
    "CPPO at 31 March": "On a child protection plan, not looked after",
    "CLA 12 months at 31 March": "Looked after for 12 months",
}
_POPULATION = "Over the population aged 0 to 17 as it was estimated at the time."


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the indicators of one source, which are counted at one time.

    >>> Maker("plans", PeriodKind.AT_MARCH).count("plan_count", "Plans").rounding
    10.0
    """

    source: str
    when: PeriodKind

    def count(self, key: str, title: str, *caveats: str, direction: Direction = "neither") -> Indicator:
        """A count that adds up from authorities to their region and the nation."""
        return Indicator(
            key,
            title,
            "count",
            direction,
            self.when,
            self.source,
            additive=True,
            rounding=10.0,
            decimals=0,
            caveats=caveats,
        )

    def percent(
        self,
        key: str,
        title: str,
        *caveats: str,
        of: tuple[str, str] | None = None,
        direction: Direction = "neither",
        decimals: int = 1,
    ) -> Indicator:
        """A share, 0 to 100; ``of`` are the keys of its part and its whole where both are in the same file."""
        part, whole = of or (None, None)
        return Indicator(
            key, title, "percent", direction, self.when, self.source, part, whole, decimals=decimals, caveats=caveats
        )

    def rate(self, key: str, title: str, *caveats: str, decimals: int = 1) -> Indicator:
        """A rate per 10,000 children."""
        return Indicator(
            key,
            title,
            "rate per 10,000",
            "neither",
            self.when,
            self.source,
            decimals=decimals,
            caveats=(_POPULATION, *caveats),
        )

    def days(self, key: str, title: str, *caveats: str) -> Indicator:
        """Working days, fewer of which are better."""
        return Indicator(key, title, "days", "lower", self.when, self.source, decimals=0, caveats=caveats)


def ceiling_of(indicator: Indicator) -> float | None:
    """The largest value that there can be: a share above 100, or a rate above 10,000, is in another unit.

    >>> ceiling_of(Maker("plans", PeriodKind.AT_MARCH).rate("plan_rate_per_10k", "Plans per 10,000 children"))
    10000.0
    """
    return {"percent": 100.0, "rate per 10,000": 10_000.0}.get(indicator.unit)


def measures(columns: Iterable[tuple[str, str]], indicators: Iterable[Indicator]) -> list[Measure]:
    """Columns with the keys of their indicators, bounded by what their units allow."""
    by_key = {indicator.key: indicator for indicator in indicators}
    return [Measure(column, key, ceiling=ceiling_of(by_key[key])) for column, key in columns]
