"""What every page of the study shares, and how a store remembers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from insight.core.estimate import Estimate
from insight.core.finding import RowLeftOut
from insight.core.panel import Panel
from insight.studies._plain import ten_digits
from insight.studies.caseload_turnover._frame import Frame

HEADLINE = "lag_opening"
# In the table for who wants them, and on no chart of support: they answer other questions.
OTHER_QUESTIONS = ("between", "same_year", "leads_same_year", "leads_year_after")
# The headline once more, by construction: a chart that counts ways of asking must not count it twice.
SAME_AGAIN = ("within",)


@dataclass(frozen=True)
class National:
    """What every page shares, in plain types so that a store can remember it.

    ``counted`` has what the checks count: ``rows`` of the frame, those ``flagged`` for a partial return, those of
    ``zero_leavers``, and the published ``rates`` with those of them that are ``off`` their own parts.
    """

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
    rows_left_out: tuple[RowLeftOut, ...] = ()
    counted: dict[str, int] = field(default_factory=dict)

    def estimate(self, key: str) -> Estimate:
        """The estimate with this key."""
        return next(estimate for estimate in self.estimates if estimate.key == key)

    def as_plain(self) -> dict[str, Any]:
        """Plain JSON types, with ten significant digits."""
        plain = {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "estimates": [estimate.as_dict() for estimate in self.estimates],
            "by_region": {code: [e.as_dict() for e in several] for code, several in self.by_region.items()},
            "rows_left_out": [[row.area, row.period, row.reason] for row in self.rows_left_out],
        }
        return {name: ten_digits(content) for name, content in plain.items()}

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> National:
        """The inverse of :meth:`as_plain`."""
        regions = {code: tuple(Estimate(**e) for e in several) for code, several in plain["by_region"].items()}
        estimates = tuple(Estimate(**estimate) for estimate in plain["estimates"])
        left_out = tuple(RowLeftOut(*row) for row in plain["rows_left_out"])
        return cls(**{**plain, "estimates": estimates, "by_region": regions, "rows_left_out": left_out})


def national_model(panel: Panel, frame: Callable[[], Frame], *, lag_years: int) -> National:
    """Every specification on every authority, computed once per store.

    Parameters
    ----------
    panel : Panel
        With the indicators of ``NEEDS``.
    frame : function that gives the analysis frame
        Called only where the store does not remember the model yet.
    lag_years : int
        As in ``analysis_frame``.

    Raises
    ------
    NotEnoughData
        If there are fewer than two years of figures.
    """

    def compute() -> dict[str, Any]:
        # Imported here, so that pages that find the model remembered do without what fits it.
        from insight.studies.caseload_turnover._models import national_of

        return national_of(frame(), panel.register).as_plain()

    return National.of_plain(panel.remember("caseload_turnover", {"lag_years": lag_years}, compute))
