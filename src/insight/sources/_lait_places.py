"""Where the rows of the interactive tool belong: numbers of its own for the nation and the regions."""

from __future__ import annotations

from typing import NoReturn

from insight.core.area import Area, normalise, shown
from insight.core.register import Register
from insight.errors import AreaError, GeographyConflict

NATION = 970
REGIONS = range(980, 991)
_NO_REGION = frozenset({"", "NA"})


def place_of(number: str, name: str, region: str, register: Register, file: str) -> Area | None:
    """The area of a number, or None for a part of a region (Inner and Outer London).

    Raises
    ------
    GeographyConflict
        If number, name and region contradict each other or the register.
    """
    try:
        if not number.isascii() or not number.isdecimal():
            _refuse(f"no number of an area: {shown(number)!r}")
        if int(number) == NATION:
            return _nation(name, register)
        if int(number) in REGIONS:
            return _region(name, register)
        area = register.resolve(new_la_code="", old_la_code=number, la_name=name)
        _require_region(area, region, register)
    except (AreaError, GeographyConflict) as error:
        raise GeographyConflict(
            f"reading {shown(file)}, LA Number {shown(number)}: {error.asked}", found=error.found, todo=error.todo
        ) from None
    return area


def _nation(name: str, register: Register) -> Area:
    if normalise(name) != normalise(register.nation.name):
        _refuse(f"the number {NATION} with the name {shown(name)!r}; it is {register.nation.name}")
    return register.nation


def _region(name: str, register: Register) -> Area | None:
    is_part = any(normalise(name) == part for _, part, _ in register.parts)
    return None if is_part else register.region(name)


def _require_region(area: Area, region: str, register: Register) -> None:
    within = {part_region for _, part, part_region in register.parts if part == normalise(region)}
    is_own = normalise(region) == normalise(area.region_name or "") or area.region_code in within
    if region not in _NO_REGION and not is_own:
        _refuse(f"{area.name} in the region {shown(region)!r}; it lies in {area.region_name}")


def _refuse(found: str) -> NoReturn:
    raise GeographyConflict(
        "placing its rows", found=found, todo="correct the row in the file, or add the fact to the register"
    )
