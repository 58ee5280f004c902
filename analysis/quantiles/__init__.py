"""Weighted quantiles by several rules, with intervals."""
