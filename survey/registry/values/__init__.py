"""Values from the owners' records, for the lines that no survey can measure: entered, checked, signed by two."""
