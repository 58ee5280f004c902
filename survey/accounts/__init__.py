"""People who work with the service: sign-in, roles, audit trail."""
