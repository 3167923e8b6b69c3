"""What each chart of the studies costs on a warm process, beside a bare matplotlib line chart of the same size.

Prints processor seconds (median of nine), the ratio to the bare chart measured around it, and the bytes of the picture.
The bare chart is one axes with one line, drawn to SVG by matplotlib's own writer; its time says how busy the machine
is, so the ratios can be compared between runs. The store is the sample's, or the folder in INSIGHT_STORE; an
authority's code may be given.
"""

from __future__ import annotations

import io
import statistics
import sys
from collections.abc import Callable
from time import process_time

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

import insight as ins
from insight.charts.canvas import WIDTH, house_style
from insight.core.finding import Finding

ROUNDS = 9
POINTS_A_INCH = 72


def bare(height: float) -> None:
    """A line over nine years, laid out and written by matplotlib alone."""
    with house_style():
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        canvas = FigureCanvasSVG(figure)
        ax = figure.add_subplot()
        ax.plot(range(2017, 2026), [3, 1, 4, 1, 5, 9, 2, 6, 5])
        ax.set_title("A title")
        canvas.print_figure(io.BytesIO(), format="svg")


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    started = process_time()
    work()
    return process_time() - started


def measured(finding: Finding, name: str) -> tuple[float, float, int]:
    """Median seconds of a chart, its median ratio to the bare chart just after it, and the bytes of its picture."""
    svg = finding.plot(name).svg
    height = float(svg.split('viewBox="0 0 ')[1].split('"')[0].split()[1]) / POINTS_A_INCH if svg else 4.0
    bare(height)
    pairs = [(seconds(lambda: finding.plot(name)), seconds(lambda: bare(height))) for _ in range(ROUNDS)]
    return (
        statistics.median(mine for mine, _ in pairs),
        statistics.median(mine / other for mine, other in pairs),
        len(svg.encode()),
    )


def main() -> None:
    """Measure and print."""
    panel = ins.load_panel()
    codes = [area.code for area in panel.register.authorities()]
    code = sys.argv[1] if len(sys.argv) > 1 else codes[len(codes) // 2]
    findings: dict[str, Finding] = {
        "caseload_turnover": ins.studies.caseload_turnover(panel, authority=code),
        "site_effect": ins.studies.site_effect(panel, authority=code),
    }
    print(f"| study | chart | s | times a bare chart | bytes |\n| {' | '.join(['---'] * 5)} |")
    for study, finding in findings.items():
        rows = [(name, *measured(finding, name)) for name in finding.charts]
        for name, spent, ratio, size in rows:
            print(f"| {study} | {name} | {spent:.3f} | {ratio:.2f} | {size:,} |")
        spent, ratio, size = (sum(column) for column in list(zip(*rows, strict=True))[1:])
        print(f"| {study} | all | {spent:.3f} | {ratio:.2f} | {size:,} |")


if __name__ == "__main__":
    main()
