"""Statistics that know nothing of the service they are used for: one module per method.

A name is loaded with its module when it is first asked for, so that one method does not cost the time of all.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insight.stats.arrangements import Assignments, draw_assignments, size_thirds
    from insight.stats.callaway_santanna import CallawaySantAnna, callaway_santanna
    from insight.stats.clustered_change import ClusteredChange, clustered_change
    from insight.stats.collapsed_change import CollapsedChange, collapsed_change
    from insight.stats.comparative_series import ComparativeSeries, comparative_series
    from insight.stats.dynamics import first_differences, split_panel_jackknife
    from insight.stats.ferman_pinto import RescaledTest, ferman_pinto
    from insight.stats.few_treated import (
        Inference,
        count_clusters,
        inference_for,
        needs_rescaling,
        refuse_cluster_errors,
        smallest_possible_p,
    )
    from insight.stats.fifths import GroupMean, WithinDeviations, within_deviation_groups, within_deviations
    from insight.stats.fit import Coefficient, Fit, Ratio, WaldTest, joint_test
    from insight.stats.funnel import Funnel, funnel_limits
    from insight.stats.goodman_bacon import GoodmanBacon, goodman_bacon
    from insight.stats.imputed_assignments import impute_for_assignments
    from insight.stats.interrupted_series import InterruptedSeries, interrupted_series
    from insight.stats.intervals import Interval, poisson_interval, rate_interval, share_interval
    from insight.stats.kaplan_meier import KaplanMeier, kaplan_meier
    from insight.stats.many_looks import FalseDiscovery, false_discovery
    from insight.stats.mundlak import between_within
    from insight.stats.own_history import OwnHistory, own_history
    from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
    from insight.stats.permutation import PlaceboTest, placebo_interval
    from insight.stats.placebo import Placebos, leave_one_control_out, placebo_dates, placebo_outcomes
    from insight.stats.poisson import poisson_regression
    from insight.stats.poisson_did import PoissonDid, poisson_did
    from insight.stats.poisson_imputation import PoissonImputation, poisson_imputation
    from insight.stats.power import SmallestNoticeable, noticeable_multiple, smallest_noticeable
    from insight.stats.power_simulation import PowerSimulation, simulate_power
    from insight.stats.quarters import Quarters, quarters
    from insight.stats.rank import Rank, rank_counts, rank_shares, rank_with_interval
    from insight.stats.ratio_of_ratios import RatioOfRatios, ratio_of_ratios
    from insight.stats.regression_to_mean import ChangeBesideAlike, change_beside_alike
    from insight.stats.relative_magnitudes import RelativeMagnitudes, relative_magnitudes
    from insight.stats.run_chart import RunChart, run_chart
    from insight.stats.sensitivity import SmoothnessSensitivity, smoothness_intervals
    from insight.stats.series_steps import comparative_steps, staggered_steps
    from insight.stats.spc import ControlChart, control_chart
    from insight.stats.spc_preconditions import Preconditions, chart_preconditions, remove_season
    from insight.stats.spc_rules import Mark
    from insight.stats.standardised_rates import standardised_rate
    from insight.stats.start_permutation import changes_around_starts, permute_starts
    from insight.stats.static_effects import StaticEffect, static_two_way
    from insight.stats.sun_abraham import SunAbraham, sun_abraham
    from insight.stats.survival import Cox, LogRank, cox, log_rank
    from insight.stats.synthetic_blocks import SyntheticBlocks, synthetic_blocks
    from insight.stats.synthetic_control import SyntheticControl, synthetic_control
    from insight.stats.synthetic_did import SyntheticDid, synthetic_did
    from insight.stats.synthetic_predictors import Predictor
    from insight.stats.trend_test import TrendTest, trend_test
    from insight.stats.turnbull import Turnbull, turnbull
    from insight.stats.two_way import lsdv_regression, within_regression
    from insight.stats.unit_changes import UnitSpans, unit_changes, unit_spans
    from insight.stats.unit_permutation import permute_units
    from insight.stats.wild_bootstrap import WildTest, restricted_wild_bootstrap

_HOMES = {
    "Assignments": "arrangements",
    "CallawaySantAnna": "callaway_santanna",
    "ChangeBesideAlike": "regression_to_mean",
    "ClusteredChange": "clustered_change",
    "Coefficient": "fit",
    "CollapsedChange": "collapsed_change",
    "ComparativeSeries": "comparative_series",
    "ControlChart": "spc",
    "Cox": "survival",
    "FalseDiscovery": "many_looks",
    "Fit": "fit",
    "Funnel": "funnel",
    "GoodmanBacon": "goodman_bacon",
    "GroupMean": "fifths",
    "Inference": "few_treated",
    "InterruptedSeries": "interrupted_series",
    "Interval": "intervals",
    "KaplanMeier": "kaplan_meier",
    "LeftOut": "panel_matrix",
    "LogRank": "survival",
    "Mark": "spc_rules",
    "OwnHistory": "own_history",
    "PanelMatrix": "panel_matrix",
    "PlaceboTest": "permutation",
    "Placebos": "placebo",
    "PoissonDid": "poisson_did",
    "PoissonImputation": "poisson_imputation",
    "PowerSimulation": "power_simulation",
    "Preconditions": "spc_preconditions",
    "Predictor": "synthetic_predictors",
    "Quarters": "quarters",
    "Rank": "rank",
    "Ratio": "fit",
    "RatioOfRatios": "ratio_of_ratios",
    "RelativeMagnitudes": "relative_magnitudes",
    "RescaledTest": "ferman_pinto",
    "RunChart": "run_chart",
    "SmallestNoticeable": "power",
    "SmoothnessSensitivity": "sensitivity",
    "StaticEffect": "static_effects",
    "SunAbraham": "sun_abraham",
    "SyntheticBlocks": "synthetic_blocks",
    "SyntheticControl": "synthetic_control",
    "SyntheticDid": "synthetic_did",
    "TrendTest": "trend_test",
    "Turnbull": "turnbull",
    "UnitSpans": "unit_changes",
    "WaldTest": "fit",
    "WildTest": "wild_bootstrap",
    "WithinDeviations": "fifths",
    "between_within": "mundlak",
    "callaway_santanna": "callaway_santanna",
    "change_beside_alike": "regression_to_mean",
    "changes_around_starts": "start_permutation",
    "chart_preconditions": "spc_preconditions",
    "clustered_change": "clustered_change",
    "collapsed_change": "collapsed_change",
    "comparative_series": "comparative_series",
    "comparative_steps": "series_steps",
    "control_chart": "spc",
    "count_clusters": "few_treated",
    "cox": "survival",
    "draw_assignments": "arrangements",
    "false_discovery": "many_looks",
    "ferman_pinto": "ferman_pinto",
    "first_differences": "dynamics",
    "funnel_limits": "funnel",
    "goodman_bacon": "goodman_bacon",
    "impute_for_assignments": "imputed_assignments",
    "inference_for": "few_treated",
    "interrupted_series": "interrupted_series",
    "joint_test": "fit",
    "kaplan_meier": "kaplan_meier",
    "leave_one_control_out": "placebo",
    "log_rank": "survival",
    "lsdv_regression": "two_way",
    "needs_rescaling": "few_treated",
    "noticeable_multiple": "power",
    "own_history": "own_history",
    "panel_matrix": "panel_matrix",
    "permute_starts": "start_permutation",
    "permute_units": "unit_permutation",
    "placebo_dates": "placebo",
    "placebo_interval": "permutation",
    "placebo_outcomes": "placebo",
    "poisson_did": "poisson_did",
    "poisson_imputation": "poisson_imputation",
    "poisson_interval": "intervals",
    "poisson_regression": "poisson",
    "quarters": "quarters",
    "rank_counts": "rank",
    "rank_shares": "rank",
    "rank_with_interval": "rank",
    "rate_interval": "intervals",
    "ratio_of_ratios": "ratio_of_ratios",
    "refuse_cluster_errors": "few_treated",
    "relative_magnitudes": "relative_magnitudes",
    "remove_season": "spc_preconditions",
    "restricted_wild_bootstrap": "wild_bootstrap",
    "run_chart": "run_chart",
    "share_interval": "intervals",
    "simulate_power": "power_simulation",
    "size_thirds": "arrangements",
    "smallest_noticeable": "power",
    "smallest_possible_p": "few_treated",
    "smoothness_intervals": "sensitivity",
    "split_panel_jackknife": "dynamics",
    "staggered_steps": "series_steps",
    "standardised_rate": "standardised_rates",
    "static_two_way": "static_effects",
    "sun_abraham": "sun_abraham",
    "synthetic_blocks": "synthetic_blocks",
    "synthetic_control": "synthetic_control",
    "synthetic_did": "synthetic_did",
    "trend_test": "trend_test",
    "turnbull": "turnbull",
    "unit_changes": "unit_changes",
    "unit_spans": "unit_changes",
    "within_deviation_groups": "fifths",
    "within_deviations": "fifths",
    "within_regression": "two_way",
}
__all__ = [
    "Assignments",
    "CallawaySantAnna",
    "ChangeBesideAlike",
    "ClusteredChange",
    "Coefficient",
    "CollapsedChange",
    "ComparativeSeries",
    "ControlChart",
    "Cox",
    "FalseDiscovery",
    "Fit",
    "Funnel",
    "GoodmanBacon",
    "GroupMean",
    "Inference",
    "InterruptedSeries",
    "Interval",
    "KaplanMeier",
    "LeftOut",
    "LogRank",
    "Mark",
    "OwnHistory",
    "PanelMatrix",
    "PlaceboTest",
    "Placebos",
    "PoissonDid",
    "PoissonImputation",
    "PowerSimulation",
    "Preconditions",
    "Predictor",
    "Quarters",
    "Rank",
    "Ratio",
    "RatioOfRatios",
    "RelativeMagnitudes",
    "RescaledTest",
    "RunChart",
    "SmallestNoticeable",
    "SmoothnessSensitivity",
    "StaticEffect",
    "SunAbraham",
    "SyntheticBlocks",
    "SyntheticControl",
    "SyntheticDid",
    "TrendTest",
    "Turnbull",
    "UnitSpans",
    "WaldTest",
    "WildTest",
    "WithinDeviations",
    "between_within",
    "callaway_santanna",
    "change_beside_alike",
    "changes_around_starts",
    "chart_preconditions",
    "clustered_change",
    "collapsed_change",
    "comparative_series",
    "comparative_steps",
    "control_chart",
    "count_clusters",
    "cox",
    "draw_assignments",
    "false_discovery",
    "ferman_pinto",
    "first_differences",
    "funnel_limits",
    "goodman_bacon",
    "impute_for_assignments",
    "inference_for",
    "interrupted_series",
    "joint_test",
    "kaplan_meier",
    "leave_one_control_out",
    "log_rank",
    "lsdv_regression",
    "needs_rescaling",
    "noticeable_multiple",
    "own_history",
    "panel_matrix",
    "permute_starts",
    "permute_units",
    "placebo_dates",
    "placebo_interval",
    "placebo_outcomes",
    "poisson_did",
    "poisson_imputation",
    "poisson_interval",
    "poisson_regression",
    "quarters",
    "rank_counts",
    "rank_shares",
    "rank_with_interval",
    "rate_interval",
    "ratio_of_ratios",
    "refuse_cluster_errors",
    "relative_magnitudes",
    "remove_season",
    "restricted_wild_bootstrap",
    "run_chart",
    "share_interval",
    "simulate_power",
    "size_thirds",
    "smallest_noticeable",
    "smallest_possible_p",
    "smoothness_intervals",
    "split_panel_jackknife",
    "staggered_steps",
    "standardised_rate",
    "static_two_way",
    "sun_abraham",
    "synthetic_blocks",
    "synthetic_control",
    "synthetic_did",
    "trend_test",
    "turnbull",
    "unit_changes",
    "unit_spans",
    "within_deviation_groups",
    "within_deviations",
    "within_regression",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"insight.stats.{_HOMES[name]}"), name)
    raise AttributeError(f"insight.stats has no {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return list(__all__)


class _Statistics(ModuleType):
    """Shows a method's function under its name, where Python would show the module of that name."""

    def __setattr__(self, name: str, value: Any) -> None:
        is_home = isinstance(value, ModuleType) and _HOMES.get(name) == name
        super().__setattr__(name, getattr(value, name) if is_home else value)


sys.modules[__name__].__class__ = _Statistics
