"""The note beside the sample: that it is invented, what is true of it, and what is odd about which place."""

from __future__ import annotations

from insight.sample import (
    assessments,
    ethnicity,
    judged_places,
    judgements,
    places,
    programmes,
    referrals,
    sites,
    spending,
)


def note(seed: int, effect: float) -> str:
    """The README of the folder."""
    home = places.REGIONS[places.HOME_REGION]
    return f"""# SAMPLE DATA: EVERY NUMBER AND EVERY PLACE IN THIS FOLDER IS INVENTED

No authority, region or child here exists. Nothing in these files may be quoted as a fact about any real place.
They have the layouts of published statistics, so that everything can be tried without them, and codes that begin with
X, which the real register refuses.

Made by `python -m insight.sample data/raw/sample` with seed {seed} and a true effect of {effect:g} percentage points:
one more case per worker at the start of a year goes with that much more turnover on the opening headcount, within an
authority, net of national years. The program `insight.sample.process` says exactly how.

{_effects_on_referrals(seed)}

{_other_truths()}

Nothing else has an effect.

The home region is {home} ({places.HOME_REGION}), with 14 authorities. The latest year is 30 September 2025.

| Area | Code | What is odd about it |
| --- | --- | --- |
{_table_of_oddities(seed)}

`authorities.csv` is the register of these places, read with this folder only. `k` and `:` are in none of these
layouts, so they are not here.
"""


def _other_truths() -> str:
    home = places.REGIONS[places.HOME_REGION]
    years = judgements.true_median_years()
    rows = [
        (
            "`sample_ofsted_*`",
            f"half of the Inadequate are first Good or better after {years:.2f} years; a published Good comes later, "
            "because inspections are three years apart",
            "judgements",
        ),
        (
            "`sample_c2_*` and the tool",
            f"in {home} the odds of 45 working days or fewer are {assessments.ODDS_RATIO:g} times those of a year "
            f"before, from {assessments.TREND_AFTER + 1} on; nowhere else is there a trend",
            "assessments",
        ),
        (
            "`sample_csww_workforce_role_by_ethnicity_*`",
            f"who is not White has {ethnicity.MANAGER_ODDS_RATIO:g} times a White colleague's odds of being a manager",
            "ethnicity",
        ),
        (
            "`sample_RO3_*`, `sample_RSX_*`",
            f"a looked-after child costs {spending.WEEKLY_COST:,} pounds a week",
            "spending",
        ),
        ("`sample_b1_*`", "follows the referrals of each year, and has no trend of its own", "children_in_need"),
        ("`sample_d6_*`, `sample_cla_*`, `sample_scorecard_*`", "each area has a level and no trend", "looked_after"),
        ("`aims*.toml`", "aims that nobody has", "aims"),
        (
            "`sample_bds_long.parquet`",
            "repeats the other files; what it has alone has no trend but in prices",
            "tool_measures",
        ),
    ]
    table = "\n".join(f"| {files} | {truth} | `insight.sample.{module}` |" for files, truth, module in rows)
    return f"""What is true of the other files:

| Files | What is true | How |
| --- | --- | --- |
{table}"""


def _effects_on_referrals(seed: int) -> str:
    wave_1, wave_2 = programmes.WAVE_1, programmes.WAVE_2
    rising = programmes.rising_areas(referrals.drawn_referrals(seed))
    real, null, chosen = sites.REAL, sites.NULL, sites.RISING
    rows = [
        (wave_1.name, _names(wave_1.areas), f"a rate ratio of {programmes.PROGRAMME_EFFECT:g} from {wave_1.live} on"),
        (wave_2.name, _names(wave_2.areas), f"none; live {wave_2.live}, after the last published month"),
        (
            programmes.RISING.name,
            _names(rising),
            f"none; live {programmes.RISING.live}, where referrals had risen most in the four years before",
        ),
        (f"`sites.csv`: sites of {real.name}", "3 of 12", f"a rate ratio of {sites.SITE_EFFECT:g} from each start on"),
        (f"`sites-{null.code}.csv`: sites of {null.name}", "2 of 10", "none"),
        (f"`sites-{chosen.code}.csv`: sites of {chosen.name}", "3 of 12", "none; chosen because demand was rising"),
    ]
    table = "\n".join(f"| {what} | {where} | {effect} |" for what, where, effect in rows)
    return f"""What each programme truly does to referrals (how: `insight.sample.programmes`, `insight.sample.sites`):

| Programme or file | Where | True effect on referrals |
| --- | --- | --- |
{table}

The sites are drawn apart from the published months of their authority and do not add up to them."""


def _names(areas: tuple[places.Place, ...]) -> str:
    return "; ".join(one.name for one in areas)


def _table_of_oddities(seed: int) -> str:
    joint = places.joint_place()
    heirs = " and ".join(one.name for one in places.SUCCESSORS)
    reissued = places.REISSUED
    rows = [
        (
            joint.name,
            joint.code,
            "one workforce return, which the tool prints under both; two rows in every other file",
        ),
        (
            places.ABOLISHED.name,
            places.ABOLISHED.code,
            f"divided on 1 April 2021 into {heirs}; no population of its own (`x`)",
        ),
        *((one.name, one.code, "begins on 1 April 2021; no re-referrals in 2022 (`x`)") for one in places.SUCCESSORS),
        (
            reissued.name,
            f"{reissued.code}, then {places.REISSUED_CODE}",
            "new code without a change of area, in the workforce file of 2025 alone",
        ),
        *(
            (one.name, one.code, words)
            for one, words in (
                (
                    places.NOBODY_EMPLOYED,
                    "tiny: no staff of its own, turnover `z`, only agency workers; small counts `c`",
                ),
                (places.TINY, "tiny: a dozen workers, turnover of exactly 0 in some years"),
                (places.CASELOAD_WITHHELD, "caseload, agency staff and absence `u` in 2025"),
                (places.CASELOAD_GAP, "caseload `u` in 2024"),
                (places.LEAVERS_WITHHELD, "leavers and turnover `u` in 2024, left out of the rates above it"),
                (places.RETURN_LOST, "whole workforce return `x` in 2025; agency staff `x` from 2021 to 2024"),
                (places.ZERO_AGENCY, "an agency rate of exactly 0 from 2023 to 2025"),
                (places.LOW_AGENCY, "agency staff `low` from 2023 to 2025"),
                (places.ABSENCE_SUPPRESSED, "absence `c` in 2017 and 2018"),
                (
                    places.MORE_COVER_THAN_VACANCIES,
                    "a cover rate of 2019 above 100: `u` now, printed in the earlier release",
                ),
                (places.REFERRALS_WITHHELD, "referrals `u` in 2024, and a return of 2023 that was not complete"),
                (places.REFERRALS_LOST, "referrals `x` in 2021 and 2022; the totals hold those of 2020"),
                (places.MONTHS_HIDDEN, f"two months of referrals `c` in {places.MONTHS_HIDDEN_YEAR}"),
            )
        ),
    ]
    rows += _oddities_of_the_rest(seed)
    return "\n".join(f"| {name} | {code} | {words} |" for name, code, words in rows)


def _oddities_of_the_rest(seed: int) -> list[tuple[str, str, str]]:
    history = judged_places.judged_places(seed)
    odd = judged_places.oddities(history)
    rows = [
        (places.ABOLISHED, "Inadequate from its SIF report on, and abolished before it was Good"),
        *((one, "inspected on 27 April 2026: no overall grade") for one in judged_places.waiting_longest(history)),
        (odd.other_leavers_grade, "another grade for care leavers in the overview"),
        (odd.other_day, "its newest report two days later in the overview"),
        (odd.no_kind, "the overview knows neither kind nor day of its newest inspection"),
        (odd.earlier_day, "its first ILACS report three days earlier in the edition of 2023"),
        (
            places.NOBODY_EMPLOYED,
            "no child looked after (`z`); parts without a grade before 2018; no school in 2022/23",
        ),
        (places.REFERRALS_WITHHELD, "assessments of 2024 printed without a mark, and about a third of what they were"),
        (ethnicity.NOT_ASKED, "ethnic group of nobody known, 2019 to 2022"),
        (spending.NO_RETURN, "no outturn for 2024-25 (`[x]`); the nation holds an estimate"),
        (spending.CANNOT_DIVIDE, "cannot divide its spending on looked-after children"),
        *((one, "outturn not certified") for one in spending.NOT_CERTIFIED),
    ]
    return [(one.name, one.code, words) for one, words in rows]
