"""The invented charts, loaded by path because tests are not a package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def drawn() -> ModuleType:
    """The module ``every_chart.py``."""
    path = Path(__file__).with_name("every_chart.py")
    spec = importlib.util.spec_from_file_location("every_chart", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["every_chart"] = module
    spec.loader.exec_module(module)
    return module
