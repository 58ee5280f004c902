"""Regressions and tests on survey data."""
