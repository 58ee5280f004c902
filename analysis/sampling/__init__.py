"""Planning and drawing samples: sizes, allocation, selection, stages; seeds and probabilities are kept."""

from analysis.sampling.allocation import allocate
from analysis.sampling.balanced import cube, pivotal, sampford
from analysis.sampling.coordination import permanent_numbers, sequential
from analysis.sampling.selection import Selection, pps_systematic, simple_random, systematic
from analysis.sampling.sizes import size_for_cv, size_for_margin
from analysis.sampling.stages import one_adult, two_stage

__all__ = [
    "Selection",
    "allocate",
    "cube",
    "one_adult",
    "permanent_numbers",
    "pivotal",
    "pps_systematic",
    "sampford",
    "sequential",
    "simple_random",
    "size_for_cv",
    "size_for_margin",
    "systematic",
    "two_stage",
]
