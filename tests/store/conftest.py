"""A small raw folder of real places, and the store that is built from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from insight.store import BuildReport, build
from tests.sources.published_rows import (
    BRADFORD,
    ENGLAND,
    HEADLINE,
    LEEDS,
    POPULATION,
    REFERRALS,
    WORKFORCE,
    YORKSHIRE,
    row,
    write,
)

STAFF = "sample_csww_indicators_2017_to_2025.csv"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Three sources, one of them with an earlier release, beside a file that is not ours."""
    folder = tmp_path / "Raw files"
    workforce = [row(WORKFORCE, place, year) for place in (ENGLAND, YORKSHIRE, LEEDS) for year in (2024, 2025)]
    workforce.append(row(WORKFORCE, BRADFORD, 2025, caseload_fte="u", cases="u"))
    write(folder, WORKFORCE, workforce, name="dfe/staff.csv")
    write(folder, HEADLINE, [row(HEADLINE, LEEDS, 2024, turnover_rate_fte="12")], name="dfe/old/staff.csv")
    write(folder, REFERRALS, [row(REFERRALS, place, 2025) for place in (LEEDS, BRADFORD)], name="referrals.txt")
    write(folder, POPULATION, [row(POPULATION, LEEDS, 2024)], name="ons/people.csv")
    (folder / "notes.md").write_text("# Notes\n", encoding="utf-8")
    return folder


@pytest.fixture
def processed(tmp_path: Path) -> Path:
    """Where stores are kept."""
    return tmp_path / "processed"


@pytest.fixture
def built(raw: Path, processed: Path) -> BuildReport:
    """The store of the small raw folder."""
    return build(raw, processed)


@pytest.fixture
def sample(root: Path, tmp_path: Path) -> Path:
    """The sample's own register and its workforce, which is enough for what a store does with them."""
    folder = tmp_path / "sample"
    folder.mkdir()
    for name in ("README.md", "authorities.csv", STAFF):
        shutil.copy(root / "data" / "raw" / "sample" / name, folder)
    return folder
