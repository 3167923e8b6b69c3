"""Every error has an entry in docs/errors.md, every entry an error, and the examples are what a user sees."""

from __future__ import annotations

import errno
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from insight import errors, sources, store, studies
from insight.core.missing import Status
from insight.core.period import Period, PeriodKind
from insight.core.register import Register
from insight.core.results import Column, TableResult
from insight.disclosure import release
from insight.errors import FileTrouble, InsightError
from insight.reporting.plan import parse_settings
from insight.stats.fit import check_clusters
from insight.stats.intervals import rate_interval
from tests.making import made_panel

ROOT = Path(__file__).resolve().parents[2]
_ENTRY = re.compile(r"^#{2,3} (E\d{3}) (\w+)$", re.MULTILINE)
_EXAMPLE = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHAPE = re.compile(r"(E\d{3}) \S[^\n]*\n  found: \S[^\n]*\n  next:  \S[^\n]*\n")


@dataclass(frozen=True)
class Entry:
    """One entry of docs/errors.md."""

    code: str
    name: str
    text: str

    @property
    def example(self) -> str:
        """The one message that the entry shows."""
        (example,) = _EXAMPLE.findall(self.text)
        return str(example)


def entries() -> list[Entry]:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    found = list(_ENTRY.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    return [Entry(match[1], match[2], text[match.end() : end]) for match, end in zip(found, ends, strict=True)]


def classes() -> dict[str, type[InsightError]]:
    found = inspect.getmembers(errors, lambda value: inspect.isclass(value) and issubclass(value, InsightError))
    return dict(found)


ENTRIES = entries()
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)


def test_the_document_and_the_package_have_the_same_errors() -> None:
    assert [(entry.code, entry.name) for entry in ENTRIES] == sorted(
        (kind.code, name) for name, kind in classes().items()
    )


def test_no_code_is_used_twice() -> None:
    codes = [kind.code for kind in classes().values()]
    assert len(codes) == len(set(codes))


@each_entry
def test_an_entry_gives_an_example_in_three_lines(entry: Entry) -> None:
    shape = _SHAPE.fullmatch(entry.example)
    assert shape and shape[1] == entry.code


@each_entry
def test_an_entry_says_what_to_do_and_the_exit_code(entry: Entry) -> None:
    assert "**What to do:** " in entry.text
    assert f"Exit code {classes()[entry.name].exit_code}." in entry.text


def _read(folder: Path, name: str, change: Callable[[str], str]) -> None:
    """Read the sample's workforce file under a name and with a change."""
    text = (ROOT / "data/raw/sample/sample_csww_indicators_2017_to_2025.csv").read_text(encoding="utf-8-sig")
    path = folder / name
    path.write_text(change(text), encoding="utf-8")
    source = sources.source_of(path)
    assert source is not None
    source.read(path, Register.read(ROOT / "data/raw/sample/authorities.csv"))


def _with_cell(column: str, value: str) -> Callable[[str], str]:
    """The file with another value on line 212."""

    def change(text: str) -> str:
        lines = text.splitlines()
        cells = lines[211].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[211] = ",".join(cells)
        return "\n".join(lines) + "\n"

    return change


def _cut_off(text: str) -> str:
    # As long as the published file of the example: blank lines are set aside, the sixth cell of line 842 is the last.
    header = text.splitlines()[0]
    blank = "," * header.count(",")
    return "\n".join([header, *([blank] * 840), ",".join(["2024"] * 6)]) + "\n"


def _hidden_leavers() -> TableResult:
    frame = pd.DataFrame({"year": [2025], "turnover": [12.0], "leavers__status": [Status.SUPPRESSED.value]})
    columns = (Column("year", "Year", kind="period"), Column("turnover", "Turnover", computed_from=("leavers",)))
    return TableResult("figures", "Figures", frame, columns)


def _no_reason() -> TableResult:
    frame = pd.DataFrame({"year": [2025], "turnover": [float("nan")]})
    return TableResult("figures", "Figures", frame, (Column("year", "Year", kind="period"), Column("turnover", "T")))


def _store(folder: Path, manifest: str | None) -> Path:
    place = folder / "sample-0a1b2c3d"
    place.mkdir()
    if manifest is not None:
        (place / "manifest.json").write_text(manifest, encoding="utf-8")
    return place


def _nothing_ours(folder: Path) -> None:
    (folder / "raw").mkdir()
    (folder / "raw" / "notes.txt").write_text("nothing published\n", encoding="utf-8")
    store.build(folder / "raw", folder / "processed")


def _no_space(folder: Path) -> None:
    raise FileTrouble.of(
        "writing into the output folder", OSError(errno.ENOSPC, "No space left on device", str(folder))
    )


WORKFORCE = "csww_indicators_2017_to_2025.csv"
RAISED: dict[str, Callable[[Path], object]] = {
    "E101": lambda folder: Register.read().authority("Leads"),
    "E102": lambda folder: Register.read().authority("Kingston"),
    "E103": lambda folder: Register.read().authority("Northamptonshire"),
    "E110": lambda folder: Period.of("2025/26", PeriodKind.YEAR_TO_MARCH),
    "E120": lambda folder: made_panel().select(["turnover"]),
    "E200": _nothing_ours,
    "E201": lambda folder: _read(
        folder,
        "csww_indicators_2017_to_2026.csv",
        lambda text: text.replace("turnover_rate_fte", "turnover_percent_fte", 1),
    ),
    "E202": lambda folder: _read(folder, WORKFORCE, lambda text: "<!DOCTYPE html><title>Sign in</title>"),
    "E203": lambda folder: _read(folder, WORKFORCE, _cut_off),
    "E204": lambda folder: _read(folder, WORKFORCE, _with_cell("caseload_fte", "n/a")),
    "E205": lambda folder: _read(folder, WORKFORCE, _with_cell("turnover_rate_fte", "112.5")),
    "E300": lambda folder: store.read_manifest(_store(folder, None)),
    "E301": lambda folder: store.read_manifest(_store(folder, "{")),
    "E400": lambda folder: parse_settings(["lag_years"]),
    "E401": lambda folder: studies.find("turnover"),
    "E500": lambda folder: rate_interval(3, 0),
    "E501": lambda folder: check_clusters(8, errors="CRV1"),
    "E600": lambda folder: release(_hidden_leavers()),
    "E601": lambda folder: release(_no_reason()),
    "E800": _no_space,
}


@pytest.mark.parametrize("code", RAISED)
def test_an_example_is_what_a_user_sees(code: str, tmp_path: Path) -> None:
    entry = next(entry for entry in ENTRIES if entry.code == code)
    with pytest.raises(InsightError) as raised:
        RAISED[code](tmp_path)
    if code == "E401":
        # The list of studies grows with the project.
        assert str(raised.value).splitlines()[:2] == entry.example.splitlines()[:2]
    else:
        assert str(raised.value) + "\n" == entry.example
