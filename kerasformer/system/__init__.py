"""Atomic writing of files, locks and processes, quiet loading; standard library and filelock only."""
