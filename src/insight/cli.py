"""The commands: build, run, list, config."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from insight.config import load_config

if TYPE_CHECKING:
    from insight.reporting.batch import Batch, Result

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Questions about English children's services, answered from published statistics.",
)
Raw = Annotated[str | None, typer.Option(help="Folder of published files, searched in depth.", show_default=False)]
Out = Annotated[str | None, typer.Option(help="Folder for the site.", show_default=False)]


@app.command()
def build(raw: Raw = None) -> None:
    """Read a folder of published files into a store; unchanged files are not read again."""
    from insight.store import build as build_store

    config = load_config(flags={"raw": raw})
    kept = config.root / "data" / "raw"
    cards, facts = sorted(kept.glob("*.toml")), sorted(kept.glob("programmes.csv"))
    report = build_store(config.raw, config.processed, cards=cards, facts=facts)
    _say(str(report))
    _say(f"store: {report.store}")


@app.command()
def run(
    studies: Annotated[list[str] | None, typer.Argument(help="Studies; none means all.", show_default=False)] = None,
    authority: Annotated[
        list[str] | None, typer.Option(help="Name or code; may be repeated.", show_default=False)
    ] = None,
    region: Annotated[str | None, typer.Option(help="Every authority of a region.", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every authority.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the study.", show_default=False),
    ] = None,
    raw: Raw = None,
    out: Out = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Pages made at the same time.")] = 2,
) -> None:
    """Make the pages of studies for authorities; without a selection, for the home region."""
    from insight.api import run_pages

    config = load_config(flags={"raw": raw, "out": out})
    reporter = _Bar() if sys.stdout.isatty() else _Lines()
    try:
        batch = run_pages(
            config,
            tuple(studies or ()),
            authorities=tuple(authority or ()),
            regions=() if region is None else (region,),
            everything=everything,
            settings=tuple(settings or ()),
            jobs=jobs,
            report=reporter,
        )
    finally:
        reporter.close()
    _close(batch)
    raise typer.Exit(batch.exit_code)


@app.command("list")
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


@app.command()
def config(raw: Raw = None, out: Out = None) -> None:
    """Show every setting in force and where its value came from."""
    loaded = load_config(flags={"raw": raw, "out": out})
    for name, setting in loaded.settings.items():
        _say(f"{name} = {setting.value or '(none)'}  [{setting.origin}]")


def _say(text: str) -> None:
    """Print on any console: a character that its code page lacks is written as its escape."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(_printable(text).encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()


def _printable(text: str) -> str:
    """Text without terminal escape codes, whatever a file put into a name."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t")


class _Lines:
    """One plain line per page: for logs, and consoles without a terminal."""

    def __call__(self, result: Result, number: int, of: int) -> None:
        _say(_line(result, number, of))

    def close(self) -> None:
        """Nothing to put away."""


class _Bar:
    """One overall bar, and one line per page above it."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("pages"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns)
        self._task = self._progress.add_task("pages", total=None)
        self._progress.start()

    def __call__(self, result: Result, number: int, of: int) -> None:
        self._progress.update(self._task, total=of, completed=number)
        self._progress.console.print(_printable(_line(result, number, of)), markup=False, highlight=False)

    def close(self) -> None:
        """Give the terminal back."""
        self._progress.stop()


def _line(result: Result, number: int, of: int) -> str:
    page = result.page
    end = f": {result.reason.splitlines()[0]}" if result.reason else ""
    return f"[{number}/{of}] {result.status:6} {page.area} {page.area_name}, {page.study} ({result.seconds:.1f} s){end}"


def _close(batch: Batch) -> None:
    """What was made, a table of what was not with the command that reruns it, and where the site is."""
    counts = {status: sum(r.status == status for r in batch.results) for status in ("done", "kept", "failed")}
    _say(f"{counts['done']} made, {counts['kept']} unchanged, {counts['failed']} failed")
    if batch.failures:
        _say("\nFailed:")
        for result in batch.failures:
            _say(f"  {result.page.area}  {result.page.area_name}  {result.page.study}")
            for line in result.reason.splitlines():
                _say(f"      {line.strip()}")
        again = " ".join(f"--authority {code}" for code in dict.fromkeys(r.page.area for r in batch.failures))
        _say(f"\nTo run {'these' if len(batch.failures) > 1 else 'this'} again:\n  {batch.command} {again}")
    _say(f"site: {batch.out / 'index.html'}")
