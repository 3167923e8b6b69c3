"""Months, programmes and an authority's own files on their way through the store."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from insight.core.register import Register
from insight.errors import ReleaseConflict, StoreDamaged
from insight.store import BuildReport, build, flags, load_panel, revisions
from tests.sources.made_sites import PROGRAMMES, SITES, programme, write_rows
from tests.sources.published_rows import (
    BRADFORD,
    LEEDS,
    MONTHS,
    REFERRALS,
    SOURCES,
    YORKSHIRE,
    month_row,
    row,
    source_row,
    write,
)

SHROPSHIRE, WREKIN = "E06000051", "E06000020"


def _sites(folder: Path, name: str, *months: str, count: str = "31") -> Path:
    return write_rows(folder / name, SITES, [("North", month, count, "5400", "2023-05") for month in months])


def _roles(report: BuildReport) -> dict[str, tuple[str, str]]:
    return {f["path"]: (f["role"], f["release"]) for f in report.manifest["files"] if "source" in f}


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """A list of programmes outside the raw folder."""
    return write_rows(tmp_path / "kept" / "programmes.csv", PROGRAMMES, [programme("Pathfinder")])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A raw folder with months and sources of referrals."""
    folder = tmp_path / "own"
    write(folder, MONTHS, [month_row(), month_row(BRADFORD), month_row(YORKSHIRE)], name="months.csv")
    write(folder, SOURCES, [source_row(), source_row(BRADFORD, Police="c")], name="sources.csv")
    return folder


def test_months_go_through_the_store(own: Path, processed: Path) -> None:
    report = build(own, processed)
    panel = load_panel(report.store, indicators=["referral_month_count"])
    assert panel.data["time_period"].tolist()[:2] == [202304, 202305]
    assert panel.data["time_period"].dtype == "int64"
    entry = next(e for e in report.manifest["totals"] if e["time_period"] == 202402)
    assert (entry["indicator"], entry["breakdown"]) == ("referral_month_count", "")
    # Two authorities of fifteen have rows, so nothing is compared.
    assert entry["not_comparable"][0]["area"] == "E12000003"


def test_a_sum_is_compared_within_its_own_breakdown(own: Path, processed: Path) -> None:
    region = source_row(YORKSHIRE)
    write(own, SOURCES, [source_row(), region], name="sources.csv")
    entries = [e for e in build(own, processed).manifest["totals"] if e["indicator"] == "referral_source_count"]
    assert len(entries) == 11
    assert {entry["breakdown"] for entry in entries} >= {"Police", "Schools"}


def test_a_month_of_low_reliability_flags_its_month(own: Path, processed: Path) -> None:
    write(own, MONTHS, [month_row(**{"April": "u", "May": "u", "Referrals": "u"})], name="months.csv")
    found = flags(build(own, processed).store).to_dict("records")
    assert [(flag["time_period"], flag["source"]) for flag in found] == [
        (202304, "referrals_by_month"),
        (202305, "referrals_by_month"),
    ]


def test_revisions_of_an_indicator_in_parts_are_paired_part_by_part(own: Path, processed: Path) -> None:
    write(own, SOURCES, [source_row(Police="20", whole="120")], name="sources_published-2025-01-01.csv")
    (own / "sources.csv").rename(own / "sources_published-2024-01-01.csv")
    frame = revisions(build(own, processed).store, "referral_source_count")
    assert len(frame) == 11
    assert frame.set_index("breakdown").loc["Police", "change"] == 10


def test_programmes_come_out_of_the_store_as_they_went_in(own: Path, processed: Path) -> None:
    write_rows(own / "p.csv", PROGRAMMES, [programme(), programme("Trial", "Bradford", live="2024-01")])
    panel = load_panel(build(own, processed).store)
    assert panel.programmes.names() == ("Pilot", "Trial")
    assert panel.programmes.of("Trial")[0].live == "2024-01"
    assert load_panel(build(own, processed).store, indicators=["referral_month_count"]).programmes == panel.programmes
    assert {source.key for source in panel.sources} >= {"programmes"}


def test_another_date_of_a_programme_is_another_hash_of_the_data(own: Path, processed: Path) -> None:
    hashes = set()
    for live in ("", "2023-09", "2023-10"):
        write_rows(own / "p.csv", PROGRAMMES, [programme(live=live), programme("Trial", live="2024-01")])
        hashes.add(build(own, processed).manifest["data_hash"])
    assert len(hashes) == 3


def test_facts_are_read_where_the_folder_has_no_file_of_its_own(own: Path, processed: Path, facts: Path) -> None:
    report = build(own, processed, facts=[facts])
    assert _roles(report)["facts: programmes.csv"] == ("current", "2023-07-26")
    assert load_panel(report.store).programmes.names() == ("Pathfinder",)
    assert build(own, processed, facts=[facts]).files_read == 0
    write_rows(facts, PROGRAMMES, [programme("Pathfinder", live="2023-09")])
    changed = build(own, processed, facts=[facts])
    assert (changed.files_read, changed.is_changed) == (1, True)
    assert changed.manifest["data_hash"] != report.manifest["data_hash"]


def test_the_folder_s_own_programmes_stand_instead_of_the_facts(own: Path, processed: Path, facts: Path) -> None:
    write_rows(own / "ours.csv", PROGRAMMES, [programme("Ours", announced="2020-01", funded="")])
    report = build(own, processed, facts=[facts])
    assert load_panel(report.store).programmes.names() == ("Ours",)
    assert "facts: programmes.csv" not in _roles(report)


def _aims(path: Path, region: str, key: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    head = f'kind = "regional aims"\nregion = "{region}"\nwhose = "its directors"\nsource = "a page"\n'
    aim = f'[[aim]]\nkey = "{key}"\nwords = "to do well"\ntest = "none"\nreason = "Nothing is published."\n'
    path.write_text(head + aim, encoding="utf-8")
    return path


def test_an_own_list_of_aims_stands_instead_of_the_facts_of_its_region_alone(
    own: Path, processed: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    facts = [
        _aims(kept / "default.toml", "", "of_the_rest"),
        _aims(kept / "london.toml", "London", "of_london"),
        _aims(kept / "west_midlands.toml", "West Midlands", "of_the_project"),
    ]
    _aims(own / "ours.toml", "West Midlands", "ours")
    store = build(own, processed, facts=facts).store
    panel = load_panel(store, indicators=["aims"])
    assert {aim.region: aim.key for aim in panel.aims} == {
        "": "of_the_rest",
        "E12000005": "ours",
        "E12000007": "of_london",
    }


def test_facts_of_real_places_are_never_read_with_another_register(
    sample: Path, own: Path, processed: Path, facts: Path
) -> None:
    for path in sample.glob("programmes.csv"):
        path.unlink()
    assert "facts: programmes.csv" not in _roles(build(sample, processed, facts=[facts]))
    given = build(own, processed, register=Register.read(), facts=[facts])
    assert "facts: programmes.csv" not in _roles(given)


def test_facts_alone_make_no_store(tmp_path: Path, processed: Path, facts: Path) -> None:
    from insight.errors import SourceRefused

    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceRefused, match="no published file"):
        build(tmp_path / "empty", processed, facts=[facts])


def test_an_older_list_of_programmes_is_replaced_and_not_added_to(own: Path, processed: Path) -> None:
    write_rows(own / "old.csv", PROGRAMMES, [programme("Old", announced="2020-01", funded="")])
    write_rows(own / "new.csv", PROGRAMMES, [programme("New", announced="2021-01", funded="")])
    report = build(own, processed)
    assert _roles(report)["old.csv"][0] == "vintage"
    assert load_panel(report.store, vintages=True).programmes.names() == ("New",)


def test_two_authorities_own_files_are_both_current(own: Path, processed: Path) -> None:
    _sites(own, f"sites-{SHROPSHIRE}.csv", "2023-04", "2023-05")
    _sites(own, f"sites-{WREKIN}.csv", "2023-04", count="12")
    report = build(own, processed)
    roles = _roles(report)
    assert roles[f"sites-{SHROPSHIRE}.csv"] == ("current", "202305")
    assert roles[f"sites-{WREKIN}.csv"] == ("current", "202304")
    panel = load_panel(report.store, indicators=["site_referral_count"])
    assert panel.data.groupby("area")["value"].sum().to_dict() == {SHROPSHIRE: 62.0, WREKIN: 12.0}
    assert {(each.area, each.site) for each in panel.programmes.of("Sites")} == {
        (SHROPSHIRE, "North"),
        (WREKIN, "North"),
    }


def test_the_newest_of_one_authority_s_files_is_current(own: Path, processed: Path) -> None:
    _sites(own, f"2023/sites-{SHROPSHIRE}.csv", "2023-04", "2023-05")
    _sites(own, f"2024/sites-{SHROPSHIRE}.csv", "2023-05", "2023-06", count="30")
    _sites(own, f"sites-{WREKIN}.csv", "2023-05", "2023-06", count="9")
    report = build(own, processed)
    assert [role for role, _ in _roles(report).values() if role == "vintage"] == ["vintage"]
    current = load_panel(report.store, indicators=["site_referral_count"]).select(areas=SHROPSHIRE).data
    assert current["time_period"].tolist() == [202305, 202306]
    frame = revisions(report.store, "site_referral_count")
    assert frame[["area", "time_period", "breakdown", "change"]].values.tolist() == [
        [SHROPSHIRE, 202305, "North", -1.0]
    ]
    (counted,) = [e for e in report.manifest["revisions"] if e["indicator"] == "site_referral_count"]
    assert (counted["older"], counted["newer"], counted["changed"]) == ("202305", "202306", 1)


def test_two_files_of_one_authority_and_one_month_are_refused(own: Path, processed: Path) -> None:
    _sites(own, f"a-{SHROPSHIRE}.csv", "2023-04")
    _sites(own, f"b-{SHROPSHIRE}.csv", "2023-04", count="30")
    with pytest.raises(ReleaseConflict, match="both claim the release 202304"):
        build(own, processed)


def test_the_same_bytes_under_two_codes_are_two_authorities_files(own: Path, processed: Path) -> None:
    first = _sites(own, f"sites-{SHROPSHIRE}.csv", "2023-04")
    shutil.copy(first, own / f"sites-{WREKIN}.csv")
    report = build(own, processed)
    assert {role for role, _ in _roles(report).values()} == {"current"}
    areas = set(load_panel(report.store, indicators=["site_referral_count"]).data["area"])
    assert areas == {SHROPSHIRE, WREKIN}


def test_a_file_that_is_given_another_code_is_read_anew(own: Path, processed: Path) -> None:
    first = _sites(own, f"sites-{SHROPSHIRE}.csv", "2023-04")
    build(own, processed)
    first.rename(own / f"sites-{WREKIN}.csv")
    store = build(own, processed).store
    assert set(load_panel(store, indicators=["site_child_count"]).data["area"]) == {WREKIN}


def test_a_code_in_the_name_of_a_published_file_makes_no_second_release(own: Path, processed: Path) -> None:
    write(own, REFERRALS, [row(REFERRALS, LEEDS, 2025)], name="c1.csv")
    shutil.copy(own / "c1.csv", own / "E08000035 c1.csv")
    assert sorted(role for role, _ in _roles(build(own, processed)).values()) == [
        "copy",
        "current",
        "current",
        "current",
    ]


def test_a_lost_part_of_programmes_is_said_and_read_anew(own: Path, processed: Path) -> None:
    write_rows(own / "p.csv", PROGRAMMES, [programme()])
    report = build(own, processed)
    for part in (report.store / "parts").glob("*.programmes.json"):
        part.unlink()
    with pytest.raises(StoreDamaged, match="insight build"):
        load_panel(report.store)
    healed = build(own, processed)
    assert (healed.files_read, healed.manifest) == (1, report.manifest)
    assert load_panel(healed.store).programmes.names() == ("Pilot",)


def test_parts_that_nothing_names_are_swept(own: Path, processed: Path) -> None:
    write_rows(own / "p.csv", PROGRAMMES, [programme()])
    build(own, processed)
    (own / "p.csv").unlink()
    store = build(own, processed).store
    assert not list((store / "parts").glob("*.programmes.json"))
    assert load_panel(store).programmes.names() == ()


@pytest.mark.published
def test_the_real_store_knows_the_pathfinders_and_their_months(published_store: Path) -> None:
    panel = load_panel(published_store, indicators=["referral_month_count"])
    wave_1 = panel.programmes.areas("Families First for Children pathfinder, wave 1")
    rows = panel.select(areas=wave_1).data
    assert {panel.register.get(code).name for code in wave_1} == {"Dorset", "Lincolnshire", "Wolverhampton"}
    assert rows["time_period"].max() == 202403
    assert (rows["status"] == "value").all()
