"""Two lines of one file that claim one place."""

from __future__ import annotations

from typing import NoReturn

from insight.core.area import shown
from insight.errors import DuplicateKey


def take_line(lines: dict[str, int], area: str, line: int, file: str, *, when: str = "") -> None:
    """Note the line on which an area stands.

    Parameters
    ----------
    lines : dict of str to int
        Areas so far, and the line of each; grows.
    when : str
        What else the place is known by, as in " in 2025".

    Raises
    ------
    DuplicateKey
        If another line is of the same area.
    """
    first = lines.setdefault(area, line)
    if first != line:
        refuse_twice(f"lines {first} and {line} are both of {area}{when}", file)


def refuse_twice(found: str, file: str, *, where: str = "") -> NoReturn:
    """Refuse a file in which two lines claim one place: nothing says which of them is right.

    Raises
    ------
    DuplicateKey
        Always.
    """
    raise DuplicateKey(
        f"reading {shown(file)}{where}",
        found=found,
        todo="use the publisher's file as it was issued: nothing says which of the two is right",
    )
