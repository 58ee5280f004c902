"""Quality of estimates and of the response: precision, response rates, representativity, nonresponse bias."""

from analysis.quality.bias import nonresponse_bias
from analysis.quality.precision import cv_class
from analysis.quality.representativity import r_indicator
from analysis.quality.response_rates import Dispositions, response_rates
from analysis.weighting.representativity import Representativity

__all__ = [
    "Dispositions",
    "Representativity",
    "cv_class",
    "nonresponse_bias",
    "r_indicator",
    "response_rates",
]
