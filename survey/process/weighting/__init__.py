"""From the sample to calibrated weights: the steps of design.yaml, one after the other."""

from survey.process.weighting.levels import add_variables, level_table
from survey.process.weighting.steps import check_steps, weighted_design

__all__ = ["add_variables", "check_steps", "level_table", "weighted_design"]
