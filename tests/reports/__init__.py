"""Reports made of published figures."""
