"""The chance of an authority whose spell is open, beside those that had got as far with the same grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData
from insight.studies.getting_to_good._curves import Row, found_or_reason, until_published
from insight.studies.getting_to_good._spells import ABOLISHED, NEWEST, Spell

# Years ahead, and the fewest spells that a chance rests on.
AHEAD, FEWEST = 2.0, 10


def chance_ahead(spells: Sequence[Spell], spell: Spell) -> Estimate:
    """The chance of a published Good within two years, among spells that had got as far with the same grade.

    Those that were followed longer than this one, and whose newest grade stood then where this one's stands. Given with
    10 of them or more, and up to their last event (a landmark: van Houwelingen 2007, Scand J Stat 34, 70-85).
    """
    key = "area_chance_two_years"
    term = "Spells that had lasted as long with the same grade: published Good within two more years"
    if spell.cut != NEWEST:
        why = "the authority was abolished" if spell.cut == ABOLISHED else "its newest inspection gave no grade"
        return Estimate(key, term, None, "percent", "percent", f"not given: {why}")
    alike = [each for each in spells if each.years > spell.years and each.grade_after(spell.years) == spell.grade]
    rows = [Row(each.area, each.years - spell.years, each.is_good) for each in alike]

    def make() -> Estimate:
        several = f"{len(rows)} other{'' if len(rows) == 1 else 's'} had waited as long with the same grade"
        if len(rows) < FEWEST:
            raise NotEnoughData("a chance", found=f"{several}, and {FEWEST} are asked for", todo="see the curve")
        if max((row.years for row in rows if row.is_event), default=0.0) < AHEAD:
            raise NotEnoughData("a chance", found=f"no Good came so late after that in {several}", todo="see the curve")
        found = until_published(rows).chance(AHEAD, given=0.0)
        return replace(found, method=f"{found.method.partition(';')[0]}, log-log band; {several}")

    return found_or_reason(key, term, rows, make, scale="percent")
