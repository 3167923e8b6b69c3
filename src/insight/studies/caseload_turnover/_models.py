"""The national model in every specification; nothing here depends on the authority that a page is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate, Scale
from insight.core.register import Register
from insight.errors import MethodRefused, NotEnoughData
from insight.stats.dynamics import first_differences, split_panel_jackknife
from insight.stats.fifths import within_deviation_groups, within_deviations
from insight.stats.fit import Fit, joint_test
from insight.stats.mundlak import between_within
from insight.stats.poisson import poisson_regression
from insight.stats.two_way import within_regression
from insight.stats.wild_bootstrap import restricted_wild_bootstrap
from insight.studies.caseload_turnover._frame import MEASURES, Frame
from insight.studies.caseload_turnover._national import HEADLINE, National

POINTS = "leavers per 100 workers, for one more case"
RATIO = "times as many leavers, for one more case"
TENTH = "times as many leavers, for a tenth more"
WILD_SEED = 20250930
OUTCOME = "turnover_opening"
REGRESSOR = "caseload_before"


def national_of(frame: Frame, register: Register) -> National:
    """Every specification on every authority."""
    model = _Model(frame, register)
    estimates = tuple(model.estimates())
    head = next(estimate for estimate in estimates if estimate.key == HEADLINE)
    usable = frame.usable
    return National(
        estimates=estimates,
        by_region={region.code: tuple(model.region(region.code)) for region in register.regions},
        fifths=_fifths(usable),
        deviations=_deviations(usable),
        mean_turnover=float(usable[OUTCOME].mean()) if len(usable) else None,
        first_year=int(usable["time_period"].min()) if len(usable) else frame.first_year,
        last_year=frame.last_year,
        rows=head.n_rows or 0,
        units=head.n_units or 0,
        rows_before_singletons=len(usable),
        names_left_out=sorted({register.get(r.area).name for r in frame.left_out}),
        rows_left_out=frame.left_out,
        counted=_counted(frame),
    )


class _Model:
    """Specifications over one frame, each an Estimate or the reason why it is none."""

    def __init__(self, frame: Frame, register: Register) -> None:
        self._rows = _with_logs(frame.usable)
        self._everybody = frame.everybody
        self._half = frame.first_year + (frame.last_year - frame.first_year + 1) // 2
        self._register = register

    def estimates(self) -> list[Estimate]:
        """All but the regional ones, headline first."""
        rows = self._rows
        early, late = rows[rows["time_period"] < self._half], rows[rows["time_period"] >= self._half]
        out = [
            self._linear(f"lag_{name}", f"Turnover {title}", outcome=f"turnover_{name}")
            for name, title in MEASURES.items()
        ]
        out += [
            self._poisson("leavers_poisson_opening", "Leavers (people), opening headcount as offset", "log_opening"),
            self._poisson("leavers_poisson_closing", "Leavers (people), closing headcount as offset", "log_closing"),
            self._poisson("leavers_poisson_free", "Leavers (people), opening headcount left free", None),
            *self._free_denominator(),
            self._linear("with_agency", "With the agency rate a year before", more=("agency_rate_fte_lag1",)),
            self._linear("weighted", "Weighted by workers at the end of the year", weights="inpost_fte"),
            self._linear("region_year", "Years taken out within each region", absorb=("region", "time_period")),
            self._linear("all_authorities", "Tiny authorities included", rows=self._everybody),
            self._points("first_differences", "Change on change, year by year", self._differences),
            self._points(
                "split_panel_jackknife", "Corrected for a short panel (half-panel jackknife)", self._jackknife
            ),
            self._linear("two_lags", "With the caseload of the year before that", more=("caseload_two_before",)),
            *self._leads(),
            *self._between_within(),
            self._linear("early_half", f"Years before {self._half} alone", rows=early),
            self._linear("late_half", f"Years from {self._half} alone", rows=late),
            self._linear(
                "without_zero_leavers", "Without years of no leavers at all", rows=rows[rows["leavers_fte"] > 0]
            ),
            *self._whole_returns(),
            self._linear("same_year", "Caseload at the end of the same year: the reverse direction", "caseload_fte"),
        ]
        return out

    def _whole_returns(self) -> list[Estimate]:
        """The three measures without years whose opening or closing return looks partial."""
        rows = self._rows[self._rows["flag"] == ""]
        keys = {
            "opening": "without_partial_returns",
            "published": "without_partial_returns_published",
            "mean_stock": "without_partial_returns_mean_stock",
        }
        return [
            self._linear(
                key, f"Partial returns left out, turnover {MEASURES[name]}", outcome=f"turnover_{name}", rows=rows
            )
            for name, key in keys.items()
        ]

    def region(self, code: str) -> list[Estimate]:
        """One region's authorities alone: jackknife error, and the wild bootstrap beside it, never first."""
        rows = self._rows[self._rows["region"] == code]
        name = self._register.get(code).name
        fit = self._linear("region_only", f"Authorities of {name} alone", rows=rows, errors="CRV3")
        return [fit, self._wild(rows, name)]

    def _linear(
        self,
        key: str,
        term: str,
        regressor: str = REGRESSOR,
        *,
        outcome: str = OUTCOME,
        more: tuple[str, ...] = (),
        rows: pd.DataFrame | None = None,
        weights: str | None = None,
        absorb: tuple[str, ...] | None = None,
        errors: Any = "CRV1",
    ) -> Estimate:
        def fit() -> Fit:
            return within_regression(
                self._rows if rows is None else rows,
                outcome=outcome,
                regressors=(regressor, *more),
                unit="area",
                period="time_period",
                weights=weights,
                absorb=absorb,
                errors=errors,
            )

        return self._points(key, term, fit)

    def _points(self, key: str, term: str, fit: Callable[[], Fit], name: str | None = None) -> Estimate:
        return self._attempt(key, term, POINTS, "difference", lambda: self._difference(key, term, fit(), name))

    def _difference(self, key: str, term: str, fit: Fit, name: str | None) -> Estimate:
        found = fit.of(name or fit.terms[0])
        return Estimate(
            key,
            term,
            found.coef,
            POINTS,
            "difference",
            fit.method,
            std_error=found.std_error,
            low=found.low,
            high=found.high,
            level=fit.level,
            null=0.0,
            **self._counts(fit),
        )

    def _poisson(self, key: str, term: str, offset: str | None) -> Estimate:
        more = () if offset else ("log_opening",)

        def fit() -> Fit:
            return poisson_regression(
                self._rows,
                outcome="leavers_headcount",
                regressors=(REGRESSOR, *more),
                unit="area",
                period="time_period",
                offset=offset,
            )

        return self._attempt(key, term, RATIO, "ratio", lambda: self._ratio(key, term, fit(), None, 1.0, RATIO))

    def _ratio(self, key: str, term: str, fit: Fit, name: str | None, change: float, unit: str) -> Estimate:
        """A log coefficient as a rate ratio, for ``change`` units of its regressor."""
        found = fit.of(name or fit.terms[0])
        value, low, high = (float(np.exp(change * end)) for end in (found.coef, found.low, found.high))
        return Estimate(
            key,
            term,
            value,
            unit,
            "ratio",
            f"{fit.method}; standard error on the log scale",
            std_error=change * found.std_error,
            low=low,
            high=high,
            level=fit.level,
            null=1.0,
            **self._counts(fit),
        )

    def _free_denominator(self) -> list[Estimate]:
        terms = {
            "free_denominator": ("log_cases", "A tenth more cases, case holders and headcount as they are"),
            "free_denominator_case_holders": ("log_case_holders", "A tenth more case holders, cases as they are"),
            "free_denominator_headcount": ("log_opening", "A tenth more workers, cases as they are"),
        }
        regressors = tuple(name for name, _ in terms.values())

        def fit() -> Fit:
            return poisson_regression(
                self._rows, outcome="leavers_headcount", regressors=regressors, unit="area", period="time_period"
            )

        tenth = float(np.log(1.1))

        def one(key: str, name: str, term: str) -> Estimate:
            return self._attempt(key, term, TENTH, "ratio", lambda: self._ratio(key, term, fit(), name, tenth, TENTH))

        return [one(key, name, term) for key, (name, term) in terms.items()]

    def _leads(self) -> list[Estimate]:
        """Caseloads of the future cannot have made people leave in the past: a joint test that they seem not to."""
        names = ("caseload_fte", "caseload_after")

        def fit() -> Fit:
            return within_regression(
                self._rows,
                outcome=OUTCOME,
                regressors=(REGRESSOR, *names),
                unit="area",
                period="time_period",
            )

        def joint() -> Estimate:
            made = fit()
            test = joint_test(made, names)
            method = f"Wald test that both leads are zero, F = {test.statistic:.2f}; {made.method}"
            return Estimate("leads", label, test.p, "p-value", "p", method, **self._counts(made))

        label = "Caseloads at the end of the year and a year later, jointly"
        labels = ("at the end of the year, beside the opening one", "a year after the end, beside the opening one")
        keys = ("leads_same_year", "leads_year_after")
        return [
            self._attempt("leads", label, "p-value", "p", joint),
            *(
                self._points(key, f"Caseload {when}", fit, name)
                for key, when, name in zip(keys, labels, names, strict=True)
            ),
        ]

    def _between_within(self) -> list[Estimate]:
        def fit() -> Fit:
            return between_within(
                self._rows, outcome=OUTCOME, regressors=(REGRESSOR,), unit="area", period="time_period"
            )

        return [
            self._points("within", "Within authorities (Mundlak)", fit, f"{REGRESSOR} within"),
            self._points("between", "Between authorities (Mundlak)", fit, f"{REGRESSOR} between"),
        ]

    def _differences(self) -> Fit:
        return first_differences(
            self._rows, outcome=OUTCOME, regressors=(REGRESSOR,), unit="area", period="time_period"
        )

    def _jackknife(self) -> Fit:
        return split_panel_jackknife(
            self._rows, outcome=OUTCOME, regressors=(REGRESSOR,), unit="area", period="time_period"
        )

    def _wild(self, rows: pd.DataFrame, name: str) -> Estimate:
        key, term = "region_only_wild_bootstrap", f"Authorities of {name} alone: restricted wild bootstrap"

        def test() -> Estimate:
            found = restricted_wild_bootstrap(
                rows, outcome=OUTCOME, regressors=(REGRESSOR,), unit="area", period="time_period", seed=WILD_SEED
            )
            ends = [f"{end:.2f}" if end is not None else "no limit" for end in (found.low, found.high)]
            how = found.method.replace("by test inversion", f"{ends[0]} to {ends[1]} by test inversion")
            method = f"{how}; smallest possible p {found.smallest_p:.4f}; seed {WILD_SEED}"
            rows_used, units = found.n_rows, found.n_clusters
            return Estimate(key, term, found.p_value, "p-value", "p", method, n_rows=rows_used, n_units=units)

        return self._attempt(key, term, "p-value", "p", test)

    def _attempt(self, key: str, term: str, unit: str, scale: Scale, make: Callable[[], Estimate]) -> Estimate:
        try:
            return make()
        except (NotEnoughData, MethodRefused) as reason:
            why = f"not estimated: {reason.asked} met {reason.found}"
            return Estimate(key, term, None, unit, scale, why)

    def _counts(self, fit: Fit) -> dict[str, Any]:
        """Rows and units; authorities counts the members of joint returns, where every unit of the frame is used."""
        units = self._rows["area"].value_counts()
        several = [code for code, rows in units.items() if rows > 1]
        members = sum(len(self._register.get(str(code)).members) or 1 for code in several)
        return {
            "n_rows": fit.n_rows,
            "n_units": fit.n_units,
            "n_authorities": members if fit.n_units == len(several) else None,
        }


def _with_logs(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    origins = {
        "log_opening": "inpost_headcount_lag1",
        "log_closing": "inpost_headcount",
        "log_cases": "cases_before",
        "log_case_holders": "case_holders_before",
    }
    for name, origin in origins.items():
        rows[name] = np.log(rows[origin].where(rows[origin] > 0))
    return rows


def _counted(frame: Frame) -> dict[str, int]:
    """What the checks count; see `National`."""
    usable, levels = frame.usable, frame.levels
    stock = levels["inpost_fte"].where(levels["inpost_fte"] > 0)
    made = 100 * levels["leavers_fte"] / stock
    # A published rate may differ from its parts by what rounding each of them to one decimal allows.
    slack = 0.05 + 100 * (0.05 / stock) * (1 + levels["leavers_fte"] / stock) + 1e-6
    both = made.notna() & levels["turnover_published"].notna()
    return {
        "rows": len(frame.rows),
        "flagged": int((usable["flag"] != "").sum()),
        "zero_leavers": int(((usable["leavers_fte"] == 0) & (usable["inpost_fte_lag1"] >= 50)).sum()),
        "rates": int(both.sum()),
        "off": int(((made - levels["turnover_published"]).abs() > slack)[both].sum()),
    }


def _fifths(rows: pd.DataFrame) -> list[dict[str, float]]:
    """Mean departure of turnover in each fifth of the departures of caseload; empty where there are too few rows."""
    try:
        groups = within_deviation_groups(rows, outcome=OUTCOME, regressor=REGRESSOR, unit="area", period="time_period")
    except (NotEnoughData, MethodRefused):
        return []
    return [asdict(group) for group in groups]


def _deviations(rows: pd.DataFrame) -> list[list[Any]]:
    """Area, year, departure of caseload, departure of turnover; rounded to what a chart can show."""
    try:
        found = within_deviations(rows, outcome=OUTCOME, regressor=REGRESSOR, unit="area", period="time_period")
    except (NotEnoughData, MethodRefused):
        return []
    columns = ("area", "time_period", "regressor_deviation", "outcome_deviation")
    table = found.frame.sort_values(["area", "time_period"])
    return [
        [str(area), int(year), round(float(x), 2), round(float(y), 2)]
        for area, year, x, y in zip(*(table[column] for column in columns), strict=True)
    ]
