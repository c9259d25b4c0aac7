"""The graphs that are exported, a file for each task."""
