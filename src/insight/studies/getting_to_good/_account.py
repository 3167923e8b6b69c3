"""What the checks count, and what no headline rests on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from insight.core.finding import RowLeftOut
from insight.core.judgements import OVERALL, WHOLE_SERVICE, Judgements
from insight.studies.getting_to_good._national import CLAIM
from insight.studies.getting_to_good._spells import ABOLISHED, UNGRADED, Report, Spell


def counted(judgements: Judgements, reports: Sequence[Report], spells: Sequence[Spell]) -> dict[str, int]:
    """What the checks count, but for what comes from curves."""
    differences = [each for each in judgements.differences() if each.framework in WHOLE_SERVICE]
    low, high = CLAIM
    return {
        "reports": len(reports),
        "graded": sum(bool(each.grade) for each in reports),
        "ungraded": sum(not each.grade for each in reports),
        "unofficial": sum(not each.is_official for each in reports if each.grade),
        "areas": len({each.area for each in reports}),
        "overall_differences": sum(each.what == "grade" and each.subject == OVERALL for each in differences),
        "day_differences": sum(each.what == "day of publication" for each in differences),
        "part_differences": sum(each.what == "grade" and each.subject != OVERALL for each in differences),
        "abolished": sum(each.cut == ABOLISHED for each in spells),
        "cut_ungraded": sum(each.cut == UNGRADED for each in spells),
        "open": sum(not each.is_good for each in spells),
        "fell_back": sum(each.fell_back for each in spells),
        "took_3_to_5": sum(each.is_good and low < each.years <= high for each in spells),
    }


def left_out(judgements: Judgements, reports: Sequence[Report]) -> Iterable[RowLeftOut]:
    """Earlier frameworks by area, inspections without a grade, and what other files say of the ones that count."""
    other: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in judgements.history():
        if each.framework not in WHOLE_SERVICE:
            other[each.area].append((each.published, each.framework))
    for area, found in sorted(other.items()):
        days = sorted(day for day, _ in found)
        several = Counter(framework for _, framework in found)
        listed = ", ".join(f"{count} {framework}" for framework, count in sorted(several.items()))
        span = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
        yield RowLeftOut(area, span, f"judged a part of services under an earlier framework: {listed}")
    for report in reports:
        if not report.grade:
            reason = f"no overall grade was given; inspected on {report.inspected or 'a day not said'}"
            yield RowLeftOut(report.area, report.published.isoformat(), reason)
    for said in judgements.differences():
        if said.framework in WHOLE_SERVICE:
            what = f"{said.what}{f' for {said.subject}' if said.subject else ''}"
            reason = f"{what}: {said.taken} taken from {said.taken_from}; not {said.other} of {said.other_from}"
            yield RowLeftOut(said.area, said.published, reason)
