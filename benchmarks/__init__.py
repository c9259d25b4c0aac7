"""Measurements, each a command of its own. A package, because pysbd installs one of this name too."""
