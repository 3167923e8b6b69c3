"""An IPython shell in this very process whose outputs are those that a kernel would have sent.

There is no port, no history file and no thread; what a cell shows is collected as plain JSON.
"""

from __future__ import annotations

import atexit
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ipykernel import jsonutil
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.history import HistoryManager, HistoryOutput
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.session import json_packer, json_unpacker
from traitlets import Any as AnyTrait
from traitlets import Type, default

from insight.core.display import MIME, Display

INLINE = "module://matplotlib_inline.backend_inline"
STREAM_LIMIT = 1_000_000
DROPPED = "\n[the rest of what this cell printed was dropped: it was over a million characters]\n"
Output = dict[str, Any]


_in_text: Any = jsonutil.encode_images


class Cap:
    """Lets through what a cell prints up to a limit, a sentence after it, and then nothing."""

    def __init__(self) -> None:
        self._printed: dict[str, int] = {}

    def __call__(self, name: str, text: str) -> str:
        """What is kept of a piece of text on a stream."""
        before = self._printed.get(name, 0)
        after = self._printed[name] = before + len(text)
        if before > STREAM_LIMIT:
            return ""
        return text if after <= STREAM_LIMIT else text[: STREAM_LIMIT - before] + DROPPED


class Outputs:
    """What one cell put out, in order, as a notebook holds it; printed text is capped and kept together."""

    def __init__(self) -> None:
        self.items: list[Output] = []
        self._cap = Cap()
        self._pieces: list[str] = []
        self._named: dict[str, list[Output]] = {}
        self._clear_next = False

    def stream(self, name: str, text: str) -> None:
        """Printed text."""
        kept = self._cap(name, text)
        if not kept:
            return
        self._make_room()
        if not self.items or self.items[-1].get("name") != name:
            self._join()
            self.items.append({"output_type": "stream", "name": name, "text": ""})
        self._pieces.append(kept)

    def _join(self) -> None:
        # The pieces belong to the last output; joined once, a million of them take no time.
        if self._pieces:
            self.items[-1]["text"] = "".join(self._pieces)
            self._pieces = []

    def add(self, output: Output, *, display_id: str | None = None) -> None:
        """A result, a display or an error."""
        self._make_room()
        self._join()
        self.items.append(output)
        if display_id:
            self._named.setdefault(display_id, []).append(output)

    def clear(self, *, wait: bool) -> None:
        """Forget what was put out, now or when the next output comes."""
        self._clear_next = wait
        if not wait:
            self._forget()

    def _make_room(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self._forget()

    def _forget(self) -> None:
        self.items, self._pieces = [], []

    def named(self, display_id: str) -> list[Output]:
        """The outputs that were displayed under a name, for their renewal."""
        return self._named.get(display_id, [])

    def finished(self) -> list[Output]:
        """The outputs, with each piece of printed text whole."""
        self._join()
        return self.items


class _Stream(io.TextIOBase):
    """Standard output or error of the cells."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, shell: Shell) -> None:
        self.name = name
        self._shell = shell

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._shell.outputs.stream(self.name, text)
        return len(text)


class _Hook(DisplayHook):
    """The value of a cell's last expression."""

    shell: Any
    is_formatting = False
    bundle: Output | None = None

    def start_displayhook(self) -> None:
        self.is_formatting = True

    def compute_format_data(self, result: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """What an output holds; for a page, no more of a display object than its typed content."""
        if self.shell.is_for_page and isinstance(result, Display):
            return {MIME: result.content}, {}
        return super().compute_format_data(result)  # type: ignore[no-any-return, no-untyped-call]

    def write_output_prompt(self) -> None:
        self.bundle = None

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        # A display object has made sure of its own content.
        data = format_dict if set(format_dict) == {MIME} else _plain(_in_text(format_dict))
        self.bundle = {"data": data, "metadata": _plain(md_dict or {})}

    def finish_displayhook(self) -> None:
        if self.bundle is not None and self.bundle["data"]:
            self.shell.outputs.add(
                {"output_type": "execute_result", **self.bundle, "execution_count": self.prompt_count}
            )
        self.bundle = None
        self.is_formatting = False


class _Publisher(DisplayPublisher):
    """What cells display beside their result."""

    shell: Any

    def publish(  # type: ignore[override]  # without the deprecated `source`, as the kernel's own
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **kwargs: Any,
    ) -> None:
        self._validate_data(data, metadata)  # type: ignore[no-untyped-call]
        bundle = {"data": _plain(_in_text(data)), "metadata": _plain(metadata or {})}
        display_id = (transient or {}).get("display_id")
        if update:
            for shown in self.shell.shown_as(display_id):
                shown.update(bundle)
            return
        self.shell.outputs.add({"output_type": "display_data", **bundle}, display_id=display_id)
        outputs = getattr(self.shell.history_manager, "outputs", None)
        if outputs is not None:
            outputs[self.shell.execution_count - 1].append(HistoryOutput(output_type="display_data", bundle=data))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear(wait=wait)


class _History(HistoryManager):
    """In memory: no file, and so no thread that writes to it."""

    hist_file = ":memory:"

    @default("hist_file")
    def _hist_file_default(self) -> str:
        return ":memory:"


class Shell(InteractiveShell):
    """IPython's shell, collecting outputs; one at a time in a process (see :func:`fresh_shell`)."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    outputs = AnyTrait()
    past = AnyTrait()
    displayhook: Any
    history_manager: Any
    is_for_page = False

    def init_history(self) -> None:
        """History in memory, with what a trailing semicolon and ``_`` need."""
        self.history_manager = _History(shell=self, parent=self, hist_file=":memory:")
        # As IPython itself does, whatever the type of the list says.
        self.configurables.append(self.history_manager)

    def init_ipython_dir(self, ipython_dir: str | None) -> None:
        """Nothing is kept in the user's home."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """No profile: a page does not depend on who makes it."""
        self.profile_dir = None

    def init_virtualenv(self) -> None:
        """The interpreter is the right one already."""

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to wait for."""

    def shown_as(self, display_id: str | None) -> list[Output]:
        """Outputs of any cell that were displayed under a name."""
        return [shown for outputs in self.past for shown in outputs.named(display_id or "")]

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.outputs.add(
            {"output_type": "error", "ename": str(etype.__name__), "evalue": str(evalue), "traceback": list(stb)}
        )
        self.failed_to_show = self.failed_to_show or self.displayhook.is_formatting

    failed_to_show = False

    def run(self, source: str) -> tuple[list[Output], int, BaseException | None]:
        """Run a cell.

        Returns
        -------
        tuple
            Its outputs; its execution count; the exception that ended it, or None. Outputs that could not be made into
            text count as an error, as in a kernel.
        """
        self.outputs = Outputs()
        self.past.append(self.outputs)
        self.failed_to_show = False
        count = self.execution_count
        result = self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        error = result.error_before_exec or result.error_in_exec
        if error is None and self.failed_to_show:
            error = RuntimeError("an output could not be shown")
        return self.outputs.finished(), count, error


def _plain(bundle: dict[str, Any]) -> dict[str, Any]:
    """Content as it comes out at the other end of a kernel's wire."""
    plain: dict[str, Any] = json_unpacker(json_packer(bundle))
    return plain


@contextmanager
def fresh_shell() -> Iterator[Shell]:
    """A shell without any past, with inline figures, and standard streams that belong to it.

    Afterwards the process has its own streams, ``__main__`` and hooks again.
    """
    kept = _of_process()
    shell = _take_ready() or _made()
    shell.past = []
    shell.outputs = Outputs()
    sys.stdout, sys.stderr = _Stream("stdout", shell), _Stream("stderr", shell)
    # A kernel finds modules beside the notebook.
    sys.path[:] = ["", *(place for place in sys.path if place)]
    try:
        inline_figures(shell)
        yield shell
    finally:
        _put_back(kept)
        atexit.unregister(shell.atexit_operations)
        shell.history_manager.db.close()
        Shell.clear_instance()


_READY: list[Shell] = []


def make_ready() -> None:
    """Make the next shell now, which a warm parent does for its children; until it is used nobody meets it."""
    kept = _of_process()
    _READY[:] = [_made()]
    Shell.clear_instance()
    _put_back(kept)


def _take_ready() -> Shell | None:
    if not _READY:
        return None
    shell = _READY.pop()
    for kind in Shell._walk_mro():
        kind._instance = shell  # type: ignore[assignment]  # where traitlets keeps the one shell
    shell.init_sys_modules()  # type: ignore[no-untyped-call]
    return shell


def _made() -> Shell:
    Shell.clear_instance()
    return Shell.instance()


def _of_process() -> tuple[Any, ...]:
    return (sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.modules["__main__"], list(sys.path))


def _put_back(kept: tuple[Any, ...]) -> None:
    sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.modules["__main__"] = kept[:5]
    sys.path[:] = kept[5]


def inline_figures(shell: Shell) -> None:
    """Make pyplot's figures appear as outputs of this shell, as in a kernel, whatever was imported before.

    A figure that nobody sees is worse than one that fails the page. There are three ways to lose one: matplotlib was
    imported before the variable was set; its interactive mode is off; its inline back end serves an earlier shell.
    """
    os.environ["MPLBACKEND"] = INLINE
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None:
        return
    matplotlib.rcParams["backend"] = INLINE
    pyplot = sys.modules.get("matplotlib.pyplot")
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is None:
        # Loaded by pyplot with its first figure, it finds this shell; a pyplot with another back end is switched now.
        if pyplot is not None and getattr(pyplot, "_backend_mod", None) is not None:
            pyplot.switch_backend(INLINE)
        return
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib_inline.config import InlineBackend

    if pyplot is not None:
        pyplot.close("all")
    inline.show._to_draw, inline.show._draw_called = [], False
    InlineBackend.clear_instance()
    inline.configure_inline_support.current_backend = "unset"
    activate_matplotlib(INLINE)  # type: ignore[no-untyped-call]
    inline.configure_inline_support(shell, INLINE)
