"""``jupyter nbconvert --to insight``: the same page for a notebook run by hand. The batch never imports this."""

from __future__ import annotations

import hashlib
from typing import Any

import nbformat
from nbconvert.exporters.exporter import Exporter

from insight import __version__
from insight.core.display import MIME
from insight.core.fingerprint import canonical
from insight.errors import PageRefused
from insight.reporting.render import PageContext, render


class InsightExporter(Exporter):
    """Hands a notebook to :func:`insight.reporting.render.render`."""

    export_from_notebook = "Insight page"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as nbconvert's own exporters do, it gives text
        self, nb: nbformat.NotebookNode, resources: Any | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page as text, and the resources.

        Raises
        ------
        PageRefused
            If the notebook holds anything that a page may not show.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        return render(notebook, context_of(notebook)).html, resources


def context_of(notebook: nbformat.NotebookNode) -> PageContext:
    """What a notebook on its own can say of its page: study and area from its finding, parameters from papermill.

    Raises
    ------
    PageRefused
        If no cell shows a finding.
    """
    outputs = (output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs)
    shown = (output.get("data", {}).get(MIME) for output in outputs)
    records = [content["record"] for content in shown if isinstance(content, dict) and content.get("record")]
    named = ("study", "question", "area", "area_name")
    if not records or not all(isinstance(records[0].get(name), str) for name in named):
        raise PageRefused(
            "making a page of this notebook", found="no cell that ends with a finding", todo="run the notebook first"
        )
    record = records[0]
    return PageContext(
        study=record["study"],
        study_title=record["question"],
        area=record["area"],
        area_name=record["area_name"],
        parameters=dict(notebook.metadata.get("papermill", {}).get("parameters", {})),
        package_version=__version__,
        data_hash="not recorded: run by hand",
        key=hashlib.sha256(canonical(notebook).encode()).hexdigest(),
    )
