"""Where a row belongs: the register's area for each row of a file in the Department for Education's convention."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NoReturn

from insight.core.area import Area, normalise, shown
from insight.core.register import Register
from insight.errors import AreaError, GeographyConflict

NATIONAL, REGIONAL, LOCAL = "National", "Regional", "Local authority"
_LOWER = {
    NATIONAL: ("region_code", "region_name", "old_la_code", "new_la_code", "la_name"),
    REGIONAL: ("old_la_code", "new_la_code", "la_name"),
    LOCAL: (),
}


class Places:
    """Looks rows up in a register, once for each different place.

    Parameters
    ----------
    register : Register
    file : str
        The file's name, for messages.
    """

    def __init__(self, register: Register, file: str) -> None:
        self._register = register
        self._file = file
        self._known: dict[tuple[str, ...], Area | None] = {}

    def of(self, row: Mapping[str, str], line: int, period_end: date) -> Area | None:
        """The area of a row, or None for a part of a region (Inner and Outer London).

        Raises
        ------
        GeographyConflict
            If level, codes, names and period of the row contradict each other or the register, with the line.
        """
        level = row["geographic_level"]
        if level not in _LOWER:
            self._refuse(
                line,
                f"geographic_level is {shown(level)!r}",
                f"these layouts have rows of {', '.join(_LOWER)} and nothing else",
            )
        keys = ("country_code", "country_name", "region_code", "region_name", "old_la_code", "new_la_code", "la_name")
        place = (level, *(row[key] for key in keys))
        known = self._known.get(place)
        # Looked up once; only where it did not exist in the period is the register asked again, for its words.
        if place not in self._known or (known and not known.exists_on(period_end)):
            try:
                self._known[place] = self._look_up(level, row, line, period_end)
            except (AreaError, GeographyConflict) as error:
                raise GeographyConflict(
                    f"reading {shown(self._file)}, line {line}: {error.asked}", found=error.found, todo=error.todo
                ) from None
        return self._known[place]

    def _look_up(self, level: str, row: Mapping[str, str], line: int, period_end: date) -> Area | None:
        filled = [column for column in _LOWER[level] if row[column].strip()]
        if filled:
            self._refuse(
                line, f"a {level} row with {', '.join(filled)}", "take out the lower level, or correct the level"
            )
        nation = self._register.nation
        if row["country_code"] != nation.code or normalise(row["country_name"]) != normalise(nation.name):
            self._refuse(
                line,
                f"country {shown(row['country_name'])!r} ({shown(row['country_code'])!r})",
                f"every row must be of {nation.name} ({nation.code})",
            )
        if level == NATIONAL:
            return nation
        region = self._register.resolve_region(row["region_code"], row["region_name"])
        return region if level == REGIONAL else self._local(row, line, period_end, region)

    def _local(self, row: Mapping[str, str], line: int, period_end: date, region: Area | None) -> Area:
        area = self._register.resolve(
            new_la_code=row["new_la_code"],
            old_la_code=row["old_la_code"],
            la_name=row["la_name"],
            period_end=period_end,
        )
        # A row within Inner or Outer London names that part; the register knows the region it is a part of.
        within = region.code if region else self._region_of_part(row["region_code"])
        if within != area.region_code:
            self._refuse(
                line,
                f"{area.name} ({area.code}) in the region {shown(row['region_name'])!r}; it lies in {area.region_name}",
                "correct the region of the row",
            )
        return area

    def _region_of_part(self, code: str) -> str | None:
        return next((region for part, _, region in self._register.parts if part == code.strip()), None)

    def _refuse(self, line: int, found: str, todo: str) -> NoReturn:
        raise GeographyConflict(f"placing line {line} of {shown(self._file)}", found=found, todo=todo)


def require_no_double_count(areas: Mapping[str, int], register: Register, file: str, year: int) -> None:
    """Refuse a period that holds both an area and what replaced it, or a joint return and a member.

    Parameters
    ----------
    areas : mapping of area code to line
        The rows of one period.

    Raises
    ------
    GeographyConflict
        Naming both and their lines.
    """
    for code, line in areas.items():
        area = register.get(code)
        for other in (*area.successors, *area.members):
            if other in areas:
                raise GeographyConflict(
                    f"reading {shown(file)}, period {year}",
                    found=f"{area.name} (line {line}) beside {register.get(other).name} (line {areas[other]}), "
                    "which is the same people counted twice",
                    todo="use the publisher's file as it was issued; one of the rows does not belong to this period",
                )
