"""What stands out here: strongest, weakest, what moved, after allowing for many looks.

One measure for each concept of a fixed list. A list may be short or empty, and the page says of how many.
"""

from __future__ import annotations

from pydantic import Field

from insight.core.finding import Finding, RowLeftOut
from insight.core.missing import in_words
from insight.core.panel import Panel
from insight.core.results import NoteResult
from insight.core.source import Source
from insight.studies._study import Parameters, study
from insight.studies._words import names
from insight.studies.authority_brief._checks import checks_of
from insight.studies.authority_brief._concepts import NEEDS
from insight.studies.authority_brief._estimates import estimates_of, headline_of
from insight.studies.authority_brief._laid_out import measures_of
from insight.studies.authority_brief._lists import BriefFinding
from insight.studies.authority_brief._looks import Brief, brief_of, newest_periods
from insight.studies.authority_brief._standing import standing_of
from insight.studies.authority_brief._tables import Tables
from insight.studies.authority_brief._views import england_chart
from insight.studies.authority_brief._words import answer, verdict_of

QUESTION = "What stands out here, among many measures?"
VERSION = "1"
DOES_NOT_SHOW = (
    "Why a figure is what it is, or what would change it.",
    "Whether it is good enough: England is a yardstick and no aim.",
    "What nobody counts. A measure off the lists may differ too; these data cannot tell.",
)
CAVEATS = (
    "The list of measures was chosen for this page, one for each concept. Another choice would give another brief.",
    "England's figure is taken as it is, and the authority is part of it.",
    "A rise or fall is over the years shown, and says nothing of the next one.",
    "The test of a rise or fall takes years to be independent. "
    "Where a figure carries over from year to year, it finds a steady movement more often.",
)


class AuthorityBriefParameters(Parameters):
    """What a page of this study depends on."""

    authority: str = Field(description="the authority, by its nine-character code")


def _prepare(panel: Panel, parameters: AuthorityBriefParameters) -> None:
    measures = measures_of(panel)
    for key, period in newest_periods(measures).items():
        standing_of(panel, key, measures[key], period=period)


@study(
    title="Brief: strongest, weakest, what moved",
    question=QUESTION,
    version=VERSION,
    needs=(*NEEDS, "flags"),
    per="authority",
    parameters=AuthorityBriefParameters,
    assumptions=(
        "Figures stray from year to year about how an authority does, alike in all authorities or more in small ones.",
        "Yearly figures are independent but for a steady rise or fall.",
        "Figures of different authorities measure the same thing; one whose return looks partial is set apart.",
    ),
    prepare=_prepare,
)
def authority_brief(panel: Panel, *, authority: str) -> Finding:
    """The measures of one authority that surely differ from England's, and those that moved by a test.

    Parameters
    ----------
    panel : Panel
        With whatever it has of the listed measures; what it lacks is said. One release.
    authority : str
        Name or code; abolished ones are accepted, for their history.

    Returns
    -------
    Finding
        The headline counts the measures that stand out. The verdict is "effect_up" where some lie surely on the better
        side of England and none on the other, "effect_down" for the reverse, "depends_on_measure" for both, and
        "cannot_tell" for neither. No effect of anything is meant.

    Raises
    ------
    UnknownArea, AmbiguousArea
        If the authority cannot be found.
    PanelError
        If several releases are loaded.
    """
    area = panel.register.authority(authority, abolished=True)
    brief = brief_of(panel, area)
    verdict, verdict_words = verdict_of(brief)
    sources = _sources(panel, brief)
    tables = Tables(panel, brief)
    notes = {"beside": _beside(brief, sources), **tables.empty()}
    return BriefFinding(
        study="authority_brief",
        version=VERSION,
        question=f"What stands out in {area.name}, among many measures?",
        area=area.code,
        area_name=area.name,
        verdict=verdict,
        verdict_words=verdict_words,
        headline=headline_of(brief),
        words=answer(brief),
        does_not_show=DOES_NOT_SHOW,
        estimates=estimates_of(brief),
        all_checks=checks_of(brief),
        all_sources=sources,
        rows_left_out=_left_out(brief),
        caveats=CAVEATS,
        charts={"england": lambda: england_chart(brief, is_sample=panel.is_sample)},
        tables=tables.tables(),
        notes={name: NoteResult(said, is_sample=panel.is_sample) for name, said in notes.items()},
        is_sample=panel.is_sample,
    )


def _sources(panel: Panel, brief: Brief) -> tuple[Source, ...]:
    keys = {key for look in brief.looks for key in look.concept.needs if key in panel.indicators}
    wanted = {panel.indicator(key).source for key in keys}
    wanted |= {f"{key}_dictionary" for key in wanted}
    wanted |= {"statistical_neighbours"} if any(look.neighbours for look in brief.looks) else set()
    return tuple(source for source in panel.sources if source.key in wanted)


def _beside(brief: Brief, sources: tuple[Source, ...]) -> tuple[str, ...]:
    """Whose figures they are, who stands beside them, and when they came out."""
    register = next((look.measure.register for look in brief.looks), None)
    said = []
    joint = sorted({look.unit for look in brief.looks if look.unit != brief.area.code})
    if register is not None and joint:
        listed = [look.concept.words for look in brief.looks if look.unit in joint]
        said.append(f"{names(listed, 20)}: figures of {names([register.get(code).name for code in joint])}, together.")
    listed_near = brief.looks[0].measure.neighbours.of(brief.area.code) if brief.looks else ()
    if register is not None and listed_near:
        year = max((near.model_year or 0 for look in brief.looks if (near := look.neighbours)), default=0)
        theirs = names([register.get(code).name for code in listed_near], 20)
        said.append(f"Statistical neighbours, by the {year} model: {theirs}.")
    else:
        said.append("No list of statistical neighbours names this authority.")
    dated = [f"{source.title}, {source.published}" for source in sources if source.published]
    return (*said, *([f"Days of publication, where they are recorded: {'; '.join(dated)}."] if dated else []))


def _left_out(brief: Brief) -> tuple[RowLeftOut, ...]:
    """Figures of the authority that no test rests on."""
    made = []
    for look in brief.looks:
        if look.period is None or look.cell is None:
            continue
        when = look.measure.when(look.period).label
        if look.cell.value is None:
            made.append(RowLeftOut(look.unit, when, f"{look.concept.words}: {in_words(look.cell.status)}"))
        elif look.cell.doubt:
            made.append(RowLeftOut(look.unit, when, f"{look.concept.words}: {look.cell.doubt}"))
    return tuple(made)
