"""Downloads of published files: the only part of the package that leaves the machine, and only for ``insight fetch``.

``wanted`` reads the provenance cards, ``fetch`` puts their files into a folder. A file is in place whole or not at all;
what was cut off goes on where it stopped. Nothing here is used while pages are made.
"""

from __future__ import annotations

from insight.fetching._cards import FetchCard, Origin, wanted
from insight.fetching._client import Pace
from insight.fetching._hosts import Hosts, allowed_hosts
from insight.fetching._plan import Fetched, Outcome, fetch
from insight.fetching._reach import Reached, reach
from insight.fetching._trust import ssl_context
from insight.fetching._words import as_objects, closing_words

__all__ = [
    "FetchCard",
    "Fetched",
    "Hosts",
    "Origin",
    "Outcome",
    "Pace",
    "Reached",
    "allowed_hosts",
    "as_objects",
    "closing_words",
    "fetch",
    "reach",
    "ssl_context",
    "wanted",
]
