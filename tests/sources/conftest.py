"""The register of England, and a reader for tiny files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insight.core.register import Register
from insight.sources import Reading, source_of


@pytest.fixture(scope="session")
def register() -> Register:
    """The packaged register."""
    return Register.read()


@pytest.fixture
def read(register: Register) -> Callable[[Path], Reading]:
    """Recognise a file by its columns and read it."""

    def read_file(path: Path) -> Reading:
        module = source_of(path)
        assert module is not None, "the file was not recognised"
        return module.read(path, register)

    return read_file
