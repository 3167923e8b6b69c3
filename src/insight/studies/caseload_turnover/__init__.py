"""How do caseloads relate to social worker turnover?

The estimand is the difference in turnover, in leavers per 100 workers, that goes with one more case per worker at the
start of the year, within an authority and net of national years. It is an association, and the words say so.
"""

from __future__ import annotations

from functools import cached_property

from pydantic import Field

from insight.core.check import Check
from insight.core.finding import Finding
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import NoteResult
from insight.studies._study import Parameters, study
from insight.studies._words import interval, names, number
from insight.studies.caseload_turnover._figures import Figures, figures_of
from insight.studies.caseload_turnover._frame import MEASURES, NEEDS, Frame, analysis_frame
from insight.studies.caseload_turnover._here import Here, look_at
from insight.studies.caseload_turnover._national import HEADLINE, National, national_model
from insight.studies.caseload_turnover._places import Places, places_of
from insight.studies.caseload_turnover._views import Views
from insight.studies.caseload_turnover._words import DOES_NOT_SHOW, about_here, answer, small_below

QUESTION = "How do caseloads relate to social worker turnover?"
VERSION = "1"
CAVEATS = (
    "Turnover counts people who left the authority's service, and not moves inside it.",
    "Figures were revised after first publication; the newest release is used and older ones are kept.",
    "Some authorities report no leavers at all in a year, which a large service can hardly have.",
)


class CaseloadTurnoverParameters(Parameters):
    """What a page of this study depends on."""

    authority: str = Field(description="the authority, by its nine-character code")
    lag_years: int = Field(
        default=1, ge=1, le=3, description="years between the count of cases and the end of the year people leave in"
    )
    margin_percent: float = Field(
        default=15.0,
        gt=0,
        le=100,
        description="share of mean turnover that three cases must move to matter",
    )


class _Shared:
    """What pages share: the store remembers each part, and the frame is laid out only where one is missing."""

    def __init__(self, panel: Panel, lag_years: int) -> None:
        self._panel, self._lag_years = panel, lag_years

    @cached_property
    def _frame(self) -> Frame:
        return analysis_frame(self._panel, lag_years=self._lag_years)

    @cached_property
    def national(self) -> National:
        return national_model(self._panel, lambda: self._frame, lag_years=self._lag_years)

    @cached_property
    def figures(self) -> Figures:
        return figures_of(self._panel, lambda: self._frame)

    def places(self, year: int) -> Places | None:
        return places_of(self._panel, lambda: self._frame, year)


def _prepare(panel: Panel, parameters: CaseloadTurnoverParameters) -> National:
    shared = _Shared(panel, parameters.lag_years)
    for year in sorted(set(shared.figures.place_years.values())):
        shared.places(year)
    return shared.national


@study(
    title="Caseloads and turnover",
    question=QUESTION,
    version=VERSION,
    needs=NEEDS,
    per="authority",
    parameters=CaseloadTurnoverParameters,
    assumptions=(
        "What differs between authorities and never changes is taken out; so is what all authorities share in a year.",
        "Nothing else that moves both caseload and turnover inside an authority is left out: this cannot be checked.",
        "Turnover of a year does not change later caseloads; leads and differences probe this.",
    ),
    prepare=_prepare,
)
def caseload_turnover(
    panel: Panel, *, authority: str | None = None, lag_years: int = 1, margin_percent: float = 15.0
) -> Finding:
    """The association of caseload with turnover, for the nation and, where one is named, for an authority.

    Parameters
    ----------
    panel : Panel
        With the workforce indicators, one release.
    authority : str, optional
        Name or code; abolished ones are accepted, for their history.
    lag_years : int
        Years between the count of cases and the end of the year in which people leave: 1 is the day before it opens.
    margin_percent : float
        Share of mean turnover, set beforehand, that three cases more or fewer must move to matter.

    Returns
    -------
    Finding
        Verdict over three denominators of turnover; the headline is the opening one, in leavers per 100 workers for one
        more case per worker.

    Raises
    ------
    UnknownArea, AmbiguousArea
        If the authority cannot be found.
    PanelError
        If an indicator is missing, or several releases are loaded.
    NotEnoughData
        If there are fewer than two years of figures.
    """
    shared = _Shared(panel, lag_years)
    national, figures = shared.national, shared.figures
    area = panel.register.nation if authority is None else panel.register.authority(authority, abolished=True)
    here = None if authority is None else look_at(panel, figures, shared.places, national, area.code)
    found = answer(national, margin_percent=margin_percent, lag_years=lag_years)
    margin = None if national.mean_turnover is None else small_below(national, margin_percent)
    views = Views(panel, figures, national, here, margin)
    headline = national.estimate(HEADLINE)
    region = national.by_region.get(area.region_code or "", ())
    used = {panel.indicator("caseload_fte").source} | (
        {"statistical_neighbours"} if here and here.neighbours else set()
    )
    sources = tuple(source for source in panel.sources if source.key in used)
    return Finding(
        study="caseload_turnover",
        version=VERSION,
        question=QUESTION,
        area=area.code,
        area_name=area.name,
        verdict=found.verdict,
        headline=headline if headline.value is not None else None,
        words=found.words,
        does_not_show=DOES_NOT_SHOW,
        estimates=(*national.estimates, *region, *(here.estimates if here else ())),
        all_checks=tuple(_checks(national, here, margin_percent)),
        all_sources=sources,
        rows_left_out=national.rows_left_out,
        caveats=CAVEATS,
        charts=views.charts(),
        tables=views.tables(),
        notes=_notes(here, panel),
        is_sample=panel.is_sample,
    )


def _notes(here: Here | None, panel: Panel) -> dict[str, NoteResult]:
    if here is None:
        return {}
    paragraphs = about_here(here, panel)
    return {"here": NoteResult(paragraphs, is_sample=panel.is_sample)}


def _checks(national: National, here: Here | None, margin_percent: float) -> list[Check]:
    """What would make a careful reader doubt the number, each answered."""
    checks = [_same_direction(national), _leads(national), _differences(national), _enough(national)]
    checks += [_whole_returns(national), _zero_leavers(national), _identity(national)]
    checks += [_size(national, margin_percent), _free_denominator(national), _same_year(national)]
    checks.append(_left_out(national))
    return checks + ([_latest(here)] if here is not None else [])


def _same_direction(national: National) -> Check:
    values = [national.estimate(f"lag_{name}").value for name in MEASURES]
    known = [value for value in values if value is not None]
    same = len(known) == len(MEASURES) and len({value > 0 for value in known}) == 1
    listed = ", ".join(number(value, 2) for value in known) or "none"
    return Check("Three ways of counting turnover point the same way", same, f"Their estimates are {listed}.")


def _leads(national: National) -> Check:
    test = national.estimate("leads")
    name = "No sign that later caseloads matter"
    if test.value is None:
        return Check(name, None, f"This could not be tested: {test.method}.")
    return Check(
        name,
        test.value > 0.05,
        f"Caseloads at the end of the year and a year later, tested together: p = {number(test.value, 2)}. "
        "Below 0.05 would hint that leaving feeds back into caseloads. No sign does not rule it out.",
    )


def _differences(national: National) -> Check:
    first, head = national.estimate("first_differences"), national.estimate(HEADLINE)
    name = "Changes from year to year say the same"
    if first.value is None or head.value is None:
        return Check(name, None, "One of the two could not be estimated.")
    meaning = f"Change on change gives {number(first.value, 2)} where the headline is {number(head.value, 2)}."
    return Check(name, (first.value > 0) == (head.value > 0), meaning)


def _enough(national: National) -> Check:
    meaning = (
        f"{number(national.rows, 0)} rows of {national.units} authorities or joint returns; "
        f"{national.rows_before_singletons - national.rows} rows, each an authority's one year, are set aside."
    )
    return Check("There are enough authorities for the intervals", national.units >= 30, meaning)


def _whole_returns(national: National) -> Check:
    """Whether the verdict rests on returns that look partial."""
    name = "The verdict is the same without partial returns"
    flagged = national.counted["flagged"]
    three = [national.estimate(f"lag_{measure}") for measure in MEASURES]
    keys = ("without_partial_returns", "without_partial_returns_published", "without_partial_returns_mean_stock")
    without = [national.estimate(key) for key in keys]
    if any(estimate.excludes_null is None for estimate in (*three, *without)):
        return Check(name, None, f"{flagged} years rest on such a return; without them too little is left to say.")
    same = [e.excludes_null for e in three] == [e.excludes_null for e in without]
    listed = names([f"{number(estimate.value or 0.0, 2)} {interval(estimate)}" for estimate in without])
    meaning = (
        f"{flagged} authority-years rest on a return whose cases or workers jumped, or that was partly withheld. "
        f"Without them: {listed}."
    )
    return Check(name, same, meaning)


def _size(national: National, margin_percent: float) -> Check:
    """How the three intervals lie to the margin that was set beforehand."""
    margin = small_below(national, margin_percent)
    three = [national.estimate(f"lag_{measure}") for measure in MEASURES]
    ends = [end for estimate in three for end in (estimate.low, estimate.high) if end is not None]
    inside = bool(ends) and max(abs(end) for end in ends) < margin
    share = f"{number(margin_percent, 0)}% of mean turnover for three cases, so {number(margin, 2)} for one"
    meaning = f"Set beforehand: {share}. {'All three intervals lie' if inside else 'Not all intervals lie'} inside it."
    return Check("Size, against what was called too small to matter", None, meaning)


def _free_denominator(national: National) -> Check:
    """Caseload is a ratio: whether its two parts point the way that the ratio does."""
    cases, holders = (national.estimate(f"free_denominator{end}") for end in ("", "_case_holders"))
    name = "Cases and case holders, entered apart, point the same way as their ratio"
    if cases.value is None or holders.value is None:
        return Check(name, None, "They could not be estimated.")
    head = national.estimate(HEADLINE).value or 0.0
    same = (cases.value > 1) == (head > 0) and (holders.value < 1) == (head > 0)
    meaning = (
        f"A tenth more cases went with {number(cases.value, 3)} times as many leavers {interval(cases, 3)}. "
        f"A tenth more case holders went with {number(holders.value, 3)} {interval(holders, 3)}."
    )
    return Check(name, same, meaning)


def _zero_leavers(national: National) -> Check:
    zero = national.counted["zero_leavers"]
    without = national.estimate("without_zero_leavers")
    effect = (
        "" if without.value is None else f" Without any year of no leavers the estimate is {number(without.value, 2)}."
    )
    meaning = f"{zero} authority-years report no leaver among 50 or more full-time workers.{effect}"
    return Check("No large service reports zero leavers", zero == 0, meaning)


def _identity(national: National) -> Check:
    """Published turnover against leavers over closing stock, within what rounding to one decimal allows."""
    off, rates = national.counted["off"], national.counted["rates"]
    meaning = f"{off} of {number(rates, 0)} published rates differ from that share by more than rounding."
    return Check("Published turnover equals leavers over closing stock", off == 0, meaning)


def _same_year(national: National) -> Check:
    found = national.estimate("same_year")
    value = "none could be estimated" if found.value is None else f"{number(found.value, 2)} {interval(found)}"
    return Check(
        "The reverse direction, described and never counted as support",
        None,
        f"With the caseload at the end of the year, which leavers themselves change: {value}.",
    )


def _left_out(national: National) -> Check:
    several, rows = len(national.rows_left_out), national.counted["rows"]
    share = several / max(1, rows)
    listed = names(national.names_left_out, most=6) or "none"
    meaning = f"{several} of {number(rows, 0)} rows ({number(100 * share)}%): {listed}."
    return Check("Rows left out, each with its reason", None, meaning)


def _latest(here: Here) -> Check:
    name = "The authority's newest figures are all there"
    if here.rows.empty:
        return Check(name, False, f"The workforce figures have no row for {here.asked.name}.")
    last = here.rows.iloc[-1]
    hidden = [key for key in ("caseload_fte", "leavers_fte", "inpost_fte") if last[f"{key}__status"] != Status.VALUE]
    words = {"caseload_fte": "caseload", "leavers_fte": "leavers", "inpost_fte": "workers in post"}
    listed = names([words[key] for key in hidden])
    year = int(last["time_period"])
    return Check(name, not hidden, f"Hidden in {year}: {listed}." if hidden else f"Nothing is hidden in {year}.")
