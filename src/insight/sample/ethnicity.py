"""Social workers by ethnic group and role, 2019 to 2022.

Of the social workers of the workforce file a share is known by ethnic group; the mix of groups is the authority's own,
around that of its region. Somebody who is not White has odds of being a manager that are ``MANAGER_ODDS_RATIO`` (0.6)
times those of a White colleague in the same authority, whatever the group: that is **the true effect**. Years do not
differ, and the groups differ in nothing else.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from insight.sample import places
from insight.sample.figures import GEOGRAPHY, Cells, Counts, Member, added, ratio, rows_of_year
from insight.sample.places import Place
from insight.sample.workforce import counted_workforce

MANAGER_ODDS_RATIO = 0.6
FIRST_YEAR, LAST_YEAR = 2019, 2022
ALL = "All children and family social workers"
MANAGERS = ("Senior manager", "Middle manager", "First line manager")
ROLES = (*MANAGERS, "Senior practitioner", "Case holder", "Qualified without cases")
GROUPS = ("white", "mixed", "asian", "black", "other")
COLUMNS = ("OrgRole", "known_headcount", *GROUPS, *(f"{group}_perc" for group in GROUPS))
_AS_MANAGER, _OTHERWISE = (0.09, 0.23, 0.68), (0.28, 0.59, 0.13)
_WHITE_MANAGERS = 0.22
_MIX, _MIX_OF_KINGSMOUTH = (0.86, 0.025, 0.035, 0.07, 0.01), (0.48, 0.06, 0.11, 0.31, 0.04)
NOT_ASKED = places.place("Elmwater")
ByRole = dict[tuple[str, int], npt.NDArray[np.int64]]


def ethnicity_rows(seed: int, effect: float) -> list[list[str]]:
    """Header and rows, newest year first; a joint return stands in the row of its first member."""
    counts = group_counts(seed, effect)
    rows = [[*GEOGRAPHY, *COLUMNS]]
    for year in range(LAST_YEAR, FIRST_YEAR - 1, -1):
        for role in (ALL, *ROLES):
            members = [_member(one, year, role, counts) for one in places.existing(year, places.LAST_WORKFORCE_YEAR)]
            rows += rows_of_year(year, members, COLUMNS, partial(_cells, role=role))
    return rows


def group_counts(seed: int, effect: float) -> ByRole:
    """(roles, groups) people by code of the return and year; a joint return is under its first member."""
    staff = counted_workforce(seed, effect)
    found: ByRole = {}
    roles = {group: _roles(group != "white") for group in GROUPS}
    for number, one in enumerate(places.PLACES):
        if one in (places.JOINT_MEMBERS[1], places.NOBODY_EMPLOYED):
            continue
        draw = np.random.default_rng([seed, 641, number])
        usual = _MIX_OF_KINGSMOUTH if one.region == "X12000004" else _MIX
        mix, known = draw.dirichlet([40 * share for share in usual]), draw.uniform(0.75, 0.98)
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            people = draw.multinomial(draw.binomial(staff[one.code, year]["inpost_headcount"], known), mix)
            by_group = [draw.multinomial(count, roles[group]) for group, count in zip(GROUPS, people, strict=True)]
            found[one.code, year] = np.array(by_group, dtype=np.int64).T
    for year in range(FIRST_YEAR, places.LAST_WORKFORCE_YEAR + 1):
        found[places.ABOLISHED.code, year] = np.sum([found[one.code, year] for one in places.SUCCESSORS], axis=0)
    return found


def _roles(is_other: bool) -> npt.NDArray[np.float64]:
    """The chances of the six roles."""
    odds = _WHITE_MANAGERS / (1 - _WHITE_MANAGERS) * (MANAGER_ODDS_RATIO if is_other else 1)
    share = odds / (1 + odds)
    return np.array([*(share * part for part in _AS_MANAGER), *((1 - share) * part for part in _OTHERWISE)])


def _member(one: Place, year: int, role: str, counts: ByRole) -> Member:
    if one in (places.JOINT_MEMBERS[1], places.NOBODY_EMPLOYED):
        return Member(one, {**dict.fromkeys(COLUMNS, "z"), "OrgRole": role}, {})
    by_role = counts[one.code, year]
    people = by_role.sum(axis=0) if role == ALL else by_role[ROLES.index(role)]
    counted = {group: int(count) for group, count in zip(GROUPS, people, strict=True)}
    if one == NOT_ASKED:
        return Member(one, {**dict.fromkeys(COLUMNS, "x"), "OrgRole": role, "known_headcount": "0"}, {})
    return Member(one, _cells(counted, role), counted)


def _cells(counts: Counts, role: str) -> Cells:
    own = added([dict.fromkeys(GROUPS, 0), counts])
    known = sum(own.values())
    shares = {f"{group}_perc": ratio(own[group], known) if known else "0" for group in GROUPS}
    counted = {group: str(own[group]) for group in GROUPS}
    return {"OrgRole": role, "known_headcount": str(known), **counted, **shares}
