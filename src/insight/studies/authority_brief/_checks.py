"""What would make a careful reader doubt the brief, each answered."""

from __future__ import annotations

from collections.abc import Sequence

from insight.core.check import Check
from insight.studies.authority_brief._looks import Brief, Look


def checks_of(brief: Brief) -> tuple[Check, ...]:
    """In a fixed order."""
    return (_figures(brief), _whole(brief), _counts(brief), _long_enough(brief), _looks(brief), _memory())


def _share(brief: Brief, found: Sequence[Look]) -> str:
    """How many; which ones they are, and why, the tables of everything say in their rows."""
    return f"{len(found)} of {len(brief.looks)}"


def _figures(brief: Brief) -> Check:
    gone = [look for look in brief.looks if look.missing]
    words = (
        f"Without one: {_share(brief, gone)}; their rows say why." if gone else "No measure lacks its newest figure."
    )
    return Check("Every measure has its newest figure", not gone, words)


def _whole(brief: Brief) -> Check:
    partial = [
        look for look in brief.looks if look.cell is not None and look.cell.value is not None and look.cell.doubt
    ]
    words = f"Maybe partial: {_share(brief, partial)}; without a place, in none of the lists."
    return Check("Every newest return looks whole", not partial, words if partial else "None looks partial.")


def _counts(brief: Brief) -> Check:
    judged = [look for look in brief.looks if look.value is not None and look.measure.indicator.direction != "neither"]
    without = [look for look in judged if look.level_p is None]
    words = f"Not tested beside England: {len(without)} of {len(judged)}; their rows say why."
    return Check(
        "Every measure with a better way has counts for a test",
        not without,
        words if without else "Each was tested beside England.",
    )


def _long_enough(brief: Brief) -> Check:
    short = [look for look in brief.looks if brief.trend(look).result is None]
    words = f"Not tested: {_share(brief, short)}; their rows say why."
    return Check(
        "Every series is long enough for a test", not short, words if short else "Each was tested for a rise or fall."
    )


def _looks(brief: Brief) -> Check:
    measures = f"{len(brief.looked_at)} of the {len(brief.looks)} measures"
    words = f"{brief.n_tests} tests of {measures}, at a false-discovery rate of 5%."
    return Check("Many looks are allowed for", None, words)


def _memory() -> Check:
    words = "Taken to be so; series this short cannot show whether they are."
    return Check("Years stand for themselves", None, words)
