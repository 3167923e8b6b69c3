"""How long does it take from Inadequate to Good?

Two clocks run. One stops when a Good is published. The other stops when services changed, which nobody saw: it lies
between the last report that was not Good and the first that was. Open spells count for as long as they were followed.
"""

from __future__ import annotations

from pydantic import Field

from insight.core.finding import Finding
from insight.core.panel import Panel
from insight.core.results import NoteResult
from insight.studies._study import Parameters, study
from insight.studies.getting_to_good._charts import Charts
from insight.studies.getting_to_good._checks import checks_of
from insight.studies.getting_to_good._here import Here, about_ahead, about_here, look_at
from insight.studies.getting_to_good._national import HEADLINE, National, national_model
from insight.studies.getting_to_good._tables import Tables
from insight.studies.getting_to_good._words import IN_WORDS, answer, does_not_show

QUESTION = "How long does it take from Inadequate to Good?"
VERSION = "1"
CAVEATS = (
    "Years run between days of publication; an inspection is some weeks before its report.",
    "Authorities are inspected in their own turn, so a Good is seen later where the next inspection is far away.",
)
UNOFFICIAL = "The newest inspections come from a list that is not the inspectorate's own."


class GettingToGoodParameters(Parameters):
    """What a page of this study depends on."""

    authority: str = Field(description="the authority, by its nine-character code")


def _prepare(panel: Panel, parameters: GettingToGoodParameters) -> National:
    return national_model(panel)


@study(
    title="From Inadequate to Good",
    question=QUESTION,
    version=VERSION,
    needs=("judgements",),
    per="authority",
    parameters=GettingToGoodParameters,
    assumptions=(
        "A grade stands until the next one is published; only overall grades of all services count.",
        "Those who are still waiting, or were abolished, would have gone on as the others did.",
        "Authorities wait independently of each other, and the wait was alike over the years.",
    ),
    prepare=_prepare,
)
def getting_to_good(panel: Panel, *, authority: str | None = None) -> Finding:
    """Years from a published Inadequate to Good, for the nation and, where one is named, for an authority.

    Parameters
    ----------
    panel : Panel
        With its judgements.
    authority : str, optional
        Name or code; abolished ones are accepted, for their history.

    Returns
    -------
    Finding
        The headline is the Kaplan-Meier median of years to a published Good. The verdict says where both medians lie
        beside 3 to 5 years.

    Raises
    ------
    UnknownArea, AmbiguousArea
        If the authority cannot be found.
    NotEnoughData
        If no judgement of all services has a grade.

    Notes
    -----
    Kaplan & Meier (1958), J Am Stat Assoc 53, 457-481; Turnbull (1976), J R Stat Soc B 38, 290-295.
    """
    national = national_model(panel)
    area = panel.register.nation if authority is None else panel.register.authority(authority, abolished=True)
    here = None if authority is None else look_at(panel, national, area.code)
    found = answer(national)
    headline = national.estimate(HEADLINE)
    used = {each.source.rpartition(" ")[0] for each in national.reports}
    used |= {"statistical_neighbours"} if here and here.neighbours else set()
    return Finding(
        study="getting_to_good",
        version=VERSION,
        question=QUESTION,
        area=area.code,
        area_name=area.name,
        verdict=found.verdict,
        verdict_words=IN_WORDS[found.verdict],
        headline=headline if headline.value is not None else None,
        words=found.words,
        does_not_show=does_not_show(national.ungraded_since),
        estimates=(*national.estimates, *(here.estimates if here else ())),
        all_checks=tuple(checks_of(national, here)),
        all_sources=tuple(source for source in panel.sources if source.key in used),
        rows_left_out=national.rows_left_out,
        caveats=(*CAVEATS, *((UNOFFICIAL,) if national.counted["unofficial"] else ())),
        charts=Charts(panel, national, here).by_name(),
        tables=Tables(panel, national, here).by_name(),
        notes=_notes(here, panel, national),
        is_sample=panel.is_sample,
    )


def _notes(here: Here | None, panel: Panel, national: National) -> dict[str, NoteResult]:
    if here is None:
        return {}
    return {
        "here": NoteResult(about_here(here, panel, national), is_sample=panel.is_sample),
        "ahead": NoteResult(about_ahead(here, national), is_sample=panel.is_sample),
    }
