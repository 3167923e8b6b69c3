"""When a volume says that a return is hardly whole: one rule for every study."""

from __future__ import annotations

import math

LEAST, MOST = 0.6, 1.6
"""A volume outside these shares of the year before is a return that is hardly whole, in one of the two years."""


def has_jumped(before: float, now: float) -> bool:
    """Whether a volume left the limits of the year before; a missing one has not.

    >>> has_jumped(100.0, 50.0), has_jumped(100.0, 120.0), has_jumped(float("nan"), 50.0), has_jumped(0.0, 5.0)
    (True, False, False, False)
    """
    return before > 0 and not math.isnan(now) and not LEAST <= now / before <= MOST
