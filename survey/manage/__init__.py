"""Survey managers: questionnaires, rounds, samples and fieldwork progress."""
