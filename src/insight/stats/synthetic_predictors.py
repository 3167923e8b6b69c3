"""Predictors of a synthetic control: columns and periods, standardised and weighted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.errors import UsageError
from insight.stats.panel_matrix import panel_matrix
from insight.stats.predictor_weights import PredictorFit, predictor_weights
from insight.stats.rows import Floats
from insight.stats.synthetic_panel import CompletePanel

if TYPE_CHECKING:
    from insight.stats.synthetic_tables import TreatedGroup


@dataclass(frozen=True)
class Predictor:
    """The mean of a column over some periods before the start, to be met by a synthetic control.

    Parameters
    ----------
    column : str
        A column of the frame; the outcome's own name means the outcome as it is analysed (a rate, a logarithm).
    first, last : optional
        Periods, in their own terms; None for the first period and for the last before the start.
    periods : tuple
        Single periods, in place of ``first`` and ``last``.
    """

    column: str
    first: Any = None
    last: Any = None
    periods: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        """How tables name it."""
        if self.periods:
            return f"{self.column} ({', '.join(map(str, self.periods))})"
        if self.first is None and self.last is None:
            return self.column
        return f"{self.column} ({'' if self.first is None else self.first}-{'' if self.last is None else self.last})"

    def covers(self, period: Any) -> bool:
        """Whether the period is one of those averaged.

        Raises
        ------
        UsageError
            If ``first`` or ``last`` cannot be compared with it.
        """
        if self.periods:
            return period in self.periods
        try:
            return (self.first is None or period >= self.first) and (self.last is None or period <= self.last)
        except TypeError as error:
            raise UsageError(
                f"the predictor {self.name!r}",
                found=f"periods of type {type(period).__name__}",
                todo="give first and last in the same terms",
            ) from error


@dataclass(frozen=True, eq=False)
class PredictorDesign:
    """The predictors of every unit, and the search for their importance.

    Parameters
    ----------
    panel : CompletePanel
    predictors : tuple of Predictor
    columns : dict
        By column: (N, T) values with NaN where there is none.
    importance : array or None
        Fixed importance, or None to search.
    """

    panel: CompletePanel
    predictors: tuple[Predictor, ...]
    columns: dict[str, Floats]
    importance: Floats | None
    _fits: dict[tuple[tuple[int, ...], int], PredictorFit] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of predictors."""
        return len(self.predictors)

    def values(self, start: int) -> Floats:
        """(K, N) means of the predictors over their periods before ``start``.

        Raises
        ------
        UsageError
            If a predictor has no period before the start, or a unit no number in any.
        """
        rows = []
        for each in self.predictors:
            chosen = [place for place in range(start) if each.covers(self.panel.periods[place])]
            cells = self.columns[each.column][:, chosen]
            there = np.isfinite(cells)
            if not there.any(axis=1).all():
                units = [str(self.panel.units[place]) for place in np.flatnonzero(~there.any(axis=1))[:3]]
                raise UsageError(
                    f"the predictor {each.name!r}",
                    found=f"no number before the start for {', '.join(units)}",
                    todo="choose other periods, or leave out these units or the predictor",
                )
            rows.append(np.where(there, cells, 0.0).sum(axis=1) / there.sum(axis=1))
        return np.array(rows)

    def weights(self, sets: NDArray[np.intp], *, start: int, donors: NDArray[np.bool_]) -> Floats:
        """(P, N) donor weights of the average of each set."""
        known, before = self.values(start), self.panel.values[:, :start]
        found = np.zeros((len(sets), len(donors)))
        for row, members in enumerate(sets):
            allowed = donors.copy()
            allowed[members] = False
            fit = predictor_weights(
                known[:, allowed],
                target=known[:, members].mean(axis=1),
                donor_paths=before[allowed].T,
                target_path=before[members].mean(axis=0),
                importance=self.importance,
            )
            self._fits[tuple(members.tolist()), start] = fit
            found[row, allowed] = fit.weights
        return found

    def table(self, groups: Sequence[TreatedGroup]) -> pd.DataFrame:
        """``treated``, ``predictor``, ``importance``, ``observed``, ``synthetic`` of the treated groups."""
        parts = []
        for group in groups:
            known = self.values(group.start)
            parts.append(
                pd.DataFrame(
                    {
                        "treated": [group.name] * self.count,
                        "predictor": [each.name for each in self.predictors],
                        "importance": self._fits[tuple(group.members.tolist()), group.start].importance,
                        "observed": known[:, group.members].mean(axis=1),
                        "synthetic": known @ group.blocks.unit_weights[0],
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)


def predictor_design(
    frame: pd.DataFrame,
    *,
    panel: CompletePanel,
    predictors: Sequence[str | Predictor],
    importance: Sequence[float] | None,
    outcome: str,
    unit: str,
    period: str,
) -> PredictorDesign | None:
    """Lay the predictors' columns out as the outcome is; None without predictors.

    Raises
    ------
    UsageError
        If a column is absent, or importance is given without predictors.
    """
    if isinstance(predictors, str):
        predictors = [predictors]
    wanted = tuple(Predictor(each) if isinstance(each, str) else each for each in predictors)
    if not wanted:
        if importance is not None:
            raise UsageError("a synthetic control", found="importance without predictors", todo="name the predictors")
        return None
    columns = {
        each.column: panel.values if each.column == outcome else _as_laid_out(frame, each.column, unit, period, panel)
        for each in wanted
    }
    return PredictorDesign(panel, wanted, columns, None if importance is None else np.asarray(importance, dtype=float))


def _as_laid_out(frame: pd.DataFrame, column: str, unit: str, period: str, panel: CompletePanel) -> Floats:
    laid = panel_matrix(frame, outcome=column, unit=unit, period=period)
    table = pd.DataFrame(laid.outcome, index=list(laid.units), columns=list(laid.periods))
    return table.reindex(index=list(panel.units), columns=list(panel.periods)).to_numpy(dtype=np.float64)
