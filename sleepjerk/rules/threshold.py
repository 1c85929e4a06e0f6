"""A threshold: a dataclass field that carries its unit and its source. Knows no single one."""

from dataclasses import field
from typing import Any


def threshold(default: Any, *, unit: str, source: str) -> Any:
    """A dataclass field that carries its unit and its source."""
    return field(default=default, metadata={"unit": unit, "source": source})
