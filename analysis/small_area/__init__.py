"""Small-area estimation: area-level (Fay-Herriot) and unit-level (nested error) models, benchmarking."""

from analysis.small_area.benchmark import benchmark
from analysis.small_area.fay_herriot import FayHerriot, fay_herriot
from analysis.small_area.nested_error import NestedError, nested_error

__all__ = ["FayHerriot", "NestedError", "benchmark", "fay_herriot", "nested_error"]
