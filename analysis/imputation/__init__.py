"""Imputation by donors, with flags, and estimates whose errors count it."""

from analysis.imputation.adjusted import imputed_mean
from analysis.imputation.combining import combine
from analysis.imputation.donors import Imputed, hot_deck, nearest_donor

__all__ = ["Imputed", "combine", "hot_deck", "imputed_mean", "nearest_donor"]
