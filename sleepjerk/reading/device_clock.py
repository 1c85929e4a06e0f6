"""Pairs of a device's clock and its host's -> the one on the other.

Knows numbers. Must not know files or samples.

A sample reaches the host late, never early, so the device's clock is the lower edge of its pairs. Between two resets it
bends only slowly, as a board warms and cools; at a reset it begins anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules

_TICK_S = 1e-6  # plain: of the log; so far apart are what ends and what begins at a reset
_FAR_S = 1e7  # plain: longer than any recording
_TILTS = 101  # plain: slopes that are tried, on each side
_MOST_BLOCKS = 500  # plain: a size


class NoClockError(ValueError):
    """Why pairs tell no clock: they are "short" or "wrong"."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is known of both clocks.

    Attributes
    ----------
    device_s, host_s
        (n,) when a sample was taken by the device's clock, and when it came by the host's; in the order they came.
    resets_s, pauses_s
        When the device's clock began anew, and when it may have, by itself.
    """

    device_s: Floats
    host_s: Floats
    resets_s: Floats
    pauses_s: Floats


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """A device's clock on the host's.

    Attributes
    ----------
    device_s, host_s
        (k,) the same moments on both, in between which both run evenly; where the device's clock began anew, the host's
        may step back, but not from sample to sample.
    drift_ppm
        How much faster than the host's the device's clock runs.
    wander_s
        How far it strays to either side of that steady drift.
    """

    device_s: Floats
    host_s: Floats
    drift_ppm: float
    wander_s: float

    def on_host(self, device_s: Floats) -> Floats:
        """(n,) moments of the device's clock on the host's, s."""
        return np.asarray(np.interp(device_s, self.device_s, self.host_s))

    def rates(self, first_s: float, last_s: float) -> Iterator[tuple[float, float]]:
        """How much faster it ran, ppm, and from when on, host's seconds since a first moment of its own."""
        zero_s = self.on_host(np.array([first_s]))[0]
        for here in np.flatnonzero(np.diff(self.device_s) > 2 * _TICK_S).tolist():
            (begin, end), (begun, ended) = self.device_s[here : here + 2], self.host_s[here : here + 2]
            if end > first_s and begin < last_s:
                yield max(float(begun - zero_s), 0.0), float(1e6 * ((end - begin) / (ended - begun) - 1))


def fit_clock(pairs: Pairs, rules: ReadingRules) -> DeviceClock:
    """The device's clock as the lower edge of its pairs.

    Raises
    ------
    NoClockError
        They are too few, or of no clock.
    """
    backward = (np.diff(pairs.device_s) < 0) | (np.diff(pairs.host_s) < 0)
    if backward.sum() > rules.max_damaged_share * len(backward):
        raise NoClockError("wrong")
    keep = ~np.append(False, backward)
    device, host = pairs.device_s[keep], pairs.host_s[keep]
    if len(device) < 3 or device[-1] - device[0] < rules.drift_min_s:
        raise NoClockError("short")
    block_s = max(rules.drift_block_s, float(device[-1] - device[0]) / _MOST_BLOCKS)
    slope = _steady_slope(device, host, np.sort(np.append(pairs.resets_s, pairs.pauses_s)), block_s, rules)
    late = host - slope * device
    cuts = np.unique([*pairs.resets_s, *_jumps(device, late, pairs.pauses_s, rules)])
    corners, wander_s, longest_s = [], 0.0, 0.0
    for begin_s, end_s in pairwise([-_FAR_S, *cuts.tolist(), _FAR_S]):
        first, last = np.searchsorted(device, [begin_s, end_s]).tolist()
        if first == last:
            continue  # what no pair tells of goes on as before
        edge = _lower_edge(device[first:last], late[first:last], block_s, rules)
        corners.append(_straightened(edge, begin_s, end_s - _TICK_S, rules))
        if (lasted_s := float(np.ptp(edge[0]))) > longest_s:
            longest_s, wander_s = lasted_s, float(np.ptp(edge[1])) / 2
    at_s, level_s = np.concatenate(corners, axis=1)
    on_host = level_s + slope * at_s
    return DeviceClock(at_s, on_host, drift_ppm=1e6 * (1 / slope - 1), wander_s=wander_s)


def _steady_slope(device: Floats, host: Floats, breaks: Floats, block_s: float, rules: ReadingRules) -> float:
    """Host's seconds in one of the device's: the median of all slopes between the promptest pairs of blocks (Theil and
    Sen), as far as no break lies between them.
    """
    rough = float(np.median(np.diff(host)) / np.median(np.diff(device)))
    if not abs(rough - 1) < rules.max_drift:
        raise NoClockError("wrong")
    piece = np.searchsorted(breaks, device, side="right")
    longest = piece == np.argmax(np.bincount(piece))
    delay = host - device * np.polyfit(device[longest] - device[0], host[longest] - host[0], 1)[0]
    block = np.floor(device / block_s).astype(np.int64) + piece * (_MOST_BLOCKS + 2)
    groups = np.split(np.arange(len(block)), np.flatnonzero(np.diff(block)) + 1)
    least = np.array([group[np.argmin(delay[group])] for group in groups])
    first, second = np.triu_indices(len(least), 1)
    same = (piece[least[first]] == piece[least[second]]) & (device[least[first]] < device[least[second]])
    if not same.any():
        raise NoClockError("short")
    first, second = least[first[same]], least[second[same]]
    return float(np.median((host[second] - host[first]) / (device[second] - device[first])))


def _jumps(device: Floats, late: Floats, pauses_s: Floats, rules: ReadingRules) -> Iterator[float]:
    """The pauses at which the clocks lost each other: the promptest pairs before and after don't fit together."""
    for pause_s in pauses_s.tolist():
        before, here, after = np.searchsorted(
            device, [pause_s - rules.drift_block_s, pause_s, pause_s + rules.drift_block_s]
        ).tolist()
        if (
            before < here < after
            and abs(late[before:here].min() - late[here:after].min()) > rules.drift_jump_s
        ):
            yield pause_s


def _lower_edge(device: Floats, late: Floats, block_s: float, rules: ReadingRules) -> Floats:
    """(3, k) of each block the middle, the level there and the tilt of the straight line that lies under all of its
    pairs, as high as can be in the middle.
    """
    count = max(1, round(float(device[-1] - device[0]) / block_s))
    bounds = np.searchsorted(device, np.linspace(device[0], device[-1] + _TICK_S, count + 1)).tolist()
    tilts = np.linspace(0, rules.drift_bend, _TILTS)
    tilts = np.concatenate([tilts, -tilts[1:]])
    found = []
    for first, last in pairwise(bounds):
        if first < last:
            at_s = float(device[first:last].mean())
            level_s = (late[first:last] - tilts[:, None] * (device[first:last] - at_s)).min(axis=1)
            best = int(np.argmax(level_s - rules.drift_arm_s * np.abs(tilts)))
            found.append((at_s, float(level_s[best]), float(tilts[best])))
    edge = np.array(found).T
    kept = _longest_chain(edge[0], edge[1], rules)
    if 2 * len(kept) < len(found):
        raise NoClockError("wrong")
    return edge[:, kept]


def _longest_chain(at_s: Floats, level_s: Floats, rules: ReadingRules) -> NDArray[np.int64]:
    """The most blocks that follow each other as a clock can bend; the others came late all through, or are wrong."""
    length, before = np.ones(len(at_s), dtype=np.int64), np.full(len(at_s), -1)
    for here in range(1, len(at_s)):
        apart_s = np.abs(level_s[here] - level_s[:here])
        fits = apart_s <= rules.drift_straight_s + rules.drift_bend * (at_s[here] - at_s[:here])
        if fits.any():
            before[here] = np.argmax(np.where(fits, length[:here], 0))
            length[here] = length[before[here]] + 1
    chain = [int(np.argmax(length))]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    return np.array(chain[::-1])


def _straightened(edge: Floats, begin_s: float, end_s: float, rules: ReadingRules) -> Floats:
    """(2, k) moments and levels from break to break, as few as straight lines between them need to stay near all."""
    at_s, level_s, tilts = edge
    slopes = tilts[[0, -1]]
    if len(at_s) > 1:
        noise_s = float(np.median(np.abs(np.diff(level_s, 2)))) if len(at_s) > 2 else 0.0
        corners = at_s[_corners(at_s, level_s, max(rules.drift_straight_s, 2 * noise_s))]
        hats = np.stack([np.interp(at_s, corners, one) for one in np.eye(len(corners))], axis=1)
        at_s, level_s = corners, np.linalg.lstsq(hats, level_s, rcond=None)[0]
        slopes = (np.diff(level_s) / np.diff(at_s))[[0, -1]]
    head_s, tail_s = level_s[[0, -1]] + slopes * (np.array([begin_s, end_s]) - at_s[[0, -1]])
    return np.array([[begin_s, *at_s[1:-1], end_s], [head_s, *level_s[1:-1], tail_s]])


def _corners(at_s: Floats, level_s: Floats, tolerance_s: float) -> list[int]:
    """The places at which lines must bend to stay that near all levels, first and last among them."""
    off_s = np.abs(level_s - np.interp(at_s, at_s[[0, -1]], level_s[[0, -1]]))
    worst = int(np.argmax(off_s))
    if off_s[worst] <= tolerance_s:
        return [0, len(at_s) - 1]
    right = _corners(at_s[worst:], level_s[worst:], tolerance_s)
    return [
        *_corners(at_s[: worst + 1], level_s[: worst + 1], tolerance_s),
        *(worst + place for place in right[1:]),
    ]
