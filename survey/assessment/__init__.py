"""Self-assessment of firms: a questionnaire whose answers come back at once as levels, peers and advice."""
