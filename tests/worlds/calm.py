"""A person lying in bed whom other makers let do something: still postures, breathing, a few turns, a sensor's noise.

Knows gravity and how one posture becomes another. Must not know what is set into the night, nor the detector.

Conventions
-----------
Samples are (n, 3) float64, g, at `RATE_HZ`. A "direction" is a (3,) unit vector: what the still sensor reads.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE_HZ = 100.0
STEP_G = 1 / 8192
AWAKE_EVERY_S, AWAKE_LENGTH_S = 35.0, (1.5, 8.0)
TURN_EVERY_S = 2400.0


def smooth_step(count: int) -> Floats:
    """(count,) from 0 to 1 with least jerk."""
    part = np.linspace(0.0, 1.0, count)
    return np.asarray(part**3 * (10 - 15 * part + 6 * part * part))


def any_direction(rng: np.random.Generator) -> Floats:
    """(3,) a unit vector, all ways equally likely."""
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def between(first: Floats, second: Floats, weight: Floats) -> Floats:
    """(m, 3) from one vector (3,) to another along the great circle, lengths in proportion."""
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    one, two = first / lengths[0], second / lengths[1]
    angle = np.arccos(np.clip(one @ two, -1.0, 1.0))
    if angle < 1e-6:
        path = np.tile(one, (len(weight), 1))
    elif angle > np.pi - 1e-3:  # no shortest way: over whatever lies across
        across = np.cross(one, [1.0, 0.0, 0.0] if abs(one[0]) < 0.9 else [0.0, 1.0, 0.0])
        across /= np.linalg.norm(across)
        path = np.cos(angle * weight)[:, None] * one + np.sin(angle * weight)[:, None] * across
    else:
        path = (np.sin((1 - weight) * angle)[:, None] * one + np.sin(weight * angle)[:, None] * two) / np.sin(
            angle
        )
    return np.asarray(path * ((1 - weight) * lengths[0] + weight * lengths[1])[:, None])


def joined(first: Floats, second: Floats, overlap_s: float) -> Floats:
    """Two pieces as one: over the overlap gravity turns smoothly, the movement of one fades into that of the other."""
    size = min(round(overlap_s * RATE_HZ), len(first), len(second))
    end, begin = first[len(first) - size :], second[:size]
    end_g, begin_g = end.mean(axis=0), begin.mean(axis=0)
    weight = smooth_step(size)
    gravity_g = between(end_g, begin_g, weight)
    moved = (1 - weight)[:, None] * (end - end_g) + weight[:, None] * (begin - begin_g)
    return np.concatenate((first[: len(first) - size], gravity_g + moved, second[size:]))


@dataclass
class Bed:
    """A night that is being made: still readings so far, and what was done."""

    rng: np.random.Generator
    samples: Floats
    rows: list[tuple[float, float, str, str, str, float]] = field(default_factory=list)

    @classmethod
    def of(cls, rng: np.random.Generator, duration_s: float) -> "Bed":
        """Somebody who doesn't move at all."""
        return cls(rng, np.tile(any_direction(rng), (round(duration_s * RATE_HZ), 1)))

    def direction_at(self, time_s: float) -> Floats:
        """How the arm lies."""
        return np.asarray(self.samples[round(time_s * RATE_HZ)])

    def put(self, piece: Floats, begin_s: float, overlap_s: float, then: Floats | None = None) -> float:
        """Set a piece into the still night, which lies as `then` (as before when None) after it; its end, s."""
        first = round(begin_s * RATE_HZ)
        before = self.direction_at(begin_s)
        after = before if then is None else then
        size = round(overlap_s * RATE_HZ)
        whole = joined(np.tile(before, (size, 1)), piece, overlap_s)
        whole = joined(whole, np.tile(after, (size, 1)), overlap_s)[: len(self.samples) - first]
        self.samples[first : first + len(whole)] = whole
        self.samples[first + len(whole) :] = after
        return begin_s + len(whole) / RATE_HZ

    def turn(self, begin_s: float, least_deg: float, most_deg: float, length_s: float) -> None:
        """To another posture, with the arm working on the way."""
        before = self.direction_at(begin_s)
        across = np.cross(before, any_direction(self.rng))
        across /= np.linalg.norm(across)
        angle = np.radians(self.rng.uniform(least_deg, most_deg))
        after = np.cos(angle) * before + np.sin(angle) * across
        size = round(length_s * RATE_HZ)
        path = between(before, after, smooth_step(size)) + self._stir(size)
        first = round(begin_s * RATE_HZ)
        room = len(self.samples) - first
        self.samples[first : first + size] = path[:room]
        self.samples[first + size :] = after

    def _stir(self, size: int) -> Floats:
        """(size, 3) restless movement that begins and ends at nothing, some tenths of g."""
        window = max(3, round(0.12 * RATE_HZ))
        smooth = np.hanning(window) / np.hanning(window).sum()
        noise = np.column_stack(
            [np.convolve(axis, smooth, "same") for axis in self.rng.normal(size=(3, size))]
        )
        noise *= self.rng.uniform(0.03, 0.2) / max(noise.std(), 1e-9)
        return np.asarray(noise * np.sin(np.pi * np.linspace(0, 1, size))[:, None])

    def add(self, wave: Floats, begin_s: float) -> None:
        """A movement that returns to where it began."""
        first = round(begin_s * RATE_HZ)
        self.samples[first : first + len(wave)] += wave

    def tell(
        self, begin_s: float, end_s: float, kind: str, family: str, state: str, peak_g: float = np.nan
    ) -> None:
        """A row of the truth."""
        self.rows.append((begin_s, end_s, kind, family, state, peak_g))

    def lie_awake(self, begin_s: float, end_s: float) -> None:
        """Move every half minute."""
        at_s = begin_s + self.rng.uniform(1, 10)
        while True:
            length_s = self.rng.uniform(*AWAKE_LENGTH_S)
            if at_s + length_s > end_s:
                return
            self.turn(at_s, 5.0, 80.0, length_s)
            self.tell(at_s, at_s + length_s, "awake", "stirring", "wake")
            at_s += length_s + self.rng.exponential(AWAKE_EVERY_S)

    def turn_over(self, begin_s: float, end_s: float, keep_clear_s: Floats) -> None:
        """A change of posture now and then, away from (k, 2) spans."""
        at_s = begin_s + self.rng.exponential(TURN_EVERY_S)
        while at_s < end_s - 20:
            length_s = self.rng.uniform(2, 6)
            clear = (keep_clear_s[:, 1] < at_s - 60) | (keep_clear_s[:, 0] > at_s + 60)
            if bool(clear.all()):
                self.turn(at_s, 30.0, 120.0, length_s)
                self.tell(at_s, at_s + length_s, "turn", "turn", "sleep")
            at_s += self.rng.exponential(TURN_EVERY_S)

    def felt(self) -> Floats:
        """(n, 3) what a sensor puts out: breathing, noise and steps on top."""
        rng, count = self.rng, len(self.samples)
        minutes_s = np.arange(0.0, count / RATE_HZ + 120, 60)
        each_hz = rng.uniform(0.2, 0.28) + rng.normal(0, 0.012, len(minutes_s))
        breath_hz = np.interp(np.arange(count) / RATE_HZ, minutes_s, each_hz)
        breath = rng.uniform(0.001, 0.004) * np.sin(2 * np.pi * np.cumsum(breath_hz) / RATE_HZ)
        noise = rng.normal(0.0, rng.uniform(0.0008, 0.0028), (count, 3))
        return np.asarray(
            np.round((self.samples + breath[:, None] * any_direction(rng) + noise) / STEP_G) * STEP_G
        )
