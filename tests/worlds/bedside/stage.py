"""Where all movements of a night are played one after another on the same wrist.

It keeps "up" as the wrist sees it, (n, 3), and the pushes, and turns "up" for good where a movement leaves the wrist
turned. Movements may overlap: each turns the wrist as it finds it.
"""

import numpy as np

from tests.worlds.bedside.motion import Motion
from tests.worlds.bedside.turning import BODY_HZ, Array, turned


class Stage:
    def __init__(self, samples: int, up: Array) -> None:
        self.up = np.empty((samples, 3))
        self.pushes_g = np.zeros((samples, 3))
        self._resting = up
        self._filled = 0

    def up_at(self, sample: int) -> Array:
        return self.up[sample].copy() if sample < self._filled else self._resting

    def play(self, motion: Motion, start: int) -> None:
        stop = min(start + len(motion.rotation_rad), len(self.up))
        self._fill(stop)
        self.up[start:stop] = turned(self.up[start:stop], motion.rotation_rad[: stop - start])
        self.pushes_g[start:stop] += motion.pushes_g()[: stop - start]
        left = motion.rotation_rad[-1:]
        if float(np.linalg.norm(left)) > 1e-9:
            self.up[stop : self._filled] = turned(self.up[stop : self._filled], left)
            self._resting = turned(self._resting[None], left)[0]

    def finish(self) -> None:
        self._fill(len(self.up))

    def _fill(self, until: int) -> None:
        if until > self._filled:
            self.up[self._filled : until] = self._resting
            self._filled = until


def end_of(motion: Motion, up: Array) -> float:
    """When the wrist is at rest again (within a fiftieth of the movement, 2-5 mg), seconds from the beginning."""
    force_g = motion.force_g(up)
    away_g = np.linalg.norm(force_g - force_g[-1], axis=1)
    moving = np.flatnonzero(away_g > np.clip(0.02 * away_g.max(), 0.002, 0.005))
    return float((moving[-1] + 1 if len(moving) else 1) / BODY_HZ)
