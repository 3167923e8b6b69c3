"""England's headline figures of children in need, referrals, assessments, enquiries and plans, in three files.

Published each autumn by the Department for Education for the year to 31 March: one row per year, and two long tables
with a row for each figure (a1, a2). They repeat the nation's rows of the other tables, so they are a check on those.
Counts are rounded to 10.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import NATIONAL_GEOGRAPHY, filtered_layout, fitting, read_opened
from insight.sources._filters import FilteredLayout, chosen
from insight.sources._indicator import CHILDREN_IN_NEED, LICENCE, PUBLISHER, Maker, measures
from insight.sources._layout import Layout, Measure
from insight.sources._open import open_table
from insight.sources._reading import Reading

SOURCE = Source(
    key="headline_figures",
    publisher=PUBLISHER,
    title="Children in need: England's headline figures",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        "Of England alone; counts are rounded to 10.",
        "Rates rest on populations revised since.",
        "Completed assessments begin in 2014 in the long table and in 2015 in the table of headlines.",
    ),
)
_YEAR, _MARCH = Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH), Maker(SOURCE.key, PeriodKind.AT_MARCH)
_RATE, _PERCENT = "rate", "percent"
_Rows = tuple[tuple[str, str, str, str, Maker, tuple[str, ...]], ...]
# Category and row as the publisher calls them, our stem and title, when, and what stands beside the number.
_A1: _Rows = (
    (
        "Children in Need",
        "Episodes of need at any point in the year",
        "need_any_point",
        "Episodes of need at any point of the year",
        _YEAR,
        (_RATE,),
    ),
    (
        "Children in Need",
        "Children in Need at any point during the year",
        "need_any_point_child",
        "Children in need at any point of the year",
        _YEAR,
        (_RATE,),
    ),
    (
        "Children in Need",
        "Episodes of need starting in the year",
        "need_start",
        "Episodes of need started in the year",
        _YEAR,
        (_RATE,),
    ),
    (
        "Children in Need",
        "Children starting an episode of need in the year",
        "need_start_child",
        "Children who started an episode of need in the year",
        _YEAR,
        (_RATE,),
    ),
    (
        "Children in Need",
        "Episodes of need ending in the year",
        "need_end",
        "Episodes of need ended in the year",
        _YEAR,
        (_RATE,),
    ),
    (
        "Children in Need",
        "Children ending an episode of need in the year",
        "need_end_child",
        "Children whose episode of need ended in the year",
        _YEAR,
        (_RATE,),
    ),
    (
        "Children in Need",
        "Children in Need at 31 March",
        "need_march",
        "Children in need at 31 March",
        _MARCH,
        (_RATE,),
    ),
    (
        "Children in Need",
        "Children awaiting assessment or assessment not required at 31 March",
        "need_awaiting_march",
        "Children in need awaiting assessment at 31 March, or needing none",
        _MARCH,
        (_RATE, _PERCENT),
    ),
    ("Referrals", "Referrals in the year", "referral", "Referrals in the year", _YEAR, (_RATE,)),
    (
        "Referrals",
        "Re-referrals within 12 months of a previous referral",
        "rereferral",
        "Referrals within 12 months of an earlier one",
        _YEAR,
        (_PERCENT,),
    ),
    (
        "Referrals",
        "Referral - No Further Action",
        "no_further_action",
        "Referrals that led to no further action",
        _YEAR,
        (_PERCENT,),
    ),
    (
        "Referrals",
        "Referral - Assessed as not in Need",
        "not_in_need",
        "Referrals assessed, where the child was found not to be in need",
        _YEAR,
        (_PERCENT,),
    ),
    ("Referrals", "Children referred in the year", "referral_child", "Children referred in the year", _YEAR, (_RATE,)),
    (
        "Referrals",
        "Children re-referred within 12 months of a previous referral",
        "rereferral_child",
        "Children referred again within 12 months",
        _YEAR,
        (_PERCENT,),
    ),
    (
        "Assessments",
        "Assessments completed in the year",
        "assessment",
        "Assessments completed in the year",
        _YEAR,
        (_RATE,),
    ),
)
_A2: _Rows = (
    (
        "Section 47",
        "Section 47s in the year",
        "section_47",
        "Section 47 enquiries started in the year",
        _YEAR,
        (_RATE,),
    ),
    (
        "Section 47",
        "Children subject to a Section 47 in the year",
        "section_47_child",
        "Children subject to a section 47 enquiry in the year",
        _YEAR,
        (_RATE,),
    ),
    ("ICPC", "ICPCs in the year", "conference", "Initial child protection conferences in the year", _YEAR, (_RATE,)),
    (
        "ICPC",
        "Children subject to an ICPC in the year",
        "conference_child",
        "Children subject to an initial child protection conference in the year",
        _YEAR,
        (_RATE,),
    ),
    ("CPP", "CPP at 31 March", "plan_march", "Child protection plans at 31 March", _MARCH, (_RATE,)),
    (
        "CPP",
        "Children subject to a CPP for 3 months or more",
        "plan_three_months",
        "Children on a child protection plan for three months or more at 31 March",
        _MARCH,
        (),
    ),
    (
        "CPP",
        "CPP for 3 months or more reviewed within timescales",
        "plan_reviewed",
        "Child protection plans open for three months or more, reviewed in time",
        _MARCH,
        (_PERCENT,),
    ),
    ("CPP", "CPPs starting in the year", "plan_start", "Child protection plans started in the year", _YEAR, (_RATE,)),
    (
        "CPP",
        "CPPs starting which were a second or subsequent plan",
        "second_plan",
        "Child protection plans started that were a second or later one",
        _YEAR,
        (_PERCENT,),
    ),
    (
        "CPP",
        "Children starting CPPs in the year",
        "plan_start_child",
        "Children who started a child protection plan in the year",
        _YEAR,
        (_RATE,),
    ),
    ("CPP", "CPPs ending in the year", "plan_end", "Child protection plans ended in the year", _YEAR, (_RATE,)),
    (
        "CPP",
        "CPPs ending that had lasted two years or more",
        "plan_end_two_years",
        "Child protection plans ended that had lasted two years or more",
        _YEAR,
        (_PERCENT,),
    ),
    (
        "CPP",
        "Children ending CPPs in the year",
        "plan_end_child",
        "Children whose child protection plan ended in the year",
        _YEAR,
        (_RATE,),
    ),
)
_HEADLINES = (
    ("children_in_need", "children_in_need_per_10000_children", "need_march", "Children in need at 31 March", _MARCH),
    (
        "child_protection_plans",
        "child_protection_plans_per_10000_children",
        "plan_march",
        "Child protection plans at 31 March",
        _MARCH,
    ),
    ("referrals", "", "referral", "Referrals in the year", _YEAR),
    ("completed_assessments", "", "assessment", "Assessments completed in the year", _YEAR),
)


def _indicators(stem: str, title: str, maker: Maker, beside: tuple[str, ...]) -> list[Indicator]:
    # There are no authorities in these files for it to be the sum of.
    made = [replace(maker.count(f"{stem}_count", f"{title}, England"), additive=False)]
    if _RATE in beside:
        made.append(maker.rate(f"{stem}_rate_per_10k", f"{title}, per 10,000 children, England"))
    if _PERCENT in beside:
        made.append(maker.percent(f"{stem}_percent", f"Share: {title[0].lower()}{title[1:]}, England"))
    return made


INDICATORS: tuple[Indicator, ...] = (
    *(
        indicator
        for _, _, stem, title, maker, beside in (*_A1, *_A2)
        for indicator in _indicators(f"national_{stem}", title, maker, beside)
    ),
    *(
        indicator
        for _, rate, stem, title, maker in _HEADLINES
        for indicator in _indicators(f"headline_{stem}", title, maker, (_RATE,) if rate else ())
    ),
)
_CEILINGS = {_RATE: ("rate_per_10k", 10_000.0), _PERCENT: ("percent", 100.0)}


def _long(name: str, series: str, rows: _Rows) -> FilteredLayout:
    found: list[Measure] = []
    for category, row, stem, _, _, beside in rows:
        found.append(chosen("number", f"national_{stem}_count", category, row))
        for column in beside:
            unit, most = _CEILINGS[column]
            found.append(chosen(column, f"national_{stem}_{unit}", category, row, ceiling=most))
    return filtered_layout(
        name,
        found,
        columns=("category", "category_type", "number", _RATE, _PERCENT),
        geography=NATIONAL_GEOGRAPHY,
        spread=("category", "category_type"),
        common=("category", "number", _RATE, _PERCENT),
        series=series,
        row_kind=PeriodKind.YEAR_TO_MARCH,
    )


_PAIRS = [
    pair
    for count, rate, stem, _, _ in _HEADLINES
    for pair in (
        (count, f"headline_{stem}_count"),
        *([(rate, f"headline_{stem}_rate_per_10k")] if rate else []),
    )
]
_LAYOUTS = (
    _long("England's episodes, referrals and assessments", "episodes and referrals", _A1),
    _long("England's section 47 enquiries, conferences and plans", "enquiries and plans", _A2),
    filtered_layout(
        "England's headline figures",
        measures(_PAIRS, INDICATORS),
        columns=[column for column, _ in _PAIRS],
        geography=NATIONAL_GEOGRAPHY,
        series="headlines",
        row_kind=PeriodKind.YEAR_TO_MARCH,
    ),
)
LAYOUTS: tuple[Layout, ...] = _LAYOUTS


def read(path: Path, register: Register) -> Reading:
    """Read one file of headline figures.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    opened = open_table(path, LAYOUTS)
    opened = fitting(opened, _LAYOUTS[:2]) if opened.layout is not _LAYOUTS[2] else opened
    return read_opened(opened, register, source=SOURCE, indicators=INDICATORS)
