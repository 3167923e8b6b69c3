"""Statistical neighbours in the layouts of the 2025 and the 2021 model: the ten nearest in an invented space."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insight.sample import places
from insight.sample.places import PARTS, REGIONS, Place

NEIGHBOURS = 10
Position = npt.NDArray[np.float64]
# Upper bounds of the distance for each word; the 2025 file leaves a space after "Close", and capitals differ.
_WORDS_2025 = ((0.8, "Very close"), (1.3, "Close "), (2.0, "Somewhat close"), (np.inf, "Not close"))
_WORDS_2021 = (
    (0.4, "Extremely Close"),
    (0.8, "Very Close"),
    (1.3, "Close"),
    (2.0, "Somewhat close"),
    (np.inf, "Not Close"),
)


def rows_2025(seed: int) -> list[list[str]]:
    """Header and rows of the 2025 model, by name."""
    header = ["old_la_code", "la_name", "region_ind", "region_name"]
    header += [f"SN_{rank}{mark}" for rank in range(1, NEIGHBOURS + 1) for mark in ("", "P")]
    position = _positions(seed)
    rows = [
        [one.old_la_code, one.name, _index(one), REGIONS[one.region], *_nearest(one, position, _WORDS_2025)]
        for one in sorted(places.PLACES, key=lambda one: one.name)
    ]
    return [header, *rows]


def rows_2021(seed: int) -> list[list[str]]:
    """Header and rows of the 2021 model, by code; below them a gap, a heading and the authority that was divided."""
    header = ["LA num", "LA Name", "LA number", "GOInd", "GOReg"]
    header += [text for rank in range(1, NEIGHBOURS + 1) for text in (f"SN{rank}", "SNP")] + [""]
    position = {code: where * 1.02 for code, where in _positions(seed).items()}
    draw = np.random.default_rng([seed, 302])
    for code in position:
        position[code] = position[code] + draw.normal(0, 0.15, 3)

    def row(one: Place, name: str) -> list[str]:
        part = PARTS[one.area][1] if one.area in PARTS else REGIONS[one.region]
        return [one.old_la_code, name, one.old_la_code, _index(one), part, *_nearest(one, position, _WORDS_2021), ""]

    gap = [""] * len(header)
    heading = ["", "Old SNs:", *gap[2:]]
    abolished = places.ABOLISHED
    position[abolished.code] = np.mean([position[one.code] for one in places.SUCCESSORS], axis=0)
    rows = [row(one, one.name.replace("&", "and").replace("St.", "St")) for one in places.PLACES]
    return [header, *rows, gap, heading, gap, row(abolished, f"{abolished.name} (Pre LG)")]


def _index(one: Place) -> str:
    return str(1 + list(REGIONS).index(one.region))


def _positions(seed: int) -> dict[str, Position]:
    """Where each authority stands; authorities of one region lie nearer to each other, and the tiny ones far off."""
    draw = np.random.default_rng([seed, 301])
    centre = {region: draw.normal(0, 0.5, 3) for region in REGIONS}
    found = {one.code: centre[one.region] + draw.normal(0, 0.6, 3) for one in places.PLACES}
    for one in (places.TINY, places.NOBODY_EMPLOYED):
        found[one.code] = found[one.code] + np.array([4.0, 0.0, 0.0])
    return found


def _nearest(one: Place, position: dict[str, Position], words: tuple[tuple[float, str], ...]) -> list[str]:
    others = [other for other in places.PLACES if other.code != one.code]
    if one == places.ABOLISHED:
        others = [other for other in others if other not in places.SUCCESSORS]
    apart = {other: float(np.sqrt(((position[one.code] - position[other.code]) ** 2).sum())) for other in others}
    chosen = sorted(others, key=lambda other: (round(apart[other], 9), other.code))[:NEIGHBOURS]
    named = ((other.old_la_code, next(word for bound, word in words if apart[other] < bound)) for other in chosen)
    return [text for pair in named for text in pair]
