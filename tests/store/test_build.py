"""What a build takes in, what it leaves alone, and what it says of both."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insight.errors import GeographyConflict, ReleaseConflict, SourceRefused, UsageError
from insight.store import BuildReport, build, load_panel, raw_id
from insight.store import _take_in as take_in_module
from tests.sources.published_rows import LEEDS, REFERRALS, WORKFORCE, row, write


def _roles(report: BuildReport) -> dict[str, str]:
    return {file["path"]: file["role"] for file in report.manifest["files"]}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened to be recognised or read."""
    names: list[str] = []
    read: Callable[..., Any] = take_in_module._read

    def counted(file: Any, *rest: Any) -> Any:
        names.append(file.name)
        return read(file, *rest)

    monkeypatch.setattr(take_in_module, "_read", counted)
    return names


def test_files_are_found_in_depth_and_known_by_their_columns(built: BuildReport) -> None:
    assert _roles(built) == {
        "dfe/old/staff.csv": "vintage",
        "dfe/staff.csv": "current",
        "notes.md": "left alone",
        "ons/people.csv": "current",
        "referrals.txt": "current",
    }
    assert built.files_read == 4


def test_the_manifest_says_what_became_of_every_file(built: BuildReport) -> None:
    entry = next(file for file in built.manifest["files"] if file["path"] == "dfe/staff.csv")
    assert (entry["source"], entry["release"], entry["rows_read"], entry["rows_kept"]) == ("workforce", "2025", 7, 7)
    assert len(entry["sha256"]) == 64
    assert entry["set_aside"] == []
    assert entry["encoding"] == "UTF-8"
    assert json.loads((built.store / "manifest.json").read_text(encoding="utf-8")) == built.manifest


def test_the_report_says_the_same_in_words(built: BuildReport) -> None:
    words = built.describe().as_text()
    assert "workforce, current: release 2025: dfe/staff.csv" in words
    assert "other files, left alone: 1" in words


def test_unchanged_input_is_not_read_again(built: BuildReport, raw: Path, processed: Path, reads: list[str]) -> None:
    before = (built.store / "manifest.json").stat().st_mtime_ns
    again = build(raw, processed)
    assert (again.files_read, again.is_changed, reads) == (0, False, [])
    assert again.manifest == built.manifest
    assert (built.store / "manifest.json").stat().st_mtime_ns == before


def test_only_a_changed_file_is_read_again(built: BuildReport, raw: Path, processed: Path, reads: list[str]) -> None:
    write(raw, REFERRALS, [row(REFERRALS, LEEDS, 2025, referral_count="1001")], name="referrals.txt")
    report = build(raw, processed)
    assert reads == ["referrals.txt"]
    assert report.manifest["data_hash"] != built.manifest["data_hash"]


def test_a_file_that_only_moved_is_not_read_again(
    built: BuildReport, raw: Path, processed: Path, reads: list[str]
) -> None:
    (raw / "referrals.txt").rename(raw / "r.txt")
    assert build(raw, processed).manifest["data_hash"] == built.manifest["data_hash"]
    assert reads == []


def test_a_build_from_memory_gives_the_manifest_of_a_first_build(raw: Path, processed: Path, tmp_path: Path) -> None:
    build(raw, processed)
    write(raw, REFERRALS, [row(REFERRALS, LEEDS, 2025)], name="referrals.txt")
    assert build(raw, processed).manifest == build(raw, tmp_path / "elsewhere").manifest


def test_the_same_files_give_the_same_bytes_wherever_they_lie(raw: Path, processed: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(raw, tmp_path / "another place"))
    stores = [build(folder, processed).store for folder in (raw, other)]
    texts = [(store / "manifest.json").read_bytes() for store in stores]
    assert texts[0] == texts[1]
    assert str(tmp_path).encode() not in texts[0]
    assert stores[0] != stores[1]


def test_a_part_that_was_damaged_is_read_anew(built: BuildReport, raw: Path, processed: Path, reads: list[str]) -> None:
    part = next((built.store / "parts").glob("*.parquet"))
    whole = part.read_bytes()
    part.write_bytes(whole[:-1] + b"?")
    assert build(raw, processed).manifest == built.manifest
    assert len(reads) == 1
    assert part.read_bytes() == whole


def test_identical_files_are_read_once_and_the_other_is_a_copy(raw: Path, processed: Path) -> None:
    shutil.copy(raw / "referrals.txt", raw / "zz copy.csv")
    report = build(raw, processed)
    copy = next(file for file in report.manifest["files"] if file["path"] == "zz copy.csv")
    assert (copy["role"], copy["copy_of"], report.files_read) == ("copy", "referrals.txt", 4)
    assert len(load_panel(report.store, indicators=["referral_count"]).data) == 2


def test_two_files_that_claim_one_release_are_refused(raw: Path, processed: Path) -> None:
    write(raw, REFERRALS, [row(REFERRALS, LEEDS, 2025, referral_count="1001")], name="again.csv")
    with pytest.raises(ReleaseConflict, match=r"again\.csv and referrals\.txt|referrals\.txt and again\.csv"):
        build(raw, processed)


def test_a_day_of_publication_in_the_name_orders_two_issues(raw: Path, processed: Path) -> None:
    (raw / "referrals.txt").rename(raw / "cin_published-2025-11-05.csv")
    write(raw, REFERRALS, [row(REFERRALS, LEEDS, 2025, referral_count="1001")], name="cin_published-2025-12-01.csv")
    report = build(raw, processed)
    values = load_panel(report.store, indicators=["referral_count"], vintages=True).data.set_index(["release", "area"])
    assert values.loc[("2025", "E08000035"), "value"] == 1001
    assert values.loc[("2025, published 2025-11-05", "E08000035"), "value"] == 1000


def _card(folder: Path, sha256: str, published: str, release: str = "2025", name: str = "card") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(f'sha256 = "{sha256}"\nrelease = "{release}"\npublished = "{published}"\n', encoding="utf-8")
    return path


def _sha256(report: BuildReport, path: str) -> str:
    return str(next(file["sha256"] for file in report.manifest["files"] if file["path"] == path))


def test_a_card_gives_the_day_of_publication(built: BuildReport, raw: Path, processed: Path, tmp_path: Path) -> None:
    card = _card(tmp_path, _sha256(built, "referrals.txt"), "2025-11-05")
    report = build(raw, processed, cards=[card])
    (source,) = [s for s in load_panel(report.store).sources if s.key == "referrals"]
    assert source.published == "2025-11-05"
    assert report.files_read == 0


def test_a_month_on_a_card_is_kept_as_a_month(built: BuildReport, raw: Path, processed: Path, tmp_path: Path) -> None:
    report = build(raw, processed, cards=[_card(tmp_path, _sha256(built, "referrals.txt"), "2025-11")])
    entry = next(file for file in report.manifest["files"] if file["path"] == "referrals.txt")
    assert entry["published"] == "2025-11"
    assert next(s for s in load_panel(report.store).sources if s.key == "referrals").published == "2025-11"


def test_a_month_does_not_order_an_issue_within_it(
    built: BuildReport, raw: Path, processed: Path, tmp_path: Path
) -> None:
    card = _card(tmp_path, _sha256(built, "referrals.txt"), "2025-11")
    write(raw, REFERRALS, [row(REFERRALS, LEEDS, 2025, referral_count="1001")], name="x_published-2025-11-05.csv")
    with pytest.raises(ReleaseConflict):
        build(raw, processed, cards=[card])


def test_a_card_that_names_another_release_is_refused(
    built: BuildReport, raw: Path, processed: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReleaseConflict, match="the card says release '2024'"):
        build(raw, processed, cards=[_card(tmp_path, _sha256(built, "referrals.txt"), "2025-11-05", release="2024")])


@pytest.mark.parametrize(
    "text", ["not toml", 'sha256 = "short"', 'sha256 = "' + "a" * 64 + '"\npublished = "May"', "a = 1\na = 2"]
)
def test_a_card_that_cannot_be_read_is_refused(raw: Path, processed: Path, tmp_path: Path, text: str) -> None:
    card = tmp_path / "card.toml"
    card.write_text(text, encoding="utf-8")
    with pytest.raises(SourceRefused, match=r"card\.toml"):
        build(raw, processed, cards=[card])


def test_two_cards_that_differ_over_one_file_are_refused(raw: Path, processed: Path, tmp_path: Path) -> None:
    cards = [_card(tmp_path, "a" * 64, day, name=day) for day in ("2025-11-05", "2025-11-06")]
    with pytest.raises(SourceRefused, match="another release or date"):
        build(raw, processed, cards=cards)


def test_a_folder_without_published_files_is_refused(tmp_path: Path, processed: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceRefused, match="no published file"):
        build(tmp_path / "empty", processed)
    with pytest.raises(UsageError, match="no folder"):
        build(tmp_path / "nowhere", processed)


def test_the_sample_uses_its_own_register_and_says_so(sample: Path, processed: Path) -> None:
    report = build(sample, processed)
    assert report.is_sample
    assert _roles(report)["authorities.csv"] == "register"
    panel = load_panel(report.store)
    assert panel.is_sample
    assert panel.register.nation.code in set(panel.data["area"])


def test_invented_codes_are_refused_by_the_register_of_england(sample: Path, processed: Path) -> None:
    (sample / "authorities.csv").unlink()
    with pytest.raises(GeographyConflict):
        build(sample, processed)


def test_two_different_registers_are_refused(sample: Path, processed: Path) -> None:
    text = (sample / "authorities.csv").read_text(encoding="utf-8")
    (sample / "other.csv").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(ReleaseConflict, match=r"authorities\.csv and other\.csv"):
        build(sample, processed)


def test_a_register_of_the_callers_is_needed_again_to_load(sample: Path, processed: Path) -> None:
    from insight.core.register import Register
    from insight.errors import StoreDamaged

    own = Register.read(sample / "authorities.csv")
    report = build(sample, processed, register=own)
    assert _roles(report)["authorities.csv"] == "left alone"
    with pytest.raises(StoreDamaged, match="another register"):
        load_panel(report.store)
    assert load_panel(report.store, register=own).is_sample


def test_a_file_that_is_too_large_is_refused_with_its_size(
    raw: Path, processed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insight.sources._open.MAX_BYTES", 600)
    with pytest.raises(SourceRefused, match=r"[\d,]+ bytes; published files are at most 600"):
        build(raw, processed)


def test_an_indicator_of_an_earlier_release_alone_needs_the_vintages(raw: Path, processed: Path) -> None:
    from insight.errors import PanelError
    from tests.sources.published_rows import REFERRALS_2024

    write(raw, REFERRALS_2024, [row(REFERRALS_2024, LEEDS, 2024)], name="older.csv")
    store = build(raw, processed).store
    with pytest.raises(PanelError, match="vintages"):
        load_panel(store, indicators=["referral_rate_per_10k"])
    panel = load_panel(store, indicators=["referral_rate_per_10k"], vintages=True)
    assert panel.data["release"].tolist() == ["2024"]


@pytest.mark.parametrize(
    "name", ["con", "aux.", "Telford & Wrekin 2024?", "x" * 200, "‮evil", "..hidden", "{{ config }}", "=1+1"]
)
def test_the_name_of_a_store_is_made_of_plain_letters(tmp_path: Path, processed: Path, name: str) -> None:
    folder = tmp_path / name
    write(folder, WORKFORCE, [row(WORKFORCE)])
    store = build(folder, processed).store
    assert store.parent == processed
    assert store.name == raw_id(folder)
    assert all(mark in "abcdefghijklmnopqrstuvwxyz0123456789-" for mark in store.name)
    assert len(store.name) <= 49
