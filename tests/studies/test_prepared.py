"""What pages share is prepared once: after that a page fits nothing, adds nothing up, and reads no row."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pytest

import insight as ins
from insight.core.display import MIME
from insight.core.finding import Finding
from insight.core.panel import Panel, compute_anew
from insight.errors import NotEnoughData
from insight.stats.funnel import funnel_limits
from insight.stats.rank import rank_counts
from insight.studies import find
from insight.studies._study import Study
from insight.studies.caseload_turnover._figures import SHOWN, figures_of
from insight.studies.caseload_turnover._frame import analysis_frame
from insight.studies.caseload_turnover._places import RANK_SEED, places_of
from insight.studies.site_effect import _figures as site_figures
from insight.studies.site_effect._design import CHILDREN, COMPANIONS, COUNTS, REFERRALS, VOLUMES

BESIDE = (*COMPANIONS.values(), *VOLUMES.values())
AUTHORITIES = ("X06000001", "X06000059")
NEVER_ON_A_PAGE = (
    "pyfixest",
    "statsmodels",
    "scipy",
    "insight.studies.caseload_turnover._models",
    "insight.studies.site_effect._models",
)


@cache
def load(store: Path, study: str) -> Panel:
    """The panel as the study's notebook loads it."""
    return ins.load_panel(store, for_study=study)


@pytest.fixture
def workforce(sample_store: Path) -> Panel:
    return load(sample_store, "caseload_turnover")


@pytest.fixture
def referrals(sample_store: Path) -> Panel:
    return load(sample_store, "site_effect")


def prepared(panel: Panel, study: Study, **settings: object) -> Panel:
    """The panel after the study's preparation, on which nothing may be computed any more, and without its rows."""
    study.prepare(panel, study.parameters.checked({"authority": "", **settings}, study=study.name))

    def only_look(name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        def refuse() -> NoReturn:
            raise AssertionError(f"{name} was not prepared for {dict(parameters)}")

        return panel.remember(name, parameters, refuse)

    return dataclasses.replace(panel, data=panel.data.iloc[:0], remember=only_look)


def tables_of(finding: Finding) -> list[dict[str, Any]]:
    """All that a page shows but its charts, as typed content."""
    shown = [*(finding.table(name) for name in finding.tables), *(finding.note(name) for name in finding.notes)]
    return [each._repr_mimebundle_()[MIME] for each in (*shown, finding.tidy(), finding.checks, finding.sources)]


@pytest.mark.parametrize("name", ["caseload_turnover", "site_effect"])
def test_after_preparation_a_page_of_any_authority_computes_nothing_and_reads_no_row(
    sample_store: Path, name: str
) -> None:
    panel = load(sample_store, name)
    ready = prepared(panel, find(name))
    for authority in AUTHORITIES:
        made, plain = (getattr(ins.studies, name)(each, authority=authority) for each in (ready, panel))
        assert made.record() == plain.record()
        assert tables_of(made) == tables_of(plain)
    for chart in plain.charts:
        drawn, expected = (each.plot(chart).content for each in (made, plain))
        assert drawn == expected
        assert drawn["svg"], chart


def test_that_there_is_no_answer_is_prepared_too(referrals: Panel) -> None:
    name = refused_programme(referrals)
    ready = prepared(referrals, find("site_effect"), programme=name)
    made, plain = (
        ins.studies.site_effect(each, authority=AUTHORITIES[0], programme=name) for each in (ready, referrals)
    )
    assert made.verdict == "not_estimable"
    assert made.record() == plain.record()
    with pytest.raises(NotEnoughData):
        ins.studies.site_effect(ready, programme=name)


def refused_programme(panel: Panel) -> str:
    """A programme of the sample that months cannot speak of."""
    for name in panel.programmes.names():
        try:
            ins.studies.site_effect(panel, programme=name)
        except NotEnoughData:
            return name
    raise AssertionError("every programme has an answer")


def test_a_page_after_preparation_imports_nothing_that_fits_models(sample_store: Path) -> None:
    script = """
import json, sys
import insight as ins
for name in ("caseload_turnover", "site_effect"):
    finding = getattr(ins.studies, name)(ins.load_panel(for_study=name), authority="X06000002")
    for table in finding.tables:
        finding.table(table)
    finding.tidy(), finding.checks, finding.sources, finding.note("here"), finding.card()
print(json.dumps(sorted(sys.modules)))
"""
    for name in ("caseload_turnover", "site_effect"):
        prepared(load(sample_store, name), find(name))
    settings = {**os.environ, "INSIGHT_STORE": str(sample_store)}
    run = subprocess.run([sys.executable, "-c", script], env=settings, capture_output=True, text=True, check=True)
    loaded = json.loads(run.stdout)
    assert "insight.studies.site_effect._figures" in loaded
    assert [name for name in loaded if name in NEVER_ON_A_PAGE] == []


def test_figures_are_the_same_after_a_store_remembered_them(workforce: Panel, referrals: Panel) -> None:
    def through_json(name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        return json.loads(json.dumps(compute(), allow_nan=False))

    frame = analysis_frame(workforce)
    anew, kept = (
        figures_of(dataclasses.replace(workforce, remember=each), lambda: frame)
        for each in (compute_anew, through_json)
    )
    assert kept.spans == anew.spans
    assert kept.together == anew.together
    for name, values in anew.columns.items():
        np.testing.assert_array_equal(kept.columns[name], values)
    for measure in SHOWN:
        for part in (measure, f"{measure}__status"):
            expected = frame.levels[part].to_numpy(anew.columns[part].dtype)
            np.testing.assert_array_equal(anew.columns[part], expected)
    sites, again = (
        site_figures.figures_of(dataclasses.replace(referrals, remember=each)) for each in (compute_anew, through_json)
    )
    for area in (*sites.by_month, "X99999999"):
        np.testing.assert_array_equal(again.months_of(area), sites.months_of(area))


def test_places_are_those_of_the_funnel_and_the_ranks(workforce: Panel) -> None:
    frame = analysis_frame(workforce)
    fresh = dataclasses.replace(workforce, remember=compute_anew)
    year = max(figures_of(fresh, lambda: frame).place_years.values())
    places = places_of(fresh, lambda: frame, year)
    assert places is not None
    rows = pd.DataFrame(places.rows)
    funnel = funnel_limits(rows["events"], rows["denominator"], kind="rate")
    ranks = rank_counts(rows["events"], rows["denominator"], seed=RANK_SEED, dispersion=max(1.0, funnel.phi))
    assert rows["z_score"].tolist() == list(funnel.z_scores)
    assert rows["rank"].tolist() == [rank.rank for rank in ranks]
    ends = funnel.limits(places.limits["denominator"]).groupby("multiple")["low"].agg(list)
    assert places.limits["low_2"] == pytest.approx(100 * np.array(ends[2.0]))
    assert places_of(fresh, lambda: frame, 1900) is None


def test_the_study_declares_all_that_it_looks_at(sample_store: Path, referrals: Panel) -> None:
    wanted = {*COUNTS.values(), *CHILDREN.values(), REFERRALS, *(key for key, _ in BESIDE)}
    assert set(find("site_effect").needs) == wanted
    assert set(referrals.indicators) == wanted & set(ins.load_panel(sample_store).indicators)


def test_months_without_a_row_are_not_months_without_a_number() -> None:
    cells = [("A", 5, 1.0), ("A", 3, float("nan")), ("A", 2, 4.0), ("B", 1, 0.0)]
    runs = site_figures._runs(cells)
    assert runs == {"A": [(2, [4.0, None]), (5, [1.0])], "B": [(1, [0.0])]}
    found = site_figures.Figures({}, {"A": [(-1, [10.0])]}, runs, {}, {}).months_of("A")
    assert [(month, count) for month, count, _ in found if count == count] == [(2, 4.0), (5, 1.0)]
    assert [children for _, _, children in found][:2] == pytest.approx([10.0, float("nan")], nan_ok=True)
