"""`/api/v1`: what is published, for programs; described by OpenAPI 3.1 from the same types that make the answers."""
