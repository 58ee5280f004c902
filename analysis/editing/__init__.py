"""Edit rules as data, the records that break them, and the fewest fields that must change (Fellegi-Holt)."""

from analysis.editing.checking import outside_domain, violations
from analysis.editing.edits import (
    CategoricalEdit,
    Categories,
    Interval,
    LinearEdit,
    balance,
    ratio,
)
from analysis.editing.localisation import Localisation, Localised, localise, localise_all

__all__ = [
    "CategoricalEdit",
    "Categories",
    "Interval",
    "LinearEdit",
    "Localisation",
    "Localised",
    "balance",
    "localise",
    "localise_all",
    "outside_domain",
    "ratio",
    "violations",
]
