"""What makes figures of two periods comparable: the fields of an indicator that say what is measured, of whom."""

CONCEPT = ("population", "numerator", "denominator", "missing", "missing_in", "missing_values", "age")
