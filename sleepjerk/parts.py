"""What the parts of a recording have in common. Knows none of them, and imports nothing."""


class Part:
    """What belongs together of the facts of a recording; unknown is None, never 0.

    `Recording` and the summary of a night carry the same parts, and in every document the fields of a part stand flat
    among those of its owner. So a new field of a part is all that a new fact needs, besides whoever finds it.
    """

    __slots__ = ()
