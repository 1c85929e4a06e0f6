"""Frames or lines -> the rows of one night on one time line, and the ledger of what is missing. Pure."""
