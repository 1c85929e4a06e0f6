"""The version of sleepjerk, written into every output. Knows nothing else."""

__version__ = "0.1.0"
