"""The invented programmes: who takes part, from when, and what each of them truly does to referrals.

Three programmes, and three things that a comparison may find:

- **Pathfinder, wave 1** has a real effect. From July 2023 on, every referral to its three areas is kept with a chance
  of ``effect`` (0.75 by default), independently: the true rate ratio is 0.75 from the first month, for good.
- **Pathfinder, wave 2** has no effect, and starts after the last month that is published by month.
- **Rising pilot** has no effect either. Its three areas are those whose referrals had risen most in the four years
  before it started in April 2022, so that whoever compares levels before and after finds a rise that it did not cause.

Nobody else takes part in anything, and areas were not chosen for their referrals except in the Rising pilot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from insight.sample import places
from insight.sample.places import Place, place

PROGRAMME_EFFECT = 0.75
COLUMNS = ["programme", "area", "announced", "funded", "live", "what_it_is", "source"]
SOURCE = "invented"
RISING_FROM, RISING_TO, RISING_AREAS = 2018, 2022, 3
_HIDDEN_OR_SMALL = (
    places.REFERRALS_LOST,
    places.REFERRALS_WITHHELD,
    places.TINY,
    places.NOBODY_EMPLOYED,
    *places.SUCCESSORS,
)
Yearly = Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Programme:
    """One invented programme; dates are months, and ``areas`` is empty where the referrals decide."""

    name: str
    areas: tuple[Place, ...]
    announced: str
    funded: str
    live: str
    what_it_is: str


WAVE_1 = Programme(
    "Pathfinder, wave 1",
    (place("Netherglade"), place("Birkenlathe"), place("Exholme")),
    "2023-07",
    "2023-07",
    "2023-07",
    "Social workers and family workers in one team",
)
WAVE_2 = Programme(
    "Pathfinder, wave 2",
    (place("Oxenlea"), place("Fellhaven"), place("Blythewold"), place("Dovenham")),
    "2024-04",
    "2024-04",
    "2024-04",
    "Social workers and family workers in one team",
)
RISING = Programme(
    "Rising pilot", (), "2022-02", "2022-04", "2022-04", "Extra help where referrals had been rising for four years"
)


def rising_areas(yearly: Yearly) -> tuple[Place, ...]:
    """The areas whose referrals rose most from the year to March 2018 to the year to March 2022, greatest rise first.

    Areas of another programme, with a hidden year, too small, or not there in all years are not eligible.
    """
    taken = (*WAVE_1.areas, *WAVE_2.areas, *_HIDDEN_OR_SMALL)

    def rise(one: Place) -> float:
        return math.log(yearly[one.code, RISING_TO] / yearly[one.code, RISING_FROM])

    eligible = [one for one in places.PLACES if one not in taken]
    return tuple(sorted(eligible, key=lambda one: (-round(rise(one), 9), one.code))[:RISING_AREAS])


def programme_rows(yearly: Yearly) -> list[list[str]]:
    """Header and rows of the list of programmes, an area a row."""
    rows = [COLUMNS]
    for one, areas in ((WAVE_1, WAVE_1.areas), (WAVE_2, WAVE_2.areas), (RISING, rising_areas(yearly))):
        rows += [[one.name, area.name, one.announced, one.funded, one.live, one.what_it_is, SOURCE] for area in areas]
    return rows
