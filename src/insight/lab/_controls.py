"""Controls for the parameters of a study: native form fields with labels, one for each field of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

import ipywidgets as widgets

from insight.core.html import escape
from insight.studies import Study

WIDTH = "44em"
_STYLE = {"description_width": "14em"}
_KINDS: dict[Any, type[Any]] = {int: widgets.IntText, float: widgets.FloatText}


def labelled(kind: type[Any], *, label: str, about: str = "", settings: Mapping[str, Any]) -> Any:
    """A control with a label that a screen reader reads, and a tip where there is more to say."""
    tip = {"tooltip": about} if about else {}
    return kind(description=label, style=_STYLE, layout={"width": WIDTH}, **tip, **settings)


def controls(study: Study, values: Mapping[str, Any]) -> dict[str, Any]:
    """A control for each parameter but the place, holding the value given for it or its default.

    A number may be typed whatever its limits are: the study's model says what is wrong with it, and nothing is changed
    to the nearest value that would do.
    """
    made = {}
    for name, field in study.parameters.model_fields.items():
        if name == study.per:
            continue
        value = values.get(name, field.default)
        label, about = name.replace("_", " ").capitalize(), field.description or ""
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        kind, settings = _kind(field.annotation, choices)
        made[name] = labelled(kind, label=label, about=about, settings={**settings, "value": value})
    return made


def _kind(annotation: Any, choices: tuple[Any, ...]) -> tuple[type[Any], dict[str, Any]]:
    """The form field for a type, and what it needs beside a value."""
    if choices:
        return widgets.Combobox, {"options": tuple(map(str, choices)), "continuous_update": False}
    if annotation is bool:
        return widgets.Checkbox, {"indent": True}
    return _KINDS.get(annotation, widgets.Text), {"continuous_update": False}


def hint(text: str) -> Any:
    """Words below a control."""
    return widgets.HTML(f'<div style="margin-left:14.5em;max-width:40em">{escape(text)}</div>')


def said(text: str, *, is_wrong: bool = False) -> str:
    """Words that a screen reader speaks when they change; what is wrong begins with a word that says so."""
    role, lead = ("alert", "<b>This cannot be done.</b> ") if is_wrong else ("status", "")
    body = escape(text).replace("\n", "<br>")
    edge = "#b3261e" if is_wrong else "#1d4f91"
    style = f"border-left:6px solid {edge};padding:.4em .8em;max-width:60em;white-space:normal"
    return f'<div role="{role}" style="{style}">{lead}{body}</div>' if text else ""
