"""A question asked of a result, and its answer in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from insight.core.described import Described, Description


@dataclass(frozen=True, repr=False)
class Check(Described):
    """``passed`` is None where the check only informs."""

    name: str
    passed: bool | None
    meaning: str

    @property
    def state(self) -> str:
        """``passed``, ``failed`` or ``for information``."""
        return "for information" if self.passed is None else "passed" if self.passed else "failed"

    def describe(self) -> Description:
        """State and meaning."""
        return Description(self.name, (("state", self.state), ("meaning", self.meaning)))
