"""What is taken from a store, and that its hash is of what it says and of nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from insight.core.panel import Panel
from insight.errors import PanelError
from insight.store import BuildReport, _load, build, hold, load_panel, read_manifest, select
from tests.sources.published_rows import BRADFORD, LEEDS, POPULATION, REFERRALS, WORKFORCE, row, write

NEEDS = ("caseload_fte", "leavers_fte")


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_load, "_HELD", {})


def hash_of(store: Path) -> str:
    panel_hash = load_panel(store, needs=NEEDS).data_hash
    assert panel_hash == select(read_manifest(store), indicators=NEEDS).data_hash
    return panel_hash


def test_another_sources_new_release_changes_nothing(built: BuildReport, raw: Path, processed: Path) -> None:
    before, whole = hash_of(built.store), load_panel(built.store).data_hash
    write(raw, REFERRALS, [row(REFERRALS, LEEDS, 2026)], name="referrals_2026.txt")
    write(raw, POPULATION, [row(POPULATION, LEEDS, 2023)], name="ons/people.csv")
    assert build(raw, processed).is_changed
    assert hash_of(built.store) == before
    assert load_panel(built.store).data_hash != whole


def test_a_needed_figure_changes_the_hash(built: BuildReport, raw: Path, processed: Path) -> None:
    before = hash_of(built.store)
    write(raw, WORKFORCE, [row(WORKFORCE, LEEDS, 2025, caseload_fte="99")], name="dfe/staff.csv")
    build(raw, processed)
    assert hash_of(built.store) != before


def test_the_same_figures_under_another_name_and_time_change_nothing(
    built: BuildReport, raw: Path, processed: Path
) -> None:
    before = hash_of(built.store)
    (raw / "dfe" / "staff.csv").rename(raw / "renamed.csv")
    os.utime(raw / "renamed.csv", (1, 1))
    assert build(raw, processed).is_changed
    assert hash_of(built.store) == before
    # Another encoding of the same text: the page names the file's checksum, so it is another page.
    text = (raw / "renamed.csv").read_text(encoding="utf-8-sig")
    is_marked = (raw / "renamed.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    (raw / "renamed.csv").write_text(text, encoding="utf-8" if is_marked else "utf-8-sig")
    assert build(raw, processed).is_changed
    assert hash_of(built.store) != before


def test_other_indicators_of_the_same_files_have_another_hash(built: BuildReport) -> None:
    assert load_panel(built.store, needs=NEEDS[:1]).data_hash != hash_of(built.store)
    assert load_panel(built.store, needs=tuple(reversed(NEEDS))).data_hash == hash_of(built.store)
    assert load_panel(built.store, indicators=NEEDS).data_hash == hash_of(built.store)


def test_inputs_are_named_with_their_release_and_their_files_are_there(sample_store: Path) -> None:
    selection = select(read_manifest(sample_store), indicators=NEEDS)
    names = [each.name for each in selection.inputs]
    assert names == sorted(names)
    assert {"workforce, release 2025", "statistical neighbours, release 2021", "register of areas"} <= set(names)
    assert not [name for name in names if name.startswith(("referrals", "child population"))]
    assert all((sample_store / path).is_file() for path in selection.paths)
    assert "manifest.json" in selection.paths


def test_programmes_of_a_file_count_without_its_figures(sample_store: Path) -> None:
    manifest = read_manifest(sample_store)
    before = select(manifest, indicators=NEEDS)
    for file in manifest["files"]:
        if file.get("source") == "site_referrals":
            file["content"] = "other figures"
    assert select(manifest, indicators=NEEDS).data_hash == before.data_hash
    for file in manifest["files"]:
        if file.get("source") == "site_referrals":
            file["lists"]["programmes"]["sha256"] = "other programmes"
    assert select(manifest, indicators=NEEDS).data_hash != before.data_hash


def test_neighbours_programmes_and_their_sources_always_come(sample_store: Path) -> None:
    whole, part = load_panel(sample_store), load_panel(sample_store, needs=NEEDS)
    assert part.neighbours == whole.neighbours
    assert part.programmes == whole.programmes
    keys = [source.key for source in part.sources]
    assert {"workforce", "statistical_neighbours", "programmes"} <= set(keys)
    assert [source for source in whole.sources if source in part.sources] == list(part.sources)


def test_what_a_study_declares_and_the_store_lacks_is_passed_over(built: BuildReport) -> None:
    panel = load_panel(built.store, needs=[*NEEDS, "section_47_count"])
    assert set(panel.indicators) == set(NEEDS)
    with pytest.raises(PanelError, match="section_47_count"):
        load_panel(built.store, indicators=[*NEEDS, "section_47_count"])


def test_what_no_source_knows_cannot_be_declared(built: BuildReport) -> None:
    with pytest.raises(PanelError, match="no source that has it"):
        load_panel(built.store, needs=["caseload_ftee"])
    with pytest.raises(PanelError, match="no source that has it"):
        hold(built.store, ["caseload_ftee"])


def same(one: Panel, other: Panel) -> bool:
    return bool(one.data.equals(other.data)) and one.data_hash == other.data_hash and one.sources == other.sources


def test_a_held_panel_is_handed_out_and_says_the_same(built: BuildReport) -> None:
    before = load_panel(built.store, needs=NEEDS)
    held = hold(built.store, NEEDS)
    assert same(before, held)
    assert before is not held
    assert load_panel(built.store, needs=NEEDS) is held is hold(built.store, reversed_needs())
    assert load_panel(Path(f"{built.store}/."), indicators=NEEDS) is held


def reversed_needs() -> list[str]:
    return list(reversed(NEEDS))


def test_another_selection_is_not_what_is_held(built: BuildReport) -> None:
    held = hold(built.store, NEEDS)
    assert load_panel(built.store) is not held
    assert load_panel(built.store, needs=NEEDS[:1]) is not held
    assert load_panel(built.store, needs=NEEDS, vintages=True) is not held
    assert load_panel(built.store, needs=NEEDS, sources=["workforce"]) is not held
    whole = hold(built.store, None)
    assert load_panel(built.store) is whole


def test_a_held_panel_is_not_used_after_a_rebuild(built: BuildReport, raw: Path, processed: Path) -> None:
    held = hold(built.store, NEEDS)
    write(raw, WORKFORCE, [row(WORKFORCE, BRADFORD, 2025, caseload_fte="99")], name="dfe/staff.csv")
    build(raw, processed)
    now = load_panel(built.store, needs=NEEDS)
    assert now is not held
    assert now.data["value"].max() != held.data["value"].max()
    assert hold(built.store, NEEDS).data_hash == now.data_hash


HOLD = """
import os, sys
from pathlib import Path
from insight.store import hold
hold(Path(sys.argv[1]), None)
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted on Linux alone")
def test_holding_leaves_one_thread(sample_store: Path) -> None:
    from insight.warm import environment

    done = subprocess.run(
        [sys.executable, "-c", HOLD, str(sample_store)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "1"


LIGHT = """
import sys
from pathlib import Path
from insight.store import build
report = build(Path(sys.argv[1]), Path(sys.argv[2]))
heavy = {"numpy", "pandas", "pyarrow", "pydantic", "filelock"}
print(report.is_changed, sorted(heavy & set(sys.modules)), "insight.studies" in sys.modules)
"""


def test_a_build_with_nothing_to_do_loads_no_library(built: BuildReport, raw: Path, processed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, str(raw), str(processed)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False [] False"


def test_a_part_that_was_damaged_after_it_was_remembered_is_read_again(
    built: BuildReport, raw: Path, processed: Path
) -> None:
    build(raw, processed)
    part = next((built.store / "parts").glob("*.parquet"))
    data = bytearray(part.read_bytes())
    data[10] ^= 1
    part.write_bytes(bytes(data))
    healed = build(raw, processed)
    assert healed.files_read == 1
    assert not build(raw, processed).is_changed
    assert part.read_bytes() != bytes(data)


def test_a_store_that_was_moved_with_its_memory_is_judged_by_what_it_holds(
    built: BuildReport, raw: Path, processed: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(processed, elsewhere)
    shutil.rmtree(elsewhere / built.store.name / "parts")
    report = build(raw, elsewhere)
    assert report.files_read == built.files_read
    assert json.dumps(report.manifest) == json.dumps(built.manifest)
