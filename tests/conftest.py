"""What every test stands on: no network, and the real files where they are present."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from insight.store import BuildReport

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background ignores Ctrl-C, and so would everything that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
ROOT = Path(__file__).resolve().parents[1]
# An ordinary place, and one that shares its return with a neighbour; their regions' pages come with them.
SAMPLE_AUTHORITIES = ("X06000001", "X06000048")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every connection that would leave the machine (kernels speak over loopback)."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if self.family in (socket.AF_INET, socket.AF_INET6) and host not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {host!r}")
        connect(self, address)  # type: ignore[arg-type]  # the socket module accepts any address form

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real published files, or a skip that says where it was sought."""
    folder = Path(os.environ.get("INSIGHT_TEST_DATA", "../shared/data"))
    folder = folder if folder.is_absolute() else (ROOT / folder).resolve()
    if not (folder / "published").is_dir():
        pytest.skip(f"the published files are not at INSIGHT_TEST_DATA ({folder})")
    return folder


@pytest.fixture(scope="session")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a session share; whoever makes something in it holds a lock."""
    base = tmp_path_factory.getbasetemp()
    # Every worker has its own folder below the session's.
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def sample_store(root: Path, together: Path) -> Path:
    """A store of the sample data, built once for the session; only looked at."""
    from filelock import FileLock

    from insight.store import build, raw_id

    processed = together / "processed"
    raw = root / "data" / "raw" / "sample"
    with FileLock(together / "processed.lock"):
        build(raw, processed)
    return processed / raw_id(raw)


@pytest.fixture(scope="session")
def sample_pages(root: Path, together: Path, sample_store: Path) -> Path:
    """A site of the sample data: every study for an ordinary authority, one that shares its return, and their regions.

    Made once for the session, whichever worker asks first; only looked at. INSIGHT_TEST_PAGES names a site that stands
    already, so that the same checks can be run over real pages by hand.
    """
    if standing := os.environ.get("INSIGHT_TEST_PAGES"):
        return Path(standing)
    from filelock import FileLock

    site = together / "browser-site"
    with FileLock(together / "browser-site.lock"):
        if not (together / "browser-site.made").is_file():
            chosen = [word for code in SAMPLE_AUTHORITIES for word in ("--authority", code)]
            command = [sys.executable, "-m", "insight", "run", *chosen, "--out", str(site), "--jobs", "2"]
            settings = {"INSIGHT_RAW": str(root / "data" / "raw" / "sample")}
            settings["INSIGHT_PROCESSED"] = str(sample_store.parent)
            told = subprocess.run(
                command, cwd=root, env={**os.environ, **settings}, capture_output=True, text=True, check=False
            )
            assert told.returncode == 0, f"the sample site could not be made:\n{told.stdout}\n{told.stderr}"
            (together / "browser-site.made").touch()
    return site


@pytest.fixture(scope="session")
def published_build(test_data: Path, root: Path, together: Path) -> BuildReport:
    """A build of the real published files, read once for the session, whichever worker asks first; only looked at."""
    from filelock import FileLock

    from insight.store import build

    kept = root / "data" / "raw"
    facts = [kept / "programmes.csv", *sorted((kept / "aims").glob("*.toml"))]
    with FileLock(together / "published-store.lock"):
        return build(
            test_data / "published", together / "published-store", cards=sorted(kept.glob("*.toml")), facts=facts
        )


@pytest.fixture(scope="session")
def published_store(published_build: BuildReport) -> Path:
    """The store of the real published files."""
    return published_build.store
