"""Scores and speeds of translations, labels and drawings."""
