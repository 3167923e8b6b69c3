"""Which inference a number of treated units can carry: the rules as code.

Standard errors that lean on many treated units are far too small with few: in simulated panels with one treated unit of
forty, a nominal 95% interval from clustered errors covered the truth one time in four.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from insight.errors import MethodRefused, NotEnoughData, UsageError
from insight.stats.distributions import check_level

FEWEST_FOR_CLUSTER_ERRORS = 6
"""With fewer treated units no standard error is given (MacKinnon & Webb 2018, Econometrics Journal 21, 114-135)."""

FEWEST_FOR_EITHER = 15
"""From here on, with enough clusters, errors by cluster may lead."""

FEWEST_CLUSTERS_FOR_EITHER = 30

PERMUTATION: Final = "permutation"
COLLAPSED: Final = "collapsed change"
CRV3 = "CRV3"
WILD = "restricted wild bootstrap"
CRV1 = "CRV1"
DEFAULT = "default standard error"
HAC = "HAC"

Headline = Literal["permutation", "collapsed change", "either", "none"]


@dataclass(frozen=True)
class Inference:
    """What may be said with this many treated units and controls.

    Parameters
    ----------
    n_treated, n_controls, n_clusters : int
        What was counted; clusters are all units where they were not counted apart.
    headline : {"permutation", "collapsed change", "either", "none"}
        What leads. "none" where there is nothing to compare with.
    beside : tuple of str
        What may stand beside it.
    refused : tuple of str
        What is refused as headline.
    smallest_p : float or None
        The smallest p-value that permuting units can give; None without controls.
    level : float
        Level of the intervals asked for.
    can_reach_level : bool
        Whether a permutation of units can reject at that level at all.
    words : tuple of str
        Short sentences for a reader.
    """

    n_treated: int
    n_controls: int
    n_clusters: int
    headline: Headline
    beside: tuple[str, ...]
    refused: tuple[str, ...]
    smallest_p: float | None
    level: float
    can_reach_level: bool
    words: tuple[str, ...]

    def require_level(self) -> None:
        """Refuse a claim at ``level`` that this many units cannot carry.

        Raises
        ------
        MethodRefused
            If no permutation of the units can reject at the level; the smallest possible p is named.
        """
        if self.can_reach_level:
            return
        size = f"{1 - self.level:.3g}"
        possible = "no p-value at all" if self.smallest_p is None else f"a smallest possible p of {self.smallest_p:.3g}"
        raise MethodRefused(
            f"a claim at the {size} level with {self.n_treated} treated unit(s) and {self.n_controls} control(s)",
            found=possible,
            todo="add untreated units, choose a lower level, or describe the change without the claim",
        )


def refuse_cluster_errors(n_treated: int, n_units: int, *, method: str) -> None:
    """Refuse a standard error that leans on many treated units where there are fewer than 6.

    Parameters
    ----------
    n_treated, n_units : int
        Treated units, and all units with controls.
    method : str
        The error asked for, as it should read in a sentence: "a CRV3 error".

    Raises
    ------
    MethodRefused
        With fewer than 6 treated units; how many there are and the alternative are named.
    """
    if n_treated < FEWEST_FOR_CLUSTER_ERRORS:
        raise MethodRefused(
            f"{method} with few treated units",
            found=f"{n_treated} treated among {n_units} units; at least {FEWEST_FOR_CLUSTER_ERRORS} are needed",
            todo="use the permutation of units (permute_units), or the collapsed change with the pooled t",
        )


def inference_for(n_treated: int, n_controls: int, *, level: float = 0.95, n_clusters: int | None = None) -> Inference:
    """What may lead, what may stand beside it and what is refused.

    Parameters
    ----------
    n_treated : int
        Treated units; where several share a start within one group, the clusters counted by `count_clusters`.
    n_controls : int
        Units never treated.
    level : float
        Level of the intervals that are wanted.
    n_clusters : int, optional
        Clusters in all; treated and control units by default.

    Raises
    ------
    UsageError
        If a number is negative or the level is not between 0 and 1.
    NotEnoughData
        If no unit is treated.

    Notes
    -----
    The smallest p is one over the number of ways to choose the treated units. Conley & Taber (2011), Rev Econ Stat 93,
    113-125; MacKinnon & Webb (2020), J Econometrics 218, 435-450; MacKinnon, Nielsen & Webb (2023), J Econometrics 232,
    272-299.

    Examples
    --------
    >>> inference_for(1, 12).can_reach_level
    False
    >>> inference_for(3, 40).headline
    'permutation'
    """
    check_level(level)
    clusters = n_treated + n_controls if n_clusters is None else n_clusters
    if min(n_treated, n_controls, clusters) < 0:
        raise UsageError(
            "choosing an inference",
            found=f"{n_treated} treated, {n_controls} controls, {clusters} clusters",
            todo="give counts of units",
        )
    if n_treated == 0:
        raise NotEnoughData(
            "choosing an inference", found="no treated unit", todo="name the units that are treated and their starts"
        )
    smallest = smallest_possible_p(n_treated, n_controls) if n_controls else None
    reaches = smallest is not None and smallest <= (1 - level) * (1 + 1e-9)
    headline, beside, refused = _ranking(n_treated, n_controls, clusters, reaches)
    words = _words(n_treated, n_controls, headline, smallest, reaches, level)
    return Inference(n_treated, n_controls, clusters, headline, beside, refused, smallest, level, reaches, words)


def smallest_possible_p(n_treated: int, n_controls: int) -> float:
    """The smallest two-sided p that permuting units can give: one over the ways to choose the treated ones.

    With one treated of N units it is 1/N. With as many treated as controls each choice has a mirror image, and it is
    two over the ways.
    """
    from math import comb

    mirrored = 2 if n_treated == n_controls else 1
    return min(1.0, mirrored / comb(n_treated + n_controls, n_treated))


def count_clusters(*, groups: Sequence[Hashable], starts: ArrayLike | pd.Series) -> int:
    """Effective number of treated clusters: units that share a start inside one group are one.

    Parameters
    ----------
    groups : sequence of length N
        The larger group of each unit; a missing group stands for itself.
    starts : array of length N
        When treatment began, in any terms; missing or infinite means never.

    Raises
    ------
    UsageError
        If the lengths differ.

    Examples
    --------
    >>> count_clusters(groups=["a", "a", "a", "b", "b"], starts=[3, 3, 5, 3, float("inf")])
    3
    """
    values: list[Any] = list(starts) if isinstance(starts, pd.Series) else list(np.asarray(starts).tolist())
    if len(groups) != len(values):
        raise UsageError(
            "counting treated clusters",
            found=f"{len(groups)} groups and {len(values)} starts",
            todo="give one of each per unit",
        )
    seen: set[Hashable] = set()
    for place, (group, start) in enumerate(zip(groups, values, strict=True)):
        if start is None or pd.isna(start) or (isinstance(start, float) and np.isinf(start)):
            continue
        alone = group is None or pd.isna(group)  # type: ignore[call-overload]  # any label may be missing
        seen.add(("alone", place) if alone else ("group", group, start))
    return len(seen)


def needs_rescaling(mean_treated: float, mean_controls: ArrayLike) -> bool:
    """Whether treated units are so much smaller than the controls that placebos must be rescaled to their size.

    Parameters
    ----------
    mean_treated : float
        Mean count of the treated unit, or of the smallest of them.
    mean_controls : float or array
        Mean count of each control; their median is taken.

    Raises
    ------
    NotEnoughData
        If no mean is a number.

    Notes
    -----
    The rule is a mean under half of the controls' median. Then see `ferman_pinto`.
    """
    controls = np.asarray(mean_controls, dtype=np.float64).reshape(-1)
    controls = controls[np.isfinite(controls)]
    if not len(controls) or not np.isfinite(mean_treated):
        raise NotEnoughData(
            "comparing sizes", found="no control, or no mean of the treated unit", todo="give a mean count per unit"
        )
    return bool(mean_treated < 0.5 * float(np.median(controls)))


def _ranking(
    n_treated: int, n_controls: int, n_clusters: int, reaches: bool
) -> tuple[Headline, tuple[str, ...], tuple[str, ...]]:
    plain = (DEFAULT, HAC)
    if n_controls == 0:
        return "none", (), (PERMUTATION, COLLAPSED, CRV3, WILD, CRV1, *plain)
    if n_treated < FEWEST_FOR_CLUSTER_ERRORS:
        refused = (CRV3, WILD, CRV1, *plain)
        # Permutation that cannot reject still leads; the pooled t, which can, stands beside it with its assumption.
        return (PERMUTATION if reaches or n_controls > 1 else "none"), (COLLAPSED,), refused
    if n_treated >= FEWEST_FOR_EITHER and n_clusters >= FEWEST_CLUSTERS_FOR_EITHER:
        return "either", (PERMUTATION, COLLAPSED, CRV3, WILD, CRV1), plain
    return PERMUTATION, (COLLAPSED, CRV3, WILD), (CRV1, *plain)


def _words(
    n_treated: int, n_controls: int, headline: Headline, smallest: float | None, reaches: bool, level: float
) -> tuple[str, ...]:
    if smallest is None:
        if n_treated == 1:
            return ("One unit with nothing to compare it with: description, not effect.",)
        return (
            "Every unit is treated: there is no untreated unit to compare with.",
            "What follows is description, not effect.",
        )
    units = f"{n_treated} treated {'unit' if n_treated == 1 else 'units'} and {n_controls} untreated"
    said = [f"With {units}, the smallest possible permutation p is {smallest:.2g}."]
    if not reaches:
        said.append(f"No claim at the {1 - level:.2g} level can be made from so few units.")
    if n_treated < FEWEST_FOR_CLUSTER_ERRORS:
        said.append("Standard errors by cluster are refused below six treated units: they come out far too small.")
    elif headline == "either":
        said.append("There are enough treated units for permutation or clustered errors to lead.")
    else:
        said.append("Permutation leads; the jackknife (CRV3) and the wild bootstrap stand beside it.")
    return tuple(said)
