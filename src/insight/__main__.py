"""``python -m insight``: the same commands as ``insight``, where new executables are not allowed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from insight.errors import FileTrouble, InsightError, NotReady, UnexpectedError


def main() -> None:
    """Run a command; every error is said in words, and the exit code says of what kind it was."""
    try:
        from insight.cli import app

        app(standalone_mode=True)
    except InsightError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say("interrupted")
        sys.exit(130)
    except Exception as error:
        if os.environ.get("INSIGHT_DEBUG"):
            raise
        fault = _in_words(error)
        _say(str(fault))
        sys.exit(fault.exit_code)


def _in_words(error: Exception) -> InsightError:
    if isinstance(error, OSError):
        named = f" with {Path(os.fsdecode(error.filename)).name!r}" if isinstance(error.filename, str | bytes) else ""
        return FileTrouble.of(f"running this command{named}", error)
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] != "insight":
        return NotReady(
            "running this command",
            found=f"no library that gives {error.name.partition('.')[0]}",
            todo="install the libraries again: python -m pip install --require-hashes -r requirements.lock",
        )
    return UnexpectedError(
        "running this command",
        found=f"an unexpected {type(error).__name__}",
        todo="set INSIGHT_DEBUG=1 and run it again to see where, and report that",
    )


def _say(text: str) -> None:
    """Print on any console, without control characters that a file may have put into a name."""
    plain = "".join(mark for mark in text if mark.isprintable() or mark in "\n\t")
    encoding = sys.stderr.encoding or "ascii"
    try:
        sys.stderr.write(plain.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except OSError:
        return  # nobody reads; the exit code still says it


if __name__ == "__main__":
    main()
