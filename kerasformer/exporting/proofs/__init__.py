"""The comparison of exports with their bundle, a file for each task."""
