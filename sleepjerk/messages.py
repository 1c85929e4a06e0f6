"""What is told to a person, before it has words: a key of the catalogue and the values that fill its places.

Steps and judges say what they found in messages; the sentences of each language are `report`'s alone. Knows nothing
else.
"""

from dataclasses import dataclass, field
from typing import Self, TypeAlias

# A number, an id or a clock time, or the messages that stand in the middle of a sentence.
Value: TypeAlias = "float | int | str | tuple[Message, ...]"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence by its section and name ("warning.gaps"). `n` chooses between its forms for one and for many."""

    key: str
    values: dict[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, key: str, **values: Value) -> Self:
        """A message; numbers keep six digits behind the point, more than any sentence shows."""
        return cls(key, {name: round(v, 6) if isinstance(v, float) else v for name, v in values.items()})
