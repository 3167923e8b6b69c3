"""The pictures of the documents are what their program makes, small, and all in use."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MOST_BYTES = 15_000


@pytest.fixture(scope="module")
def program() -> ModuleType:
    specification = importlib.util.spec_from_file_location("pictures_of_the_documents", DOCS / "pictures.py")
    assert specification is not None
    assert specification.loader is not None
    found = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(found)
    return found


def files() -> dict[str, Path]:
    return {path.stem: path for path in sorted((DOCS / "pictures").iterdir())}


def test_every_picture_is_what_its_program_makes(program: ModuleType) -> None:
    made = {name: program.alone(make()) for name, make in program.PICTURES.items()}
    there = {name: path.read_bytes().decode("utf-8") for name, path in files().items()}
    assert made.keys() == there.keys()
    assert [name for name in made if made[name] != there[name]] == []


def test_every_picture_is_small() -> None:
    assert not [name for name, path in files().items() if path.stat().st_size > MOST_BYTES]


def test_every_picture_is_shown_once_and_told_in_words() -> None:
    shown = re.findall(r"!\[([^\]]*)\]\(pictures/([^)]+)\.svg\)", (DOCS / "methods.md").read_text(encoding="utf-8"))
    assert sorted(name for _, name in shown) == sorted(files())
    assert all(len(words) > 20 and words.endswith(".") for words, _ in shown)
