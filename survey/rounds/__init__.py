"""Surveys, the versions of their instruments, and the rounds in which they are fielded."""
