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
from pathlib import Path

import pytest

from tests.campaign.rig import (
    HARMLESS,
    HOME,
    PAGE_FAULTS,
    STOPS,
    Dice,
    Project,
    audit,
    gone,
    make_project,
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
def reference(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The site as it is when nothing goes wrong."""
    out = tmp_path_factory.mktemp("reference") / "site"
    ended = project.run(out)
    assert ended.code == 0, ended.said
    found = published(out)
    assert len([name for name in found if name.endswith(".json") and "/" in name]) == len(HOME)
    return found


@pytest.fixture(autouse=True)
def tight_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHT_CELL_SECONDS", "4")
    monkeypatch.setenv("INSIGHT_PAGE_SECONDS", "8")
    monkeypatch.setenv("INSIGHT_PAGE_MEMORY_MB", "1024")


def batch(kind: str, project: Project, out: Path, reference: Mapping[str, bytes], dice: Dice) -> None:
    """One batch to which this happens, its audit, and the run after it."""
    mark = f"{dice.seed}-{kind.replace(' ', '-')}-{time.monotonic_ns()}"
    if kind == "full disk":
        _full_disk(project, out.with_name(f"{out.name}-disk"), reference, dice, mark)
        return
    faults = dice.faults(list(PAGE_FAULTS)) if kind == "faults in pages" or dice.random.random() < 0.3 else {}
    running = project.start(out, faults={area: PAGE_FAULTS[name] for area, name in faults.items()}, mark=mark)
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
    assert audit(out, reference) == [], story
    _resume(project, out, reference, dice, story)


def _resume(project: Project, out: Path, reference: Mapping[str, bytes], dice: Dice, story: str) -> None:
    """The next run makes the site what it would have been."""
    again = project.run(out, mark=f"resume-{time.monotonic_ns()}")
    assert again.code == 0, f"{story}\nthen {again.said}"
    found = published(out)
    assert {name for name in {*found, *reference} if found.get(name) != reference.get(name)} == set(), story
    assert not list((out / ".insight").glob("run-*")), story
    if dice.random.random() < 0.5:
        shutil.rmtree(out)


def _full_disk(project: Project, out: Path, reference: Mapping[str, bytes], dice: Dice, mark: str) -> None:
    """The disk fills up while pages are made, at some byte; room is made; the run goes on."""
    with small_disk(out, megabytes=24) as disk:
        if disk is None:
            pytest.skip("a full disk: this user may not make a small file system")
        site, filler = disk / "site", disk / "filler"
        running = project.start(site, faults={}, mark=mark)
        running.until(dice.random.randint(0, len(HOME) - 4))
        left = dice.random.randint(0, 150_000)
        filler.write_bytes(b"\0" * max(0, shutil.disk_usage(disk).free - left))
        ended = running.end()
        story = f"{left} bytes left: exit {ended.code}\n{ended.said}"
        assert "Traceback" not in ended.said, story
        assert gone(mark), story
        assert ended.code in (0, 1), story
        assert ended.code == 0 or "No space left" in ended.said or "bytes are free" in ended.said, story
        # The manifest itself may have found no room: then it lists what it did, and those pages are whole.
        wrong = audit(site, reference)
        assert [each for each in wrong if not each.startswith("journal and manifest disagree")] == [], story
        filler.unlink()
        again = project.run(site, mark=mark)
        assert again.code == 0, f"{story}\nthen {again.said}"
        assert published(site) == reference, story
        assert audit(site, reference) == [], story


@pytest.mark.parametrize("kind", SHORT)
@pytest.mark.skipif(bool(ROUNDS), reason="the whole campaign runs instead")
def test_a_site_survives(kind: str, project: Project, reference: dict[str, bytes], tmp_path: Path) -> None:
    batch(kind, project, tmp_path / "site", reference, Dice(FIRST))


@pytest.mark.skipif(not ROUNDS, reason="make campaign")
@pytest.mark.parametrize("seed", range(FIRST, FIRST + ROUNDS))
def test_a_round_of_batches(seed: int, project: Project, reference: dict[str, bytes], tmp_path: Path) -> None:
    dice = Dice(seed)
    kinds = ["faults in pages", *STOPS, "full disk"]
    for number in range(BATCHES):
        kind = kinds[number] if number < len(kinds) else dice.random.choice(kinds)
        batch(kind, project, tmp_path / "site", reference, dice)
