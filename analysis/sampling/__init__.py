"""Planning and drawing samples: sizes, allocation, selection, stages; seeds and probabilities are kept."""

from analysis.sampling.allocation import allocate
from analysis.sampling.selection import Selection, pps_systematic, simple_random, systematic
from analysis.sampling.sizes import size_for_cv, size_for_margin
from analysis.sampling.stages import one_adult, two_stage

__all__ = [
    "Selection",
    "allocate",
    "one_adult",
    "pps_systematic",
    "simple_random",
    "size_for_cv",
    "size_for_margin",
    "systematic",
    "two_stage",
]
