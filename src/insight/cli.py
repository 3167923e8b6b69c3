"""Commands: fetch, check, build, run, brief, pdf, workbook, retry, why, verify, pack, rebuild, list, config, doctor.

Nothing but the command line itself is imported before a command is chosen: help and an unchanged site are quick.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from insight.errors import InsightError, UsageError, in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from insight.config import Config
    from insight.fetching import FetchCard, Fetched
    from insight.reporting.batch import Batch
    from insight.reporting.job import Isolation
    from insight.reporting.progress import Reporter


class _AsGiven:
    """A command that takes its optional words as they are given.

    Otherwise pydantic is loaded to make a text of each text, which takes longer than all the rest of a run that has
    nothing to do. Numbers are read below, with words of our own for what is none.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for parameter in self.params:  # type: ignore[attr-defined]  # of the command that this is mixed into
            if not parameter.required:
                _take_as_given(parameter)

    def make_context(self, *given: Any, **named: Any) -> Any:
        """The words of a command; what cannot be read of them is said without control characters."""
        try:
            return super().make_context(*given, **named)  # type: ignore[misc]  # as above
        except Exception as error:
            if isinstance(getattr(error, "message", None), str):
                from insight.reporting.progress import printable

                error.message = printable(error.message)  # type: ignore[attr-defined]  # one of typer's own
            raise

    def get_help_option(self, context: Any) -> Any:
        """The option that typer adds by itself."""
        option = super().get_help_option(context)  # type: ignore[misc]
        return option and _take_as_given(option)


def _take_as_given(parameter: Any) -> Any:
    def process(context: object, value: object) -> object:
        return parameter.callback(context, parameter, value) if parameter.callback else value

    parameter.process_value = process
    return parameter


class _Command(_AsGiven, TyperCommand):
    """One command."""


class _Commands(_AsGiven, TyperGroup):
    """All of them."""


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its help needs half of rich, which costs more than the whole of a run with nothing to do
    help="Questions about English children's services, answered from published statistics.",
)
EXECUTORS = ("local", "dask")
MOST_JOBS = 64
INTERRUPTED = 130

Studies = Annotated[
    list[str] | None,
    typer.Argument(metavar="STUDY", help="As insight list names them; none means all.", show_default=False),
]
Authorities = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Name or code; may be repeated.", show_default=False)
]
Region = Annotated[str | None, typer.Option(metavar="NAME", help="Every authority of a region.", show_default=False)]
Raw = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="Folder of published files, searched in depth.", show_default=False),
]
Out = Annotated[str | None, typer.Option(metavar="FOLDER", help="Folder for the site.", show_default=False)]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the study.", show_default=False),
]
Jobs = Annotated[str, typer.Option(metavar="NUMBER", help="Pages made at the same time.")]
How = Annotated[
    str | None,
    typer.Option(
        "--isolation",
        metavar="fork|kernel|none",
        help="How pages are kept apart. fork: the quickest, on Linux. kernel: a real Jupyter kernel for each page, on "
        "a port that only this machine sees. none: no kernel and no port, for locked-down machines. The pages are the "
        "same. Without it: the quickest that this system can.",
        show_default=False,
    ),
]
Where = Annotated[
    str,
    typer.Option("--executor", metavar="local|dask", help="Who does the work: this machine, or a Dask cluster."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="The cluster's scheduler, with --executor dask.", show_default=False),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object per line, for programs; words go to standard error.")
]


@app.command(cls=_Command)
def fetch(
    cards: Annotated[
        list[str] | None,
        typer.Argument(metavar="CARD", help="Names of cards in data/raw; none means all.", show_default=False),
    ] = None,
    raw: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Where the files go; without it, data/raw/published.", show_default=False),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Ask for files that are there, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Download the published files that the cards in data/raw name.

    A file is put in place whole or not at all; an older one is kept under its release. Stop it with Ctrl-C: the next
    fetch goes on where this one stopped. The exit code is 0 if every file that was asked for is there.
    """
    try:
        fetched, folder = _fetched(tuple(cards or ()), raw, again=again, as_json=as_json)
    except Exception as error:
        if as_json:
            _say_objects([_as_object(in_words(error))])
        raise
    from insight.fetching import as_objects, closing_words
    from insight.reporting.progress import Voice

    voice = Voice(sys.stderr if as_json else sys.stdout)
    again_it = _command("fetch", *(cards or ()), scheduler=None, raw=raw)
    for line in closing_words(
        fetched, folder=folder, resume=again_it, build=_command("build", scheduler=None, raw=folder)
    ):
        voice.say(line)
    if as_json:
        _say_objects(as_objects(fetched))
    raise typer.Exit(fetched.exit_code)


@app.command(cls=_Command)
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text file, workbook or Parquet file.")],
) -> None:
    """Say in plain words what a file is, and what is wrong with it.

    Nothing is kept, and nothing leaves the machine. The exit code is 0 if a build takes the file in, else 3.
    """
    from insight.store._check import check_file

    report = check_file(Path(file), cards=_config().cards)
    _say(repr(report))
    raise typer.Exit(report.exit_code)


@app.command(cls=_Command)
def build(raw: Raw = None) -> None:
    """Read a folder of published files into a store.

    Files that have not changed are not read again.
    """
    from insight.store import build as build_store

    config = _config(raw=raw)
    report = build_store(config.raw, config.processed, cards=config.cards, facts=config.facts)
    _say(str(report))
    _say(f"store: {report.store}")


@app.command(cls=_Command)
def run(
    studies: Studies = None,
    authority: Authorities = None,
    region: Region = None,
    everything: Annotated[bool, typer.Option("--all", help="Every authority.")] = False,
    settings: Settings = None,
    raw: Raw = None,
    out: Out = None,
    jobs: Jobs = "2",
    isolation: How = None,
    executor: Where = "local",
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Make pages; without a selection, for the home region.

    Only pages whose figures, method or words changed are made. Stop it with Ctrl-C: what was finished stays.
    """

    def start(config: Config, reporter: Reporter, how: dict[str, Any]) -> Batch:
        from insight.api import run_pages

        return run_pages(
            config,
            tuple(studies or ()),
            authorities=tuple(authority or ()),
            regions=() if region is None else (region,),
            everything=everything,
            settings=tuple(settings or ()),
            report=reporter,
            **how,
        )

    _make(start, raw, out, jobs, isolation, executor, scheduler, as_json)


@app.command(cls=_Command)
def retry(
    raw: Raw = None,
    out: Out = None,
    jobs: Jobs = "2",
    isolation: How = None,
    executor: Where = "local",
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Make what the last run into this folder did not finish.

    Pages that failed or had not had their turn, and nothing else.
    """

    def start(config: Config, reporter: Reporter, how: dict[str, Any]) -> Batch:
        from insight.api import retry_pages

        return retry_pages(config, report=reporter, **how)

    _make(start, raw, out, jobs, isolation, executor, scheduler, as_json)


@app.command(cls=_Command)
def why(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="As insight list names it.", show_default=False)],
    authority: Annotated[str, typer.Option(metavar="NAME", help="Name or code.", show_default=False)],
    settings: Settings = None,
    raw: Raw = None,
    out: Out = None,
) -> None:
    """Say what changed since a page was made.

    Nothing is made: it says whether the next run would make the page again, and why.
    """
    from insight.api import why as explain

    _say(repr(explain(_config(raw=raw, out=out), study, authority=authority, settings=tuple(settings or ()))))


@app.command(cls=_Command)
def verify(
    folder: Annotated[
        str | None,
        typer.Argument(metavar="FOLDER", help="The site; without it, the output folder.", show_default=False),
    ] = None,
) -> None:
    """Check every file of a published site against its manifest.

    It needs neither the raw data nor a store. The exit code is 0 if every file is as it was published, else 1.
    """
    from insight.reporting.verify import verify as check_site

    verified = check_site(Path(folder) if folder is not None else _config().out)
    for line in verified.lines:
        _say(line)
    raise typer.Exit(verified.exit_code)


@app.command(cls=_Command)
def pack(
    authority: Authorities = None,
    region: Region = None,
    everything: Annotated[bool, typer.Option("--all", help="Every area of the site.")] = False,
    out: Out = None,
    to: Annotated[str | None, typer.Option(metavar="FILE", help="The archive.", show_default=False)] = None,
) -> None:
    """Put the pages of some areas into one zip file that opens from any folder.

    It has an index and a manifest of its own: insight verify checks the folder that it is unpacked into.
    """
    from insight.reporting.pack import pack as put_together

    packed = put_together(
        _config(out=out).out,
        regions=() if region is None else (region,),
        authorities=tuple(authority or ()),
        everything=everything,
        to=Path(to) if to is not None else None,
    )
    for line in packed.lines:
        _say(line)


@app.command(cls=_Command)
def rebuild(
    manifest: Annotated[str, typer.Argument(metavar="MANIFEST", help="manifest.json of the site that was.")],
    raw: Raw = None,
    out: Out = None,
    jobs: Jobs = "2",
    isolation: How = None,
) -> None:
    """Make a site again from its manifest, and say whether the bytes are the same.

    The raw folder must hold the very files that the manifest names; --out must be empty. The exit code is 0 if every
    file has the same bytes, else 1.
    """
    from insight.api import rebuild as make_again
    from insight.reporting.signals import terminable

    with terminable():
        rebuilt = make_again(
            _config(raw=raw, out=out), Path(manifest), jobs=_jobs(jobs), isolation=_isolation(isolation)
        )
    for line in rebuilt.lines:
        _say(line)
    raise typer.Exit(rebuilt.exit_code)


@app.command(cls=_Command)
def workbook(authority: Authorities = None, region: Region = None, out: Out = None) -> None:
    """Write an accessible workbook of each area's numbers into the site.

    Made from the pages that stand there, so no data is needed; without a selection, for every area that has a page. It
    is numbers.xlsx beside the pages: every table on a sheet of its own, no formulas and no links.
    """
    from insight.reporting.site_workbooks import add_workbooks

    regions = () if region is None else (region,)
    made = add_workbooks(_config(out=out).out, authorities=tuple(authority or ()), regions=regions)
    for line in made.lines:
        _say(line)


@app.command(cls=_Command)
def brief(
    authority: Authorities = None,
    region: Region = None,
    everything: Annotated[bool, typer.Option("--all", help="Every authority.")] = False,
    as_pdf: Annotated[bool, typer.Option("--pdf", help="A PDF beside each page, too.")] = False,
    raw: Raw = None,
    out: Out = None,
    jobs: Jobs = "2",
    isolation: How = None,
    as_json: AsJson = False,
) -> None:
    """Make a brief of two to four pages for each authority: strongest, weakest, what moved.

    The same pages as insight run authority_brief makes; without a selection, of the home region.
    """
    if as_pdf:
        from insight.reporting.pdf import find_browser

        # Before anything is made: to be told at the end would be late.
        find_browser(_config().settings["browser"].value)
    made: list[str] = []

    def start(config: Config, reporter: Reporter, how: dict[str, Any]) -> Batch:
        from insight.api import run_pages

        batch = run_pages(
            config,
            ("authority_brief",),
            authorities=tuple(authority or ()),
            regions=() if region is None else (region,),
            everything=everything,
            report=reporter,
            **how,
        )
        made.extend(result.page.href for result in batch.results if result.status != "failed")
        return batch

    try:
        _make(start, raw, out, jobs, isolation, "local", None, as_json)
    except typer.Exit as done:
        if not as_pdf or not made or done.exit_code == INTERRUPTED:
            raise
        code = _pdfs(tuple(made), out, as_json=as_json)
        raise typer.Exit(done.exit_code or code) from None


@app.command(cls=_Command)
def pdf(studies: Studies = None, authority: Authorities = None, region: Region = None, out: Out = None) -> None:
    """Put a tagged PDF beside each page of a published site.

    Made by a Chromium, Chrome or Edge that is on this machine, without network; INSIGHT_BROWSER names another one.
    Without a selection, for every page of the site. A PDF of a page that has not changed is kept.
    """
    from insight.reporting.pdf_site import pages_of

    regions = () if region is None else (region,)
    config = _config(out=out)
    hrefs = pages_of(config.out, studies=tuple(studies or ()), authorities=tuple(authority or ()), regions=regions)
    raise typer.Exit(_pdfs(hrefs, out))


@app.command("list", cls=_Command)
def list_studies() -> None:
    """Name the studies and the questions they answer."""
    from insight import studies

    for name in studies.names():
        study = studies.find(name)
        _say(f"{name}: {study.question}")
        fields = study.parameters.model_fields.items()
        for field, info in fields:
            if field != study.per:
                _say(f"  --set {field}={info.default}: {info.description or ''}")


@app.command(cls=_Command)
def config(raw: Raw = None, out: Out = None) -> None:
    """Show every setting in force and where its value came from."""
    for name, setting in _config(raw=raw, out=out).settings.items():
        _say(f"{name} = {setting.value or '(none)'}  [{setting.origin}]")


@app.command(cls=_Command)
def doctor(
    raw: Raw = None,
    out: Out = None,
    isolation: How = None,
    network: Annotated[bool, typer.Option("--network", help="Ask the publishers' hosts whether they answer.")] = False,
) -> None:
    """Look whether this machine has all that a run needs.

    One line for each thing, with what mends it where it is wrong. Nothing leaves the machine, but for --network.
    """
    from insight.reporting.doctor import look

    checks = look(_config(raw=raw, out=out), isolation=_isolation(isolation), network=network)
    for check in checks:
        _say(check.line())
    wrong = sum(check.is_ok is False for check in checks)
    _say(f"\n{wrong} to mend" if wrong else "\nready")
    raise typer.Exit(2 if wrong else 0)


def _pdfs(hrefs: tuple[str, ...], out: str | None, *, as_json: bool = False) -> int:
    """Make PDFs of pages of a site; the exit code."""
    from insight.reporting.pdf_site import make_pdfs
    from insight.reporting.progress import Voice
    from insight.reporting.signals import terminable

    config = _config(out=out)
    voice = Voice(sys.stderr if as_json else sys.stdout)
    with terminable():
        made = make_pdfs(config.out, hrefs, browser=config.settings["browser"].value, say=voice.say)
    voice.say(made.words)
    return made.exit_code


def _fetched(names: tuple[str, ...], raw: str | None, *, again: bool, as_json: bool) -> tuple[Fetched, str]:
    """Fetch, and the folder in the words of whoever named it."""
    from insight.fetching import allowed_hosts, wanted
    from insight.fetching import fetch as fetch_files
    from insight.reporting.progress import Voice
    from insight.reporting.signals import terminable

    config = _config(raw=raw)
    voice = Voice(sys.stderr if as_json else sys.stdout)
    chosen: tuple[FetchCard, ...] = wanted(config.cards, names=names)
    more = config.settings.get("fetch_hosts")
    hosts = allowed_hosts(more.value if more is not None else "")
    folder = _folder_for_published(config)
    with terminable():
        fetched = fetch_files(chosen, config.root / folder, hosts=hosts, again=again, say=voice.say)
    return fetched, raw or _from_here(config.root / folder)


def _from_here(folder: Path) -> str:
    """A folder as it is named from the current one, or in full where none leads to it: Windows has several drives."""
    try:
        return os.path.relpath(folder)
    except ValueError:
        return str(folder)


def _folder_for_published(config: Config) -> Path:
    """The raw folder, but never one with a register of its own: real places are none of the sample's."""
    from insight.store._register import is_register

    setting = config.settings["raw"]
    if not any(is_register(path) for path in sorted(config.raw.glob("*.csv"))):
        return Path(setting.value)
    if setting.origin in ("default", "insight.toml"):
        return Path("data", "raw", "published")
    raise UsageError(
        f"fetching into the raw folder ({setting.origin})",
        found="a folder with a register of areas of its own, as the sample has",
        todo="choose another folder: --raw data/raw/published",
    )


def _as_object(error: InsightError) -> dict[str, object]:
    told = {"asked": error.asked, "found": error.found, "next": error.todo}
    return {"event": "error", "code": error.code, "exit_code": error.exit_code, **told}


def _say_objects(objects: Iterable[dict[str, object]]) -> None:
    """One JSON object on each line."""
    for each in objects:
        _say(json.dumps(each))


def _make(
    start: Callable[[Config, Reporter, dict[str, Any]], Batch],
    raw: str | None,
    out: str | None,
    jobs: str,
    isolation: str | None,
    executor: str,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Run a batch with the reporter that fits this console; ends the command with the batch's exit code."""
    from insight.reporting.progress import choose
    from insight.reporting.signals import terminable

    resume = _command("retry", raw=raw, out=out, isolation=isolation, scheduler=scheduler)
    reporter = choose(as_json=as_json, site=_site(out), resume=resume)
    try:
        try:
            how = {
                "jobs": _jobs(jobs),
                "isolation": _isolation(isolation),
                "scheduler": _scheduler(executor, scheduler),
            }
            with terminable():
                batch = start(_config(raw=raw, out=out), reporter, how)
        finally:
            reporter.close()
        reporter.finish(batch)
    except KeyboardInterrupt:
        # A first one is the batch's to answer. Whoever asks again, or asks while nothing runs, is not kept waiting.
        _leave(130, f"stopped; resume with: {_same_command()}")
    except Exception as error:
        reporter.refuse(in_words(error))
        raise
    raise typer.Exit(batch.exit_code)


def _jobs(given: str) -> int:
    if given.isdecimal() and given.isascii() and 1 <= int(given[:9]) <= MOST_JOBS:
        return int(given)
    raise UsageError(
        f"reading --jobs {given[:40]!r}",
        found="no number of pages to make at the same time",
        todo=f"write a whole number from 1 to {MOST_JOBS}",
    )


def _isolation(given: str | None) -> Isolation | None:
    if given is None:
        return None
    from insight.reporting.job import ISOLATIONS

    for known in ISOLATIONS:
        if given == known:
            return known
    raise UsageError(
        f"reading --isolation {given[:40]!r}",
        found="a way of running that there is not",
        todo="write fork, kernel or none; or leave it out, then the quickest is taken that this system can",
    )


def _scheduler(executor: str, address: str | None) -> str | None:
    """The scheduler's address where work goes to a cluster; refuses half of an instruction."""
    if executor not in EXECUTORS:
        raise UsageError(
            f"reading --executor {executor[:40]!r}",
            found="nobody of that name to do the work",
            todo=f"write {' or '.join(EXECUTORS)}; or leave it out, then this machine does it",
        )
    if executor == "dask" and not address:
        raise UsageError(
            "running with --executor dask",
            found="no address of a scheduler",
            todo="add --scheduler ADDRESS, as the scheduler prints it when it starts: tcp://HOST:8786",
        )
    if executor != "dask" and address is not None:
        raise UsageError(
            "running with --scheduler",
            found="this machine as the one that does the work",
            todo="add --executor dask, or leave --scheduler out",
        )
    return address


def _config(**flags: str | None) -> Config:
    from insight.config import load_config

    return load_config(flags=flags)


def _site(out: str | None) -> str:
    """The output folder in the words of whoever named it; made absolute nowhere."""
    given = out or os.environ.get("INSIGHT_OUT")
    if given:
        return given
    try:
        return _config().settings["out"].value
    except UsageError:  # said when the settings are read in earnest
        return ""


def _command(verb: str, *names: str, scheduler: str | None, **flags: str | None) -> str:
    """A command to paste: the flags that were given, quoted as this system's console wants them."""
    words = ["python", "-m", "insight", verb, *names]
    for name, value in flags.items():
        words += [f"--{name}", value] if value is not None else []
    words += ["--executor", "dask", "--scheduler", scheduler] if scheduler is not None else []
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _same_command() -> str:
    """The command that was given: a run goes on where it was stopped, even before anything was written down."""
    words = ["python", "-m", "insight", *sys.argv[1:]]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _say(text: str) -> None:
    """Print on any console, whatever it lacks and whoever has stopped reading."""
    from insight.reporting.progress import Voice

    Voice(sys.stdout).say(text)


def _leave(code: int, words: str) -> NoReturn:
    """End at once, without waiting for threads; everything that had to be put away has been."""
    from insight.reporting.progress import Voice

    Voice(sys.stderr).say(words)
    Voice(sys.stdout).flush()
    os._exit(code)
