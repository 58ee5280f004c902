"""Estimates from an opt-in (non-probability) sample beside a probability reference sample."""

from analysis.opt_in.combination import combine
from analysis.opt_in.overlap import Overlap
from analysis.opt_in.results import (
    CombinedEstimate,
    OptInEstimate,
    ProbabilityEstimate,
    probability_estimate,
)
from analysis.opt_in.weighting import OptIn, pseudo_weight

__all__ = [
    "CombinedEstimate",
    "OptIn",
    "OptInEstimate",
    "Overlap",
    "ProbabilityEstimate",
    "combine",
    "probability_estimate",
    "pseudo_weight",
]
