"""Caseload and turnover estimates from first principles: a second computation that shares no code with the package.

Reads the published workforce file (2017 to 2025) as text, builds every lag by period, fits each version with explicit
dummies and matrix algebra, and writes the estimates as JSON to standard output::

    python tests/reference/independent_caseload_turnover.py > tests/reference/data/caseload_turnover_2025.json

Only numpy, pandas and scipy are used. ``RULES`` states the choices that two honest programs could make differently;
``std_error_by_count`` shows what other counts of the parameters would give, so that a difference can be traced.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Result = dict[str, object]

PUBLISHED = Path("published") / "dfe" / "csww_indicators_2017_to_2025.csv"
MEASURES = (
    "inpost_fte",
    "inpost_headcount",
    "leavers_fte",
    "leavers_headcount",
    "turnover_rate_fte",
    "agency_rate_fte",
    "case_holders_fte",
    "cases",
    "caseload_fte",
)
TINY = ("420", "201")  # Isles of Scilly and City of London: a handful of workers each
OPENING = "turnover_opening"
PUBLISHED_RATE = "turnover_rate_fte"
MEAN_STOCK = "turnover_mean_stock"
LAG = "caseload_lag1"
COMMON = (LAG, "leavers_fte", "inpost_fte_lag1", "inpost_fte", PUBLISHED_RATE)
POISSON = (LAG, "leavers_headcount", "inpost_headcount_lag1", "inpost_headcount")
AREA_YEAR = ("area", "year")
RULES = {
    "unit": "old_la_code as text; a joint return is one unit; 928 and '940 / 941' are two units",
    "rows": "local authority rows whose columns named by the version are all numbers; linear versions also need "
    "caseload at t-1, leavers_fte at t, inpost_fte at t-1 and t, turnover_rate_fte at t",
    "poisson_rows": "caseload at t-1, leavers_headcount at t, inpost_headcount at t-1 and t; FTE columns not asked for",
    "singletons": "levels of the effects with one row are dropped until none is left; not in first differences, "
    "whose only effect is the year",
    "count": "K = regressors + number of years (or region-years): the nested area effects count as one intercept",
    "factor": "G / (G - 1) * (N - 1) / (N - K), t with G - 1, for the Poisson versions too",
    "halves": "early: years 2018 to 2021; late: 2022 to 2025, of the year in which people leave",
    "mundlak": "area means over the rows used; K = all columns with the intercept; rows as in lag_opening",
    "same_year": "caseload at t takes the place of caseload at t-1 also among the columns that must be numbers",
    "crv3": "(G - 1) / G * sum of squared changes from the full estimate when one area is left out; "
    "crv3_with_crv1_factor has the CRV1 factor in the place of (G - 1) / G, as some programs do",
    "northamptonshire_joined": "928 and '940 / 941' cover the same ground and are taken as one unit",
}


@dataclass(frozen=True)
class Fit:
    """Coefficients, the cluster sandwich before any factor, and what the factor needs."""

    terms: tuple[str, ...]
    coefficients: Floats
    sandwich: Floats
    rows: int
    units: int
    years: int
    rows_before_singletons: int
    counts: Mapping[str, int]

    def covariance(self, count: str) -> Floats:
        """CRV1 with the parameters counted by the rule named."""
        groups, rows = self.units, self.rows
        factor = groups / (groups - 1) * (rows - 1) / (rows - self.counts[count])
        return factor * self.sandwich


def read_panel(path: Path) -> pd.DataFrame:
    """One row per area and year, columns `area`, `year`, `region` and the measures, symbols missing."""
    text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    rows = text.loc[text["geographic_level"] == "Local authority"]
    london = rows["region_name"].isin(["Inner London", "Outer London"])
    panel = pd.DataFrame(
        {
            "area": rows["old_la_code"],
            "year": rows["time_period"].astype(int),
            "region": rows["region_name"].mask(london, "London"),
        }
    )
    for measure in MEASURES:
        panel[measure] = pd.to_numeric(rows[measure], errors="coerce").astype(float)
    if panel.duplicated(["area", "year"]).any():
        raise ValueError("an area has two rows in one year")
    return panel.sort_values(["area", "year"]).reset_index(drop=True)


def at_year(panel: pd.DataFrame, measure: str, years_later: int) -> Floats:
    """The measure of the same area `years_later` years on (negative: before), missing where that year is not there."""
    by_key = panel.set_index(["area", "year"])[measure]
    wanted = pd.MultiIndex.from_arrays([panel["area"], panel["year"] + years_later])
    return by_key.reindex(wanted).to_numpy(dtype=float)


def with_lags(panel: pd.DataFrame) -> pd.DataFrame:
    """Add lags, leads, the two turnover rates that are ours, logs and the region-year."""
    made = panel.copy()
    for measure in ("inpost_fte", "inpost_headcount", "agency_rate_fte", "case_holders_fte", "cases"):
        made[f"{measure}_lag1"] = at_year(panel, measure, -1)
    made[LAG], made["caseload_lag2"] = at_year(panel, "caseload_fte", -1), at_year(panel, "caseload_fte", -2)
    made["caseload_lead0"], made["caseload_lead1"] = panel["caseload_fte"], at_year(panel, "caseload_fte", 1)
    opening = made["inpost_fte_lag1"].where(made["inpost_fte_lag1"] > 0)
    made["inpost_fte_lag1"] = opening
    made[OPENING] = 100 * made["leavers_fte"] / opening
    made[MEAN_STOCK] = 100 * made["leavers_fte"] / ((made["inpost_fte"] + opening) / 2)
    for column in ("cases_lag1", "case_holders_fte_lag1", "inpost_headcount_lag1", "inpost_headcount"):
        made[f"log_{column}"] = np.log(made[column].where(made[column] > 0))
    made["region_year"] = made["region"] + " " + made["year"].astype(str)
    return made


def complete(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Rows in which every column is a number."""
    return frame.loc[frame[list(columns)].notna().all(axis=1)]


def drop_singletons(frame: pd.DataFrame, effects: Sequence[str]) -> pd.DataFrame:
    """Drop levels with one row until none is left: such a row says nothing about a within-area slope."""
    while True:
        alone = pd.Series(False, index=frame.index)
        for effect in effects:
            alone |= frame.groupby(effect)[effect].transform("size") == 1
        if not alone.any():
            return frame
        frame = frame.loc[~alone]


def dummies(frame: pd.DataFrame, effects: Sequence[str]) -> Floats:
    """Indicator columns of every effect; the first level of the second and later effects is left out."""
    blocks = []
    for position, effect in enumerate(effects):
        codes, levels = pd.factorize(frame[effect], sort=True)
        block = np.eye(len(levels))[codes]
        blocks.append(block if position == 0 else block[:, 1:])
    return np.hstack(blocks)


def project_out(values: Floats, effects: Floats, weights: Floats) -> Floats:
    """Residuals of a weighted least-squares fit of each column on the effects (Frisch, Waugh and Lovell)."""
    root = np.sqrt(weights)[:, None]
    fitted, *_ = np.linalg.lstsq(root * effects, root * values, rcond=None)
    return np.asarray(values - effects @ fitted, dtype=float)


def sandwich_by_area(areas: pd.Series, regressors: Floats, scores: Floats, weights: Floats) -> Floats:
    """Inverse information, squared sums of scores by area, inverse information; no small-sample factor."""
    bread = np.linalg.inv(regressors.T @ (weights[:, None] * regressors))
    codes, levels = pd.factorize(areas)
    sums = np.zeros((len(levels), regressors.shape[1]))
    np.add.at(sums, codes, scores)
    return np.asarray(bread @ (sums.T @ sums) @ bread, dtype=float)


def parameter_counts(frame: pd.DataFrame, effects: Sequence[str], terms: int) -> dict[str, int]:
    """Four ways to count K: the one used first, then the plain alternatives."""
    rank = int(np.linalg.matrix_rank(dummies(frame, effects)))
    nested = frame["area"].nunique() if "area" in effects else 1
    levels = sum(frame[effect].nunique() for effect in effects if effect != "area")
    return {
        "nested_effects_as_one": terms + levels,
        "nested_effects_as_none": terms + rank - nested,
        "regressors_only": terms,
        "every_dummy": terms + rank,
    }


def package(
    frame: pd.DataFrame, terms: Sequence[str], effects: Sequence[str], before: int, fitted: tuple[Floats, Floats]
) -> Fit:
    """Put a fit together with the sizes that its standard errors need."""
    coefficients, sandwich = fitted
    counts = parameter_counts(frame, effects, len(terms))
    units, years = frame["area"].nunique(), frame["year"].nunique()
    return Fit(tuple(terms), coefficients, sandwich, len(frame), units, years, before, counts)


def linear(
    frame: pd.DataFrame,
    outcome: str,
    terms: Sequence[str],
    *,
    effects: Sequence[str] = AREA_YEAR,
    weights: str | None = None,
    needs: Sequence[str] = COMMON,
) -> Fit:
    """Least squares with effects projected out, clustered by area."""
    rows = complete(frame, [*needs, *terms, outcome])
    kept = drop_singletons(rows, effects) if "area" in effects else rows
    weight = np.ones(len(kept)) if weights is None else kept[weights].to_numpy(dtype=float)
    table = project_out(kept[[outcome, *terms]].to_numpy(dtype=float), dummies(kept, effects), weight)
    y, x = table[:, 0], table[:, 1:]
    slopes: Floats = np.linalg.solve(x.T @ (weight[:, None] * x), x.T @ (weight * y)).astype(float)
    scores = x * (weight * (y - x @ slopes))[:, None]
    return package(kept, terms, effects, len(rows), (slopes, sandwich_by_area(kept["area"], x, scores, weight)))


def reweighted(y: Floats, design: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """Poisson coefficients and means by iteratively reweighted least squares on all columns, effects included."""
    means: Floats = y + 0.5
    beta: Floats = np.zeros(design.shape[1])
    for _ in range(200):
        working = np.log(means) - offset + (y - means) / means
        root = np.sqrt(means)[:, None]
        updated = np.asarray(np.linalg.lstsq(root * design, root[:, 0] * working, rcond=None)[0], dtype=float)
        change = float(np.max(np.abs(updated - beta)))
        beta, means = updated, np.exp(design @ updated + offset)
        if change < 1e-11:
            return beta, means
    raise ArithmeticError("the Poisson fit did not converge")


def poisson(
    frame: pd.DataFrame, terms: Sequence[str], *, offset: str | None = None, needs: Sequence[str] = POISSON
) -> Fit:
    """Leavers (headcount) with area and year effects by own IRLS, clustered by area, log scale."""
    rows = complete(frame, [*needs, *terms, *([offset] if offset else [])])
    kept = drop_singletons(rows, AREA_YEAR)
    while not (some := kept.groupby("area")["leavers_headcount"].transform("sum") > 0).all():
        kept = drop_singletons(kept.loc[some], AREA_YEAR)
    y, x = kept["leavers_headcount"].to_numpy(dtype=float), kept[list(terms)].to_numpy(dtype=float)
    shift = kept[offset].to_numpy(dtype=float) if offset else np.zeros(len(kept))
    effects = dummies(kept, AREA_YEAR)
    beta, means = reweighted(y, np.hstack([x, effects]), shift)
    within = project_out(x, effects, means)
    sandwich = sandwich_by_area(kept["area"], within, within * (y - means)[:, None], means)
    return package(kept, terms, AREA_YEAR, len(rows), (beta[: len(terms)], sandwich))


def interval(value: float, error: float, units: int) -> Result:
    """Estimate, standard error and the 95% interval by t with G - 1."""
    reach = float(stats.t.ppf(0.975, units - 1)) * error
    return {"coefficient": value, "std_error": error, "low": value - reach, "high": value + reach}


def described(fit: Fit) -> Result:
    """The numbers of a fit, one entry per term."""
    terms: dict[str, Result] = {}
    for position, term in enumerate(fit.terms):
        errors = {name: float(np.sqrt(fit.covariance(name)[position, position])) for name in fit.counts}
        entry = interval(float(fit.coefficients[position]), errors["nested_effects_as_one"], fit.units)
        terms[term] = {**entry, "std_error_by_count": errors}
    return {
        "terms": terms,
        "rows": fit.rows,
        "units": fit.units,
        "years": fit.years,
        "rows_before_singletons": fit.rows_before_singletons,
        "parameters_counted": fit.counts["nested_effects_as_one"],
    }


def first_differences(frame: pd.DataFrame) -> Result:
    """Change of the outcome on change of the lagged caseload between consecutive years, year effects."""
    levels = complete(frame, [*COMMON, OPENING])
    changes = levels[["area", "year"]].copy()
    for column in (OPENING, LAG):
        changes[column] = levels[column].to_numpy(dtype=float) - at_year(levels, column, -1)
    return described(linear(changes, OPENING, [LAG], effects=("year",), needs=()))


def halves(frame: pd.DataFrame) -> dict[str, Result]:
    """Both halves of the years and the split-panel jackknife (Dhaene and Jochmans, 2015)."""
    early = linear(frame.loc[frame["year"] <= 2021], OPENING, [LAG])
    late = linear(frame.loc[frame["year"] >= 2022], OPENING, [LAG])
    whole = linear(frame, OPENING, [LAG])
    value = 2 * whole.coefficients[0] - (early.coefficients[0] + late.coefficients[0]) / 2
    jackknife: Result = {
        "terms": {LAG: {"coefficient": float(value)}},
        "rows": whole.rows,
        "units": whole.units,
        "years": whole.years,
        "rows_before_singletons": whole.rows_before_singletons,
    }
    return {"split_panel_jackknife": jackknife, "early_half": described(early), "late_half": described(late)}


def leads(frame: pd.DataFrame) -> Result:
    """Caseload before, at the end of and after the year in which people leave, with the joint test of the last two."""
    fit = linear(frame, OPENING, [LAG, "caseload_lead0", "caseload_lead1"])
    later = fit.coefficients[1:]
    tests: dict[str, Result] = {}
    for count in fit.counts:
        statistic = float(later @ np.linalg.solve(fit.covariance(count)[1:, 1:], later)) / 2
        tests[count] = {"f": statistic, "p": float(stats.f.sf(statistic, 2, fit.units - 1))}
    return {**described(fit), "joint_test_of_leads": tests["nested_effects_as_one"], "joint_test_by_count": tests}


def mundlak(frame: pd.DataFrame, *, singletons: bool) -> dict[str, Result]:
    """Least squares on the lag, its area mean and year dummies: the within and the between slope."""
    rows = complete(frame, [*COMMON, OPENING])
    kept = rows if singletons else drop_singletons(rows, AREA_YEAR)
    mean = kept.groupby("area")[LAG].transform("mean").to_numpy(dtype=float)
    x = np.column_stack([kept[LAG], mean, dummies(kept, ("year",))])
    y = kept[OPENING].to_numpy(dtype=float)
    slopes, *_ = np.linalg.lstsq(x, y, rcond=None)
    sandwich = sandwich_by_area(kept["area"], x, x * (y - x @ slopes)[:, None], np.ones(len(y)))
    n, units, k = len(y), kept["area"].nunique(), x.shape[1]
    covariance = units / (units - 1) * (n - 1) / (n - k) * sandwich[:2, :2]
    sizes: Result = {"rows": n, "units": units, "years": kept["year"].nunique(), "rows_before_singletons": len(rows)}
    found: dict[str, Result] = {}
    for key, direction in {"within": (1.0, 0.0), "between": (1.0, 1.0), "between_less_within": (0.0, 1.0)}.items():
        pick = np.array(direction)
        entry = interval(float(pick @ slopes[:2]), float(np.sqrt(pick @ covariance @ pick)), units)
        found[key] = {"terms": {LAG: entry}, **sizes, "parameters_counted": k}
    return found


def region_only(frame: pd.DataFrame, region: str) -> Result:
    """One region with area and year effects; CRV3, the jackknife over areas, because areas are few."""
    here = frame.loc[frame["region"] == region]
    whole = linear(here, OPENING, [LAG])
    left_out = np.array(
        [
            linear(here.loc[here["area"] != area], OPENING, [LAG]).coefficients[0]
            for area in sorted(here["area"].unique())
        ]
    )
    scale = (whole.units - 1) / whole.units
    squares = float(np.sum((left_out - whole.coefficients[0]) ** 2))
    centred = float(np.sqrt(scale * squares))
    jackknife = float(np.sqrt(scale * np.sum((left_out - left_out.mean()) ** 2)))
    crv1_factor = float(whole.covariance("nested_effects_as_one")[0, 0] / whole.sandwich[0, 0])
    plain = described(whole)
    entry = interval(float(whole.coefficients[0]), centred, whole.units)
    others = {
        "crv3_around_mean": jackknife,
        "crv3_with_crv1_factor": float(np.sqrt(crv1_factor * squares)),
        "crv1": float(np.sqrt(whole.covariance("nested_effects_as_one")[0, 0])),
    }
    return {**plain, "region": region, "terms": {LAG: {**entry, "std_error_by_method": others}}}


def linear_versions(frame: pd.DataFrame, everyone: pd.DataFrame) -> dict[str, Result]:
    """Least-squares versions with area and year (or region-year) effects."""
    without_lag = [column for column in COMMON if column != LAG]
    fits: dict[str, Callable[[], Fit]] = {
        "lag_opening": lambda: linear(frame, OPENING, [LAG]),
        "lag_published": lambda: linear(frame, PUBLISHED_RATE, [LAG]),
        "lag_mean_stock": lambda: linear(frame, MEAN_STOCK, [LAG]),
        "with_agency": lambda: linear(frame, OPENING, [LAG, "agency_rate_fte_lag1"]),
        "weighted": lambda: linear(frame, OPENING, [LAG], weights="inpost_fte"),
        "region_year": lambda: linear(frame, OPENING, [LAG], effects=("area", "region_year")),
        "all_authorities": lambda: linear(everyone, OPENING, [LAG]),
        "two_lags": lambda: linear(frame, OPENING, [LAG, "caseload_lag2"]),
        "same_year": lambda: linear(frame, OPENING, ["caseload_lead0"], needs=without_lag),
        "same_year_on_lagged_rows": lambda: linear(frame, OPENING, ["caseload_lead0"]),
    }
    return {key: described(fit()) for key, fit in fits.items()}


def poisson_versions(frame: pd.DataFrame) -> dict[str, Result]:
    """Counts of leavers: which headcount is the offset, and what happens when none is."""
    opening, closing = "log_inpost_headcount_lag1", "log_inpost_headcount"
    parts = ["log_cases_lag1", "log_case_holders_fte_lag1", opening]
    both = (*POISSON, *COMMON)
    fits: dict[str, Callable[[], Fit]] = {
        "leavers_poisson_opening": lambda: poisson(frame, [LAG], offset=opening),
        "leavers_poisson_closing": lambda: poisson(frame, [LAG], offset=closing),
        "leavers_poisson_free_headcount": lambda: poisson(frame, [LAG, opening]),
        "free_denominator": lambda: poisson(frame, parts),
        "leavers_poisson_opening_on_linear_rows": lambda: poisson(frame, [LAG], offset=opening, needs=both),
        "leavers_poisson_closing_on_linear_rows": lambda: poisson(frame, [LAG], offset=closing, needs=both),
        "leavers_poisson_free_headcount_on_linear_rows": lambda: poisson(frame, [LAG, opening], needs=both),
        "free_denominator_on_linear_rows": lambda: poisson(frame, parts, needs=both),
    }
    return {key: described(fit()) for key, fit in fits.items()}


def northamptonshire_joined(panel: pd.DataFrame) -> dict[str, Result]:
    """The three denominators with the old county and the joint return of its two successors as one unit."""
    joined = panel.assign(area=panel["area"].replace("928", "940 / 941"))
    lagged = with_lags(joined.sort_values(["area", "year"]).reset_index(drop=True))
    frame = lagged.loc[~lagged["area"].isin(TINY)]
    outcomes = {"lag_opening": OPENING, "lag_published": PUBLISHED_RATE, "lag_mean_stock": MEAN_STOCK}
    found = {key: described(linear(frame, outcome, [LAG])) for key, outcome in outcomes.items()}
    return {f"{key}_northamptonshire_joined": value for key, value in found.items()}


def identity(panel: pd.DataFrame) -> Result:
    """How the published rate compares with leavers over the closing stock, both published to one decimal."""
    rows = complete(panel, [PUBLISHED_RATE, "leavers_fte", "inpost_fte"])
    gap = (rows[PUBLISHED_RATE] - 100 * rows["leavers_fte"] / rows["inpost_fte"]).abs()
    # Leavers and stock are each rounded by up to 0.05, the rate too: that is how far the two can honestly differ.
    allowed = 0.05 + 0.05 * (100 + rows[PUBLISHED_RATE] + 0.05) / rows["inpost_fte"]
    return {
        "rows": len(gap),
        "rows_within_0.05": int((gap <= 0.05 + 1e-9).sum()),
        "rows_explained_by_rounding": int((gap <= allowed + 1e-9).sum()),
        "largest_gap": float(gap.max()),
    }


def estimates(path: Path) -> Result:
    """Every version, with the versions of the programs that made it."""
    panel = read_panel(path)
    everyone = with_lags(panel)
    frame = everyone.loc[~everyone["area"].isin(TINY)]
    found = {**linear_versions(frame, everyone), **halves(frame), **mundlak(frame, singletons=False)}
    found |= {f"{key}_with_singletons": value for key, value in mundlak(frame, singletons=True).items()}
    found |= {"first_differences": first_differences(frame), "leads": leads(frame)}
    found |= {"region_only": region_only(frame, "West Midlands"), **poisson_versions(frame)}
    found |= northamptonshire_joined(panel)
    versions = {"numpy": np.__version__, "pandas": pd.__version__, "scipy": scipy.__version__}
    return {
        "made_by": Path(__file__).name,
        "source": "Department for Education, Children's social work workforce 2025, Open Government Licence v3.0",
        "file": PUBLISHED.name,
        "versions": versions,
        "rules": RULES,
        "turnover_is_leavers_over_closing_stock": identity(panel),
        "estimates": dict(sorted(found.items())),
    }


def rounded(value: object) -> object:
    """The same structure with every number to six decimals."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return round(value, 6) if isinstance(value, float) else value


def main() -> None:
    """Write the estimates on the published file as JSON."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("INSIGHT_TEST_DATA", beside))
    sys.stdout.write(json.dumps(rounded(estimates(folder / PUBLISHED)), indent=2) + "\n")


if __name__ == "__main__":
    main()
