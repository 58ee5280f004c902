"""Confidentiality of what is released: suppression in tables, anonymity of microdata."""

from analysis.disclosure.microdata import AnonymityReport, anonymity
from analysis.disclosure.primary import primary_suppression
from analysis.disclosure.secondary import Suppression, feasible_range, protect_table

__all__ = [
    "AnonymityReport",
    "Suppression",
    "anonymity",
    "feasible_range",
    "primary_suppression",
    "protect_table",
]
