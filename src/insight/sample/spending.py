"""What the councils spent in 2024-25: the outturn of social care by service (RO3) and the summary (RSX).

A place for a looked-after child costs 1,300 pounds a week, each authority 30 per cent around that; the other services
cost what their own children's number and chance make it. Spending has no effect on anything. The two workbooks agree:
children's social care is the same sum in both.

One council sent no return, and England's row holds an estimate for it. One cannot divide its spending on looked-after
children. A district and a fire authority, which have no children's services, stand between the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from insight.sample import places
from insight.sample.figures import added
from insight.sample.looked_after import looked_after_counts
from insight.sample.places import NATION, Place
from insight.sample.workbooks import Cell, Sheets
from insight.sample.workforce import counted_workforce

YEAR, WEEKLY_COST = 2025, 1300
WARNING = "SAMPLE DATA: every figure and every council in this workbook is invented; thousands of pounds"
NO_RETURN, CANNOT_DIVIDE = places.RETURN_LOST, places.place("Dunlathe")
NOT_CERTIFIED = (places.place("Amberfen"), places.place("Combeleigh"))
_PLACE = ("E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed Class", "Certification")
_TOTAL, _NET = "Total Expenditure (C3 = C1 + C2)", "Net Current Expenditure (C7 = C3 - C6)"
_CARE = "Children's social care - Children Looked After"
# Each line with what it costs for a child of the authority, in pounds a year; looked-after children cost by number.
_LINES = {
    "Children's social care: Sure start children's centres and early years": 48,
    _CARE: 0,
    "Children's social care - Other children's and families services": 22,
    "Children's social care - Family Support Services": 115,
    "Children's social care - Youth Justice": 24,
    "Children's social care: Safeguarding children and young people’s services": 205,
    "Children's social care - Asylum Seekers": 18,
    "Children's social care: Services for young people": 31,
}
_PARTS = {
    f"{_CARE} of which residential care": 0.45,
    f"{_CARE} of which fostering services": 0.34,
    f"{_CARE} of which asylum seeking children who are looked after": 0.05,
    f"{_CARE} of which other": 0.16,
}
_WHOLE = "TOTAL CHILDREN SOCIAL CARE"
_AGENCY = f"{_WHOLE} - Children's Social Care - agency staff cost memorandum item"
CARE_SPENDING = f"{_CARE} - {_TOTAL}"
_CHILDREN, _ALL = "Children Social Care", "Total Service Expenditure"
_ORDER = (*list(_LINES)[:2], *_PARTS, *list(_LINES)[2:], _WHOLE)
_CLASSES = {"UA": ("E06", "Unitary Authorities"), "LB": ("E09", "London Boroughs")}
# Hundredths of a thousand pounds, so that sums are exact.
Spent = dict[str, int]


def spending_workbooks(seed: int, effect: float) -> Mapping[str, Sheets]:
    """The sheets of the two workbooks, by the name of the file."""
    spent = spent_by_council(seed, effect)
    names = [f"{line} - {kind}" for line in _ORDER for kind in (_TOTAL, _NET)]
    summary = [f"{line} - {kind}" for line in (_CHILDREN, _ALL) for kind in (_TOTAL, _NET)]
    return {
        "sample_RO3_LA_Data_2024-25.ods": _workbook("RO3", [*names, _AGENCY], spent),
        "sample_RSX_LA_Data_2024-25.ods": _workbook("RSX", summary, spent),
    }


def _workbook(form: str, columns: Sequence[str], spent: Mapping[Place, Spent]) -> Sheets:
    header: list[Cell] = [*_PLACE, *columns]
    rows: list[list[Cell]] = [[WARNING], ["Every council in one table, totals below it."], [], header]
    for number, one in enumerate(sorted(spent, key=lambda one: one.name)):
        rows.append([f"X{number + 1:04d}", one.code, *_council(one), *_cells(one, columns, spent[one])])
    others = (
        ("X07000001", "Rookmarsh", "SD", "SD"),
        ("X31000001", "Middlemarch Fire and Rescue Authority", "O", "Fire"),
    )
    for number, (code, name, kind, detailed) in enumerate(others):
        rows.append([f"X9{number:03d}", code, name, "", kind, detailed, "Y", *[0] * len(columns)])
    nation = [NATION[0], NATION[1].upper(), "", "Eng", "Eng", "[Y]"]
    rows += [["Eng", *nation, *_sum(spent.values(), columns)], header]
    for kind, (code, name) in _CLASSES.items():
        own = [one for one in spent if _class(one) == kind]
        rows.append(["[Y]", code, name, "", kind, kind, len(own), *_sum((spent[one] for one in own), columns)])
    return {"Front_Page": [[WARNING]], f"{form}_LA_Data_202425": rows}


def _council(one: Place) -> list[Cell]:
    kind = _class(one)
    certified = "[x]" if one == NO_RETURN else "N" if one in NOT_CERTIFIED else "Y"
    name = f"{one.name} UA" if kind == "UA" and "," not in one.name else one.name
    return [name, "M" if one == NO_RETURN else "", kind, kind, certified]


def _class(one: Place) -> str:
    return "LB" if one.area.startswith("X13") else "UA"


def _cells(one: Place, columns: Sequence[str], own: Spent) -> list[Cell]:
    if one == NO_RETURN:
        return ["[x]"] * len(columns)
    hidden = {name for name in columns if one == CANNOT_DIVIDE and name.startswith(tuple(_PARTS))}
    return ["[note 4]" if name in hidden else own[name] / 100 for name in columns]


def _sum(several: Iterable[Spent], columns: Sequence[str]) -> list[Cell]:
    total = added(several)
    return [total[name] / 100 for name in columns]


def spent_by_council(seed: int, effect: float) -> dict[Place, Spent]:
    """Every column of both workbooks by council, in hundredths of a thousand pounds; nothing hidden."""
    care, staff = looked_after_counts(seed), counted_workforce(seed, effect)
    found = {}
    for number, one in enumerate(places.PLACES):
        draw = np.random.default_rng([seed, 661, number])
        own, there = care[one.code, YEAR], care[one.code, YEAR]["population"]
        looked_after = 0 if one == places.NOBODY_EMPLOYED else own["march"]
        weekly = WEEKLY_COST * float(np.exp(draw.normal(0, 0.26)))
        gross: dict[str, int] = {}
        for line, pounds in _LINES.items():
            usual = looked_after * weekly * 52 if line == _CARE else there * pounds * float(np.exp(draw.normal(0, 0.3)))
            gross[line] = round(usual / 10)
        shares = draw.dirichlet([30 * share for share in _PARTS.values()])
        parts = [int(gross[_CARE] * share) for share in shares[:-1]]
        gross |= dict(zip(_PARTS, [*parts, gross[_CARE] - sum(parts)], strict=True))
        income = {line: int(amount * draw.uniform(0.02, 0.2)) for line, amount in gross.items()}
        income[_CARE] = sum(income[part] for part in _PARTS)
        gross[_WHOLE] = sum(gross[line] for line in _LINES)
        income[_WHOLE] = sum(income[line] for line in _LINES)
        gross[_CHILDREN], income[_CHILDREN] = gross[_WHOLE], income[_WHOLE]
        gross[_ALL] = round(gross[_WHOLE] * draw.uniform(4.2, 6.5))
        income[_ALL] = income[_WHOLE] + round((gross[_ALL] - gross[_WHOLE]) * draw.uniform(0.15, 0.3))
        spent = {f"{line} - {_TOTAL}": amount for line, amount in gross.items()}
        spent |= {f"{line} - {_NET}": gross[line] - income[line] for line in gross}
        member = places.JOINT_MEMBERS[0] if one in places.JOINT_MEMBERS else one
        agency = staff[member.code, YEAR]["agency_fte"] / (2 if one in places.JOINT_MEMBERS else 1)
        spent[_AGENCY] = round(agency / 10 * draw.uniform(70_000, 95_000) / 10)
        found[one] = spent
    return found
