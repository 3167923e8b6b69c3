"""What may be committed: no trace of a machine, no published file, no stray name."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "insight"
THIS = Path(__file__).resolve()

# Built from parts, so that this file does not hold what it forbids.
REGISTRIES = tuple(".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org")))
_FOLDERS = "|".join(("root", "home", "Users", "tmp", "mnt", "opt", "work", "private"))
MACHINE_PATH = re.compile(rf"(?<![\w.~/\\)>*-])/(?:{_FOLDERS})/\w|\b[A-Za-z]:\\\\?(?:Users|Documents)\b")
EMOJI = re.compile("[\U0001f000-\U0001faff\ufe0f]")
PIN = re.compile(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==[^\s;]+( ; [\w\s.'\"=<>!()*~-]+)?( \\)?")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "misc", "common", "stuff"}
BINARY = {".png", ".parquet", ".ods", ".xlsx", ".pdf"}
# As a publisher writes its files, byte for byte.
AS_PUBLISHED = ROOT / "data" / "raw" / "sample"


@cache
def committed() -> tuple[Path, ...]:
    """Files that are in the repository or would be with the next commit."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone: nothing says which files are the project's")
    command = [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    paths = sorted({ROOT / name for name in listed.split("\0") if name})
    return tuple(path for path in paths if path.is_file())


@cache
def texts() -> dict[str, str]:
    """Every text but this one, by its path in the project."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes().decode("utf-8-sig")
        for path in committed()
        if path.suffix not in BINARY and path != THIS and not path.is_relative_to(AS_PUBLISHED)
    }


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert not lines_with(re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE))


def test_no_file_holds_a_path_of_a_machine() -> None:
    assert not lines_with(MACHINE_PATH)


@pytest.mark.parametrize("text", ["see /home/anna/x", '"/tmp/a"', r"C:\Users\anna"])
def test_a_path_of_a_machine_is_known_when_it_is_seen(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize(
    "text", ["docs/home/page", "../{}/x".format("work"), r".venv\Scripts\python", "https://a.example/home/x"]
)
def test_other_paths_are_left_in_peace(text: str) -> None:
    assert not MACHINE_PATH.search(text)


def test_the_lock_holds_versions_and_hashes_alone() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    strange = [line for line in lines if not PIN.fullmatch(line) and not HASH.fullmatch(line)]
    assert len(lines) > 100
    assert not strange


def test_there_is_no_emoji() -> None:
    assert not lines_with(EMOJI)


def test_a_text_ends_with_one_newline_and_has_no_carriage_return() -> None:
    ragged = [name for name, text in texts().items() if text and (not text.endswith("\n") or text.endswith("\n\n"))]
    assert not ragged
    assert not [name for name, text in texts().items() if "\r" in text]


def test_no_name_says_nothing() -> None:
    parts = {
        path.relative_to(ROOT).as_posix(): {part.split(".")[0].strip("_") for part in path.relative_to(ROOT).parts}
        for path in committed()
    }
    assert not [name for name, found in parts.items() if found & EMPTY_NAMES]


def test_raw_data_in_the_repository_are_cards_and_the_sample() -> None:
    raw = ROOT / "data" / "raw"
    inside = [path for path in committed() if path.is_relative_to(ROOT / "data")]
    allowed = [
        path
        for path in inside
        if path.is_relative_to(AS_PUBLISHED)
        or (path.parent == raw and path.suffix in (".toml", ".csv"))
        or (path.parent == raw / "aims" and path.suffix == ".toml")
    ]
    assert inside == allowed
    tables = {path.name for path in inside if path.parent == raw and path.suffix == ".csv"}
    assert tables <= {"programmes.csv"}


def test_nothing_built_is_committed() -> None:
    built = {"reports", "processed", ".venv", "__pycache__", ".ipynb_checkpoints"}
    assert not [path for path in committed() if built & set(path.relative_to(ROOT).parts[:-1]) and path.suffix != ".md"]


@pytest.mark.published
def test_no_published_file_is_committed(test_data: Path) -> None:
    published = {sha256(path.read_bytes()).hexdigest() for path in test_data.rglob("*") if path.is_file()}
    assert not [path.name for path in committed() if sha256(path.read_bytes()).hexdigest() in published]


def test_a_link_within_the_documents_leads_somewhere() -> None:
    link = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s:]+)(?:#[^)]*)?\)")
    broken = [
        f"{name}: {target}"
        for name, text in texts().items()
        if name.endswith(".md")
        for target in link.findall(text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert not broken


def test_no_public_name_begins_with_test() -> None:
    # A collector that meets it would run it as a test.
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        top = ast.parse(path.read_text(encoding="utf-8")).body
        inside = [node for kind in top if isinstance(kind, ast.ClassDef) for node in kind.body]
        found += [f"{path.name}: {name}" for node in (*top, *inside) for name in _defined(node) if _is_collected(name)]
    assert not found


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_collected(name: str) -> bool:
    return name.lower().startswith("test")
