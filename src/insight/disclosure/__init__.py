"""The gate: turns results into display objects, or holds them back."""

from insight.disclosure.policies import POLICIES, Policy
from insight.disclosure.release import release

__all__ = ["POLICIES", "Policy", "release"]
