"""Device ticks against host time. Pure: knows numbers only, reads no clock itself."""

from collections.abc import Sequence
from dataclasses import dataclass

WRAP_US = 1 << 32  # a board's 32-bit microseconds begin again after 71.6 min


def unwrap(ticks: int, expected: int, wrap: int = WRAP_US) -> int:
    """The full tick count nearest to an expected one.

    Looking only for "smaller than the last" would miss whole turns in a gap longer than one wrap; the expected
    value comes from the host's clock, which is wrong by seconds at most.

    Parameters
    ----------
    ticks
        What the board sent, 0 <= ticks < wrap.
    expected
        About where the full count should be.
    """
    return ticks + wrap * round((expected - ticks) / wrap)


@dataclass(frozen=True, slots=True)
class ClockFit:
    """host = offset_s + (1 + drift) * device; drift in ppm is positive when the host runs faster than the board."""

    offset_s: float
    drift_ppm: float


def fit_clock(device_s: Sequence[float], host_s: Sequence[float], blocks: int = 12) -> ClockFit | None:
    """Straight line through the *earliest* arrivals.

    Delay on the way only ever adds, so in each block of time the smallest difference host - device is nearest to
    the truth; a line through all points would be pulled by every busy second of the host.

    Returns
    -------
    ClockFit | None
        None for fewer than two blocks with points.
    """
    if len(device_s) < 2 or device_s[-1] <= device_s[0]:
        return None
    length = (device_s[-1] - device_s[0]) / blocks
    best: dict[int, tuple[float, float]] = {}
    for device, host in zip(device_s, host_s, strict=True):
        block = min(int((device - device_s[0]) / length), blocks - 1)
        if block not in best or host - device < best[block][1]:
            best[block] = (device, host - device)
    points = list(best.values())
    if len(points) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return ClockFit(mean_y - slope * mean_x, 1e6 * slope)
