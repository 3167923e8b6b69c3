"""What the measures of the Local Authority Interactive Tool are: titles, units, directions, topics and definitions.

The dictionary of the Department for Education's tool. It has no figures; those are the source ``lait``, which cannot be
read without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import pandas as pd

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.panel import COLUMNS
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import DuplicateKey, RuleBroken, UnknownSymbol
from insight.sources._account import Account
from insight.sources._lait_words import (
    BLANK,
    DIRECTIONS,
    YEAR_TYPES,
    day_of,
    decimals_of,
    key_of,
    kind_of,
    month_in_words,
    plain_text,
    says_number_for_share,
    unit_of,
)
from insight.sources._layout import Layout
from insight.sources._open import open_table
from insight.sources._reading import Reading
from insight.sources._twice import refuse_twice

FIGURES = "lait"
SOURCE = Source(
    key="lait_dictionary",
    publisher="Department for Education",
    title="Local Authority Interactive Tool: data dictionary",
    address="https://github.com/dfe-analytical-services/local-authority-interactive-tool",
    licence="Open Government Licence v3.0",
    known_problems=(
        "Fourteen measures are listed twice, under two topics.",
        "One measure's axis speaks of a share where its figures are numbers.",
    ),
)
INDICATORS: tuple[Indicator, ...] = ()
# Measures, not figures: they come with the figures that they explain.
IS_BY_NAME = True

_OWNER = "Data Owner (DO) /Supplier and Contact Details"
_COLUMNS = (
    "Measure_code",
    "Topic",
    "Measure",
    "Chart_title",
    "Measure_short",
    "Polarity",
    "y_axis_name",
    "state_funded_flag",
    "Table_status",
    "Description",
    "Last Update",
    "Next Update",
    _OWNER,
    "Methodology",
    "Hyperlink(s)",
    "dps",
    "Year_Type",
    "No_Quartile",
)
LAYOUTS: tuple[Layout, ...] = (Layout("interactive tool, data dictionary", _COLUMNS, ()),)
_OWNERS = {"DfE": "Department for Education", "ONS": "Office for National Statistics"}
# A method of this length is a fact beside the figure; a longer one is read at its source.
_SHORT_METHOD = 280


def read(path: Path, register: Register) -> Reading:
    """Read the dictionary.

    Returns
    -------
    Reading
        No rows; ``indicators`` in order of key. Its release is the month of the newest update that it names.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, a measure has no name, or two measures or listings contradict each other.
    """
    opened = open_table(path, LAYOUTS)
    account = Account(opened.table.blank_lines, opened.table.footnotes)
    listed: dict[str, list[Mapping[str, str]]] = {}
    for row in opened.table.rows:
        named = {name: plain_text(cell) for name, cell in zip(opened.table.header, row.cells, strict=True)}
        _require_known(named, row.line, opened.file)
        listed.setdefault(named["Measure_short"], []).append(named)
    measures = [_indicator(rows, opened.file) for rows in listed.values()]
    _require_own_keys(measures, listed, opened.file)
    for rows in listed.values():
        for row_again in rows[1:]:
            account.set_aside("the same measure under another topic, which it is found by too", row_again["Topic"])
    return Reading(
        source=SOURCE.key,
        layout=opened.layout.name,
        release=f"{_newest(listed, opened.file):%Y-%m}",
        rows=pd.DataFrame(columns=list(COLUMNS)),
        neighbours=(),
        rows_read=len(opened.table.rows) + opened.table.blank_lines + opened.table.footnotes,
        rows_kept=len(measures),
        set_aside=account.entries(),
        encoding=opened.encoding,
        notes=opened.notes,
        indicators=tuple(sorted(measures, key=lambda each: each.key)),
    )


def _require_known(row: Mapping[str, str], line: int, file: str) -> None:
    for column in ("Measure_short", "Measure", "Chart_title", "Topic"):
        if row[column] in BLANK:
            _refuse(file, f"line {line}, column {column}", "nothing, where every measure has one")
    for column, known in (("Polarity", tuple(DIRECTIONS)), ("Year_Type", YEAR_TYPES)):
        if row[column] not in known:
            raise UnknownSymbol(
                f"reading {shown(file)}, line {line}, column {column}",
                found=repr(shown(row[column][:40])),
                todo=f"this layout has only: {', '.join(name for name in known if name)}",
            )


def _indicator(rows: Sequence[Mapping[str, str]], file: str) -> Indicator:
    """One measure, from the one or two rows that list it."""
    row = rows[0]
    title, axis = row["Chart_title"], row["y_axis_name"]
    unit, definition = unit_of(axis, title), "" if row["Description"] in BLANK else row["Description"]
    kind = kind_of(row["Year_Type"], f"{title}; {row['Measure']}", definition)
    said = {
        (DIRECTIONS[each["Polarity"]], each["Year_Type"], unit_of(each["y_axis_name"], each["Chart_title"]))
        for each in rows
    }
    if len(said) > 1 or kind is None:
        short = shown(row["Measure_short"])
        refuse_twice(f"the measure {short!r} twice, with another direction, unit or kind of year", file)
    places = next((each["dps"] for each in rows if each["dps"] not in ("", "NA")), "")
    return Indicator(
        key=key_of(row["Measure_short"]),
        title=title,
        unit=unit,
        direction=DIRECTIONS[row["Polarity"]],
        period_kind=kind,
        source=FIGURES,
        decimals=decimals_of(places, unit),
        caveats=tuple(_caveats(rows)),
        topic="; ".join(dict.fromkeys(each["Topic"].replace("\\", "/") for each in rows)),
        definition=definition,
        has_quarters=DIRECTIONS[row["Polarity"]] != "neither" and all(each["No_Quartile"] != "N" for each in rows),
    )


def _caveats(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """What the tool says of a measure beside its definition, in short facts."""
    row = rows[0]
    menu = dict.fromkeys(each["Measure"] for each in rows if each["Measure"] != row["Chart_title"])
    facts = [f"In the tool's menu: {name}." for name in menu]
    if says_number_for_share(row["y_axis_name"], row["Chart_title"]):
        facts.append(f"The tool's axis reads {row['y_axis_name']!r}; the figures are numbers.")
    if row["state_funded_flag"] == "State Funded":
        facts.append("State-funded schools only.")
    if row["Methodology"] not in BLANK and len(row["Methodology"]) <= _SHORT_METHOD:
        facts.append(f"Method: {row['Methodology'].rstrip('.')}.")
    if row[_OWNER] not in BLANK:
        facts.append(f"Published by: {_OWNERS.get(row[_OWNER], row[_OWNER])}.")
    links = row["Hyperlink(s)"].split()
    if links and links[0].startswith("http"):
        facts.append(f"Published at: {links[0]}")
    return [*facts, *_updates(rows)]


def _updates(rows: Sequence[Mapping[str, str]]) -> list[str]:
    days = [day for each in rows if (day := day_of(each["Last Update"]))]
    facts = [f"Last updated in the tool: {month_in_words(max(days))}."] if days else []
    following = rows[0]["Next Update"]
    is_over = following and day_of(following) is None and following not in ("TBC", *BLANK)
    return [*facts, f"No further update: {following.rstrip('.')}."] if is_over else facts


def _require_own_keys(measures: Sequence[Indicator], listed: Mapping[str, object], file: str) -> None:
    """Refuse two measures whose short names differ only in what a key does not hold."""
    first: dict[str, str] = {}
    for short, measure in zip(listed, measures, strict=True):
        other = first.setdefault(measure.key, short)
        if other != short:
            raise DuplicateKey(
                f"reading {shown(file)}",
                found=f"two measures with one key, {measure.key}: {shown(other)!r} and {shown(short)!r}",
                todo="tell the publisher; nothing would say which of the two a key means",
            )


def _newest(listed: Mapping[str, Sequence[Mapping[str, str]]], file: str) -> date:
    days = [day for rows in listed.values() for row in rows if (day := day_of(row["Last Update"]))]
    if not days:
        _refuse(file, "column Last Update", "no day of any update, so that the release cannot be named")
    return max(days)


def _refuse(file: str, where: str, found: str) -> NoReturn:
    raise RuleBroken(f"reading {shown(file)}, {where}", found=found, todo="use the publisher's file as it was issued")
