"""The pictures of ``methods.md``, made from invented data by the package's own methods and charts.

Run ``python docs/pictures.py``; it takes a few seconds. Seeds are fixed: the same program gives the same bytes.
A folder may be named to write them elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from drawings import chance, comparisons, mixtures, places, sorting, waiting, years
from drawings.plain import alone

FOLDER = Path(__file__).with_name("pictures")
PICTURES: dict[str, Callable[[], str]] = {
    "imputation": comparisons.imputation,
    "weightings": comparisons.weightings,
    "level": comparisons.level,
    "comparative": comparisons.comparative,
    "series": comparisons.series,
    "synthetic": mixtures.synthetic,
    "synthetic-did": mixtures.synthetic_differences,
    "quarters": mixtures.quarters,
    "goodman-bacon": mixtures.bacon,
    "placebos": chance.placebo_rank,
    "inversion": chance.inversion,
    "windows": chance.windows,
    "sensitivity": chance.sensitivity,
    "power": chance.power,
    "annual": sorting.annual,
    "small-sites": sorting.small_sites,
    "displacement": sorting.displacement,
    "verdicts": sorting.verdicts,
    "clocks": waiting.clocks,
    "survival": waiting.survival,
    "readings": places.readings,
    "cuts": places.cuts,
    "ranks": places.ranks,
    "funnel": places.funnel,
    "trend": years.trend,
    "looks": years.looks,
    "alike": places.alike,
    "months": years.months,
}


def main(folder: Path) -> None:
    """Write every picture."""
    folder.mkdir(exist_ok=True)
    for name, make in PICTURES.items():
        (folder / f"{name}.svg").write_text(alone(make()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
