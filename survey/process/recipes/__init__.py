"""Weighting recipes kept as versions: written, tried against the questionnaire, run, shown and compared."""
