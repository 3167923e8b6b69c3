"""``python -m insight``: the same commands as ``insight``, where new executables are not allowed."""

from __future__ import annotations

import os
import sys

from insight.errors import InsightError, in_words


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
        fault = in_words(error)
        _say(str(fault))
        sys.exit(fault.exit_code)


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
