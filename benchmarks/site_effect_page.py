"""What one page of `site_effect` costs once the shared result is there, beside what the shared result costs.

Prints processor seconds of one page on a warm process (finding, every chart, table and note), and their ratio to the
computation that all pages share. The store is the sample's, or the folder in INSIGHT_STORE.
"""

from __future__ import annotations

import importlib
import statistics
from time import process_time
from typing import Any

import insight as ins

PAGES = 9


def make(panel: Any, code: str) -> float:
    """Processor seconds of everything that a page shows."""
    started = process_time()
    finding = ins.studies.site_effect(panel, authority=code)
    finding.card()
    for name in finding.charts:
        finding.plot(name)
    for name in finding.tables:
        finding.table(name)
    for name in finding.notes:
        finding.note(name)
    finding.tidy()
    return process_time() - started


def main() -> None:
    """Measure and print."""
    panel = ins.load_panel()
    models = importlib.import_module("insight.studies.site_effect._models")
    asked = {"design": "programme", "programme": "", "months": 36, "gap": 6}
    started = process_time()
    models.compute_effect(panel, asked)
    shared = process_time() - started
    codes = [area.code for area in panel.register.authorities()][: PAGES + 1]
    make(panel, codes[0])  # the first page loads what all need
    seconds = statistics.median(make(panel, code) for code in codes[1:])
    print(f"shared result: {shared:.1f} s of processor time")
    print(f"one page, median of {PAGES}: {seconds:.2f} s ({seconds / shared:.2f} of the shared result)")


if __name__ == "__main__":
    main()
