"""A site made again from its manifest: the same raw files, exactly those pages, and whether the bytes are the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insight.core.area import printable
from insight.core.described import Described, Description
from insight.core.fingerprint import file_sha256
from insight.errors import RawDiffers, SiteDamaged, UsageError
from insight.reporting.folder import record_of, study_of
from insight.reporting.site import Summaries
from insight.reporting.site_files import made_again_with
from insight.reporting.site_made_from import raw_files
from insight.reporting.site_make import make_site
from insight.reporting.verify import MANIFEST, listed_files, read_manifest

if TYPE_CHECKING:
    from insight.core.register import Register
    from insight.reporting.plan import Page

_NAMED = 5
_SHOWN = 20


@dataclass(frozen=True)
class Wanted:
    """What a manifest asks for.

    Parameters
    ----------
    pages : tuple of (address, study, parameters)
        Those that can be made again from the data that the manifest names.
    left_out : tuple of (address, why)
        Those that cannot.
    added : tuple of (address, how)
        Further files, which no run makes.
    """

    manifest: Mapping[str, Any]
    pages: tuple[tuple[str, str, Mapping[str, Any]], ...]
    left_out: tuple[tuple[str, str], ...]
    added: tuple[tuple[str, str], ...]


@dataclass(frozen=True, repr=False)
class Rebuilt(Described):
    """How a site that was made again compares with its manifest.

    Parameters
    ----------
    equal : int
        Files with the same bytes: pages, records, and the pages around them.
    different : tuple of str
        Addresses of files with other bytes, or that could not be made.
    left_out : tuple of (address, why)
        Pages that the manifest lists and that cannot be made from its data; further files that no run makes; and why
        the pages around the studies' own were not compared, where they were not.
    changed : tuple of str
        What else is not as it was, in words: package, libraries, notebooks.
    """

    out: Path
    equal: int
    different: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    changed: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 where every file that could be made has the same bytes."""
        return int(bool(self.different))

    @property
    def lines(self) -> tuple[str, ...]:
        """For a console."""
        named = [f"{address} has other bytes, or could not be made" for address in self.different[:_SHOWN]]
        more = len(self.different) - len(named)
        told = [f"changed since: {each}" for each in self.changed]
        told += [f"not compared: {address}, {why}" for address, why in self.left_out[:_SHOWN]]
        told += [*named, *([f"and {more:,} more"] if more else [])]
        verdict = self._verdict if not self.different else self._verdict.upper()
        return (*told, f"{verdict}: {self.equal:,} files equal, {len(self.different):,} different")

    @property
    def _verdict(self) -> str:
        if self.different:
            return "not the same bytes"
        return "the same bytes, as far as compared" if self.left_out else "the same bytes"

    def describe(self) -> Description:
        """How many files are equal, and which are not."""
        facts = [("files equal", f"{self.equal:,}"), ("files different", f"{len(self.different):,}")]
        facts += [("different", address) for address in self.different[:_SHOWN]]
        facts += [("not compared", f"{address}: {why}") for address, why in self.left_out[:_SHOWN]]
        facts += [("changed since", each) for each in self.changed]
        return Description(self._verdict.capitalize(), tuple(facts))


def read_wanted(manifest: Path) -> Wanted:
    """What a manifest, or the one in a site's folder, asks for.

    Raises
    ------
    UsageError
        If there is none.
    SiteDamaged
        If it does not say what its site was made from, or lists no page that can be made again from that.
    """
    path = manifest / MANIFEST if manifest.is_dir() else manifest
    if not path.is_file():
        raise UsageError(
            "making a site again", found="no manifest of that name", todo="give the manifest.json of the site"
        )
    content = read_manifest(path)
    made_from = content["made_from"]
    if not made_from.get("raw"):
        raise SiteDamaged(
            "making a site again from its manifest",
            found="a manifest that does not say which raw files it was made from",
            todo="only a site that this version of insight has made can be made again so",
        )
    pages, left_out = [], []
    for href, entry in sorted(content["pages"].items()):
        if entry.get("notice"):
            left_out.append((href, "the last run failed, and an earlier page stands"))
        elif entry["store_hash"] != content["data_hash"]:
            left_out.append((href, "it was made from earlier data"))
        elif not entry.get("parameters"):
            left_out.append((href, "its parameters are not recorded"))
        else:
            pages.append((href, study_of(href), entry["parameters"]))
    left_out += [
        (href, "it could not be made then") for href in sorted(content["failed"]) if href not in content["pages"]
    ]
    if not pages:
        why = f"; {left_out[0][0]}: {left_out[0][1]}" if left_out else ""
        raise SiteDamaged(
            "making a site again from its manifest",
            found=f"a manifest without a page that can be made again from its data{why}",
            todo="bring the site up to date with insight run, and take the manifest that it leaves",
        )
    return Wanted(content, tuple(pages), tuple(left_out), tuple(_added(content)))


def _added(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The further files of a site, which no run makes, and where each comes from."""
    for address in sorted(manifest["extra"]):
        again = f"it is not made again here, but of the pages with: {made_again_with(address)}"
        yield address, again if address in manifest.get("extra_of", {}) else "it was added to the site afterwards"


def require_raw(wanted: Wanted, raw: Path, *, besides: Sequence[Path] = ()) -> None:
    """Nothing, where each raw file that the manifest names is there, byte for byte.

    Parameters
    ----------
    raw : Path
        Searched in depth.
    besides : sequence of Path
        Files outside it that a build reads too.

    Raises
    ------
    RawDiffers
        Naming the first files that are missing or different, with their release.
    """
    if not raw.is_dir():
        raise UsageError("making a site again", found="no raw folder of that name", todo="give it with --raw")
    paths = [Path(folder, name) for folder, _, names in os.walk(raw) for name in names]
    there = {file_sha256(path) for path in (*paths, *besides) if path.is_file()}
    names = {path.name for path in (*paths, *besides)}
    wrong = []
    for row in wanted.manifest["made_from"]["raw"]:
        if row["sha256"] not in there:
            name = str(row["file"]).rpartition("/")[2]
            fault = "is another file of that name" if name in names else "is not there"
            wrong.append(f"{_named(row)} {fault}")
    _refuse(wrong)


def require_same_store(wanted: Wanted, store_manifest: Mapping[str, Any]) -> None:
    """Nothing, where a store was built from those files and no others, and says the same.

    Raises
    ------
    RawDiffers
        Naming a file that is there beside them, or saying that the figures are read in another way now.
    """
    known = {row["sha256"] for row in wanted.manifest["made_from"]["raw"]}
    _refuse(
        f"{_named(row)} was not among them" for row in raw_files(store_manifest["files"]) if row["sha256"] not in known
    )
    if store_manifest["data_hash"] != wanted.manifest["data_hash"]:
        raise RawDiffers(
            "making a site again from its manifest",
            found="the same raw files, which this version of insight reads in another way",
            todo=f"use the version that made it: {_version(wanted.manifest)}",
        )


def pages_of(wanted: Wanted, *, register: Register, root: Path, store: Path) -> tuple[Page, ...]:
    """Exactly the pages that a manifest lists, with their parameters.

    Raises
    ------
    UnknownStudy, UsageError, UnknownArea
        If a study, its parameters or an area is none of today's.
    """
    from insight.reporting.plan import plan_exactly

    asked = [(study, register.get(href.partition("/")[0]), given) for href, study, given in wanted.pages]
    return plan_exactly(asked, root=root, store=store)


def changed_since(wanted: Wanted, now: Mapping[str, Any]) -> tuple[str, ...]:
    """What a site was made with that is not as it was, in words.

    Parameters
    ----------
    now : mapping
        As ``made_from`` gives it.
    """
    then = wanted.manifest["made_from"]
    said = []
    if then.get("package") != now["package"]:
        said.append(f"insight is not the one that made it: {_version(wanted.manifest)}")
    libraries = then.get("libraries", {})
    said += [
        f"{name} {now['libraries'].get(name, 'none')} in place of {version}"
        for name, version in sorted(libraries.items())
        if now["libraries"].get(name) != version
    ]
    notebooks = then.get("notebooks", {})
    said += [f"the notebook of {name}" for name in sorted(notebooks) if now["notebooks"].get(name) != notebooks[name]]
    if then.get("lock") != now["lock"]:
        said.append("the lock of the libraries")
    return tuple(printable(each) for each in said)


def compare(wanted: Wanted, out: Path, *, changed: tuple[str, ...]) -> Rebuilt:
    """The files of a site that was made again, against the manifest.

    The pages around the studies' own list further files and failures too, which no run makes again. So they are made
    once more with those of the manifest, and compared. Where a page was left out, they cannot be.
    """
    then, now = wanted.manifest, read_manifest(out / MANIFEST)
    made = listed_files({**now, "site": {}, "extra": {}})
    asked = listed_files({**then, "site": {}, "extra": {}})
    left = {address for href, _ in wanted.left_out for address in (href, record_of(href))}
    expected = {address: checksum for address, checksum in asked.items() if address not in left}
    left_out = [*wanted.left_out, *wanted.added]
    if set(then["pages"]) <= {href for href, _, _ in wanted.pages}:
        expected |= {address: checksum for address, checksum in then["site"].items() if address not in left}
        made |= now["site"] if _is_alike(then, now) else _around(out, then, now)
    else:
        left_out.append(("index.html and the pages around the studies' own", "they list pages that were not made"))
    different = sorted(address for address in {*expected, *made} if expected.get(address) != made.get(address))
    return Rebuilt(out, len(set(expected) - set(different)), tuple(different), tuple(left_out), changed)


def _is_alike(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return bool(then["extra"] == now["extra"] and then["failed"] == now["failed"])


def _around(out: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of the pages around the studies' own, as they would be with the further files and failures of then."""
    studies = {**then["studies"], **now["studies"]}
    listing = {**now, "studies": studies, "extra": then["extra"], "failed": {**then["failed"], **now["failed"]}}
    made = make_site(listing, Summaries().of(out, now["pages"]))
    return {address: sha256(html).hexdigest() for address, html in made.items()}


def require_empty(out: Path) -> None:
    """Nothing, where a folder is not there yet or holds nothing.

    Raises
    ------
    UsageError
        If something stands there: what was made must not be taken for what is made now.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("making a site again", found="something in the output folder", todo="choose an empty --out")


def _named(row: Mapping[str, Any]) -> str:
    release = f", release {row['release']}" if row.get("release") else ""
    return printable(f"{row['file']} ({row['source']}{release})")


def _version(manifest: Mapping[str, Any]) -> str:
    package = manifest["made_from"].get("package") or {}
    return f"{package.get('version', 'unknown')}, fingerprint {str(package.get('fingerprint', ''))[:12]}"


def _refuse(wrong: Iterable[str]) -> None:
    several = list(wrong)
    if several:
        more = f"; and {len(several) - _NAMED} more" if len(several) > _NAMED else ""
        raise RawDiffers(
            "making a site again from its manifest",
            found="; ".join(several[:_NAMED]) + more,
            todo="bring the very files that the manifest names; their SHA-256 tells them",
        )
