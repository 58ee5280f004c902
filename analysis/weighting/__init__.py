"""Weighting steps: nonresponse, post-stratification, raking, calibration, trimming, standardisation."""
