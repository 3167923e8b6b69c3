"""The campaign: batches to which everything happens, and what they leave behind (reliability.md, rows 1-8, 13, 19, 90).

One seeded pass of a few batches stands in the test suite. The whole is ``make campaign``: twenty rounds of ten batches
(``INSIGHT_CAMPAIGN`` is the number of rounds, ``INSIGHT_CAMPAIGN_SEED`` where to begin).
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from insight.reporting.notice import without_notice
from tests.campaign.rig import (
    HARMLESS,
    HOME,
    PAGE_FAULTS,
    STOPS,
    Dice,
    Project,
    audit,
    gone,
    is_around,
    make_project,
    of_studies,
    published,
    small_disk,
)

ROUNDS = int(os.environ.get("INSIGHT_CAMPAIGN", "0"))
FIRST = int(os.environ.get("INSIGHT_CAMPAIGN_SEED", "1"))
BATCHES = 10
# In the short pass each of these happens once, several in one batch, so that it stays under a minute.
SHORT = ("faults in pages", "Ctrl-C", "killed", "full disk")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc: Linux only")


@pytest.fixture(scope="module")
def project(root: Path, sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(root, tmp_path_factory.mktemp("campaign") / "project", sample_store.parent)


@pytest.fixture(scope="module")
def sites(project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The site as it is when nothing goes wrong, of either version of the notebook."""
    made = []
    for version in (0, 1):
        project.use(version)
        out = tmp_path_factory.mktemp("reference") / "site"
        ended = project.run(out)
        assert ended.code == 0, ended.said
        assert len(of_studies(out)) == len(HOME)
        made.append(out)
    first, second = map(published, made)
    assert set(first) == set(second)
    assert all(first[name] != second[name] for name in first if "/" in name and not is_around(name))
    return made[0], made[1]


@pytest.fixture(autouse=True)
def tight_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHT_CELL_SECONDS", "4")
    monkeypatch.setenv("INSIGHT_PAGE_SECONDS", "8")
    monkeypatch.setenv("INSIGHT_PAGE_MEMORY_MB", "1024")


@dataclass
class Round:
    """One site through which batches go, each with another version of every page than the one before."""

    project: Project
    sites: tuple[Path, Path]
    out: Path
    dice: Dice
    version: int = 0

    @property
    def reference(self) -> Mapping[str, bytes]:
        return published(self.sites[self.version])

    @property
    def references(self) -> list[Mapping[str, bytes]]:
        return [published(site) for site in self.sites]

    def batch(self, kind: str) -> None:
        """A batch to which this happens, over the last good site or none; its audit; and the run after it."""
        if not self.out.exists() and self.dice.random.random() < 0.7:
            shutil.copytree(self.sites[self.version], self.out)
        self.version = 1 - self.version
        self.project.use(self.version)
        # What an earlier batch has kept of this version would spare its pages the cells in which things go wrong.
        shutil.rmtree(self.out / ".insight" / "results", ignore_errors=True)
        mark = f"{self.dice.seed}-{kind.replace(' ', '-')}-{time.monotonic_ns()}"
        if kind == "full disk":
            self._full_disk(mark)
            # It went over a copy elsewhere: this site is still of the version before.
            self.version = 1 - self.version
        else:
            self._disturbed(kind, mark)

    def _disturbed(self, kind: str, mark: str) -> None:
        dice, out = self.dice, self.out
        faults = dice.faults(list(PAGE_FAULTS)) if kind == "faults in pages" or dice.random.random() < 0.3 else {}
        before = {path.parent.name for path in of_studies(out)}
        running = self.project.start(out, faults={area: PAGE_FAULTS[name] for area, name in faults.items()}, mark=mark)
        if kind in STOPS:
            running.until(dice.random.randint(0, len(HOME) - 1))
            time.sleep(dice.random.random() * 0.05)
            for number in STOPS[kind]:
                running.send(number)
                time.sleep(0.05)
        asked = time.monotonic()
        ended = running.end()
        story = f"{kind}, {faults}: exit {ended.code}\n{ended.said}"
        assert "Traceback" not in ended.said, story
        assert gone(mark), f"processes are left: {story}"
        if kind in STOPS:
            assert time.monotonic() - asked < 10, story
        else:
            bad = {area for area, name in faults.items() if name not in HARMLESS}
            assert ended.code == int(bool(bad)), story
            assert all(area in ended.said for area in bad), story
            for area in bad & before:
                # The last good page, of the version before, with a notice.
                (page,) = (path for path in of_studies(out) if path.parent.name == area)
                old = published(self.sites[1 - self.version])[f"{area}/{page.name}"]
                assert page.read_bytes() != old, story
                assert without_notice(page.read_bytes()) == without_notice(old), story
        assert audit(out, self.references) == [], story
        self._resume(story)

    def _resume(self, story: str) -> None:
        """The next run makes the site what it would have been."""
        again = self.project.run(self.out, mark=f"resume-{time.monotonic_ns()}")
        assert again.code == 0, f"{story}\nthen {again.said}"
        found, reference = published(self.out), self.reference
        assert {name for name in {*found, *reference} if found.get(name) != reference.get(name)} == set(), story
        assert not list((self.out / ".insight").glob("run-*")), story
        if self.dice.random.random() < 0.3:
            shutil.rmtree(self.out)

    def _full_disk(self, mark: str) -> None:
        """The disk fills up while pages are made, at some byte; room is made; the run goes on."""
        with small_disk(self.out.with_name(f"{self.out.name}-disk-{mark}"), megabytes=24) as disk:
            if disk is None:
                pytest.skip("a full disk: this user may not make a small file system")
            site, filler = disk / "site", disk / "filler"
            shutil.copytree(self.sites[1 - self.version], site)
            running = self.project.start(site, faults={}, mark=mark)
            running.until(self.dice.random.randint(0, len(HOME) - 4))
            left = self.dice.random.randint(0, 150_000)
            # The batch writes meanwhile, and may take the last of the room before this does.
            with suppress(OSError):
                filler.write_bytes(b"\0" * max(0, shutil.disk_usage(disk).free - left))
            ended = running.end()
            story = f"{left} bytes left: exit {ended.code}\n{ended.said}"
            assert "Traceback" not in ended.said, story
            assert gone(mark), story
            assert ended.code in (0, 1), story
            assert ended.code == 0 or "No space left" in ended.said or "bytes are free" in ended.said, story
            # The manifest itself may have found no room: then it says what it did.
            wrong = [each for each in audit(site, self.references) if "manifest" not in each]
            assert wrong == [], story
            filler.unlink()
            again = self.project.run(site, mark=mark)
            assert again.code == 0, f"{story}\nthen {again.said}"
            assert published(site) == self.reference, story
            assert audit(site, self.references) == [], story


@pytest.mark.parametrize("kind", SHORT)
@pytest.mark.skipif(bool(ROUNDS), reason="the whole campaign runs instead")
def test_a_site_survives(kind: str, project: Project, sites: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(sites[0], tmp_path / "site")
    Round(project, sites, tmp_path / "site", Dice(FIRST)).batch(kind)


@pytest.mark.skipif(not ROUNDS, reason="make campaign")
@pytest.mark.parametrize("seed", range(FIRST, FIRST + ROUNDS))
def test_a_round_of_batches(seed: int, project: Project, sites: tuple[Path, Path], tmp_path: Path) -> None:
    going = Round(project, sites, tmp_path / "site", Dice(seed))
    kinds = ["faults in pages", *STOPS, "full disk"]
    for number in range(BATCHES):
        going.batch(kinds[number] if number < len(kinds) else going.dice.random.choice(kinds))
