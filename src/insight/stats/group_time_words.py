"""What a reader must know of effects by cohort and period: the method, and what to beware of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from insight.stats.doubly_robust import Bools
from insight.stats.few_treated import FEWEST_FOR_CLUSTER_ERRORS, FEWEST_FOR_EITHER
from insight.stats.group_time import Design, GroupTimes
from insight.stats.multiplier import Inference

SMALL_GROUP = 5
"""A cohort with fewer units than this, plus one for each covariate, is named in the notes."""


def notes_on(effects: GroupTimes, inference: Inference, n_covariates: int, can_vary: Bools) -> tuple[str, ...]:
    """Small cohorts, effects that could not be estimated, and effects without an interval."""
    notes = []
    for cohort in effects.cohorts.tolist():
        n_units = int((effects.panel.start == cohort).sum())
        if n_units < SMALL_GROUP + n_covariates:
            units = "1 unit" if n_units == 1 else f"{n_units} units"
            notes.append(f"Cohort {effects.panel.periods[cohort]} has only {units}; its own effects are unsteady.")
    missing = [reason for reason in effects.reasons if reason is not None]
    for reason in dict.fromkeys(missing):
        some = f"{missing.count(reason)} of {len(effects.att)} effects by cohort and period"
        notes.append(f"{some} could not be estimated: {reason}.")
    if inference.errors == "none":
        return tuple(notes)
    bare = int((effects.is_estimated & ~can_vary).sum())
    if bare:
        some = f"{bare} of {len(effects.att)} effects by cohort and period"
        notes.append(f"{some} rest on fewer than {FEWEST_FOR_CLUSTER_ERRORS} treated units and have no interval.")
    treated = len(np.unique(inference.clusters[effects.panel.ever_treated]))
    if treated < FEWEST_FOR_EITHER:
        notes.append(f"With {treated} treated units these errors run small; a permutation of units should lead.")
    return tuple(notes)


def method_in_words(
    design: Design, inference: Inference, covariates: Sequence[str], weights: str | None, cluster: str | None
) -> str:
    """The method, for the text of an estimate."""
    how = design.method.replace("_", " ") if covariates else "difference of mean changes"
    said = [f"Callaway-Sant'Anna, {how}"]
    if covariates:
        said.append(f"covariates {', '.join(covariates)}")
    said += [f"{design.control.replace('_', '-')} controls", f"{design.base} base period"]
    if design.anticipation:
        said.append(f"{design.anticipation} period(s) of anticipation")
    if weights:
        said.append(f"weighted by {weights}")
    by = cluster or "unit"
    if inference.errors == "none":
        return f"{', '.join(said)}; no interval asked for"
    if inference.errors == "analytic":
        return f"{', '.join(said)}; errors from influence functions by {by}, normal"
    return f"{', '.join(said)}; multiplier bootstrap by {by}, {inference.n_draws} draws, seed {inference.seed}"
