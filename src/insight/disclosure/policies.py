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

OWN_COUNTS = Policy(
    name="own_counts",
    version=1,
    promise=(
        "Totals that an authority has counted itself, for its own use. No count from 1 to 4 is shown. "
        "The promises for published figures hold as well."
    ),
)
FEWEST_SHOWN = 5
"""Under ``own_counts`` a count below this, and above zero, is withheld."""

POLICIES = {policy.name: policy for policy in (PUBLISHED, OWN_COUNTS)}
