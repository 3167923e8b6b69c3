"""From a statistic and its placebos to the numbers of an estimate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from insight.errors import NotEnoughData
from insight.stats.permutation import PlaceboTest, placebo_interval

if TYPE_CHECKING:  # pages rank one number, and do without what fits the models
    from insight.studies.site_effect._arena import Floats
    from insight.studies.site_effect._effects import Statistic

TIMES = "times as many referrals"


def ranked(found: Statistic) -> PlaceboTest:
    """The rank of a statistic among its placebos, inverted into an interval.

    Raises
    ------
    NotEnoughData
        If a span has no referral, or no placebo has a number.
    """
    placebos = finite(found.placebos)
    if not math.isfinite(found.observed) or not len(placebos):
        raise NotEnoughData(
            "comparing treated units with others", found="a span without any referral", todo="choose a longer window"
        )
    return placebo_interval(found.observed, placebos)


def finite(values: Floats) -> Floats:
    """The numbers among them."""
    return values[np.isfinite(values)]


def numbers_of(test: PlaceboTest, shown: Callable[[float], float]) -> dict[str, Any]:
    """Value, interval and rank, on the scale that is shown."""
    has = test.low is not None and test.high is not None
    return {
        "value": shown(test.observed),
        "low": shown(test.low) if has and test.low is not None else None,
        "high": shown(test.high) if has and test.high is not None else None,
        "rank": float(test.rank),
        "rank_of": test.n_placebos + 1,
    }


def why(reason: Exception) -> str:
    """What an error found, for the place where a number would stand."""
    return str(getattr(reason, "found", reason))


def slug(text: str) -> str:
    """A key for a name; a code stays as it is.

    >>> slug("Families First, wave 2"), slug("E06000051")
    ('families_first_wave_2', 'E06000051')
    """
    if text.isalnum():
        return text
    return "_".join("".join(each if each.isalnum() else " " for each in text).split()).lower()
