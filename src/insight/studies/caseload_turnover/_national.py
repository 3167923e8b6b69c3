"""What every page of the study shares, and how a store remembers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from insight.core.estimate import Estimate
from insight.studies._plain import ten_digits


@dataclass(frozen=True)
class National:
    """What every page shares, in plain types so that a store can remember it."""

    estimates: tuple[Estimate, ...]
    by_region: dict[str, tuple[Estimate, ...]]
    fifths: list[dict[str, float]]
    deviations: list[list[Any]]
    mean_turnover: float | None
    first_year: int
    last_year: int
    rows: int
    units: int
    rows_before_singletons: int
    names_left_out: list[str] = field(default_factory=list)

    def estimate(self, key: str) -> Estimate:
        """The estimate with this key."""
        return next(estimate for estimate in self.estimates if estimate.key == key)

    def as_plain(self) -> dict[str, Any]:
        """Plain JSON types, with ten significant digits."""
        plain = {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "estimates": [estimate.as_dict() for estimate in self.estimates],
            "by_region": {code: [e.as_dict() for e in several] for code, several in self.by_region.items()},
        }
        return {name: ten_digits(content) for name, content in plain.items()}

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> National:
        """The inverse of :meth:`as_plain`."""
        regions = {code: tuple(Estimate(**e) for e in several) for code, several in plain["by_region"].items()}
        estimates = tuple(Estimate(**estimate) for estimate in plain["estimates"])
        return cls(**{**plain, "estimates": estimates, "by_region": regions})
