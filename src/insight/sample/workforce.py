"""The workforce census as published: the current release and an earlier one, with everything that it hides."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from insight.sample import places
from insight.sample.figures import GEOGRAPHY, NOT_APPLICABLE, Cells, Counts, Member, added, ratio, rows_of_year, tenths
from insight.sample.places import Place
from insight.sample.process import simulate_workforce

FIRST_YEAR, LAST_YEAR, LAST_HEADLINE_YEAR = 2017, 2025, 2022
WORKING_DAYS = 253  # a year, in the publisher's absence rate

COLUMNS = [
    "inpost_fte",
    "inpost_headcount",
    "starters_fte",
    "starters_headcount",
    "leavers_fte",
    "leavers_headcount",
    "turnover_rate_fte",
    "turnover_rate_headcount",
    "agency_fte",
    "agency_headcount",
    "agency_rate_fte",
    "agency_rate_headcount",
    "agency_cover_fte",
    "agency_cover_rate_fte",
    "vacancy_fte",
    "vacancy_rate_fte",
    "vacancy_agency_cover_rate_fte",
    "case_holders_fte",
    "cases",
    "caseload_fte",
    "working_days_lost_fte",
    "absence_rate_fte",
]
# The earlier release, in its own order and words.
HEADLINE_COLUMNS = {
    "social_worker_fte": "inpost_fte",
    "leaver_fte": "leavers_fte",
    "turnover_rate_fte_%": "turnover_rate_fte",
    "working_days_lost_fte": "working_days_lost_fte",
    "absence_rate_fte_%": "absence_rate_fte",
    "agency_fte": "agency_fte",
    "agency_worker_rate_fte_%": "agency_rate_fte",
    "agency_cover_fte": "agency_cover_fte",
    "agency_cover_rate_fte_%": "agency_cover_rate_fte",
    "vacancy_fte": "vacancy_fte",
    "vacancy_rate_fte_%": "vacancy_rate_fte",
    "vacancy_agency_cover_rate_fte_%": "vacancy_agency_cover_rate_fte",
    "case_holders_fte": "case_holders_fte",
    "cases": "cases",
    "caseload_fte": "caseload_fte",
    "social_worker_headcount": "inpost_headcount",
    "leaver_headcount": "leavers_headcount",
    "turnover_rate_headcount_%": "turnover_rate_headcount",
    "agency_headcount": "agency_headcount",
    "agency_worker_rate_headcount_%": "agency_rate_headcount",
}
_AGENCY = (
    "agency_fte",
    "agency_rate_fte",
    "agency_cover_fte",
    "agency_cover_rate_fte",
    "vacancy_agency_cover_rate_fte",
)
_CASELOAD = ("case_holders_fte", "cases", "caseload_fte")
_ABSENCE = ("working_days_lost_fte", "absence_rate_fte")
_LEAVERS = ("leavers_fte", "leavers_headcount", "turnover_rate_fte", "turnover_rate_headcount")

Key = tuple[str, int]  # code of the authority (of a joint return: of its first member) and year


@dataclass(frozen=True, slots=True)
class Hidden:
    """Cells that the publisher withholds: where, when, which, and the symbol in their place."""

    place: Place
    years: range
    columns: tuple[str, ...]
    symbol: str


HIDDEN = (
    Hidden(
        places.CASELOAD_WITHHELD,
        range(2025, 2026),
        (*_CASELOAD, *_AGENCY, "agency_headcount", "agency_rate_headcount", *_ABSENCE),
        "u",
    ),
    Hidden(places.CASELOAD_GAP, range(2024, 2025), _CASELOAD, "u"),
    Hidden(places.LEAVERS_WITHHELD, range(2024, 2025), _LEAVERS, "u"),
    Hidden(places.RETURN_LOST, range(2025, 2026), tuple(COLUMNS), "x"),
    Hidden(places.RETURN_LOST, range(2021, 2025), _AGENCY, "x"),
    Hidden(places.LOW_AGENCY, range(2023, 2026), ("agency_fte", "agency_rate_fte", "agency_cover_fte"), "low"),
    Hidden(places.ABSENCE_SUPPRESSED, range(2017, 2019), _ABSENCE, "c"),
)


def workforce_rows(seed: int, effect: float) -> list[list[str]]:
    """Header and rows of the indicators file, newest year first."""
    counts = counted_workforce(seed, effect)
    rows = [[*GEOGRAPHY, *COLUMNS]]
    for year in range(LAST_YEAR, FIRST_YEAR - 1, -1):
        members = [_member(place, year, counts) for place in _returns(year)]
        rows += rows_of_year(year, members, COLUMNS, _cells)
    return rows


def headline_rows(seed: int, effect: float) -> list[list[str]]:
    """Header and rows of the earlier release: other names, leavers before revision, a joint return under one member."""
    counts = _before_revision(seed, counted_workforce(seed, effect))
    rows = [[*GEOGRAPHY, *HEADLINE_COLUMNS]]
    for year in range(LAST_HEADLINE_YEAR, FIRST_YEAR - 1, -1):
        members = []
        for place in _returns(year):
            member = _member(place, year, counts, above_hundred_is_withheld=False)
            if place.code != places.joint_place().code:
                members.append(member)
                continue
            first, second = places.JOINT_MEMBERS
            members.append(replace(member, place=first))
            if year >= 2021:
                members.append(Member(second, dict.fromkeys(COLUMNS, NOT_APPLICABLE), {}))
        rows += rows_of_year(year, members, tuple(HEADLINE_COLUMNS.values()), _old_cells)
    return rows


def _returns(year: int) -> list[Place]:
    """The returns of a year: the joint one once, the reissued code from its first year."""
    listed = []
    for place in places.existing(year, places.LAST_WORKFORCE_YEAR):
        if place == places.JOINT_MEMBERS[0]:
            listed.append(places.joint_place())
        elif place == places.REISSUED and year >= places.REISSUED_FROM:
            listed.append(replace(place, code=places.REISSUED_CODE))
        elif place != places.JOINT_MEMBERS[1]:
            listed.append(place)
    return listed


def counted_workforce(seed: int, effect: float) -> dict[Key, dict[str, int]]:
    """Everything that was counted, in whole numbers; full-time equivalents and days in tenths."""
    tiny = (places.NOBODY_EMPLOYED, places.TINY)
    units = [place for place in places.PLACES if place not in (*tiny, places.JOINT_MEMBERS[1])]
    drawn = simulate_workforce(seed, effect, n_authorities=len(units), first_year=FIRST_YEAR, last_year=LAST_YEAR)
    counts: dict[Key, dict[str, int]] = {}
    for row in drawn.to_dict("records"):
        key = (units[int(row["authority"])].code, int(row["time_period"]))
        amounts = {str(name): value for name, value in row.items() if name not in ("authority", "time_period")}
        counts[key] = {
            name: round(10 * value) if name.endswith("_fte") else int(value) for name, value in amounts.items()
        }
    _make_tiny(seed, counts)
    _make_odd(counts)
    for year in range(FIRST_YEAR, places.LAST_WORKFORCE_YEAR + 1):
        counts[places.ABOLISHED.code, year] = added(counts[place.code, year] for place in places.SUCCESSORS)
    return counts


def _make_tiny(seed: int, counts: dict[Key, dict[str, int]]) -> None:
    """The two smallest: one with a dozen workers, one with none of its own."""
    draw = np.random.default_rng([seed, 101])
    staff = 12
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        leavers, starters, away = (int(draw.integers(0, 3)) for _ in range(3))
        leavers = 0 if year in (2021, 2025) else leavers
        starters = max(starters, 10 - staff + leavers)
        staff += starters - leavers
        counts[places.TINY.code, year] = _small(staff, starters, leavers, agency=away + 1, holders=7)
        counts[places.TINY.code, year]["cases"] = int(draw.integers(65, 95))
        guests = int(draw.integers(1, 4))
        counts[places.NOBODY_EMPLOYED.code, year] = _small(0, 0, 0, agency=guests, holders=guests)
        counts[places.NOBODY_EMPLOYED.code, year]["cases"] = int(draw.integers(6, 17)) * guests // 2


def _small(staff: int, starters: int, leavers: int, *, agency: int, holders: int) -> dict[str, int]:
    return {
        "inpost_fte": 10 * staff - 2 * (staff > 0),
        "inpost_headcount": staff,
        "starters_fte": 10 * starters,
        "starters_headcount": starters,
        "leavers_fte": 10 * leavers,
        "leavers_headcount": leavers,
        "agency_fte": 10 * agency,
        "agency_headcount": agency,
        "agency_cover_fte": 10 * agency if staff == 0 else 0,
        "vacancy_fte": 10 * (agency + 1) if staff == 0 else 0,
        "case_holders_fte": 10 * holders,
        "working_days_lost_fte": 52 * staff,
    }


def _make_odd(counts: dict[Key, dict[str, int]]) -> None:
    """What no process would give: no agency staff at all, next to none, and more cover than vacancies."""
    for year in range(2023, LAST_YEAR + 1):
        counts[places.ZERO_AGENCY.code, year] |= {"agency_fte": 0, "agency_headcount": 0, "agency_cover_fte": 0}
        counts[places.LOW_AGENCY.code, year] |= {"agency_fte": 4, "agency_headcount": 1, "agency_cover_fte": 4}
    odd = counts[places.MORE_COVER_THAN_VACANCIES.code, 2019]
    odd["agency_cover_fte"] = odd["agency_fte"]
    odd["vacancy_fte"] = odd["agency_fte"] * 3 // 5


def _before_revision(seed: int, counts: dict[Key, dict[str, int]]) -> dict[Key, dict[str, int]]:
    """Leavers of a few early years as first published; the current release has corrected them."""
    draw = np.random.default_rng([seed, 102])
    before = {key: dict(amounts) for key, amounts in counts.items()}
    large = sorted({code for code, _ in counts if counts.get((code, 2017), {}).get("inpost_headcount", 0) > 40})
    for code in draw.choice(large, size=9, replace=False):
        amounts = before[str(code), int(draw.integers(2017, 2020))]
        more = int(draw.integers(2, 9))
        amounts["leavers_headcount"] += more
        amounts["leavers_fte"] += 10 * more
    return before


def _member(
    place: Place, year: int, counts: dict[Key, dict[str, int]], *, above_hundred_is_withheld: bool = True
) -> Member:
    key = place.code.split(" / ")[0]
    if place.code == places.REISSUED_CODE:
        key = places.REISSUED.code
    own = counts[key, year]
    cells, counted = _cells(own, above_hundred_is_withheld=above_hundred_is_withheld), dict(own)
    for hidden in HIDDEN:
        if hidden.place.code != key or year not in hidden.years:
            continue
        cells |= dict.fromkeys(hidden.columns, hidden.symbol)
        if hidden.symbol == "u" and "leavers_fte" in hidden.columns:
            # Withheld leavers leave the total and the rate above them, while the stock stays in its own total.
            counted |= {"leavers_fte": 0, "leavers_headcount": 0, "turnover_base_fte": 0, "turnover_base_headcount": 0}
        elif hidden.symbol in ("u", "x"):
            # What the publisher does not have, it replaces in its totals by the year before.
            earlier = counts.get((key, year - 1), own)
            counted |= {name: earlier[name] for name in hidden.columns if name in earlier}
    for measure in ("fte", "headcount"):
        counted.setdefault(f"turnover_base_{measure}", counted[f"inpost_{measure}"])
    return Member(place, cells, counted)


def _old_cells(counts: Counts) -> Cells:
    return _cells(counts, above_hundred_is_withheld=False)


def _cells(counts: Counts, *, above_hundred_is_withheld: bool = True) -> Cells:
    """Amounts and rates as printed, for one authority or for a total."""
    get = counts.__getitem__
    cells = {name: tenths(get(name)) if name.endswith("_fte") else str(get(name)) for name in COLUMNS if name in counts}
    for measure in ("fte", "headcount"):
        base = counts.get(f"turnover_base_{measure}", get(f"inpost_{measure}"))
        agency = get(f"agency_{measure}")
        cells[f"turnover_rate_{measure}"] = ratio(get(f"leavers_{measure}"), base)
        cells[f"agency_rate_{measure}"] = ratio(agency, agency + get(f"inpost_{measure}"))
    cover = get("agency_cover_fte")
    cells["agency_cover_rate_fte"] = ratio(cover, get("agency_fte"))
    cells["vacancy_rate_fte"] = ratio(get("vacancy_fte"), get("vacancy_fte") + get("inpost_fte"))
    cells["vacancy_agency_cover_rate_fte"] = ratio(cover, get("vacancy_fte"))
    if above_hundred_is_withheld and cover > get("vacancy_fte") > 0:
        cells["vacancy_agency_cover_rate_fte"] = "u"
    cells["caseload_fte"] = ratio(10 * get("cases"), get("case_holders_fte"), times=1)
    cells["absence_rate_fte"] = ratio(get("working_days_lost_fte"), WORKING_DAYS * get("inpost_fte"))
    if get("inpost_fte") == 0:
        cells["working_days_lost_fte"] = NOT_APPLICABLE
    return cells
