"""Quantiles and tails that the other modules need.

scipy is imported inside the functions: importing `insight.stats` must stay light.
"""

from __future__ import annotations

from insight.errors import UsageError


def check_level(level: float) -> None:
    """Refuse a confidence level that is not between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise UsageError(
            "making an interval", found=f"level={level}", todo="give a level between 0 and 1, such as 0.95"
        )


def t_quantile(level: float, dof: float) -> float:
    """Half width, in standard errors, of a two-sided interval from Student's t."""
    from scipy.special import stdtrit

    check_level(level)
    return float(stdtrit(dof, 0.5 + level / 2))


def t_tails(statistic: float, dof: int) -> float:
    """Two-sided p-value from Student's t."""
    from scipy.special import stdtr

    return float(2 * stdtr(dof, -abs(statistic)))


def normal_quantile(level: float) -> float:
    """Half width, in standard deviations, of a two-sided normal interval."""
    from scipy.special import ndtri

    check_level(level)
    return float(ndtri(0.5 + level / 2))


def f_tail(statistic: float, dof_numerator: int, dof_denominator: int) -> float:
    """Upper tail of the F distribution."""
    from scipy.special import fdtrc

    return float(fdtrc(dof_numerator, dof_denominator, statistic))


def gamma_quantile(probability: float, shape: float) -> float:
    """Quantile of the gamma distribution with scale one; half a chi-squared quantile with 2 x shape degrees."""
    from scipy.special import gammaincinv

    return float(gammaincinv(shape, probability))
