"""Loggers' own files -> samples in g with their times, piece by piece. Must not know grids or nights."""
