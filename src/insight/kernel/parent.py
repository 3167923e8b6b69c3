"""``python -m insight.kernel.parent NUMBER [MODULE ...]``: a process that has loaded the modules and forks kernels.

NUMBER is the file descriptor of one end of a pair of local sockets; there is no port. Lines of JSON go both ways:

- asked: ``{"start": id, "arguments", "environment", "folder"}``, with the descriptors of output and errors;
  ``{"retire": true}``: fork no more, end with the last kernel.
- told: ``{"ready": true}``, ``{"started": id, "pid"}``, ``{"refused": id, "why"}``, ``{"ended": pid, "code"}``.

When the owner's end closes, all kernels are ended, then this process.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, suppress
from io import StringIO
from typing import Any

from insight import warm
from insight.kernel.child import become_kernel

LIBRARIES = (
    *warm.LIBRARIES,
    "insight",
    "insight.api",
    "insight.charts",
    "insight.store",
    "statsmodels.api",
    "statsmodels.formula.api",
    "pyfixest",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "PIL.JpegImagePlugin",
    "pandas.io.formats.html",
    "pyarrow.pandas_compat",
    "seaborn",
    "ipykernel.kernelapp",
    "ipykernel_launcher",
    # What a kernel would otherwise import while it starts.
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
)
"""What a notebook of this package imports, and what a kernel is made of."""
_SECONDS_BETWEEN_LOOKS = 1.0


class Parent:
    """Forks kernels for one owner and reports their ends.

    Parameters
    ----------
    channel : socket
        The line to the owner.
    set_by_imports : mapping of str to str
        Variables of the environment that the loaded modules have set, as they would have in a kernel.
    """

    def __init__(self, channel: socket.socket, set_by_imports: Mapping[str, str]) -> None:
        self._channel = channel
        self._set_by_imports = set_by_imports
        self._owner = os.getppid()
        self._kernels: set[int] = set()
        self._received = b""
        self._streams: list[int] = []
        self._retired = False
        self._woken, wake = socket.socketpair()
        self._wake = wake
        for end in (self._woken, wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._rc_file = str(sys.modules["matplotlib"].matplotlib_fname()) if "matplotlib" in sys.modules else ""

    def serve(self) -> None:
        """Until the owner is gone, or this parent is retired and its last kernel has ended."""
        self._tell({"ready": True})
        while not (self._retired and not self._kernels):
            ready, _, _ = select.select([self._channel, self._woken], [], [], _SECONDS_BETWEEN_LOOKS)
            if self._woken in ready:
                with suppress(BlockingIOError):
                    self._woken.recv(4096)
            self._report_ended()
            if (self._channel in ready and not self._listen()) or os.getppid() != self._owner:
                break
        self._end_kernels()

    def _listen(self) -> bool:
        """Read what the owner asks; false when it is gone."""
        try:
            data, streams, _, _ = socket.recv_fds(self._channel, 1 << 16, 16)
        except ConnectionError:
            return False
        self._streams += streams
        if not data:
            return False
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            asked = json.loads(line)
            if "start" in asked:
                self._start(asked)
            self._retired |= bool(asked.get("retire"))
        return True

    def _start(self, asked: Mapping[str, Any]) -> None:
        streams, self._streams = self._streams[:2], self._streams[2:]
        try:
            pid = self._fork()
        except OSError as error:
            self._tell({"refused": asked["start"], "why": error.strerror or str(error)})
        else:
            if pid == 0:
                self._let_go()
                environment = {**self._set_by_imports, **asked["environment"]}
                become_kernel(asked["arguments"], environment, asked["folder"], streams, self._rc_file)
            self._kernels.add(pid)
            self._tell({"started": asked["start"], "pid": pid})
        for stream in streams:
            os.close(stream)

    def _fork(self) -> int:
        running = warm.threads()
        if running != 1:
            raise OSError(f"{running} threads run where a fork needs one")
        return os.fork()

    def _let_go(self) -> None:
        """In a forked copy: close what belongs to the parent."""
        signal.set_wakeup_fd(-1)
        for end in (self._channel, self._woken, self._wake):
            end.close()

    def _report_ended(self) -> None:
        for pid in sorted(self._kernels):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._kernels.discard(pid)
                self._tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})

    def _end_kernels(self) -> None:
        """With all that they started: each kernel leads a group of its own."""
        for pid in sorted(self._kernels):
            for kill in (os.killpg, os.kill):
                # One that was forked this instant leads no group yet.
                with suppress(ProcessLookupError):
                    kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _tell(self, fact: Mapping[str, Any]) -> None:
        # An owner that is gone is noticed by reading.
        with suppress(OSError):
            self._channel.sendall(json.dumps(fact).encode() + b"\n")


def main() -> None:
    """Load, then serve."""
    # As a kernel's launcher does: the folder this was started in is no place for modules.
    del sys.path[0]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = socket.socket(fileno=int(sys.argv[1]))
    before = dict(os.environ)
    if not sys.argv[2:]:
        with redirect_stderr(StringIO()):
            # It advises an option of the interpreter, to the terminal; kernels have always swallowed that.
            warm.load(["ipykernel.debugger"])
    warm.load(sys.argv[2:] or LIBRARIES)
    set_by_imports = {name: value for name, value in os.environ.items() if before.get(name) != value}
    Parent(channel, set_by_imports).serve()


if __name__ == "__main__":
    main()
