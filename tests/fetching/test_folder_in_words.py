"""The folder that a fetch names when it is done, on every system."""

from __future__ import annotations

import ntpath
from pathlib import Path, PureWindowsPath
from typing import cast

import pytest

from insight import cli


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        (r"C:\work\data\raw", r"data\raw"),
        (r"C:\elsewhere\raw", r"..\elsewhere\raw"),
        (r"D:\data\published", r"D:\data\published"),
        (r"\\server\share\published", r"\\server\share\published"),
    ],
)
def test_a_folder_on_another_drive_is_named_in_full(monkeypatch: pytest.MonkeyPatch, folder: str, says: str) -> None:
    # Windows' own rules for paths, of which the standard library has a copy on every system.
    monkeypatch.setattr("os.path.relpath", lambda path: ntpath.relpath(str(path), "C:\\work"))
    assert cli._from_here(cast(Path, PureWindowsPath(folder))) == says


def test_a_folder_nearby_is_named_from_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli._from_here(tmp_path / "data" / "raw") == str(Path("data", "raw"))
