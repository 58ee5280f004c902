"""The statistics benchmark: its data, and the same tasks in this library and in its peers."""
