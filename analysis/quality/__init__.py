"""Quality of estimates and of the response: classes of precision, response rates, representativity."""

from analysis.quality.precision import cv_class
from analysis.quality.representativity import r_indicator
from analysis.quality.response_rates import Dispositions, response_rates

__all__ = ["Dispositions", "cv_class", "r_indicator", "response_rates"]
