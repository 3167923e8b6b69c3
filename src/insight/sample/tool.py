"""The interactive tool: its long table and its dictionary, thirteen measures in the spelling of the published ones.

What other files of the sample have, the tool repeats: turnover, agency staff, vacancies and caseload of the workforce,
referrals, re-referrals, assessments, children looked after. A dash stands for every kind of missing, and 0 for what
rounds to it. Of the abolished authority there are rows in all years, as there are of its successors. The figures of the
joint return stand under both members; in its first year they stand under one, with a dash for the other.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from insight.sample import places
from insight.sample.assessments import CONSTANTS, WITHIN, assessment_counts, completed
from insight.sample.census import census_rows, is_small
from insight.sample.figures import GEOGRAPHY, Cells, Counts, ratio
from insight.sample.looked_after import COLUMNS as OF_LOOKED_AFTER
from insight.sample.looked_after import KINDS, looked_after_rows
from insight.sample.places import NATION, PARTS, REGIONS
from insight.sample.referrals import LAST_YEAR, referral_table
from insight.sample.tool_dictionary import MEASURES
from insight.sample.tool_measures import FIRST_YEAR, Figures, as_printed, own_figures
from insight.sample.workforce import workforce_rows

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("Short Desc", "Data item", "Years", "LA and Regions", "Values", "LA Number", "Region")
NATION_NUMBER, FIRST_REGION, FIRST_PART = 970, 980, 987
_WORKFORCE = {
    "Work_Force_TO_Rate": "turnover_rate_fte",
    "Work_Force_Agecy_Rate": "agency_rate_fte",
    "Work_Force_Vac_Rate": "vacancy_rate_fte",
    "Work_Force_AvgNumCase_SW": "caseload_fte",
}
_REFERRALS = {"CPP_Total_Rateper10,000": "referral_rate", "ReReferral": "rereferral_percent"}
_AT_MARCH = next(words for words, kind in KINDS.items() if kind == "march")
_IS_SMALL = "low"
Area = tuple[str, str, int, str]  # code, name in the tool, number, region


def tool_bytes(seed: int, effect: float) -> bytes:
    """The long table as Parquet."""
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(tool_table(seed, effect), sink, compression="none")
    return sink.getvalue()


def tool_table(seed: int, effect: float) -> pa.Table:
    """The long table; the numbers of areas are floating, as the publisher has them."""
    import pyarrow as pa

    columns = list(zip(*_rows(seed, effect), strict=True))
    kinds = [pa.float64() if name == "LA Number" else pa.string() for name in COLUMNS]
    arrays = [pa.array(list(cells), kind) for cells, kind in zip(columns, kinds, strict=True)]
    return pa.table(arrays, names=list(COLUMNS))


def _rows(seed: int, effect: float) -> Iterator[tuple[str, str, str, str, str, float, str]]:
    figures = _figures(seed, effect)
    areas = _areas()
    for measure in MEASURES:
        own = figures[measure.short]
        for year in sorted({year for _, year in own}):
            for code, name, number, region in areas:
                value = own.get((code, year), "-")
                yield measure.short, measure.item, measure.spelt(year), name, value, float(number), region


def _areas() -> list[Area]:
    own = [(one.code, one.name, int(one.old_la_code), one.area_name) for one in places.PLACES]
    gone = places.ABOLISHED
    own.append((gone.code, f"{gone.name} (Pre LG)", int(gone.old_la_code), gone.area_name))
    named = sorted(own, key=lambda area: area[1])
    nation = (*NATION, NATION_NUMBER, "NA")
    regions = [(code, name, FIRST_REGION + n, "NA") for n, (code, name) in enumerate(REGIONS.items())]
    parts = [(code, name, FIRST_PART + n, "NA") for n, (code, (_, name, _)) in enumerate(PARTS.items())]
    return [*named, nation, *regions, *parts]


def _figures(seed: int, effect: float) -> dict[str, Figures]:
    workforce = workforce_rows(seed, effect)
    found = {short: _column(workforce, column) for short, column in _WORKFORCE.items()}
    for short in _WORKFORCE:
        _repeat_joint(found[short])
    columns = tuple(_REFERRALS.values())
    table = [[*GEOGRAPHY, *columns], *referral_table(seed, LAST_YEAR, columns, rebased=True)]
    found |= {short: _column(table, column) for short, column in _REFERRALS.items()}
    found["Continue_Assess_Comp"] = _column(_within_rows(seed), "within")
    found["LAC"] = _looked_after(seed)
    return found | own_figures(seed, effect)


def _column(rows: list[list[str]], column: str) -> Figures:
    """One column of a published table by code and year, as the tool prints it."""
    header = rows[0]
    year, level, region, code, cell = (
        header.index(name) for name in ("time_period", "geographic_level", "region_code", "new_la_code", column)
    )
    found: Figures = {}
    for row in rows[1:]:
        area = row[code] if row[level] == "Local authority" else row[region] or NATION[0]
        area = places.REISSUED.code if area == places.REISSUED_CODE else area
        if int(row[year]) >= FIRST_YEAR:
            found[area, int(row[year])] = _as_tool(row[cell])
    return found


def _as_tool(cell: str) -> str:
    if cell == _IS_SMALL:
        return "0"
    return "-" if cell.isalpha() else as_printed(float(cell))


def _repeat_joint(figures: Figures) -> None:
    """Print the joint return under its members: under both, but in the first year under one."""
    joint = places.joint_place().code
    first, second = (one.code for one in places.JOINT_MEMBERS)
    years = sorted(year for code, year in figures if code == joint)
    for year in years:
        figures[first, year] = figures.pop((joint, year))
        figures[second, year] = "-" if year == years[0] else figures[first, year]


def _within_rows(seed: int) -> list[list[str]]:
    """The share of assessments within 45 working days, to the year that the table of bands does not have."""

    def printed(counts: Counts) -> Cells:
        whole = completed(counts)
        share = ratio(sum(counts[band] for band in WITHIN), whole)
        return {"within": "c" if is_small(whole) else share}

    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return census_rows(
        years, assessment_counts(seed), ("within",), CONSTANTS, printed=printed, total=printed, is_withheld=False
    )


def _looked_after(seed: int) -> Figures:
    rows = looked_after_rows(seed)
    kind = rows[0].index(OF_LOOKED_AFTER[0])
    return _column([rows[0], *(row for row in rows[1:] if row[kind] == _AT_MARCH)], OF_LOOKED_AFTER[-1])
