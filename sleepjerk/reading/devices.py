"""Files of research loggers: Axivity .cwa, GENEActiv .bin, ActiGraph .gt3x -> samples in g with their times.

Knows what the logger's maker says of the recording, and that such files hold local times. Must not know grids. The
bytes are `actfast`'s (extra `devices`): a sector whose checksum fails costs that sector, and is counted.
"""

from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.vendors import find_offset, one_of
from sleepjerk.recording import Floats, Samples

_SAME_BLOCK = 0.05  # of a period: within a block stamps follow the nominal rate but for rounding
_MAX_STRETCH = 0.1  # a sensor's own rate lies that near to the nominal one; anything further is a gap


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFile:
    """What a logger wrote.

    Attributes
    ----------
    samples
        (n, 3) g, float32, as the reader gives them: turned round only a night at a time.
    stamps_ns
        (n,) int64, the wall clock where it was recorded, as nanoseconds since 1970-01-01 there.
    zone
        Its offset from UTC; None when the file doesn't say.
    sensor, sensor_id, limb, side
        None where unknown.
    damaged
        Blocks left out.
    notes
        What was found, in words.
    """

    samples: Samples
    stamps_ns: NDArray[np.int64]
    zone: tzinfo | None
    sensor: str
    sensor_id: str | None
    limb: str | None
    side: str | None
    damaged: int
    notes: tuple[str, ...]

    @property
    def first_local_s(self) -> float:
        """Wall clock of the first sample where it was recorded, as seconds since 1970-01-01 there."""
        return float(self.stamps_ns[0]) / 1e9

    def part(self, begin: int, end: int) -> "DeviceFile":
        """Some of the samples; `damaged` stays that of all."""
        return replace(self, samples=self.samples[begin:end], stamps_ns=self.stamps_ns[begin:end])

    def acceleration_g(self) -> Samples:
        """(3, n) float32."""
        return np.ascontiguousarray(self.samples.T, dtype=np.float32)

    def times(self, begin: int, end: int) -> Floats:
        """(m,) what some of the stamps say, seconds since the first sample."""
        return np.asarray((self.stamps_ns[begin:end] - self.stamps_ns[0]) / 1e9)

    def time_s(self) -> Floats:
        """(n,) seconds since the first sample, evenly within and between the stamped blocks."""
        return even_blocks(self.times(0, len(self.stamps_ns)))


def read_device(path: Path, kind: str) -> DeviceFile:
    """Read a logger's file.

    Raises
    ------
    InputError
        The reader is not installed, the file is damaged beyond use, or it is an older format than the reader knows.
    """
    try:
        import actfast
    except ImportError as error:
        raise InputError(
            f"{path}: to read {kind} type: pip install 'sleepjerk[devices]', or export the samples as CSV"
        ) from error
    try:
        found: Any = actfast.read(str(path), lenient=True)
    except (ValueError, OSError) as error:
        raise InputError(
            f"{path}: this {kind} can't be read ({error}); export the raw samples as CSV"
        ) from error
    series: dict[str, Any] = next(
        (part for part in found["timeseries"].values() if "acceleration" in part), {}
    )
    samples: Any = series.get("acceleration", np.empty(0))
    if samples.ndim != 2 or len(samples) < 2:
        raise InputError(
            f"{path}: no samples of acceleration were found in this {kind}: it is empty, or of an older kind than "
            "the reader knows; export the raw samples as CSV with the maker's program"
        )
    facts = _flat(found["metadata"])
    damaged = len(found["warnings"])
    notes = [f"device: {kind}, {facts.get('serial', 'without a number')}"]
    if damaged:
        notes.append(f"damage: {damaged} blocks of the file were left out ({found['warnings'][0]})")
    return DeviceFile(
        samples=samples,
        stamps_ns=series["datetime"],
        zone=find_offset(facts.get("zone", "")),
        sensor=facts.get("sensor") or kind.split(" ", maxsplit=1)[0],
        sensor_id=f"{facts.get('sensor') or kind}:{facts['serial']}" if facts.get("serial") else None,
        limb=one_of(facts.get("place", ""), ("wrist", "ankle")),
        side=one_of(facts.get("place", ""), ("left", "right")),
        damaged=damaged,
        notes=tuple(notes),
    )


_NAMES = {
    "serial": ("device_id", "Serial Number", "Device Unique Serial Code"),
    "sensor": ("hardware_type", "Device Type"),
    "zone": ("TimeZone", "Time Zone"),
    "place": ("Limb", "Side", "Device Location Code", "annotation"),
}


def _flat(metadata: dict[str, dict[str, str]]) -> dict[str, str]:
    """The few facts that are of use, under our names."""
    said = {key: value for part in metadata.values() for key, value in part.items()}
    return {
        ours: " ".join(said[name] for name in names if said.get(name))
        for ours, names in _NAMES.items()
        if any(said.get(name) for name in names)
    }


def even_blocks(time_s: Floats) -> Floats:
    """(n,) times of samples that come in stamped blocks, spread evenly from one stamp to the next.

    A logger stamps a block and counts on from there at its nominal rate; the sensor's own rate is a per cent off,
    and so each block seems to begin with a pause.
    """
    if len(time_s) < 2:
        return time_s
    step = np.diff(time_s)
    period = float(np.median(step))
    starts = np.concatenate(([0], np.flatnonzero(np.abs(step - period) > _SAME_BLOCK * period) + 1))
    size = np.diff(np.append(starts, len(time_s)))
    length = np.append(np.diff(time_s[starts]), size[-1] * period)
    each: NDArray[np.float64] = length / size
    each[np.abs(each / period - 1) > _MAX_STRETCH] = period
    each[-1] = each[-2] if len(each) > 1 else period
    return np.asarray(
        np.repeat(time_s[starts], size)
        + np.repeat(each, size) * (np.arange(len(time_s)) - np.repeat(starts, size))
    )
