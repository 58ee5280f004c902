"""Citizens and businesses answer on web pages that need no JavaScript."""
