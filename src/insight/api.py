"""What ``import insight as ins`` offers: functions that make things, with everything after the first argument named."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insight.config import Config, load_config
from insight.core.area import Area
from insight.errors import AreaError, StoreMissing, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from insight.core.described import Described
    from insight.core.display import Table
    from insight.core.panel import Panel
    from insight.core.register import Register
    from insight.reporting.batch import Batch
    from insight.reporting.job import Crew, Isolation
    from insight.reporting.pack import Packed
    from insight.reporting.rebuild import Rebuilt
    from insight.reporting.recall import Request
    from insight.reporting.result import Report
    from insight.reporting.site_freshness import Known
    from insight.reporting.verify import Verified
    from insight.store import BuildReport


def load_panel(
    store: Path | str | None = None,
    *,
    for_study: str | None = None,
    indicators: Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    vintages: bool = False,
) -> Panel:
    """The published figures of a store, typed.

    Neighbours, programmes and the register always come. A table of hundreds of measures comes only by name.

    Parameters
    ----------
    store : path, optional
        A folder that ``insight build`` made. Without it, the environment variable ``INSIGHT_STORE``; without that, the
        store of the raw folder that ``insight.toml`` names.
    for_study : name, optional
        Only what this study declares, so that its pages do not depend on anything else.
    indicators : keys, optional
        Only these; "judgements" and "aims" are lists, and come with the panel where they are named.
    parameters : mapping, optional
        Of the study, where what it declares depends on them: ``{"indicator": "turnover_rate_fte"}``.
    vintages : bool
        Older releases too, as rows with their own ``release``.

    Raises
    ------
    StoreMissing, StoreDamaged
        If there is no store, or its files and manifest disagree.
    UsageError
        If both a study and indicators are named, or a parameter is missing that decides what a study needs.
    """
    from insight import store as stores
    from insight import studies

    if for_study is not None and indicators is not None:
        raise UsageError(
            "loading a panel",
            found="both a study and indicators",
            todo="name the study for what it declares, or the indicators, not both",
        )
    folder = Path(store) if store is not None else _current_store(load_config())
    needs = None if for_study is None else studies.find(for_study).needs_for(parameters or {})
    return stores.load_panel(folder, indicators=indicators, needs=needs, vintages=vintages)


def indicators(
    words: str = "", *, topic: str | None = None, limit: int | None = 20, store: Path | str | None = None
) -> Table:
    """The indicators of a store that some plain words may mean, the likeliest first.

    Plurals, hyphens, capitals and the field's abbreviations do not count. Tables that come only by name are searched
    too. What the publisher printed is not read: only what was measured, when, and by whom.

    Parameters
    ----------
    words : str
        As one would say it: "referrals within 12 months". Without words, every indicator.
    topic : str, optional
        Only those of a publisher's topic, or of a source, by some words of its name.
    limit : int, optional
        The most rows; None for all.
    store : path, optional
        As for ``load_panel``.

    Returns
    -------
    Table
        ``key, what, unit, better, topic, years, source``. A key is what ``load_panel(indicators=[...])`` takes.

    Raises
    ------
    StoreMissing, StoreDamaged
        If there is no store, or its files and manifest disagree.
    UsageError
        If no topic has these words, or the limit is below 1.
    """
    from insight import store as stores
    from insight.catalogue import search

    folder = Path(store) if store is not None else _current_store(load_config())
    is_sample = bool(stores.read_manifest(folder)["is_sample"])
    return search(stores.contents(folder), words, topic=topic, limit=limit, is_sample=is_sample)


def revisions(indicator: str, *, store: Path | str | None = None) -> pd.DataFrame:
    """Every figure of an indicator that a later release changed: ``area, time_period``, each release, ``change``."""
    from insight import store as stores

    return stores.revisions(Path(store) if store is not None else _current_store(load_config()), indicator)


def _current_store(config: Config) -> Path:
    from insight.store import raw_id

    named = os.environ.get("INSIGHT_STORE")
    return Path(named) if named else config.processed / raw_id(config.raw)


def current_register() -> Register:
    """The register of the store at hand; the packaged one where no store has been built."""
    from insight import store as stores
    from insight.core.register import Register

    try:
        return stores.load_register(_current_store(load_config()))
    except StoreMissing:
        return Register.read()


def _look_up(find: Callable[[Register], Area]) -> Area:
    """Ask the register at hand; where that is of sample data, real places are facts too."""
    from insight.core.register import Register

    register = current_register()
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
    jobs : int
        Pages that are made at the same time.

    Returns
    -------
    Batch
        Area, status, seconds, page, and the reason of each failure.

    Raises
    ------
    InsightError
        Before anything has run, if a study, place or file is not as it should be.
    """
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
    isolation: Isolation | None = None,
    scheduler: str | None = None,
    report: Report | None = None,
) -> Batch:
    """Build the store where it is not current, plan, check every parameter, then run.

    Where nothing has changed, no table is read and no library of numbers or pictures is loaded.

    Parameters
    ----------
    study_names, authorities, regions : names or codes
        No studies means all; neither authorities nor regions nor ``everything`` means the home region.
    settings : tuple of str
        ``NAME=VALUE``.
    isolation : "fork", "kernel" or "none", optional
        How pages are kept apart; without it, the fastest way that is safe here.
    scheduler : str, optional
        Address of a dask scheduler whose workers do the work.

    Raises
    ------
    InsightError
        Before anything has run, if a study, place, parameter or file is not as it should be.
    """
    from insight.reporting.recall import Request

    if not (authorities or regions or everything) and config.home_region:
        regions = (config.home_region,)
    request = Request(study_names, authorities, regions, everything, settings)
    return _run(config, request, None, jobs, isolation, scheduler, report)


def retry_pages(
    config: Config,
    *,
    jobs: int = 2,
    isolation: Isolation | None = None,
    scheduler: str | None = None,
    report: Report | None = None,
) -> Batch:
    """Make the pages that the last run into this output folder did not make, if any; see `run_pages`.

    Raises
    ------
    UsageError
        If no run has written there.
    InsightError
        As ``run_pages``.
    """
    from insight.reporting.batch import Batch
    from insight.reporting.recall import Request
    from insight.reporting.retry import last_request

    last = last_request(config.out)
    if not last.pages:
        return Batch(config.out, ())
    return _run(config, Request.of_plain(last.request), last.pages, jobs, isolation, scheduler, report)


def rebuild(
    config: Config, manifest: Path, *, jobs: int = 2, isolation: Isolation | None = None, report: Report | None = None
) -> Rebuilt:
    """Make a site again from its manifest, into an empty folder, and compare the bytes.

    Parameters
    ----------
    config : Config
        Its raw folder must hold the very files that the manifest names; its output folder must be empty.
    manifest : Path
        Of the site, or the site's folder.

    Raises
    ------
    RawDiffers
        Naming each raw file that is missing, different or too many, with its release.
    UsageError, SiteDamaged
        If the output folder is not empty, or the manifest cannot be used.
    InsightError
        As ``run_pages``.
    """
    from insight import store as stores
    from insight.reporting import rebuild as again
    from insight.reporting.batch import run_batch
    from insight.reporting.job import PageLimits
    from insight.reporting.site_freshness import Remembered
    from insight.reporting.site_made_from import made_from
    from insight.reporting.site_make import releases_of

    wanted = again.read_wanted(manifest)
    again.require_empty(config.out)
    again.require_raw(wanted, config.raw, besides=config.facts)
    built = _current_build(config)
    again.require_same_store(wanted, built.manifest)
    register = stores.load_register(built.store)
    pages = again.pages_of(wanted, register=register, root=config.root, store=built.store)
    batch = run_batch(
        pages,
        store=built.store,
        root=config.root,
        out=config.out,
        register=lambda: register,
        data_hash=built.manifest["data_hash"],
        is_sample=built.is_sample,
        crew=lambda: _crew(jobs, isolation, None),
        report=report or (lambda progress: None),
        limits=PageLimits(*config.limits),
        releases=Remembered(releases_of(wanted.manifest)),
    )
    now = made_from(store=built.store, root=config.root, studies={page.study for page in pages})
    return again.compare(wanted, batch.out, changed=again.changed_since(wanted, now))


def verify(out: Path | str | None = None) -> Verified:
    """Compare every file of a published site with its manifest, as ``insight verify`` does.

    Parameters
    ----------
    out : path, optional
        The site's folder; without it, the one in ``insight.toml``.

    Raises
    ------
    UsageError, SiteDamaged
        If there is no manifest, or it cannot be read. A file that is wrong is in the answer.
    """
    from insight.reporting.verify import verify as check

    return check(Path(out) if out is not None else load_config().out)


def pack(
    out: Path | str | None = None,
    *,
    regions: Sequence[str] = (),
    authorities: Sequence[str] = (),
    everything: bool = False,
    to: Path | str | None = None,
) -> Packed:
    """Put the pages of some areas into one archive that reads without a server, as ``insight pack`` does.

    Parameters
    ----------
    out : path, optional
        The site's folder; without it, the one in ``insight.toml``.
    regions, authorities : names or codes
        One way of choosing.
    everything : bool
        Every area.
    to : path, optional
        The archive.

    Raises
    ------
    InsightError
        If the choice is none of the site's, or a file of the site is not what its manifest says.
    """
    from insight.reporting.pack import pack as put_together

    site = Path(out) if out is not None else load_config().out
    target = Path(to) if to is not None else None
    return put_together(site, regions=regions, authorities=authorities, everything=everything, to=target)


def why(config: Config, study: str, *, authority: str, settings: tuple[str, ...] = ()) -> Described:
    """What would become of one page now, and what has changed since it was made. Nothing is made.

    Raises
    ------
    InsightError
        If the study, place, parameter or a raw file is not as it should be.
    """
    from insight.reporting.recall import Request, planned
    from insight.reporting.why import why as explain

    store = _current_build(config).store
    request = Request((study,), (authority,), settings=settings)
    (page,) = planned(request, store=store, root=config.root)
    return explain(page, out=config.out)


def _run(
    config: Config,
    request: Request,
    only: Collection[str] | None,
    jobs: int,
    isolation: Isolation | None,
    scheduler: str | None,
    report: Report | None,
) -> Batch:
    from insight import store as stores
    from insight.reporting.batch import run_batch
    from insight.reporting.job import PageLimits
    from insight.reporting.recall import planned

    if config.out.is_relative_to(config.raw):
        raise UsageError(
            "choosing the output folder",
            found="a place inside the raw folder, which is only read",
            todo="choose another --out",
        )
    limits = PageLimits(*config.limits)
    built = _current_build(config)
    pages = planned(request, store=built.store, root=config.root)
    chosen = [page for page in pages if only is None or page.href in only]
    if only is not None and not chosen:
        raise UsageError(
            "making the missing pages again",
            found="none of them is a page of these data any more",
            todo="name the pages with: insight run",
        )
    return run_batch(
        chosen,
        store=built.store,
        root=config.root,
        out=config.out,
        register=lambda: stores.load_register(built.store),
        data_hash=built.manifest["data_hash"],
        is_sample=built.is_sample,
        crew=lambda: _crew(jobs, isolation, scheduler),
        request={**request.as_plain(), "flags": _flags(config)},
        report=report or (lambda progress: None),
        limits=limits,
        releases=_releases(config, is_sample=built.is_sample),
    )


def _releases(config: Config, *, is_sample: bool) -> Known:
    """The releases that there are, as the project's cards name them; of invented data there are no others."""
    from insight.reporting.site_freshness import Cards

    return Cards(() if is_sample else tuple(config.cards))


def _current_build(config: Config) -> BuildReport:
    """The store of the raw folder in force, built where it is not current."""
    from insight.store import build

    return build(config.raw, config.processed, cards=config.cards, facts=config.facts)


def _crew(jobs: int, isolation: Isolation | None, scheduler: str | None) -> Crew:
    if scheduler is not None:
        from insight.reporting.dask_crew import dask_crew

        return dask_crew(scheduler, isolation=isolation)
    from insight.reporting.crew import default_isolation, local_crew
    from insight.reporting.doctor import require_ready

    chosen = isolation or default_isolation()
    require_ready(chosen)
    return local_crew(chosen, jobs)


def _flags(config: Config) -> list[str]:
    """The settings that were given as flags, as words of a command."""
    given = {name: each.value for name, each in config.settings.items() if each.origin.startswith("flag")}
    return [word for name, value in given.items() for word in (f"--{name}", value)]
