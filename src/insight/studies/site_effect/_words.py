"""The answer in words, by rule from the numbers: which design leads, what the interval allows, what it cannot show."""

from __future__ import annotations

from dataclasses import dataclass

from insight.core.check import Check
from insight.core.estimate import Estimate
from insight.core.finding import Verdict
from insight.studies._words import names, number
from insight.studies.site_effect._design import month_words
from insight.studies.site_effect._effect import OTHERS, WITHOUT, Effect

# Treated units whose own numbers lie on both sides of no change by this much do not share a direction.
APART = 0.05
# A bend, as a share a quarter, that is as good as none.
HARDLY = 0.0005
NOT_NEEDED = "not needed"
_DATES = {"funded": "when they were funded", "announced": "when they were announced", "live": "when they went live"}


@dataclass(frozen=True)
class Answer:
    """Verdict and sentences."""

    verdict: Verdict
    words: tuple[str, ...]


def does_not_show(effect: Effect) -> tuple[str, ...]:
    """What no number on the page can show."""
    shared = "Why referrals changed: how a referral is counted may change with the work itself."
    selection = (
        ("What the work did, rather than how areas were chosen: its live dates are not known.",)
        if effect.facts["is_selection"]
        else ()
    )
    if effect.door == "sites":
        return (
            "What another authority would see: these are the sites of one.",
            "That the other sites are unaffected: referrals may move from one site to the next.",
            shared,
            *selection,
        )
    return (
        "What one site or team did: these are totals of whole authorities.",
        "What sitting together does: such a programme changes much else, and no public figures name single sites.",
        "What comes later: the published months end soon after the start.",
        shared,
        *selection,
    )


def answer(effect: Effect, *, margin_percent: float) -> Answer:
    """The verdict and its sentences.

    ``margin_percent`` was set before the numbers were seen: an interval wholly inside it is "no effect larger than".
    """
    head = effect.estimate("poisson_imputation")
    if head.value is None:
        return Answer("not_estimable", (f"The data do not allow an answer: {head.method}.",))
    if head.low is None or head.high is None:
        return Answer("cannot_tell", ("The data cannot tell.", _too_few(effect), _each(effect)))
    if head.excludes_null:
        return _changed(effect, head)
    both = (head, effect.estimate("per_authority_weighting"))
    # Sites much smaller than the others are noisier than their ranks: the interval is too narrow for "no effect".
    if all(_inside(each, margin_percent) for each in both) and not _is_narrow(effect):
        first = f"The figures show no effect on referrals larger than {number(margin_percent, 0)}%."
        return Answer("no_effect_larger_than", (first, _pooled(effect, head)))
    first = f"The data cannot tell whether {_subject(effect)} changed referrals {_when(effect)}."
    if is_apart(effect):
        return Answer("cannot_tell", (first, _each(effect), f"Together, the difference {could_be(head)}."))
    return Answer("cannot_tell", (first, _pooled(effect, head), _noticed(effect)))


def _is_narrow(effect: Effect) -> bool:
    """Whether something says that the intervals are too narrow, or off the mark, for "no effect larger than"."""
    before = ("pre_trend", "placebo_date_1", "placebo_date_2")
    if is_apart(effect) or any(effect.estimate(key).excludes_null for key in before):
        return True
    return _is_small(effect)


def _is_small(effect: Effect) -> bool:
    """Whether treated sites are much smaller than those they are compared with."""
    said = [estimate.method for estimate in effect.estimates if estimate.key == "p_rescaled"]
    return any(not method.startswith(NOT_NEEDED) for method in said)


def _changed(effect: Effect, head: Estimate) -> Answer:
    """The interval excludes no change: what else must agree before it is called an effect."""
    doubts = doubts_of(effect)
    if doubts:
        first = f"It depends on how the question is asked: {doubts[0]}."
        return Answer("depends_on_measure", (first, _pooled(effect, head), _each(effect)))
    verdict: Verdict = "effect_down" if (head.value or 1) < 1 else "effect_up"
    words = [_pooled(effect, head)]
    if effect.facts["is_selection"]:
        words.append("The start counted is not the day of going live, so this may come from selection.")
    return Answer(verdict, (*words, _elsewhere(effect, head) or _noticed(effect)))


def _elsewhere(effect: Effect, head: Estimate) -> str:
    """Where one kind of site falls and the others rise, referrals may simply have moved."""
    if effect.door != "sites" or not effect.has("rest_change"):
        return ""
    rest, whole = effect.estimate("rest_change").value or 1, effect.estimate("whole_change").value or 1
    if (rest > 1) == ((head.value or 1) > 1):
        return ""
    return f"The other sites were {size_of(rest)}, and all together {size_of(whole)}: some referrals may have moved."


def doubts_of(effect: Effect) -> list[str]:
    """Why a change that excludes nothing is still not called an effect, each as a clause."""
    head = effect.estimate("poisson_imputation")
    down = (head.value or 1) < 1
    found = []
    weighted = effect.estimate("per_authority_weighting")
    if weighted.value is not None and ((weighted.value < 1) != down or weighted.excludes_null is False):
        unit = "site" if effect.door == "sites" else "authority"
        found.append(f"with every {unit} counted alike it could be nothing")
    if is_apart(effect):
        found.append("those that took part moved in different directions")
    trend = effect.estimate("pre_trend")
    if trend.excludes_null:
        found.append("those that took part were on another path before the start")
    comparative = effect.estimate("comparative_its")
    if comparative.value is not None and (comparative.value < 1) != down:
        found.append("with the earlier trend carried on, it points the other way")
    elif comparative.excludes_null is False:
        found.append("with the earlier trend carried on, it could be nothing")
    if effect.has("p_rescaled") and effect.estimate("rescaled").excludes_null is not True:
        found.append("with the noise of such small sites allowed for, it could be nothing")
    if any(effect.estimate(f"placebo_date_{place}").excludes_null for place in (1, 2)):
        found.append("a start pretended before the real one seems to have an effect too")
    if effect.has("companion_rereferral"):
        again = effect.estimate("companion_rereferral")
        if down and again.low is not None and again.low > 0:
            found.append("fewer referrals came, but more of them were repeats")
    if effect.has("companion_section_47"):
        enquiries = effect.estimate("companion_section_47")
        if down and enquiries.low is not None and enquiries.low > 1:
            found.append("fewer referrals came, but more section 47 enquiries were started")
    return found


def is_apart(effect: Effect) -> bool:
    """Whether treated units, or the two weightings, lie on both sides of no change."""
    alone = [e.value for e in treated_alone(effect) if e.value is not None]
    if alone and min(alone) < 1 - APART and max(alone) > 1 + APART:
        return True
    both = [effect.estimate(key).value for key in ("poisson_imputation", "per_authority_weighting")]
    known = [value for value in both if value is not None]
    return len({value < 1 for value in known}) > 1


def treated_alone(effect: Effect) -> list[Estimate]:
    """The estimate of each treated unit by itself."""
    return [estimate for estimate in effect.estimates if estimate.key.startswith("treated_")]


def size_of(value: float) -> str:
    """A ratio as a change in words.

    >>> size_of(0.83), size_of(1.22), size_of(1.001)
    ('17% lower', '22% higher', 'the same')
    """
    percent = round(100 * abs(value - 1))
    if percent == 0:
        return "the same"
    return f"{percent}% {'lower' if value < 1 else 'higher'}"


def beside(value: float) -> str:
    """A ratio as a change in words, ready for what it is held against.

    >>> beside(0.83), beside(1.001)
    ('17% lower than', 'the same as')
    """
    size = size_of(value)
    return f"{size} {'as' if size == 'the same' else 'than'}"


def could_be(estimate: Estimate) -> str:
    """What an interval of ratios that spans no change allows.

    >>> could_be(Estimate("k", "t", 1.1, "u", "ratio", "m", low=0.82, high=1.41, null=1.0))
    'could be nothing, could be up to 18% fewer or 41% more referrals'
    """
    fewer, more = round(100 * (1 - (estimate.low or 1))), round(100 * ((estimate.high or 1) - 1))
    ends = [f"{size}% {way}" for size, way in ((fewer, "fewer"), (more, "more")) if size > 0]
    return f"could be nothing, could be up to {' or '.join(ends)} referrals" if ends else "could be nothing"


def ends_of(estimate: Estimate) -> str:
    """The ends of an interval of ratios, as changes."""
    if estimate.low is None or estimate.high is None:
        return "no interval"
    return f"{size_of(estimate.low)} to {size_of(estimate.high)}"


def range_of(estimate: Estimate) -> str:
    """The interval of a ratio in brackets, as changes.

    >>> range_of(Estimate("k", "t", 0.8, "u", "ratio", "m", low=0.7, high=0.9, null=1.0))
    '(95% interval: 30% lower to 10% lower)'
    """
    if estimate.low is None or estimate.high is None:
        return "(no interval)"
    return f"({estimate.level:.0%} interval: {ends_of(estimate)})"


def _subject(effect: Effect) -> str:
    """What is asked about; a long name is left to the page's title of the chart."""
    if effect.door == "sites":
        return "the work at these sites"
    return f"the {effect.name}" if len(effect.name.split()) <= 9 else "this programme"


def _when(effect: Effect) -> str:
    return f"from {month_words(effect.facts['first_start'])} to {month_words(effect.facts['last'])}"


def _treated_words(effect: Effect) -> str:
    count = effect.facts["n_treated"]
    kind = ("site", "sites") if effect.door == "sites" else ("authority", "authorities")
    return f"the {kind[0]} that took part" if count == 1 else f"the {count} {kind[1]} that took part"


def _others(effect: Effect) -> str:
    return OTHERS[effect.door]


def _pooled(effect: Effect, head: Estimate) -> str:
    if head.excludes_null is False:
        return f"At {_treated_words(effect)}, the difference from others {could_be(head)}."
    than = f"{beside(head.value or 1)} expected from {_others(effect)}"
    return f"Referrals at {_treated_words(effect)} were {than} {range_of(head)}."


def _each(effect: Effect) -> str:
    alone = sorted((e for e in treated_alone(effect) if e.value is not None), key=lambda e: e.value or 1)
    if not alone:
        return "None of those that took part can be shown alone."
    parts = [f"{estimate.term.removesuffix(' alone')} {size_of(estimate.value or 1)}" for estimate in alone]
    if len(parts) > 4:
        lower = sum((estimate.value or 1) < 1 for estimate in alone)
        return f"Of {len(alone)} that took part, {lower} were lower than expected and {len(alone) - lower} higher."
    doubt = "; each alone could be nothing" if all(e.excludes_null is False for e in alone) else ""
    return f"Each against {_others(effect)}: {names(parts)}{doubt}."


def _noticed(effect: Effect) -> str:
    found = effect.estimate("smallest_noticeable").value
    if found is None:
        return "Even a very large fall could have gone unnoticed."
    return f"A fall of less than {number(found, 0)}% would often have gone unnoticed."


def _too_few(effect: Effect) -> str:
    facts = effect.facts
    if facts["n_clusters"] < facts["n_treated"]:
        return (
            f"Treated sites that started together count as one. With {facts['n_clusters']} among "
            f"{facts['n_donors'] + facts['n_clusters']} no interval can be given."
        )
    units = "sites" if effect.door == "sites" else "authorities"
    return (
        f"With {facts['n_treated']} treated among {facts['n_donors'] + facts['n_treated']} {units}, chance alone could "
        "make any change look unusual, so no interval can be given."
    )


def _inside(estimate: Estimate, margin_percent: float) -> bool:
    share = margin_percent / 100
    return (
        estimate.low is not None
        and estimate.high is not None
        and estimate.low > 1 - share
        and estimate.high < 1 + share
    )


def checks(effect: Effect, *, margin_percent: float) -> list[Check]:
    """What would make a careful reader doubt the number, each answered."""
    found = [
        _check_start(effect),
        _check_weightings(effect),
        _check_trend(effect),
        _check_bend(effect),
        _check_dates(effect),
        _check_donors(effect),
        _check_returns(effect),
        _check_others(effect),
        _check_power(effect, margin_percent),
        _check_rank(effect),
        _check_looks(effect),
    ]
    if effect.door == "sites":
        return [*found, _check_size(effect), _check_exposure(effect), _check_independence(effect)]
    return [*found, _check_repeats(effect)]


def _check_start(effect: Effect) -> Check:
    kinds = names([_DATES[kind] for kind in effect.facts["kinds"]])
    first, last = month_words(effect.facts["first_start"]), month_words(effect.facts["last_start"])
    when = f"from {first}" if first == last else f"from {first} to {last}"
    meaning = f"Treatment is counted {when}, {kinds}. The {effect.facts['gap']} months before are in neither side."
    if effect.facts["is_selection"]:
        meaning += " Before a live date is known, a difference may come from how areas were chosen."
    return Check("The start is the day of going live", not effect.facts["is_selection"], meaning)


def _check_weightings(effect: Effect) -> Check:
    values = [effect.estimate(key).value for key in ("poisson_imputation", "per_authority_weighting")]
    known = [size_of(value) for value in values if value is not None]
    return Check(
        "Treated units point the same way",
        not is_apart(effect),
        f"{_each(effect)} Every referral alike: {known[0]}; every unit alike: {known[-1]}. "
        "Where they differ, none leads.",
    )


def _check_trend(effect: Effect) -> Check:
    name, trend = "No sign of another path before the start", effect.estimate("pre_trend")
    if trend.value is None:
        return Check(name, None, f"This could not be tested: {trend.method}.")
    if trend.excludes_null is None:
        moved = f"Before the start, treated units moved {size_of(trend.value)} a year against the others"
        return Check(name, None, f"{moved}; no interval can be given.")
    return Check(
        name,
        not trend.excludes_null,
        f"Before the start, treated units moved {size_of(trend.value)} a year against the others {range_of(trend)}. "
        "No sign does not settle it: such a test misses most real differences.",
    )


def _check_bend(effect: Effect) -> Check:
    name = "How far off the comparison may be"
    if not effect.sensitivity:
        return Check(name, None, "There are too few whole quarters, or too few untreated ones, to say.")
    straight = effect.sensitivity[0]
    head = effect.estimate("poisson_imputation")
    wide = f"{size_of(straight['low'])} to {size_of(straight['high'])}"
    if not head.excludes_null:
        return Check(name, None, _straight(wide))
    breakdown = effect.facts["breakdown"]
    if not breakdown or breakdown < HARDLY:
        return Check(name, False, _straight(wide))
    bend = number(100 * breakdown, 1)
    return Check(name, True, f"It stands while the difference in trends bends by less than {bend}% a quarter.")


def _straight(wide: str) -> str:
    return f"If the earlier difference in trends went on in a straight line, the 95% interval would be {wide}."


def _check_dates(effect: Effect) -> Check:
    """Pretended starts must show nothing, and nothing as large as the headline."""
    name = "No effect where there was none: pretended starts"
    dated = [effect.estimate(key) for key in ("placebo_date_1", "placebo_date_2")]
    known = [estimate for estimate in dated if estimate.value is not None]
    if not known:
        return Check(name, None, "There are too few months before the start to pretend an earlier one.")
    listed = "; ".join(f"{estimate.term.split(': ')[-1]}: {size_of(estimate.value or 1)}" for estimate in known)
    said = f"At starts before the real one, {listed}."
    if any(estimate.excludes_null for estimate in known):
        return Check(name, False, said)
    head = effect.estimate("poisson_imputation").value or 1
    if any(_distance(estimate.value or 1) >= _distance(head) for estimate in known):
        return Check(name, None, f"{said} That is as far from no change as the real one.")
    return Check(name, True, said)


def _distance(ratio: float) -> float:
    """How far a ratio is from no change."""
    return max(ratio, 1 / ratio)


def _check_donors(effect: Effect) -> Check:
    low, high = (effect.estimate(f"leave_one_out_{which}").value for which in ("lowest", "highest"))
    contaminated = effect.estimate("with_contaminated_donors").value
    who = "sites that start later" if effect.door == "sites" else "areas of other programmes"
    more = f" With {who} among them: {size_of(contaminated)}." if contaminated else ""
    if low is None or high is None:
        return Check("No single donor carries the result", None, f"This could not be tried.{more}")
    head = effect.estimate("poisson_imputation").value or 1
    return Check(
        "No single donor carries the result",
        (low < 1) == (high < 1) == (head < 1) or not effect.estimate("poisson_imputation").excludes_null,
        f"Without any one of the {effect.facts['n_donors']} donors: {size_of(low)} to {size_of(high)}.{more}",
    )


def _check_returns(effect: Effect) -> Check:
    """A volume outside 0.6 to 1.6 of the year before is a return that is hardly whole, in one of the two years."""
    facts, without = effect.facts, effect.estimate("without_partial_returns").value
    said = f"Without {facts['n_flagged_donors']} untreated ones whose returns look partial"
    said = f"{said}: {size_of(without)}." if without else "Leaving out doubtful returns was not possible."
    if facts["flagged_treated"]:
        return Check("Returns look whole", False, f"{'; '.join(facts['flagged_treated'])}. {said}")
    return Check("Returns look whole", True, f"No treated one's volume left 0.6 to 1.6 of the year before. {said}")


def _check_others(effect: Effect) -> Check:
    keys = ("level_did", "comparative_its", "synthetic_control", "synthetic_did", "callaway_santanna_quarterly")
    values = [effect.estimate(key).value for key in keys]
    known = [value for value in values if value is not None]
    if not known:
        return Check("Other designs say the same", None, "They could not be estimated.")
    head = effect.estimate("poisson_imputation")
    agree = len({value < 1 for value in [*known, head.value or 1]}) == 1
    return Check(
        "Other designs say the same",
        agree if head.excludes_null else None,
        f"{len(known)} other designs: {size_of(min(known))} to {size_of(max(known))}. All stand in one table.",
    )


def _check_power(effect: Effect, margin_percent: float) -> Check:
    found = effect.estimate("smallest_noticeable").value
    if found is None:
        return Check("Large enough to notice what matters", False, "No fall that was considered would be noticed.")
    return Check(
        "Large enough to notice what matters",
        found <= margin_percent,
        f"The smallest fall we would notice, 8 times in 10, is {number(found, 0)}%; {number(margin_percent, 0)}% was "
        "called too small to matter beforehand.",
    )


def _check_rank(effect: Effect) -> Check:
    head, smallest = effect.estimate("poisson_imputation"), effect.estimate("p_smallest").value
    as_far = f"{(head.rank or 1) - 1:.0f} of {(head.rank_of or 1) - 1}"
    return Check(
        "How unusual it is among untreated ones",
        None,
        f"{as_far} placebo sets lie as far from no change. The smallest possible p is {number(smallest or 1, 3)}. "
        "Chance did not choose who was treated, so this is a rank.",
    )


def _check_looks(effect: Effect) -> Check:
    """How many intervals stand on the page, and which of its concepts stay after allowing for many looks."""
    looks = sum(estimate.has_interval for estimate in effect.estimates)
    concepts = ("poisson_imputation", *(e.key for e in effect.estimates if e.key.startswith("companion_")))
    shares = [
        estimate.rank / estimate.rank_of
        for estimate in (effect.estimate(key) for key in concepts)
        if estimate.rank is not None and estimate.rank_of
    ]
    stay = false_discoveries(shares)
    return Check(
        "How many looks",
        None,
        f"{looks} intervals stand on this page; about {number(looks / 20, 0)} would leave out no change by chance. "
        f"Of the headline and what came with it ({len(shares)} measures), {stay} stay at a false-discovery rate of 5%.",
    )


def false_discoveries(shares: list[float], *, rate: float = 0.05) -> int:
    """How many p-values stay at a false-discovery rate (Benjamini & Hochberg 1995, J R Stat Soc B 57, 289-300).

    >>> false_discoveries([0.01, 0.02, 0.6]), false_discoveries([0.04, 0.6])
    (2, 0)
    """
    ordered = sorted(shares)
    kept = [place for place, share in enumerate(ordered, start=1) if share <= rate * place / len(ordered)]
    return max(kept, default=0)


def _check_repeats(effect: Effect) -> Check:
    """A fall means little if repeats or enquiries rise; without a fall there is nothing to pass."""
    name = "What came with it: repeats, enquiries and plans"
    parts = []
    for key, words in (("companion_rereferral", "repeats"), ("companion_no_further_action", "no further action")):
        if effect.has(key):
            estimate = effect.estimate(key)
            value = estimate.value or 0.0
            low, high = number(estimate.low or 0.0), number(estimate.high or 0.0)
            way = "up" if value >= 0 else "down"
            parts.append(f"share of {words} {way} {number(abs(value))} points ({low} to {high}){_lacking(estimate)}")
    for key, words in (("companion_section_47", "section 47 enquiries"), ("companion_plans", "plans started")):
        if effect.has(key):
            estimate = effect.estimate(key)
            parts.append(f"{words} {size_of(estimate.value or 1)} ({ends_of(estimate)}){_lacking(estimate)}")
    if not parts:
        return Check(name, None, "No companion measure has figures for these years.")
    rising = any(
        effect.has(key) and (effect.estimate(key).low or null) > null
        for key, null in (("companion_rereferral", 0.0), ("companion_section_47", 1.0))
    )
    head = effect.estimate("poisson_imputation")
    is_fall = bool(head.excludes_null) and (head.value or 1) < 1
    passed = False if rising else True if is_fall else None
    return Check(name, passed, f"By year, against untreated authorities: {'; '.join(parts)}.")


def _lacking(estimate: Estimate) -> str:
    """The treated that a companion lacks, as its method names them."""
    start = estimate.method.find(f"({WITHOUT}")
    return "" if start < 0 else f", {estimate.method[start + 1 : estimate.method.index(')', start)]}"


def _check_size(effect: Effect) -> Check:
    name = "Treated sites are as large as those they are compared with"
    if not _is_small(effect):
        return Check(name, True, "No treated one has less than half the referrals of the middle untreated site.")
    if not effect.has("p_rescaled"):
        return Check(name, False, "They are much smaller, and too few sites are left to allow for their noise.")
    own = effect.estimate("rescaled")
    return Check(
        name,
        False,
        f"Small sites are noisier than the others' ranks allow for. With that noise: {size_of(own.value or 1)} "
        f"({ends_of(own)}).",
    )


def _check_exposure(effect: Effect) -> Check:
    has = bool(effect.facts["has_exposure"])
    meaning = "Rates per child are compared." if has else "No numbers of children are given, so counts are compared."
    return Check("Sites of different size are compared as rates", has, meaning)


def _check_independence(effect: Effect) -> Check:
    rest, whole = (effect.estimate(f"{which}_change").value for which in ("rest", "whole"))
    said = [
        f"{who}: {size_of(value)}" for who, value in (("all other sites", rest), ("all sites together", whole)) if value
    ]
    return Check(
        "Referrals did not simply move to other sites",
        None,
        f"Against the same months before, {'; '.join(said)}. Sites of one authority are not independent of each other.",
    )
