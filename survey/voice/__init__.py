"""Citizen voice: opinions, complaints and ratings with their answers, strictly apart from official statistics."""
