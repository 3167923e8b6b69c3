"""Jupyter's way to a kernel, with a warm one where that is possible."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from insight.kernel.owner import Kernel, NotWarm, current

_LAUNCHER = ["-m", "ipykernel_launcher"]
# What a forked kernel can be given; anything else is for an ordinary start.
_UNDERSTOOD = {"cwd", "env", "stdin", "stdout", "stderr", "extra_arguments", "kernel_id"}


class WarmProvisioner(LocalProvisioner):
    """Starts kernels of this environment from the warm parent, and everything else as Jupyter itself does.

    A forked kernel is a process with the same signals, ports, connection file and end as any other; so all that comes
    after the start is Jupyter's own code.
    """

    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel, or start it in the ordinary way where it cannot be forked."""
        try:
            self.process = await self._fork(cmd, kwargs)
        except NotWarm as reason:
            self.log.debug("insight: an ordinary start, because %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def _fork(self, cmd: list[str], asked: Mapping[str, Any]) -> Kernel:
        if cmd[:3] != [sys.executable, *_LAUNCHER]:
            raise NotWarm("the command is not a kernel of this environment")
        strange = {name for name, value in asked.items() if value} - _UNDERSTOOD
        if strange or asked.get("stdin") is not None:
            raise NotWarm(f"{', '.join(sorted(strange)) or 'stdin'} is asked for")
        folder = str(asked.get("cwd") or Path.cwd())
        if not Path(folder).is_dir():
            raise NotWarm("the working directory is not there")
        with _streams(asked.get("stdout"), asked.get("stderr")) as streams:
            parent = current()
            if parent is None:
                raise NotWarm("this system has no safe fork, or the libraries could not be loaded")
            return await parent.start(cmd[3:], asked.get("env") or os.environ, folder, streams)


@contextmanager
def _streams(output: Any, errors: Any) -> Iterator[tuple[int, int]]:
    """The descriptors that ``subprocess.Popen`` would give a process for these two arguments."""
    if subprocess.PIPE in (output, errors):
        raise NotWarm("its output is to be read from a pipe")
    with Path(os.devnull).open("wb") as nothing:

        def number(asked: Any, usual: int) -> int:
            if asked is None:
                return usual
            if asked == subprocess.DEVNULL:
                return nothing.fileno()
            return asked if isinstance(asked, int) else int(asked.fileno())

        first = number(output, 1)
        yield first, first if errors == subprocess.STDOUT else number(errors, 2)
