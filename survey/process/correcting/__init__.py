"""Answers looked at again and corrected, one by one, by rule or as proposed: pages and what they stand on."""
