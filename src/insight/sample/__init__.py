"""Invented data in the layouts of the published files, from a seeded program whose true effects are known."""

from insight.sample.judgements import simulate_judgements, true_median_years
from insight.sample.process import EFFECT, SEED, simulate_workforce
from insight.sample.programmes import PROGRAMME_EFFECT
from insight.sample.referrals_by_month import simulate_authorities
from insight.sample.sites import SITE_EFFECT, simulate_sites
from insight.sample.writing import write_sample

__all__ = [
    "EFFECT",
    "PROGRAMME_EFFECT",
    "SEED",
    "SITE_EFFECT",
    "simulate_authorities",
    "simulate_judgements",
    "simulate_sites",
    "simulate_workforce",
    "true_median_years",
    "write_sample",
]
