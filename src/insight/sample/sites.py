"""Invented sites within an authority, month by month, some of which start something at a known month.

The model, for site i in month t: referrals are Poisson around

    m(i) * season(t) * exp(s(t) + b(i) * (t - T/2) + u(i, t)) * (effect where t is at or after the start of i)

- m(i): what is usual in the site, log-uniform between ``lowest`` and ``highest`` a month (20 to 100).
- season(t): that of the authorities (``insight.sample.months``); s(t): a month that all sites share, normal with a
  standard deviation of 6%.
- u(i, t): an AR(1) of the site, with coefficient ``correlation`` and stationary standard deviation ``deviation``. The
  defaults are those with which ordinary errors fail as they do in published comparisons of methods
  (``benchmarks/few_treated_simulation.py``).
- b(i): the site's own trend on the log scale, normal with standard deviation ``trend_deviation`` a month; 0 by default.

**The true effect** is the rate ratio ``effect`` from the first month of treatment on, the same in every treated site.
Which sites are treated is drawn at random, unless ``is_chosen_rising``: then those with the greatest b(i) are, as if
help had been sent where demand was rising. The trends go on as they were, so that a comparison of levels finds a rise
where there is none.

Children are what gives every site the same rate in the long run, within a tenth or so, and do not change. The sites are
drawn apart from the published months of their authority and do not add up to them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight.sample import places
from insight.sample.months import SEASON, SHOCKS
from insight.sample.places import Place, place
from insight.sample.process import SEED, ar1

SITE_EFFECT = 0.70
FIRST_MONTH = "2019-04"
SHARED_DEVIATION, MONTHLY_RATE = 0.06, 0.0045
COLUMNS = ["site", "month", "referrals", "children", "start", "authority"]
NAMES = (
    "Abbey",
    "Castle",
    "Foundry",
    "Heath",
    "Hilltop",
    "Market",
    "Meadow",
    "Orchard",
    "Parkside",
    "Quayside",
    "Riverside",
    "Station",
)
# One authority with a true effect, one with none, one with none where the sites were chosen because demand was rising.
REAL, NULL, RISING = place("Fenbury, City of"), place("Hollinsford"), place("Marlquay")


def simulate_sites(
    seed: int = SEED,
    effect: float = SITE_EFFECT,
    *,
    n_sites: int = 40,
    n_months: int = 60,
    n_treated: int = 3,
    first_start: int = 36,
    stagger: int = 0,
    lowest: float = 20,
    highest: float = 100,
    correlation: float = 0.4,
    deviation: float = 0.16,
    trend_deviation: float = 0.0,
    is_chosen_rising: bool = False,
    first_month: str = FIRST_MONTH,
) -> pd.DataFrame:
    """Invented referrals of some sites, one row per site and month.

    Parameters
    ----------
    seed : int
        The same seed gives the same rows. The effect takes nothing from the other draws.
    effect : float
        True rate ratio in the treated sites from their start on (see the module); 1 for none.
    n_sites, n_months, n_treated : int
        From one treated site on; none treated is ``n_treated=0``.
    first_start, stagger : int
        Months before the first start, and from each start to the next treated site's; a start after the last month
        is not in the data.
    lowest, highest : float
        Range of the usual count of a month.
    correlation, deviation : float
        Of the AR(1) noise on the log scale.
    trend_deviation : float
        Standard deviation of the sites' own trends, log points a month.
    is_chosen_rising : bool
        Treat the sites with the greatest trends, and not some at random.
    first_month : str
        As 2019-04.

    Returns
    -------
    DataFrame
        ``site`` (text), ``month`` (text), ``referrals``, ``children``, and ``start`` (text, missing if never).
    """
    draw, counting = (np.random.default_rng(child) for child in np.random.SeedSequence([seed, 501]).spawn(2))
    months = pd.period_range(first_month, periods=n_months, freq="M")
    usual = np.exp(draw.uniform(np.log(lowest), np.log(highest), n_sites))
    trend = trend_deviation * draw.normal(0, 1, n_sites)
    order = np.argsort(-trend, kind="stable") if is_chosen_rising else draw.permutation(n_sites)
    start = np.full(n_sites, n_months)
    start[order[:n_treated]] = np.minimum(first_start + stagger * np.arange(n_treated), n_months)
    log_rate = _shared(draw, months)[:, None] + trend * (np.arange(n_months)[:, None] - n_months / 2)
    log_rate = log_rate + ar1(draw, (n_months, n_sites), correlation, deviation)
    children = np.rint(usual / MONTHLY_RATE * np.exp(draw.normal(0, 0.1, n_sites)) / 10).astype(np.int64) * 10
    rate = np.exp(log_rate) * np.where(np.arange(n_months)[:, None] >= start, effect, 1.0)
    labels = [str(month) for month in months]
    return pd.DataFrame(
        {
            "site": np.repeat([f"Site {number:02d}" for number in range(1, n_sites + 1)], n_months),
            "month": labels * n_sites,
            "referrals": counting.poisson(usual * rate).T.ravel(),
            "children": np.repeat(children, n_months),
            "start": [labels[each] if each < n_months else None for each in start for _ in labels],
        }
    )


def _shared(draw: np.random.Generator, months: pd.PeriodIndex) -> npt.NDArray[np.float64]:
    """The log of what all sites share in each month."""
    noise = draw.normal(0, SHARED_DEVIATION, len(months))
    # The season begins in April, and so do the years to March of the shocks.
    place_in_year, year = (months.month - 4) % 12, months.year + (months.month >= 4)
    shocks = [SHOCKS.get((int(y), int(m)), 1.0) for y, m in zip(year, place_in_year, strict=True)]
    shared: npt.NDArray[np.float64] = np.log(np.array(SEASON)[place_in_year] * np.array(shocks)) + noise
    return shared


def site_frames(seed: int) -> dict[Place, pd.DataFrame]:
    """The sites of the three authorities: a true effect of 0.70, none, and none where sites were chosen as rising."""
    return {
        REAL: _of(REAL, simulate_sites(seed, SITE_EFFECT, n_sites=12, n_treated=3, first_start=30, stagger=6)),
        NULL: _of(NULL, simulate_sites(seed + 1, 1.0, n_sites=10, n_treated=2, first_start=33, stagger=6)),
        RISING: _of(
            RISING,
            simulate_sites(
                seed + 2,
                1.0,
                n_sites=12,
                n_treated=3,
                first_start=36,
                trend_deviation=0.003,
                is_chosen_rising=True,
            ),
        ),
    }


def site_files(seed: int) -> dict[str, list[list[str]]]:
    """Header and rows of each authority's own file, by the name of the file."""
    names = {REAL: "sites.csv", NULL: f"sites-{NULL.code}.csv", RISING: f"sites-{RISING.code}.csv"}
    return {names[where]: [COLUMNS, *_text(frame)] for where, frame in site_frames(seed).items()}


def _of(where: places.Place, frame: pd.DataFrame) -> pd.DataFrame:
    named = dict(zip(sorted(frame["site"].unique()), NAMES, strict=False))
    return frame.assign(site=frame["site"].map(named), authority=where.name)


def _text(frame: pd.DataFrame) -> list[list[str]]:
    return [["" if pd.isna(cell) else str(cell) for cell in row] for row in frame[COLUMNS].itertuples(index=False)]
