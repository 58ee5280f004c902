"""Small-area estimation: area-level (Fay-Herriot) and unit-level (nested error) models, benchmarking."""

from analysis.small_area.benchmark import benchmark
from analysis.small_area.charts import diagnostic_charts
from analysis.small_area.diagnostics import area_diagnostics, bias_test, normality
from analysis.small_area.fay_herriot import FayHerriot, fay_herriot
from analysis.small_area.from_design import SmallAreas, from_design
from analysis.small_area.nested_error import NestedError, nested_error
from analysis.small_area.smoothing import generalised_variances

__all__ = [
    "FayHerriot",
    "NestedError",
    "SmallAreas",
    "area_diagnostics",
    "benchmark",
    "bias_test",
    "diagnostic_charts",
    "fay_herriot",
    "from_design",
    "generalised_variances",
    "nested_error",
    "normality",
]
