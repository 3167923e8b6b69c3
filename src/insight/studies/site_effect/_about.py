"""Paragraphs about one authority: the part it plays, its own change, and what a site there could show."""

from __future__ import annotations

from typing import Any

from insight.core.panel import Panel
from insight.studies._words import names, number
from insight.studies.site_effect._design import month_words
from insight.studies.site_effect._effect import OTHERS, Effect
from insight.studies.site_effect._here import Here, fall_needed
from insight.studies.site_effect._words import beside, range_of, size_of


def about_here(effect: Effect, here: Here, panel: Panel) -> tuple[str, ...]:
    """What the page of one authority says before anything else about it."""
    if effect.door == "sites":
        return tuple(text for text in (_whose(here, panel), *_displaced(effect)) if text)
    found = (_part(effect, here, panel), _change(effect, here), _alike(here), _site_here(here))
    return tuple(text for text in found if text)


def _part(effect: Effect, here: Here, panel: Panel) -> str:
    name = here.asked.name
    if here.row is None:
        return _no_months(here, panel)
    row = here.row
    if here.asked.is_abolished and not row["used"]:
        return _no_months(here, panel)
    if row["part"] == "treated" and row["used"]:
        when = month_words(row["start"])
        return f"{name} is one of the treated authorities, counted from {when} ({row['kind']}). {_counts(effect, row)}"
    if row["part"] == "treated":
        return f"{name} is in the programme and could not be used: {row['why']}."
    if row["part"] == "contaminated":
        return f"{name} is {row['why']}, so it is no clean comparison. A row of the table puts such areas back."
    if row["part"] == "donor" and row["used"]:
        return (
            f"{name} is in no listed programme, though it may have work of its own that no list names. It is one of "
            f"{effect.facts['n_donors']} authorities that show how referrals moved elsewhere. {_counts(effect, row)}"
        )
    return f"{name} is in no listed programme, and is left out of the comparison: {row['why'] or 'no months'}."


def _counts(effect: Effect, row: dict[str, Any]) -> str:
    """Counts beside rates, with the months that they are the mean of."""
    if row["before"] is None or row["after"] is None:
        return ""
    facts = effect.facts
    before = f"{month_words(facts['window_opens'])} to {month_words(facts['window_closes'])}"
    after = f"{month_words(facts['first_start'])} to {month_words(facts['last'])}"
    had = f"It had {number(row['before'], 0)} referrals a month from {before}"
    return f"{had}, and {number(row['after'], 0)} from {after}."


def _no_months(here: Here, panel: Panel) -> str:
    asked = here.asked
    if asked.is_abolished and asked.end is not None:
        heirs = names([panel.register.get(code).name for code in asked.successors])
        return f"{asked.name} ended on {asked.end.day} {asked.end:%B %Y}; {heirs} took over. It has no months here."
    return f"There are no referrals by month for {asked.name}, so nothing can be said about it here."


def _change(effect: Effect, here: Here) -> str:
    """The authority's own change: what was found, whether it could be nothing, and what it cannot show."""
    own = here.change
    if own is None or own.value is None or here.row is None:
        return ""
    ends = f" {range_of(own)}" if own.low is not None else ""
    said = [f"Referrals were {beside(own.value)} expected from {OTHERS['programme']}{ends}."]
    if own.excludes_null is False:
        said.append("It could be nothing.")
    if here.row["flag"]:
        said.append(f"Its return looks partial ({here.row['flag']}), so it has no place among others.")
    elif own.rank is not None and own.rank_of is not None:
        of_size = " of its size" if effect.facts["has_thirds"] else ""
        said.append(f"Of {own.rank_of - 1} other authorities{of_size}, {own.rank - 1:.0f} moved as far or farther.")
    return " ".join([*said, "These are all its referrals, so they cannot show what one site did."])


def _alike(here: Here) -> str:
    """What those that started alike did, beside any change of one authority."""
    if here.alike is None:
        return ""
    moved = f"{beside(here.alike)} expected from the others"
    nearest = f"The {here.n_alike} other authorities with the nearest rates before were {moved}, on average."
    if not here.fifth:
        return nearest
    return (
        f"Its rate before was in the {here.fifth} fifth. {nearest} After an unusual time an ordinary one tends to "
        "follow: regression to the mean."
    )


def _site_here(here: Here) -> str:
    """What a site would have to do before the authority's total shows it."""
    if here.row is None:
        return ""
    found = here.noticeable
    if found is None:
        return "How large a change a site here would have to bring cannot be said from these figures."
    fifth = fall_needed(found, 0.2)
    at_site = (
        "no fall would be large enough for the total to show it."
        if fifth is None
        else f"they would have to fall by {number(fifth, 0)}% before the total shows it."
    )
    return (
        f"For {here.asked.name} as a whole, the smallest fall we would notice, 8 times in 10, is {number(found, 0)}%. "
        f"At a site that receives a fifth of its referrals, {at_site} "
        "Counts by site and month would say more: this study takes an authority's own file of them."
    )


def _whose(here: Here, panel: Panel) -> str:
    owners = set(panel.data.loc[panel.data["indicator"] == "site_referral_count", "area"])
    if here.asked.code in owners:
        return f"The sites are those of {here.asked.name}, as its own file lists them."
    return f"The file does not say whose sites these are. They are taken as those of {here.asked.name}."


def _displaced(effect: Effect) -> list[str]:
    rest, whole = effect.estimate("rest_change").value, effect.estimate("whole_change").value
    if rest is None or whole is None:
        return []
    return [
        f"Against the same months before, referrals at all other sites together were {size_of(rest)}, and in the whole "
        f"authority {size_of(whole)}. If referrals moved from one site to the next, the whole would not have changed.",
        "A referral belongs to the site where the child lives, not to the team that took it.",
    ]
