"""The register of areas: facts with sources, read from a small file, and every way of looking an area up.

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
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal, NoReturn, get_args

from insight.core.area import Area, Level, LineageFact, LineageKind, is_speakable, normalise, shown
from insight.core.described import Described, Description
from insight.core.html import SAMPLE_BANNER
from insight.errors import AbolishedArea, AmbiguousArea, GeographyConflict, RegisterError, UnknownArea

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
SUGGESTIONS = 3
_CLOSE_ENOUGH = 75  # of 100: below this a suggestion is noise

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


@dataclass(frozen=True, repr=False)
class Register(Described):
    """Every area that the figures may speak of.

    Parameters
    ----------
    areas : tuple of Area
        In order of code.
    names : tuple of (str, str)
        Every accepted name in its normalised form, with the key of its area.
    parts : tuple of (str, str, str)
        Code, normalised name and region of the parts of regions that have rows of their own.

    Examples
    --------
    >>> register = Register.read()
    >>> register.authority("Hull").code, register.authority("st helens").code
    ('E06000010', 'E08000013')
    >>> [area.name for area in register.members("West Midlands")][:2]
    ['Herefordshire, County of', 'Telford and Wrekin']
    """

    areas: tuple[Area, ...]
    names: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def read(cls, path: Path | None = None) -> Register:
        """The register in a file, or the packaged one of England.

        Raises
        ------
        RegisterError
            If the file is not a register, or contradicts itself.
        """
        if path is None:
            return _packaged()
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as fault:
            raise _refused(path.name, f"no readable UTF-8 text ({type(fault).__name__})") from None
        return _read(text, path.name)

    def authority(self, text: str, *, abolished: bool = False) -> Area:
        """An authority or joint return by any code, name, alias or trust.

        Parameters
        ----------
        text : str
        abolished : bool
            Accept an area that no longer exists. A name that a living area bears always gives the living one.

        Raises
        ------
        UnknownArea
            With at most three suggestions.
        AmbiguousArea
            If several areas bear the name, naming them.
        AbolishedArea
            If the area no longer exists, naming its successors.
        """
        return self._one(text, ("authority", "joint"), "the authority", abolished=abolished)

    def region(self, text: str) -> Area:
        """A region by code or name; raises as ``authority``."""
        return self._one(text, ("region",), "the region", abolished=False)

    def area(self, text: str, *, abolished: bool = False) -> Area:
        """An area of any level by code or name; raises as ``authority``."""
        return self._one(text, get_args(Level), "the area", abolished=abolished)

    def get(self, code: str) -> Area:
        """The area of exactly this key or nine-character code, abolished or not.

        Raises
        ------
        UnknownArea
        """
        found = self._by_key.get(code)
        return found if found else self._unknown(code, "the code")

    def suggest(self, text: str) -> tuple[str, ...]:
        """At most three names that resemble the text, the likest first. It suggests and never selects."""
        return self._near(text, get_args(Level))

    def resolve(self, *, new_la_code: str, old_la_code: str, la_name: str, period_end: date | None = None) -> Area:
        """The unit that one row of a published file speaks of.

        Codes place the row and the name confirms it; a name alone places nothing. A field that the file lacks is given
        as "". Joint rows ("E09000021 / E09000027") give the joint return; earlier codes give the area that bears a
        newer one now, whatever the year, for files keep using them.

        Parameters
        ----------
        new_la_code, old_la_code, la_name : str
            As they stand in the row.
        period_end : date, optional
            If given, the unit must have existed on this day.

        Raises
        ------
        GeographyConflict
            If code, three-digit code, name or period contradict each other.
        UnknownArea
            If a code is in no register of this kind, with at most three suggestions.
        """
        claims = {"new_la_code": new_la_code.strip(), "old_la_code": old_la_code.strip()}
        asked = f"placing the row {shown(la_name)!r} ({shown(new_la_code)!r}, {shown(old_la_code)!r})"
        units: dict[str, Area] = {}
        for column, text in claims.items():
            if text:
                units[column] = self._coded(text) or self._unknown(la_name, f"{column} {shown(text)!r} of the row")
        if not units:
            _conflict(asked, "neither new_la_code nor old_la_code; a name alone places nothing")
        if len({unit.code for unit in units.values()}) > 1:
            _conflict(asked, "; ".join(f"{column} is {_named(unit)}" for column, unit in units.items()))
        unit = next(iter(units.values()))
        if la_name.strip() and unit.code not in self._by_name.get(normalise(la_name), ()):
            bearers = [_named(self._by_key[code]) for code in self._by_name.get(normalise(la_name), ())]
            _conflict(asked, f"the codes are {_named(unit)}; the name is {_listed(bearers) or 'no name of it'}")
        if period_end and not unit.exists_on(period_end):
            life = f"{unit.start or 'before the register'} to {unit.end or 'today'}"
            _conflict(asked, f"a figure for {period_end}, but {_named(unit)} existed from {life}")
        return unit

    def resolve_region(self, code: str, name: str) -> Area | None:
        """The region that a row speaks of, or None for a part of a region (Inner and Outer London).

        Raises
        ------
        GeographyConflict
            If code and name contradict each other, or the code is of another level.
        UnknownArea
            If no area has the code.
        """
        asked = f"placing the regional row {shown(name)!r} ({shown(code)!r})"
        key, form = code.strip(), normalise(name)
        part_names = [part_name for part, part_name, _ in self.parts if part == key]
        if part_names:
            if form and form not in part_names:
                _conflict(asked, f"a part of a region called {_listed(part_names)}")
            return None
        found = self._by_key.get(key) or self._unknown(name, f"region_code {shown(key)!r} of the row")
        if found.level != "region" or (form and found.code not in self._by_name.get(form, ())):
            _conflict(asked, f"the code is {_named(found)}, of level {found.level}")
        return found

    @property
    def nation(self) -> Area:
        """The nation."""
        return next(area for area in self.areas if area.level == "nation")

    @property
    def regions(self) -> tuple[Area, ...]:
        """The regions, in order of code."""
        return self._of_level("region")

    @property
    def joints(self) -> tuple[Area, ...]:
        """The joint returns, in order of code."""
        return self._of_level("joint")

    @property
    def is_sample(self) -> bool:
        """Whether the areas are invented."""
        return any(area.is_sample for area in self.areas)

    def authorities(
        self, *, region: str | None = None, on: date | None = None, abolished: bool = False, joint: bool = False
    ) -> tuple[Area, ...]:
        """Authorities in order of code: today's, those of a day, or all there have been.

        Parameters
        ----------
        region : str, optional
            Code or name.
        on : date, optional
            Those that existed on this day, abolished since or not.
        abolished : bool
            With no day: also those that no longer exist.
        joint : bool
            Put each joint return in the place of its members, so that nobody is counted twice.
        """
        pool = [area for area in self._of_level("authority") if abolished or not area.is_abolished]
        joints = [unit for unit in self.joints if abolished or not unit.is_abolished]
        if on is not None:
            pool = [area for area in self._of_level("authority") if area.exists_on(on)]
            joints = [unit for unit in self.joints if unit.exists_on(on)]
        if joint:
            replaced = {code for unit in joints for code in unit.members}
            pool = [area for area in pool if area.code not in replaced] + joints
        if region is not None:
            within = self.region(region).code
            pool = [area for area in pool if area.region_code == within]
        return tuple(sorted(pool, key=lambda area: area.code))

    def members(self, region: str) -> tuple[Area, ...]:
        """Today's authorities of a region, by its code or name, in order of code."""
        return self.authorities(region=region)

    def joint_of(self, code: str, on: date | None = None) -> Area | None:
        """The joint return that an authority reports in: today's, or that of a day; None if it reports alone."""
        key = self.get(code).code
        for unit in self.joints:
            if key in unit.members and (not unit.is_abolished if on is None else unit.exists_on(on)):
                return unit
        return None

    def describe(self) -> Description:
        """How many areas of each kind."""
        today, ever = len(self.authorities()), len(self.authorities(abolished=True))
        facts = (
            ("nation", self.nation.name),
            ("regions", str(len(self.regions))),
            ("authorities", f"{today} today, {ever - today} abolished"),
            ("joint returns", ", ".join(unit.name for unit in self.joints) or "none"),
        )
        return Description("Register of areas", facts, banner=SAMPLE_BANNER if self.is_sample else None)

    def _of_level(self, level: Level) -> tuple[Area, ...]:
        return tuple(area for area in self.areas if area.level == level)

    @cached_property
    def _by_key(self) -> dict[str, Area]:
        return {code: area for area in self.areas for code in (area.code, *area.codes)}

    @cached_property
    def _by_code(self) -> dict[str, Area]:
        """Keys, earlier codes and three-digit codes; of a joint return, those of its members as the files join them."""
        found = dict(self._by_key)
        found |= {area.old_la_code: area for area in self.areas if area.old_la_code}
        for unit in self.joints:
            members = [self._by_key[code] for code in unit.members]
            found[" / ".join(sorted(member.code for member in members))] = unit
            found[" / ".join(sorted(member.old_la_code or "" for member in members))] = unit
        return found

    @cached_property
    def _by_name(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for form, code in self.names:
            found[form].append(code)
        return {form: tuple(sorted(set(codes))) for form, codes in found.items()}

    def _coded(self, text: str) -> Area | None:
        return self._by_code.get(" / ".join(sorted(part.strip() for part in text.upper().split("/"))))

    def _one(self, text: str, levels: Iterable[str], what: str, *, abolished: bool) -> Area:
        bearers: list[Area] = []
        if is_speakable(text):
            coded = self._coded(text)
            bearers = [coded] if coded else [self._by_key[code] for code in self._by_name.get(normalise(text), ())]
        found = [area for area in bearers if area.level in levels]
        living = [area for area in found if not area.is_abolished]
        if not found:
            self._unknown(text, what, elsewhere=bearers, levels=levels)
        if len(living or found) > 1:
            raise AmbiguousArea(
                f"looking for {what} {shown(text)!r}",
                found=f"more than one: {_listed([_named(area) for area in living or found])}",
                todo="use the full name or the nine-character code of the one that is meant",
            )
        if not living and not abolished:
            self._abolished(found[0], f"looking for {what} {shown(text)!r}")
        return (living or found)[0]

    def _near(self, text: str, levels: Iterable[str]) -> tuple[str, ...]:
        from rapidfuzz import fuzz, process  # only a wrong name pays for this import

        pool = [area for area in self.areas if area.level in levels]
        names = {normalise(name): area.name for area in pool for name in (area.name, *area.aliases, *area.trusts)}
        near = process.extract(
            normalise(shown(text)), names.keys(), scorer=fuzz.WRatio, score_cutoff=_CLOSE_ENOUGH, limit=12
        )
        return tuple(dict.fromkeys(names[form] for form, _, _ in near))[:SUGGESTIONS]

    def _unknown(
        self, text: str, what: str, *, elsewhere: Iterable[Area] = (), levels: Iterable[str] = get_args(Level)
    ) -> NoReturn:
        kind = "invented areas of the sample" if self.is_sample else f"areas of {self.nation.name}"
        found = f"no such code, name or alias in the register of {kind}"
        near = self._near(text, levels)
        todo = f"did you mean {_listed(near, 'or')}?" if near else "use the name as published, or a nine-character code"
        for area in elsewhere:
            found = f"{_named(area)} is of another level: {area.level}"
            todo = f"ask for it as {area.level}, or for one of the areas within it"
        raise UnknownArea(f"looking for {what} {shown(text)!r}", found=found, todo=todo)

    def _abolished(self, area: Area, asked: str) -> NoReturn:
        heirs = [self._by_key[code] for code in area.successors]
        together = [unit for unit in self.joints if set(unit.members) == set(area.successors)]
        todo = f"ask for one of its successors, or with abolished=True for the history of {area.name}"
        if together:
            todo += f"; the successors make one workforce return, {_named(together[0])}"
        # Where a successor also took in other areas, its counts are not a continuation of this one.
        if len(heirs) > 1 and all(heir.predecessors == (area.code,) for heir in heirs):
            todo += "; to follow the whole, add up the successors' counts and never average their rates"
        raise AbolishedArea(
            asked,
            found=f"{_named(area)} was abolished; its last day was {area.end}; "
            f"it was replaced by {_listed([_named(heir) for heir in heirs]) or 'no area of this register'}",
            todo=todo,
        )


def _named(area: Area) -> str:
    return f"{area.name} ({area.code})"


def _listed(words: Iterable[str], last: Literal["and", "or"] = "and") -> str:
    several = list(words)
    return f" {last} ".join([", ".join(several[:-1]), several[-1]]) if len(several) > 1 else "".join(several)


def _conflict(asked: str, found: str) -> NoReturn:
    raise GeographyConflict(
        asked,
        found=found,
        todo="correct the row in the file, or, if the geography has changed, add the fact to the register",
    )


@lru_cache(maxsize=1)
def _packaged() -> Register:
    text = resources.files("insight.core").joinpath("authorities.csv").read_text(encoding="utf-8")
    return _read(text, "authorities.csv")


def _read(text: str, file: str) -> Register:
    facts = _facts(text, file)
    try:
        return _build(facts)
    except _Contradiction as fault:
        raise _refused(file, str(fault)) from None


class _Contradiction(Exception):
    """What is wrong, for the reader of the file to put its name to."""


def _refused(file: str, found: str) -> RegisterError:
    return RegisterError(
        f"reading the register {file}", found=found, todo="correct the row and its source, and read again"
    )


def _facts(text: str, file: str) -> list[_Fact]:
    table = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(table.fieldnames or ())[: len(COLUMNS)] != COLUMNS:
        raise _refused(file, f"the columns {shown(', '.join(table.fieldnames or ()))!r}, not {', '.join(COLUMNS)}")
    facts = []
    for row in table:
        where = f"line {table.line_num}"
        if None in row:
            raise _refused(file, f"{where}: more cells than columns")
        if row["fact"] not in KINDS:
            raise _refused(file, f"{where}: {shown(row['fact'] or '')!r} is no kind of fact")
        if not (row["code"] and row["value"] and row["source"]):
            raise _refused(file, f"{where}: a fact without code, value or source")
        try:
            start, end = (date.fromisoformat(row[day]) if row[day] else None for day in ("from", "to"))
        except ValueError:
            raise _refused(file, f"{where}: from and to are days written like 2021-04-01") from None
        facts.append(_Fact(row["code"], row["fact"], row["value"], start, end, row["source"], row.get("note") or ""))
    return facts


def _build(facts: list[_Fact]) -> Register:
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
    return Register(areas, tuple(sorted(names)), tuple(sorted(parts)))


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
        raise _Contradiction(f"the joint return {key} has the members {_listed(members) or 'nobody'}")
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
    old, new = (_listed([name[code] for code in side]) for side in (before, after))
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
