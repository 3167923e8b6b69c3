"""A published site: what stands is listed, what is listed stands, and old figures say that they are old."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from insight.core.fingerprint import file_sha256
from insight.errors import FolderHeld, SiteDamaged, UsageError
from insight.reporting.job import Job, Outcome
from insight.reporting.lock import held
from insight.reporting.pack import pack
from insight.reporting.progress import closing_words
from insight.reporting.site_files import TakenAway, add_to_site
from insight.reporting.site_freshness import Cards, Remembered, age_in_words, ages
from insight.reporting.verify import verify
from tests.reporting.fake_crew import AREAS, STUDIES, FakeCrew, batch_of, bytes_of, pages_of

ONE = STUDIES[:1]
WORKBOOK = f"{AREAS[0]}/numbers.xlsx"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "site"
    batch_of(out, pages_of(AREAS[:3], ONE))
    return out


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "site")


def manifest_of(out: Path) -> dict[str, dict[str, object]]:
    content: dict[str, dict[str, object]] = json.loads((out / "manifest.json").read_bytes())
    return content


def nobody() -> FakeCrew:
    raise AssertionError("nothing is to be made")


def test_every_file_of_a_site_is_in_its_manifest(out: Path) -> None:
    manifest = manifest_of(out)
    pages = manifest["pages"]
    listed = {*pages, *(href.replace(".html", ".json") for href in pages), *manifest["site"], "manifest.json"}
    assert set(bytes_of(out)) == listed
    for address, checksum in manifest["site"].items():
        assert file_sha256(out / address) == checksum
    assert manifest["made_from"]["package"]


def test_an_unchanged_site_is_not_written_again(out: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.*") if ".insight" not in path.parts}
    batch_of(out, pages_of(AREAS[:3], ONE), nobody)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_page_that_changes_touches_the_pages_that_speak_of_it_alone(out: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.html")}
    fails = FakeCrew(lambda job: Outcome("failed", reason="E500 too few") if job.area == AREAS[0] else None)
    batch_of(out, pages_of(AREAS[:1], ONE, version="2"), fails)
    changed = {path.relative_to(out).as_posix() for path in before if path.stat().st_mtime_ns != before[path]}
    assert f"{AREAS[0]}/index.html" in changed and "errors.html" in changed
    assert not changed & {f"{AREAS[1]}/index.html", "glossary.html", "methods.html", "sources.html"}


def test_a_page_of_the_site_that_would_be_the_same_is_not_even_rendered(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insight.reporting import site_make

    rendered: list[str] = []
    real = site_make.page

    def page(template: str, **values: Any) -> str:
        rendered.append(template)
        return real(template, **values)

    monkeypatch.setattr(site_make, "page", page)
    batch_of(out, pages_of(AREAS[3:4], ONE))
    # The new area, its region, the index, the question and the sources, which count pages.
    assert sorted(rendered) == [
        "index.html",
        "site_area.html",
        "site_question.html",
        "site_region.html",
        "site_sources.html",
    ]


def test_a_spoilt_page_of_the_site_is_put_right_by_the_next_run(out: Path) -> None:
    before = bytes_of(out)
    (out / "glossary.html").write_text("spoilt", encoding="utf-8")
    (out / AREAS[1] / "index.html").unlink()
    batch_of(out, pages_of(AREAS[:3], ONE), nobody)
    assert bytes_of(out) == before


def test_pages_of_an_area_that_is_gone_are_removed(out: Path) -> None:
    shutil.rmtree(out / AREAS[2])
    batch_of(out, pages_of(AREAS[:2], ONE), nobody)
    assert not (out / AREAS[2]).exists()
    assert verify(out).is_whole


def test_added_files_stay_listed_while_they_stand(out: Path) -> None:
    add_to_site(out, {WORKBOOK: b"PK numbers", "all.csv": b"a,b\n"})
    extra = {WORKBOOK: sha256(b"PK numbers").hexdigest(), "all.csv": sha256(b"a,b\n").hexdigest()}
    assert manifest_of(out)["extra"] == extra
    assert b'href="numbers.xlsx"' in (out / AREAS[0] / "index.html").read_bytes()
    assert b'href="all.csv"' in (out / "index.html").read_bytes()
    assert verify(out).is_whole
    before = bytes_of(out)
    batch_of(out, pages_of(AREAS[:3], ONE), nobody)
    assert bytes_of(out) == before
    batch_of(out, pages_of(AREAS[:3], ONE, version="2"))
    assert manifest_of(out)["extra"] == extra
    (out / "all.csv").unlink()
    batch_of(out, pages_of(AREAS[:3], ONE, version="2"), nobody)
    assert list(manifest_of(out)["extra"]) == [WORKBOOK]
    assert b"all.csv" not in (out / "index.html").read_bytes()
    assert verify(out).is_whole


def of_page(out: Path, href: str) -> dict[str, dict[str, str]]:
    """The workbook as made of a page as it stands."""
    return {WORKBOOK: {href: file_sha256(out / href)}}


def test_a_file_of_pages_that_have_changed_is_taken_away_and_said(out: Path) -> None:
    pages = pages_of(AREAS[:3], ONE)
    href = pages[0].href
    add_to_site(out, {WORKBOOK: b"PK numbers", "all.csv": b"a,b\n"}, of=of_page(out, href))
    assert manifest_of(out)["extra_of"] == of_page(out, href)
    # Other pages may change, and the very same page may be asked for again.
    kept = batch_of(out, [pages[0], *pages_of(AREAS[1:3], ONE, version="2")])
    assert (out / WORKBOOK).is_file() and verify(out).is_whole and not kept.taken_away
    batch = batch_of(out, pages_of(AREAS[:1], ONE, version="2"))
    assert not (out / WORKBOOK).exists()
    assert list(manifest_of(out)["extra"]) == ["all.csv"] and manifest_of(out)["extra_of"] == {}
    assert b"numbers.xlsx" not in (out / AREAS[0] / "index.html").read_bytes()
    assert verify(out).is_whole
    said = "1 workbook was of earlier pages and was taken away; make it again with: insight workbook"
    assert batch.taken_away == TakenAway((WORKBOOK,)) and said in repr(batch)
    assert said in list(closing_words(batch, site="site", resume=""))


def test_a_file_of_a_page_that_failed_or_grew_old_is_taken_away(out: Path, tmp_path: Path) -> None:
    page = pages_of(AREAS[:1], ONE)[0]
    add_to_site(out, {WORKBOOK: b"PK"}, of=of_page(out, page.href))
    other = shutil.copytree(out, tmp_path / "other")
    # The earlier page stands with a notice, which the workbook lacks.
    fails = FakeCrew(lambda job: Outcome("failed", reason="E500 too few"))
    batch_of(out, pages_of(AREAS[:1], ONE, version="2"), fails)
    releases = Remembered({"workforce": ("2025", "2026", "2027")})
    batch_of(other, pages_of(AREAS[:3], ONE), nobody, releases=releases)
    for site in (out, other):
        assert (site / page.href).is_file() and not (site / WORKBOOK).exists() and verify(site).is_whole


def test_a_file_of_pages_that_changed_meanwhile_is_not_added(out: Path) -> None:
    of = of_page(out, pages_of(AREAS[:1], ONE)[0].href)
    batch_of(out, pages_of(AREAS[:1], ONE, version="2"))
    before = bytes_of(out)
    with pytest.raises(UsageError, match="have changed"):
        add_to_site(out, {WORKBOOK: b"PK"}, of=of)
    assert bytes_of(out) == before


def test_a_file_that_somebody_put_in_the_place_of_ours_stays(out: Path) -> None:
    add_to_site(out, {WORKBOOK: b"PK"}, of=of_page(out, pages_of(AREAS[:1], ONE)[0].href))
    add_to_site(out, {WORKBOOK: b"mine"})
    batch_of(out, pages_of(AREAS[:1], ONE, version="2"))
    assert (out / WORKBOOK).read_bytes() == b"mine" and verify(out).is_whole


def test_what_was_taken_away_is_counted_by_kind() -> None:
    said = TakenAway((WORKBOOK, "a/numbers.xlsx", "a/page.pdf"), held=("b/numbers.xlsx", "a/other.pdf", "b/other.pdf"))
    assert said.lines == (
        "1 PDF was of earlier pages and was taken away; make it again with: insight pdf",
        "2 workbooks were of earlier pages and were taken away; make them again with: insight workbook",
        "2 PDFs are of earlier pages and could not be taken away: close them, then run again",
        "1 workbook is of earlier pages and could not be taken away: close it, then run again",
    )
    assert TakenAway().lines == () and not TakenAway()


@contextmanager
def held_open(address: str) -> Iterator[None]:
    """As a file that another program has open on Windows: it cannot be removed."""
    real = Path.unlink

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if self.as_posix().endswith(address):
            raise PermissionError(13, "The process cannot access the file")
        real(self, missing_ok=missing_ok)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        yield


def test_a_file_that_cannot_be_taken_away_stays_listed_and_goes_later(out: Path) -> None:
    page = pages_of(AREAS[:1], ONE, version="2")
    of = of_page(out, pages_of(AREAS[:1], ONE)[0].href)
    add_to_site(out, {WORKBOOK: b"PK"}, of=of)
    with held_open(WORKBOOK):
        batch = batch_of(out, page)
        assert batch.taken_away == TakenAway(held=(WORKBOOK,))
        said = "1 workbook is of earlier pages and could not be taken away: close it, then run again"
        assert said in list(closing_words(batch, site="site", resume="")) and said in repr(batch)
        assert list(manifest_of(out)["extra"]) == [WORKBOOK] and manifest_of(out)["extra_of"] == of
        assert verify(out).troubles == ((WORKBOOK, "outdated"),)
        # Held still, when another file is added.
        assert add_to_site(out, {"all.csv": b"1"}) == TakenAway(held=(WORKBOOK,))
    assert batch_of(out, page, nobody).taken_away == TakenAway((WORKBOOK,))
    assert not (out / WORKBOOK).exists() and verify(out).is_whole


def test_adding_a_file_says_what_it_took_away(out: Path) -> None:
    add_to_site(out, {WORKBOOK: b"PK"}, of=of_page(out, pages_of(AREAS[:1], ONE)[0].href))
    with held_open(WORKBOOK):
        batch_of(out, pages_of(AREAS[:1], ONE, version="2"))
    assert add_to_site(out, {"all.csv": b"1"}) == TakenAway((WORKBOOK,))
    assert verify(out).is_whole


def test_a_file_that_somebody_deleted_is_not_said_to_be_taken_away(out: Path) -> None:
    changes: tuple[Callable[[], TakenAway], ...] = (
        lambda: batch_of(out, pages_of(AREAS[:1], ONE, version="2")).taken_away,
        lambda: add_to_site(out, {"all.csv": b"1"}),
    )
    for change in changes:
        add_to_site(out, {WORKBOOK: b"PK"}, of=of_page(out, pages_of(AREAS[:1], ONE)[0].href))
        manifest = manifest_of(out)
        manifest["extra_of"][WORKBOOK] = {pages_of(AREAS[:1], ONE)[0].href: "0" * 64}
        (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        (out / WORKBOOK).unlink()
        assert not change()
        assert WORKBOOK not in manifest_of(out)["extra"] and verify(out).is_whole


def test_a_workbook_goes_where_its_area_gets_a_further_page_and_a_pdf_stays(out: Path) -> None:
    href = pages_of(AREAS[:1], ONE)[0].href
    pdf = href.replace(".html", ".pdf")
    of = {**of_page(out, href), pdf: {href: file_sha256(out / href)}}
    add_to_site(out, {WORKBOOK: b"PK", pdf: b"%PDF"}, of=of)
    # Another area's further page is nothing to it.
    assert not batch_of(out, pages_of(AREAS[1:2], STUDIES)).taken_away
    assert batch_of(out, pages_of(AREAS[:1], STUDIES)).taken_away == TakenAway((WORKBOOK,))
    assert list(manifest_of(out)["extra"]) == [pdf] and verify(out).is_whole
    with pytest.raises(UsageError, match="have changed"):
        add_to_site(out, {WORKBOOK: b"PK"}, of=of_page(out, href))


def test_one_unsound_origin_does_not_drop_the_others(out: Path) -> None:
    add_to_site(out, {WORKBOOK: b"PK", "all.csv": b"1"}, of=of_page(out, pages_of(AREAS[:1], ONE)[0].href))
    manifest = manifest_of(out)
    manifest["extra_of"]["all.csv"] = 5
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert batch_of(out, pages_of(AREAS[:1], ONE, version="2")).taken_away == TakenAway((WORKBOOK,))
    assert list(manifest_of(out)["extra"]) == ["all.csv"] and verify(out).is_whole


def test_a_page_or_record_of_a_study_is_removed_under_no_other_name(out: Path) -> None:
    href = pages_of(AREAS[:1], ONE)[0].href
    gone, alone = (page.href for page in pages_of(AREAS[1:3], ONE))
    (out / alone).with_suffix(".json").unlink()
    manifest = manifest_of(out)
    # As files around the pages that are no longer made; as a file of earlier pages; and a page that is no more listed.
    manifest["site"] |= {href: "0", href.replace(".html", ".json"): "0", gone: "0", alone: "0"}
    manifest["extra"][href] = file_sha256(out / href)
    manifest["extra_of"] = {href: {href: "0"}}
    del manifest["pages"][gone]
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = {address: data for address, data in bytes_of(out).items() if address.partition("/")[0] in AREAS}
    assert not batch_of(out, pages_of(AREAS[:1], ONE), nobody).taken_away
    for address in (href, href.replace(".html", ".json"), gone, gone.replace(".html", ".json"), alone):
        assert (out / address).read_bytes() == before[address]
    assert manifest_of(out)["extra"] == {}


def test_a_site_whose_manifest_keeps_an_older_workbook_is_not_whole(out: Path, tmp_path: Path) -> None:
    add_to_site(out, {WORKBOOK: b"PK"}, of=of_page(out, pages_of(AREAS[:1], ONE)[0].href))
    manifest = manifest_of(out)
    manifest["extra_of"][WORKBOOK] = {pages_of(AREAS[:1], ONE)[0].href: "0" * 64}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert verify(out).troubles == ((WORKBOOK, "outdated"),)
    with pytest.raises(SiteDamaged, match="pages that are others now"):
        pack(out, everything=True, to=tmp_path / "x.zip")


def test_adding_after_a_run_is_the_same_as_before_it(out: Path, tmp_path: Path) -> None:
    add_to_site(out, {WORKBOOK: b"PK"})
    other = tmp_path / "other"
    batch_of(other, pages_of(AREAS[:2], ONE))
    add_to_site(other, {WORKBOOK: b"PK"})
    batch_of(other, pages_of(AREAS[:3], ONE))
    assert bytes_of(other) == bytes_of(out)


@pytest.mark.parametrize(
    "address",
    ["../x", "/x", "a//b", ".insight/x", "a/.x", "CON", "aux.txt", "a\\b", "a/b.", "", "x" * 151, "a/\u202eb", "C:x"],
)
def test_a_file_stays_in_the_site(out: Path, address: str) -> None:
    before = bytes_of(out)
    with pytest.raises(UsageError):
        add_to_site(out, {"good.csv": b"1", address: b"2"})
    assert bytes_of(out) == before


@pytest.mark.parametrize(
    "address", ["index.html", "manifest.json", f"{AREAS[0]}/{ONE[0]}.html", f"{AREAS[0]}/{ONE[0]}.json"]
)
def test_a_page_is_not_replaced_by_a_file(out: Path, address: str) -> None:
    with pytest.raises(UsageError, match="the address of a page"):
        add_to_site(out, {address: b"x"})


def test_nothing_is_written_through_a_link(out: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (out / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="leads out"):
        add_to_site(out, {"linked/x.csv": b"x"})
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_folder_without_a_site_or_in_use_is_refused(out: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"without manifest\.json"):
        add_to_site(tmp_path, {"x.csv": b"x"})
    with held(out), pytest.raises(FolderHeld):
        add_to_site(out, {"x.csv": b"x"})


def test_a_failed_page_links_to_what_its_code_means(tmp_path: Path) -> None:
    out = tmp_path / "site"
    batch_of(out, pages_of(AREAS[:1], ONE), FakeCrew(lambda job: Outcome("failed", reason="E500 too few rows")))
    assert 'href="../errors.html#E500"' in (out / AREAS[0] / f"{ONE[0]}.html").read_text(encoding="utf-8")
    # The plain page is listed, so that nobody can change it unseen.
    assert verify(out).is_whole
    assert f"{AREAS[0]}/{ONE[0]}.html" in manifest_of(out)["site"]


# How old figures are.


def card(folder: Path, name: str, release: str, checksum: str = "") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(f'release = "{release}"\nsha256 = "{checksum}"\n', encoding="utf-8")
    return path


class Shown:
    """A source as a record names it."""

    def __init__(self, key: str, release: str, checksum: str = "") -> None:
        self.key, self.release, self.sha256, self.title = key, release, checksum, key


def test_releases_are_those_of_cards_and_pages(tmp_path: Path) -> None:
    paths = (
        card(tmp_path, "workforce_2022", "2022"),
        card(tmp_path, "workforce_2026", "2026"),
        card(tmp_path, "workforce_by_ethnicity_2030", "2030"),
        card(tmp_path, "placements_new_2025", "2025", "ab" * 32),
        card(tmp_path, "placements_new_2027", "2027"),
    )
    shown = [Shown("workforce", "2025, published 2025-11-05"), Shown("placements", "2025-03", "ab" * 32)]
    assert Cards(paths).releases(shown) == {"placements": ("2025-03", "2027"), "workforce": ("2022", "2025", "2026")}
    assert Cards().releases(shown) == {"placements": ("2025-03",), "workforce": ("2025",)}


def test_age_counts_the_releases_since_the_newest_that_is_shown() -> None:
    releases = {"a": ("2021", "2023", "2025", "2026-06-17")}
    (age,) = ages([Shown("a", "2021"), Shown("a", "2023")], releases)
    assert (age.release, age.releases_old, age.newest) == ("2023", 2, "2026-06-17")
    assert age.in_words == "2 releases old: the newest is 2026-06-17"
    assert age_in_words(1, "2025") == "one release old: the newest is 2025"
    (unknown,) = ages([Shown("b", "2021")], releases)
    assert unknown.in_words == "no newer release is known"


def test_a_page_two_releases_old_says_so_until_the_cards_no_longer_do(out: Path) -> None:
    # The made pages show release 2025 of the workforce.
    pages = pages_of(AREAS[:3], ONE)
    before = bytes_of(out)
    one_newer = Remembered({"workforce": ("2025", "2026")})
    batch_of(out, pages, nobody, releases=one_newer)
    href = pages[0].href
    assert bytes_of(out)[href] == before[href]
    assert "one release old" in (out / "sources.html").read_text(encoding="utf-8")
    batch_of(out, pages, nobody, releases=Remembered({"workforce": ("2025", "2026", "2027")}))
    html = (out / href).read_text(encoding="utf-8")
    assert "These figures are not the newest." in html and "2 releases old: the newest is 2027" in html
    assert "more than one release old" in (out / "index.html").read_text(encoding="utf-8")
    assert manifest_of(out)["pages"][href]["stale"] is True  # type: ignore[index]
    assert verify(out).is_whole
    stale = bytes_of(out)
    # It is a current page all the same: nothing is run, and nothing written.
    batch_of(out, pages, nobody, releases=Remembered({"workforce": ("2025", "2026", "2027")}))
    assert bytes_of(out) == stale
    batch_of(out, pages, nobody)
    assert bytes_of(out) == before


def test_a_page_made_with_old_figures_has_the_bytes_of_one_that_grew_old(out: Path, tmp_path: Path) -> None:
    releases = Remembered({"workforce": ("2025", "2026", "2027")})
    batch_of(out, pages_of(AREAS[:3], ONE), nobody, releases=releases)
    batch_of(tmp_path / "other", pages_of(AREAS[:3], ONE), releases=releases)
    assert bytes_of(out) == bytes_of(tmp_path / "other")


def test_a_site_of_an_earlier_form_is_brought_up_to_date_first(out: Path) -> None:
    manifest = manifest_of(out)
    for name in ("site", "extra", "places", "studies", "releases", "made_from"):
        del manifest[name]
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(UsageError, match="earlier form"):
        add_to_site(out, {"x.csv": b"x"})
    (out / "x.csv").unlink(missing_ok=True)
    with pytest.raises(SiteDamaged):
        verify(out)
    batch_of(out, pages_of(AREAS[:3], ONE), nobody)
    assert verify(out).is_whole


def test_a_page_that_another_program_holds_leaves_the_others_and_is_made_later(
    out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.name == "index.html" and target.parent.name == AREAS[0]:
            raise PermissionError(13, "The process cannot access the file")
        return real(self, target)

    def fails(job: Job) -> Outcome | None:
        return Outcome("failed", reason="E500 too few") if job.area == AREAS[0] and job.kind == "page" else None

    held_page = (out / AREAS[0] / "index.html").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        patch.setattr("insight.core.whole._FIRST_WAIT", 0.001)
        batch_of(out, pages_of(AREAS[:2], ONE, version="2"), FakeCrew(fails))
    assert (out / AREAS[0] / "index.html").read_bytes() == held_page
    assert verify(out).is_whole
    batch_of(out, pages_of(AREAS[1:2], ONE, version="2"), nobody)
    assert b"E500 too few" in (out / AREAS[0] / "index.html").read_bytes()
