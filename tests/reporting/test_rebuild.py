"""A site made again from its manifest: the same raw files give the same bytes, and any other file is named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from insight.api import rebuild, run_pages
from insight.config import Config, Setting, load_config
from insight.errors import RawDiffers, SiteDamaged, UsageError
from insight.reporting import site_made_from
from insight.reporting.rebuild import compare, read_wanted, require_raw
from insight.reporting.site_files import add_to_site
from insight.reporting.site_workbooks import add_workbooks
from insight.reporting.verify import verify

HREF = "X06000001/indicator_profile.html"


@pytest.fixture(scope="module")
def config(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The sample as last year's raw folder, in a place of its own."""
    folder = tmp_path_factory.mktemp("lastyear")
    raw = shutil.copytree(root / "data" / "raw" / "sample", folder / "raw")
    found = load_config(start=root)
    own = {"raw": str(raw), "processed": str(folder / "processed"), "out": str(folder / "site")}
    return replace(found, settings={**found.settings, **{name: Setting(text, "test") for name, text in own.items()}})


def with_folders(config: Config, **folders: Path) -> Config:
    return replace(
        config, settings={**config.settings, **{name: Setting(str(path), "test") for name, path in folders.items()}}
    )


@pytest.fixture(scope="module")
def site(config: Config) -> Path:
    chosen = ("indicator_profile",)
    assert run_pages(config, chosen, authorities=("X06000001", "X06000002")).exit_code == 0
    setting = ("indicator=caseload_fte",)
    assert run_pages(config, chosen, authorities=("X06000001",), settings=setting).exit_code == 0
    return config.out


def test_the_manifest_names_what_is_needed(site: Path, root: Path) -> None:
    manifest = json.loads((site / "manifest.json").read_bytes())
    made_from = manifest["made_from"]
    names = {row["file"]: row for row in made_from["raw"]}
    assert names["sample_csww_indicators_2017_to_2025.csv"]["release"] == "2025"
    assert "README.md" not in names and "authorities.csv" in names
    assert set(made_from) == {"package", "libraries", "lock", "notebooks", "raw"}
    assert set(made_from["notebooks"]) == {"indicator_profile"}
    assert manifest["pages"][HREF]["parameters"]["authority"] == "X06000001"


def test_a_site_made_again_has_the_same_bytes(config: Config, site: Path, tmp_path: Path) -> None:
    raw = shutil.copytree(config.raw, tmp_path / "raw")
    found = rebuild(with_folders(config, raw=raw, out=tmp_path / "again"), site)
    assert found.exit_code == 0 and not found.different and not found.left_out and not found.changed, repr(found)
    assert found.equal == verify(site).files
    assert (tmp_path / "again" / HREF).read_bytes() == (site / HREF).read_bytes()
    assert (tmp_path / "again" / "manifest.json").read_bytes() == (site / "manifest.json").read_bytes()
    assert found.lines[-1].startswith("the same bytes: ") and repr(found).startswith("The same bytes")
    assert "as far as" not in repr(found)
    with pytest.raises(UsageError, match="something in the output folder"):
        rebuild(with_folders(config, raw=raw, out=tmp_path / "again"), site)


def test_a_page_that_was_changed_is_not_the_same(config: Config, site: Path, tmp_path: Path) -> None:
    manifest = json.loads((site / "manifest.json").read_bytes())
    for href in list(manifest["pages"]):
        if href != HREF:
            del manifest["pages"][href]
    manifest["pages"][HREF]["html_sha256"] = "0" * 64
    manifest["made_from"]["libraries"]["numpy"] = "0.1"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = rebuild(with_folders(config, out=tmp_path / "again"), tmp_path / "manifest.json")
    assert found.exit_code == 1 and HREF in found.different
    assert any(each.startswith("numpy ") and each.endswith("in place of 0.1") for each in found.changed)
    assert "NOT THE SAME BYTES" in found.lines[-1]


def test_with_further_files_every_other_file_is_compared_and_these_are_named(
    config: Config, site: Path, tmp_path: Path
) -> None:
    with_files = shutil.copytree(site, tmp_path / "files")
    add_to_site(with_files, {"all.csv": b"a,b\n"})
    add_workbooks(with_files, authorities=["X06000001"])
    found = rebuild(with_folders(config, out=tmp_path / "again"), with_files)
    assert found.exit_code == 0 and not found.different, repr(found)
    assert found.equal == verify(with_files).files - 2
    assert found.left_out == (
        ("X06000001/numbers.xlsx", "it is not made again here, but of the pages with: insight workbook"),
        ("all.csv", "it was added to the site afterwards"),
    )
    assert any(line.startswith("not compared: all.csv, it was added") for line in found.lines)
    # A page around them that somebody has changed, with the manifest, is told apart all the same.
    manifest = json.loads((with_files / "manifest.json").read_bytes())
    manifest["site"]["X06000001/index.html"] = "0" * 64
    (with_files / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    wanted = read_wanted(with_files)
    assert compare(wanted, tmp_path / "again", changed=()).different == ("X06000001/index.html",)


def test_with_a_failure_of_then_the_pages_around_are_compared_too(config: Config, site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "again")
    manifest = json.loads((site / "manifest.json").read_bytes())
    manifest["failed"]["X06000003/site_effect.html"] = "E500 too few"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = compare(read_wanted(tmp_path), tmp_path / "again", changed=())
    # What the site of then would have said of it is not in this manifest's checksums.
    assert {"index.html", "errors.html", "X06000003/index.html"} <= set(found.different)
    assert not [address for address in found.different if address in manifest["pages"]]


def test_where_a_page_was_left_out_the_pages_around_are_said_not_to_be_compared(site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "again")
    manifest = json.loads((site / "manifest.json").read_bytes())
    manifest["pages"][HREF]["notice"] = True
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = compare(read_wanted(tmp_path), tmp_path / "again", changed=())
    assert any(line.startswith("not compared: index.html and the pages around") for line in found.lines)
    same = replace(found, different=())
    assert same.lines[-1].startswith("the same bytes, as far as compared: ") and same.exit_code == 0
    assert "The same bytes, as far as compared" in repr(same)


def test_where_no_page_can_be_made_again_nothing_is_said_to_be_the_same(
    config: Config, site: Path, tmp_path: Path
) -> None:
    manifest = json.loads((site / "manifest.json").read_bytes())
    path = tmp_path / "manifest.json"
    for entry in manifest["pages"].values():
        entry["notice"] = True
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SiteDamaged, match=r"without a page that can be made again.*the last run failed"):
        rebuild(with_folders(config, out=tmp_path / "again"), path)
    path.write_text(json.dumps({**manifest, "pages": {}}), encoding="utf-8")
    with pytest.raises(SiteDamaged, match="without a page that can be made again"):
        read_wanted(path)


def test_raw_files_that_differ_are_named_with_their_release(config: Config, site: Path, tmp_path: Path) -> None:
    wanted = read_wanted(site)
    raw = shutil.copytree(config.raw, tmp_path / "raw")
    require_raw(wanted, raw)
    workforce, referrals = (
        raw / "sample_csww_indicators_2017_to_2025.csv",
        next(raw.glob("*referrals_2013_to_2025*"), None),
    )
    workforce.write_bytes(workforce.read_bytes() + b"\n")
    with pytest.raises(RawDiffers, match=r"2017_to_2025\.csv \(workforce, release 2025\) is another file of that name"):
        require_raw(wanted, raw)
    workforce.unlink()
    with pytest.raises(RawDiffers, match=r"\(workforce, release 2025\) is not there") as raised:
        rebuild(with_folders(config, raw=raw, out=tmp_path / "again"), site)
    assert raised.value.exit_code == 3
    assert referrals is None or referrals.is_file()
    assert not (tmp_path / "again").exists()


def test_a_file_under_another_name_is_the_same_file(config: Config, site: Path, tmp_path: Path) -> None:
    raw = shutil.copytree(config.raw, tmp_path / "raw")
    (raw / "sample_csww_indicators_2017_to_2025.csv").rename(raw / "workforce.csv")
    require_raw(read_wanted(site), raw)


def test_a_file_too_many_is_named(config: Config, site: Path, tmp_path: Path) -> None:
    manifest = json.loads((site / "manifest.json").read_bytes())
    rows = manifest["made_from"]["raw"]
    manifest["made_from"]["raw"] = [row for row in rows if row["source"] != "workforce_by_ethnicity"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(RawDiffers, match=r"\(workforce_by_ethnicity, release 2022\) was not among them"):
        rebuild(with_folders(config, out=tmp_path / "again"), tmp_path)


def test_what_cannot_be_made_again_is_left_out_and_said(site: Path, tmp_path: Path) -> None:
    manifest = json.loads((site / "manifest.json").read_bytes())
    hrefs = sorted(manifest["pages"])
    manifest["pages"][hrefs[0]]["notice"] = True
    manifest["pages"][hrefs[1]]["store_hash"] = "another"
    manifest["failed"]["X06000003/indicator_profile.html"] = "E500"
    manifest["extra"]["X06000001/numbers.xlsx"] = "0" * 64
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    wanted = read_wanted(tmp_path)
    assert [href for href, _, _ in wanted.pages] == hrefs[2:]
    assert [why for _, why in wanted.left_out] == [
        "the last run failed, and an earlier page stands",
        "it was made from earlier data",
        "it could not be made then",
    ]
    assert wanted.added == (("X06000001/numbers.xlsx", "it was added to the site afterwards"),)


def test_a_manifest_that_says_too_little_is_refused(site: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no manifest"):
        read_wanted(tmp_path)
    manifest = json.loads((site / "manifest.json").read_bytes())
    manifest["made_from"]["raw"] = []
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SiteDamaged, match="which raw files"):
        read_wanted(tmp_path)


def test_a_store_that_is_gone_leaves_the_list_of_raw_files_empty(root: Path, tmp_path: Path) -> None:
    assert site_made_from.made_from(store=tmp_path, root=root, studies=[])["raw"] == []
