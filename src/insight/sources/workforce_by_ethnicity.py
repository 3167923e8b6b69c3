"""Social workers by ethnic group and role at 30 September, and by seniority beside the population; from 2019.

Published by the Department for Education: a table for 2019 to 2022, and for 2019 to 2025 the two files that its
dashboard of children's social care is made of, saved from R. The dashboard adds rows that are set aside here: those
called "Non-white" hold the headcount of White social workers, and medians of statistical neighbours are no areas. The
breakdown is the role; without one it is all of them. Shares are of those whose ethnic group is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from insight.core.area import normalise
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import SourceChanged
from insight.sources._ees import GSS, filtered_layout, read_opened, read_panel
from insight.sources._filters import FilteredLayout, chosen
from insight.sources._indicator import LICENCE, PUBLISHER, WORKFORCE, Maker
from insight.sources._layout import Layout, Measure
from insight.sources._open import Opened
from insight.sources._r_data import holds_columns, read_r_table
from insight.sources._reading import Reading

SOURCE = Source(
    key="workforce_by_ethnicity",
    publisher=PUBLISHER,
    title="Children's social work workforce by ethnic group and role",
    address=WORKFORCE,
    licence=LICENCE,
    known_problems=(
        "The figures to 2025 come from the files of the department's dashboard, which add rows of their own.",
        "In 2025 the ethnic group of 17.8 per cent of England's social workers is not known.",
        "Kingston upon Thames and Richmond upon Thames make one return; so do the two Northamptonshires from 2021.",
    ),
)
_AT = Maker(SOURCE.key, PeriodKind.AT_SEPTEMBER)
_KNOWN = "Shares are of those whose ethnic group is known."
# Our stem, how a title says it, the column of 2022, and the value in the files saved from R.
_GROUPS = (
    ("white", "White", "white", "White"),
    ("mixed", "of mixed or multiple ethnic groups", "mixed", "Mixed / Multiple ethnic groups"),
    ("asian", "Asian or Asian British", "asian", "Asian / Asian British"),
    ("black", "Black, African, Caribbean or Black British", "black", "Black / African / Caribbean / Black British"),
    ("other", "of another ethnic group", "other", "Other ethnic group"),
)
_ROLES = (
    "Senior manager",
    "Middle manager",
    "First line manager",
    "Senior practitioner",
    "Case holder",
    "Qualified without cases",
)
_SENIORITY = ("Manager", "Senior practitioner", "Case holder", "Qualified without cases")


def _count(key: str, title: str) -> Indicator:
    return replace(_AT.count(key, title), rounding=0.0)


INDICATORS: tuple[Indicator, ...] = (
    _count("ethnicity_all_headcount", "Social workers, by role"),
    _count("ethnicity_known_headcount", "Social workers whose ethnic group is known, by role"),
    _AT.percent(
        "ethnicity_known_percent",
        "Share of social workers whose ethnic group is known, by role",
        of=("ethnicity_known_headcount", "ethnicity_all_headcount"),
    ),
    _count("ethnicity_unknown_headcount", "Social workers whose ethnic group is not known, by role"),
    _AT.percent(
        "ethnicity_unknown_percent",
        "Share of social workers whose ethnic group is not known, by role",
        of=("ethnicity_unknown_headcount", "ethnicity_all_headcount"),
    ),
    *(
        indicator
        for key, words, _, _ in _GROUPS
        for indicator in (
            _count(f"ethnicity_{key}_headcount", f"Social workers {words}, by role"),
            _AT.percent(
                f"ethnicity_{key}_percent",
                f"Share of social workers {words}, by role",
                _KNOWN,
                of=(f"ethnicity_{key}_headcount", "ethnicity_known_headcount"),
            ),
        )
    ),
    *(
        indicator
        for key, words, _, _ in _GROUPS
        for indicator in (
            _count(f"seniority_{key}_headcount", f"Social workers {words}, by seniority"),
            _AT.percent(
                f"seniority_{key}_percent",
                f"Share of social workers {words}, by seniority",
                "Managers are senior, middle and first line managers together.",
                _KNOWN,
            ),
        )
    ),
)


def _table_of_2022() -> FilteredLayout:
    columns = ("known_headcount", *(each[2] for each in _GROUPS), *(f"{each[2]}_perc" for each in _GROUPS))
    return replace(
        filtered_layout(
            "workforce by role and ethnic group, to the 2022 release",
            [
                Measure("known_headcount", "ethnicity_known_headcount"),
                *(Measure(column, f"ethnicity_{key}_headcount") for key, _, column, _ in _GROUPS),
                *(
                    Measure(f"{column}_perc", f"ethnicity_{key}_percent", ceiling=100.0)
                    for key, _, column, _ in _GROUPS
                ),
            ],
            columns=("OrgRole", *columns),
            parts={"OrgRole": {"All children and family social workers": "", **{role: role for role in _ROLES}}},
            sums={"known_headcount": tuple(column for _, _, column, _ in _GROUPS)},
        ),
        has_joint_under_member=True,
        prints_zero_over_zero=True,
    )


_DASHBOARD = (
    "geographic_level",
    "geo_breakdown",
    "country_code",
    "region_code",
    "new_la_code",
    "old_la_code",
    "time_period",
    "region_name",
)
_SAVED_BY_ROLE = (
    *_DASHBOARD,
    "role",
    "breakdown_topic",
    "breakdown",
    "inpost_FTE",
    "inpost_FTE_percentage",
    "inpost_headcount",
    "inpost_headcount_percentage",
    "code",
    "geo_breakdown_sn",
)
_SAVED_BY_SENIORITY = (
    "geographic_level",
    "geo_breakdown",
    "time_period",
    "region_name",
    "code",
    "seniority",
    "breakdown",
    "inpost_headcount",
    "inpost_headcount_original",
    "Observation",
    "Percentage",
)


def _by_role(row: Mapping[str, str]) -> Mapping[str, str]:
    is_local = row["geographic_level"] == "Local authority"
    return {"country_name": "England", "la_name": row["geo_breakdown"] if is_local else ""}


def _by_seniority(row: Mapping[str, str], register: Register) -> Mapping[str, str]:
    """Geography under the usual names; where the headcount is a symbol, it stands in a column beside it."""
    hidden, region = row["inpost_headcount_original"], normalise(row["region_name"])
    codes = {normalise(area.name): area.code for area in register.regions}
    codes |= {name: code for code, name, _ in register.parts}
    made = {"country_code": register.nation.code, "country_name": "England", "region_code": codes.get(region, "")}
    if row["geographic_level"] == "Local authority":
        made |= {"new_la_code": row["code"], "la_name": row["geo_breakdown"]}
    return made | {column: hidden or row[column] or "NA" for column in ("inpost_headcount", "Percentage")}


def _saved(name: str, columns: tuple[str, ...], measures: list[Measure]) -> FilteredLayout:
    return FilteredLayout(name=name, columns=columns, geography=(), measures=tuple(measures), symbols=GSS)


def _saved_by_role() -> FilteredLayout:
    count, percent = "inpost_headcount", "inpost_headcount_percentage"
    stated = [("Known", "known"), ("Not known", "unknown"), *((value, key) for key, _, _, value in _GROUPS)]
    return replace(
        _saved(
            "workforce by role and ethnic group, saved from R",
            _SAVED_BY_ROLE,
            [
                chosen(count, "ethnicity_all_headcount", "Total"),
                *(chosen(count, f"ethnicity_{key}_headcount", value) for value, key in stated),
                *(chosen(percent, f"ethnicity_{key}_percent", value, ceiling=100.0) for value, key in stated),
            ],
        ),
        geography=_DASHBOARD,
        constants={"breakdown_topic": "Ethnicity major"},
        parts={"role": {"Total": "", **{role: role for role in _ROLES}}},
        spread=("breakdown",),
        aside={
            "geographic_level": {"Statistical neighbours (median)": "a median of neighbours, which is no area"},
            "breakdown": {"Non-white": 'called "Non-white", with the headcount of White social workers'},
        },
        unread=("inpost_FTE", "inpost_FTE_percentage", "code", "geo_breakdown_sn"),
        in_convention=_by_role,
    )


def _saved_by_seniority() -> FilteredLayout:
    return replace(
        _saved(
            "workforce by seniority and ethnic group, saved from R",
            _SAVED_BY_SENIORITY,
            [
                *(chosen("inpost_headcount", f"seniority_{key}_headcount", value) for key, _, _, value in _GROUPS),
                *(
                    chosen("Percentage", f"seniority_{key}_percent", value, ceiling=100.0)
                    for key, _, _, value in _GROUPS
                ),
            ],
        ),
        geography=("geographic_level", "geo_breakdown", "time_period", "region_name", "code"),
        parts={"seniority": {"Total": "", **{words: words for words in _SENIORITY}}},
        spread=("breakdown",),
        unread=("inpost_headcount_original", "Observation"),
        # What R marks as missing: a share of nobody, or a sum over a role that is withheld.
        symbols={**GSS, "NA": Status.UNSPECIFIED},
        series="seniority",
    )


_TABLE, _ROLE, _SENIOR = _table_of_2022(), _saved_by_role(), _saved_by_seniority()
LAYOUTS: tuple[Layout, ...] = (_TABLE, _ROLE, _SENIOR)


def claims(path: Path) -> bool:
    """Whether a file is one of the two that were saved from R, by the names of its columns."""
    return any(holds_columns(path, layout.columns) for layout in (_ROLE, _SENIOR))


def read(path: Path, register: Register) -> Reading:
    """Read one file of the workforce by ethnic group.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    if not claims(path):
        return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=(_TABLE,))
    table = read_r_table(path)
    layout = next((layout for layout in (_ROLE, _SENIOR) if layout.equals(table.header)), None)
    if layout is None:
        raise SourceChanged(
            f"reading {path.name} as {_ROLE.name!r}",
            found=_ROLE.difference(table.header),
            todo="use the file as issued; if the publisher has changed it, add the new layout beside the old one",
        )
    if layout is _SENIOR:
        layout = replace(_SENIOR, in_convention=partial(_by_seniority, register=register))
    opened = Opened(path.name, layout, table, "saved from R", ())
    return read_opened(opened, register, source=SOURCE, indicators=INDICATORS)
