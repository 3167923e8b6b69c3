"""Named, versioned rules for what may be shown. Local extracts bring theirs with them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """What a profile promises; its name and version stand in the footer of each page."""

    name: str
    version: int
    promise: str

    @property
    def label(self) -> str:
        """Name and version, as printed."""
        return f"{self.name} v{self.version}"


PUBLISHED = Policy(
    name="published",
    version=1,
    promise=(
        "Figures that their publisher has released, with the publisher's own symbols. "
        "Nothing is computed through a hidden cell and nothing is shown finer than published."
    ),
)

POLICIES = {policy.name: policy for policy in (PUBLISHED,)}
