"""Corrections and imputations: kept beside what was collected, never over it."""
