"""A run's estimates as tables: direct ones with their change, small areas, volunteers apart."""
