"""Engines of a server or a laptop: bundles and SavedModels that translate, classify and draw."""
