"""The facts behind the register: how ``authorities.csv`` is written, read and put together.

``authorities.csv`` has one fact a row: ``code, fact, value, from, to, source`` and perhaps ``note``. ``code`` is the
area's key. ``from`` and ``to`` are the first and the last day; a blank means "always" or "still". The facts:

=============  ======================================================================================================
level          authority, joint, region, nation, or part (Inner London: rows of its own in the files, yet no region)
name           as the publisher writes it today
old_la_code    the three digits
region         key of the region; a joint return takes its members'
code           an earlier nine-character code of the same area, with the last day of its use
alias          another name; the same alias on two areas makes it ambiguous, on purpose
style          county, unitary, metropolitan, london, city or royal: the ways in which the council is addressed
trust          a company that runs or ran its services
merged_into    key of the area that replaced this one and others; ``from`` is the first day of the new one
split_into     key of one of the areas that replaced this one
joint_return   key of the joint return that the area reports in
sample         "yes" on the nation: every area in the file is invented
=============  ======================================================================================================
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, get_args

from insight.core.area import Area, Level, LineageFact, LineageKind, normalise, shown
from insight.errors import RegisterError

COLUMNS = ("code", "fact", "value", "from", "to", "source")
KINDS = frozenset(
    {
        "level",
        "name",
        "old_la_code",
        "region",
        "code",
        "alias",
        "style",
        "trust",
        "merged_into",
        "split_into",
        "joint_return",
        "sample",
    }
)

# Ways of writing a council's name that are unlike for unlike councils: Leicester County Council is not Leicester.
_STYLES: Mapping[str, tuple[str, ...]] = {
    "county": ("{} county council", "{} county", "county of {}", "{} cc"),
    "unitary": ("{} ua", "{} unitary authority", "{} borough", "{} borough council", "borough of {}", "{} bc"),
    "metropolitan": (
        "{} mbc",
        "{} mdc",
        "{} metropolitan borough",
        "{} metropolitan borough council",
        "{} metropolitan district council",
        "metropolitan borough of {}",
        "{} borough council",
    ),
    "london": ("london borough of {}", "{} london borough", "lb of {}", "lb {}", "{} lb"),
    "city": ("city of {}", "{} city", "{} city council", "{} city ua"),
    "royal": ("royal borough of {}", "{} royal borough", "rb {}"),
}


@dataclass(frozen=True, slots=True)
class _Fact:
    code: str
    kind: str
    value: str
    start: date | None
    end: date | None
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a register is made of; see ``Register`` for the three parts."""

    areas: tuple[Area, ...]
    names: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str, str], ...]


def read_facts(text: str, file: str) -> Facts:
    """Areas, names and parts of regions that the text of a register gives.

    Parameters
    ----------
    text : str
        The whole file.
    file : str
        Its name, for the words of an error.

    Raises
    ------
    RegisterError
        If the text is not a register, or contradicts itself.
    """
    facts = _facts(text, file)
    try:
        return _build(facts)
    except _Contradiction as fault:
        raise refused(file, str(fault)) from None


class _Contradiction(Exception):
    """What is wrong, for the reader of the file to put its name to."""


def refused(file: str, found: str) -> RegisterError:
    """The error for a register's file that cannot be used, with what was found in it."""
    return RegisterError(
        f"reading the register {file}", found=found, todo="correct the row and its source, and read again"
    )


def _facts(text: str, file: str) -> list[_Fact]:
    table = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(table.fieldnames or ())[: len(COLUMNS)] != COLUMNS:
        raise refused(file, f"the columns {shown(', '.join(table.fieldnames or ()))!r}, not {', '.join(COLUMNS)}")
    facts = []
    for row in table:
        where = f"line {table.line_num}"
        if None in row:
            raise refused(file, f"{where}: more cells than columns")
        if row["fact"] not in KINDS:
            raise refused(file, f"{where}: {shown(row['fact'] or '')!r} is no kind of fact")
        if not (row["code"] and row["value"] and row["source"]):
            raise refused(file, f"{where}: a fact without code, value or source")
        try:
            start, end = (date.fromisoformat(row[day]) if row[day] else None for day in ("from", "to"))
        except ValueError:
            raise refused(file, f"{where}: from and to are days written like 2021-04-01") from None
        facts.append(_Fact(row["code"], row["fact"], row["value"], start, end, row["source"], row.get("note") or ""))
    return facts


def _build(facts: list[_Fact]) -> Facts:
    by_key: dict[str, dict[str, list[_Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        by_key[fact.code][fact.kind].append(fact)
    for key, own in by_key.items():
        for kind in ("level", "name"):
            if len(own[kind]) != 1:
                raise _Contradiction(f"{key} has {len(own[kind])} facts of the kind {kind}, not one")
    level = {key: own["level"][0].value for key, own in by_key.items()}
    name = {key: own["name"][0].value for key, own in by_key.items()}
    _require_known(facts, level)
    is_sample = any(fact.kind == "sample" and fact.value == "yes" for fact in facts)
    lineage = _lineage(facts, name)
    members = _grouped((fact.value, fact.code) for fact in facts if fact.kind == "joint_return")
    plain = {
        key: _area(key, own, name, members.get(key, ()), lineage, is_sample=is_sample)
        for key, own in sorted(by_key.items())
        if level[key] != "part"
    }
    areas = tuple(_with_region_of_members(area, plain, name) for area in plain.values())
    _require_distinct(areas)
    names = [(form, key) for key, own in by_key.items() if level[key] != "part" for form in _forms(own)]
    parts = [
        (key, normalise(fact.value), own["region"][0].value)
        for key, own in by_key.items()
        if level[key] == "part"
        for fact in (*own["name"], *own["alias"])
    ]
    return Facts(areas, tuple(sorted(names)), tuple(sorted(parts)))


def _area(
    key: str,
    own: Mapping[str, list[_Fact]],
    name: Mapping[str, str],
    members: tuple[str, ...],
    lineage: tuple[LineageFact, ...],
    *,
    is_sample: bool,
) -> Area:
    values = {kind: tuple(dict.fromkeys(fact.value for fact in facts)) for kind, facts in own.items()}
    life = own["level"][0]
    region = (values.get("region") or (None,))[0]
    earlier = sorted((fact for fact in own["code"] if fact.value != key), key=lambda fact: fact.end or date.max)
    is_joint = life.value == "joint"
    if is_joint and key != "_".join(members):
        raise _Contradiction(f"the joint return {key} has the members {listed(members) or 'nobody'}")
    return Area(
        code=key,
        name=name[key],
        level=life.value,  # type: ignore[arg-type]  # _require_known has checked it against Level
        region_code=region,
        region_name=name[region] if region else None,
        codes=() if is_joint else (key, *(fact.value for fact in reversed(earlier))),
        old_la_code=(values.get("old_la_code") or (None,))[0],
        aliases=values.get("alias", ()),
        trusts=values.get("trust", ()),
        start=life.start,
        end=life.end,
        members=members,
        lineage=tuple(fact for fact in lineage if key in (*fact.predecessors, *fact.successors)),
        is_sample=is_sample,
    )


def _with_region_of_members(area: Area, areas: Mapping[str, Area], name: Mapping[str, str]) -> Area:
    if area.level != "joint":
        return area
    regions = {areas[code].region_code for code in area.members}
    region = regions.pop() if len(regions) == 1 else None
    if region is None:
        raise _Contradiction(f"the members of the joint return {area.code} are not of one region")
    return replace(area, region_code=region, region_name=name[region])


def _lineage(facts: list[_Fact], name: Mapping[str, str]) -> tuple[LineageFact, ...]:
    """Every change, oldest first: rows of one change are brought together."""
    changes: dict[tuple[LineageKind, str, date], list[_Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind in ("merged_into", "split_into", "joint_return") and fact.start is None:
            raise _Contradiction(f"{fact.code} has a {fact.kind} without its first day")
        if fact.kind == "merged_into" and fact.start:
            changes["merger", fact.value, fact.start].append(fact)
        elif fact.kind == "split_into" and fact.start:
            changes["split", fact.code, fact.start].append(fact)
        elif fact.kind == "joint_return" and fact.start:
            changes["joint_return", fact.value, fact.start].append(fact)
        elif fact.kind == "code" and fact.value != fact.code:
            if fact.end is None:
                raise _Contradiction(f"the earlier code {fact.value} of {fact.code} has no last day")
            changes["reissue", fact.code, fact.end + timedelta(days=1)].append(fact)
    made = [_change(kind, day, rows, name) for (kind, _, day), rows in changes.items()]
    return tuple(sorted(made, key=lambda fact: (fact.date, fact.kind, fact.predecessors, fact.successors)))


def _change(kind: LineageKind, day: date, rows: list[_Fact], name: Mapping[str, str]) -> LineageFact:
    before = tuple(sorted({row.code for row in rows}))
    after = before if kind == "reissue" else tuple(sorted({row.value for row in rows}))
    old, new = (listed([name[code] for code in side]) for side in (before, after))
    words = {
        "merger": f"{old} became part of {new} on {day}",
        "split": f"{old} was divided between {new} on {day}",
        "reissue": f"the code changed from {rows[0].value} on {day}",
        "joint_return": f"{old} make one return from {day}",
    }
    remarks = list(dict.fromkeys(row.note for row in rows if row.note))
    return LineageFact(kind, before, after, day, ". ".join([words[kind], *remarks]), rows[0].source)


def _forms(own: Mapping[str, list[_Fact]]) -> set[str]:
    """Every accepted way of writing an area's names, normalised."""
    names = {normalise(fact.value) for fact in (*own["name"], *own["alias"])}
    if own["level"][0].value == "authority":
        ways = [way for fact in own["style"] for way in _STYLES.get(fact.value, ())]
        names |= {way.format(name) for way in ways for name in names}
        names |= {f"{name} council" for name in names if not name.endswith("council")}
    return names | {normalise(fact.value) for fact in own["trust"]}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _require_known(facts: list[_Fact], level: Mapping[str, str]) -> None:
    expected = {"region": "region", "merged_into": "authority", "split_into": "authority", "joint_return": "joint"}
    for fact in facts:
        if fact.kind == "level" and fact.value not in (*get_args(Level), "part"):
            raise _Contradiction(f"{fact.code} is of the level {shown(fact.value)!r}, which does not exist")
        if fact.kind == "style" and fact.value not in _STYLES:
            raise _Contradiction(f"{fact.code} has the style {shown(fact.value)!r}, which does not exist")
        if fact.kind in expected and level.get(fact.value) != expected[fact.kind]:
            raise _Contradiction(
                f"{fact.code} {fact.kind} {shown(fact.value)!r}: no {expected[fact.kind]} of this file"
            )
    if sum(value == "nation" for value in level.values()) != 1:
        raise _Contradiction("a register has exactly one nation")


def _require_distinct(areas: tuple[Area, ...]) -> None:
    """No code of two areas, no authority without a region, no two living authorities of one name."""
    owners: dict[str, str] = {}
    for area in areas:
        claims = [*area.codes, *([area.old_la_code] if area.old_la_code else [])]
        if area.level == "authority" and not area.is_abolished:
            claims.append(normalise(area.name))
        for claim in claims:
            if owners.setdefault(claim, area.code) != area.code:
                raise _Contradiction(f"{claim} is claimed by {owners[claim]} and by {area.code}")
        if area.level == "authority" and area.region_code is None:
            raise _Contradiction(f"{area.code} has no region")
        if area.is_abolished and area.end and area.start and area.end < area.start:
            raise _Contradiction(f"{area.code} ends before it begins")


def listed(words: Iterable[str], last: Literal["and", "or"] = "and") -> str:
    """Words in a row, the last two joined by a word."""
    several = list(words)
    return f" {last} ".join([", ".join(several[:-1]), several[-1]]) if len(several) > 1 else "".join(several)
