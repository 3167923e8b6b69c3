"""JupyterLab's first page: what an analyst types, and what tab completion offers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import insight as ins
from insight.api import retry_pages, run_pages, why
from insight.config import load_config
from insight.core.display import MIME, Figure, Table
from insight.errors import AbolishedArea, AmbiguousArea, UnknownArea, UnknownStudy, UsageError
from insight.reporting.job import Job, Outcome
from insight.store import raw_id
from insight.studies import find


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


def test_the_batch_runs_from_here_too(
    root: Path, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = ins.authority("X06000054")
    monkeypatch.chdir(root)
    monkeypatch.setenv("INSIGHT_PROCESSED", str(sample_store.parent))
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


def test_a_study_gets_what_it_declares_and_nothing_else() -> None:
    panel = ins.load_panel(for_study="caseload_turnover")
    assert set(panel.indicators) == set(find("caseload_turnover").needs)
    assert panel.neighbours == ins.load_panel().neighbours
    assert panel.programmes.all
    with pytest.raises(UsageError, match="not both"):
        ins.load_panel(for_study="caseload_turnover", indicators=["cases"])
    with pytest.raises(UnknownStudy):
        ins.load_panel(for_study="caseload")


@pytest.mark.parametrize(
    ("study", "settings"), [("caseload_turnover", {}), ("site_effect", {}), ("site_effect", {"design": "sites"})]
)
def test_what_a_study_declares_is_all_that_it_uses(study: str, settings: dict[str, str]) -> None:
    function = getattr(ins.studies, study)
    # X06000007 has a file of its own sites.
    whole = function(ins.load_panel(), authority="X06000007", **settings)
    declared = function(ins.load_panel(for_study=study), authority="X06000007", **settings)
    assert declared.record() == whole.record()
    for name in whole.tables:
        assert declared.table(name).frame.equals(whole.table(name).frame), name
    for name in whole.charts:
        assert declared.plot(name).svg == whole.plot(name).svg, name


@pytest.fixture
def project(root: Path, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's notebooks and sample data in a folder of their own, with a store that is current."""
    folder = tmp_path / "project"
    shutil.copytree(root / "notebooks", folder / "notebooks")
    shutil.copytree(root / "data" / "raw" / "sample", folder / "data" / "raw" / "sample")
    (folder / "insight.toml").write_text('home_region = "X12000001"\n', encoding="utf-8")
    raw = folder / "data" / "raw" / "sample"
    shutil.copytree(sample_store, folder / "data" / "processed" / raw_id(raw))
    monkeypatch.chdir(folder)
    monkeypatch.delenv("INSIGHT_STORE")
    return folder


class Idle:
    """A crew that makes nothing and says so at once."""

    capacity = 1

    def __init__(self, jobs: list[Job]) -> None:
        self._jobs = jobs

    def submit(self, job: Job) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        self._jobs.append(job)
        future.set_result(Outcome("failed", reason="E501 tried: not found. To do: nothing"))
        return future

    def close(self) -> None:
        """Nobody is waiting."""


def test_what_was_not_made_is_retried_as_it_was_asked_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[Job] = []
    monkeypatch.setattr("insight.api._crew", lambda *how: Idle(jobs))
    config = load_config(flags={"out": str(project / "site")})
    batch = run_pages(config, ("caseload_turnover",), authorities=("X06000054", "X06000001"), settings=("lag_years=2",))
    assert batch.exit_code == 1
    first = [(job.study, job.area, dict(job.parameters)) for job in jobs if job.kind == "page"]
    jobs.clear()
    assert retry_pages(config).exit_code == 1
    again = [(job.study, job.area, dict(job.parameters)) for job in jobs if job.kind == "page"]
    assert sorted(map(str, again)) == sorted(map(str, first))
    assert {parameters["lag_years"] for _, _, parameters in again} == {2}


def test_where_nothing_ran_there_is_nothing_to_retry(project: Path) -> None:
    with pytest.raises(UsageError, match="insight run"):
        retry_pages(load_config(flags={"out": str(project / "site")}))


def test_why_speaks_of_one_page(project: Path) -> None:
    config = load_config(flags={"out": str(project / "site")})
    said = repr(why(config, "caseload_turnover", authority="Ashquarry", settings=("lag_years=2",)))
    assert "caseload turnover, Ashquarry" in said
    assert "X06000001/caseload_turnover.html" in said
    assert "never made here" in said
    with pytest.raises(UnknownArea):
        why(config, "caseload_turnover", authority="Ashquary")
    assert not (project / "site").exists()


PLANNED = """
import sys
from insight.api import _current_build
from insight.config import load_config
from insight.reporting.recall import Request, planned
config = load_config()
pages = planned(Request(everything=True), store=_current_build(config).store, root=config.root)
heavy = {"numpy", "pandas", "pyarrow", "pydantic", "matplotlib", "papermill", "insight.studies", "insight.core.display"}
print(len(pages), pages[0].key, sorted(heavy & set(sys.modules)))
"""


def test_a_plan_that_was_made_before_is_recalled_without_any_library(project: Path) -> None:
    said = [
        subprocess.run([sys.executable, "-c", PLANNED], capture_output=True, text=True, check=True, timeout=120).stdout
        for _ in range(2)
    ]
    assert said[1].split()[:2] == said[0].split()[:2]
    assert said[1].endswith("[]\n")
    assert "pandas" in said[0]


def test_a_run_with_nothing_to_do_loads_no_library_of_numbers(project: Path) -> None:
    code = "import sys, insight.api, insight.reporting.batch; print('pandas' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False False"


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
