"""Attacks in every text of the inputs: commands, files and messages show them as text, and keep what nobody may see.

Rows 43 to 47, 52, 55, 56 and 58 of the reliability design. The pages are opened in ``tests/browser/test_untrusted.py``.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import socket
import sys
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import openpyxl  # type: ignore[import-untyped]
import pytest

from insight.__main__ import main
from tests.untrusted import CODE, LONG, MARK, REGION, SAMPLE, TERMINAL, Poisoned, poisoned_site

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
EVIL = f"<script>window.__pwned=1</script> {{{{ 7*7 }}}} {{0.__class__}} %s $\\input{{x}}$ {TERMINAL} {MARK}"
# A child who does not exist, in the forms in which a child is named.
CANARY = ("Zzyzx Canary", "A123456789012", "943 476 5919", "ZZ99 3CZ", "2013-02-30")

Say = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def poisoned(together: Path) -> Poisoned:
    """The poisoned project with its site; only looked at."""
    return poisoned_site(together)


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Give a command from a folder: its exit code, and all that it said."""

    def said(folder: Path, *words: str) -> tuple[int, str]:
        for name in [name for name in os.environ if name.startswith("INSIGHT_")]:
            monkeypatch.delenv(name)
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["insight", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else int(bool(code)), told.out + told.err

    return said


def _require_harmless(told: str) -> None:
    assert not CONTROLS.search(told), ascii(CONTROLS.findall(told))
    assert "Traceback" not in told
    assert "E900" not in told


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A project with the sample's register and nothing else; its raw folder is ``raw``."""
    (tmp_path / "raw").mkdir()
    shutil.copy(SAMPLE / "authorities.csv", tmp_path / "raw")
    (tmp_path / "insight.toml").write_text('raw = "raw"\nout = "out"\nprocessed = "store"\n', encoding="utf-8")
    return tmp_path


def test_the_poisoned_inputs_make_pages(poisoned: Poisoned) -> None:
    told = json.loads((poisoned.root / "told.json").read_text("utf-8"))
    assert [code for code, _, _ in told.values()] == [0, 0, 1, 0], told
    for _, out, err in told.values():
        _require_harmless(out + err)
    assert poisoned.names["Hollinsford"] in told["run --authority"][1]


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("config",),
        ("why", "getting_to_good", "--authority", CODE),
        ("verify",),
        ("pack", "--region", EVIL),
        ("workbook", "--authority", EVIL),
        ("pdf", "--authority", EVIL),
        ("rebuild", EVIL),
        ("fetch", EVIL),
        ("fetch",),
        ("check", EVIL),
        ("build", "--raw", EVIL),
        ("run", EVIL),
        ("run", "--authority", EVIL),
        ("run", "--region", EVIL),
        ("run", "--set", EVIL),
        ("run", "getting_to_good", "--set", f"{EVIL}={EVIL}"),
        ("run", "caseload_turnover", "--set", f"lag_years={EVIL}"),
        ("run", "site_effect", "--set", f"design={EVIL}"),
        ("run", "--jobs", EVIL),
        ("run", "--isolation", EVIL),
        ("run", "--executor", EVIL),
        ("run", "--json", "--authority", EVIL),
        ("run", f"--{EVIL}"),
        ("list", EVIL),
        (EVIL,),
    ],
)
def test_no_command_obeys_what_it_repeats(words: tuple[str, ...], poisoned: Poisoned, say: Say) -> None:
    code, told = say(poisoned.root, *words)
    _require_harmless(told)
    assert code == (0 if words[0] in ("list", "config", "why", "verify") and EVIL not in words else code)
    assert code in (0, 2, 3)


def test_check_says_what_a_poisoned_file_is(poisoned: Poisoned, say: Say) -> None:
    for name in ("sample_csww_indicators*", "sample_lait_data*", "sites-*", "programmes.csv", "aims.toml"):
        code, told = say(poisoned.root, "check", str(next(poisoned.raw.glob(name))))
        assert code == 0, told
        _require_harmless(told)


@pytest.mark.parametrize(
    "line",
    [
        "home_region = {evil}",
        "page_seconds = {evil}",
        "{evil} = 'x'",
        "raw = {evil}",
        "{evil}",
        "out = 7 # {evil}",
    ],
)
def test_a_hostile_setting_is_refused_in_harmless_words(line: str, own: Path, say: Say) -> None:
    text = '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in EVIL) + '"'
    (own / "insight.toml").write_text(line.replace("{evil}", text), encoding="utf-8")
    code, told = say(own, "run", "getting_to_good")
    assert code in (2, 3), told
    _require_harmless(told)


PROGRAMME = "programme,area,announced,funded,live,what_it_is,source\n"
SITES = "site,month,referrals,children,start,authority\n"
FACTS = "code,fact,value,from,to,source,note\n"
AIMS = 'kind = "regional aims"\nregion = ""\nwhose = "w"\nsource = "s"\n'


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("programmes.csv", f"{PROGRAMME}{_cell(EVIL)},Ashquarry,2023-07,,,what,source\n"),
        ("programmes.csv", f"{PROGRAMME}P,{_cell(EVIL)},2023-07,,,what,source\n"),
        ("programmes.csv", f"{PROGRAMME}P,Ashquarry,{_cell(EVIL)},,,what,source\n"),
        ("programmes.csv", f"{PROGRAMME}P,Ashquarry,2023-07,,,what,{_cell(EVIL)}\n"),
        ("sites.csv", f"{SITES}{_cell(EVIL)},2023-04,31,5400,,Ashquarry\n"),
        ("sites.csv", f"{SITES}North,{_cell(EVIL)},31,5400,,Ashquarry\n"),
        ("sites.csv", f"{SITES}North,2023-04,{_cell(EVIL)},5400,,Ashquarry\n"),
        ("sites.csv", f"{SITES}North,2023-04,31,5400,,{_cell(EVIL)}\n"),
        ("sites.csv", f"{SITES.strip()},{_cell(EVIL)}\nNorth,2023-04,31,5400,,Ashquarry,x\n"),
        ("aims.toml", f"{AIMS}{EVIL}"),
        ("aims.toml", f"{AIMS}[[aim]]\nkey = '<script>{MARK}'\nwords = 'w'\ntest = 'none'\nreason = 'r'\n"),
        ("aims.toml", f'{AIMS}[[aim]]\nkey = "one"\nwords = "w\\u001b[31m"\ntest = "none"\nreason = "r"\n'),
        ("aims.toml", f'{AIMS}[[aim]]\nkey = "one"\nwords = "w\\u202e"\ntest = "none"\nreason = "r"\n'),
        ("aims.toml", f"{AIMS}[[aim]]\nkey = 'one'\nwords = 'w'\ntest = '{{{{ 7*7 }}}}'\nreason = 'r'\n"),
        ("aims.toml", f"{AIMS}[[aim]]\nkey = 'one'\n'<img src=x>' = 'w'\n"),
        ("authorities.csv", f"{FACTS}X92000001,{_cell(EVIL)},nation,,,s,\n"),
        ("authorities.csv", f"{FACTS}X92000001,level,{_cell(EVIL)},,,s,\n"),
        ("authorities.csv", f"{FACTS}{_cell(EVIL)},level,nation,,,s,\n"),
        ("authorities.csv", f"{FACTS}X92000001,level,nation,{_cell(EVIL)},,s,\n"),
    ],
)
def test_a_hostile_list_is_refused_in_harmless_words(name: str, content: str, own: Path, say: Say) -> None:
    (own / "raw" / name).write_text(content, encoding="utf-8", newline="")
    code, told = say(own, "build")
    assert code == 3, told
    _require_harmless(told)
    assert "__class__" not in told or "{0.__class__}" in told


@pytest.mark.parametrize("column", ["time_period", "region_code", "region_name", "category", "Started_child"])
def test_a_hostile_cell_of_a_published_file_is_refused_in_harmless_words(column: str, own: Path, say: Say) -> None:
    text = (SAMPLE / "sample_b1_children_in_need_2013_to_2025.csv").read_text("utf-8")
    header, *rows = csv.reader(io.StringIO(text))
    rows = [row for row in rows if row[2] == "Regional"][:3]
    rows[1][header.index(column)] = EVIL
    with (own / "raw" / "b1.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    code, told = say(own, "build")
    assert code == 3, told
    _require_harmless(told)


def test_every_table_in_a_page_and_in_a_workbook_is_inert(poisoned: Poisoned) -> None:
    found = 0
    for page in sorted(poisoned.site.rglob("*.html")):
        for address in _downloads(page.read_text("utf-8")):
            rows = csv.reader(io.StringIO(unquote(address.partition(",")[2]).removeprefix("\ufeff")))
            cells = [cell for row in rows for cell in row]
            found += sum(MARK in cell for cell in cells)
            assert not [cell for cell in cells if FORMULA.match(cell) and not NUMBER.fullmatch(cell)], page.name
    assert found > 100
    for path in (poisoned.site / CODE / "numbers.xlsx", poisoned.site / REGION / "numbers.xlsx"):
        with zipfile.ZipFile(path) as parts:
            assert not [name for name in parts.namelist() if re.search("external|vba|drawing|comment", name)]
            words = "".join(parts.read(name).decode("utf-8") for name in parts.namelist())
        assert "<f>" not in words
        assert "<hyperlink" not in words
        book = openpyxl.load_workbook(path)
        kinds = [cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row]
        assert set(kinds) <= {"s", "n", "inlineStr"}
        texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
        assert sum(MARK in text for text in texts) > 20
        assert not [text for text in texts if CONTROLS.search(text)]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if name == "href" and value]


def _downloads(html: str) -> list[str]:
    links = _Links()
    links.feed(html)
    return [address for address in links.addresses if address.startswith("data:text/csv")]


def test_the_journal_and_the_records_hold_no_control_character(poisoned: Poisoned) -> None:
    kept = [path for path in poisoned.site.rglob("*") if path.suffix in (".json", ".jsonl", ".html") and path.is_file()]
    # What stood in a cell is kept for the next run as it was; nobody reads it but insight.
    kept = [path for path in kept if path.parent.name not in ("parts", "results") and path.name != "summaries.json"]
    assert len(kept) > 40
    for path in kept:
        assert not CONTROLS.search(path.read_bytes().decode("utf-8")), path.name
    assert CONTROLS.search(json.dumps(json.loads((poisoned.site / "manifest.json").read_bytes()), ensure_ascii=False))


def test_nothing_says_who_made_it_and_where(poisoned: Poisoned) -> None:
    host = rf"(?<![\w%]){re.escape(socket.gethostname())}(?![\w.])"
    places = [str(poisoned.root), str(Path.home()), str(Path.cwd()), str(Path(sys.prefix))]
    # While a run lasts its lock says who holds the folder; nobody holds it now.
    kept = [path for path in sorted(poisoned.site.rglob("*")) if path.is_file() and path.name != "run.lock"]
    for path in kept:
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                text = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
        assert not [place for place in places if place in text or place.replace("\\", "\\\\") in text], path
        assert not re.search(host, text), path


@pytest.mark.parametrize(
    "content",
    [
        f"{SITES.strip()},child_name,upn,note\nNorth,2023-04,31,5400,,Ashquarry,{','.join(CANARY[:3])}\n",
        f"child_name,{SITES}{CANARY[0]},North,2023-04,31,5400,,Ashquarry\n",
        f"{SITES}North,2023-04,{CANARY[0]},5400,,Ashquarry\n",
        f"{SITES}North,2023-04,31,{CANARY[1]},,Ashquarry\n",
        f"{SITES}North,{CANARY[2]},31,5400,,Ashquarry\n",
        f"{SITES}North,2023-04,31,5400,{CANARY[4]},Ashquarry\n",
        f"{SITES}North,2023-04,31,5400,,{CANARY[3]}\n",
        f"{SITES}North,2023-04,31,5400,,Ashquarry,{CANARY[0]}\n",
        f'{SITES}"North,2023-04,31,5400,,Ashquarry,{CANARY[0]}\n',
        f"child_name,upn\n{CANARY[0]},{CANARY[1]}\n",
        f"{','.join(CANARY)}\n{','.join(CANARY)}\n",
    ],
)
def test_a_child_in_a_file_of_one_s_own_goes_no_further(content: str, own: Path, say: Say) -> None:
    (own / "raw" / "sites-X06000001.csv").write_text(content, encoding="utf-8")
    for words in (("check", "raw/sites-X06000001.csv"), ("run", "site_effect", "--authority", CODE)):
        code, told = say(own, *words)
        assert code in (0, 2, 3), told
        assert not [canary for canary in CANARY if canary.casefold() in told.casefold()], told
        _require_harmless(told)
    left = [path for path in own.rglob("*") if path.is_file() and path.parent.name != "raw"]
    for path in left:
        text = path.read_bytes().decode("utf-8", "replace")
        assert not [canary for canary in CANARY if canary in text], path


def test_the_attacks_reach_what_they_are_meant_for(poisoned: Poisoned) -> None:
    """Otherwise all of the above would hold of nothing."""
    record = (poisoned.site / REGION / "regional_scorecard.json").read_text("utf-8")
    for form in ("<script>", "onerror=", "{{ 7*7 }}", "$\\\\input{x}$", "=cmd|", "@SUM(A1)", "&lt;script&gt;"):
        assert form in record, form
    assert MARK in LONG
