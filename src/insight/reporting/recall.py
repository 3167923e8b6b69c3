"""What a command asks for, and the plan of it, remembered for as long as nothing that it depends on has changed.

A plan is a pure function of the command's words, the notebooks, the store's manifest, the package and the installed
libraries. So a command that has nothing to do loads no library and computes no key. The memory stands in the store's
folder, one file for each different request; it may be deleted at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from insight.core.fingerprint import canonical, content_sha256, file_sha256, installation_mark, package_fingerprint
from insight.core.whole import write_whole
from insight.errors import UsageError
from insight.reporting.plan import Page, choose_areas, parse_settings, plan

PLANS = "plans"
_MOST = 40
_COLUMNS = ("study", "area", "area_name", "region", "parameters", "key", "name", "execution_key", "seed")


@dataclass(frozen=True, slots=True)
class Request:
    """What a command asks for, in its own words.

    Parameters
    ----------
    studies, authorities, regions : tuple of str
        No studies means all of them.
    everything : bool
        Every authority.
    settings : tuple of str
        ``NAME=VALUE``.
    """

    studies: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    everything: bool = False
    settings: tuple[str, ...] = ()

    def as_plain(self) -> dict[str, Any]:
        """The request in plain JSON types."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def of_plain(cls, content: Mapping[str, Any]) -> Request:
        """The request that plain JSON says; other names in it are passed over.

        Raises
        ------
        UsageError
            If it is none.
        """
        words: dict[str, tuple[str, ...]] = {}
        for name in ("studies", "authorities", "regions", "settings"):
            several = content.get(name)
            if not isinstance(several, list) or not all(isinstance(word, str) for word in several):
                raise UsageError(
                    "reading what the last run asked for",
                    found=f"a journal without its {name}",
                    todo="name the pages with: insight run",
                )
            words[name] = tuple(several)
        return cls(**words, everything=content.get("everything") is True)


def planned(request: Request, *, store: Path, root: Path) -> tuple[Page, ...]:
    """Every page that is asked for, recalled or planned anew.

    Raises
    ------
    InsightError
        As ``choose_areas`` and ``plan``.
    """
    depends_on = _depends_on(request, store, root)
    memory = store / PLANS / f"{content_sha256(request.as_plain())[:32]}.json"
    pages = _recalled(memory, depends_on)
    if pages is None:
        pages = _plan_anew(request, store, root)
        _remember(memory, depends_on, pages)
    return pages


def _plan_anew(request: Request, store: Path, root: Path) -> tuple[Page, ...]:
    from insight import studies
    from insight.store import load_register

    register = load_register(store)
    areas = choose_areas(
        register,
        authorities=request.authorities,
        regions=request.regions,
        everything=request.everything,
    )
    names = request.studies or studies.names()
    regions = [register.region(code) for code in dict.fromkeys(area.region_code for area in areas) if code]
    return plan(names, areas, regions=regions, settings=parse_settings(request.settings), root=root, store=store)


def _depends_on(request: Request, store: Path, root: Path) -> str:
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    said = [
        request.as_plain(),
        [[notebook.name, file_sha256(notebook)] for notebook in notebooks],
        file_sha256(store / "manifest.json"),
        package_fingerprint(),
        installation_mark(),
    ]
    return content_sha256(said)


def _recalled(memory: Path, depends_on: str) -> tuple[Page, ...] | None:
    """The remembered plan; None where there is none, or it is of other things, or cannot be read."""
    try:
        content = json.loads(memory.read_bytes())
        if content["depends_on"] != depends_on:
            return None
        return tuple(_page(dict(zip(_COLUMNS, row, strict=True)), content["studies"]) for row in content["pages"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _page(row: dict[str, Any], studies: Mapping[str, Any]) -> Page:
    shared = studies[row["study"]]
    own = {
        "parameters": row["parameters"],
        "seed": row["seed"],
        "place": {"area": row["area_name"], "region": row["region"]},
    }
    parts = {**shared["parts"], **own}
    return Page(**row, parts=parts, inputs=tuple(shared["inputs"]), data_hash=shared["data_hash"])


def _remember(memory: Path, depends_on: str, pages: Sequence[Page]) -> None:
    """Keep a plan; one that cannot be kept is made again next time."""
    studies = {
        page.study: {
            "parts": {name: part for name, part in page.parts.items() if name not in ("parameters", "seed", "place")},
            "inputs": list(page.inputs),
            "data_hash": page.data_hash,
        }
        for page in pages
    }
    rows = [[getattr(page, name) for name in _COLUMNS] for page in pages]
    content = {"depends_on": depends_on, "studies": studies, "pages": rows}
    with suppress(OSError):
        write_whole(memory, canonical(content).encode("utf-8", "surrogatepass"))
        others = sorted(memory.parent.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        for old in others[:-_MOST]:
            old.unlink(missing_ok=True)
