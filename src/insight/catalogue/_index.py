"""The indicators of a store as words with weights, and how well a question fits each of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from insight.catalogue._words import also, empty, forms, root, roots_of, with_meanings, words_of
from insight.core.period import PeriodKind
from insight.store import Held

_MENU = "In the tool's menu: "
_TITLE, _NAME, _KEY, _TOPIC, _PART, _REST = 5.0, 4.0, 3.0, 2.5, 2.0, 1.0
# What ended years ago is seldom what is meant.
_LONG_AGO, _ENDED = 3, 0.7
_BEGINNING, _POINTED_TO, _NEAR = 0.6, 0.45, 0.5
_OWN_TITLE, _WITHIN_TITLE, _AS_WRITTEN, _OWN_FORM = 1000.0, 6.0, 2.0, 1.0
_SHORTEST_BEGINNING, _LEAST_SHARED = 4, 0.6
# Of 100, as rapidfuzz compares two words: nearer than the first is a slip of the finger.
_SLIP, _REMOTE, _MOST = 80, 55, 3
Fits = dict[int, float]


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found, the likeliest first.

    Parameters
    ----------
    hits : tuple of Held
    instead : tuple of (word, words)
        Each word of the question that looks like a slip, with the words that were looked for in its place.
    unknown : tuple of (word, words)
        Each word that resembles none, with the nearest words there are, which were not looked for.
    has_all : bool
        Whether each hit fits the whole question.
    """

    hits: tuple[Held, ...]
    instead: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unknown: tuple[tuple[str, tuple[str, ...]], ...] = ()
    has_all: bool = True


@dataclass(frozen=True)
class Index:
    """Every indicator with the weights of its words."""

    held: tuple[Held, ...]

    def find(self, question: str) -> Found:
        """The indicators that a question may mean; all of them for a question without words.

        Each word counts by where it stands (title before definition) and by how few indicators have it. An indicator
        must fit every word but those of form, such as "rate"; where none does, those that fit most of them are found.
        """
        meant = with_meanings(words_of(question), is_question=True)
        units = list(dict.fromkeys(unit for unit in meant if unit not in empty()))
        content = [unit for unit in units if unit not in forms()]
        if not units:
            return Found(self.held)
        fits = {unit: self._fits(unit) for unit in units}
        written = {root(word): word for word in words_of(question)}
        strange = {unit: written.get(unit, unit.lstrip("=")) for unit in content if not self._is_said(fits[unit])}
        slips = {unit: near for unit, word in strange.items() if (near := self._near(word, _SLIP))}
        for unit, words in slips.items():
            fits[unit] = _best([fits[unit], *(self._fits(root(word)) for word in words)])
        needed = content or units
        covered = [sum(place in fits[unit] for unit in needed) for place in range(len(self.held))]
        most = max(covered, default=0)
        chosen = [place for place, count in enumerate(covered) if most and count == most and 2 * most >= len(needed)]
        scores = {place: self._score(place, fits, slips, question) for place in chosen}
        chosen.sort(key=lambda place: (-scores[place], self.held[place].source, self.held[place].indicator.key))
        return Found(
            hits=tuple(self.held[place] for place in chosen),
            instead=tuple((strange[unit], words) for unit, words in slips.items()),
            unknown=tuple(
                (word, self._near(word, _REMOTE))
                for unit, word in strange.items()
                if unit not in slips and not fits[unit]
            ),
            has_all=most == len(needed),
        )

    def _score(self, place: int, fits: Mapping[str, Fits], slips: Collection[str], question: str) -> float:
        total = 0.0
        for unit, found in fits.items():
            if place in found:
                total += found[place] * self._rarity(len(found)) * (_NEAR if unit in slips else 1.0)
            if unit in forms() and _is_form(self.held[place].indicator.unit, forms()[unit]):
                total += _OWN_FORM
        words = words_of(question)
        total += sum(_AS_WRITTEN for word in set(words) if word in self._written[place])
        asked = " ".join(roots_of(words))
        title, names = self._titles[place][0], self._titles[place]
        if asked in names:
            total += _OWN_TITLE if asked == title else _OWN_TITLE / 2
        elif f" {asked} " in f" {title} ":
            total += _WITHIN_TITLE
        total *= _ENDED if self._newest - _year(self.held[place]) >= _LONG_AGO else 1.0
        return total / (1.0 + 0.02 * len(title.split()))

    def _fits(self, unit: str) -> Fits:
        """How well each indicator fits one word or meaning: the weight of where it stands, less for likenesses."""
        found: Fits = dict(self._postings.get(unit, {}))
        if unit.startswith("="):
            return found
        for other in self._by_beginning.get(unit[:_SHORTEST_BEGINNING], ()):
            if other != unit and _is_beginning(unit, other):
                _add(found, self._postings[other], _BEGINNING)
        for phrase in also().get(unit, ()):
            each = [self._postings.get(part, {}) for part in phrase]
            shared = set(each[0]).intersection(*each[1:]) if each else set()
            _add(found, {place: min(part[place] for part in each) for place in shared}, _POINTED_TO)
        return found

    def _is_said(self, fits: Fits) -> bool:
        """Whether more than keys have a word: they are not always spelt as the word is."""
        return any(weight != _KEY for weight in fits.values())

    def _near(self, word: str, cutoff: int) -> tuple[str, ...]:
        """Known words that resemble an unknown one, the likest first."""
        from rapidfuzz import fuzz, process  # only a word that is not there pays for this import

        close = process.extract(word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=cutoff, limit=12)
        ordered = sorted(close, key=lambda each: (-each[1], each[0]))
        return tuple(dict.fromkeys(word for word, _, _ in ordered))[:_MOST]

    @cached_property
    def _newest(self) -> int:
        return max(map(_year, self.held), default=0)

    def _rarity(self, count: int) -> float:
        return math.log1p(len(self.held) / (1 + count))

    @cached_property
    def _postings(self) -> dict[str, Fits]:
        found: dict[str, Fits] = defaultdict(dict)
        for place, held in enumerate(self.held):
            for unit, weight in _weights(held).items():
                found[unit][place] = weight
        return dict(found)

    @cached_property
    def _by_beginning(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for unit in self._postings:
            if not unit.startswith("="):
                found[unit[:_SHORTEST_BEGINNING]].append(unit)
        return dict(found)

    @cached_property
    def _titles(self) -> tuple[tuple[str, ...], ...]:
        """Each indicator's title and other names, as roots."""
        return tuple(
            tuple(" ".join(roots_of(words_of(name))) for name in (held.indicator.title, *_names(held)))
            for held in self.held
        )

    @cached_property
    def _written(self) -> tuple[frozenset[str], ...]:
        """The words of each title as they are written, but for those without meaning."""
        return tuple(
            frozenset(word for word in words_of(held.indicator.title) if root(word) not in empty())
            for held in self.held
        )

    @cached_property
    def _vocabulary(self) -> tuple[str, ...]:
        """The words that titles, names, topics and parts are made of, as they are written."""
        texts = (
            text
            for held in self.held
            for text in (held.indicator.title, topic_of(held), *held.parts, *_names(held)[:-1])
        )
        return tuple(sorted({word for text in texts for word in words_of(text) if len(word) >= _SHORTEST_BEGINNING}))


def topic_of(held: Held) -> str:
    """The publisher's topic of an indicator, or the title of its source."""
    return held.indicator.topic or held.source


def _year(held: Held) -> int:
    """The year of the last period; months are labelled with year and month."""
    return held.last // 100 if held.indicator.period_kind is PeriodKind.MONTH else held.last


def _names(held: Held) -> Sequence[str]:
    """What an indicator is called beside its title."""
    menus = [each.removeprefix(_MENU).removesuffix(".") for each in held.indicator.caveats if each.startswith(_MENU)]
    return [*menus, held.indicator.key]


def _weights(held: Held) -> dict[str, float]:
    indicator = held.indicator
    menus = _names(held)[:-1]
    texts = [
        *((text, _REST) for text in (indicator.definition, indicator.unit, held.source)),
        *((part, _PART) for part in held.parts),
        (topic_of(held), _TOPIC),
        (indicator.key, _KEY),
        *((name, _NAME) for name in menus),
        (indicator.title, _TITLE),
    ]
    found: dict[str, float] = {}
    for text, weight in texts:
        for unit in with_meanings(words_of(text), is_question=False):
            if unit not in empty():
                found[unit] = max(weight, found.get(unit, 0.0))
    return found


def _is_beginning(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    is_long = len(shorter) >= max(_SHORTEST_BEGINNING, _LEAST_SHARED * len(longer))
    return is_long and longer.startswith(shorter)


def _is_form(unit: str, form: str) -> bool:
    return unit == form or unit.startswith(f"{form} ")


def _add(found: Fits, places: Mapping[int, float], quality: float) -> None:
    for place, weight in places.items():
        found[place] = max(found.get(place, 0.0), weight * quality)


def _best(several: Iterable[Fits]) -> Fits:
    found: Fits = {}
    for places in several:
        _add(found, places, 1.0)
    return found
