"""What every test stands on: no network, and the real files where they are present."""

from __future__ import annotations

import os
import signal
import socket
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
def sample_store(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the sample data, built once for the session."""
    from insight.store import build, raw_id

    processed = tmp_path_factory.mktemp("processed")
    raw = root / "data" / "raw" / "sample"
    build(raw, processed)
    return processed / raw_id(raw)


@pytest.fixture(scope="session")
def published_build(test_data: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """A build of the real published files, read once for the session, whichever worker asks first; only looked at."""
    from filelock import FileLock

    from insight.store import build

    # Every worker of a session has its own folder below the session's.
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp().parent if is_worker else tmp_path_factory.getbasetemp()
    kept = root / "data" / "raw"
    facts = [kept / "programmes.csv", *sorted((kept / "aims").glob("*.toml"))]
    with FileLock(base / "published-store.lock"):
        return build(test_data / "published", base / "published-store", cards=sorted(kept.glob("*.toml")), facts=facts)


@pytest.fixture(scope="session")
def published_store(published_build: BuildReport) -> Path:
    """The store of the real published files."""
    return published_build.store
