"""From text to the words that are compared: plurals, hyphens, capitals and the field's abbreviations do not count."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any

_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019`")
_RE = re.compile(r"\bre[- ](?=[a-z])")
_GROUPED = re.compile(r"(?<=[0-9]),(?=[0-9]{3}\b)")
_WORD = re.compile(r"[a-z]+[0-9]+\b|[a-z]+|[0-9]+")
_ENDINGS = ("ation", "ment", "ion", "ing", "ed")
_SHORTEST = 4


def words_of(text: str) -> list[str]:
    """The words of a text as they are written, in lower case.

    >>> words_of("Re-referrals (%) per 10,000: KS2, 16-17 year olds")
    ['rereferrals', 'percent', 'per', '10000', 'ks2', '16', '17', 'year', 'olds']
    """
    plain = text.casefold().translate(_APOSTROPHES).replace("%", " percent ").replace("&", " and ").replace("_", " ")
    return _WORD.findall(_RE.sub("re", _GROUPED.sub("", plain)))


@lru_cache(maxsize=16384)
def root(word: str) -> str:
    """The part of a word that its forms share.

    >>> root("placements") == root("placed") == root("placing"), root("children"), root("vacancies"), root("class")
    (True, 'child', 'vacancy', 'class')
    """
    if word == "children":
        return "child"
    if word.endswith("ies") and len(word) > _SHORTEST + 1:
        word = f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORTEST - 1:
        word = word[:-1]
    longest = (ending for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST)
    word = word.removesuffix(next(longest, ""))
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST else word


def roots_of(words: Iterable[str]) -> list[str]:
    """The roots of several words, in their order."""
    return [root(word) for word in words]


def with_meanings(words: Iterable[str], *, is_question: bool) -> list[str]:
    """Roots and meanings of a text.

    In a question the longest meaning takes the place of its words. In what is searched, every meaning and every word
    stand, so that each of them finds it.

    >>> with_meanings(["cla"], is_question=True) == with_meanings(["children", "looked", "after"], is_question=True)
    True
    """
    roots = roots_of(words)
    if not is_question:
        return [*roots, *(meaning for place in range(len(roots)) for _, meaning in _meanings_at(roots, place))]
    found: list[str] = []
    place = 0
    while place < len(roots):
        length, meaning = next(_meanings_at(roots, place), (1, roots[place]))
        found.append(meaning)
        place += length
    return found


@cache
def empty() -> frozenset[str]:
    """Roots of words that carry no meaning in a question about figures."""
    return frozenset(roots_of(_file()["empty"]))


@cache
def forms() -> Mapping[str, str]:
    """Roots of words that say in which form a figure is wanted, with the unit that has it."""
    return {root(word): unit for unit, words in _file()["form"].items() for word in words}


@cache
def also() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """For the root of a word, what else it points to: each as the roots and meanings of one phrase."""
    return {
        root(word): tuple(tuple(with_meanings(words_of(phrase), is_question=True)) for phrase in phrases)
        for word, phrases in _file()["also"].items()
    }


def _meanings_at(roots: Sequence[str], place: int) -> Iterator[tuple[int, str]]:
    """The meanings that begin at a word, each with how many words it has, the longest first."""
    for length in range(min(_longest(), len(roots) - place), 0, -1):
        meaning = _meanings().get(tuple(roots[place : place + length]))
        if meaning:
            yield length, meaning


@cache
def _meanings() -> Mapping[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for phrases in _file()["same"]:
        for phrase in phrases:
            found[tuple(roots_of(words_of(phrase)))] = f"={phrases[0]}"
    return found


@cache
def _longest() -> int:
    return max(map(len, _meanings()))


@cache
def _file() -> dict[str, Any]:
    text = resources.files("insight.catalogue").joinpath("field_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
