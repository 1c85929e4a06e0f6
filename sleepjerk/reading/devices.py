"""Files of research loggers: Axivity .cwa, GENEActiv .bin, ActiGraph .gt3x -> samples in g with their times.

Knows what the logger's maker says of the recording, and that such files hold local times. Must not know grids. The
bytes are `actfast`'s (extra `devices`), which is given one piece of the file after the other (`pieces`): a block that
is damaged costs that block, and is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.pieces import Piece, pages_of, pieces_of
from sleepjerk.reading.source import room_to_unpack
from sleepjerk.reading.store import Store
from sleepjerk.reading.vendors import find_offset, one_of
from sleepjerk.recording import Floats, Samples

_SAME_BLOCK = 0.05  # of a period: within a block stamps follow the nominal rate but for rounding
_MAX_STRETCH = 0.1  # a sensor's own rate lies that near to the nominal one; anything further is a gap
_MAX_PAUSE = 30  # periods, a tenth of the longest block (300 samples); a block that is lost has 40 at least


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFile:
    """What a logger wrote.

    Attributes
    ----------
    rows
        Samples in g, and their stamps: the wall clock where it was recorded, as nanoseconds since 1970-01-01 there.
    zone
        Its offset from UTC; None when the file doesn't say.
    sensor, sensor_id, limb, side
        None where unknown.
    damaged
        Blocks left out.
    notes
        What was found, in words.
    """

    rows: Store
    zone: tzinfo | None
    sensor: str
    sensor_id: str | None
    limb: str | None
    side: str | None
    damaged: int
    notes: tuple[str, ...]

    def local_ns(self, row: int) -> int:
        """The stamp of one sample."""
        return int(self.rows.stamps(row, row + 1)[0])

    def acceleration_g(self, begin: int, end: int) -> Samples:
        """(3, m) float32, some of the samples."""
        return np.array(self.rows.samples(begin, end).T, order="C")

    def times(self, begin: int, end: int) -> Floats:
        """(m,) what some of the stamps say, seconds since the first sample of all."""
        return np.asarray((self.rows.stamps(begin, end) - self.local_ns(0)) / 1e9)

    def time_s(self, begin: int, end: int) -> Floats:
        """(m,) seconds since the first of some samples, evenly within and between the stamped blocks."""
        stamps_ns = self.rows.stamps(begin, end)
        return even_blocks((stamps_ns - stamps_ns[0]) / 1e9)

    def close(self) -> None:
        """Let go of the samples."""
        self.rows.close()


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
    rows = Store()
    try:
        with room_to_unpack(path):
            facts, damage = _unpack(path, kind, rows, actfast.read)
        if rows.count < 2:
            raise InputError(
                f"{path}: no samples of acceleration were found in this {kind}: it is empty, or of an older kind than "
                "the reader knows; export the raw samples as CSV with the maker's program"
            )
    except BaseException:
        rows.close()
        raise
    notes = [f"device: {kind}, {facts.get('serial', 'without a number')}"]
    if damage:
        blocks = "1 block" if len(damage) == 1 else f"{len(damage)} blocks"
        notes.append(f"damage: {blocks} of the file left out, the first behind byte {damage[0]}")
    return DeviceFile(
        rows=rows,
        zone=find_offset(facts.get("zone", "")),
        sensor=facts.get("sensor") or kind.split(" ", maxsplit=1)[0],
        sensor_id=f"{facts.get('sensor') or kind}:{facts['serial']}" if facts.get("serial") else None,
        limb=one_of(facts.get("place", ""), ("wrist", "ankle")),
        side=one_of(facts.get("place", ""), ("left", "right")),
        damaged=len(damage),
        notes=tuple(notes),
    )


def _unpack(path: Path, kind: str, rows: Store, read: Callable[..., Any]) -> tuple[dict[str, str], list[int]]:
    """Lay down all samples; what the maker says of them, and where blocks were left out, in bytes."""
    facts: dict[str, str] = {}
    damage: list[int] = []

    def look_into(piece: Piece) -> dict[str, Any]:
        try:
            return dict(read(str(piece.file), lenient=True))
        except (ValueError, OSError) as error:
            raise InputError(
                f"{path}: this {kind} can't be read ({error}); export the raw samples as CSV"
            ) from error

    for piece in pieces_of(path, kind):
        parts = [(piece, look_into(piece))]
        if parts[0][1]["warnings"]:
            parts = [(page, look_into(page)) for page in pages_of(piece, kind)] or parts
        facts = facts or _flat(parts[0][1]["metadata"])
        for part, found in parts:
            damage += [*part.damage, *[part.begin] * len(found["warnings"])]
            series = next((each for each in found["timeseries"].values() if "acceleration" in each), None)
            if series is not None and series["acceleration"].ndim == 2:
                rows.add(series["acceleration"], series["datetime"])
    return facts, damage


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
    and so each block seems to begin with a pause. A longer one is a gap, however many samples came before it.
    """
    if len(time_s) < 2:
        return time_s
    step = np.diff(time_s)
    period = float(np.median(step))
    starts = np.concatenate(([0], np.flatnonzero(np.abs(step - period) > _SAME_BLOCK * period) + 1))
    size = np.diff(np.append(starts, len(time_s)))
    length = np.append(np.diff(time_s[starts]), size[-1] * period)
    each: NDArray[np.float64] = length / size
    apart = np.abs(each / period - 1)
    each[(apart > _MAX_STRETCH) | (apart * size > _MAX_PAUSE)] = period
    each[-1] = each[-2] if len(each) > 1 else period
    return np.asarray(
        np.repeat(time_s[starts], size)
        + np.repeat(each, size) * (np.arange(len(time_s)) - np.repeat(starts, size))
    )
