"""Functions of the expression language, by subject (ODK XForms specification, section Functions)."""

from survey.instrument.functions import dates, digests, forms, geography, nodes, numbers, selects, strings
from survey.instrument.functions.registry import FUNCTIONS, Function

__all__ = [
    "FUNCTIONS",
    "Function",
    "dates",
    "digests",
    "forms",
    "geography",
    "nodes",
    "numbers",
    "selects",
    "strings",
]
