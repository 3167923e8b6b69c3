"""Statistical neighbours: which authorities resemble which, by model year."""

from __future__ import annotations

from dataclasses import dataclass

from insight.core.described import Described, Description
from insight.errors import PanelError


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One authority's neighbour in one model; ``rank`` 1 is the closest."""

    area: str
    model_year: int
    rank: int
    neighbour: str
    closeness: str


@dataclass(frozen=True, repr=False)
class Neighbours(Described):
    """Every list of neighbours that the store holds."""

    rows: tuple[Neighbour, ...]

    @property
    def model_years(self) -> tuple[int, ...]:
        """The models at hand, newest first."""
        return tuple(sorted({row.model_year for row in self.rows}, reverse=True))

    def of(self, area: str, *, model_year: int | None = None) -> tuple[str, ...]:
        """Codes of an area's neighbours, closest first; empty where the model does not list the area.

        Raises
        ------
        PanelError
            If a model year is asked for that the store does not hold.
        """
        years = self.model_years
        if model_year is not None and model_year not in years:
            raise PanelError(
                f"looking for the statistical neighbours of the {model_year} model",
                found=f"models of {', '.join(map(str, years)) or 'no year'}",
                todo="build the store with that model's file, or ask for one of these years",
            )
        year = model_year or (years[0] if years else None)
        found = sorted((row.rank, row.neighbour) for row in self.rows if row.area == area and row.model_year == year)
        return tuple(code for _, code in found)

    def describe(self) -> Description:
        """Models and how many areas each lists."""
        facts = [
            (f"{year} model", f"{len({r.area for r in self.rows if r.model_year == year})} areas")
            for year in self.model_years
        ]
        return Description("Statistical neighbours", tuple(facts))


NO_NEIGHBOURS = Neighbours(())
