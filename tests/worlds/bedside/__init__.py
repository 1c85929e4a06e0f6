"""Nights as one would see them at the bedside, written from physics and physiology, apart from the product.

`night(scenario, seed)` makes one; SCENARIOS names what there is. The heads of the modules say where each number
comes from and which are guesses.
"""

from tests.worlds.bedside.making import board_of, night, plan
from tests.worlds.bedside.scenarios import SCENARIOS

__all__ = ["SCENARIOS", "board_of", "night", "plan"]
