"""The stock parts at their best: papermill's function and nbconvert's exporter, in one process or a pool.

python benchmarks/_stock.py JOBS CODE...      JOBS 0: this process
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STUDIES = ("caseload_turnover", "site_effect")


def page(code: str, study: str, out: str) -> int:
    """Execute and convert one page; its size in bytes."""
    warnings.simplefilter("ignore")
    import nbformat
    import papermill
    from nbconvert import HTMLExporter

    executed = f"{out}/{code}-{study}.ipynb"
    papermill.execute_notebook(
        str(ROOT / "notebooks" / f"{study}.ipynb"),
        executed,
        parameters={"authority": code},
        kernel_name="python3",
        progress_bar=False,
        extra_arguments=["--IPKernelApp.log_level=50"],
    )
    html, _ = HTMLExporter(exclude_input=True).from_notebook_node(nbformat.read(executed, as_version=4))
    return Path(out, f"{code}-{study}.html").write_bytes(html.encode())


def main() -> None:
    jobs, codes = int(sys.argv[1]), sys.argv[2:]
    work = list(product(codes, STUDIES))
    with tempfile.TemporaryDirectory() as out:
        if not jobs:
            for code, study in work:
                page(code, study, out)
            return
        with ProcessPoolExecutor(jobs) as pool:
            for future in [pool.submit(page, code, study, out) for code, study in work]:
                future.result()


if __name__ == "__main__":
    main()
