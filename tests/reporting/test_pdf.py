"""PDFs: tagged, whole, the same bytes every time, and in the site; and clear words where there are none."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from insight.errors import NoBrowser, PdfFailed, UnknownArea, UsageError
from insight.reporting.pdf import find_browser, make_pdf, same_bytes, without_links
from insight.reporting.pdf_site import make_pdfs, pages_of
from insight.reporting.render import render
from insight.reporting.site_files import add_to_site
from insight.reporting.verify import verify
from tests.reporting.fake_crew import AREAS, STUDIES, batch_of
from tests.reporting.fake_crew import pages_of as planned

posix = pytest.mark.skipif(os.name != "posix", reason="the stand-in for a browser is a shell script")
FAKE = (
    b"%PDF-1.4\n1 0 obj\n<</Title (T)\n/Creator (Mozilla/5.0 \\(X11; Linux\\) HeadlessChrome/156.0.0.0 and so on)\n"
    b"/Producer (Skia/PDF m156)\n/CreationDate (D:20261122125138+00'00')\n"
    b"/ModDate (D:20261122125138+00'00')>>\nendobj\n"
    b"2 0 obj\n<</Type /Page /StructTreeRoot 3 0 R /Lang (en-GB)>>\nendobj\n"
    b"trailer\n<</ID [<00ff00ff> <00ff00ff>]>>\nstartxref\n9\n%%EOF\n"
)


@pytest.fixture(scope="session")
def browser() -> Path:
    """A browser, or a skip."""
    try:
        return find_browser(os.environ.get("INSIGHT_BROWSER", ""))
    except NoBrowser:
        pytest.skip("no Chromium, Chrome or Edge on this machine: no PDF is made")


@pytest.fixture
def html(build: Any, context: Any) -> bytes:
    page: str = render(build(), context).html
    return page.encode()


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """A stand-in for a browser: a shell script that finds the wanted file in ``$out``."""

    def make(body: str) -> Path:
        path = tmp_path / "browser"
        find = 'for word in "$@"; do case "$word" in --print-to-pdf=*) out="${word#--print-to-pdf=}";; esac; done\n'
        path.write_text(f"#!/bin/sh\n{find}{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def elements(pdf: bytes) -> list[DictionaryObject]:
    """Every element of the structure, in reading order."""
    found: list[DictionaryObject] = []

    def walk(node: object) -> None:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, ArrayObject):
            for each in node:
                walk(each)
        elif isinstance(node, DictionaryObject):
            if "/S" in node:
                found.append(node)
            walk(node.get("/K"))

    root = PdfReader(BytesIO(pdf)).trailer["/Root"]
    assert isinstance(root, DictionaryObject)
    walk(root["/StructTreeRoot"])
    return found


def test_a_pdf_has_tags_a_title_a_language_and_an_outline(html: bytes, browser: Path) -> None:
    pdf = make_pdf(html, name="page", browser=browser)
    reader = PdfReader(BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en-GB" and root["/MarkInfo"]["/Marked"] is not None
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None and "Wellmoor" in str(reader.metadata.title)
    kinds = [str(each["/S"]) for each in elements(pdf)]
    assert kinds.count("/H1") == 1 and kinds.count("/H2") >= 3
    for kind in ("/Table", "/TH", "/TD", "/Caption", "/Figure"):
        assert kind in kinds, kind
    described = [str(each["/Alt"]) for each in elements(pdf) if str(each["/S"]) == "/Figure" and each.get("/Alt")]
    assert any("14.25% in 2018" in text and "12.50% in 2025" in text for text in described)
    assert "How do caseloads relate" in str(reader.outline[0])
    assert "Wellmoor" in reader.pages[0].extract_text()


def test_the_same_page_gives_the_same_bytes_and_says_nothing_of_this_machine(html: bytes, browser: Path) -> None:
    once, again = (make_pdf(html, name="page", browser=browser) for _ in range(2))
    assert once == again
    metadata = PdfReader(BytesIO(once)).metadata
    assert metadata is not None
    told = {str(key): str(value).strip() for key, value in metadata.items()}
    assert told["/Producer"] == "insight" and told["/Creator"].startswith("insight ")
    assert told["/CreationDate"] == told["/ModDate"] == "D:20000101000000+00'00'"
    for page in PdfReader(BytesIO(once)).pages:
        for note in page.get("/Annots", []):
            target = note.get_object().get("/A", {}).get("/URI", "")
            assert not str(target).startswith("file:")
    for trace in (b"Linux", b"file://", str(Path.home()).encode(), b"insight-pdf-"):
        assert trace not in once


def test_links_into_the_site_are_plain_text_and_others_stay() -> None:
    html = b'<a href="../index.html">All</a><a class="x" href=\'other.html#part\'>B</a>'
    assert without_links(html) == b'<a>All</a><a class="x">B</a>'
    kept = b'<a href="#main">M</a><a rel="x" href="https://example.org/a">W</a><link rel="icon" href="data:,">'
    assert without_links(kept) == kept


def test_what_changes_from_run_to_run_is_fixed_in_the_room_that_it_had() -> None:
    later = FAKE.replace(b"125138", b"235959").replace(b"00ff00ff", b"12341234").replace(b"Linux", b"MacOS")
    fixed = same_bytes(FAKE, of=b"page")
    assert fixed == same_bytes(later, of=b"page") != same_bytes(FAKE, of=b"another")
    assert len(fixed) == len(FAKE) and b"/Title (T)" in fixed and b"Chrome" not in fixed


def test_the_named_browser_is_taken_else_the_first_that_is_there(tmp_path: Path) -> None:
    for name in ("microsoft-edge", "chromium"):
        program = tmp_path / (f"{name}.exe" if sys.platform == "win32" else name)
        program.write_text("")
        program.chmod(0o755)
    around = {"PATH": str(tmp_path)}
    assert find_browser(environment=around).stem == "chromium"
    assert find_browser("microsoft-edge", environment=around).stem == "microsoft-edge"
    with pytest.raises(NoBrowser, match="'chromium-next'"):
        find_browser(str(tmp_path / "chromium-next"), environment=around)
    with pytest.raises(NoBrowser, match="no Chromium, Chrome or Edge"):
        find_browser(environment={"PATH": ""}, platform="linux")


def test_a_browser_in_its_usual_place_on_windows_is_found(tmp_path: Path) -> None:
    edge = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.write_text("")
    around = {"PATH": "", "ProgramFiles(x86)": str(tmp_path)}
    assert find_browser(environment=around, platform="win32") == edge


@posix
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("exit 3", "ended with code 3 and wrote none"),
        ('printf "%%PDF-1.4 cut off" > "$out"', "a damaged file"),
        ('printf "" > "$out"', "a damaged file"),
        ('printf "%%PDF-1.4\\n/Type /Page\\nstartxref\\n1\\n%%%%EOF" > "$out"', "without tags"),
        ('printf "%%PDF-1.4\\nstartxref\\n1\\n%%%%EOF" > "$out"', "without pages"),
    ],
)
def test_a_browser_that_makes_no_whole_pdf_is_told_apart(script: Callable[[str], Path], body: str, found: str) -> None:
    with pytest.raises(PdfFailed, match=found):
        make_pdf(b"<p>page</p>", name="page", browser=script(body))


@posix
def test_a_browser_that_takes_too_long_is_ended_with_its_helpers(script: Callable[[str], Path], tmp_path: Path) -> None:
    pid = tmp_path / "helper.pid"
    slow = script(f'sleep 60 & echo $! > "{pid}"; wait')
    with pytest.raises(PdfFailed, match="not done after"):
        make_pdf(b"<p>page</p>", name="page", browser=slow, seconds=1.0)
    # A helper that has been ended and that nobody has taken note of yet counts as ended.
    state = Path(f"/proc/{int(pid.read_text())}/stat")
    assert not state.exists() or ") Z " in state.read_text()


@posix
def test_a_file_that_is_no_program_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "browser"
    empty.write_bytes(b"\x00\x01")
    empty.chmod(0o755)
    with pytest.raises(PdfFailed, match="could not be started"):
        make_pdf(b"<p>page</p>", name="page", browser=empty)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "site"
    batch_of(out, planned(AREAS[:3], STUDIES[:1]))
    return out


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "site")


@posix
def test_pdfs_stand_beside_their_pages_and_in_the_manifest(site: Path, script: Callable[[str], Path]) -> None:
    fake = site.parent / "fake.pdf"
    fake.write_bytes(FAKE.replace(b"and so on", b"and so on" + b" " * 80))
    program = str(script(f'cp "{fake}" "$out"'))
    hrefs = pages_of(site)
    before = {path for path in site.rglob("*") if path.suffix in (".html", ".json", ".pdf")}
    done = make_pdfs(site, hrefs, browser=program)
    assert done.made == tuple(href.replace(".html", ".pdf") for href in hrefs) and done.exit_code == 0
    after = {path for path in site.rglob("*") if path.suffix in (".html", ".json", ".pdf")}
    assert {path.relative_to(site).as_posix() for path in after - before} == set(done.made)
    assert set(done.made) <= set(json.loads((site / "manifest.json").read_bytes())["extra"])
    assert verify(site).exit_code == 0
    # Each knows its page, and goes when that changes.
    manifest = json.loads((site / "manifest.json").read_bytes())
    of = {href.replace(".html", ".pdf"): {href: manifest["pages"][href]["html_sha256"]} for href in hrefs}
    assert manifest["extra_of"] == of
    # Pages that have not changed keep theirs; one that was changed by hand gets a new one.
    assert make_pdfs(site, hrefs, browser=program).unchanged == done.made
    (site / done.made[0]).write_bytes(b"%PDF-1.4 another")
    assert make_pdfs(site, hrefs, browser=program).made == done.made[:1]
    # One that an earlier version has listed without its page is listed with it, as it stands; what goes is said.
    add_to_site(site, {"old.pdf": b"x"})
    manifest = json.loads((site / "manifest.json").read_bytes())
    manifest["extra_of"] = {"old.pdf": {hrefs[0]: "0"}}
    (site / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    moments = {address: (site / address).stat().st_mtime_ns for address in done.made}
    said: list[str] = []
    assert make_pdfs(site, hrefs, browser=program, say=said.append).unchanged == done.made
    assert said == ["1 PDF was of earlier pages and was taken away; make it again with: insight pdf"]
    assert json.loads((site / "manifest.json").read_bytes())["extra_of"] == of
    assert {address: (site / address).stat().st_mtime_ns for address in done.made} == moments


@posix
def test_one_page_that_fails_does_not_keep_the_others(site: Path, script: Callable[[str], Path]) -> None:
    fake = site.parent / "fake.pdf"
    fake.write_bytes(FAKE)
    first = pages_of(site)[0]
    (site / first).write_bytes(b"<p>another page</p>")
    said: list[str] = []
    done = make_pdfs(site, pages_of(site), browser=str(script(f'cp "{fake}" "$out"')), say=said.append)
    assert [href for href, _ in done.failed] == [first] and len(done.made) == 2 and done.exit_code == 1
    assert len(said) == 3 and not (site / first).with_suffix(".pdf").exists()


def test_pages_are_chosen_by_study_and_area(site: Path) -> None:
    area = AREAS[0]
    code = getattr(area, "code", area)
    assert [href.partition("/")[0] for href in pages_of(site, authorities=(str(code),))] == [code]
    with pytest.raises(UsageError, match="none of its 3 pages"):
        pages_of(site, studies=("getting_to_good",))
    with pytest.raises(UnknownArea):
        pages_of(site, authorities=("Nowhere",))
    with pytest.raises(UsageError, match="without manifest"):
        pages_of(site / "nothing")


@pytest.mark.parametrize("title", [b"(a <b> \\) c)", b"<FEFF00E9>"])
def test_any_title_lets_day_and_maker_be_fixed(title: bytes) -> None:
    maker = b"(Mozilla/5.0 X11, and more room than that, as a browser has, for a checksum of 64 letters and some more)"
    pdf = (
        b"1 0 obj\n<</Title "
        + title
        + b"\n/Creator "
        + maker
        + b"\n/CreationDate (D:20261122120000+00'00')>>\nendobj\n"
    )
    fixed = same_bytes(pdf, of=b"page")
    assert b"D:20000101" in fixed and b"2026" not in fixed and b"Mozilla" not in fixed and title in fixed
