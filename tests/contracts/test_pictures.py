"""The pictures of the documents are what their program makes, small, and all in use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
MOST_BYTES = 15_000


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_every_picture_is_what_its_program_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-B", "-W", "error", str(DOCS / "pictures.py"), str(tmp_path)], check=True)
    made, there = pictures(tmp_path), pictures(DOCS / "pictures")
    assert made.keys() == there.keys()
    assert [name for name in made if made[name] != there[name]] == []


def test_every_picture_is_small() -> None:
    assert not [name for name, content in pictures(DOCS / "pictures").items() if len(content) > MOST_BYTES]


def test_every_picture_is_shown_once_and_told_in_words() -> None:
    shown = re.findall(r"!\[([^\]]*)\]\(pictures/([^)]+)\)", (DOCS / "methods.md").read_text(encoding="utf-8"))
    assert sorted(name for _, name in shown) == sorted(pictures(DOCS / "pictures"))
    assert all(len(words) > 20 and words.endswith(".") for words, _ in shown)
