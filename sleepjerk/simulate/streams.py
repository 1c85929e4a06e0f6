"""Chance by name: one independent stream of random numbers a concern. Knows nothing of nights.

A stream depends on the seed and its own name only, so that a new kind of event, or one event more of a kind,
leaves every other stream as it was.
"""

from zlib import crc32

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The generator of one concern: the same seed and names give the same numbers on every computer.

    Parameters
    ----------
    names
        What the numbers are for, e.g. `"motion", "rem_twitch", 3`.
    """
    if seed < 0:
        raise ValueError(f"seed is {seed}, expected 0 or a positive integer")
    key = tuple(crc32(str(name).encode()) for name in names)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
