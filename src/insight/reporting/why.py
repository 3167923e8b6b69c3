"""What would become of a page now, and what has changed since it was made, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from insight.core.described import Described, Description
from insight.core.fingerprint import Checksums
from insight.reporting.cache import Cache, parts_of
from insight.reporting.folder import Site
from insight.reporting.plan import Page

Next = Literal["kept", "rendered", "run"]
_NEXT: Mapping[Next, str] = {
    "kept": "nothing: the page is current",
    "rendered": "the page is rendered again from the results that are kept, without running the notebook",
    "run": "the notebook is run again for this page",
}
_RELEASE = ", release "


@dataclass(frozen=True, repr=False)
class Why(Described):
    """The state of one page.

    Parameters
    ----------
    page : Page
        As it would be made now.
    stands : str
        What stands at its address, in words.
    next : "kept", "rendered" or "run"
        What the next run does with it.
    changes : tuple of str
        What has changed since it was made, each in words; empty where that is not known.
    """

    page: Page
    stands: str
    next: Next
    changes: tuple[str, ...]

    def describe(self) -> Description:
        """What stands, what has changed, and what the next run does."""
        facts = [("page", self.page.href), ("stands", self.stands)]
        facts += [("changed", change) for change in self.changes]
        facts.append(("next run", _NEXT[self.next]))
        return Description(f"{self.page.study.replace('_', ' ')}, {self.page.area_name}", tuple(facts))


def why(page: Page, *, out: Path) -> Why:
    """Compare a page as it would be made now with the one that stands.

    Parameters
    ----------
    page : Page
        Of ``plan``.
    out : Path
        The site's folder; nothing is written there.
    """
    site = Site(out)
    known = site.known()
    entry = known.pages.get(page.href)
    if entry and site.is_current(page, entry, Checksums(site.hidden / "checksums.json")):
        return Why(page, "a page, made from exactly what it would be made from now", "kept", ())
    step: Next = "rendered" if Cache(out).results(page.execution_key) else "run"
    if entry is None and page.href in known.failed:
        # Where there is no other, a plain page that says so stands in its place.
        return Why(page, "no page: the last run could not make it", step, ())
    if not (out / page.href).is_file():
        return Why(page, "no page: it was never made here, or was removed", step, ())
    if entry and entry["key"] == page.key:
        if entry.get("notice"):
            return Why(page, "the last good page, with a notice", step, ("nothing, but the last run failed",))
        return Why(page, "a page", step, ("the file itself, after it was made",))
    parts = parts_of(out, page.href)
    if parts is None:
        return Why(page, "a page, but what it was made from is not known", step, ())
    return Why(page, "a page, made from something else", step, tuple(changes(parts, page.parts)))


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What differs between the parts of two pages' keys, each in words; a part that only one has counts too."""
    told: tuple[tuple[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[str]]], ...] = (
        ("inputs", _inputs),
        ("parameters", _parameters),
        ("package", lambda a, b: _named("insight's own code", a, b)),
        ("versions", _versions),
        ("rendering", lambda a, b: _named("insight's own code that lays the page out", a, b)),
        ("rendering_versions", _versions),
        ("place", _place),
    )
    found = ["the code of the notebook"] if old.get("cells") != new.get("cells") else []
    for name, tell in told:
        found += tell(_mapping(old, name), _mapping(new, name))
    if old.get("seed") != new.get("seed") and _mapping(old, "parameters") == _mapping(new, "parameters"):
        found.append("the seed of what is drawn at random")
    if old.get("wording") != new.get("wording"):
        found.append("the wording of the notebook" if found else "only the wording of the notebook")
    # The version of Python is in both lists, and is said once.
    yield from dict.fromkeys(found)


def _mapping(parts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parts.get(name)
    return found if isinstance(found, Mapping) else {}


def _inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    gone = {name.partition(_RELEASE)[0]: name for name in old if name not in new}
    for name in sorted(new):
        source, _, release = name.partition(_RELEASE)
        if name in old:
            if old[name] != new[name]:
                yield f"the figures of {name}, changed" if release else f"the {name} changed"
        elif source in gone:
            before = gone.pop(source).partition(_RELEASE)[2]
            yield f"the figures of {source}: now release {release}, before {before}"
        else:
            yield f"the figures of {name}, are new"
    for name in sorted(gone.values()):
        yield f"the figures of {name}, are no longer there"


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        # As texts: to Python 1, 1.0 and True are equal, to a key they are not.
        before, now = _said(old, name), _said(new, name)
        if before != now:
            yield f"the parameter {name} was {before}, now {now}"


def _said(values: Mapping[str, Any], name: str) -> str:
    if name not in values:
        return "not there"
    return repr(values[name]) if isinstance(values[name], str) else str(values[name])


def _named(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    differing = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    if differing:
        yield f"{what}: {', '.join(name if '.' in name else f'{name}/' for name in differing)}"


def _versions(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"{name} {new.get(name, 'none')}, was {old.get(name, 'none')}"


def _place(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"the {'name of the area' if name == 'area' else name}: now {new.get(name)!r}, was {old.get(name)!r}"
