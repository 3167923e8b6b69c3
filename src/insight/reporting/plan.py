"""Which pages are wanted, and from what each is made. Nothing heavy is imported here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insight.core.area import Area
from insight.core.display import canonical
from insight.core.fingerprint import file_sha256, package_fingerprint
from insight.core.register import Register
from insight.errors import UsageError


@dataclass(frozen=True)
class Page:
    """One page of one study: what it is of, and the hashes of everything that it is made from.

    Parameters
    ----------
    key : str
        SHA-256 of everything that the page is made from: its results, the notebook's prose, the templates.
    name : str
        The page's own name where it is not the study's.
    execution_key : str
        SHA-256 of everything that its results are made from: code cells, parameters, declared inputs, the package's
        sources, versions, seed.
    parts : mapping
        What the two keys are made of, by name, to say later what has changed; plain JSON.
    inputs : tuple of str
        The store's files that the study declares, relative to the store.
    data_hash : str
        SHA-256 of the content of the declared inputs.
    seed : int
        For the global generators.
    """

    study: str
    area: str
    area_name: str
    region: str
    parameters: Mapping[str, Any]
    key: str
    name: str = ""
    execution_key: str = ""
    parts: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    data_hash: str = ""
    seed: int = 0

    @property
    def href(self) -> str:
        """Where the page stands in the site; codes only, no name becomes a path."""
        return f"{self.area}/{self.name or self.study}.html"

    @property
    def record_href(self) -> str:
        """Where its record stands."""
        return f"{self.area}/{self.name or self.study}.json"


def choose_areas(
    register: Register,
    *,
    authorities: Sequence[str] = (),
    regions: Sequence[str] = (),
    everything: bool = False,
    home_region: str = "",
) -> tuple[Area, ...]:
    """The areas that were asked for; without a selection, the authorities of the home region.

    An abolished authority that is asked for by name gets a page of its history.

    Raises
    ------
    UsageError
        If two ways of choosing are mixed, or nothing was chosen and there is no home region.
    UnknownArea, AmbiguousArea
        If a place cannot be found in the register of this raw folder.
    """
    ways = [bool(authorities), bool(regions), everything]
    if sum(ways) > 1:
        raise UsageError(
            "choosing areas",
            found="more than one of --authority, --region and --all",
            todo="use one of them; --authority may be repeated",
        )
    if authorities:
        chosen = [register.authority(text, abolished=True) for text in authorities]
        return tuple({area.code: area for area in chosen}.values())
    if everything:
        return register.authorities()
    wanted = tuple(regions) or ((home_region,) if home_region else ())
    if not wanted:
        raise UsageError(
            "choosing areas",
            found="no selection, and no home region in insight.toml",
            todo="use --authority, --region or --all, or set home_region",
        )
    codes = dict.fromkeys(register.region(text).code for text in wanted)
    return tuple(area for code in codes for area in register.authorities(region=code))


def page_key(*, notebook: Path, parameters: Mapping[str, Any], data_hash: str, lock: Path) -> str:
    """SHA-256 of notebook, parameters, data, package sources and lock: equal keys mean equal pages."""
    parts = {
        "notebook": file_sha256(notebook),
        "parameters": dict(parameters),
        "data": data_hash,
        "package": package_fingerprint(),
        "lock": file_sha256(lock) if lock.is_file() else "none",
    }
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def notebook_of(study: str, root: Path) -> Path:
    """The notebook of a study in the project's folder.

    Raises
    ------
    UsageError
        If there is none.
    """
    notebook = root / "notebooks" / f"{study}.ipynb"
    if not notebook.is_file():
        raise UsageError(
            f"looking for the notebook of {study}",
            found="no notebooks/ folder with it",
            todo="run from the project's folder, where insight.toml is",
        )
    return notebook


def parse_settings(pairs: Iterable[str]) -> dict[str, str]:
    """``NAME=VALUE`` texts as a mapping; the study's own model checks the values.

    Raises
    ------
    UsageError
        If a text has no ``=``, a name is no identifier, or a name is set twice.
    """
    settings: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.isidentifier() or name in settings:
            raise UsageError(
                f"reading --set {pair[:60]!r}",
                found="the same name twice" if name in settings else "not NAME=VALUE",
                todo="write for example --set lag_years=1",
            )
        settings[name] = value
    return settings
