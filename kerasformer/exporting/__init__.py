"""Bundles written as SavedModel and LiteRT, each checked against its bundle."""
