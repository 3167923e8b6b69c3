"""Kernels that start warm: forked from a process in which the libraries are already loaded.

The provisioner serves every program that starts kernels through Jupyter's own machinery: JupyterLab, nbval, nbconvert,
papermill. A Jupyter server loads this package as an extension, so that the first kernel is as quick as the next.
"""

from __future__ import annotations

from typing import Any

__all__ = ["_jupyter_server_extension_points", "_load_jupyter_server_extension"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Where a Jupyter server finds the extension."""
    return [{"module": "insight.kernel"}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Begin to load the libraries while the server starts; the server does not wait for it."""
    from insight.kernel.owner import current

    if current() is None:
        app.log.info("insight: kernels of this server start without preloaded libraries")
