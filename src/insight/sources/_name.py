"""The code of an area in the name of a file: the one thing that a name may say."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_CODE = re.compile(r"(?<![A-Z0-9])[A-Z][0-9]{8}(?![A-Z0-9])")


def code_in_name(name: str) -> str:
    """The nine-character code in a file's own name, or "" where there is none or more than one.

    Examples
    --------
    >>> code_in_name("own files/sites-E06000051.csv"), code_in_name("E06000051/sites.csv")
    ('E06000051', '')
    """
    found = sorted(set(_CODE.findall(PurePosixPath(name).name.upper())))
    return found[0] if len(found) == 1 else ""
