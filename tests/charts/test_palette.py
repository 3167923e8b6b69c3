"""Colours, judged by numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from insight.charts import palette

SERIES = (palette.HIGHLIGHT, *(style.colour for style in palette.COMPARISONS))
# Viénot, Brettel, Mollon (1999), linear RGB: what remains for red-blind and green-blind readers.
BLIND = {
    "protan": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "deutan": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
}


@pytest.mark.parametrize("colour", [*SERIES, palette.OTHERS, palette.WORDS, palette.INK])
def test_every_colour_stands_out_from_white(colour: str) -> None:
    assert palette.contrast(colour, palette.WHITE) >= 3


@pytest.mark.parametrize("colour", SERIES)
def test_every_series_stands_out_from_the_grey_band(colour: str) -> None:
    assert palette.contrast(colour, palette.BAND) >= 3


@pytest.mark.parametrize(("one", "other"), list(itertools.pairwise(SERIES)))
def test_neighbouring_series_stand_out_from_each_other(one: str, other: str) -> None:
    assert palette.contrast(one, other) >= 3


def test_words_are_readable_on_white() -> None:
    assert palette.contrast(palette.WORDS, palette.WHITE) >= 4.5


def test_no_two_series_share_colour_or_dash() -> None:
    assert len(set(SERIES)) == len(SERIES)
    assert len({style.dash for style in palette.COMPARISONS}) == len(palette.COMPARISONS)


@pytest.mark.parametrize("kind", sorted(BLIND))
def test_series_differ_for_colour_blind_readers(kind: str) -> None:
    def seen(colour: str) -> np.ndarray:
        raw = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
        linear = np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)
        return np.clip(np.array(BLIND[kind]) @ linear, 0, 1) ** (1 / 2.4)

    for one, other in itertools.pairwise(SERIES):
        assert np.linalg.norm(seen(one) - seen(other)) > 0.2
