"""What every page of one comparison shares, in plain types so that a store can remember it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from insight.core.estimate import Estimate
from insight.core.panel import Panel
from insight.errors import NotEnoughData
from insight.studies._plain import ten_digits

HEADLINE = "poisson_imputation"
OWN_KEY = "annual_poisson_imputation"
WITHOUT = "without "
OTHERS = {"programme": "the other authorities", "sites": "the other sites"}
POWER = 0.8
MOST_PAST = 12  # pretended starts of one unit


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


def effect_of(panel: Panel, *, design: str, programme: str, area: str | None, months: int, gap: int) -> Effect:
    """One comparison, computed once per store; that there is none is remembered too.

    Parameters
    ----------
    design : "programme" or "sites"
    programme : str
        Name of the programme; "" for the first that starts inside the months.
    area : str or None
        Whose sites; it does not matter to a programme.
    months, gap : int
        Months compared before each start, and those right before it that are left out.

    Raises
    ------
    NotEnoughData
        If there is nothing to compare, in words.
    UsageError
        If there is no such programme.
    """
    asked = {"design": design, "programme": programme, "months": months, "gap": gap}
    if design == "sites":
        asked["area"] = area

    def compute() -> dict[str, Any]:
        # Imported here, so that pages that find the result remembered do without what fits it.
        from insight.studies.site_effect._models import compute_effect

        try:
            return compute_effect(panel, asked).as_plain()
        except NotEnoughData as reason:
            return {"none": [reason.asked, reason.found, reason.todo]}

    plain = panel.remember("site_effect", asked, compute)
    if "none" in plain:
        what, found, todo = plain["none"]
        raise NotEnoughData(what, found=found, todo=todo)
    return Effect.of_plain(plain)


def years_alone(panel: Panel, programme: str, *, gap: int) -> list[Estimate]:
    """What years can say of a programme that months cannot, computed once per store.

    Parameters
    ----------
    programme : str
    gap : int
        Months before a start that are in neither side.
    """

    def compute() -> list[dict[str, Any]]:
        from insight.studies.site_effect._by_year import by_year

        return [estimate.as_dict() for estimate in by_year(panel, programme, gap=gap)]

    found = panel.remember("site_effect_years_alone", {"programme": programme, "gap": gap}, compute)
    return [estimate for estimate in (Estimate(**plain) for plain in found) if estimate.value is not None]
