"""What has been chosen: a study, a place and checked parameters; and the cards that its page shows."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import insight.studies
from insight.api import load_panel
from insight.config import load_config
from insight.core.described import Described, Description
from insight.core.finding import Finding
from insight.core.panel import Panel
from insight.errors import UsageError
from insight.reporting.plan import notebook_of
from insight.studies import Study, find


@dataclass(frozen=True, repr=False)
class Choice(Described):
    """A study for one place, with a value of every parameter that its own model has checked.

    Parameters
    ----------
    parameters : mapping
        Plain values by name, the place's code among them.
    place : str
        Its name.
    """

    study: Study
    place: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def checked(cls, study: str, *, place: str, code: str, given: Mapping[str, Any]) -> Choice:
        """A choice of these values, with the defaults of those that are not given.

        Raises
        ------
        UnknownStudy, UsageError
            If there is no such study, or a value is not as its parameter wants it.
        """
        found = find(study)
        if found.per in given:
            raise UsageError(
                f"choosing {found.per} among the parameters", found="the place itself", todo=f"name it as {found.per}="
            )
        model = found.parameters.checked({found.per: code, **given}, study=study)
        return cls(found, place, model.model_dump(mode="json"))

    @property
    def more(self) -> dict[str, Any]:
        """The parameters that are not at their default, without the place."""
        fields = self.study.parameters.model_fields
        return {
            name: value
            for name, value in self.parameters.items()
            if name != self.study.per and value != fields[name].default
        }

    @property
    def code(self) -> str:
        """Lines for a notebook that give the same finding."""
        per = self.study.per
        named = {per: self.parameters[per], **self.more}
        settings = "".join(f", {name}={_literal(value)}" for name, value in named.items())
        # Where the figures depend on a parameter, they are loaded by it.
        others = {name: value for name, value in self.parameters.items() if name != per}
        needs = f", parameters={_literals(others)}" if self.study.also_needs else ""
        panel = f'panel = ins.load_panel(for_study="{self.study.name}"{needs})'
        return f"{panel}\nfinding = ins.studies.{self.study.name}(panel{settings})"

    @property
    def call(self) -> str:
        """The call that makes the same choice."""
        parts = [f'study="{self.study.name}"', f"{self.study.per}={_literal(self.parameters[self.study.per])}"]
        parts += [f"parameters={_literals(self.more)}"] if self.more else []
        return f"ins.choose({', '.join(parts)})"

    @cached_property
    def panel(self) -> Panel:
        """The figures that the study declares for these parameters."""
        return load_panel(for_study=self.study.name, parameters=self.parameters)

    @cached_property
    def finding(self) -> Finding:
        """The answer.

        Raises
        ------
        InsightError
            If the store or the place cannot give it.
        """
        made: Finding = getattr(insight.studies, self.study.name)(self.panel, **self.parameters)
        return made

    def views(self) -> Iterator[object]:
        """What the page shows, in its order: the finding's card, then words (as text) and the notebook's other views.

        The order and the words are those of the study's notebook. Its cells are read and not run: only views of the
        finding and of the panel are shown.

        Raises
        ------
        InsightError
            If the notebook is not there, or a view cannot be made.
        """
        names = {"finding": self.finding, "panel": self.panel}
        notebook = json.loads(notebook_of(self.study.name, load_config().root).read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                yield text
            elif cell["cell_type"] == "code" and (body := ast.parse(text).body) and isinstance(body[-1], ast.Expr):
                yield _view(body[-1].value, names)

    def describe(self) -> Description:
        """Question, place and parameters."""
        facts = [("place", f"{self.place} ({self.parameters[self.study.per]})")]
        facts += [(name, str(value)) for name, value in self.parameters.items() if name != self.study.per]
        return Description(self.study.question, (*facts, ("call", self.call)))


def _view(node: ast.expr, names: Mapping[str, object]) -> object:
    """What an expression of a notebook shows: attributes and calls on the finding or the panel, with literal values."""
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.Attribute) and not node.attr.startswith("_"):
        return getattr(_view(node.value, names), node.attr)
    if isinstance(node, ast.Call):
        given = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
        method: Any = _view(node.func, names)
        return method(*map(ast.literal_eval, node.args), **given)
    raise UsageError(
        "reading the notebook of a study",
        found="a cell that shows something else than a view of the finding or the panel",
        todo="open the notebook itself and run it",
    )


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _literals(values: Mapping[str, object]) -> str:
    return f"{{{', '.join(f'{_literal(name)}: {_literal(value)}' for name, value in values.items())}}}"
