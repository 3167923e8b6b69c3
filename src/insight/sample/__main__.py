"""``python -m insight.sample [FOLDER]`` writes the sample data anew; other seeds are for ``write_sample``."""

from __future__ import annotations

import sys
from pathlib import Path

from insight.sample.writing import write_sample


def main(folder: str = "data/raw/sample") -> None:
    """Write the sample with its default seed and effect, and say where."""
    for path in write_sample(Path(folder)):
        sys.stdout.write(f"{path.as_posix()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:2])
