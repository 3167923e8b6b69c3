"""Statistics that know nothing of the service they are used for: one module per method.

Nothing here imports scipy, statsmodels or pyfixest until a function needs it.
"""

from insight.stats.dynamics import first_differences, split_panel_jackknife
from insight.stats.fifths import GroupMean, WithinDeviations, within_deviation_groups, within_deviations
from insight.stats.fit import Coefficient, Fit, Ratio, WaldTest, joint_test
from insight.stats.funnel import Funnel, funnel_limits
from insight.stats.intervals import Interval, poisson_interval, rate_interval, share_interval
from insight.stats.mundlak import between_within
from insight.stats.poisson import poisson_regression
from insight.stats.rank import Rank, rank_counts, rank_with_interval
from insight.stats.two_way import lsdv_regression, within_regression
from insight.stats.wild_bootstrap import WildTest, restricted_wild_bootstrap

__all__ = [
    "Coefficient",
    "Fit",
    "Funnel",
    "GroupMean",
    "Interval",
    "Rank",
    "Ratio",
    "WaldTest",
    "WildTest",
    "WithinDeviations",
    "between_within",
    "first_differences",
    "funnel_limits",
    "joint_test",
    "lsdv_regression",
    "poisson_interval",
    "poisson_regression",
    "rank_counts",
    "rank_with_interval",
    "rate_interval",
    "restricted_wild_bootstrap",
    "share_interval",
    "split_panel_jackknife",
    "within_deviation_groups",
    "within_deviations",
    "within_regression",
]
