"""Aims: what a region has set itself, in its own words, and the public measure that stands for each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim of one region.

    Parameters
    ----------
    key : str
        Name of the row in tables and records.
    region : str
        The register's code; "" for the aims that stand for a region without a list of its own.
    words : str
        The aim as the region words it.
    measure : str
        Key of an indicator, or "judgements"; "" where there is no public measure.
    test : str
        How the measure is held against the target.
    target : str
        A number, or "".
    reason : str
        Why there is no public measure, or what the measure leaves out; may be "".
    source : str
        Where the aim stands, in words, with an address where there is one.
    """

    key: str
    region: str
    words: str
    measure: str
    test: str
    target: str
    reason: str
    source: str
