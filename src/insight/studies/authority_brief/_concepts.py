"""What a brief looks at: one measure for each concept, so that the same thing is never counted as two looks.

Which way is better is the indicator's own affair. Words are short: a brief has little room.
"""

from __future__ import annotations

from dataclasses import dataclass

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind

Piece = tuple[str, str]
"""An indicator, and which of its groups."""
LEAVERS, NEED = "19 to 21 years", "In need, neither on a plan nor looked after"
PRICES = "in prices of each year"


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that is looked at, and the measure that stands for it.

    Parameters
    ----------
    key : str
    words : str
        As a line of the brief begins.
    group : str
        Where it stands in the list.
    indicator : str
        Key of the indicator; of ``made``, where nobody publishes the figure.
    breakdown : str
        Which of the indicator's groups; "" for the total.
    part, whole : tuples of Piece
        Counts, to be added up, where the publisher gives none with the figure.
    counted : (str, str)
        What the part and the whole count, as they stand after a number.
    made : Indicator or None
        The figure is ``part`` of ``whole``, in percent.
    untested : str
        Why the series says nothing of a rise or fall; "" where it may be tested.
    """

    key: str
    words: str
    group: str
    indicator: str
    breakdown: str = ""
    part: tuple[Piece, ...] = ()
    whole: tuple[Piece, ...] = ()
    counted: tuple[str, str] = ("", "")
    made: Indicator | None = None
    untested: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """Every indicator that it is made of."""
        own = () if self.made else (self.indicator,)
        return (*own, *(key for key, _ in (*self.part, *self.whole)))


def _pieces(*keys: str) -> tuple[Piece, ...]:
    return tuple((key, "") for key in keys)


_WITHIN_45 = ("Same day", "1 to 10 days", "11 to 20 days", "21 to 30 days", "31 to 40 days", "41 to 45 days")
_ON_TIME = Indicator(
    "assessments_on_time_percent",
    "Assessments completed within 45 working days",
    "percent",
    "higher",
    PeriodKind.YEAR_TO_MARCH,
    "assessments_by_duration",
    numerator="assessment_days_count",
    denominator="assessment_count",
)
WORKFORCE, FRONT_DOOR, PROTECTION = "Workforce", "Front door", "Need and protection"
CARE, SCHOOL, MONEY = "Children looked after and care leavers", "Schools and learning", "Money"
CONCEPTS: tuple[Concept, ...] = (
    Concept(
        "turnover", "Social worker turnover", WORKFORCE, "turnover_rate_fte", counted=("left", "in post at the end")
    ),
    Concept(
        "agency",
        "Agency social workers",
        WORKFORCE,
        "agency_rate_fte",
        part=_pieces("agency_fte"),
        whole=_pieces("agency_fte", "inpost_fte"),
        counted=("agency workers", "agency workers and staff"),
    ),
    Concept(
        "vacancies",
        "Social worker vacancies",
        WORKFORCE,
        "vacancy_rate_fte",
        part=_pieces("vacancy_fte"),
        whole=_pieces("vacancy_fte", "inpost_fte"),
        counted=("vacancies", "vacancies and staff"),
    ),
    Concept("caseload", "Caseload", WORKFORCE, "caseload_fte", counted=("cases", "workers")),
    Concept("sickness", "Social workers' sickness absence", WORKFORCE, "absence_rate_fte"),
    Concept(
        "referrals",
        "Referrals",
        FRONT_DOOR,
        "lait_cpp_total_rateper10_000",
        part=_pieces("referral_count"),
        counted=("referrals", ""),
    ),
    Concept(
        "rereferrals",
        "Re-referrals within 12 months",
        FRONT_DOOR,
        "rereferral_percent",
        counted=("referred again", "referrals"),
    ),
    Concept(
        "no_further_action",
        "Referrals with no further action",
        FRONT_DOOR,
        "no_further_action_percent",
        counted=("with none", "referrals"),
    ),
    Concept(
        "assessments",
        "Assessments in 45 working days",
        FRONT_DOOR,
        _ON_TIME.key,
        part=tuple(("assessment_days_count", days) for days in _WITHIN_45),
        whole=_pieces("assessment_count"),
        counted=("on time", "assessments"),
        made=_ON_TIME,
    ),
    Concept(
        "need",
        "Children in need at 31 March",
        PROTECTION,
        "lait_cin",
        part=_pieces("need_march_count"),
        counted=("children", ""),
    ),
    Concept(
        "section_47",
        "Section 47 enquiries",
        PROTECTION,
        "section_47_rate_per_10k",
        part=_pieces("section_47_count"),
        counted=("enquiries", ""),
    ),
    Concept("conferences", "First conferences within 15 days", PROTECTION, "lait_cp_conf_15days"),
    Concept(
        "plans",
        "Child protection plans at 31 March",
        PROTECTION,
        "plan_march_rate_per_10k",
        part=_pieces("plan_march_count"),
        counted=("plans", ""),
    ),
    Concept(
        "second_plans",
        "Plans that are a second or later one",
        PROTECTION,
        "second_plan_percent",
        counted=("second or later", "plans started"),
    ),
    Concept(
        "plan_reviews", "Plans reviewed in time", PROTECTION, "plan_reviewed_percent", counted=("in time", "plans")
    ),
    Concept(
        "looked_after",
        "Children looked after at 31 March",
        CARE,
        "lait_lac",
        part=_pieces("looked_after_march_count"),
        counted=("children", ""),
    ),
    Concept("care_applications", "Care applications", CARE, "lait_careapplications"),
    Concept(
        "placements",
        "Three or more placements in a year",
        CARE,
        "three_placements_percent",
        counted=("with three or more", "children"),
    ),
    Concept(
        "same_carer",
        "Same carer for two years",
        CARE,
        "same_carer_two_years_percent",
        counted=("with the same carer", "children"),
    ),
    Concept("distance", "Placed over 20 miles from home", CARE, "lait_lacdistance"),
    Concept(
        "school_moves",
        "Looked after and moved school",
        CARE,
        "school_move_percent",
        counted=("moved", "children"),
    ),
    Concept(
        "care_leavers_active",
        "Care leavers in work or learning",
        CARE,
        "care_leaver_active_percent",
        LEAVERS,
        counted=("in work or learning", "care leavers of 19 to 21"),
    ),
    Concept(
        "care_leavers_home",
        "Care leavers in suitable homes",
        CARE,
        "care_leaver_suitable_home_percent",
        LEAVERS,
        counted=("in suitable homes", "care leavers of 19 to 21"),
    ),
    Concept("early_years", "Good level of development at five", SCHOOL, "lait_fsp_new_gooddev"),
    Concept("key_stage_2", "Expected standard at eleven", SCHOOL, "lait_ks2rwm_expected_std"),
    Concept(
        "key_stage_2_need",
        "Expected standard at eleven, children in need",
        SCHOOL,
        "ks2_reading_writing_maths_met_percent",
        NEED,
        counted=("met the standard", "pupils"),
    ),
    Concept("attainment_8", "Attainment 8 at sixteen", SCHOOL, "lait_avg_attain8_score"),
    Concept("absence", "Persistently absent from school", SCHOOL, "lait_totperabnew"),
    Concept(
        "absence_need",
        "Persistently absent, children in need",
        SCHOOL,
        "persistent_absence_percent",
        NEED,
        counted=("absent", "pupils"),
    ),
    Concept("not_in_learning", "Not known to be in work or learning at 16 or 17", SCHOOL, "lait_16_17_not_known_neet"),
    Concept(
        "health_care_plans", "Education, health and care plans within 20 weeks", SCHOOL, "lait_sen_ehc_excpt_20wks"
    ),
    Concept(
        "primary_places",
        "Primary places, good or outstanding",
        SCHOOL,
        "primary_places_good_or_outstanding_percent",
        counted=("places there", "graded places"),
    ),
    Concept(
        "secondary_places",
        "Secondary places, good or outstanding",
        SCHOOL,
        "secondary_places_good_or_outstanding_percent",
        counted=("places there", "graded places"),
    ),
    Concept(
        "weekly_cost",
        "Weekly cost of a child looked after",
        MONEY,
        "lait_lacfinance",
        untested=PRICES,
    ),
)
NEEDS = tuple(dict.fromkeys(key for concept in CONCEPTS for key in concept.needs))
