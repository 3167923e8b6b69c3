"""Effects of a programme on referrals from first principles: a second computation that shares no code with the package.

Reads the published files as text, works every design of the study out with its own small fits, and writes the
estimates as JSON to standard output::

    python tests/reference/independent_site_effect.py > tests/reference/data/independent_site_effect.json

Only numpy, pandas and scipy are used. ``RULES`` states the choices that two honest programs could make differently.
All months are counted from January of year 0, so that July 2023 is 12 * 2023 + 6.
"""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from scipy import optimize

Floats = NDArray[np.float64]
Result = dict[str, object]

ROOT = Path(__file__).resolve().parents[2]
MONTHLY = Path("published/dfe/cin-2024-release/c6_children_in_need_referrals_by_month_2013_to_2024.csv")
ANNUAL = Path("published/dfe/c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv")
PEOPLE = Path("published/ons/ons_mid-year_population_estimates_2012_to_2024.csv")
PROGRAMMES = ROOT / "data" / "raw" / "programmes.csv"

YEAR_OF_MONTHS = (
    *("April", "May", "June", "July", "August", "September", "October", "November", "December"),
    *("January", "February", "March"),
)
WAVE_1 = "Families First for Children pathfinder, wave 1"
WAVE_2 = "Families First for Children pathfinder, wave 2"


def month(year: int, number: int) -> int:
    """Months since January of year 0; `number` is 1 to 12."""
    return 12 * year + number - 1


START, LAST, FIRST = month(2023, 7), month(2024, 3), month(2012, 4)
LEFT_OUT = 6
RULES = {
    "unit": "an authority by its code of nine characters; where a county kept its ground and its three-digit code but "
    "was given a new code (Buckinghamshire, North Yorkshire, Somerset) the two codes are one unit",
    "exposure": "children of the mid-year before, the same number in every month, however many days it has",
    "months_between": "months between the window and the start are left out for everybody",
    "level_did": "the rate of a calendar month is counts over exposure, both summed over the years of the window",
    "fewest_before": "donors have every month, treated units at least 12 before",
    "placebo_sets": "no treated unit stays in the data, the other donors are the controls",
    "third": "rank by mean exposure over the months of the file, from 0, times 3 over the number of units, rounded "
    "down; the units are the donors and the treated units of that design",
    "interval": "estimate on the log scale plus and minus the k-th largest placebo size, k = floor(0.05 (M + 1))",
    "synthetic_did": "sd with one degree of freedom lost; no ridge on time weights",
}


@dataclass(frozen=True)
class Arena:
    """Counts and exposure (units by periods, treated units first); periods run before, then after the start."""

    units: tuple[str, ...]
    treated: int
    counts: Floats
    exposure: Floats
    periods: tuple[int, ...]
    before: int
    size: Floats

    @property
    def donors(self) -> int:
        return len(self.units) - self.treated

    def keep(self, rows: Sequence[int], treated: int) -> "Arena":
        """The arena of some of its units, the first `treated` of them as the treated ones."""
        picked = list(rows)
        units = tuple(self.units[row] for row in picked)
        table = (self.counts[picked], self.exposure[picked])
        return Arena(units, treated, *table, self.periods, self.before, self.size[picked])


def local_rows(path: Path) -> pd.DataFrame:
    """Rows of local authorities, as text, with `unit` made one where only the long code changed."""
    text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    rows = text.loc[text["geographic_level"] == "Local authority"].copy()
    newest = rows.sort_values("time_period").groupby("old_la_code")["new_la_code"].last()
    rows["unit"] = rows["old_la_code"].map(newest)
    rows["year"] = rows["time_period"].astype(int)
    return rows


def numeric(column: pd.Series) -> pd.Series:
    """Numbers; every symbol is missing."""
    return pd.to_numeric(column, errors="coerce").astype(float)


def people_by_year(folder: Path) -> pd.Series:
    """Children by unit and the year to March that they belong to (the one after the mid-year)."""
    rows = local_rows(folder / PEOPLE)
    rows["year"] += 1
    return numeric(rows.set_index(["unit", "year"])["population_estimate"])


def monthly_tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Referrals and children, units by months."""
    rows = local_rows(folder / MONTHLY)
    people = people_by_year(folder)
    counts: dict[tuple[str, int], float] = {}
    children: dict[tuple[str, int], float] = {}
    for position, name in enumerate(YEAR_OF_MONTHS):
        for unit, year, value in zip(rows["unit"], rows["year"], numeric(rows[name]), strict=True):
            when = month(year - 1, 4) + position
            counts[unit, when] = value
            children[unit, when] = people.get((unit, year), np.nan)
    return pd.Series(counts).unstack(), pd.Series(children).unstack()


def annual_tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Referrals and children, units by years to March."""
    rows = local_rows(folder / ANNUAL)
    counts = numeric(rows.set_index(["unit", "year"])["referral_count"])
    return counts.unstack(), people_by_year(folder).reindex(counts.index).unstack()


def programme_units(folder: Path) -> dict[str, list[str]]:
    """Units of every programme, in the order of the list."""
    rows = local_rows(folder / MONTHLY).sort_values("year")
    code = dict(zip(rows["la_name"], rows["unit"], strict=True))
    found: dict[str, list[str]] = {}
    with PROGRAMMES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["programme"], []).append(code[row["area"]])
    return found


def arena(
    tables: tuple[pd.DataFrame, pd.DataFrame],
    treated: Sequence[str],
    barred: Iterable[str],
    *,
    before: Sequence[int],
    after: Sequence[int],
    smallest: float,
) -> Arena:
    """Treated units and the donors with every period before and after and enough referrals."""
    counts, children = tables
    periods = [*before, *after]
    whole = counts.reindex(columns=periods)
    exposed = children.reindex(columns=periods).where(whole.notna())
    whole = whole.where(exposed.notna())
    enough = whole[periods].notna().all(axis=1) & (whole[periods].mean(axis=1) >= smallest)
    donors = sorted(set(whole.index[enough]) - set(barred) - set(treated))
    units = [*sorted(treated), *donors]
    return Arena(
        tuple(units),
        len(treated),
        whole.loc[units].to_numpy(dtype=float),
        exposed.loc[units].to_numpy(dtype=float),
        tuple(periods),
        len(before),
        children.loc[units].mean(axis=1).to_numpy(dtype=float),
    )


def two_way_poisson(counts: Floats, exposure: Floats, known: NDArray[np.bool_]) -> Floats:
    """Means exposure * a_i * b_t of a Poisson fit to the known cells: one Newton solve on log b, a profiled out."""
    y, e = np.where(known, counts, 0.0), np.where(known, exposure, 0.0)
    totals = y.sum(axis=1)
    log_b: Floats = np.zeros(y.shape[1])
    for _ in range(100):
        weighted = e * np.exp(log_b)
        base = weighted.sum(axis=1, keepdims=True)
        share = weighted / np.where(base > 0, base, 1.0)
        fitted = totals[:, None] * share
        score = (y - fitted).sum(axis=0)[1:]
        information = np.diag(fitted.sum(axis=0)) - share.T @ (totals[:, None] * share)
        step = np.linalg.solve(information[1:, 1:], score)
        log_b[1:] += step
        if float(np.max(np.abs(step))) < 1e-13:
            break
    else:
        raise ArithmeticError("the Poisson fit did not converge")
    a = totals / (e @ np.exp(log_b))
    return np.asarray(exposure * a[:, None] * np.exp(log_b), dtype=float)


def imputed(design: Arena, *, season: bool) -> Floats:
    """Expected counts of every cell, from untreated cells; with `season` every calendar month is its own fit."""
    known = np.isfinite(design.counts)
    known[: design.treated, design.before :] = False
    first = design.before
    expected = np.full(design.counts.shape, np.nan)
    group = np.array(design.periods) % 12 if season else np.zeros(len(design.periods), dtype=int)
    for value in np.unique(group[first:]):
        columns = np.flatnonzero(group == value)
        # A treated unit that lacks this calendar month in every year before says nothing of it.
        rows = np.flatnonzero(known[:, columns].any(axis=1))
        cells = np.ix_(rows, columns)
        expected[cells] = two_way_poisson(design.counts[cells], design.exposure[cells], known[cells])
    return expected


def observed_and_imputed(design: Arena, *, season: bool = True) -> tuple[Floats, Floats]:
    """Sums after the start, one per treated unit."""
    after = slice(design.before, None)
    expected = imputed(design, season=season)[: design.treated, after]
    seen = np.isfinite(expected)
    observed = np.where(seen, design.counts[: design.treated, after], 0.0)
    return observed.sum(axis=1), np.nansum(expected, axis=1)


def rate_ratio(design: Arena, *, season: bool = True) -> float:
    """Observed over imputed, summed over treated units."""
    observed, expected = observed_and_imputed(design, season=season)
    return float(observed.sum() / expected.sum())


def per_authority(design: Arena) -> float:
    """The ratio when every treated unit weighs the same."""
    observed, expected = observed_and_imputed(design)
    return float(np.exp(np.mean(np.log(observed / expected))))


def level_did(design: Arena) -> float:
    """Observed over expected from the unit's own rates of the same calendar months, treated over donors."""
    calendar = np.array(design.periods) % 12
    before, after = np.arange(len(calendar)) < design.before, np.arange(len(calendar)) >= design.before
    expected = np.zeros(len(design.units))
    for value in np.unique(calendar[after]):
        then, now = before & (calendar == value), after & (calendar == value)
        rate = np.nansum(design.counts[:, then], axis=1) / np.nansum(design.exposure[:, then], axis=1)
        expected += rate * design.exposure[:, now].sum(axis=1)
    observed = design.counts[:, after].sum(axis=1)
    part = design.treated
    return float((observed[:part].sum() / expected[:part].sum()) / (observed[part:].sum() / expected[part:].sum()))


def comparative_its(design: Arena) -> float:
    """Step in the difference of pooled log rates, net of a line and of calendar months."""

    def pooled(rows: slice) -> Floats:
        return np.asarray(np.log(design.counts[rows].sum(axis=0) / design.exposure[rows].sum(axis=0)), dtype=float)

    gap = pooled(slice(0, design.treated)) - pooled(slice(design.treated, None))
    time = np.array(design.periods, dtype=float)
    step = (np.arange(len(time)) >= design.before).astype(float)
    months = np.eye(12)[np.array(design.periods) % 12]
    columns = np.column_stack([step, (time - time[0]) / 12, months])
    return float(np.exp(np.linalg.lstsq(columns, gap, rcond=None)[0][0]))


def simplex_weights(target: Floats, columns: Floats, ridge: float) -> Floats:
    """Weights, none negative, sum one, that minimise |target - columns w|^2 + ridge |w|^2.

    Non-negative least squares on the Karush-Kuhn-Tucker system: the sum is bound by a heavy row, made heavier until the
    answer stands still, then the support is solved exactly with a Lagrange multiplier.
    """
    count = columns.shape[1]
    scale = float(np.abs(columns).max())
    stacked = np.vstack([columns, np.sqrt(ridge) * np.eye(count), np.full((1, count), 1e4 * scale)])
    aim = np.concatenate([target, np.zeros(count), [1e4 * scale]])
    weights, _ = optimize.nnls(stacked, aim, maxiter=100 * count)
    support = np.flatnonzero(weights > 1e-9)
    while True:
        part = columns[:, support]
        hessian = part.T @ part + ridge * np.eye(len(support))
        system = np.block([[hessian, np.ones((len(support), 1))], [np.ones((1, len(support))), np.zeros((1, 1))]])
        solved = np.linalg.lstsq(system, np.append(part.T @ target, 1.0), rcond=None)[0][:-1]
        if solved.min() >= -1e-12:
            break
        support = support[solved > 0]
    exact = np.zeros(count)
    exact[support] = solved
    gradient = columns.T @ (columns @ exact - target) + ridge * exact
    worst = float(gradient[support].max() - gradient.min())
    if worst > 1e-6 * max(1.0, float(np.abs(gradient).max())):
        raise ArithmeticError(f"the weights are not the best ones: a slope of {worst:.2g} is left")
    return exact


def log_rates(design: Arena) -> Floats:
    """Logs of monthly rates; a month of no referral has none."""
    if not (design.counts > 0).all():
        raise ValueError("a month without a referral")
    return np.asarray(np.log(design.counts / design.exposure), dtype=float)


def mean_over_treated(design: Arena, one: Callable[[Floats, Floats, int], float]) -> float:
    """Exponential of the mean over treated units of an effect on log rates, each with all donors."""
    rates = log_rates(design)
    donors = rates[design.treated :]
    return float(np.exp(np.mean([one(rates[unit], donors, design.before) for unit in range(design.treated)])))


def synthetic_control(own: Floats, donors: Floats, before: int) -> float:
    """Mean gap after the start from the mix of donors nearest before it."""
    weights = simplex_weights(own[:before], donors[:, :before].T, 0.0)
    return float(np.mean(own[before:] - weights @ donors[:, before:]))


def synthetic_did(own: Floats, donors: Floats, before: int) -> float:
    """Synthetic difference in differences of one treated unit (Arkhangelsky et al. 2021)."""
    past, later = donors[:, :before], donors[:, before:]
    zeta = later.shape[1] ** 0.25 * float(np.std(np.diff(past, axis=1), ddof=1))
    # The free intercept of each weighting problem goes when target and columns are centred.
    centred = past.T - past.T.mean(axis=0)
    units = simplex_weights(own[:before] - own[:before].mean(), centred, zeta**2 * before)
    goal = later.mean(axis=1)
    times = simplex_weights(goal - goal.mean(), past - past.mean(axis=0), 0.0)
    change_own = own[before:].mean() - times @ own[:before]
    change_donors = units @ (later.mean(axis=1) - past @ times)
    return float(change_own - change_donors)


def quarterly_change(design: Arena) -> float:
    """Log quarterly rates after less the last quarter of the window, mean over quarters, treated less donors."""
    base = np.arange(design.before - 3, design.before)
    quarters = [np.arange(first, first + 3) for first in range(design.before, len(design.periods), 3)]

    def level(columns: NDArray[np.int_]) -> Floats:
        rate = design.counts[:, columns].sum(axis=1) / design.exposure[:, columns].sum(axis=1)
        return np.asarray(np.log(rate), dtype=float)

    change = np.mean([level(columns) for columns in quarters], axis=0) - level(base)
    return float(np.exp(change[: design.treated].mean() - change[design.treated :].mean()))


def thirds(design: Arena) -> NDArray[np.int_]:
    """Size third of every unit, 0 the smallest."""
    rank = np.argsort(np.argsort(design.size, kind="stable"), kind="stable")
    return np.asarray(rank * 3 // len(design.units), dtype=int)


def as_placebo(design: Arena, chosen: Sequence[int]) -> float:
    """Log effect at chosen donors, all other donors as controls and no treated unit in the data."""
    others = [row for row in range(design.treated, len(design.units)) if row not in set(chosen)]
    return float(np.log(rate_ratio(design.keep([*chosen, *others], len(chosen)))))


def placebo_interval(ratio: float, placebos: Sequence[float]) -> Result:
    """Interval by inverting the rank test, the rank test of no effect, and how many placebos."""
    sizes = np.sort(np.abs(placebos))[::-1]
    log_ratio, total = np.log(ratio), len(placebos) + 1
    # 0.05 * total is not exact in binary; a hair more keeps a whole number whole.
    reach = sizes[int(np.floor(0.05 * total + 1e-9)) - 1]
    return {
        "estimate": ratio,
        "low": float(np.exp(log_ratio - reach)),
        "high": float(np.exp(log_ratio + reach)),
        "p": float((1 + (sizes >= abs(log_ratio)).sum()) / total),
        "placebos": len(placebos),
    }


def alone_with_interval(design: Arena) -> Result:
    """One treated unit, every donor of its size third as a placebo."""
    third = thirds(design)
    like = [row for row in range(1, len(design.units)) if third[row] == third[0]]
    return placebo_interval(rate_ratio(design), [as_placebo(design, [row]) for row in like])


def pooled_with_interval(design: Arena, draws: int, seed: int) -> Result:
    """All treated units, random sets of donors with the same number in every size third."""
    third = thirds(design)
    wanted = np.bincount(third[: design.treated], minlength=3)
    pools = [[row for row in range(design.treated, len(design.units)) if third[row] == part] for part in range(3)]
    random = np.random.default_rng(seed)
    placebos = []
    for _ in range(draws):
        chosen = [
            int(row)
            for pool, size in zip(pools, wanted, strict=True)
            for row in random.choice(pool, size=size, replace=False)
        ]
        placebos.append(as_placebo(design, chosen))
    found = placebo_interval(rate_ratio(design), placebos)
    return {**found, "treated_by_third": wanted.tolist(), "donors_by_third": [len(pool) for pool in pools]}


def entry(design: Arena, value: float) -> Result:
    """A number with the size of the comparison behind it."""
    return {"estimate": value, "treated": design.treated, "donors": design.donors}


def imputation(design: Arena) -> Result:
    """The imputation, pooled over referrals."""
    return entry(design, rate_ratio(design))


def monthly_designs(folder: Path) -> dict[str, Result]:
    """Every design on months."""
    tables, programmes = monthly_tables(folder), programme_units(folder)
    listed = {unit for units in programmes.values() for unit in units}
    wave = programmes[WAVE_1]
    counts = tables[0]

    def designed(window: int = 36, later: int = 0, barred: Iterable[str] = listed) -> Arena:
        last = START - LEFT_OUT
        first = FIRST if window == 0 else last - window
        before, after = list(range(first, last)), list(range(START + later, LAST + 1))
        if (counts.loc[wave].reindex(columns=before).notna().sum(axis=1) < 12).any():
            raise ValueError("a treated unit has fewer than 12 months before")
        return arena(tables, wave, barred, before=before, after=after, smallest=10)

    main = designed()
    rest = range(main.treated, len(main.units))
    found = {
        "poisson_imputation": imputation(main),
        "per_authority_weighting": entry(main, per_authority(main)),
        "level_did": entry(main, level_did(main)),
        "comparative_its": entry(main, comparative_its(main)),
        "synthetic_control": entry(main, mean_over_treated(main, synthetic_control)),
        "synthetic_did": entry(main, mean_over_treated(main, synthetic_did)),
        "callaway_santanna_quarterly": entry(main, quarterly_change(main)),
    }
    for row in range(main.treated):
        alone = main.keep([row, *rest], 1)
        found[f"treated_{main.units[row]}"] = {**imputation(alone), **alone_with_interval(alone)}
    others = {f"window_{months}": designed(months) for months in (12, 24, 60)}
    others |= {"window_all": designed(0), "start_plus_3": designed(later=3), "start_plus_6": designed(later=6)}
    others |= {"with_contaminated_donors": designed(barred=wave)}
    found |= {key: imputation(design) for key, design in others.items()}
    found["poisson_imputation_with_own_placebos"] = pooled_with_interval(main, 999, 20230701)
    return found


def annual_designs(folder: Path) -> dict[str, Result]:
    """Years to March, both waves of the pathfinder."""
    tables, programmes = annual_tables(folder), programme_units(folder)
    listed = {unit for units in programmes.values() for unit in units}

    def designed(units: Sequence[str], before: Sequence[int], after: Sequence[int]) -> Result:
        design = arena(tables, units, listed, before=before, after=after, smallest=120)
        return entry(design, rate_ratio(design, season=False))

    return {
        "annual_poisson_imputation": designed(programmes[WAVE_1], (2020, 2021, 2022), (2024, 2025)),
        "annual_families_first_for_children_pathfinder_wave_2": designed(
            programmes[WAVE_2], (2021, 2022, 2023), (2025,)
        ),
    }


def rounded(value: object) -> object:
    """The same structure with every number to eight decimals."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return round(value, 8) if isinstance(value, float) else value


def main() -> None:
    """Write the estimates on the published files as JSON."""
    beside = ROOT.parent / "shared" / "data"
    folder = Path(os.environ.get("INSIGHT_TEST_DATA", beside))
    found = {**monthly_designs(folder), **annual_designs(folder)}
    made = {
        "made_by": Path(__file__).name,
        "source": "Department for Education, Children in need 2024 and 2025, and Office for National "
        "Statistics, mid-year population estimates; Open Government Licence v3.0",
        "files": [MONTHLY.name, ANNUAL.name, PEOPLE.name, PROGRAMMES.name],
        "versions": {"numpy": np.__version__, "pandas": pd.__version__, "scipy": scipy.__version__},
        "rules": RULES,
        "estimates": dict(sorted(found.items())),
    }
    sys.stdout.write(json.dumps(rounded(made), indent=2) + "\n")


if __name__ == "__main__":
    main()
