"""Planning and drawing samples: sizes, allocation, selection, stages; seeds and probabilities are kept."""

from analysis.sampling.allocation import allocate
from analysis.sampling.balanced import cube, pivotal, sampford
from analysis.sampling.coordination import permanent_numbers, sequential
from analysis.sampling.joint import joint_probabilities
from analysis.sampling.plan import SizePlan, size_plan
from analysis.sampling.respondents import one_adult
from analysis.sampling.selection import Selection, pps_systematic, simple_random, systematic
from analysis.sampling.sizes import SampleSize, size_for_cv, size_for_margin
from analysis.sampling.stages import two_stage

__all__ = [
    "SampleSize",
    "Selection",
    "SizePlan",
    "allocate",
    "cube",
    "joint_probabilities",
    "one_adult",
    "permanent_numbers",
    "pivotal",
    "pps_systematic",
    "sampford",
    "sequential",
    "simple_random",
    "size_for_cv",
    "size_for_margin",
    "size_plan",
    "systematic",
    "two_stage",
]
