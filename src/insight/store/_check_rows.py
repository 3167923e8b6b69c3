"""What a file's figures cover, what is missing in them, and what looks wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from insight.core.indicator import Indicator
from insight.core.missing import Status, in_words
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.sources import Reading, all_indicators
from insight.store._totals import compare_totals

LEAST, MOST = 0.6, 1.6
"""A volume outside these shares of the year before is a return that is hardly whole, in one of the two years."""
_LISTED = 12
_LOCAL = ("authority", "joint")


def of_rows(reading: Reading, register: Register, *, is_own: bool) -> Iterator[tuple[str, str]]:
    """Labelled facts of a file's figures.

    Parameters
    ----------
    reading : Reading
    register : Register
    is_own : bool
        Whether the file is an authority's own; then nothing is said that could name one of its cells.
    """
    rows = reading.rows
    if rows.empty:
        return
    periods = sorted(rows["time_period"].unique())
    yield "periods", f"{periods[0]} to {periods[-1]}, {len(periods)} in all" if len(periods) > 1 else str(periods[0])
    areas = {code: register.get(code) for code in rows["area"].unique()}
    yield "areas", levels_in_words(Counter[str](area.level for area in areas.values()))
    count = rows["indicator"].nunique()
    measures = f"{count:,} measure{'s' if count != 1 else ''}"
    yield "figures", f"{measures}, {len(rows):,} cells, {rows['value'].count():,} numbers"
    yield from _symbols(rows)
    if is_own:
        return
    indicators = {**all_indicators(), **{each.key: each for each in reading.indicators}}
    local = rows[rows["area"].map({code: area.level in _LOCAL for code, area in areas.items()})]
    yield from _absent(local, register)
    yield from _low(local, register)
    yield from _totals(rows, indicators, register)
    yield from _volumes(local, indicators, register)


def _symbols(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    hidden = rows[rows["status"] != Status.VALUE.value]
    counted = Counter(zip(hidden["symbol"].astype(str), hidden["status"].astype(str), strict=True))
    for (symbol, status), count in sorted(counted.items()):
        yield (
            f"symbol {symbol}" if symbol else "blank",
            f"{count:,} {'cell' if count == 1 else 'cells'}: {in_words(status)}",
        )


def _absent(local: pd.DataFrame, register: Register) -> Iterator[tuple[str, str]]:
    """Authorities that exist and have no row in the newest period."""
    if local.empty:
        return
    day = local["period_end"].max()
    newest = local[local["period_end"] == day]
    there = {register.get(code) for code in newest["area"].unique()}
    covered = {code for area in there for code in (area.code, *area.members)}
    absent = sorted(area.name for area in register.authorities(on=day) if area.code not in covered)
    label = f"no row in {newest['time_period'].max()}"
    yield label, named(absent) if absent else "nobody: every authority has one, or stands in a joint return"


def _low(local: pd.DataFrame, register: Register) -> Iterator[tuple[str, str]]:
    """Authorities and years with any figure of low reliability, the newest first."""
    low = local[local["status"] == Status.LOW_RELIABILITY.value]
    pairs = {(day.year, register.get(str(code)).name) for code, day in zip(low["area"], low["period_end"], strict=True)}
    if pairs:
        names = [f"{name} {year}" for year, name in sorted(pairs, key=lambda pair: (-pair[0], pair[1]))]
        yield "low reliability", f"{named(names)}; every figure of such a return is to be read with care"


def _totals(rows: pd.DataFrame, indicators: Mapping[str, Indicator], register: Register) -> Iterator[tuple[str, str]]:
    entries = compare_totals(rows, indicators, register)
    if not entries:
        return
    equal, differs, not_comparable = (
        [(entry, each) for entry in entries for each in entry[kind]] for kind in ("equal", "differs", "not_comparable")
    )
    yield (
        "totals",
        f"{len(equal):,} equal to the sum of their authorities, {len(differs):,} differ, {len(not_comparable):,} not "
        "comparable because an authority has no figure",
    )
    for entry, total in differs[:_LISTED]:
        yield "total differs", _difference(entry, total, indicators, register)
    if len(differs) > _LISTED:
        yield "total differs", f"and {len(differs) - _LISTED:,} more"


def _difference(
    entry: Mapping[str, Any], total: Mapping[str, Any], indicators: Mapping[str, Indicator], register: Register
) -> str:
    name, indicator = register.get(total["area"]).name, indicators[entry["indicator"]]
    part = f", {entry['breakdown']}" if entry["breakdown"] else ""
    return (
        f"{name} {entry['time_period']}, {indicator.title}{part}: printed {total['published']:,g}, its authorities add "
        f"up to {total['summed']:,g}"
    )


def _volumes(local: pd.DataFrame, indicators: Mapping[str, Indicator], register: Register) -> Iterator[tuple[str, str]]:
    """Authorities whose volume leaves 0.6 to 1.6 times that of the year before, newest first."""
    keys = [key for key in local["indicator"].unique() if key in indicators and indicators[key].additive]
    plain = local[local["indicator"].isin(keys) & (local["breakdown"] == "") & local["value"].notna()]
    if plain.empty:
        return
    key = _volume_of(plain, indicators)
    is_monthly = indicators[key].period_kind is PeriodKind.MONTH
    volumes: dict[tuple[str, int], list[float]] = defaultdict(list)
    chosen = plain[plain["indicator"] == key]
    for code, label, value in zip(chosen["area"], chosen["time_period"], chosen["value"], strict=True):
        volumes[str(code), _year(int(label)) if is_monthly else int(label)].append(float(value))
    whole = {at: sum(values) for at, values in volumes.items() if not is_monthly or len(values) == 12}
    jumps = [
        f"{register.get(code).name} {year} ({now / before:.2f} times)"
        for (code, year), now in sorted(whole.items(), key=lambda each: (-each[0][1], register.get(each[0][0]).name))
        if (before := whole.get((code, year - 1), 0.0)) and not LEAST <= now / before <= MOST
    ]
    words = f"by {indicators[key].title}, against the year before"
    yield "hardly whole", f"{named(jumps)}; {words}" if jumps else f"none, {words}"


def _volume_of(plain: pd.DataFrame, indicators: Mapping[str, Indicator]) -> str:
    """The measure that says how much a return holds: what most shares stand over, then the largest."""
    sums = plain.groupby("indicator", observed=True)["value"].sum()
    uses = Counter(indicator.denominator for indicator in indicators.values())
    return str(max(sums.index, key=lambda key: (uses[key], sums[key])))


def _year(month: int) -> int:
    """The year to March that a month such as 202504 belongs to."""
    return month // 100 + (month % 100 > 3)


def levels_in_words(levels: Mapping[str, int]) -> str:
    """How many areas there are of each level."""
    words = {
        "authority": ("authority", "authorities"),
        "joint": ("joint return", "joint returns"),
        "region": ("region", "regions"),
        "nation": ("nation", "nations"),
    }
    return ", ".join(
        f"{levels[level]:,} {one if levels[level] == 1 else many}"
        for level, (one, many) in words.items()
        if levels.get(level)
    )


def named(names: Sequence[str]) -> str:
    """The first dozen of several names, and how many more there are."""
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
