"""Invitations: personal links, letters and posters, contacts, messages and reminders."""
