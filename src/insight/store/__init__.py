"""The store: published files, read once, checked and kept as Parquet with a manifest.

``build`` fills it from a raw folder, ``load_panel`` gives its rows, ``revisions`` what a publisher changed afterwards.
"""

from insight.store._build import BuildReport, build, raw_id
from insight.store._load import flags, load_panel, revisions
from insight.store._manifest import read_manifest
from insight.store._register import load_register

__all__ = ["BuildReport", "build", "flags", "load_panel", "load_register", "raw_id", "read_manifest", "revisions"]
