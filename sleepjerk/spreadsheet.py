"""What a spreadsheet makes of a cell. Knows one cell; must not know tables."""

from typing import TypeVar

Cell = TypeVar("Cell")

_FORMULA = ("=", "+", "-", "@")


def inert(cell: Cell) -> Cell | str:
    """A text that a spreadsheet would calculate gets an apostrophe, and one row stays one; what is no text stays."""
    if not isinstance(cell, str):
        return cell
    plain = "".join(sign if sign.isprintable() else " " for sign in cell)
    return f"'{plain}" if plain.lstrip().startswith(_FORMULA) else plain
