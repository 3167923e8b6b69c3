"""Where the rows of the interactive tool belong: numbers of its own for the nation and the regions."""

from __future__ import annotations

from typing import NoReturn

from insight.core.area import Area, normalise, shown
from insight.core.register import Register
from insight.errors import AreaError, GeographyConflict

NATION = 970
# The tool's number of each region and part of a region, with its statistical code after the letter of the nation.
REGIONS = {
    980: "12000001",
    981: "12000002",
    982: "12000003",
    983: "12000004",
    984: "12000005",
    985: "12000006",
    986: "12000007",
    987: "13000001",
    988: "13000002",
    989: "12000008",
    990: "12000009",
}
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
            return _region(int(number), name, register)
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


def _region(number: int, name: str, register: Register) -> Area | None:
    parts = {code for code, part, _ in register.parts if part == normalise(name)}
    area = None if parts else register.region(name)
    codes = parts if area is None else {area.code}
    if REGIONS[number] not in {code[1:] for code in codes}:
        _refuse(f"the number {number} with the name {shown(name)!r}; the tool has another place under that number")
    return area


def _require_region(area: Area, region: str, register: Register) -> None:
    within = {part_region for _, part, part_region in register.parts if part == normalise(region)}
    is_own = normalise(region) == normalise(area.region_name or "") or area.region_code in within
    if region not in _NO_REGION and not is_own:
        _refuse(f"{area.name} in the region {shown(region)!r}; it lies in {area.region_name}")


def _refuse(found: str) -> NoReturn:
    raise GeographyConflict(
        "placing its rows", found=found, todo="correct the row in the file, or add the fact to the register"
    )
