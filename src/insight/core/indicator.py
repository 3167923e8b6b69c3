"""What a column of numbers means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from insight.core.described import Described, Description
from insight.core.period import PeriodKind

Direction = Literal["higher", "lower", "neither"]
# In words, as a page prints it: "count", "fte", "percent", "cases per worker", "days", "rate per 10,000", "pounds".
Unit = str
LONGEST = 60
"""Characters of a title that a heading takes whole."""


@dataclass(frozen=True, repr=False)
class Indicator(Described):
    """One measure: its unit, which way is better, and when it is measured.

    ``numerator`` and ``denominator`` are the keys of the indicators it is made of, where they are published.
    ``additive`` says that authorities add up to their region and the nation.
    ``rounding`` is the publisher's rounding of regional and national totals (10 for counts of children in need).
    ``topic`` and ``definition`` are the publisher's, for finding it; ``has_quarters`` is whether the publisher itself
    puts areas into quarters by it.
    """

    key: str
    title: str
    unit: Unit
    direction: Direction
    period_kind: PeriodKind
    source: str
    numerator: str | None = None
    denominator: str | None = None
    additive: bool = False
    rounding: float = 0.0
    decimals: int = 1
    caveats: tuple[str, ...] = ()
    topic: str = ""
    definition: str = ""
    has_quarters: bool = True

    @property
    def short_title(self) -> str:
        """The title without the explanation after its colon, for headings; a title of few words is left whole.

        >>> long = "Turnover: social workers who left in the year, of those in post at its end (FTE)"
        >>> Indicator("k", long, "percent", "lower", PeriodKind.YEAR_TO_SEPTEMBER, "s").short_title
        'Turnover (FTE)'
        """
        short, colon, explained = self.title.partition(": ")
        if not colon or len(self.title) <= LONGEST:
            return self.title
        bracket = explained[explained.rfind("(") :] if explained.endswith(")") and "(" in explained else ""
        return f"{short} {bracket}".strip()

    def describe(self) -> Description:
        """Key, unit, direction, timing, parts and caveats."""
        better = {"higher": "higher is better", "lower": "lower is better", "neither": "neither way is better"}
        facts = [
            ("key", self.key),
            ("unit", self.unit),
            ("direction", better[self.direction]),
            ("measured", self.period_kind.value),
            ("numerator", self.numerator or "not published"),
            ("denominator", self.denominator or "not published"),
            ("source", self.source),
            ("topic", self.topic),
            ("definition", self.definition),
        ]
        facts = [(label, words) for label, words in facts if words]
        return Description(self.title, tuple(facts + [("caveat", caveat) for caveat in self.caveats]))
