"""The places that a site may speak of, as its manifest keeps them: pages are found and packed without the raw data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from insight.core.area import normalise
from insight.errors import AmbiguousArea, UnknownArea

if TYPE_CHECKING:
    from insight.core.register import Register


@dataclass(frozen=True)
class Place:
    """An area, as far as a site needs it.

    Parameters
    ----------
    level : str
        authority, joint, region or nation.
    region : str
        Code of its region; empty for a region, the nation, and an area outside regions.
    also : tuple of str
        Other names and codes that a search finds it by.
    is_living : bool
        Whether it stands today.
    """

    code: str
    name: str
    level: str
    region: str
    also: tuple[str, ...]
    is_living: bool

    @property
    def find(self) -> str:
        """What a search looks through."""
        return " ".join(dict.fromkeys([self.name, self.code.replace("_", " "), *self.also]))


def places_of(register: Register) -> tuple[Place, ...]:
    """Every area of a register, in order of code."""
    return tuple(
        Place(
            code=area.code,
            name=area.name,
            level=area.level,
            region=area.region_code or "",
            also=(*area.aliases, *area.trusts, *area.codes[1:], *filter(None, [area.old_la_code])),
            is_living=area.end is None,
        )
        for area in register.areas
    )


def as_plain(places: Iterable[Place]) -> list[dict[str, Any]]:
    """Places as a manifest keeps them."""
    return [{**asdict(place), "also": list(place.also)} for place in places]


def of_plain(content: object) -> tuple[Place, ...]:
    """The places that a manifest lists; none where it lists them in a form that is not ours."""
    if not isinstance(content, list):
        return ()
    try:
        return tuple(Place(**{**each, "also": tuple(map(str, each["also"]))}) for each in content)
    except (TypeError, KeyError):
        return ()


def find_place(places: Iterable[Place], text: str, *, levels: tuple[str, ...]) -> Place:
    """The place of this code, name or other name.

    Raises
    ------
    UnknownArea
        If no place of the site bears it.
    AmbiguousArea
        If several do.
    """
    wanted = normalise(text)
    chosen = [place for place in places if place.level in levels]
    exact = [place for place in chosen if place.code.casefold() == text.strip().casefold()]
    named = exact or [place for place in chosen if wanted in {normalise(name) for name in (place.name, *place.also)}]
    named = [place for place in named if place.is_living] or named
    asked = f"looking for {text[:60]!r} in this site"
    if not named:
        raise UnknownArea(
            asked, found="no code, name or alias of an area that it knows", todo="name it as the site's index does"
        )
    if len(named) > 1:
        raise AmbiguousArea(
            asked, found=f"{len(named)} areas: {', '.join(place.name for place in named)}", todo="give the area's code"
        )
    return named[0]


def by_code(places: Iterable[Place]) -> Mapping[str, Place]:
    """Places by their code."""
    return {place.code: place for place in places}
