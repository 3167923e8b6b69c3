"""Every file that a page speaks from is named as its source, and bears on its key."""

from __future__ import annotations

from pathlib import Path

import pytest

import insight as ins
from insight.core.finding import Finding
from insight.core.fingerprint import file_sha256
from insight.store import build, load_panel, read_manifest, select
from tests.sources.made_lait import LEEDS, MEASURE, MEASURES, TURNOVER, write_dictionary, write_parquet

KEY = "lait_refrate"


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    """A raw folder with the interactive tool's table and its dictionary, which is of two measures."""
    raw = tmp_path / "raw"
    raw.mkdir()
    write_parquet(raw, [("RefRate", "2025", LEEDS, "512.5")])
    write_dictionary(raw, [MEASURE, TURNOVER])
    return raw


def test_what_explains_a_table_is_a_source_of_its_figures(tool: Path, tmp_path: Path) -> None:
    store = build(tool, tmp_path / "processed").store
    for panel in (load_panel(store, indicators=[KEY]), load_panel(store, sources=["lait"])):
        assert [(source.key, source.file) for source in panel.sources] == [
            ("lait", "bds_long_0.parquet"),
            ("lait_dictionary", "dictionary.csv"),
        ]
        assert panel.sources[1].sha256 == file_sha256(tool / "dictionary.csv")


def test_other_bytes_of_what_explains_a_table_are_another_input_and_no_file_more(tool: Path, tmp_path: Path) -> None:
    store = build(tool, tmp_path / "processed").store
    before = select(read_manifest(store), indicators=[KEY])
    assert [each.name for each in before.inputs if not each.files] == [
        "lait dictionary, release 2026-04",
        "register of areas",
    ]
    assert load_panel(store, indicators=[KEY]).data_hash == before.data_hash
    # A measure that the table does not have: the figures and their words are equal, the file that is named is not.
    write_dictionary(tool, MEASURES)
    assert select(read_manifest(build(tool, tmp_path / "processed").store), indicators=[KEY]).data_hash != (
        before.data_hash
    )


def test_a_page_of_another_table_neither_names_it_nor_depends_on_it(sample_store: Path) -> None:
    needs = ["turnover_rate_fte"]
    assert "lait_dictionary" not in {source.key for source in load_panel(sample_store, needs=needs).sources}
    names = [each.name for each in select(read_manifest(sample_store), indicators=needs).inputs]
    assert not [name for name in names if name.startswith("lait")]


def test_a_profile_names_the_tool_s_dictionary_with_day_and_checksum(sample_store: Path, root: Path) -> None:
    (key, *_) = (
        key for file in read_manifest(sample_store)["files"] for key in file.get("indicators", ()) if "lait_" in key
    )
    panel = load_panel(sample_store, needs=[key, f"parts of {key}", "flags"])
    finding: Finding = ins.studies.indicator_profile(panel, authority="X06000001", indicator=key)
    named = {source.key: source for source in finding.all_sources}
    assert {"lait", "lait_dictionary"} <= set(named)
    raw = root / "data" / "raw" / "sample"
    assert named["lait_dictionary"].sha256 == file_sha256(raw / "sample_lait_data_dictionary.csv")
