"""Writes the sample: the files in the bytes of the published layouts, their register, and a note that says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from insight.sample import neighbours, places, programmes, referrals, referrals_by_month, sites, workforce
from insight.sample.process import EFFECT, SEED
from insight.sample.register import register_rows

BOM = "\ufeff"


def write_sample(folder: Path, *, seed: int = SEED, effect: float = EFFECT) -> tuple[Path, ...]:
    """Write every file of the sample and return their paths.

    Parameters
    ----------
    folder : Path
        Made if it does not exist; files of the same names are replaced.
    seed : int
        The same seed and effect give the same bytes.
    effect : float
        The true effect on turnover, in percentage points per case (see ``insight.sample.process``). The effects on
        referrals are those of ``insight.sample.programmes`` and ``insight.sample.sites``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "sample_csww_indicators_2017_to_2025.csv": _csv(workforce.workforce_rows(seed, effect)),
        "sample_csww_headline_measures_2017_to_2022.csv": BOM + _csv(workforce.headline_rows(seed, effect)),
        "sample_c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv": _csv(referrals.referral_rows(seed)),
        "sample_c1_children_in_need_referrals_and_rereferrals_2013_to_2024.csv": _csv(
            referrals.referral_rows_before(seed), line_end="\r\n"
        ),
        "sample_c6_children_in_need_referrals_by_month_2013_to_2024.csv": _csv(
            referrals_by_month.month_rows(seed), line_end="\r\n"
        ),
        "sample_mid-year_population_estimates_2012_to_2024.csv": _csv(referrals.population_rows(seed)),
        "sample_sn_model_2025_wide.csv": BOM + _csv(neighbours.rows_2025(seed)),
        "sample_statistical_neighbour_groupings_april_2021.csv": BOM + _csv(neighbours.rows_2021(seed)),
        "authorities.csv": _csv(register_rows()),
        "programmes.csv": _csv(programmes.programme_rows(referrals.drawn_referrals(seed))),
        **{name: _csv(rows) for name, rows in sites.site_files(seed).items()},
        "README.md": _note(seed, effect),
    }
    paths = []
    for name, text in texts.items():
        path = folder / name
        path.write_bytes(text.encode("utf-8"))
        paths.append(path)
    return tuple(paths)


def _csv(rows: Iterable[list[str]], *, line_end: str = "\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue()


def _note(seed: int, effect: float) -> str:
    home = places.REGIONS[places.HOME_REGION]
    return f"""# SAMPLE DATA: EVERY NUMBER AND EVERY PLACE IN THIS FOLDER IS INVENTED

No authority, region or child here exists. Nothing in these files may be quoted as a fact about any real place.
They have the layouts of published statistics, so that everything can be tried without them, and codes that begin with
X, which the real register refuses.

Made by `python -m insight.sample data/raw/sample` with seed {seed} and a true effect of {effect:g} percentage points:
one more case per worker at the start of a year goes with that much more turnover on the opening headcount, within an
authority, net of national years. The program `insight.sample.process` says exactly how.

{_effects_on_referrals(seed)}

Nothing else has an effect.

The home region is {home} ({places.HOME_REGION}), with 14 authorities. The latest year is 30 September 2025.

| Area | Code | What is odd about it |
| --- | --- | --- |
{_table_of_oddities()}

`authorities.csv` is the register of these places, read with this folder only. `k` and `:` are in none of these
layouts, so they are not here.
"""


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


def _table_of_oddities() -> str:
    joint = places.joint_place()
    heirs = " and ".join(one.name for one in places.SUCCESSORS)
    reissued = places.REISSUED
    rows = [
        (joint.name, joint.code, "one workforce return; two rows in every other file"),
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
    return "\n".join(f"| {name} | {code} | {words} |" for name, code, words in rows)
