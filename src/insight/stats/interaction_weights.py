"""Weights that turn effects by cohort and period into effects by event time, and into one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData
from insight.stats.few_treated import FEWEST_FOR_CLUSTER_ERRORS
from insight.stats.fit import Fit, WaldTest, joint_test
from insight.stats.panel_matrix import PanelMatrix
from insight.stats.rows import Codes, Floats


def count_together(panel: PanelMatrix, cohorts: Floats, clusters: Codes) -> int:
    """Treated clusters, those alone in their cohort not counted."""
    together = [len(np.unique(clusters[panel.start == cohort])) for cohort in cohorts]
    return sum(count for count in together if count > 1)


class InteractionWeights:
    """Shares of cohorts in each event time, by their rows, and of cohort-periods in the overall effect."""

    def __init__(self, cells: pd.DataFrame, panel: PanelMatrix, clusters: Codes) -> None:
        self._cells, self._panel = cells, panel
        event, size = cells["event_time"].to_numpy(), cells["size"].to_numpy()
        self.events = np.unique(event)
        mixed = (event[None, :] == self.events[:, None]) * size[None, :]
        self.weights = mixed / mixed.sum(axis=1, keepdims=True)
        cohort = cells["cohort"].to_numpy()
        self._cohorts = [np.unique(cohort[event == value]).astype(np.float64) for value in self.events]
        together = [count_together(panel, cohorts, clusters) for cohorts in self._cohorts]
        self.carries_error = np.array(together) >= FEWEST_FOR_CLUSTER_ERRORS
        after = size * (event >= 0)
        if not after.any():
            raise NotEnoughData(
                "effects of a staggered start",
                found="no row at or after a start",
                todo="give periods from the start of at least one unit on",
            )
        self.overall_weights = after / after.sum()

    def covariance(self, fit: Fit | None) -> Floats:
        """Of the event times; NaN without errors."""
        if fit is None:
            return np.full((len(self.events), len(self.events)), np.nan)
        averaged: Floats = self.weights @ np.asarray(fit.vcov) @ self.weights.T
        return averaged

    def averaged(self, coefs: Floats, fit: Fit) -> Fit:
        """The fit with one term per event time, then one for the overall effect."""
        weights = np.vstack([self.weights, self.overall_weights])
        vcov = weights @ np.asarray(fit.vcov) @ weights.T
        return replace(
            fit,
            terms=(*(str(event) for event in self.events), "overall"),
            coefs=tuple((weights @ coefs).tolist()),
            vcov=tuple(tuple(line) for line in vcov.tolist()),
        )

    def overall(self, coefs: Floats, fit: Fit | None, *, like: Estimate) -> Estimate:
        """The estimate with the mean over treated cohort-periods, and its interval where there is a fit."""
        value = float(self.overall_weights @ coefs)
        if fit is None:
            return replace(like, value=value)
        found = self.averaged(coefs, fit).of("overall")
        return replace(like, value=value, std_error=found.std_error, low=found.low, high=found.high)

    def table(self, coefs: Floats, fit: Fit | None) -> pd.DataFrame:
        """One row per event time; no error where it would rest on fewer than 6 treated units."""
        averaged = None if fit is None else self.averaged(coefs, fit)
        lines: list[tuple[int, float, float, float, float, int]] = []
        values = (self.weights @ coefs).tolist()
        for place, (event, att) in enumerate(zip(self.events.tolist(), values, strict=True)):
            found = averaged.of(str(event)) if averaged is not None and self.carries_error[place] else None
            error, low, high = (np.nan,) * 3 if found is None else (found.std_error, found.low, found.high)
            lines.append((event, att, error, low, high, int(np.isin(self._panel.start, self._cohorts[place]).sum())))
        lines.append((-1, 0.0, np.nan, np.nan, np.nan, int(self._panel.ever_treated.sum())))
        names = ["event_time", "att", "std_error", "low", "high", "n_treated"]
        return pd.DataFrame(lines, columns=names).sort_values("event_time", ignore_index=True)

    def pre_trend(self, coefs: Floats, fit: Fit | None) -> WaldTest | None:
        """Joint test of the event times before the reference; None where the data cannot make it."""
        before = [str(event) for event in self.events[self.carries_error] if event < -1]
        if fit is None or not before:
            return None
        try:
            return joint_test(self.averaged(coefs, fit), before)
        except NotEnoughData:
            return None

    def cells(self, coefs: Floats) -> pd.DataFrame:
        """Cohort-periods with labels, effects and weights."""
        periods = self._panel.periods
        return pd.DataFrame(
            {
                "cohort": [periods[place] for place in self._cells["cohort"]],
                "period": [periods[place] for place in self._cells["period"]],
                "event_time": self._cells["event_time"],
                "effect": coefs,
                "n_rows": self._cells["n_rows"],
                "weight": self.weights.sum(axis=0),
            }
        )
