"""Which pages are wanted, and from what each is made. Nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insight.errors import UsageError

if TYPE_CHECKING:
    from insight.core.area import Area
    from insight.core.register import Register


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
        SHA-256 of the content of the declared inputs, as ``load_panel(for_study=...).data_hash``.
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


def plan(
    study_names: Sequence[str],
    areas: Sequence[Area],
    *,
    regions: Sequence[Area] = (),
    settings: Mapping[str, str],
    root: Path,
    store: Path,
) -> tuple[Page, ...]:
    """Every page wanted, with checked parameters and keys; raises before anything has run.

    Parameters
    ----------
    study_names : names
        Each is taken once.
    areas, regions : Areas
        Each has a page of each study that is made per authority, or per region.
    settings : mapping of name to text
        As typed; the study's own model gives them their types.
    root : Path
        The project's folder, with ``notebooks/``.
    store : Path
        Its manifest says what each study's inputs are; the figures are not read.

    Raises
    ------
    UsageError, UnknownStudy
        If a study, a notebook or a parameter is not as it should be.
    StoreMissing, StoreDamaged
        If there is no store.
    """
    from insight import studies

    asked = []
    for name in dict.fromkeys(study_names):
        study = studies.find(name)
        chosen = regions if study.per == "region" else areas
        asked += [(name, area, study.parameters_for(area.code, settings)) for area in chosen]
    return plan_exactly(asked, root=root, store=store)


def plan_exactly(asked: Iterable[tuple[str, Area, Mapping[str, Any]]], *, root: Path, store: Path) -> tuple[Page, ...]:
    """Pages of given studies, areas and parameters, in the order asked; raises as ``plan``.

    Parameters
    ----------
    asked : iterable of (study, Area, parameters)
        The parameters are checked by the study's own model.
    """
    from insight import studies
    from insight.reporting import keys
    from insight.store import read_manifest, select

    manifest = read_manifest(store)
    known: dict[tuple[str, tuple[str, ...]], tuple[dict[str, Any], Any]] = {}
    wordings: dict[str, keys.Wording] = {}
    pages = []
    for name, area, given in asked:
        study = studies.find(name)
        parameters = study.parameters.checked(given, study=name).model_dump(mode="json")
        if name not in wordings:
            wordings[name] = keys.read_wording(notebook_of(name, root))
        needs = study.needs_for(parameters)
        if (name, needs) not in known:
            selection = select(manifest, indicators=needs)
            known[name, needs] = (keys.study_parts(name, wordings[name], selection), selection)
        shared, selection = known[name, needs]
        region = area.region_name or ""
        parts = keys.page_parts(shared, parameters, area_name=area.name, region=region)
        pages.append(
            Page(
                study=name,
                area=area.code,
                area_name=area.name,
                region=region,
                parameters=parameters,
                key=keys.page_key(parts),
                name=study.page_name(parameters),
                execution_key=keys.execution_key(parts),
                parts=parts,
                inputs=selection.paths,
                data_hash=selection.data_hash,
                seed=parts["seed"],
            )
        )
    return tuple(pages)


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
