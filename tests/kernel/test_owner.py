"""One parent for each process that starts kernels: when it is replaced, and what happens without it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from insight import warm
from insight.kernel import owner, parent
from insight.kernel.provisioner import WarmProvisioner
from tests.kernel.session import Session, runs, within

Begin = Callable[..., Session]
REAL_FINGERPRINT = owner.fingerprint


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: None) -> Iterator[Path]:
    """A stand-in for the package's sources, and parents that load little; the session's own parent is set aside."""
    path = tmp_path / "package" / "module.py"
    path.parent.mkdir()
    path.write_text("a = 1\n")
    monkeypatch.setattr(owner, "PACKAGE", path.parent)
    monkeypatch.setattr(owner, "fingerprint", REAL_FINGERPRINT)
    monkeypatch.setattr(owner.WarmParent.__init__, "__defaults__", (("ipykernel_launcher",),))
    monkeypatch.setattr(owner, "_current", None)
    monkeypatch.setattr(owner, "_failed", None)
    monkeypatch.setattr(owner, "_started", [])
    yield path
    owner.close()


def test_the_kernel_is_known_to_jupyter() -> None:
    spec = KernelSpecManager().get_kernel_spec("insight")
    assert spec.display_name == "Insight (ready)"
    name = spec.metadata["kernel_provisioner"]["provisioner_name"]
    (entry,) = entry_points(group="jupyter_client.kernel_provisioners", name=name)
    assert entry.load() is WarmProvisioner


def test_the_installed_kernel_is_the_one_of_this_folder(root: Path) -> None:
    installed = Path(KernelSpecManager().get_kernel_spec("insight").resource_dir) / "kernel.json"
    assert installed.read_text() == (root / "share/jupyter/kernels/insight/kernel.json").read_text()


def test_a_changed_source_gives_fresh_modules_and_the_old_parent_ends_with_its_kernel(
    source: Path, begin: Begin
) -> None:
    old_kernel = begin()
    old = owner.current()
    assert old is not None
    assert owner.current() is old
    source.write_text("a = 22\n")
    new_kernel = begin()
    new = owner.current()
    assert new is not None
    assert new is not old
    parents = [int(kernel.said("import os; print(os.getppid())")) for kernel in (old_kernel, new_kernel)]
    assert parents == [old.process.pid, new.process.pid]
    old_kernel.manager.shutdown_kernel(now=True)
    assert within(5, lambda: not runs(old.process.pid))
    assert runs(new.process.pid)


def test_a_parent_that_died_takes_its_kernels_and_is_replaced(source: Path, begin: Begin) -> None:
    kernel = begin()
    pid = kernel.process.pid
    died = owner.current()
    assert died is not None
    died.process.kill()
    assert within(5, lambda: not kernel.manager.is_alive())
    assert within(5, lambda: not runs(pid))
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=30)
    assert isinstance(kernel.process, owner.Kernel)
    assert owner.current() is not died


def test_a_package_that_cannot_be_loaded_gives_an_ordinary_kernel(
    source: Path, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source.parent / "broken.py").write_text("for\n")
    monkeypatch.setenv("PYTHONPATH", str(source.parent))
    monkeypatch.setattr(owner.WarmParent.__init__, "__defaults__", (("broken",),))
    kernel = begin()
    assert isinstance(kernel.process, subprocess.Popen)
    assert kernel.said("print(1)") == "1"
    assert owner.current() is None, "it is not tried again before a source changes"
    (source.parent / "broken.py").write_text("mended = True\n")
    assert isinstance(begin().process, owner.Kernel)


def test_without_a_fork_the_same_notebook_runs_in_an_ordinary_kernel(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "can_fork", lambda: False)
    kernel = begin()
    assert isinstance(kernel.process, subprocess.Popen)
    assert kernel.said("print('ordinary')") == "ordinary"


@pytest.mark.parametrize(
    "asked",
    [
        {"cmd": ["R", "--slave"]},
        {"cmd": [sys.executable, "-m", "other"]},
        {"stdout": subprocess.PIPE},
        {"independent": True},
        {"cwd": "/nowhere/at/all"},
        {"env": {**os.environ, "PYTHONPATH": "/elsewhere"}},
    ],
    ids=lambda asked: next(iter(asked)),
)
def test_what_a_fork_cannot_give_is_left_to_an_ordinary_start(asked: dict[str, object], steady: None) -> None:
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "connection"]
    options = {"cmd": command, "env": dict(os.environ), **asked}
    with pytest.raises(owner.NotWarm):
        asyncio.run(WarmProvisioner()._fork(options.pop("cmd"), options))  # type: ignore[arg-type]


def test_a_parent_with_a_second_thread_refuses_to_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(warm, "threads", lambda: 2)
    monkeypatch.setattr(parent.signal, "signal", lambda *_: None)
    monkeypatch.setattr(parent.signal, "set_wakeup_fd", lambda *_, **__: -1)
    with ours, theirs:
        asked = parent.Parent(theirs, {})
        asked._start({"start": 5})
        told = json.loads(ours.recv(4096))
        asked._let_go()
    assert told == {"refused": 5, "why": "2 threads run where a fork needs one"}


def test_a_kernel_that_nobody_waits_for_any_more_is_ended(
    source: Path, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    ours = owner.current()
    assert ours is not None
    monkeypatch.setattr(owner, "_FORK_SECONDS", -1.0)
    # A parent that stands still has not answered, however quick it is.
    ours.process.send_signal(signal.SIGSTOP)
    try:
        with Path(os.devnull).open("wb") as nothing, pytest.raises(owner.NotWarm):
            streams = (nothing.fileno(), nothing.fileno())
            asyncio.run(ours.start(["-f", "none.json"], dict(os.environ), os.sep, streams))
    finally:
        ours.process.send_signal(signal.SIGCONT)
    (number,) = ours._unwanted
    assert within(5, lambda: ours.is_alive and number in ours._answers)
    assert within(5, lambda: not runs(ours._answers[number]["pid"]))


def test_a_forked_copy_of_the_owner_lets_the_parent_go(source: Path) -> None:
    ours = owner.current()
    assert ours is not None
    pid = os.fork()
    if pid == 0:
        os._exit(0 if not ours.is_alive and not owner._started else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert ours.is_alive


def test_every_module_can_be_imported_where_there_is_no_fork() -> None:
    code = (
        "import asyncio, ctypes, multiprocessing, os, signal, socket, subprocess, sys\n"
        "import ipykernel.kernelapp, ipykernel_launcher, jupyter_client.provisioning.local_provisioner\n"
        "import insight\n"
        "del os.fork, os.register_at_fork, os.setsid, os.killpg, signal.SIGKILL, signal.SIGCHLD\n"
        "del socket.send_fds, socket.recv_fds\n"
        "sys.platform = 'win32'\n"
        "import insight.kernel.owner, insight.kernel.child, insight.kernel.parent, insight.kernel.provisioner\n"
        "assert insight.kernel.owner.current() is None\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
