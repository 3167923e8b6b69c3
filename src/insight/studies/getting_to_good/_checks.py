"""What would make a careful reader doubt the number, each answered."""

from __future__ import annotations

from collections.abc import Iterable

from insight.core.check import Check
from insight.core.estimate import Estimate
from insight.studies._words import names, number
from insight.studies.getting_to_good._here import Here
from insight.studies.getting_to_good._national import CHANGE, HEADLINE, ONE_LOOK, SENSITIVITIES, National
from insight.studies.getting_to_good._words import no_longer, side_of, span

FEWEST_AT_MEDIAN = 10


def checks_of(national: National, here: Here | None) -> Iterable[Check]:
    """Every check; the one about an authority comes last."""
    yield _clocks(national)
    yield _other_ways(national)
    yield _followed(national)
    yield _sources(national)
    yield _naive(national)
    yield _already(national)
    yield _abolished(national)
    yield _ungraded(national)
    yield _fell_back(national)
    yield _once(national)
    yield _left_out(national)
    if here is not None:
        yield _newest(here)


def _clocks(national: National) -> Check:
    both = [national.estimate(key) for key in (HEADLINE, CHANGE)]
    same = len({side_of(each) for each in both}) == 1
    listed = " and ".join(_said(each) for each in both)
    return Check(
        "Both clocks put the median on the same side of the claim", same, f"To the report and to the change: {listed}."
    )


def _other_ways(national: National) -> Check:
    """Whether the headline's interval holds the median of every other way of counting; like ways are one look."""
    head = national.estimate(HEADLINE)
    others = [national.estimate(key) for key in SENSITIVITIES]
    known = [each for each in others if each.value is not None]
    name = "Other ways of counting give a median inside the headline's interval"
    if head.low is None or not known:
        return Check(name, None, "There is no interval, or no other way gave a number.")
    high = float("inf") if head.high is None else head.high
    outside = [each for each in known if not head.low <= (each.value or 0.0) <= high]
    looks, missed = ({_look(each.key) for each in several} for several in (known, outside))
    meaning = f"{len(looks) - len(missed)} of {len(looks)} do."
    if len(looks) < len(known):
        meaning += " The two by ILACS alone rest on nearly the same spells, and count as one."
    listed = "; ".join(f"{each.term}: {_said(each)}" for each in outside)
    return Check(name, not outside, meaning + (f" Outside it: {listed}." if outside else ""))


def _look(key: str) -> str:
    return ONE_LOOK[0] if key in ONE_LOOK else key


def _followed(national: National) -> Check:
    several = national.counted["at_risk_at_median"]
    name = f"At least {FEWEST_AT_MEDIAN} spells are still followed at the median"
    return Check(name, several >= FEWEST_AT_MEDIAN, f"{several} are. Where few are left, a curve jumps.")


def _sources(national: National) -> Check:
    counted = national.counted
    meaning = (
        f"In overall grades they differ {counted['overall_differences']} times, in days of publication "
        f"{counted['day_differences']} times, in grades of parts {counted['part_differences']} times. "
        "The inspectorate's own files go first, and newer editions before older."
    )
    return Check("Files agree on every overall grade", counted["overall_differences"] == 0, meaning)


def _naive(national: National) -> Check:
    mean = national.estimate("naive_mean_years")
    value = "has no number" if mean.value is None else f"is {number(mean.value)} years"
    meaning = (
        f"The mean of finished spells {value}. The {national.counted['open']} spells without a Good are not in it, and "
        "long waits are the last to end. It is shown because it is a common mistake."
    )
    return Check("The mean of finished spells is not the answer", None, meaning)


def _already(national: National) -> Check:
    found = national.estimate("median_already_inadequate")
    meaning = (
        "Before 2014 child protection was judged, and not all services. Some spells were open then. "
        f"With their clock started there, the median is {_said(found)}: {found.term}."
    )
    return Check("Spells that are older than the frameworks", None, meaning)


def _abolished(national: National) -> Check:
    several = national.counted["abolished"]
    ends = [national.estimate(key) for key in ("median_good_at_abolition", "median_never_after_abolition")]
    meaning = f"{several} spells ended with their authority, and are followed until then."
    if several:
        meaning += (
            f" Had they been Good on that day, or never, the median would be {_said(ends[0])} or {_said(ends[1])}."
        )
    return Check("Abolished authorities", None, meaning)


def _ungraded(national: National) -> Check:
    counted = national.counted
    meaning = (
        f"{counted['ungraded']} reports have no overall grade, and {counted['cut_ungraded']} open spells are cut there."
    )
    if national.ungraded_since is not None:
        meaning += f" {no_longer(national.ungraded_since)}"
    return Check("Inspections without an overall grade", None, meaning)


def _fell_back(national: National) -> Check:
    several = national.counted["fell_back"]
    meaning = f"In {several} spells an Inadequate followed something better. Their clock runs on to Good."
    return Check("Falling back", None, meaning)


def _once(national: National) -> Check:
    areas = {each.area for each in national.spells}
    meaning = f"{len(national.spells)} spells of {len(areas)} authorities. Several of one would not be independent."
    return Check("Every authority counts once", len(areas) == len(national.spells), meaning)


def _left_out(national: National) -> Check:
    counted = national.counted
    meaning = (
        f"{counted['graded']} overall grades of {counted['areas']} authorities are used; {counted['unofficial']} of "
        f"them stand in no file of the inspectorate. {len(national.rows_left_out)} entries are named as left out."
    )
    return Check("What is used, and what is left out", None, meaning)


def _newest(here: Here) -> Check:
    after = [each for each in here.reports if not each.grade]
    name = "The authority's newest inspection has a grade"
    if here.latest is None:
        return Check(name, False, f"{here.area.name} has no overall grade in the files.")
    ungraded = [each for each in after if each.published > here.latest.published]
    days = names([each.published.isoformat() for each in ungraded])
    meaning = f"The report of {days} has none." if ungraded else f"It is of {here.latest.published.isoformat()}."
    return Check(name, not ungraded, meaning)


def _said(estimate: Estimate) -> str:
    if estimate.value is None:
        return f"no number {span(estimate)}"
    return f"{number(estimate.value)} years {span(estimate)}"
