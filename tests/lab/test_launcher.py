"""The launcher entry: whole, loaded under a name that changes with it, and part of every install."""

from __future__ import annotations

import json
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import insight

PLACE = "share/jupyter/labextensions/@insight/launcher"


@pytest.fixture
def package(root: Path) -> dict[str, Any]:
    """What JupyterLab reads of the extension."""
    read: dict[str, Any] = json.loads((root / PLACE / "package.json").read_text(encoding="utf-8"))
    return read


def test_the_entry_is_named_after_its_content_so_no_browser_keeps_an_old_one(
    root: Path, package: dict[str, Any]
) -> None:
    load = root / PLACE / package["jupyterlab"]["_build"]["load"]
    assert load.name == f"remoteEntry.{sha256(load.read_bytes()).hexdigest()[:20]}.js"
    assert [path.name for path in load.parent.iterdir()] == [load.name]


def test_it_bears_the_packages_version_and_comes_with_it(root: Path, package: dict[str, Any]) -> None:
    assert package["version"] == insight.__version__
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared[PLACE] == PLACE
    install = json.loads((root / PLACE / "install.json").read_text(encoding="utf-8"))
    assert install["packageName"] == project["project"]["name"]


def test_it_asks_nothing_of_the_internet(root: Path) -> None:
    (script,) = (root / PLACE / "static").iterdir()
    text = script.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text and "eval" not in text and "innerHTML" not in text
