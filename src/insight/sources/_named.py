"""The authority of a row: by its name and region where the file has no codes, or by its codes and name."""

from __future__ import annotations

from insight.core.area import Area, normalise, shown
from insight.core.register import Register
from insight.errors import AreaError, GeographyConflict


def named_area(
    register: Register, name: str, *, region: str = "", is_gone: bool = False, asked: str = "placing a row"
) -> Area:
    """The authority of a row that has a name and no code.

    A name that a living and an abolished area bear (Dorset) is the living one, or in a table of abolished areas the
    abolished one. The row's region must be the area's; the inspectorate's joins two of them.

    Raises
    ------
    GeographyConflict
        If no authority bears exactly this name, or its region is another.
    """
    sought = normalise(name)
    bearers = [register.get(code) for form, code in register.names if form == sought]
    found = {area.code: area for area in bearers if area.level == "authority" and (area.is_abolished or not is_gone)}
    living = {code: area for code, area in found.items() if not area.is_abolished}
    chosen = list((living or found).values())
    if len(chosen) != 1:
        near = ", ".join(area.name for area in chosen) or " or ".join(register.suggest(name)) or "none"
        raise GeographyConflict(
            f"{asked}: {shown(name)!r}",
            found=f"{len(chosen)} {'abolished ' if is_gone else ''}authorities of this name; near: {near}",
            todo="use the name as published, or add it to the register as an alias",
        )
    if region:
        parts = {normalise(part) for part in region.split(", ")}
        if normalise(chosen[0].region_name or "") not in parts:
            raise GeographyConflict(
                f"{asked}: {shown(name)!r}",
                found=f"the region {shown(region)!r}; it lies in {chosen[0].region_name}",
                todo="correct the region of the row, or the register",
            )
    return chosen[0]


def coded_area(register: Register, *, new: str = "", old: str = "", name: str, asked: str) -> Area:
    """The authority of a row that has a code; raises GeographyConflict with the place of the row."""
    try:
        return register.resolve(new_la_code=new, old_la_code=old, la_name=name)
    except (AreaError, GeographyConflict) as error:
        raise GeographyConflict(f"{asked}: {error.asked}", found=error.found, todo=error.todo) from None
