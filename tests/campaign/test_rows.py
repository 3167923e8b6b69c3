"""Rows of reliability.md that need whole runs: 11 (one cache, many readers), 17 and 18 (the same bytes anywhere)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from insight.core.whole import write_whole
from tests.campaign.rig import STUDY, Project, make_project, published

WRITER = """
import json, sys
from pathlib import Path
from insight.core.whole import write_whole
path = Path(sys.argv[1])
for number in range(400):
    write_whole(path, json.dumps({"number": number, "rows": [number] * 500}).encode())
"""
SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    {"PYTHONHASHSEED": "77", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Auckland", "PYTHONIOENCODING": "cp1252"},
)


@pytest.fixture(scope="module")
def project(root: Path, sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(root, tmp_path_factory.mktemp("rows") / "project", sample_store.parent)


def test_a_shared_result_is_whole_for_every_one_of_ten_thousand_readings(tmp_path: Path) -> None:
    path = tmp_path / "shared.json"
    write_whole(path, json.dumps({"number": 0, "rows": [0] * 500}).encode())
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
    try:
        for _ in range(10_000):
            read = json.loads(path.read_bytes())
            assert set(read["rows"]) == {read["number"]}
    finally:
        assert writer.wait(timeout=120) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["shared.json"]


@pytest.mark.skipif(sys.platform != "linux", reason="time zones and locales by their names")
def test_two_batches_elsewhere_at_the_same_time_share_a_cache_and_give_the_same_bytes(
    project: Project, tmp_path: Path
) -> None:
    running = []
    for number, surroundings in enumerate(SURROUNDINGS):
        words = project.command(
            "run", STUDY, "--authority", "X06000005", "--authority", "X06000009", out=tmp_path / str(number)
        )
        environment = {**os.environ, **surroundings}
        running.append(
            subprocess.Popen(
                words, cwd=project.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        )
    for process in running:
        said = process.communicate(timeout=240)[0]
        assert process.returncode == 0, said
        assert b"Traceback" not in said
    first, second = (published(tmp_path / str(number)) for number in range(2))
    assert first == second
    assert sum(path.startswith("X06") and not path.endswith("index.html") for path in first) == 4
