"""Funnels: how far each unit lies from the centre, given its size and how much units differ anyway.

Counts go in, never rounded percentages. The scale is one on which the variance depends on the size alone: the square
root for rates, the arcsine of the square root for shares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from insight.errors import NotEnoughData, UsageError
from insight.stats.rows import Floats

Kind = Literal["proportion", "rate"]
Dispersion = Literal["additive", "multiplicative", "none"]

TO_SCALE: dict[str, Callable[[Floats], Floats]] = {
    "proportion": lambda share: np.arcsin(np.sqrt(share)),
    "rate": np.sqrt,
}
FROM_SCALE: dict[str, Callable[[Floats], Floats]] = {
    "proportion": lambda angle: np.sin(np.clip(angle, 0.0, np.pi / 2)) ** 2,
    "rate": lambda root: np.clip(root, 0.0, None) ** 2,
}


@dataclass(frozen=True)
class Funnel:
    """Limits as a function of size, and where each unit stands.

    Parameters
    ----------
    kind, dispersion : str
        As asked for.
    centre : float
        All events over all denominators.
    phi : float
        Mean of the squared winsorised z-scores: 1 where units differ by chance alone.
    tau2 : float
        Variance between units, on the transformed scale; 0 unless ``dispersion`` is additive and phi calls for it.
    multiples : tuple of float
        Standard deviations at which limits are drawn.
    values, z_scores, z_unadjusted : tuple of float
        One per unit, in the order given: the rate or share; its distance from the centre in standard deviations, with
        and without the dispersion between units.
    method : str
        The method in words.
    """

    kind: Kind
    dispersion: Dispersion
    centre: float
    phi: float
    tau2: float
    multiples: tuple[float, ...]
    values: tuple[float, ...]
    z_scores: tuple[float, ...]
    z_unadjusted: tuple[float, ...]
    method: str

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.values)

    def limits(self, denominators: ArrayLike, *, adjusted: bool = True) -> pd.DataFrame:
        """Limits at the given denominators: one row per denominator and multiple.

        Parameters
        ----------
        denominators : array of float
            Sizes, all positive.
        adjusted : bool
            False gives the limits of chance alone, to be drawn beside the others.

        Returns
        -------
        DataFrame
            Columns ``denominator``, ``multiple``, ``low``, ``high``; rates or shares, not on the transformed scale.
        """
        sizes = np.asarray(denominators, dtype=np.float64).reshape(-1)
        _check_sizes(sizes)
        spread = self._spread(sizes) if adjusted else 0.5 / np.sqrt(sizes)
        centre = TO_SCALE[self.kind](np.asarray(self.centre))
        back = FROM_SCALE[self.kind]
        parts = [
            pd.DataFrame(
                {
                    "denominator": sizes,
                    "multiple": multiple,
                    "low": back(centre - multiple * spread),
                    "high": back(centre + multiple * spread),
                }
            )
            for multiple in self.multiples
        ]
        return pd.concat(parts, ignore_index=True)

    def _spread(self, sizes: Floats) -> Floats:
        inflation = max(self.phi, 1.0) if self.dispersion == "multiplicative" else 1.0
        return np.sqrt(inflation * 0.25 / sizes + self.tau2)


def funnel_limits(
    events: ArrayLike,
    denominators: ArrayLike,
    *,
    kind: Kind,
    dispersion: Dispersion = "additive",
    winsorise: float = 0.10,
    multiples: Sequence[float] = (2.0, 3.0),
) -> Funnel:
    """A funnel around the overall rate or share.

    Parameters
    ----------
    events, denominators : array of float
        One per unit: counts, and the sizes they arose from.
    kind : {"proportion", "rate"}
        Shares of people (events cannot exceed the denominator), or counts on an exposure (they can).
    dispersion : {"additive", "multiplicative", "none"}
        Units differ by a variance of their own (random effects); by a factor on chance; or by chance alone.
    winsorise : float
        Share of z-scores pulled in at each end before the dispersion is estimated, so that outliers do not hide
        themselves. 0 to under 0.5.
    multiples : sequence of float
        Standard deviations at which limits are drawn. A unit beyond three is no verdict on it.

    Raises
    ------
    NotEnoughData
        With fewer than 3 units.
    UsageError
        If a count is negative, a denominator not positive, a share above one, or an option unknown.

    Notes
    -----
    Spiegelhalter (2005), Handling over-dispersion of performance indicators, Qual Saf Health Care 14, 347-351; and
    Funnel plots for comparing institutional performance, Stat Med 24, 1185-1202. The square-root scale for rates is the
    one the Care Quality Commission used; the variance between units is DerSimonian & Laird's by moments about the
    centre. Winsorised z-scores understate phi a little where units differ by chance alone, in which case the
    limits are those of chance.
    """
    _check_options(kind, dispersion, winsorise, multiples)
    counts = np.asarray(events, dtype=np.float64).reshape(-1)
    sizes = np.asarray(denominators, dtype=np.float64).reshape(-1)
    _check_counts(counts, sizes, kind)
    centre = float(counts.sum() / sizes.sum())
    distance = TO_SCALE[kind](counts / sizes) - TO_SCALE[kind](np.asarray(centre))
    unadjusted = distance * 2 * np.sqrt(sizes)
    low, high = np.quantile(unadjusted, [winsorise, 1 - winsorise])
    phi = float((np.clip(unadjusted, low, high) ** 2).mean())
    funnel = Funnel(
        kind=kind,
        dispersion=dispersion,
        centre=centre,
        phi=phi,
        tau2=between_variance(phi, 4 * sizes) if dispersion == "additive" else 0.0,
        multiples=tuple(float(multiple) for multiple in multiples),
        values=tuple((counts / sizes).tolist()),
        z_scores=(),
        z_unadjusted=tuple(unadjusted.tolist()),
        method=_method(kind, dispersion, winsorise),
    )
    return _with_scores(funnel, distance, sizes)


def between_variance(phi: float, precisions: Floats) -> float:
    """Variance between units by moments: (I phi - (I - 1)) / (sum w - sum w^2 / sum w), or 0 where that is negative."""
    n = len(precisions)
    spare = precisions.sum() - (precisions**2).sum() / precisions.sum()
    return float(max(0.0, n * phi - (n - 1)) / spare)


def _with_scores(funnel: Funnel, distance: Floats, sizes: Floats) -> Funnel:
    return replace(funnel, z_scores=tuple((distance / funnel._spread(sizes)).tolist()))


def _check_options(kind: str, dispersion: str, winsorise: float, multiples: Sequence[float]) -> None:
    known = kind in TO_SCALE and dispersion in ("additive", "multiplicative", "none")
    if not known or not 0 <= winsorise < 0.5 or not multiples or min(multiples) <= 0:
        raise UsageError(
            "a funnel",
            found=f"kind={kind!r}, dispersion={dispersion!r}, winsorise={winsorise}, multiples={list(multiples)}",
            todo='use kind "proportion" or "rate", a known dispersion, winsorise under 0.5 and positive multiples',
        )


def _check_counts(counts: Floats, sizes: Floats, kind: str) -> None:
    if len(counts) != len(sizes):
        raise UsageError("a funnel", found=f"{len(counts)} counts, {len(sizes)} denominators", todo="give one of each")
    if len(counts) < 3:
        raise NotEnoughData("a funnel", found=f"{len(counts)} units", todo="use at least three")
    _check_sizes(sizes)
    if not np.isfinite(counts).all() or (counts < 0).any() or (kind == "proportion" and (counts > sizes).any()):
        raise UsageError(
            "a funnel",
            found="a count that is missing, negative or above its denominator",
            todo='leave such units out, or use kind="rate"',
        )


def _check_sizes(sizes: Floats) -> None:
    if not np.isfinite(sizes).all() or (sizes <= 0).any():
        raise UsageError("a funnel", found="a denominator that is missing or not positive", todo="leave such units out")


def _method(kind: str, dispersion: str, winsorise: float) -> str:
    scale = "square root of the rate" if kind == "rate" else "arcsine of the square root of the share"
    how = {
        "additive": "additive random effects",
        "multiplicative": "multiplicative dispersion",
        "none": "chance alone",
    }[dispersion]
    winsorised = "" if dispersion == "none" else f", z-scores winsorised {winsorise:.0%} at each end"
    return f"funnel on the {scale}, {how}{winsorised} (Spiegelhalter 2005)"
