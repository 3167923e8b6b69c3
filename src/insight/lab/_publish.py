"""From a finding in a notebook to its page in a site."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insight.api import authority, region, run_pages
from insight.config import load_config
from insight.core.finding import Finding
from insight.errors import UsageError
from insight.lab._choice import Choice
from insight.studies import find

if TYPE_CHECKING:
    from insight.lab._chooser import Chooser
    from insight.reporting.batch import Batch


def publish(
    what: Finding | Choice | Chooser,
    *,
    parameters: Mapping[str, Any] | None = None,
    out: Path | str | None = None,
) -> Batch:
    """Make the page of a finding, or of what has been chosen, as ``insight run`` makes it.

    Parameters
    ----------
    what : Finding, Choice or Chooser
        A choice knows its parameters. A finding does not, so those that were not at their default are given too.
    parameters : mapping, optional
        By name; of a finding alone.
    out : path, optional
        The site's folder; without it, the one in force (``insight config`` shows it).

    Returns
    -------
    Batch
        Its one result says whether the page was made, and where it stands in the site.

    Raises
    ------
    UsageError
        If a finding is not what these parameters give now: nothing is published in its name.
    InsightError
        If a place, parameter or file is not as it should be.
    """
    if isinstance(what, Finding):
        choice = _of_finding(what, parameters or {})
    elif parameters:
        raise UsageError(
            "publishing what was chosen",
            found="parameters beside those of the choice",
            todo="choose again with them: ins.choose(..., parameters=...)",
        )
    else:
        choice = what if isinstance(what, Choice) else what.choice
    config = load_config(flags={"out": str(out) if out is not None else None})
    place = (str(choice.parameters[choice.study.per]),)
    is_region = choice.study.per == "region"
    return run_pages(
        config,
        (choice.study.name,),
        authorities=() if is_region else place,
        regions=place if is_region else (),
        settings=tuple(f"{name}={_typed(value)}" for name, value in choice.more.items()),
        jobs=1,
    )


def _of_finding(finding: Finding, given: Mapping[str, Any]) -> Choice:
    """The choice that gives this very finding."""
    study = find(finding.study)
    others = {name: value for name, value in given.items() if name != study.per}
    place = str(given.get(study.per, finding.area))
    area = region(place) if study.per == "region" else authority(place, abolished=True)
    choice = Choice.checked(finding.study, place=area.name, code=area.code, given=others)
    if choice.finding.record() != finding.record():
        raise UsageError(
            f"publishing the finding of {finding.study} for {finding.area_name}",
            found="another answer with these parameters and the store at hand",
            todo="give those that it was made with: ins.publish(finding, parameters={...})",
        )
    return choice


def _typed(value: object) -> str:
    """A value as it is typed after ``--set NAME=``."""
    return str(value).lower() if isinstance(value, bool) else str(value)
