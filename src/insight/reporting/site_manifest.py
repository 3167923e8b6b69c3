"""The form of a site's manifest, for whoever reads one that was edited or that another version of insight wrote."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from insight.reporting.folder import is_address, is_entry, is_page_address, record_of

_PLACE = {"code": str, "name": str, "level": str, "region": str, "also": list, "is_living": bool}
_OPTIONAL = {"extra_of"}


def sound_parts(read: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest without those of its parts that are not as insight writes them; an origin is judged by itself."""
    origins = read.get("extra_of")
    if isinstance(origins, dict):
        read = {**read, "extra_of": {address: of for address, of in origins.items() if _is_of_texts(of)}}
    return {name: value for name, value in read.items() if name not in _FORM or _FORM[name](value)}


def faults(read: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a manifest, in words, the gravest first; nothing where every part can be used."""
    if any(not is_address(address) for address in _addresses(read)):
        yield "an address that leads out of the site"
    for name, is_sound in _FORM.items():
        if name not in read and name not in _OPTIONAL:
            yield f"no part named {name}"
        elif name in read and not is_sound(read[name]):
            yield f"a part named {name} that is not of the form that insight writes"
    yield from _contradictions(sound_parts(read))


def _contradictions(sound: Mapping[str, Any]) -> Iterator[str]:
    codes = {place["code"] for place in sound.get("places", ())}
    if any(href.partition("/")[0] not in codes for href in sound.get("pages", ())):
        yield "a page of an area that it does not list"
    if not set(sound.get("extra_of", ())) <= set(sound.get("extra", ())):
        yield "an origin of a file that it does not list"
    pages = sound.get("pages", {})
    around = chain(sound.get("site", ()), sound.get("extra", ()))
    listed = Counter(chain(["manifest.json"], pages, map(record_of, pages), around))
    if max(listed.values()) > 1:
        yield "a file that it lists twice"


def _addresses(read: Mapping[str, Any]) -> Iterator[str]:
    """Every address that files are read from, written to or packed under; what is none is told by its part."""
    for name in ("pages", "failed", "site", "extra", "extra_of"):
        yield from read[name] if isinstance(read.get(name), dict) else ()
    places = read.get("places")
    for place in places if isinstance(places, list) else ():
        code = place.get("code") if isinstance(place, dict) else None
        yield from [code] if isinstance(code, str) else []


def _is_text(value: object) -> bool:
    """A text that can be written: JSON also reads half of a letter that takes two codes."""
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _is_of_texts(value: object) -> bool:
    """A mapping of texts to texts."""
    return isinstance(value, dict) and all(map(_is_text, chain(value, value.values())))


def _is_pages(value: object) -> bool:
    return isinstance(value, dict) and all(
        is_page_address(href) and is_entry(entry) and _is_parameters(entry.get("parameters", {}))
        for href, entry in value.items()
    )


def _is_parameters(value: object) -> bool:
    try:
        return isinstance(value, dict) and _is_text(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return False


def _is_failed(value: object) -> bool:
    return isinstance(value, dict) and _is_of_texts(value) and all(map(is_page_address, value))


def _is_places(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(place, dict)
        and set(place) == set(_PLACE)
        and all(isinstance(place[name], kind) for name, kind in _PLACE.items())
        and all(_is_text(place[name]) for name, kind in _PLACE.items() if kind is str)
        and all(map(_is_text, place["also"]))
        for place in value
    )


def _is_studies(value: object) -> bool:
    return isinstance(value, dict) and all(
        _is_text(name) and _is_of_texts(words) and {"title", "question"} <= set(words) for name, words in value.items()
    )


def _is_releases(value: object) -> bool:
    return isinstance(value, dict) and all(
        _is_text(source) and isinstance(several, list) and all(map(_is_text, several))
        for source, several in value.items()
    )


def _is_made_from(value: object) -> bool:
    return (
        isinstance(value, dict)
        and all(_is_of_texts(value.get(name, {})) for name in ("package", "libraries", "notebooks"))
        and _is_text(value.get("lock", ""))
        and isinstance(value.get("raw", []), list)
        and all(_is_of_texts(row) and {"file", "sha256", "source"} <= set(row) for row in value.get("raw", []))
    )


def _is_origins(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_of_texts, value.values()))


_FORM: Mapping[str, Callable[[object], bool]] = {
    "is_sample": lambda value: isinstance(value, bool),
    "pages": _is_pages,
    "failed": _is_failed,
    "site": _is_of_texts,
    "extra": _is_of_texts,
    "extra_of": _is_origins,
    "data_hash": _is_text,
    "places": _is_places,
    "studies": _is_studies,
    "releases": _is_releases,
    "made_from": _is_made_from,
}
