"""What comes out of the store, and what it says when it cannot."""

from __future__ import annotations

import json
import math
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from insight.core.panel import COLUMNS, KEY
from insight.errors import PanelError, StoreDamaged, StoreMissing
from insight.store import BuildReport, flags, load_panel, load_register, read_manifest, revisions
from insight.store._revisions import COLUMNS as REVISION_COLUMNS


def test_the_panel_has_every_current_figure_in_the_order_of_its_key(built: BuildReport) -> None:
    panel = load_panel(built.store)
    assert tuple(panel.data.columns) == COLUMNS
    assert panel.data[list(KEY)].equals(panel.data[list(KEY)].sort_values(list(KEY), ignore_index=True))
    assert set(panel.data["release"]) == {"2024", "2025"}
    assert len(panel.data) == 7 * 22 + 2 * 10 + 1
    assert isinstance(panel.data["period_end"].iloc[0], date)
    assert panel.data["time_period"].dtype == "int64"
    assert not any(isinstance(kind, pd.CategoricalDtype) for kind in panel.data.dtypes)
    assert panel.data_hash == built.manifest["data_hash"]


def test_every_source_behind_the_panel_is_named_with_file_and_checksum(built: BuildReport) -> None:
    sources = {source.key: source for source in load_panel(built.store).sources}
    assert set(sources) == {"workforce", "referrals", "child_population"}
    assert sources["workforce"].file == "dfe/staff.csv"
    assert len(sources["workforce"].sha256) == 64
    assert sources["workforce"].publisher == "Department for Education"


def test_only_the_indicators_asked_for_are_read(built: BuildReport) -> None:
    panel = load_panel(built.store, indicators=["caseload_fte", "referral_count"])
    assert set(panel.indicators) == set(panel.data["indicator"]) == {"caseload_fte", "referral_count"}
    whole = load_panel(built.store).select(["caseload_fte", "referral_count"])
    assert panel.data.equals(whole.data)
    assert panel.data_hash != load_panel(built.store).data_hash
    assert {source.key for source in panel.sources} == {"workforce", "referrals"}


def test_only_the_sources_asked_for_are_read(built: BuildReport) -> None:
    panel = load_panel(built.store, sources=["child_population"])
    assert set(panel.indicators) == {"population_0_to_17_count"}


@pytest.mark.parametrize("wanted", [{"indicators": ["caseload"]}, {"sources": ["finance"]}])
def test_what_the_store_does_not_have_is_refused_with_what_it_has(built: BuildReport, wanted: dict[str, Any]) -> None:
    with pytest.raises(PanelError, match=r"workforce|caseload_fte"):
        load_panel(built.store, **wanted)


def test_vintages_stand_beside_the_current_release(built: BuildReport) -> None:
    panel = load_panel(built.store, indicators=["turnover_rate_fte"], vintages=True)
    leeds = panel.data[(panel.data["area"] == "E08000035") & (panel.data["time_period"] == 2024)]
    # The earlier file's newest period is 2024, so that is what its release is called.
    assert dict(zip(leeds["release"], leeds["value"], strict=True)) == {"2024": 12.0, "2025": 10.0}


def test_revisions_show_what_a_cell_was_and_what_it_became(built: BuildReport) -> None:
    frame = revisions(built.store, "turnover_rate_fte")
    assert tuple(frame.columns) == REVISION_COLUMNS
    assert frame[["area", "time_period", "older_value", "newer_value", "change"]].values.tolist() == [
        ["E08000035", 2024, 12.0, 10.0, -2.0]
    ]
    counted = {entry["indicator"]: entry for entry in built.manifest["revisions"]}
    assert (counted["turnover_rate_fte"]["compared"], counted["turnover_rate_fte"]["changed"]) == (1, 1)
    assert counted["cases"]["changed"] == 0


def test_an_indicator_without_an_earlier_release_has_no_revisions(built: BuildReport) -> None:
    frame = revisions(built.store, "referral_count")
    assert tuple(frame.columns) == REVISION_COLUMNS
    assert frame.empty


def test_a_figure_of_low_reliability_flags_its_return(built: BuildReport) -> None:
    assert flags(built.store).to_dict("records") == [{"area": "E08000032", "time_period": 2025, "source": "workforce"}]


def test_the_register_of_the_store_is_at_hand(built: BuildReport) -> None:
    assert load_register(built.store).authority("Leeds").code == "E08000035"


def test_no_store_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="insight build"):
        load_panel(tmp_path / "nothing")


def _spoil_json(store: Path) -> None:
    (store / "manifest.json").write_text("{", encoding="utf-8")


def _spoil_format(store: Path) -> None:
    manifest = read_manifest(store) | {"format": 99}
    (store / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _lose_a_part(store: Path) -> None:
    for part in (store / "parts").glob("*.parquet"):
        part.unlink()


def _cut_a_part(store: Path) -> None:
    for part in (store / "parts").glob("*.parquet"):
        part.write_bytes(part.read_bytes()[:-10])


def _overwrite_a_part(store: Path) -> None:
    for part in (store / "parts").glob("*.parquet"):
        part.write_bytes(b"?" * part.stat().st_size)


@pytest.mark.parametrize("spoil", [_spoil_json, _spoil_format, _lose_a_part, _cut_a_part, _overwrite_a_part])
def test_a_damaged_store_is_said_in_words(built: BuildReport, spoil: Any) -> None:
    spoil(built.store)
    with pytest.raises(StoreDamaged, match="insight build"):
        load_panel(built.store)


def test_a_damaged_register_is_said_in_words(sample: Path, processed: Path) -> None:
    from insight.store import build

    store = build(sample, processed).store
    part = store / "parts" / read_manifest(store)["register"]["part"]
    part.write_text(part.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(StoreDamaged, match="register"):
        load_panel(store)


def test_a_panel_remembers_results_in_its_store(built: BuildReport) -> None:
    calls: list[int] = []

    def compute() -> dict[str, Any]:
        calls.append(1)
        return {"slope": (1.5, None)}

    first = load_panel(built.store).remember("model", {"lag": 1}, compute)
    again = load_panel(built.store).remember("model", {"lag": 1}, compute)
    assert first == again == {"slope": [1.5, None]}
    assert len(calls) == 1
    load_panel(built.store).remember("model", {"lag": 2}, compute)
    load_panel(built.store).remember("other", {"lag": 1}, compute)
    load_panel(built.store, indicators=["cases"]).remember("model", {"lag": 1}, compute)
    assert len(calls) == 4, "another parameter, another name and another part of the data are other questions"


def test_a_spoilt_memory_is_computed_anew(built: BuildReport) -> None:
    panel = load_panel(built.store)
    panel.remember("model", {}, lambda: 1)
    for path in (built.store / "derived").iterdir():
        path.write_text("{", encoding="utf-8")
    assert panel.remember("model", {}, lambda: 2) == 2


def test_a_number_that_is_not_finite_is_never_kept(built: BuildReport) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        load_panel(built.store).remember("model", {}, lambda: math.nan)
    assert not (built.store / "derived").exists()


def test_a_result_that_cannot_be_kept_is_still_given(built: BuildReport) -> None:
    (built.store / "derived").write_text("a file where the folder should be", encoding="utf-8")
    assert load_panel(built.store).remember("model", {}, lambda: [1]) == [1]


def test_results_of_other_data_are_removed_by_the_next_build(built: BuildReport, raw: Path, processed: Path) -> None:
    from insight.store import build

    load_panel(built.store).remember("model", {}, lambda: 1)
    (raw / "dfe" / "old" / "staff.csv").unlink()
    build(raw, processed)
    assert not list((built.store / "derived").iterdir())


def test_a_store_can_be_copied_and_still_be_read(built: BuildReport, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(built.store, tmp_path / "copy"))
    assert load_panel(copy).data.equals(load_panel(built.store).data)
