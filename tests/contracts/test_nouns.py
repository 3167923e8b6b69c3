"""Nouns are frozen, and say the same in text and in their card."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from datetime import date
from html import unescape

import pandas as pd
import pytest

import insight.core as core
from insight.core.check import Check
from insight.core.described import Described
from insight.core.estimate import Estimate
from insight.core.events import COLUMNS, Events
from insight.core.finding import Finding
from insight.core.indicator import Indicator
from insight.core.neighbours import Neighbour, Neighbours
from insight.core.panel import Panel
from insight.core.period import Period, PeriodKind
from insight.core.programmes import Programme, Programmes
from insight.core.register import Register
from insight.core.source import Source
from tests.making import made_finding, made_panel

NOUNS: list[Described] = [
    Programmes((Programme("Pilot", "E1", "", "2023-07-26", "2023-07", "", "A <b>pilot</b>.", "a paper"),)),
    Period.of("2025", PeriodKind.YEAR_TO_MARCH),
    Source("workforce", "DfE", "Workforce", "address", "OGL", known_problems=("<b>one</b>",)),
    Indicator("cases", "Cases & <more>", "count", "neither", PeriodKind.AT_SEPTEMBER, "workforce"),
    Estimate("k", "term", 1.5, "points", "difference", "a method", low=1.0, high=2.0),
    Check("name", None, "meaning"),
    Events(pd.DataFrame([["E1", date(2025, 1, 1), "judgement", "Good", "ofsted"]], columns=list(COLUMNS))),
    Neighbours((Neighbour("E1", 2025, 1, "E2", "Close"),)),
    Register.read().authority("Leeds"),
    made_panel(),
    made_finding(),
]


def core_dataclasses() -> list[type]:
    found = []
    for module in pkgutil.iter_modules(core.__path__, "insight.core."):
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if dataclasses.is_dataclass(kind) and kind.__module__ == module.name:
                found.append(kind)
    return found


@pytest.mark.parametrize("kind", core_dataclasses(), ids=lambda kind: kind.__name__)
def test_every_noun_is_frozen(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: type(noun).__name__)
def test_text_and_card_state_the_same_facts(noun: Described) -> None:
    description = noun.describe()
    text, html = repr(noun), unescape(noun._repr_html_())
    for part in (description.title, *(value for _, value in description.facts)):
        assert part in text
        assert part in html


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: type(noun).__name__)
def test_a_noun_cannot_be_changed(noun: Described) -> None:
    name = dataclasses.fields(noun)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(noun, name, "other")


def test_frames_are_handed_out_as_copies() -> None:
    panel = made_panel()
    copy = panel.frame
    copy["value"] = 0.0
    assert (panel.frame["value"] != 0).any()
    assert isinstance(panel, Panel)
    assert isinstance(made_finding(), Finding)
