"""Is the region reaching its aims?

One row for each aim: the aim in the region's own words, the public measure that stands for it or that there is none,
the target, the figure, the distance in natural units, the place among regions with its interval, and the direction by
a test.
"""

from __future__ import annotations

from pydantic import Field

from insight.core.check import Check
from insight.core.finding import Finding, RowLeftOut
from insight.core.missing import Status, in_words
from insight.core.panel import Panel
from insight.studies._study import Parameters, study
from insight.studies._words import names
from insight.studies.regional_scorecard._scorecard import Scorecard, scorecard_of
from insight.studies.regional_scorecard._views import Views
from insight.studies.regional_scorecard._words import DOES_NOT_SHOW, answer, verdict_words

QUESTION = "Is the region reaching its aims?"
VERSION = "1"
# Whatever the aims of any region are held against, as the store knows it.
NEEDS = ("judgements", "aims", "parts of the aims", "flags")
CAVEATS = (
    "The measure that stands for an aim was chosen for this page, and not by the region.",
    "Up means towards the aims, down away from them: the verdict goes by tests of direction alone.",
    "A grade says how an authority was on the days of its inspection, which may be years ago.",
)


class RegionalScorecardParameters(Parameters):
    """What a page of this study depends on."""

    region: str = Field(description="the region, by its nine-character code")
    judgement_years: int = Field(default=5, ge=1, le=15, description="years over which a change of grades is tested")


def _prepare(panel: Panel, parameters: RegionalScorecardParameters) -> None:
    """Nothing: nine pages share so little that remembering it would take longer."""


@study(
    title="Regional scorecard",
    question=QUESTION,
    version=VERSION,
    needs=NEEDS,
    per="region",
    parameters=RegionalScorecardParameters,
    assumptions=(
        "Each measure stands for its aim well enough to be worth a look; the table says what it leaves out.",
        "For ranks, counts vary as much more than chance as they do among authorities.",
        "For tests of direction, years stand for themselves; short series cannot show whether they do.",
    ),
    prepare=_prepare,
)
def regional_scorecard(panel: Panel, *, region: str, judgement_years: int = 5) -> Finding:
    """How far a region is from the aims that it has set itself.

    Parameters
    ----------
    panel : Panel
        With judgements, aims and the measures that the aims name; one that is missing is said.
    region : str
        Name or code.
    judgement_years : int
        Years over which authorities that came to be Good or Outstanding are held against those that ceased to be.

    Returns
    -------
    Finding
        Aim keys are the keys of its estimates; ``<key>_distance`` and ``<key>_direction`` stand beside them. The
        verdict is "effect_up" where tests show movement towards aims and none away, "effect_down" for the reverse,
        "depends_on_measure" for both, and "cannot_tell" for neither.

    Raises
    ------
    UnknownArea
        If the region cannot be found.
    PanelError
        If several releases are loaded.
    """
    area = panel.register.region(region)
    card = scorecard_of(panel, area, judgement_years=judgement_years)
    views = Views(panel, card)
    return Finding(
        study="regional_scorecard",
        version=VERSION,
        question=QUESTION,
        area=area.code,
        area_name=area.name,
        verdict=card.verdict,
        verdict_words=verdict_words(card),
        headline=card.headline,
        words=answer(card),
        does_not_show=DOES_NOT_SHOW,
        estimates=card.estimates,
        all_checks=tuple(_checks(card)),
        all_sources=tuple(source for source in panel.sources if source.key in _sources(panel, card)),
        rows_left_out=_left_out(card),
        caveats=CAVEATS,
        charts=views.charts(),
        tables=views.tables(),
        notes=views.notes(),
        is_sample=panel.is_sample,
    )


def _sources(panel: Panel, card: Scorecard) -> set[str]:
    keys = {key for row in card.with_figures for key in row.aim.measures if key in panel.indicators}
    used = {panel.indicator(key).source for key in keys} | {"regional_aims"}
    if any(row.sign_test for row in card.rows):
        used |= {judgement.source for judgement in panel.judgements.all}
    return used | {f"{key}_dictionary" for key in used}


def _left_out(card: Scorecard) -> tuple[RowLeftOut, ...]:
    """Members without a figure, and why; once for each measure and period."""
    found = dict.fromkeys(
        (member.code, row.when, f"{row.stands_for}: {member.words or in_words(member.status)}")
        for row in card.with_figures
        for member in row.members
        if member.status != Status.VALUE.value
    )
    return tuple(RowLeftOut(*each) for each in found)


def _checks(card: Scorecard) -> list[Check]:
    """What would make a careful reader doubt the card, each answered."""
    whose = f"They were set by {card.whose}." if card.whose else "No list of aims is at hand."
    checks = [Check("The aims are the region's own", card.is_own, whose)]
    checks += [_measured(card), _members(card), _whole(card), _ties(card), _chance(card)]
    many = "False ones among directions shown are held to one in twenty."
    return [*checks, Check("Many looks are allowed for", None, f"Tests of direction: {card.looks} {many}")]


def _measured(card: Scorecard) -> Check:
    without = [row.aim.title for row in card.rows if not row.is_measured]
    meaning = f"Without one: {names(without, 12)}." if without else "Each has one."
    return Check("Every aim has a public measure, as worded", not without, meaning)


def _members(card: Scorecard) -> Check:
    gone = [
        f"{member.name} ({row.aim.title})"
        for row in card.with_figures
        for member in row.members
        if member.status != Status.VALUE.value
    ]
    meaning = f"Without a figure: {names(gone, 6)}." if gone else "No authority of the region lacks a figure."
    untold = [row.aim.title for row in card.measured if row.state == "not known"]
    more = f" So nobody can say whether it is reached: {names(untold)}." if untold else ""
    return Check("Every authority has a figure", not gone, f"{meaning}{more}")


def _whole(card: Scorecard) -> Check:
    partial = [
        f"{member.name} ({member.words})"
        for row in card.with_figures
        if not row.sign_test
        for member in row.members
        if member.words
    ]
    before = "Where one of the year before does, the table of what to know says so."
    meaning = f"Shown without a place: {names(partial, 6)}." if partial else f"No return looks partial. {before}"
    return Check("Every return of the newest year looks whole", not partial, meaning)


def _ties(card: Scorecard) -> Check:
    unclear = [row.aim.title for row in card.measured if row.state == "depends on the reading"]
    meaning = f"It does for: {names(unclear)}." if unclear else "It does for none."
    return Check("No answer hangs on how an aim or a tie is read", not unclear, meaning)


def _chance(card: Scorecard) -> Check:
    """What could be otherwise by chance alone, and of what nobody can say so."""
    of = {chance: [row.aim.title for row in card.measured if row.chance == chance] for chance in ("open", "not known")}
    said = [f"It could for: {names(of['open'], 9)}."] if of["open"] else []
    said += [f"Without an interval, nobody can say for: {names(of['not known'], 9)}."] if of["not known"] else []
    meaning = " ".join(said) or "Each answer is a full count, or its interval lies on one side."
    return Check("Chance could change no answer", not said, meaning)
