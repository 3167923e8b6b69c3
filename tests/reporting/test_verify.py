"""A published site against its manifest: every change of every file is found, and nothing but the folder is needed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from insight.core.fingerprint import file_sha256
from insight.errors import InsightError, SiteDamaged, UsageError
from insight.reporting.pack import pack
from insight.reporting.rebuild import changed_since, read_wanted, require_raw
from insight.reporting.site_files import add_to_site
from insight.reporting.site_workbooks import add_workbooks
from insight.reporting.verify import read_manifest, verify
from tests.reporting.fake_crew import AREAS, STUDIES, batch_of, bytes_of, pages_of

PAGE = f"{AREAS[0]}/{STUDIES[0]}.html"
RECORD = PAGE.replace(".html", ".json")
WORKBOOK = f"{AREAS[0]}/numbers.xlsx"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "site"
    batch_of(out, pages_of(AREAS[:2], STUDIES[:1]))
    add_to_site(out, {WORKBOOK: b"PK"})
    return out


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "site")


def test_a_site_as_it_was_published_is_whole(out: Path) -> None:
    verified = verify(out)
    assert verified.is_whole and verified.exit_code == 0
    # Everything but the manifest itself.
    assert verified.files == len(bytes_of(out)) - 1
    assert verified.manifest_sha256 == file_sha256(out / "manifest.json")
    assert verified.lines[-2:] == (
        f"every file is as it was published: {verified.files}",
        f"manifest: {verified.manifest_sha256}",
    )
    verified.require()


def test_it_needs_nothing_but_the_folder(out: Path) -> None:
    shutil.rmtree(out / ".insight")
    before = bytes_of(out)
    assert verify(out).is_whole
    assert not (out / ".insight").exists() and bytes_of(out) == before


@pytest.mark.parametrize("address", [PAGE, RECORD, WORKBOOK, "index.html", "glossary.html", f"{AREAS[0]}/index.html"])
def test_one_changed_byte_of_any_file_is_found(out: Path, address: str) -> None:
    data = bytearray((out / address).read_bytes())
    data[-1] ^= 1
    (out / address).write_bytes(bytes(data))
    verified = verify(out)
    assert verified.troubles == ((address, "differs"),) and verified.exit_code == 1
    assert verified.lines[0] == f"{address} is not the file that was published"
    assert "THIS SITE IS NOT WHAT WAS PUBLISHED: 1 of its files" in verified.lines[1]
    with pytest.raises(SiteDamaged, match="is not the file that was published"):
        verified.require()


def test_missing_and_further_files_are_named(out: Path) -> None:
    (out / RECORD).unlink()
    (out / AREAS[1] / "note.txt").write_text("x", encoding="utf-8")
    (out / ".hidden").write_text("x", encoding="utf-8")
    (out / "linked").symlink_to(out / AREAS[1])
    assert verify(out).troubles == (
        (".hidden", "extra"),
        (RECORD, "missing"),
        (f"{AREAS[1]}/note.txt", "extra"),
        ("linked", "extra"),
    )


def opened_by(work: Callable[[], object]) -> list[str]:
    """The names of the files that are opened for as long as it lasts, by whatever way of the interpreter's."""
    names: list[str] = []
    is_over = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not is_over and isinstance(arguments[0], str):
            names.append(Path(arguments[0]).name)

    sys.addaudithook(hook)
    try:
        work()
    finally:
        is_over = True
    return names


@pytest.mark.parametrize("part", ["pages", "failed", "site", "extra"])
@pytest.mark.parametrize("address", ["../secret", "../secret.html", "/secret", "E06000001/../../secret.html"])
def test_a_manifest_that_leads_elsewhere_opens_nothing(out: Path, tmp_path: Path, part: str, address: str) -> None:
    for name in ("secret", "secret.html", "secret.json"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    manifest = json.loads((out / "manifest.json").read_bytes())
    checksum = file_sha256(tmp_path / "secret")
    entry = {**manifest["pages"][PAGE], "html_sha256": checksum, "record_sha256": checksum}
    manifest[part][address] = entry if part == "pages" else checksum
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    def refused() -> None:
        works: tuple[Callable[[], object], ...] = (
            lambda: verify(out),
            lambda: pack(out, everything=True),
            lambda: read_wanted(out),
            lambda: add_workbooks(out),
        )
        for work in works:
            with pytest.raises(SiteDamaged, match="leads out"):
                work()

    names = opened_by(refused)
    assert "manifest.json" in names and not [name for name in names if name.startswith("secret")]
    # What writes into a site takes no address from its manifest that leads out of it, and removes nothing there.
    with suppress(UsageError):
        add_to_site(out, {WORKBOOK: b"PK2"})
    batch_of(out, pages_of(AREAS[:2], STUDIES[:1], version="2"))
    assert {path.name for path in tmp_path.glob("secret*")} == {"secret", "secret.html", "secret.json"}
    assert {path.read_text(encoding="utf-8") for path in tmp_path.glob("secret*")} == {"x"}
    # Where the list of pages could not be believed, neither is that of further files.
    assert verify(out).troubles in ((), ((WORKBOOK, "extra"),))


def test_a_link_in_place_of_a_file_is_named_and_not_opened(out: Path, tmp_path: Path) -> None:
    shutil.copy(out / WORKBOOK, tmp_path / "secret")
    (out / WORKBOOK).unlink()
    (out / WORKBOOK).symlink_to(tmp_path / "secret")
    names = opened_by(lambda: verify(out))
    assert "secret" not in names and "numbers.xlsx" not in names
    assert verify(out).troubles == ((WORKBOOK, "linked"),)
    with pytest.raises(SiteDamaged, match="is a link"):
        pack(out, everything=True, to=tmp_path / "x.zip")


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"pages": {}}', '{"pages": {"a": 1}, "failed": {}, "site": {}, "extra": {}}']
)
def test_a_manifest_that_cannot_be_read_is_refused(out: Path, damage: str) -> None:
    (out / "manifest.json").write_text(damage, encoding="utf-8")
    with pytest.raises(SiteDamaged):
        verify(out)


def test_a_folder_that_is_no_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"without manifest\.json"):
        verify(tmp_path)


def test_the_command_says_it_and_ends_with_the_code(out: Path, tmp_path: Path) -> None:
    def command(*words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "insight", *words]
        return subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)

    whole = command("verify", str(out))
    assert whole.returncode == 0 and "every file is as it was published" in whole.stdout
    packed = command("pack", "--authority", "Hartlepool", "--out", str(out), "--to", "one.zip")
    assert packed.returncode == 0 and "Hartlepool, 1 page in" in packed.stdout, packed.stderr
    (out / PAGE).write_text("other", encoding="utf-8")
    spoilt = command("verify", str(out))
    assert spoilt.returncode == 1 and f"{PAGE} is not the file that was published" in spoilt.stdout
    refused = command("pack", "--all", "--out", str(out))
    assert refused.returncode == 1 and "E805" in refused.stderr + refused.stdout
    assert command("verify", str(tmp_path)).returncode == 2


@pytest.mark.parametrize(
    ("part", "bad"),
    [
        ("failed", {"../x.html": "why"}),
        ("site", {"../../a.html": "0"}),
        ("places", [{"code": ".."}]),
        ("extra", {"/a": ""}),
    ],
)
def test_a_manifest_that_leads_out_of_the_site_is_refused(tmp_path: Path, part: str, bad: object) -> None:
    manifest = {"pages": {}, "failed": {}, "site": {}, "extra": {}, "places": [], part: bad}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SiteDamaged, match="leads out"):
        verify(tmp_path)


def test_a_manifest_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(SiteDamaged, match="no manifest"):
        verify(tmp_path)


# Every part of a manifest that something rests on, and what an edit or another program may have left there.
PARTS: tuple[tuple[str | int, ...], ...] = (
    *((part,) for part in ("data_hash", "is_sample", "places", "studies", "made_from", "releases")),
    *((part,) for part in ("pages", "failed", "site", "extra", "extra_of")),
    *(("pages", PAGE, *name) for name in ((), ("store_hash",), ("html_sha256",), ("record_sha256",), ("parameters",))),
    *(("places", 0, *name) for name in ((), ("code",), ("name",), ("level",), ("region",), ("also",), ("is_living",))),
    *(("studies", STUDIES[0], *name) for name in ((), ("title",), ("question",))),
    *(("made_from", name) for name in ("package", "libraries", "lock", "notebooks", "raw")),
    *(("made_from", "raw", 0, *name) for name in ((), ("file",), ("sha256",), ("source",), ("release",))),
    ("made_from", "libraries", "numpy"),
    ("releases", "workforce"),
    ("extra", WORKBOOK),
    ("extra_of", WORKBOOK),
    ("extra_of", WORKBOOK, PAGE),
    ("failed", f"{AREAS[1]}/{STUDIES[1]}.html"),
    ("site", "index.html"),
)
GONE = object()
WRONG: tuple[object, ...] = (GONE, 5, [5], {"x/y.html": {}})


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with something in every part of its manifest."""
    out = tmp_path_factory.mktemp("full") / "site"
    batch_of(out, pages_of(AREAS[:2], STUDIES[:1]))
    manifest = read_manifest(out / "manifest.json")
    add_to_site(out, {WORKBOOK: b"PK"}, of={WORKBOOK: {PAGE: manifest["pages"][PAGE]["html_sha256"]}})
    manifest = read_manifest(out / "manifest.json")
    row = {"file": "a.csv", "sha256": "0" * 64, "source": "workforce", "release": "2025", "role": "indicators"}
    manifest["made_from"]["raw"] = [row]
    manifest["failed"] = {f"{AREAS[1]}/{STUDIES[1]}.html": "E500 too few rows"}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return out


@pytest.mark.parametrize("path", PARTS, ids=lambda path: "-".join(map(str, path)))
def test_a_manifest_without_a_part_or_with_another_is_refused_in_words(
    full: Path, tmp_path: Path, path: tuple[Any, ...]
) -> None:
    text = (full / "manifest.json").read_text(encoding="utf-8")
    out = shutil.copytree(full, tmp_path / "site")

    def again() -> None:
        wanted = read_wanted(out)
        changed_since(wanted, {"package": {}, "libraries": {}, "lock": "", "notebooks": {}})
        require_raw(wanted, tmp_path)

    works: tuple[Callable[[], object], ...] = (
        lambda: verify(out),
        lambda: pack(out, everything=True, to=tmp_path / "all.zip"),
        again,
        lambda: add_workbooks(out),
        # The last one, because it writes.
        lambda: add_to_site(out, {WORKBOOK: b"PK2"}),
    )
    for wrong in WRONG:
        manifest = json.loads(text)
        holder = manifest
        for step in path[:-1]:
            holder = holder[step]
        if wrong is GONE:
            del holder[path[-1]]
        else:
            holder[path[-1]] = wrong
        (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        for work in works:
            # Any other exception fails this test.
            with suppress(InsightError):
                work()
        shutil.copytree(full, out, dirs_exist_ok=True)


@pytest.mark.parametrize(
    ("part", "address"),
    [("site", PAGE), ("extra", RECORD), ("extra", "index.html"), ("site", WORKBOOK), ("extra", "manifest.json")],
)
def test_a_file_that_is_listed_twice_is_refused(full: Path, tmp_path: Path, part: str, address: str) -> None:
    manifest = json.loads((full / "manifest.json").read_bytes())
    manifest[part][address] = "0" * 64
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SiteDamaged, match="lists twice"):
        verify(tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        ("places", 0, "name"),
        ("places", 0, "also", 0),
        ("studies", STUDIES[0], "title"),
        ("studies", "\ud800", "title"),
        ("releases", "workforce", 0),
        ("pages", PAGE, "parameters", "indicator"),
        ("made_from", "libraries", "numpy"),
    ],
)
def test_a_text_that_cannot_be_written_is_refused(full: Path, tmp_path: Path, path: tuple[Any, ...]) -> None:
    manifest = json.loads((full / "manifest.json").read_bytes())
    manifest["places"][0]["also"] = ["x"]
    manifest["releases"]["workforce"] = ["2025"]
    manifest["studies"]["\ud800"] = {"title": "x", "question": "x"} if "\ud800" in path else None
    if "\ud800" not in path:
        del manifest["studies"]["\ud800"]
    holder = manifest
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = "half a letter \ud800"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for work in (verify, add_workbooks, read_wanted):
        with pytest.raises(SiteDamaged, match=f"named {path[0]} that is not of the form"):
            work(tmp_path)


@pytest.mark.parametrize("part", ["studies", "data_hash", "is_sample", "places", "made_from", "releases", "site"])
def test_the_part_that_is_missing_is_named(full: Path, tmp_path: Path, part: str) -> None:
    manifest = json.loads((full / "manifest.json").read_bytes())
    del manifest[part]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SiteDamaged, match=f"no part named {part}"):
        verify(tmp_path)
    with pytest.raises(SiteDamaged, match=f"no part named {part}"):
        read_wanted(tmp_path)


def test_a_run_into_a_site_with_a_spoilt_manifest_puts_it_right(full: Path, tmp_path: Path) -> None:
    out = shutil.copytree(full, tmp_path / "site")
    manifest = json.loads((out / "manifest.json").read_bytes())
    manifest |= {"site": 5, "studies": [1], "made_from": "x", "releases": 7, "places": {}, "extra": {WORKBOOK: 5}}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (out / WORKBOOK).unlink()
    batch_of(out, pages_of(AREAS[:2], STUDIES[:1]))
    assert verify(out).is_whole
