"""The invented workforce: how caseloads, leavers and recruits come about, and the true effect of one on the other.

The model, for authority i at the count of 30 September of year t:

- Caseload per case holder c(i, t) = m(i) + n(t) + d(i, t): a level of the authority, a national year, and an AR(1)
  (coefficient 0.6, stationary standard deviation 1.5 cases). It is drawn before anything else and nothing feeds back
  into it: neither leavers nor the size of the staff. Cases are c(i, t) times the case holders, in whole children.
- Leavers (headcount) in the year to t are Binomial(N, r(i, t)), where N is everybody in post at t-1 and

      r(i, t) = a(i) + y(t) + effect / 100 * (C(i, t-1) - 16.5) + e(i, t).

  C is cases over case holders as counted at t-1, a(i) the authority's own level, y(t) a national year, e(i, t)
  independent noise (standard deviation 2 points). Rates stay within 1% and 60%.
- Recruits are Poisson around what refills the planned staff, and staff(t) = staff(t-1) - leavers(t) + recruits(t)
  exactly, in headcount. The plan follows its own path, so that future caseloads and future staff carry no trace of
  past leavers beyond counting noise: the within estimator is strictly exogenous and has no bias of order 1/T.

**The true effect.** Turnover on the opening headcount in the year to 30 September t (leavers over people in post at
t-1, in percent) rises by ``effect`` percentage points for one more case per worker at 30 September t-1, within an
authority, net of national years. The default is 0.5. With ``effect=0`` there is none, and the two temptations stay:
authorities with high caseloads have 0.4 points more turnover per case for other reasons (a(i) leans on m(i)), and
years of high turnover follow years of high caseloads (y(t) leans on n(t-1)).

Full-time equivalents follow the headcounts with a ratio of their own. Agency staff, vacancies and absence have no
effect on anything, and caseload has an effect on leavers only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

SEED = 20250930
EFFECT = 0.5
CENTRE = 16.5  # cases per worker: the caseload at which a(i) alone sets the rate

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def simulate_workforce(
    seed: int = SEED, effect: float = EFFECT, *, n_authorities: int = 60, first_year: int = 2017, last_year: int = 2025
) -> pd.DataFrame:
    """Invented workforce counts, one row per authority and year, with nothing hidden.

    Parameters
    ----------
    seed : int
        The same seed gives the same rows.
    effect : float
        Percentage points of opening-headcount turnover per case at the start of the year (see the module).
    n_authorities, first_year, last_year : int

    Returns
    -------
    DataFrame
        ``authority`` (0, 1, ...), ``time_period``, headcounts and cases as integers, full-time equivalents with one
        decimal place. Leavers and starters are those of the year that ends at the count.
    """
    years = np.arange(first_year - 1, last_year + 1)  # the first count only opens the series
    shape = (len(years), n_authorities)
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)]
    caseload, level, national = _caseloads(streams[0], shape)
    plan, ratio = _plan(streams[1], shape)
    own_rate, year_rate = _rates(streams[2], level, national, shape)
    agency = _agency(streams[3], plan)
    headcount, leavers, starters = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    holders, cases = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    share = streams[1].uniform(0.50, 0.60, n_authorities) * streams[1].normal(1, 0.03, shape)
    headcount[0] = np.rint(plan[0])
    draw = streams[4]
    for t in range(len(years)):
        if t > 0:
            counted = 10 * cases[t - 1] / holders[t - 1]
            noise = draw.normal(0, 0.02, n_authorities)
            rate = np.clip(own_rate + year_rate[t] + effect / 100 * (counted - CENTRE) + noise, 0.01, 0.60)
            leavers[t] = draw.binomial(headcount[t - 1], rate)
            wanted = np.maximum(plan[t] - headcount[t - 1] + leavers[t], 0.5)
            starters[t] = draw.poisson(wanted)
            headcount[t] = headcount[t - 1] - leavers[t] + starters[t]
        holders[t] = np.rint(10 * share[t] * (ratio[t] * headcount[t] + agency[t]))
        cases[t] = np.rint(caseload[t] * holders[t] / 10)
    tenths = {
        "inpost_fte": np.rint(10 * ratio * headcount),
        "starters_fte": _part_time(draw, starters, ratio),
        "leavers_fte": _part_time(draw, leavers, ratio),
        "case_holders_fte": holders,
        **_rest(draw, plan, ratio, headcount, agency),
    }
    counts = {
        "inpost_headcount": headcount,
        "starters_headcount": starters,
        "leavers_headcount": leavers,
        "agency_headcount": agency,
        "cases": cases,
    }
    columns: dict[str, Counts | Numbers] = {name: values[1:].T.ravel() for name, values in counts.items()}
    columns |= {name: values[1:].T.ravel() / 10 for name, values in tenths.items()}
    authorities = np.repeat(np.arange(n_authorities), len(years) - 1)
    return pd.DataFrame({"authority": authorities, "time_period": np.tile(years[1:], n_authorities), **columns})


def ar1(draw: np.random.Generator, shape: tuple[int, int], coefficient: float, deviation: float) -> Numbers:
    """A stationary AR(1) per column, started from its own long-run distribution."""
    path = np.empty(shape)
    path[0] = draw.normal(0, deviation, shape[1])
    for t in range(1, shape[0]):
        path[t] = coefficient * path[t - 1] + draw.normal(0, deviation * (1 - coefficient**2) ** 0.5, shape[1])
    return path


def _caseloads(draw: np.random.Generator, shape: tuple[int, int]) -> tuple[Numbers, Numbers, Numbers]:
    level = np.clip(draw.normal(CENTRE, 1.6, shape[1]), 13, 20)
    national = draw.normal(0, 0.8, (shape[0], 1))
    path = level + national + ar1(draw, shape, 0.6, 1.5)
    return np.clip(path, 8, 28), level, national


def _plan(draw: np.random.Generator, shape: tuple[int, int]) -> tuple[Numbers, Numbers]:
    """Planned staff in people, and full-time equivalents per person."""
    size = np.clip(np.exp(draw.normal(np.log(190), 0.55, shape[1])), 50, 800)
    growth = np.linspace(0.90, 1.06, shape[0])[:, None]
    plan = size * growth * (1 + ar1(draw, shape, 0.7, 0.04))
    ratio = np.clip(draw.uniform(0.90, 0.97, shape[1]) + draw.normal(0, 0.004, shape), 0.85, 0.99)
    return plan, ratio


def _rates(
    draw: np.random.Generator, level: Numbers, national: Numbers, shape: tuple[int, int]
) -> tuple[Numbers, Numbers]:
    """The authority's own rate and the national year, both as shares of one."""
    own = 0.15 + 0.004 * (level - CENTRE) + draw.normal(0, 0.02, shape[1])
    # The first row is never used: nobody leaves before the first count.
    year = 0.01 * np.roll(national, 1, axis=0) + draw.normal(0, 0.01, (shape[0], 1))
    return own, year


def _agency(draw: np.random.Generator, plan: Numbers) -> Counts:
    usual = np.exp(draw.normal(np.log(0.16), 0.45, plan.shape[1]))
    share = np.clip(usual * np.exp(ar1(draw, (plan.shape[0], plan.shape[1]), 0.6, 0.25)), 0.03, 0.6)
    people: Counts = np.rint(share * plan).astype(np.int64)
    return people


def _part_time(draw: np.random.Generator, people: Counts, ratio: Numbers) -> Numbers:
    """Full-time equivalents, in tenths, of some people drawn from a staff with this ratio."""
    spread = 0.12 / np.sqrt(np.maximum(people, 1))
    drawn: Numbers = np.rint(10 * people * np.clip(ratio + draw.normal(0, 1, people.shape) * spread, 0.5, 1))
    return drawn


def _rest(
    draw: np.random.Generator, plan: Numbers, ratio: Numbers, headcount: Counts, agency: Counts
) -> dict[str, Numbers]:
    """Agency, vacancies and absence, in tenths; cover never exceeds the agency staff or the vacancies."""
    posts = plan * ratio / (1 - draw.uniform(0.06, 0.24, plan.shape[1]))
    vacancies = np.rint(10 * np.maximum(posts - ratio * headcount, 0))
    agency_fte = np.rint(10 * agency * draw.uniform(0.94, 1.0, plan.shape))
    cover = np.rint(np.minimum(agency_fte, vacancies) * np.clip(draw.uniform(0.7, 1.3, plan.shape), 0, 1))
    days = np.rint(10 * ratio * headcount * draw.uniform(4.5, 11.0, plan.shape))
    return {
        "agency_fte": agency_fte,
        "agency_cover_fte": cover,
        "vacancy_fte": vacancies,
        "working_days_lost_fte": days,
    }
