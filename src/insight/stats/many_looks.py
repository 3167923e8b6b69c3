"""Many looks at once: which findings stay when the share of false ones is held down."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from insight.errors import UsageError


@dataclass(frozen=True)
class FalseDiscovery:
    """What is kept of many looks.

    Parameters
    ----------
    kept : tuple of str
        Keys that stay, in the order given.
    adjusted : dict of str to float
        Adjusted p-values: the smallest rate at which each would stay.
    rate : float
        Expected share of false ones among those kept, at most.
    n_looks : int
    words : str
        The number of looks and what is left, in a sentence.
    """

    kept: tuple[str, ...]
    adjusted: dict[str, float]
    rate: float
    n_looks: int
    words: str


def false_discovery(p_values: Mapping[str, float], *, rate: float = 0.05) -> FalseDiscovery:
    """Benjamini and Hochberg's choice among many p-values.

    Parameters
    ----------
    p_values : mapping of str to float
        One per look, of one measure per concept: the same thing measured twice is one look.
    rate : float
        False-discovery rate, between 0 and 1.

    Raises
    ------
    UsageError
        If a p-value is missing or not between 0 and 1, or the rate is not.

    Notes
    -----
    Benjamini & Hochberg (1995), J R Stat Soc B 57, 289-300, by statsmodels. Holds for independent looks and for looks
    that go together.

    Examples
    --------
    >>> false_discovery({"a": 0.001, "b": 0.02, "c": 0.6}).kept
    ('a', 'b')
    """
    keys, values = list(p_values), [float(value) for value in p_values.values()]
    if not 0 < rate < 1 or any(not math.isfinite(value) or not 0 <= value <= 1 for value in values):
        raise UsageError(
            "a false-discovery rate",
            found=f"rate={rate}, or a p-value that is missing or not between 0 and 1",
            todo="leave looks without a p-value out, and count them",
        )
    if not keys:
        return FalseDiscovery((), {}, rate, 0, "Nothing was tested.")
    from statsmodels.stats.multitest import multipletests

    stays, adjusted = multipletests(values, alpha=rate, method="fdr_bh")[:2]
    kept = tuple(key for key, is_kept in zip(keys, stays, strict=True) if is_kept)
    looks = "1 look" if len(keys) == 1 else f"{len(keys)} looks"
    stay = "1 stays" if len(kept) == 1 else f"{len(kept)} stay"
    words = f"{looks}; {stay} at a false-discovery rate of {rate:.0%}."
    return FalseDiscovery(kept, dict(zip(keys, map(float, adjusted), strict=True)), rate, len(keys), words)
