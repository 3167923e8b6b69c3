"""Files that are there whole or not at all; the store's name for what all of us use."""

from __future__ import annotations

from insight.core.whole import UNFINISHED, write_whole

__all__ = ["UNFINISHED", "write_whole"]
