"""The invented nation: five regions, sixty authorities, and the oddities that real registers have.

No name or code here belongs to a real place. Codes begin with X where the real ones begin with E.
"""

from __future__ import annotations

from dataclasses import dataclass

NATION = ("X92000001", "Albion")
HOME_REGION = "X12000001"
REGIONS = {
    "X12000001": "Middlemarch",
    "X12000002": "Northmere",
    "X12000003": "Estmarsh",
    "X12000004": "Kingsmouth",
    "X12000005": "Westerlode",
}
# Parts of a region have rows of their own, as Inner and Outer London do: code, name, name of the 2021 file, region.
PARTS = {
    "X13000001": ("Inner Kingsmouth", "Kingsmouth (Inner)", "X12000004"),
    "X13000002": ("Outer Kingsmouth", "Kingsmouth (Outer)", "X12000004"),
}

FIRST_CODE, FIRST_OLD_CODE = 6000001, 501
_NAMES = {
    "X12000001": (
        "Ashquarry|Brackenholt|Coldharrow|Dunmarrow & Wick|Fenbury, City of|Galmere, County of|Hollinsford|Ivelstoke|"
        "King's Tarrow|Larkminster|Marlquay|Netherglade|Oxenlea|St. Orwin"
    ),
    "X12000002": (
        "Aldergarth|Birkenlathe|Cragmouth|Dunlathe|Eskermouth|Fellhaven|Garthwick|Harrowfell|Kelderby|Lindmoor|"
        "Skarrowdale|Thornwath"
    ),
    "X12000003": (
        "Amberfen|Blythewold|Crowfleet|Dykeminster|Elmstrand|Fleetholme|Gorsewold|Hythemere|Larkfen|Reedmouth|Saltwold"
    ),
    "X13000001": "Abbotshithe|Kingsmouth, City of|Lanternhithe|Oriel Strand|Wharfminster",
    "X13000002": ("Chalkenham|Dovenham|Elmwater|Greywater|Hartsend|Rushmond upon Marr|Swanhithe upon Marr"),
    "X12000005": (
        "Brineport|Combeleigh|Dartlow|Exholme|Isles of Sorrel|Otterstrand|Quarrymouth|Sallowcombe|Wyvernhead|"
        "East Wessen|Vale of Wessen"
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One authority as the files write it; ``area`` is the region, or the part of a region, that it lies in."""

    code: str
    old_la_code: str
    name: str
    area: str

    @property
    def region(self) -> str:
        """Code of the region."""
        return PARTS[self.area][2] if self.area in PARTS else self.area

    @property
    def area_name(self) -> str:
        """Name of the region or part, as the authority's rows carry it."""
        return PARTS[self.area][0] if self.area in PARTS else REGIONS[self.area]


def _places() -> tuple[Place, ...]:
    named = [(name, area) for area, names in _NAMES.items() for name in names.split("|")]
    return tuple(
        Place(f"X{FIRST_CODE + i:08d}", str(FIRST_OLD_CODE + i), name, area) for i, (name, area) in enumerate(named)
    )


PLACES = _places()
_BY_NAME = {place.name: place for place in PLACES}


def place(name: str) -> Place:
    """The authority of this name; raises KeyError for any other text."""
    return _BY_NAME[name]


# Divided on 1 April 2021: its last count of staff is September 2020, its last year of referrals ends in March 2021.
ABOLISHED = Place("X10000001", "561", "Wessenshire", "X12000005")
SUCCESSORS = (place("East Wessen"), place("Vale of Wessen"))
LAST_WORKFORCE_YEAR, LAST_REFERRAL_YEAR, LAST_POPULATION_YEAR = 2020, 2021, 2020

JOINT_MEMBERS = (place("Rushmond upon Marr"), place("Swanhithe upon Marr"))

# A new code without a change of area: the workforce file uses it from 2025, the others still print the earlier one.
REISSUED, REISSUED_CODE, REISSUED_FROM = place("Garthwick"), "X06000061", 2025

NOBODY_EMPLOYED = place("Isles of Sorrel")
TINY = place("Kingsmouth, City of")
ZERO_AGENCY = place("Marlquay")
CASELOAD_WITHHELD = place("Hollinsford")
CASELOAD_GAP = place("Lanternhithe")
REFERRALS_WITHHELD = place("Galmere, County of")
REFERRALS_LOST = place("Kelderby")
MONTHS_HIDDEN, MONTHS_HIDDEN_YEAR = place("Greywater"), 2022
LOW_AGENCY = place("Skarrowdale")
ABSENCE_SUPPRESSED = place("Fleetholme")
LEAVERS_WITHHELD = place("Reedmouth")
RETURN_LOST = place("Wharfminster")
MORE_COVER_THAN_VACANCIES = place("Dunmarrow & Wick")


def existing(year: int, last_year_undivided: int) -> tuple[Place, ...]:
    """The authorities of a year: the abolished one stands for its successors up to its last year in that file."""
    if year > last_year_undivided:
        return PLACES
    return (*(one for one in PLACES if one not in SUCCESSORS), ABOLISHED)


def joint_place() -> Place:
    """The joint return as one row of the workforce file: codes, three-digit codes and names joined by a slash."""
    codes, old_codes, names = (
        " / ".join(getattr(one, field) for one in JOINT_MEMBERS) for field in ("code", "old_la_code", "name")
    )
    return Place(codes, old_codes, names, JOINT_MEMBERS[0].area)
