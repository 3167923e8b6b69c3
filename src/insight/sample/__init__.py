"""Invented data in the layouts of the published files, from a seeded program whose true effects are known."""

from insight.sample.process import EFFECT, SEED, simulate_workforce
from insight.sample.writing import write_sample

__all__ = ["EFFECT", "SEED", "simulate_workforce", "write_sample"]
