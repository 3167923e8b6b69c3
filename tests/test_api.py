"""JupyterLab's first page: what an analyst types, and what tab completion offers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import insight as ins
from insight.core.display import MIME, Figure, Table
from insight.errors import AbolishedArea, AmbiguousArea, UnknownArea, UsageError


@pytest.fixture(autouse=True)
def in_the_sample_store(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHT_STORE", str(sample_store))


def test_tab_completion_offers_what_there_is() -> None:
    assert {"authority", "charts", "load_panel", "region", "run", "studies"} <= set(dir(ins))
    assert "caseload_turnover" in dir(ins.studies)
    assert {"trend", "line_chart", "funnel_chart"} <= set(dir(ins.charts))
    assert callable(ins.studies.caseload_turnover)


def test_a_name_that_is_not_there_says_what_is() -> None:
    with pytest.raises(AttributeError, match="load_panel"):
        _ = ins.load_pannel  # type: ignore[attr-defined]


def test_a_panel_shows_a_card() -> None:
    bundle = ins.load_panel()._repr_mimebundle_()
    assert set(bundle) == {"text/html", MIME}
    assert "SAMPLE DATA" in bundle["text/html"]
    json.dumps(bundle[MIME], allow_nan=False)


def test_places_are_looked_up_by_name_and_never_by_likeness() -> None:
    assert ins.authority("Ashquarry").code == "X06000001"
    assert ins.authority("Leeds").code == "E08000035"
    with pytest.raises(UnknownArea, match="Leeds"):
        ins.authority("Leads")
    with pytest.raises(AbolishedArea, match="West Northamptonshire"):
        ins.authority("Northamptonshire")
    with pytest.raises(AmbiguousArea, match="Kingston upon Hull"):
        ins.authority("Kingston")
    assert ins.region("Middlemarch").code == "X12000001"
    assert ins.region("North East").code == "E12000001"


def test_the_page_that_should_make_an_analyst_smile() -> None:
    panel = ins.load_panel()
    shown = ins.charts.trend(panel, "rereferral_percent", highlight="Ashquarry", against="neighbours")
    assert isinstance(shown, Figure)
    assert shown.axes is not None
    finding = ins.studies.caseload_turnover(panel, lag_years=1)
    assert isinstance(finding.plot(), Figure)
    assert isinstance(finding.tidy(), Table)
    assert isinstance(finding.checks, Table)
    assert "lag_opening" in set(finding.tidy().frame["key"])


def test_a_misspelt_argument_fails() -> None:
    with pytest.raises(TypeError, match="lag_yeras"):
        ins.studies.caseload_turnover(ins.load_panel(), lag_yeras=1)  # type: ignore[call-arg]


def test_an_older_release_is_a_vintage_and_its_revisions_can_be_listed() -> None:
    panel = ins.load_panel(indicators=["turnover_rate_fte"], vintages=True)
    assert panel.data["release"].nunique() == 2
    changed = ins.revisions("turnover_rate_fte")
    assert {"area", "time_period"} <= set(changed.columns)
    assert len(changed) > 0


def test_the_batch_runs_from_here_too(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    area = ins.authority("X06000054")
    monkeypatch.chdir(root)
    monkeypatch.setenv("INSIGHT_PROCESSED", str(tmp_path / "processed"))
    monkeypatch.delenv("INSIGHT_STORE")
    batch = ins.run("caseload_turnover", areas=area, out=tmp_path / "site", jobs=1)
    assert batch.exit_code == 0
    assert "1 pages made" in repr(batch)
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize("areas", [[], (), "Leeds", ["Leeds"]])
def test_areas_are_looked_up_first_and_none_is_not_everywhere(areas: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="areas"):
        ins.run("caseload_turnover", areas=areas, out=tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_script_that_its_workers_would_run_again_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insight.api.parent_process", lambda: object())
    with pytest.raises(UsageError, match="__main__"):
        ins.run("caseload_turnover")


SCRIPT = """
import json, sys
import insight as ins
finding = ins.studies.caseload_turnover(ins.load_panel(), authority="X06000001")
sys.stdout.write(json.dumps(finding.record(), sort_keys=True) + finding.plot("funnel").svg)
"""


def test_the_answer_does_not_depend_on_the_order_of_hashes_the_clock_or_the_locale(sample_store: Path) -> None:
    answers = set()
    for seed, zone, locale in (("1", "UTC", "C"), ("2", "Asia/Tokyo", "C.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONUTF8": "1"}
        for remembered in (sample_store / "derived").glob("*"):
            remembered.unlink()
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, timeout=300, check=True
        )
        answers.add(done.stdout)
    assert len(answers) == 1


def test_importing_is_light() -> None:
    code = "import sys, insight; print(sorted({'pandas', 'matplotlib', 'pyfixest', 'typer'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_offline_means_offline(sample_store: Path) -> None:
    code = (
        "import insight, socket\n"
        "try:\n    socket.create_connection(('192.0.2.1', 80), timeout=1)\n"
        "except PermissionError as error:\n    print(error)"
    )
    environment = {**os.environ, "INSIGHT_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert "no network at analysis time" in done.stdout
