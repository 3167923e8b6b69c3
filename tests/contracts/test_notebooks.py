"""Notebooks call and explain; the package computes."""

from __future__ import annotations

import ast
import json
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from insight import studies

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# The chooser answers no question by itself: it is where one is chosen.
STUDIES = [path for path in NOTEBOOKS if path.stem != "chooser"]
ALLOWED_METADATA = {"kernelspec", "language_info"}
BANNED = (
    ast.FunctionDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.BinOp,
    ast.With,
    ast.Try,
    ast.ListComp,
    ast.DictComp,
    ast.JoinedStr,
    ast.ClassDef,
)


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def parameters_cell(path: Path) -> str:
    tagged = [cell for cell in code_cells(path) if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    return source(tagged[0])


def written_type(annotation: Any) -> str:
    """A choice among texts is written as text: a notebook imports nothing but the package."""
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    return type(choices[0]).__name__ if choices else str(annotation.__name__)


def test_every_study_has_its_notebook_and_every_notebook_its_study() -> None:
    assert {path.stem for path in STUDIES} == set(studies.names())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_clean(path: Path) -> None:
    notebook = read(path)
    assert set(notebook["metadata"]) <= ALLOWED_METADATA
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags"}
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_only_calls(path: Path) -> None:
    for cell in code_cells(path):
        text = source(cell)
        # One call may stand over several lines, an argument each, as the formatter lays it out.
        assert len(text.splitlines()) <= (6 if len(ast.parse(text).body) > 2 else 10), text
        tree = ast.parse(text)
        for node in ast.walk(tree):
            assert not isinstance(node, BANNED), f"{type(node).__name__} in: {text}"
            if isinstance(node, ast.Import):
                assert [alias.name for alias in node.names] == ["insight"]
            assert not isinstance(node, ast.ImportFrom)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert "/" not in node.value and "\\" not in node.value, "a path in a notebook"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_one_title_and_skips_no_level(path: Path) -> None:
    texts = [source(cell) for cell in read(path)["cells"] if cell["cell_type"] == "markdown"]
    levels = [len(line) - len(line.lstrip("#")) for text in texts for line in text.splitlines() if line.startswith("#")]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_notebook_is_neither_thin_nor_endless(path: Path) -> None:
    # One display per cell: docs/decisions.md says why the upper bound is wider than the usual fourteen.
    assert 8 <= len(read(path)["cells"]) <= 26


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_the_parameters_cell_equals_the_studys_model(path: Path) -> None:
    study = studies.find(path.stem)
    tree = ast.parse(parameters_cell(path))
    assert all(isinstance(node, ast.AnnAssign) for node in tree.body)
    written = {node.target.id: node for node in tree.body}  # type: ignore[union-attr, attr-defined]  # asserted above
    fields = study.parameters.model_fields
    assert list(written) == list(fields)
    lines = parameters_cell(path).splitlines()
    for name, field in fields.items():
        node = written[name]
        assert ast.unparse(node.annotation) == written_type(field.annotation)  # type: ignore[attr-defined]
        if not field.is_required():
            assert ast.literal_eval(node.value) == field.default  # type: ignore[attr-defined]
        assert lines[node.lineno - 1].split("# ", 1)[1] == field.description
