"""Which cases the default run leaves to the slow one. Both run in CI."""

import os
from collections.abc import Iterable
from typing import Any

import pytest

THOROUGH = "HYPOTHESIS_PROFILE" in os.environ


def examples(number: int) -> int:
    """Examples of a property: the default run takes a third, a profile that was asked for takes all."""
    return number if THOROUGH else number // 3


def a_few(values: Iterable[Any], *, of: int, several: bool = False) -> list[Any]:
    """Parameters (`several`: tuples of them) of which the default run takes one of so many, the slow one the others."""
    return [
        pytest.param(*(value if several else (value,)), marks=[pytest.mark.slow] * bool(place % of))
        for place, value in enumerate(values)
    ]
