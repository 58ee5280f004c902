"""What is published as SDMX: structures, data in every current format, and the REST interfaces 2.1 and 3.0."""
