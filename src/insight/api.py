"""What ``import insight as ins`` offers: functions that make things, with everything after the first argument named."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from insight.config import Config, load_config
from insight.core.area import Area
from insight.core.panel import Panel
from insight.core.register import Register
from insight.errors import AreaError, StoreMissing, UsageError

if TYPE_CHECKING:
    from insight.reporting.batch import Batch


def load_panel(
    store: Path | str | None = None, *, indicators: Sequence[str] | None = None, vintages: bool = False
) -> Panel:
    """Every published figure of a store, typed.

    Parameters
    ----------
    store : path, optional
        A folder that ``insight build`` made. Without it, the environment variable ``INSIGHT_STORE``; without that, the
        store of the raw folder that ``insight.toml`` names.
    indicators : keys, optional
        Only these.
    vintages : bool
        Older releases too, as rows with their own ``release``.

    Raises
    ------
    StoreMissing, StoreDamaged
        If there is no store, or its files and manifest disagree.
    """
    from insight import store as stores

    folder = Path(store) if store is not None else _current_store(load_config())
    return stores.load_panel(folder, indicators=indicators, vintages=vintages)


def revisions(indicator: str, *, store: Path | str | None = None) -> pd.DataFrame:
    """Every figure of an indicator that a later release changed: ``area, time_period``, each release, ``change``."""
    from insight import store as stores

    return stores.revisions(Path(store) if store is not None else _current_store(load_config()), indicator)


def _current_store(config: Config) -> Path:
    from insight.store import raw_id

    named = os.environ.get("INSIGHT_STORE")
    return Path(named) if named else config.processed / raw_id(config.raw)


def _current_register() -> Register:
    """The register of the store at hand; the packaged one where no store has been built."""
    from insight import store as stores

    try:
        return stores.load_register(_current_store(load_config()))
    except StoreMissing:
        return Register.read()


def _look_up(find: Callable[[Register], Area]) -> Area:
    """Ask the register at hand; where that is of sample data, real places are facts too."""
    register = _current_register()
    try:
        return find(register)
    except AreaError:
        if not register.is_sample:
            raise
        return find(Register.read())


def authority(text: str, *, abolished: bool = False) -> Area:
    """The authority with this name, alias or code.

    Raises
    ------
    UnknownArea
        With up to three suggestions; none is ever selected by likeness.
    AmbiguousArea
        Naming every area that the name belongs to.
    AbolishedArea
        Naming the successors, unless ``abolished`` is true.
    """
    return _look_up(lambda register: register.authority(text, abolished=abolished))


def region(text: str) -> Area:
    """The region with this name or code.

    Raises
    ------
    UnknownArea
        With up to three suggestions.
    """
    return _look_up(lambda register: register.region(text))


def run(
    study: str, *, areas: Area | Iterable[Area] | None = None, out: Path | str | None = None, jobs: int = 2
) -> Batch:
    """Make a study's pages, as ``insight run`` does.

    Parameters
    ----------
    study : name
    areas : an Area, or several
        A region stands for its authorities. Without areas, the home region.
    out : path, optional
        The site's folder.

    Returns
    -------
    Batch
        Area, status, seconds, page, and the reason of each failure.

    Raises
    ------
    InsightError
        Before anything has run, if a study, place or file is not as it should be.
    """
    if parent_process() is not None:
        raise UsageError(
            f"running {study}",
            found="a script that its own workers read again, so that each of them would run it",
            todo='put the call under: if __name__ == "__main__":',
        )
    config = load_config(flags={"out": str(out) if out is not None else None})
    several = () if areas is None else (areas,) if isinstance(areas, Area) else tuple(areas)
    if (areas is not None and not several) or not all(isinstance(area, Area) for area in several):
        raise UsageError(
            f"running {study}",
            found="no areas" if not several else "areas that are not looked up",
            todo='give Areas, as ins.authority("...") and ins.region("...") find them; or leave `areas` out',
        )
    regions = tuple(area.code for area in several if area.level == "region")
    codes = tuple(area.code for area in several if area.level != "region")
    return run_pages(config, (study,), authorities=codes, regions=regions, jobs=jobs)


def run_pages(
    config: Config,
    study_names: tuple[str, ...],
    *,
    authorities: tuple[str, ...] = (),
    regions: tuple[str, ...] = (),
    everything: bool = False,
    settings: tuple[str, ...] = (),
    jobs: int = 2,
    report: Any = None,
) -> Batch:
    """Build the store where it is not current, plan, check every parameter, then run.

    Raises
    ------
    InsightError
        Before anything has run, if a study, place, parameter or file is not as it should be.
    """
    from insight import store as stores
    from insight import studies
    from insight.reporting.batch import plan, run_batch
    from insight.reporting.plan import choose_areas, parse_settings

    if config.out.is_relative_to(config.raw):
        raise UsageError(
            "choosing the output folder",
            found="a place inside the raw folder, which is only read",
            todo="choose another --out",
        )
    kept = config.root / "data" / "raw"
    cards, facts = sorted(kept.glob("*.toml")), sorted(kept.glob("programmes.csv"))
    stores.build(config.raw, config.processed, cards=cards, facts=facts)
    store = config.processed / stores.raw_id(config.raw)
    register = stores.load_register(store)
    data_hash = stores.read_manifest(store)["data_hash"]
    areas = choose_areas(
        register, authorities=authorities, regions=regions, everything=everything, home_region=config.home_region
    )
    pages = plan(
        study_names or studies.names(),
        areas,
        settings=parse_settings(settings),
        root=config.root,
        data_hash=data_hash,
    )
    return run_batch(
        pages,
        store=store,
        root=config.root,
        out=config.out,
        register=register,
        data_hash=data_hash,
        jobs=jobs,
        command=_command(config, study_names, settings),
        report=report or (lambda result, number, of: None),
    )


def _command(config: Config, study_names: tuple[str, ...], settings: tuple[str, ...]) -> str:
    """The command that was given, without its selection of areas."""
    words = ["python", "-m", "insight", "run", *study_names]
    for name, setting in config.settings.items():
        words += [f"--{name}", setting.value] if setting.origin.startswith("flag") else []
    for pair in settings:
        words += ["--set", pair]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
