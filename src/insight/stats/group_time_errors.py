"""Which effects by cohort and period may carry an error, and the joint test of those before the starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insight.errors import MethodRefused
from insight.stats.doubly_robust import Bools
from insight.stats.few_treated import FEWEST_FOR_CLUSTER_ERRORS, refuse_cluster_errors
from insight.stats.group_time import GroupTimes
from insight.stats.multiplier import Inference, Spread
from insight.stats.rows import Codes

FEWEST_CONTROLS = 6
"""With fewer controls in every comparison no error is given: theirs is half of what the error is made of."""


@dataclass(frozen=True)
class PreTrend:
    """Wald test that all effects before the starts are zero: chi-squared with ``dof`` degrees of freedom.

    A large p-value is no evidence that trends would have stayed together: the test has little power in small panels.
    """

    statistic: float
    dof: int
    p: float


def carries_error(clusters: Codes) -> bool:
    """Whether an effect on treated units in these clusters may have an error: the rule of few treated, part by part.

    A lone unit equals its own mean, so its influence holds no error at all; of a few, it holds far too little.
    """
    return len(np.unique(clusters)) >= FEWEST_FOR_CLUSTER_ERRORS


def can_carry_error(effects: GroupTimes, clusters: Codes) -> Bools:
    """Group-time effects that may have an error."""
    starts = effects.panel.start
    carries = {cohort: carries_error(clusters[starts == cohort]) for cohort in effects.cohorts.tolist()}
    enough = np.array([carries[cohort] for cohort in effects.cohort.tolist()])
    return enough & (effects.n_treated >= FEWEST_FOR_CLUSTER_ERRORS) & effects.is_estimated


def refuse_few(effects: GroupTimes, inference: Inference) -> None:
    """Refuse errors with fewer than 6 treated units (clusters where named), or fewer than 6 controls.

    Raises
    ------
    MethodRefused
    """
    treated = len(np.unique(inference.clusters[effects.panel.ever_treated]))
    asked = f"an error ({inference.errors}) of effects of a staggered start"
    refuse_cluster_errors(treated, inference.n_clusters, method=asked)
    most = int(effects.n_control[effects.is_after].max())
    if most < FEWEST_CONTROLS:
        raise MethodRefused(
            asked,
            found=f"at most {most} controls in a comparison; at least {FEWEST_CONTROLS} are needed",
            todo='ask for errors="none", and use the permutation of units (permute_units)',
        )


def pre_trend_test(effects: GroupTimes, spread: Spread, can_vary: Bools, anticipation: int) -> PreTrend | None:
    """The test, or None where no effects before the starts can be told apart."""
    from scipy.special import chdtrc

    chosen = can_vary & np.isfinite(spread.std_error) & (effects.period < effects.cohort - anticipation)
    covariance = spread.covariance[np.ix_(chosen, chosen)]
    size = np.sqrt(np.diag(covariance))
    if not chosen.any() or np.linalg.eigvalsh(covariance / np.outer(size, size))[0] < 1e-10:
        return None
    standard = effects.att[chosen] / size
    statistic = float(standard @ np.linalg.solve(covariance / np.outer(size, size), standard))
    return PreTrend(statistic, int(chosen.sum()), float(chdtrc(int(chosen.sum()), statistic)))
