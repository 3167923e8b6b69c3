"""Aims about the inspectorate's grades: which members are Good or Outstanding, and how many more are needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

from insight.core.aims import Aim
from insight.core.area import Area
from insight.core.judgements import GRADES, Judged
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.errors import NotEnoughData
from insight.studies._words import names, number
from insight.studies.regional_scorecard._row import RANK_SEED, Member, Row, SignTest, Standing, several, without_figure

GOOD_ENOUGH = 2
FIGURE = "Share of its authorities that are Good or Outstanding"
STANDS_FOR = "Share of its authorities whose latest overall grade is Good or Outstanding"


def judged_row(panel: Panel, aim: Aim, region: Area, *, years: int) -> Row:
    """The row of an aim that grades of authorities stand for.

    Today's authorities of the register's nine regions count; the inspectorate's own tables join two of them. One whose
    latest inspection gave no grade keeps its last grade, which is said; one without any grade is counted apart.

    Parameters
    ----------
    years : int
        How far back the test of direction looks.
    """
    day = panel.judgements.newest()
    if day is None:
        return without_figure(aim, "the data at hand hold no judgements")
    members = panel.register.members(region.code)
    grades = {area.code: panel.judgements.latest(area.code, day) for area in members}
    graded = [area for area in members if grades[area.code] is not None]
    good = [area for area in graded if _is_good(grades[area.code])]
    if not graded:
        return without_figure(aim, f"no authority of {region.name} has a grade")
    needed = math.ceil(float(aim.target) / 100 * len(graded) - 1e-9)
    short = max(0, needed - len(good))
    shares = {each.code: _share(panel, each.code, day) for each in panel.register.regions}
    standing, why = _standing(shares, region.code)
    distance = f"{number(short, 0)} more of {several(len(graded), 'authorities')}"
    return Row(
        aim,
        "reached" if not short else "not reached",
        STANDS_FOR,
        target=f"{float(aim.target):g}%: {needed} of {len(graded)}",
        now=f"{number(100 * len(good) / len(graded), 0)}%: {len(good)} of {len(graded)}",
        when=f"as published by {in_words(day)}",
        distance=distance if short else f"none: {len(good)} of {len(graded)}, and {needed} are needed",
        unit="percent",
        value=100 * len(good) / len(graded),
        short_by=float(short),
        short_unit="authorities",
        needed=needed,
        figure=FIGURE,
        chance="none",
        standing=standing,
        no_standing=why,
        sign_test=_sign_test(panel, members, day, years),
        members=tuple(_member(area, grades[area.code]) for area in members),
        regions={code: 100 * part / whole for code, (part, whole) in shares.items() if whole},
        nation=_nation(shares),
        decimals=0,
        method=f"{STANDS_FOR[:1].lower()}{STANDS_FOR[1:]}; a full count, which chance does not move, so no interval",
        know=_know(panel, aim, members, grades, day),
    )


def in_words(day: date) -> str:
    """A day as a reader sees it.

    >>> in_words(date(2026, 6, 18))
    '18 June 2026'
    """
    from insight.core.period import MONTHS

    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def sign_test(better: int, worse: int) -> float | None:
    """Two-sided exact p-value that so many change one way and so many the other by a fair coin; None for no change.

    Dixon & Mood (1946), J Am Stat Assoc 41, 557-566.

    >>> sign_test(5, 0), sign_test(1, 1), sign_test(0, 0)
    (0.0625, 1.0, None)
    """
    n, fewer = better + worse, min(better, worse)
    if n == 0:
        return None
    as_lopsided: int = 2 * sum(math.comb(n, k) for k in range(fewer + 1))
    return min(1.0, as_lopsided / float(2**n))


def _is_good(judged: Judged | None) -> bool:
    return judged is not None and judged.rank is not None and judged.rank <= GOOD_ENOUGH


def _share(panel: Panel, region: str, day: date) -> tuple[int, int]:
    """How many of a region's authorities of today are Good or Outstanding, and how many have a grade."""
    grades = [panel.judgements.latest(area.code, day) for area in panel.register.members(region)]
    return sum(map(_is_good, grades)), sum(judged is not None for judged in grades)


def _nation(shares: Mapping[str, tuple[int, int]]) -> float | None:
    part, whole = (sum(pair[place] for pair in shares.values()) for place in (0, 1))
    return 100 * part / whole if whole else None


def _standing(shares: Mapping[str, tuple[int, int]], region: str) -> tuple[Standing | None, str]:
    known = {code: pair for code, pair in shares.items() if pair[1]}
    return standing_of_shares(known, region, order="high first")


def standing_of_shares(
    shares: Mapping[str, tuple[int, int]], region: str, *, order: str
) -> tuple[Standing | None, str]:
    """A region's place by a share of its authorities; the regions' own spread is allowed for.

    Parameters
    ----------
    shares : mapping of code to (part, whole)
        Of at least one authority each.
    order : "high first" or "low first"
    """
    from insight.stats.funnel import funnel_limits
    from insight.stats.rank import rank_shares

    codes = sorted(shares)
    parts, wholes = ([float(shares[code][place]) for code in codes] for place in (0, 1))
    if len(codes) < 2 or region not in shares:
        return None, "there are no other regions to compare with"
    try:
        flat = sum(parts) in (0, sum(wholes))
        phi = 1.0 if flat else funnel_limits(parts, wholes, kind="proportion").phi
    except NotEnoughData:
        phi = 1.0
    spread = min(max(1.0, phi), 0.9 * min(wholes)) if min(wholes) > 1 else 1.0
    ranks = rank_shares(
        parts,
        denominators=wholes,
        seed=RANK_SEED,
        dispersion=max(1.0, spread),
        order="high first" if order == "high first" else "low first",
    )
    own = ranks[codes.index(region)]
    how = (
        "parametric bootstrap of the number of authorities, 10,000 draws, variance "
        f"{max(1.0, spread):.2f} times that of chance; ties share the middle of their places"
    )
    return Standing(own.rank, own.low, own.high, own.of, own.is_zero, how), ""


def _sign_test(panel: Panel, members: tuple[Area, ...], day: date, years: int) -> SignTest:
    # The last day of February has no namesake in other years.
    then = day.replace(year=day.year - years, day=min(day.day, 28) if day.month == 2 else day.day)
    pairs = [(panel.judgements.latest(area.code, then), panel.judgements.latest(area.code, day)) for area in members]
    both = [(_is_good(before), _is_good(now)) for before, now in pairs if before is not None and now is not None]
    better, worse = sum(now and not before for before, now in both), sum(before and not now for before, now in both)
    return SignTest(better, worse, len(both), sign_test(better, worse), in_words(then), in_words(day))


def _member(area: Area, judged: Judged | None) -> Member:
    if judged is None or judged.rank is None:
        return Member(area.code, area.name, None, Status.NOT_AVAILABLE.value, "no grade yet")
    # Better grades stand on the right of a strip, as higher figures do.
    return Member(area.code, area.name, float(len(GRADES) + 1 - judged.rank), Status.VALUE.value, judged.grade)


def _know(
    panel: Panel, aim: Aim, members: tuple[Area, ...], grades: Mapping[str, Judged | None], day: date
) -> tuple[str, ...]:
    found = [judged for judged in grades.values() if judged is not None]
    oldest = min(found, key=lambda judged: judged.published)
    without = [area.name for area in members if grades[area.code] is None]
    ungraded = [area.name for area in members if _is_ungraded(panel, area.code, day)]
    said = [aim.reason] if aim.reason else []
    said.append(f"The oldest of these grades was published on {in_words(oldest.day)}.")
    if without:
        said.append(f"No grade yet, and not counted: {names(without)}.")
    if ungraded:
        said.append(f"The latest inspection gave no overall grade, so the one before counts: {names(ungraded)}.")
    return tuple(said)


def _is_ungraded(panel: Panel, code: str, day: date) -> bool:
    newest = panel.judgements.latest(code, day, ungraded=True)
    return newest is not None and not newest.grade
