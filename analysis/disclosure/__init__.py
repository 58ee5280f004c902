"""Confidentiality of what is released: suppression in tables, anonymity of microdata."""

from analysis.disclosure.microdata import AnonymityReport, anonymity
from analysis.disclosure.primary import primary_suppression
from analysis.disclosure.recoding import LocalSuppression, compare_recodings, suppress_values
from analysis.disclosure.risk import RiskReport, reidentification_risk
from analysis.disclosure.secondary import Suppression, feasible_range, protect_table
from analysis.disclosure.suppression import ProtectedTable, suppress
from analysis.disclosure.tables import MarginTable, margin_table

__all__ = [
    "AnonymityReport",
    "LocalSuppression",
    "MarginTable",
    "ProtectedTable",
    "RiskReport",
    "Suppression",
    "anonymity",
    "compare_recodings",
    "feasible_range",
    "margin_table",
    "primary_suppression",
    "protect_table",
    "reidentification_risk",
    "suppress",
    "suppress_values",
]
