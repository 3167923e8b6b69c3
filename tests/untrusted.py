"""The sample with an attack in every text of it, and a project that reads it.

Every file stays valid: names are the same wherever they stand, numbers and the publishers' own words of layout are as
they were. What a reader must refuse (a terminal's codes in a name) is tried one by one, by the tests.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from filelock import FileLock

from insight.core.area import LONGEST_NAME, normalise

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "raw" / "sample"
MARK = "zqz"
"""In every attack, so that its text can be found again."""
RUN = "window.__pwned=1"
# What a page, a markdown reader, a template, a chart's lettering or a formatter could take for its own; "{name}" is
# the text that it stands beside.
AROUND = (
    f"{{name}} {MARK}<script>{RUN}</script>",
    f"{{name}} {MARK}<img src=x onerror={RUN}>",
    f"{{name}} {MARK}\"'><svg onload={RUN}>",
    f"{{name}} {MARK}</style></title></textarea><script>{RUN}</script>",
    f"{{name}} {MARK}<svg><foreignObject><iframe src=javascript:{RUN}>",
    f"{{name}} {MARK}&lt;script&gt;{RUN}&lt;/script&gt;",
    f"{{name}} {MARK}&#x3C;img src=x onerror={RUN}&#x3E;",
    f"{{name}} {MARK}[x](javascript:{RUN})",
    f"{{name}} {MARK}![x](https://pwned.example/x.png)",
    f"{{name}} {MARK}<https://pwned.example> **b** `c` | d | # e",
    f"{{name}} {MARK}{{{{ 7*7 }}}}{{% raw %}}{{# c #}}",
    f"{{name}} {MARK}{{0.__class__}} %s %(x)d ${{7*7}} #{{7*7}}",
    f"{{name}} {MARK}$\\input{{x}}$ $x_1^2$ a_b^c \\alpha",
    f"{{name}} {MARK}--> ]]> <!-- </svg></table>",
    f'{{name}} {MARK}" onmouseover={RUN} autofocus onfocus={RUN} x="',
    f"{{name}} {MARK}' onclick='{RUN}' style='background:url(https://pwned.example)",
    f"=cmd|' /C calc'!A1 {MARK} {{name}}",
    f"+1+1 {MARK} {{name}}",
    f"-1+1 {MARK} {{name}}",
    f"@SUM(A1) {MARK} {{name}}",
    f"\N{FULLWIDTH EQUALS SIGN}1+1 {MARK} {{name}}",
    f"\N{FULLWIDTH COMMERCIAL AT}SUM(A1) {MARK} {{name}}",
)
TERMINAL = "\x1b[31mred\x1b[0m \x1b]8;;https://pwned.example\x1b\\link\x1b]8;;\x1b\\ \x07 \x9b2J \u202eoverride\u2066"
LONG = " ".join(form.replace("{name}", "").strip() for form in AROUND)
"""All of them in one text, for fields that take long ones."""
# Columns of the sample's own lists and of its dictionary that hold words of people.
FREE = {
    "authorities.csv": ("source", "note"),
    "programmes.csv": ("what_it_is", "source"),
    "sample_lait_data_dictionary.csv": ("Topic", "Measure", "Chart_title", "y_axis_name", "Description", "Methodology"),
}
OWNER = "Data Owner (DO) /Supplier and Contact Details"
NAMES = {"programmes.csv": ("programme",)}
NAME_OF_SITE = "site"
SEED = 7
AUTHORITY = "Hollinsford"
CODE, REGION = "X06000007", "X12000001"


def attacked(text: str, place: int, longest: int = LONGEST_NAME) -> str:
    """A text with one of the attacks, which of them by its place; the shortest that fits."""
    forms = [AROUND[(place + step) % len(AROUND)].replace("{name}", text) for step in range(len(AROUND))]
    return next(form for form in forms if len(form) <= longest)


@dataclass(frozen=True)
class Poisoned:
    """A project whose every text is an attack, and the names that it gives."""

    root: Path
    names: Mapping[str, str]

    @property
    def raw(self) -> Path:
        """The raw folder."""
        return self.root / "data" / "raw" / "own"

    @property
    def site(self) -> Path:
        """The site that was made of it."""
        return self.root / "out"

    def insight(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in the project, as a person would give it, with what it said as it said it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("INSIGHT_")}
        told = subprocess.run(
            [sys.executable, "-m", "insight", *words],
            cwd=self.root,
            env={**kept, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=False,
        )
        return subprocess.CompletedProcess(
            told.args, told.returncode, told.stdout.decode("utf-8"), told.stderr.decode("utf-8")
        )


def poisoned_project(root: Path, *, seed: int = SEED) -> Poisoned:
    """Write the sample's raw folder anew with an attack in every text, and a project around it."""
    raw = root / "data" / "raw" / "own"
    raw.mkdir(parents=True)
    names = _names(seed)
    lookup = {normalise(name): evil for name, evil in names.items()}

    def renamed(text: str) -> str:
        whole = lookup.get(normalise(text))
        # Inspectors' regions are of two of the others: "North East, Yorkshire and the Humber".
        return whole or ", ".join(lookup.get(normalise(part), part) for part in text.split(", "))

    for path in sorted(SAMPLE.iterdir()):
        content = path.read_bytes()
        if path.name == "authorities.csv":
            content = _register(content.decode("utf-8"), names)
        elif path.suffix == ".csv":
            content = _table(path.name, content, renamed)
        elif path.suffix in (".ods", ".xlsx"):
            content = _workbook(content, renamed)
        elif path.suffix == ".parquet":
            content = _columns(path, renamed)
        elif path.suffix == ".toml":
            content = _aims(content.decode("utf-8"), renamed).encode("utf-8")
        (raw / _file_name(path.name)).write_bytes(content)
    _cards(raw)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    region = names["Middlemarch"]
    settings = {"raw": "data/raw/own", "out": "out", "processed": "store", "home_region": region}
    (root / "insight.toml").write_text("".join(f"{key} = {_toml(value)}\n" for key, value in settings.items()), "utf-8")
    return Poisoned(root, names)


def poisoned_site(base: Path) -> Poisoned:
    """The project with a site of it, made once, whoever asks first; only looked at.

    Every study of one authority and of its region, the study of its own sites, a page that fails for its parameter, and
    the workbooks. ``told.json`` in its folder holds what each command said.
    """
    root = base / f"untrusted {{{{ 7*7 }}}} & {MARK}"
    with FileLock(base / "untrusted.lock"):
        if (root / "told.json").is_file():
            return Poisoned(root, _names(SEED))
        made = poisoned_project(root)
        name = made.names[AUTHORITY]
        told = {}
        for verb, *words in (
            ("run", "--authority", name),
            ("run", "site_effect", "--authority", name, "--set", "design=sites"),
            ("run", "indicator_profile", "--authority", name, "--set", f"indicator={LONG} {TERMINAL}"),
            ("workbook",),
        ):
            ended = made.insight(verb, *words)
            told[" ".join((verb, *words[:1]))] = [ended.returncode, ended.stdout, ended.stderr]
        (root / "told.json").write_text(json.dumps(told), encoding="utf-8")
    return made


def _names(seed: int) -> dict[str, str]:
    """Every place of the sample by its name, with its attack."""
    rows = list(csv.DictReader(io.StringIO((SAMPLE / "authorities.csv").read_text("utf-8"))))
    joint = {row["code"] for row in rows if row["fact"] == "level" and row["value"] == "joint"}
    plain = [row["value"] for row in rows if row["fact"] == "name" and row["code"] not in joint]
    drawn = random.Random(seed)
    start = drawn.randrange(len(AROUND))
    return {name: attacked(name, start + place) for place, name in enumerate(dict.fromkeys(plain))}


def _register(text: str, names: Mapping[str, str]) -> bytes:
    rows = list(csv.reader(io.StringIO(text)))
    header, facts = rows[0], rows[1:]
    made = [header]
    for place, (code, fact, value, start, end, source, note) in enumerate(facts):
        known = [code, fact, names.get(value, value) if fact == "name" else value, start, end]
        made.append([*known, f"{source} {LONG}", f"{note} {LONG} {TERMINAL}"])
        if fact == "name" and value in names:
            # The name as it was, for what spells it in a way of its own; and one that no console should obey.
            made.append([code, "alias", value, "", "", source, ""])
            made.append([code, "alias", f"{code} {TERMINAL} {attacked('also', place)}", "", "", source, ""])
    return _csv(made).encode("utf-8")


def _table(name: str, content: bytes, renamed: Callable[[str], str]) -> bytes:
    text = content.decode("utf-8")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    rows = list(csv.reader(io.StringIO(text.removeprefix(mark), newline="")))
    header = rows[0]
    made = [header]
    for place, row in enumerate(rows[1:]):
        cells = [renamed(cell) for cell in row]
        for column, cell in zip(header, row, strict=False):
            at = header.index(column)
            if column in FREE.get(name, ()) and cell not in ("", "NA"):
                cells[at] = _free(cell, place)
            elif column == OWNER:
                cells[at] = LONG
            elif column in NAMES.get(name, ()) or (column == NAME_OF_SITE and name.startswith("sites")):
                cells[at] = attacked(cell, sum(cell.encode()))
        made.append(cells)
    return (mark + _csv(made)).encode("utf-8")


def _free(cell: str, place: int) -> str:
    return f"{cell} {LONG}" if place % 2 else attacked(cell, place, 4000)


def _workbook(content: bytes, renamed: Callable[[str], str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            text = old.read(entry).decode("utf-8")
            words = re.sub(r">([^<>]+)<", lambda found: f">{html.escape(renamed(html.unescape(found[1])))}<", text)
            new.writestr(entry, words if entry.filename.endswith((".xml",)) else text)
    return packed.getvalue()


def _columns(path: Path, renamed: Callable[[str], str]) -> bytes:
    frame = pd.read_parquet(path)
    for column in ("LA and Regions", "Region"):
        frame[column] = [renamed(cell) if isinstance(cell, str) else cell for cell in frame[column]]
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False)
    return stream.getvalue()


def _aims(text: str, renamed: Callable[[str], str]) -> str:
    content = tomllib.loads(text)
    head = {**content, "whose": f"{content['whose']} {LONG}", "source": f"{content['source']} {LONG}"}
    head["region"] = renamed(content["region"])
    lines = [f"{name} = {_toml(value)}" for name, value in head.items() if name != "aim"]
    for place, aim in enumerate(content["aim"]):
        for name in ("title", "words", "counts", "reason"):
            if aim.get(name):
                aim[name] = _free(aim[name], place) if name in ("words", "reason") else attacked(aim[name], place, 400)
        lines += ["[[aim]]", *(f"{name} = {_toml(str(value))}" for name, value in aim.items())]
    return "\n".join([*lines, ""])


def _cards(raw: Path) -> None:
    """A card for each published file: its title, publisher, licence, address and note are attacks."""
    words = ("title", "publisher", "licence", "address", "note")
    for number, path in enumerate(sorted(raw.glob("sample_*"))):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        said = {name: attacked(name, number + place, 4000) for place, name in enumerate(words)}
        said["title"] += f" {TERMINAL}"
        facts = {"file": path.name, "sha256": sha256, "published": "2026-03"}
        lines = [f"{name} = {_toml(value)}" for name, value in {**said, **facts}.items()]
        (raw.parent / f"card{number}.toml").write_text("\n".join([*lines, ""]), "utf-8")


def _file_name(name: str) -> str:
    """A file's name with an attack in it, as far as file systems allow."""
    stem, dot, ending = name.rpartition(".")
    if not stem.startswith("sample_") or os.name == "nt":
        return name
    return f"{stem} {MARK}<img src=x onerror={RUN}>{{{{ 7*7 }}}}\x1b[31m\u202e{dot}{ending}"


def _toml(text: str) -> str:
    """A text as TOML writes it: control characters by their numbers."""
    return '"' + "".join(_letter(letter) for letter in text) + '"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\u{ord(letter):04x}"


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
