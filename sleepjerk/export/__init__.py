"""A night for other tools. One module a format; each knows a recording and its night, and nothing of the others."""

FORMATS = ("edf", "parquet", "feather", "ggir", "bids")
