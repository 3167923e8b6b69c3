"""An archive of a site: its own index and manifest, nothing hidden, the same bytes every time."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from insight.core.fingerprint import file_sha256
from insight.errors import SiteDamaged, UnknownArea, UsageError
from insight.reporting.pack import pack
from insight.reporting.site_files import add_to_site
from insight.reporting.verify import verify
from tests.reporting.fake_crew import AREAS, STUDIES, batch_of, pages_of

# All of the North East, and one of another region.
NORTH_EAST, ELSEWHERE = AREAS, "E06000051"
PAGES = {code: f"{code}/{STUDIES[0]}.html" for code in (NORTH_EAST[0], ELSEWHERE)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "site"
    batch_of(out, pages_of([*NORTH_EAST, ELSEWHERE], STUDIES[:1]))
    add_to_site(out, {f"{NORTH_EAST[0]}/numbers.xlsx": b"PK", f"{ELSEWHERE}/numbers.xlsx": b"PK2", "all.csv": b"1"})
    return out


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "site")


def unpacked(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def test_one_authority_unpacked_is_a_site_of_its_own(out: Path, tmp_path: Path) -> None:
    packed = pack(out, authorities=["Hartlepool"], to=tmp_path / "one.zip")
    site = unpacked(packed.path, tmp_path / "one")
    assert packed.pages == 1 and packed.title == "Hartlepool"
    verified = verify(site)
    assert verified.is_whole and verified.manifest_sha256 == packed.manifest_sha256
    assert sorted(path.name for path in site.iterdir() if path.is_dir() and path.name[0] == "E") == [
        NORTH_EAST[0],
        "E12000001",
    ]
    index = (site / "index.html").read_text(encoding="utf-8")
    assert "Hartlepool" in index and "Middlesbrough" not in index
    assert (site / NORTH_EAST[0] / "numbers.xlsx").read_bytes() == b"PK"
    assert not (site / "all.csv").exists() and not (site / ".insight").exists()
    original = out / NORTH_EAST[0] / f"{STUDIES[0]}.html"
    assert (site / NORTH_EAST[0] / f"{STUDIES[0]}.html").read_bytes() == original.read_bytes()


def test_an_archive_knows_which_pages_its_files_were_made_of(out: Path, tmp_path: Path) -> None:
    of = {f"{code}/own.xlsx": {href: file_sha256(out / href)} for code, href in PAGES.items()}
    add_to_site(out, dict.fromkeys(of, b"PK"), of=of)
    site = unpacked(pack(out, authorities=["Hartlepool"], to=tmp_path / "one.zip").path, tmp_path / "one")
    own = f"{NORTH_EAST[0]}/own.xlsx"
    assert json.loads((site / "manifest.json").read_bytes())["extra_of"] == {own: of[own]}
    assert verify(site).is_whole


def test_a_region_is_its_own_pages_and_those_of_its_authorities(out: Path, tmp_path: Path) -> None:
    site = unpacked(pack(out, regions=["North East"], to=tmp_path / "ne.zip").path, tmp_path / "ne")
    pages = json.loads((site / "manifest.json").read_bytes())["pages"]
    assert {href.partition("/")[0] for href in pages} == set(NORTH_EAST)
    assert not (site / ELSEWHERE).exists() and not (site / "E12000005").exists()
    assert verify(site).is_whole


def test_every_link_of_an_archive_leads_to_a_file_in_it(out: Path, tmp_path: Path) -> None:
    site = unpacked(pack(out, authorities=["Hartlepool"], to=tmp_path / "one.zip").path, tmp_path / "one")
    for page in site.rglob("*.html"):
        for href in re.findall(r'<a [^>]*href="([^"#]+)', page.read_text(encoding="utf-8")):
            assert href.startswith(("http", "data:")) or (page.parent / href).is_file(), f"{page.name}: {href}"


def test_everything_is_the_site_itself(out: Path, tmp_path: Path) -> None:
    site = unpacked(pack(out, everything=True, to=tmp_path / "all.zip").path, tmp_path / "all")
    assert (site / "all.csv").read_bytes() == b"1"
    for path in (each for each in out.rglob("*") if each.is_file() and ".insight" not in each.parts):
        assert (site / path.relative_to(out)).read_bytes() == path.read_bytes(), path.name


def test_the_same_site_gives_the_same_archive(out: Path, tmp_path: Path) -> None:
    first = pack(out, authorities=["Hartlepool", "E06000002"], to=tmp_path / "1.zip")
    moved = shutil.copytree(out, tmp_path / "moved")
    second = pack(moved, authorities=["E06000002", "Hartlepool"], to=tmp_path / "2.zip")
    assert first.path.read_bytes() == second.path.read_bytes()
    with zipfile.ZipFile(first.path) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in names if ".insight" in name or name.startswith(("/", ".."))]


def test_an_archive_can_be_packed_again(out: Path, tmp_path: Path) -> None:
    one = pack(out, regions=["North East"], to=tmp_path / "ne.zip")
    site = unpacked(one.path, tmp_path / "ne")
    again = pack(site, everything=True, to=tmp_path / "again.zip")
    assert again.path.read_bytes() == one.path.read_bytes()


def test_without_a_place_it_stands_beside_the_site(out: Path) -> None:
    assert pack(out, authorities=["Hartlepool"]).path == out.parent / "site-E06000001.zip"
    with pytest.raises(UsageError, match="inside the site"):
        pack(out, everything=True, to=out / "all.zip")


def test_a_site_that_is_not_what_was_published_is_not_passed_on(out: Path, tmp_path: Path) -> None:
    (out / "glossary.html").write_text("other", encoding="utf-8")
    with pytest.raises(SiteDamaged, match=r"glossary\.html"):
        pack(out, everything=True, to=tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def test_the_choice_is_one_and_has_pages(out: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no areas"):
        pack(out)
    with pytest.raises(UsageError, match="more than one way"):
        pack(out, everything=True, regions=["North East"])
    with pytest.raises(UnknownArea):
        pack(out, regions=["Middle Earth"])
    with pytest.raises(UsageError, match="no page"):
        pack(out, authorities=["Cornwall"])
    with pytest.raises(UsageError, match=r"without manifest\.json"):
        pack(tmp_path / "nowhere", everything=True)
    assert not (tmp_path / "nowhere").exists()
