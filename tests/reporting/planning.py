"""A project folder and a store without figures: all that a plan looks at, cheap to change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from insight.core.area import Area
from insight.core.fingerprint import package_files, versions
from insight.reporting import keys
from insight.reporting.plan import Page, plan
from insight.store import load_register

STUDY = "caseload_turnover"


@dataclass(frozen=True)
class Planning:
    """Everything that the keys of a page are made of, each of which a test may change."""

    root: Path
    store: Path
    patch: pytest.MonkeyPatch

    @property
    def areas(self) -> tuple[Area, ...]:
        """Two authorities of the sample."""
        register = load_register(self.store)
        return register.authority("X06000001"), register.authority("X06000054")

    def page(self, study: str = STUDY, **settings: str) -> Page:
        """The page of the first authority."""
        return plan([study], self.areas[:1], settings=settings, root=self.root, store=self.store)[0]

    def notebook(self, change: Callable[[list[dict[str, Any]]], None], study: str = STUDY) -> None:
        """Change the cells of a study's notebook."""
        path = self.root / "notebooks" / f"{study}.ipynb"
        content = json.loads(path.read_bytes())
        change(content["cells"])
        path.write_text(json.dumps(content), encoding="utf-8")

    def manifest(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change what the store's manifest says."""
        path = self.store / "manifest.json"
        content = json.loads(path.read_bytes())
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    def source(self, name: str, **changed: Any) -> None:
        """Change what the manifest says of a source's current file."""

        def change(manifest: dict[str, Any]) -> None:
            (file,) = (f for f in manifest["files"] if f.get("source") == name and f["role"] == "current")
            file.update(changed)
            manifest["data_hash"] = "another"

        self.manifest(change)

    def edit(self, path: str) -> None:
        """Change a packaged file, as far as the keys see it."""
        assert path in package_files()
        changed = {**package_files(), path: "0" * 64}
        self.patch.setattr(keys, "package_files", lambda: changed)
        forget()

    def upgrade(self, library: str) -> None:
        """Change the version of a library."""

        def upgraded(*names: tuple[str, ...]) -> Mapping[str, str]:
            found = dict(versions(*names))
            return found | ({library: "99.0"} if library in found else {})

        self.patch.setattr(keys, "versions", upgraded)


def make_planning(root: Path, sample_store: Path, folder: Path, patch: pytest.MonkeyPatch) -> Planning:
    """A copy of the notebooks, and of the store without its figures."""
    shutil.copytree(root / "notebooks", folder / "project" / "notebooks")
    store = folder / "store"
    (store / "parts").mkdir(parents=True)
    shutil.copy(sample_store / "manifest.json", store)
    for register in (sample_store / "parts").glob("*.csv"):
        shutil.copy(register, store / "parts")
    return Planning(folder / "project", store, patch)


def forget() -> None:
    """Leave no changed package behind."""
    keys.sources_of.cache_clear()
    keys.rendering_sources.cache_clear()
