"""Survey statistics on data frames: designs, weights, estimates and their errors."""
