"""The demonstration round: a synthetic population of the province and its respondents, never real answers."""
