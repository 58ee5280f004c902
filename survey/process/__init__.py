"""From responses to estimates: snapshots, weighting and estimation runs."""
