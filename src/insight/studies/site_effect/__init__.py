"""Do co-located test-and-learn sites reduce referrals?

The estimand is the relative change in monthly referrals per child at treated units after their start, against what
untreated units say would have happened. Few units are treated, so the interval is that of a placebo rank.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from pydantic import Field

from insight.core.area import Area
from insight.core.check import Check
from insight.core.estimate import Estimate
from insight.core.finding import Finding, RowLeftOut
from insight.core.panel import Panel
from insight.core.results import NoteResult
from insight.core.source import Source
from insight.errors import NotEnoughData
from insight.studies._study import Parameters, study
from insight.studies.site_effect._about import about_here
from insight.studies.site_effect._design import CHILDREN, COUNTS, REFERRALS, VOLUMES
from insight.studies.site_effect._effect import HEADLINE, OWN_KEY, Effect, effect_of, years_alone
from insight.studies.site_effect._figures import MEASURES, figures_of
from insight.studies.site_effect._here import Here, look_at
from insight.studies.site_effect._views import CHARTS, TABLES, YEARS_CAPTION, Views, estimates_table, no_chart, nothing
from insight.studies.site_effect._words import answer, checks, could_be, does_not_show, range_of, size_of

QUESTION = "Do co-located test-and-learn sites reduce referrals?"
VERSION = "1"
CAVEATS = (
    "One child may be referred several times.",
    "What counts as a referral changes when early help and children in need merge.",
    "Few units were treated: the interval is that of a rank among untreated ones.",
)
POLICIES = {"programme": "published", "sites": "own_counts"}
DOORS = Literal["programme", "sites"]


class SiteEffectParameters(Parameters):
    """What a page of this study depends on."""

    authority: str = Field(description="the authority, by its nine-character code")
    design: DOORS = Field(
        default="programme", description="programme: published figures; sites: the authority's own file"
    )
    programme: str = Field(default="", description="name of the programme; empty for the first that starts in the data")
    window_months: int = Field(default=36, ge=12, le=120, description="months compared before the start")
    gap_months: int = Field(default=6, ge=0, le=24, description="months right before the start that are left out")
    margin_percent: float = Field(
        default=15.0,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="change of referrals that is called too small to matter",
    )


def _prepare(panel: Panel, parameters: SiteEffectParameters) -> Effect | None:
    # Sites belong to one authority, so there is nothing to share between pages.
    if parameters.design == "sites":
        return None
    figures_of(panel)
    try:
        return _effect(
            panel, parameters.design, parameters.programme, None, parameters.window_months, parameters.gap_months
        )
    except NotEnoughData:  # every page says so in words, with what years can say
        _years_alone(panel, parameters.design, parameters.programme, parameters.gap_months)
        return None


@study(
    title="Sites and referrals",
    question=QUESTION,
    version=VERSION,
    needs=MEASURES,
    per="authority",
    parameters=SiteEffectParameters,
    assumptions=(
        "Without the work, referrals at treated units would have moved as those at untreated ones, month by month.",
        "Untreated units are not affected by the work; the table also leaves out doubtful ones.",
        "What counts as a referral changed alike everywhere; companion measures probe this.",
    ),
    prepare=_prepare,
    named_by=("design", "programme"),
)
def site_effect(
    panel: Panel,
    *,
    authority: str | None = None,
    design: DOORS = "programme",
    programme: str = "",
    window_months: int = 36,
    gap_months: int = 6,
    margin_percent: float = 15.0,
) -> Finding:
    """The effect of a programme, or of an authority's own sites, on referrals.

    Parameters
    ----------
    panel : Panel
        With referrals by month and programmes, or with an authority's own file of sites.
    authority : str, optional
        Name or code; its own page says whether it is treated, untreated, or what a site there could show.
    design : "programme" or "sites"
    programme : str
        As in the file of programmes; "" for the first that starts inside the months.
    window_months, gap_months : int
        Months compared before each start, and those right before it that are left out.
    margin_percent : float
        Change, set beforehand, below which an effect is called too small to matter.

    Returns
    -------
    Finding
        The headline is the rate ratio by Poisson imputation, its interval a placebo rank inverted.

    Raises
    ------
    UnknownArea, AmbiguousArea
        If the authority cannot be found.
    UsageError
        If there is no such programme, or a parameter has no usable value.
    NotEnoughData
        Without an authority, if nothing can be compared; with one, the page says so in words.
    """
    asked = {
        "authority": authority or "",
        "design": design,
        "programme": programme,
        "window_months": window_months,
        "gap_months": gap_months,
        "margin_percent": margin_percent,
    }
    SiteEffectParameters.checked(asked, study="site_effect")
    area = panel.register.nation if authority is None else panel.register.authority(authority, abolished=True)
    whose = area.code if design == "sites" and authority is not None else None
    try:
        effect = _effect(panel, design, programme, whose, window_months, gap_months)
    except NotEnoughData as reason:
        if authority is None:
            raise
        return _nothing(panel, area, reason, _years_alone(panel, design, programme, gap_months))
    figures = figures_of(panel)
    here = None if authority is None else look_at(panel, effect, figures, area)
    found = answer(effect, margin_percent=margin_percent)
    left_out = tuple(RowLeftOut(*row) for row in effect.left_out)
    views = Views(panel, effect, figures, here, margin_percent)
    headline = effect.estimate(HEADLINE)
    return Finding(
        study="site_effect",
        version=VERSION,
        question=QUESTION,
        area=area.code,
        area_name=area.name,
        verdict=found.verdict,
        headline=headline if headline.value is not None else None,
        words=found.words,
        does_not_show=does_not_show(effect),
        estimates=(*effect.estimates, *(here.estimates if here else ())),
        all_checks=tuple(checks(effect, margin_percent=margin_percent)),
        all_sources=_sources(panel, design, here),
        rows_left_out=left_out,
        caveats=CAVEATS,
        charts=views.charts(),
        tables=views.tables(),
        notes=_notes(effect, here, panel),
        is_sample=panel.is_sample,
        policy=POLICIES[design],
    )


def _effect(panel: Panel, design: DOORS, programme: str, area: str | None, months: int, gap: int) -> Effect:
    return effect_of(panel, design=design, programme=programme, area=area, months=months, gap=gap)


def _sources(panel: Panel, design: DOORS, here: Here | None) -> tuple[Source, ...]:
    keys = [COUNTS[design], CHILDREN[design]]
    if design == "programme":
        keys += [REFERRALS, *(key for key, _ in VOLUMES.values())]
    wanted = {panel.indicator(key).source for key in keys if key in panel.indicators} | {"programmes"}
    if here is not None and here.neighbours:
        wanted.add("statistical_neighbours")
    return tuple(source for source in panel.sources if source.key in wanted)


def _notes(effect: Effect, here: Here | None, panel: Panel) -> dict[str, NoteResult]:
    if here is None:
        return {}
    return {"here": NoteResult(about_here(effect, here, panel), is_sample=panel.is_sample)}


def _years_alone(panel: Panel, design: DOORS, programme: str, gap: int) -> list[Estimate]:
    """What years can say of a programme that months cannot."""
    if design == "sites" or not programme:
        return []
    return years_alone(panel, programme, gap=gap)


def _nothing(panel: Panel, area: Area, reason: NotEnoughData, years: list[Estimate]) -> Finding:
    """A page that says in words why there is no answer, with what years can say."""
    own = next((estimate for estimate in years if estimate.key == OWN_KEY), None)
    words: tuple[str, ...] = (f"The months do not allow an answer: {reason.found}.",)
    if own is None or own.value is None:
        words = (*words, f"What to do: {reason.todo}.")
    elif own.excludes_null is False:
        words = (*words, f"By year, referrals were {size_of(own.value)} where treated: {could_be(own)}.")
    else:
        words = (*words, f"By year, referrals were {size_of(own.value)} where treated {range_of(own)}.")
    no = partial(nothing, is_sample=panel.is_sample)
    tables = {name: partial(no, name, reason.found) for name in TABLES}
    if years:
        tables["annual"] = partial(estimates_table, years, "annual", YEARS_CAPTION, is_sample=panel.is_sample)
    return Finding(
        study="site_effect",
        version=VERSION,
        question=QUESTION,
        area=area.code,
        area_name=area.name,
        verdict="not_estimable",
        headline=None,
        words=words,
        does_not_show=("Whether referrals would have changed without the work: months are needed for that.",),
        estimates=tuple(years),
        all_checks=(Check("Months could be compared", False, f"{reason.found[:1].upper()}{reason.found[1:]}."),),
        all_sources=panel.sources,
        caveats=CAVEATS,
        charts={name: partial(no_chart, name, reason.found, is_sample=panel.is_sample) for name in CHARTS},
        tables=tables,
        notes={"here": NoteResult(words, is_sample=panel.is_sample)},
        is_sample=panel.is_sample,
    )
