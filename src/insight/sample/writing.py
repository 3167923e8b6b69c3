"""Writes the sample: the files in the bytes of the published layouts, their register, and a note that says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from insight.sample import (
    aims,
    assessments,
    children_in_need,
    ethnicity,
    judgement_files,
    looked_after,
    neighbours,
    plan_reviews,
    programmes,
    referrals,
    referrals_by_month,
    school_places,
    sites,
    spending,
    tool,
    tool_dictionary,
    workforce,
)
from insight.sample.note import note
from insight.sample.process import EFFECT, SEED
from insight.sample.register import register_rows
from insight.sample.workbooks import Sheets, ods_bytes, xlsx_bytes

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
        The true effect on turnover, in percentage points per case (see ``insight.sample.process``). The other true
        effects stand in the modules that the note names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in {**_tables(seed, effect), **_workbooks(seed, effect), **_lists(seed, effect)}.items():
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        paths.append(path)
    return tuple(paths)


def _tables(seed: int, effect: float) -> dict[str, str]:
    """Statistics as text."""
    return {
        "sample_csww_indicators_2017_to_2025.csv": _csv(workforce.workforce_rows(seed, effect)),
        "sample_csww_headline_measures_2017_to_2022.csv": BOM + _csv(workforce.headline_rows(seed, effect)),
        "sample_csww_workforce_role_by_ethnicity_2019_to_2022.csv": BOM + _csv(ethnicity.ethnicity_rows(seed, effect)),
        "sample_b1_children_in_need_2013_to_2025.csv": _csv(children_in_need.need_rows(seed)),
        "sample_c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv": _csv(referrals.referral_rows(seed)),
        "sample_c1_children_in_need_referrals_and_rereferrals_2013_to_2024.csv": _csv(
            referrals.referral_rows_before(seed), line_end="\r\n"
        ),
        "sample_c2_children_in_need_assessments_duration_2014_to_2024.csv": _csv(
            assessments.assessment_rows(seed), line_end="\r\n"
        ),
        "sample_c6_children_in_need_referrals_by_month_2013_to_2024.csv": _csv(
            referrals_by_month.month_rows(seed), line_end="\r\n"
        ),
        "sample_d6_cpps_reviewed_within_timescales_2013_to_2024.csv": _csv(
            plan_reviews.review_rows(seed), line_end="\r\n"
        ),
        "sample_cla_number_and_rate_per_10k_children.csv": BOM + _csv(looked_after.looked_after_rows(seed)),
        "sample_scorecard_data_2025_2023.csv": _csv(school_places.school_rows(seed)),
        "sample_mid-year_population_estimates_2012_to_2024.csv": _csv(referrals.population_rows(seed)),
        "sample_sn_model_2025_wide.csv": BOM + _csv(neighbours.rows_2025(seed)),
        "sample_statistical_neighbour_groupings_april_2021.csv": BOM + _csv(neighbours.rows_2021(seed)),
    }


def _workbooks(seed: int, effect: float) -> dict[str, bytes | str]:
    """Workbooks, and the tool with its dictionary."""
    sheets = {**judgement_files.judgement_workbooks(seed), **spending.spending_workbooks(seed, effect)}
    return {
        **{name: _packed(name, content) for name, content in sheets.items()},
        "sample_bds_long.parquet": tool.tool_bytes(seed, effect),
        "sample_lait_data_dictionary.csv": tool_dictionary.dictionary_text(),
    }


def _lists(seed: int, effect: float) -> dict[str, str]:
    """What people write themselves, the register of the places, and the note."""
    return {
        "authorities.csv": _csv(register_rows()),
        "programmes.csv": _csv(programmes.programme_rows(referrals.drawn_referrals(seed))),
        **{name: _csv(rows) for name, rows in sites.site_files(seed).items()},
        **aims.aims_texts(),
        "README.md": note(seed, effect),
    }


def _packed(name: str, sheets: Sheets) -> bytes:
    return ods_bytes(sheets) if name.endswith(".ods") else xlsx_bytes(sheets)


def _csv(rows: Iterable[list[str]], *, line_end: str = "\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue()
