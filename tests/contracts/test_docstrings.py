"""Every public name is documented and typed, and public calls name their arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "insight"
Function = ast.FunctionDef | ast.AsyncFunctionDef

# Where callers outside insight decide the form of the call, or every further name is a word of the template.
OPEN_KEYWORDS = {
    "kernel/provisioner.py WarmProvisioner.launch_kernel": "jupyter_client's own signature",
    "reporting/engine.py InsightEngine.execute_managed_notebook": "papermill's own signature",
    "reporting/engine.py KernelEngine.execute_managed_notebook": "papermill's own signature",
    "reporting/worker.py Answers.send": "one line of JSON with what there is to say; for this package alone",
    "reporting/exporter.py InsightExporter.from_notebook_node": "nbconvert's own signature",
    "reporting/journal.py Journal.write": "each event has its own facts; the journal is for this package alone",
    "reporting/templating.py page": "names of the template, which jinja2 refuses where they are undefined",
    "sources/_ees.py ees_layout": "handed on to Layout, which refuses an unknown one",
}
# Two arguments that are one thing said in two parts may stand side by side.
SEVERAL_POSITIONAL = {
    "api.rebuild": "the settings in force, then the manifest, as the command gives them",
    "api.run_pages": "the settings in force, then the studies, as the command gives them",
    "api.why": "the settings in force, then the study, as the command gives them",
    "charts.trend": "a panel and the key of what is drawn from it",
    "stats.inference_for": "treated units and the controls beside them",
    "stats.needs_rescaling": "a mean and those it is compared with",
    "stats.placebo_interval": "a statistic and its placebos",
    "stats.refuse_cluster_errors": "treated units and all units",
    "stats.smallest_possible_p": "treated units and the controls beside them",
    "stats.unit_changes": "a matrix and a start in it",
    "stats.unit_spans": "a matrix and a start in it",
    "stats.funnel_limits": "counts and what they are counted over",
    "stats.joint_test": "a fit and its terms",
    "stats.rank_counts": "counts and what they are counted over",
    "stats.rank_with_interval": "values and their standard errors",
    "stats.rate_interval": "a count and what it is counted over",
    "stats.share_interval": "a part and its whole",
}


@dataclass(frozen=True)
class Definition:
    """A public class, method or function and the module it stands in."""

    module: str
    name: str
    node: ast.ClassDef | Function
    is_method: bool

    @property
    def label(self) -> str:
        """How a failure names it."""
        return f"{self.module} {self.name}"


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def definitions(path: Path) -> Iterator[Definition]:
    module = path.relative_to(PACKAGE).as_posix()

    def walk(body: list[ast.stmt], prefix: str) -> Iterator[Definition]:
        for node in body:
            if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
                yield Definition(module, prefix + node.name, node, bool(prefix))
                if isinstance(node, ast.ClassDef):
                    yield from walk(node.body, f"{prefix}{node.name}.")

    yield from walk(tree(path).body, "")


def functions() -> list[tuple[Definition, Function]]:
    found = [each for path in modules() for each in definitions(path)]
    return [(each, each.node) for each in found if isinstance(each.node, Function)]


def positional(definition: Definition, node: Function) -> list[ast.arg]:
    several = [*node.args.posonlyargs, *node.args.args]
    is_bound = definition.is_method and several and several[0].arg in ("self", "cls")
    return several[1:] if is_bound else several


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_public_name_has_a_docstring(path: Path) -> None:
    without = [each.name for each in definitions(path) if not ast.get_docstring(each.node)]
    assert ast.get_docstring(tree(path)), "the module has none"
    assert not without


def test_every_public_function_is_typed() -> None:
    untyped = []
    for definition, node in functions():
        given = [*positional(definition, node), *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        if node.returns is None or any(arg is not None and arg.annotation is None for arg in given):
            untyped.append(definition.label)
    assert not untyped


def test_a_misspelt_argument_fails_because_no_public_function_takes_any_name() -> None:
    open_to_any = {definition.label for definition, node in functions() if node.args.kwarg}
    # Template names are a matter of reporting alone, whichever of its functions hands them on.
    inside = {label for label in open_to_any if label.startswith("reporting/templating.py ")}
    assert open_to_any - inside <= set(OPEN_KEYWORDS)


def offered(module: str) -> dict[str, Function]:
    """The functions that a package offers in ``__all__``, or all public ones of a module."""
    path = PACKAGE / module / "__init__.py" if (PACKAGE / module).is_dir() else PACKAGE / f"{module}.py"
    names = next(
        (
            set(ast.literal_eval(node.value))
            for node in tree(path).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ),
        None,
    )
    within = [path] if path.name != "__init__.py" else sorted((PACKAGE / module).rglob("*.py"))
    return {
        each.name: each.node
        for source in within
        for each in definitions(source)
        if isinstance(each.node, Function) and not each.is_method and (names is None or each.name in names)
    }


def study_functions() -> dict[str, Function]:
    """The functions that carry the mark of a study."""
    return {
        definition.name: node
        for definition, node in functions()
        if any(ast.unparse(mark).startswith("study(") for mark in node.decorator_list)
    }


def public_calls() -> dict[str, Function]:
    found = {
        f"{module}.{name}": node for module in ("api", "charts", "stats") for name, node in offered(module).items()
    }
    return found | {f"studies.{name}": node for name, node in study_functions().items()}


def test_there_are_public_calls_of_every_kind() -> None:
    kinds = {name.split(".")[0] for name in public_calls()}
    assert kinds == {"api", "charts", "stats", "studies"}


def test_after_the_first_argument_everything_is_named() -> None:
    several = {name for name, node in public_calls().items() if len(node.args.posonlyargs + node.args.args) > 1}
    assert several <= set(SEVERAL_POSITIONAL), "name the arguments after the first, or say here why not"


def test_exceptions_are_still_needed() -> None:
    several = {name for name, node in public_calls().items() if len(node.args.posonlyargs + node.args.args) > 1}
    assert set(SEVERAL_POSITIONAL) == several
    open_to_any = {definition.label for definition, node in functions() if node.args.kwarg}
    assert set(OPEN_KEYWORDS) <= open_to_any
