"""``python -m insight``: the same commands as ``insight``, where new executables are not allowed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from insight.errors import FileTrouble, InsightError, UnexpectedError


def main() -> None:
    """Run a command; every error is said in words, and the exit code says of what kind it was."""
    from insight.cli import app

    try:
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
    return UnexpectedError(
        "running this command",
        found=f"an unexpected {type(error).__name__}",
        todo="set INSIGHT_DEBUG=1 and run it again to see where, and report that",
    )


def _say(text: str) -> None:
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


if __name__ == "__main__":
    main()
