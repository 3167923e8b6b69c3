"""By hand in JupyterLab: choose a place and a question, see the page's cards, publish the page.

Every control works by keyboard, and each step has a call that does the same. Nothing of this is imported by a batch.
"""

from __future__ import annotations

from insight.lab._chooser import Chooser, choose
from insight.lab._publish import publish

__all__ = ["Chooser", "choose", "publish"]
