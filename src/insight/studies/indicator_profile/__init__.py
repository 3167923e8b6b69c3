"""Any indicator, any authority: the figure, what it is held against, where it stands, and which way it goes.

A description: the number is a gap, or a slope, and never the effect of anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from insight.core.finding import Finding, RowLeftOut
from insight.core.missing import in_words
from insight.core.panel import Panel
from insight.core.results import NoteResult
from insight.core.source import Source
from insight.studies._study import Parameters, study
from insight.studies.indicator_profile._about import about_here, about_measure, missing_words
from insight.studies.indicator_profile._checks import checks_of
from insight.studies.indicator_profile._months import months_of
from insight.studies.indicator_profile._profile import Profile, estimates_of, profile_of, standing_periods
from insight.studies.indicator_profile._standing import standing_of
from insight.studies.indicator_profile._tables import Tables
from insight.studies.indicator_profile._views import Views
from insight.studies.indicator_profile._words import answer

QUESTION = "How does this authority compare, by one indicator?"
VERSION = "1"
DEFAULT = "turnover_rate_fte"
DOES_NOT_SHOW = (
    "Why the figure is what it is, or what would change it: places differ in much that is not here.",
    "Whether it is good enough: a place among others says nothing of what children need.",
    "What is behind a figure that its publisher withholds.",
)
CAVEATS = (
    "Intervals allow for chance, and for how much more than chance such figures vary.",
    "What a return leaves out, or counts twice, is not in them.",
    "The newest release is used; publishers correct earlier years.",
)


class IndicatorProfileParameters(Parameters):
    """What a page of this study depends on."""

    authority: str = Field(description="the authority, by its nine-character code")
    indicator: str = Field(default=DEFAULT, description="key of the indicator, as ins.indicators finds it")
    breakdown: str = Field(default="", description="which of its groups; empty for the total, or the first")


def _needs(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    indicator = str(parameters["indicator"])
    return indicator, f"parts of {indicator}", "flags"


def _prepare(panel: Panel, parameters: IndicatorProfileParameters) -> None:
    measure, periods = standing_periods(panel, parameters.indicator, parameters.breakdown)
    for period in periods:
        standing_of(panel, measure, period)


@study(
    title="Indicator profile",
    question=QUESTION,
    version=VERSION,
    needs=(),
    per="authority",
    parameters=IndicatorProfileParameters,
    assumptions=(
        "Figures of different authorities measure the same thing; one whose return looks partial is set apart.",
        "Chance moves a count as it moves counts of independent events, or more by what authorities differ anyway.",
        "The nation, the region and the neighbours are taken as they are published.",
    ),
    prepare=_prepare,
    named_by=("indicator", "breakdown"),
    also_needs=_needs,
)
def indicator_profile(
    panel: Panel, *, authority: str | None = None, indicator: str = DEFAULT, breakdown: str = ""
) -> Finding:
    """One indicator of one authority, beside the nation, its region and its statistical neighbours.

    Parameters
    ----------
    panel : Panel
        With the indicator and, where they are published, its numerator and denominator; one release.
    authority : str, optional
        Name or code; abolished ones are accepted, for their history. Without one, the nation's own figures.
    indicator : str
        A key of the panel.
    breakdown : str
        Which of the indicator's groups; empty for the total or, where there is none, the first by name.

    Returns
    -------
    Finding
        The headline is the gap to the nation, with the figure's interval where counts are published; of an amount,
        which grows with the area, it is the trend. The verdict is which side of nothing the interval lies on.

    Raises
    ------
    UnknownArea, AmbiguousArea
        If the authority cannot be found.
    PanelError
        If the panel lacks the indicator or the breakdown, or holds more than one release.
    """
    area = panel.register.nation if authority is None else panel.register.authority(authority, abolished=True)
    profile = profile_of(panel, area, key=indicator, breakdown=breakdown)
    estimates = estimates_of(profile)
    found = answer(profile, estimates)
    months = months_of(profile.cells) if profile.is_by_month and profile.own is not None else None
    sources = _sources(panel, profile)
    return Finding(
        study="indicator_profile",
        version=VERSION,
        question=_question(profile),
        area=area.code,
        area_name=area.name,
        verdict=found.verdict,
        headline=found.headline,
        words=found.words,
        does_not_show=DOES_NOT_SHOW,
        estimates=estimates,
        all_checks=checks_of(profile, months),
        all_sources=sources,
        rows_left_out=tuple(_left_out(profile)),
        caveats=(*profile.indicator.caveats, *CAVEATS),
        charts=Views(panel, profile, months).charts(),
        tables=Tables(panel, profile).tables(),
        notes={
            "here": NoteResult(about_here(profile, panel) or found.words, is_sample=panel.is_sample),
            "measure": NoteResult(about_measure(profile, sources), is_sample=panel.is_sample),
            "missing": NoteResult(missing_words(profile), is_sample=panel.is_sample),
        },
        is_sample=panel.is_sample,
        verdict_words=found.in_words,
    )


def _question(profile: Profile) -> str:
    return f"{profile.short_label}: how does {profile.asked.name} compare?"


def _sources(panel: Panel, profile: Profile) -> tuple[Source, ...]:
    wanted = {profile.indicator.source, f"{profile.indicator.source}_dictionary"}
    wanted |= {part.indicator.source for part in profile.parts}
    wanted |= {"statistical_neighbours"} if profile.neighbours else set()
    return tuple(source for source in panel.sources if source.key in wanted)


def _left_out(profile: Profile) -> list[RowLeftOut]:
    """Units that the comparison does without, and the unit's own periods without a number."""
    measure, standing = profile.measure, profile.standing
    rows = [] if standing is None else [(code, standing.period, why) for code, why in standing.left_out.items()]
    own = [(profile.unit.code, cell.period, "there is no number") for cell in profile.cells if cell.value is None]
    made = []
    for code, period, why in dict.fromkeys([*rows, *own]):
        cell = measure.cell(code, period)
        reason = in_words(cell.status) if cell.value is None else why
        made.append(RowLeftOut(code, measure.when(period).label, reason))
    return made
