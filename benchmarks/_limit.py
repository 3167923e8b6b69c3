"""A page against a plain script of the same cells: both in forked children of one warm parent, in turns.

    python benchmarks/_limit.py STORE             prints a table in Markdown

The script runs the notebook's code cells, one after the other, and draws what they show; there is no notebook, no
shell, no HTML. CPU is what the system says of the child when it has ended.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STUDIES = ("caseload_turnover", "site_effect")
COUNT = 20


def child(work: Callable[[], object]) -> float:
    """CPU seconds of a child that does this and ends, as a worker's children do."""
    pid = os.fork()
    if not pid:
        code = 1
        gc.disable()
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"a child ended with {status}")
    return used.ru_utime + used.ru_stime


def script(study: str, code: str) -> None:
    """The cells as a script; what a cell ends with is shown as JupyterLab would be given it."""
    notebook = json.loads((ROOT / "notebooks" / f"{study}.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        tree = ast.parse("".join(cell["source"]))
        last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        if last is not None:
            tree.body.pop()
        exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - the notebook's own cells
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
            shown._repr_mimebundle_()
        if "parameters" in cell["metadata"].get("tags", ()):
            names["authority"] = code


def main() -> None:
    store = Path(sys.argv[1])
    os.environ.update({"INSIGHT_STORE": str(store), "INSIGHT_OFFLINE": "1"})
    from insight import warm
    from insight.reporting.job import Job
    from insight.reporting.plan import plan
    from insight.reporting.worker import PAGES, hold
    from insight.reporting.zygote import warm_templates, warm_up
    from insight.store import load_register

    warm.load(PAGES)
    warm_templates()
    warm_up()
    register = load_register(store)
    areas = register.authorities()[:COUNT]
    temporary = Path(tempfile.mkdtemp(prefix="insight-limit-"))
    print("| study | script, CPU s | page, CPU s | ratio (median of pairs) | lowest | highest |")
    print("| --- | --- | --- | --- | --- | --- |")
    for study in STUDIES:
        planned = plan([study], areas, settings={}, root=ROOT, store=store)
        jobs = [
            Job(
                kind="page",
                study=study,
                area=page.area,
                area_name=page.area_name,
                region_name=page.region,
                parameters=page.parameters,
                key=page.key,
                execution_key=page.execution_key,
                data_hash=page.data_hash,
                notebook=ROOT / "notebooks" / f"{study}.ipynb",
                store=store,
                root=ROOT,
                temporary=temporary,
                inputs=page.inputs,
                seed=page.seed,
            )
            for page in planned
        ]
        hold(jobs[0])
        warm.settle()
        child(partial(run, jobs[0]))  # whatever the study imports late would be paid by the first pair
        pairs = []
        for number, job in enumerate(jobs):
            ways = {"script": partial(script, study, job.area), "page": partial(run, job)}
            order = list(ways) if number % 2 == 0 else list(ways)[::-1]
            cost = {name: child(ways[name]) for name in order}
            pairs.append((cost["script"], cost["page"]))

        ratios = [page / plain for plain, page in pairs]
        plain, page = (statistics.median(values) for values in zip(*pairs, strict=True))
        print(
            f"| {study} | {plain:.3f} | {page:.3f} | {statistics.median(ratios):.2f} | {min(ratios):.2f} | "
            f"{max(ratios):.2f} |"
        )
    shutil.rmtree(temporary, ignore_errors=True)


def run(job: object) -> None:
    from insight.reporting.execute import run_job

    outcome = run_job(job, isolation="fork")
    if not outcome.is_done:
        print(outcome.reason, file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
