"""A kernel to speak to, and questions about processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel


class Session:
    """A kernel and a client of it."""

    def __init__(self, name: str, **options: Any) -> None:
        self.manager: KernelManager
        self.client: BlockingKernelClient
        # ipykernel passes on what is written below Python's streams, except under a test.
        usual = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
        self.manager, self.client = start_new_kernel(kernel_name=name, **{"env": usual, **options})

    @property
    def process(self) -> Any:
        """The kernel's process as its provisioner holds it."""
        return self.manager.provisioner.process  # type: ignore[union-attr]  # it runs

    def run(self, code: str) -> list[dict[str, Any]]:
        """The outputs of a cell: each one's type and content, without what counts executions."""
        outputs: list[dict[str, Any]] = []

        def keep(message: dict[str, Any]) -> None:
            kind, content = message["msg_type"], message["content"]
            if kind == "stream" and outputs and outputs[-1].get("name") == content["name"]:
                outputs[-1]["text"] += content["text"]
            elif kind in {"stream", "error", "display_data", "execute_result"}:
                outputs.append({"type": kind, **content})

        # A kernel passes over what reaches it while it still ends a cell that failed.
        for _ in range(50):
            reply = self.client.execute_interactive(code, output_hook=keep, allow_stdin=False, timeout=60)
            if reply["content"]["status"] != "aborted":
                return outputs
            time.sleep(0.1)
        raise TimeoutError("the kernel passed over the cell for five seconds")

    def said(self, code: str) -> str:
        """What a cell prints."""
        outputs = self.run(code)
        assert all(output["type"] == "stream" for output in outputs), outputs
        return "".join(output["text"] for output in outputs).strip()

    def end(self) -> None:
        """Shut it down."""
        self.client.stop_channels()
        with suppress(RuntimeError):
            self.manager.shutdown_kernel(now=True)


def within(seconds: float, true: Callable[[], bool]) -> bool:
    """Whether something comes true in time."""
    limit = time.monotonic() + seconds
    while not true():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def runs(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be taken off the list."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
