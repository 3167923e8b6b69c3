"""The search over every indicator of a store, in plain words."""

from __future__ import annotations

from insight.catalogue._search import search

__all__ = ["search"]
