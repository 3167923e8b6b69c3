"""What would make a careful reader doubt the figure, each answered."""

from __future__ import annotations

from insight.core.check import Check
from insight.core.missing import in_words
from insight.studies._words import number
from insight.studies.indicator_profile._months import Months
from insight.studies.indicator_profile._profile import Profile
from insight.studies.indicator_profile._words import BY_CHANCE, at


def checks_of(profile: Profile, months: Months | None) -> tuple[Check, ...]:
    """In a fixed order; one that has nothing to ask of this indicator informs."""
    found = [_newest(profile), _whole(profile), _enough(profile), _counts(profile), _quarter(profile), _zero(profile)]
    if profile.trend is not None:
        found.append(profile.trend.memory)
    if months is not None and months.chart is not None:
        found += months.chart.preconditions.checks
    return (*found, _looks())


def _newest(profile: Profile) -> Check:
    name = "The newest figure is there"
    own, newest = profile.own, profile.newest
    if own is None:
        return Check(name, False, f"No period of {profile.unit.name} has a number.")
    when = f"of the figures {at(profile.measure.when(own.period))}"
    if newest is not None and own.period < newest:
        last = profile.measure.cell(profile.unit.code, newest)
        return Check(name, False, f"It is {when}; the newest is without one ({in_words(last.status)}).")
    return Check(name, True, f"It is {when}, the newest period that has any.")


def _whole(profile: Profile) -> Check:
    name = "The return behind it looks whole"
    if profile.own is None:
        return Check(name, None, "There is no figure.")
    doubt = profile.own.doubt
    return Check(
        name, not doubt, f"It may be partial: {doubt}." if doubt else "Nothing that is held speaks against it."
    )


def _enough(profile: Profile) -> Check:
    name = "Enough authorities have a figure to compare with"
    standing = profile.standing
    if standing is None:
        return Check(name, None, "There are no figures of authorities to compare.")
    several, without = standing.n_units, len(standing.left_out)
    words = f"{number(several, 0)} units have one that counts; {number(without, 0)} have none, or a partial return."
    return Check(name, several >= 30, words)


def _counts(profile: Profile) -> Check:
    name = "The counts behind the figure give it"
    standing = profile.standing
    if standing is None or standing.no_interval:
        why = "no figure of authorities" if standing is None else standing.no_interval
        return Check(name, None, f"There is no interval: {why}.")
    return Check(name, True, "They do, within rounding; intervals and the funnel rest on them.")


def _quarter(profile: Profile) -> Check:
    name = "Its quarter is the same by either rule for figures at a cut"
    standing = profile.standing
    row = standing.of(profile.unit.code) if standing is not None else None
    if standing is None or row is None or row["quarter"] is None:
        why = standing.no_quarters if standing is not None and standing.no_quarters else "it has no place"
        return Check(name, None, f"It is in no quarter: {why}.")
    return Check(name, row["quarter"] == row["strict"], standing.tied_words)


def _zero(profile: Profile) -> Check:
    name = "The figure is not exactly nothing, or all"
    standing = profile.standing
    row = standing.of(profile.unit.code) if standing is not None else None
    if row is None:
        return Check(name, None, "It has no place, so nothing rests on this.")
    words = "It is: redrawn it never varies, so its interval is too short." if row["is_zero"] else "It is not."
    return Check(name, not row["is_zero"], words)


def _looks() -> Check:
    words = f"This page tests one measure, and nothing was picked. {BY_CHANCE} Who opens many pages will meet some."
    return Check("How many looks", None, words)
