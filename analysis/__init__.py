"""Survey statistics on data frames: designs, weights, estimates and their errors."""

from analysis.change import change_between, combine_changes
from analysis.covariance import Covariance
from analysis.design import Design
from analysis.errors import SurveyError

__all__ = ["Covariance", "Design", "SurveyError", "change_between", "combine_changes"]
