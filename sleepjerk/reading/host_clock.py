"""STUB"""

from typing import NamedTuple


class Apart(NamedTuple):
    apart_s: float
    clock: str
    unsure_s: float
