"""Sign-off: what goes to the public is put forward by one person and signed by another, at once or after an embargo."""
