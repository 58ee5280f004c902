"""Replicate weights: made from a design or imported, recalibrated replicate by replicate."""
