"""The register of areas: facts with sources, read from a small file, and every way of looking an area up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import NoReturn, get_args

from insight.core.area import Area, Level, is_speakable, normalise, shown
from insight.core.described import Described, Description
from insight.core.html import SAMPLE_BANNER
from insight.core.register_facts import listed, read_facts, refused
from insight.errors import AbolishedArea, AmbiguousArea, GeographyConflict, UnknownArea

SUGGESTIONS = 3
_CLOSE_ENOUGH = 75  # of 100: below this a suggestion is noise


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
            raise refused(path.name, f"no readable UTF-8 text ({type(fault).__name__})") from None
        return _made(text, path.name)

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
            _conflict(asked, f"the codes are {_named(unit)}; the name is {listed(bearers) or 'no name of it'}")
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
                _conflict(asked, f"a part of a region called {listed(part_names)}")
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
                found=f"more than one: {listed([_named(area) for area in living or found])}",
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
        todo = f"did you mean {listed(near, 'or')}?" if near else "use the name as published, or a nine-character code"
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
            f"it was replaced by {listed([_named(heir) for heir in heirs]) or 'no area of this register'}",
            todo=todo,
        )


def _named(area: Area) -> str:
    return f"{area.name} ({area.code})"


def _conflict(asked: str, found: str) -> NoReturn:
    raise GeographyConflict(
        asked,
        found=found,
        todo="correct the row in the file, or, if the geography has changed, add the fact to the register",
    )


@lru_cache(maxsize=1)
def _packaged() -> Register:
    text = resources.files("insight.core").joinpath("authorities.csv").read_text(encoding="utf-8")
    return _made(text, "authorities.csv")


def _made(text: str, file: str) -> Register:
    facts = read_facts(text, file)
    return Register(facts.areas, facts.names, facts.parts)
