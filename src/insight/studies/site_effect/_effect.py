"""What every page of one comparison shares, in plain types so that a store can remember it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from insight.core.estimate import Estimate
from insight.studies._plain import ten_digits


@dataclass(frozen=True)
class Effect:
    """One comparison, computed.

    Parameters
    ----------
    door, name : str
    estimates : tuple of Estimate
        Headline first.
    units : list of dict
        One per unit of the design: ``unit, name, part, why, start, kind, used``, what it counted before and after, its
        own change against the donors, and how far its own past changes went (``noise``, ``past``).
    quarters : list of dict
        Event time: ``quarter, value, low, high, is_left_out``; ratios.
    series : list of dict
        ``period`` and rates per 10,000 children a month (or counts): ``treated``, ``donors``; ``hidden`` names those of
        the two whose count is too small to be shown.
    placebos : list of float
        The headline of each placebo set, as a ratio.
    sensitivity : list of dict
        ``bend, low, high``: the interval when the difference in trends may bend by so much a quarter.
    left_out : list of (area, period, reason)
        Months without a number, and units that play no part.
    facts : dict
        Plain facts that words need: months, gap, window, counts of units, which thirds.
    """

    door: Literal["programme", "sites"]
    name: str
    estimates: tuple[Estimate, ...]
    units: list[dict[str, Any]]
    quarters: list[dict[str, Any]]
    series: list[dict[str, Any]]
    placebos: list[float]
    sensitivity: list[dict[str, Any]]
    facts: dict[str, Any]
    left_out: list[list[str]]

    def estimate(self, key: str) -> Estimate:
        """The estimate with this key."""
        return next(estimate for estimate in self.estimates if estimate.key == key)

    def has(self, key: str) -> bool:
        """Whether there is an estimate with this key, and it has a number."""
        return any(estimate.key == key and estimate.value is not None for estimate in self.estimates)

    def unit(self, code: str) -> dict[str, Any] | None:
        """What is known of one unit."""
        return next((row for row in self.units if row["unit"] == code), None)

    def as_plain(self) -> dict[str, Any]:
        """Plain JSON types, with ten significant digits."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["estimates"] = [estimate.as_dict() for estimate in self.estimates]
        return {name: ten_digits(content) for name, content in plain.items()}

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> Effect:
        """The inverse of :meth:`as_plain`."""
        return cls(**{**plain, "estimates": tuple(Estimate(**estimate) for estimate in plain["estimates"])})
