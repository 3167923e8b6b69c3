"""Aims: what a region has set itself, in its own words, and the public measure that stands for each."""

from __future__ import annotations

from dataclasses import dataclass

JUDGEMENTS = "judgements"
"""The measure of an aim that the inspectorate's grades of authorities stand for."""

NO_TEST = "none"
RULES = ("share_at_least", "best_region", "best_quarter", "none_in_worst_quarter", "stands_in_at_least", NO_TEST)
"""How a measure may be held against its target.

``share_at_least``: judgements: percent of the region's authorities that are Good or Outstanding, at least the target;
any other measure: the region's figure, at least the target (at most, where lower is better).
``best_region``: the best figure of all regions. ``best_quarter``: in the best quarter, among regions and among
authorities. ``none_in_worst_quarter``: no authority of the region in the worst quarter of all authorities.
``stands_in_at_least``: as ``share_at_least``, of a measure that stands in for one that no longer exists. ``none``:
there is no public measure.
"""


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim of one region.

    Parameters
    ----------
    key : str
        Name of the row in tables and records.
    region : str
        The register's code; "" for the aims that stand for a region without a list of its own.
    title : str
        A few words, for tables and charts.
    words : str
        The aim as the region words it.
    measure : str
        Key of an indicator, or ``JUDGEMENTS``; several whose counts are added up are joined by " + "; "" where there
        is no public measure.
    rule : str
        One of ``RULES``.
    target : str
        A number, or "".
    counts : str
        What the measure counts, as it stands after a number ("leavers a year"); may be "".
    reason : str
        Why there is no public measure, or what the measure leaves out; may be "".
    whose : str
        Who set the aim.
    source : str
        Where the aim stands, in words, with an address where there is one.
    """

    key: str
    region: str
    title: str
    words: str
    measure: str
    rule: str
    target: str
    counts: str
    reason: str
    whose: str
    source: str

    @property
    def measures(self) -> tuple[str, ...]:
        """The keys of its measure.

        >>> Aim("k", "", "t", "w", "a + b", "none", "", "", "", "", "").measures
        ('a', 'b')
        """
        return tuple(part.strip() for part in self.measure.split("+") if part.strip())
