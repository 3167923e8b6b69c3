"""Who may import whom: this list is the truth."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "insight"
EVERY = {"core", "sources", "store", "stats", "charts", "disclosure", "studies", "sample", "reporting"}
EVERY |= {"config", "fetching", "warm"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "core": set(),
    "config": set(),
    "offline": set(),
    "warm": set(),
    "reads": set(),
    "sources": {"core"},
    "stats": {"core"},
    "charts": {"core"},
    "kernel": {"warm"},
    "disclosure": {"core"},
    "fetching": {"core"},
    "sample": {"core"},
    "catalogue": {"core", "store"},
    "store": {"core", "sources"},
    "studies": {"core", "stats", "charts", "disclosure"},
    "reporting": (EVERY - {"reporting"}) | {"offline", "reads"},
    "api": (EVERY | {"catalogue"}) - {"fetching"},
    "lab": {"api", "config", "core", "reporting", "studies"},
    "cli": {*EVERY, "api"},
    "__main__": {"cli"},
    "__init__": {"core", "api", "charts", "studies", "offline", "lab"},
}
# Outside libraries that only one layer may meet.
ONLY = {
    "statsmodels": {"stats"},
    "pyfixest": {"stats"},
    "matplotlib": {"charts"},
    "seaborn": {"charts"},
    "papermill": {"reporting"},
    "nbformat": {"reporting"},
    "nbconvert": {"reporting"},
    "jupyter_client": {"kernel", "reporting"},
    "ipykernel": {"kernel", "reporting"},
    "ipywidgets": {"lab"},
    "jinja2": {"reporting"},
    "typer": {"cli"},
    "httpx": {"fetching"},
    "truststore": {"fetching"},
}
BANNED = {"pickle", "requests", "urllib.request", "http.client"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name} has a relative import"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    own = layer(path)
    assert own in ALLOWED, f"{own} is a new layer: say in this list what it may import"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "insight" and len(parts) > 1:
            target = parts[1]
            known = target in ALLOWED and target != "__init__"
            assert not known or target in {own, "errors"} | ALLOWED[own], f"{own} may not import {target}"
        assert parts[0] not in ONLY or own in ONLY[parts[0]], f"{own} may not meet {parts[0]}"
        assert name not in BANNED, f"{name} is not used here"


def test_only_the_command_line_and_the_doctor_meet_downloads() -> None:
    meeting = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if layer(path) != "fetching" and any(name.startswith("insight.fetching") for name in imports(path))
    }
    assert meeting == {"cli.py", "reporting/doctor_network.py"}


def test_only_the_gate_holds_the_key_that_makes_display_objects() -> None:
    holders = {str(path.relative_to(PACKAGE)) for path in modules() if "_mint" in path.read_text(encoding="utf-8")}
    assert holders == {"core/display.py", "disclosure/release.py"}


def test_nothing_formats_html_through_the_styler() -> None:
    for path in modules():
        text = path.read_text(encoding="utf-8")
        assert ".style." not in text, path.name
        assert "to_html(" not in text, path.name
