"""What makes a function a study."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, ParamSpec, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from insight.core.finding import Finding
from insight.core.panel import Panel
from insight.errors import UsageError

STUDY = "__insight_study__"
_PLAIN = re.compile(r"[a-z0-9_]+")
_LOST = re.compile(r"[^a-z0-9_ -]")
_DIGITS = 8
LONGEST_NAME = 65
"""Characters of a page's name: its path must be one that every system takes."""
_P = ParamSpec("_P")


class Parameters(BaseModel):
    """Base of a study's parameters: typed, closed, and equal to the notebook's parameters cell (a test compares)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def checked(cls, values: Mapping[str, Any], *, study: str) -> Self:
        """The parameters with these values.

        Raises
        ------
        UsageError
            Naming each value that cannot be used.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise _refused(study, error, list(cls.model_fields)) from None


def _refused(study: str, error: ValidationError, settable: list[str]) -> UsageError:
    problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
    return UsageError(
        f"setting the parameters of {study}",
        found=problems,
        todo=f"set only {', '.join(settable)} with values of the right kind" if settable else "leave --set out",
    )


@dataclass(frozen=True)
class Study:
    """A question that pages answer.

    ``prepare`` computes what does not depend on the authority, given the panel and the parameters; the panel remembers
    it, so a batch computes it once. ``named_by`` are parameters that stand in the page's name where they are not at
    their default, so that pages that answer differently stand side by side. ``also_needs`` gives the indicators that
    depend on parameters; the area is none of these.
    """

    name: str
    version: str
    question: str
    title: str
    needs: tuple[str, ...]
    per: Literal["authority", "region"]
    parameters: type[Parameters]
    assumptions: tuple[str, ...]
    prepare: Callable[[Panel, Parameters], object]
    named_by: tuple[str, ...] = ()
    also_needs: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None

    def needs_for(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Every indicator, and kind of list, that pages with these parameters are made of.

        Raises
        ------
        UsageError
            If a parameter that decides it is not given.
        """
        if self.also_needs is None:
            return self.needs
        try:
            return tuple(dict.fromkeys([*self.needs, *self.also_needs(parameters)]))
        except KeyError as missing:
            raise UsageError(
                f"looking up what {self.name} needs",
                found=f"no value of {missing}",
                todo=f"give it: parameters={{{missing.args[0]!r}: ...}}",
            ) from None

    def page_name(self, parameters: Mapping[str, Any]) -> str:
        """The page's name without its ending: the study, and what sets this page apart from its ordinary one.

        A name that would be longer than ``LONGEST_NAME``, or loses a character that may tell two pages apart, ends in
        some digits of the SHA-256 of what it stands for.
        """
        defaults = {name: field.default for name, field in self.parameters.model_fields.items()}
        apart = [str(parameters[name]) for name in self.named_by if parameters[name] != defaults[name]]
        plain = ["-".join(_PLAIN.findall(text.lower())) for text in apart]
        name = "--".join([self.name, *(text for text in plain if text)])
        if len(name) <= LONGEST_NAME and not any(_LOST.search(text.lower()) for text in apart):
            return name
        digits = sha256("\n".join(apart).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
        return f"{name[: LONGEST_NAME - _DIGITS - 1].rstrip('-')}-{digits}"

    def parameters_for(self, area: str, given: Mapping[str, str]) -> dict[str, Any]:
        """Checked values of every parameter for one area's page.

        Parameters
        ----------
        area : register code
        given : mapping of name to text, as typed on the command line

        Raises
        ------
        UsageError
            Naming each parameter that is unknown or has a wrong value, before anything runs.
        """
        settable = [name for name in self.parameters.model_fields if name != self.per]
        if self.per in given:
            raise UsageError(
                f"setting {self.per} with --set", found="it names the page", todo=f"use --{self.per} instead"
            )
        try:
            model = self.parameters.model_validate_strings({self.per: area, **given})
        except ValidationError as error:
            raise _refused(self.name, error, settable) from None
        return model.model_dump(mode="json")


def study(
    *,
    title: str,
    question: str,
    version: str,
    needs: tuple[str, ...],
    per: Literal["authority", "region"],
    parameters: type[Parameters],
    assumptions: tuple[str, ...],
    prepare: Callable[[Panel, Any], object],
    named_by: tuple[str, ...] = (),
    also_needs: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None,
) -> Callable[[Callable[_P, Finding]], Callable[_P, Finding]]:
    """Mark a function as the study of its name.

    Parameters
    ----------
    title : str
        A few words, as an index lists the study.
    question : str
        The question in one sentence.
    version : str
        Raised when the answer may change for the same data.
    needs : indicator keys
        Also "judgements" and "aims", which are lists.
    assumptions : sentences
    named_by : names of parameters
    also_needs : callable
        See `Study` for both.
    """

    def mark(function: Callable[_P, Finding]) -> Callable[_P, Finding]:
        name = getattr(function, "__name__", "")
        made = Study(name, version, question, title, needs, per, parameters, assumptions, prepare, named_by, also_needs)
        setattr(function, STUDY, made)
        return function

    return mark
