"""Snapshots: responses frozen as tidy tables, with the state of each value, a codebook and a hash."""
