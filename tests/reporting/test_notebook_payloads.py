"""What the notebooks show, typed and rounded, against what they showed when somebody last looked at it.

``pytest --force-regen`` writes the stored files anew after a change that was meant; the difference is then read in the
commit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from pytest_regressions.file_regression import FileRegressionFixture

from insight import studies
from insight.core.display import MIME

DIGITS = 4


def rounded(content: Any) -> Any:
    """Numbers to four significant digits, so that another processor's last digit is no change; no pictures."""
    if isinstance(content, float):
        return float(f"{content:.{DIGITS}g}")
    if isinstance(content, list):
        return [rounded(item) for item in content]
    if isinstance(content, dict):
        return {key: rounded(item) for key, item in content.items() if key not in ("svg", "sha256")}
    return content


@pytest.mark.filterwarnings("ignore")  # of papermill's own parts; warnings of our cells arrive as stderr below
@pytest.mark.parametrize("name", studies.names())
def test_a_notebook_shows_what_it_showed(
    name: str,
    root: Path,
    sample_store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file_regression: FileRegressionFixture,
) -> None:
    monkeypatch.setenv("INSIGHT_STORE", str(sample_store))
    monkeypatch.setenv("INSIGHT_OFFLINE", "1")
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        str(root / "notebooks" / f"{name}.ipynb"),
        str(out),
        kernel_name="python3",
        progress_bar=False,
        extra_arguments=["--IPKernelApp.log_level=50"],
    )
    outputs = [output for cell in nbformat.read(out, as_version=4).cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.output_type == "stream"] == []
    payloads = [rounded(output.data[MIME]) for output in outputs]
    text = json.dumps(payloads, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    file_regression.check(text, basename=f"{name}_payloads", extension=".json", encoding="utf-8")
