"""Whole files that are translated with everything but their text left as it is."""
