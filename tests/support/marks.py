"""Which cases the default run leaves to the slow one. Both run in CI."""

from collections.abc import Iterable
from typing import Any

import pytest


def a_few(values: Iterable[Any], *, of: int) -> list[Any]:
    """Parameters of which the default run takes one of so many, and the slow one the others."""
    return [
        pytest.param(value, marks=pytest.mark.slow) if place % of else pytest.param(value)
        for place, value in enumerate(values)
    ]
