"""Where the members of a strip stand, and whether their names fit beside them or numbers stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from insight.charts.canvas import SMALL
from insight.charts.lettering import width
from insight.charts.sheets import ACROSS

DIGITS = 8.6
"""Size of the numbers on dots, in points."""
ROUND = 14.0
"""Height of a dot with a number, in points."""
_LEVELS = (1, -1, 2, -2)
_APART, _NEAREST, _TOGETHER, _TRIES = 5.0, 4.0, 2, 4000


@dataclass(frozen=True)
class Group:
    """The members that share a figure as shown, and the number that stands for them."""

    place: int
    at: float
    said: str
    areas: tuple[str, ...]
    is_mine: bool
    is_zero: bool = False

    @property
    def digits(self) -> str:
        """What stands on the dot: its number, and how many share it."""
        return str(self.place) if len(self.areas) == 1 else f"{self.place} ×{len(self.areas)}"

    @property
    def name(self) -> str:
        """What stands beside the dot where names fit."""
        return f"{', '.join(self.areas)} {self.said}" if self.is_mine else ", ".join(self.areas)

    @property
    def half(self) -> float:
        """Half the length of the dot's level part, in points: none for a circle."""
        return max(width(self.digits, DIGITS) - ROUND * 0.75, 0.2) / 2


@dataclass(frozen=True)
class NamePlace:
    """A name and its level: 1 and 2 above the dots, -1 and -2 below; ``left`` in points."""

    group: Group
    level: int
    left: float
    right: float


def names(groups: Sequence[Group]) -> list[NamePlace] | None:
    """Every name beside its dot, on two levels above and two below, or None where there is no room found for all.

    No name meets another name, or the stroke that leads to one. Places are tried from left to right, and back again
    where the next name has none left, for a limited number of tries.
    """
    if any(len(group.areas) > _TOGETHER for group in groups):
        return None
    if any(later.at - earlier.at < _NEAREST for earlier, later in pairwise(groups)):
        return None
    options = [_options(group) for group in groups]
    tried, placed = [0] * len(groups), list[NamePlace]()
    for _ in range(_TRIES):
        at = len(placed)
        if at == len(groups):
            return placed
        found = next(
            (
                place
                for place in range(tried[at], len(options[at]))
                if all(_is_clear(options[at][place], other) for other in placed)
            ),
            None,
        )
        if found is not None:
            tried[at] = found + 1
            placed.append(options[at][found])
        elif not placed:
            return None
        else:
            tried[at] = 0
            placed.pop()
    return None


def _options(group: Group) -> list[NamePlace]:
    long = width(group.name, SMALL, bold=group.is_mine)
    lefts = (group.at - long / 2, group.at - 4.0, group.at - long + 4.0)
    found = [NamePlace(group, level, left, left + long) for level in _LEVELS for left in lefts]
    return [option for option in found if option.left >= 2.0 and option.right <= ACROSS - 2.0]


def _is_clear(one: NamePlace, other: NamePlace) -> bool:
    if one.level * other.level < 0:
        return True
    if one.level == other.level:
        return one.left >= other.right + _APART or other.left >= one.right + _APART
    nearer, farther = sorted((one, other), key=lambda place: abs(place.level))
    # The stroke to the farther name passes the level of the nearer one.
    return not nearer.left - 2.0 <= farther.group.at <= nearer.right + 2.0


def levels(groups: Sequence[Group]) -> list[int]:
    """For each dot with its number, how many steps above (1, 2) or below (-1, -2) the line it stands clear of others.

    >>> levels([Group(1, 50.0, "1.0", ("A",), False), Group(2, 52.0, "1.1", ("B",), False)])
    [0, 1]
    """
    ends: dict[int, float] = {}
    found = []
    for group in groups:
        left, right = group.at - group.half - ROUND / 2, group.at + group.half + ROUND / 2
        level = next(level for level in _outwards() if ends.get(level, -1e9) + 1.0 <= left)
        ends[level] = right
        found.append(level)
    return found


def _outwards() -> Sequence[int]:
    return [0, *(level * sign for level in range(1, 200) for sign in (1, -1))]
