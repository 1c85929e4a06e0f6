"""Files of research loggers: Axivity .cwa, GENEActiv .bin, ActiGraph .gt3x -> samples in g with their times.

Knows what the logger's maker says of the recording, and that such files hold local times. Must not know grids. The
bytes are `actfast`'s (extra `devices`), which is given one piece of the file after the other (`pieces`): a block that
is damaged costs that block, and is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.reading.loggers.pieces import Piece, pages_of, pieces_of
from sleepjerk.reading.loggers.store import Store
from sleepjerk.reading.seek import RowSeeker, Seeker
from sleepjerk.reading.sidecar import Sidecar
from sleepjerk.reading.source import room_for_it
from sleepjerk.reading.text.vendors import find_offset, one_of
from sleepjerk.recording import Floats, Samples


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """What a logger wrote, and says of the recording; so many blocks were `damaged` and left out.

    Stamps are the wall clock where it was recorded, as nanoseconds since 1970-01-01 there.
    """

    rows: Store
    known: Sidecar
    damaged: int
    notes: tuple[str, ...]

    def local_ns(self, row: int) -> int:
        """The stamp of one sample."""
        return int(self.rows.stamps(row, row + 1)[0])

    begin = 0

    @property
    def end(self) -> int:
        """How many samples there are."""
        return self.rows.count

    def read(self, begin: int, end: int) -> tuple[Floats, Samples]:
        """(m,) seconds since the first of some samples, by their stamps, and (3, m) these samples."""
        return self.times(begin, end, zero=begin), self.rows.samples(begin, end)

    def seeker(self, *, unit_s: float = 1.0, rate_hz: float | None = None) -> Seeker:
        """Finds samples by their stamps."""
        return RowSeeker(self.end, self.times, self.rows.samples, unit_s, rate_hz)

    def times(self, begin: int, end: int, zero: int = 0) -> Floats:
        """(m,) what some of the stamps say, seconds since that of sample number `zero`."""
        return np.asarray((self.rows.stamps(begin, end) - self.local_ns(zero)) / 1e9)

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
        with room_for_it(path):
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
        of_what = "its log" if kind == "ActiGraph .gt3x" else "the file"
        notes.append(f"damage: {blocks} of {of_what} left out, the first behind byte {damage[0]}")
    known = Sidecar(
        zone=find_offset(facts.get("zone", "")),
        sensor=facts.get("sensor") or kind.split(" ", maxsplit=1)[0],
        sensor_id=f"{facts.get('sensor') or kind}:{facts['serial']}" if facts.get("serial") else None,
        limb=one_of(facts.get("place", ""), ("wrist", "ankle")),
        side=one_of(facts.get("place", ""), ("left", "right")),
    )
    return DeviceFile(rows, known, len(damage), tuple(notes))


def _unpack(path: Path, kind: str, rows: Store, read: Callable[..., Any]) -> tuple[dict[str, str], list[int]]:
    """Lay down all samples; what the maker says of them, and where blocks were left out, in bytes."""
    facts: dict[str, str] = {}
    damage: list[int] = []

    def look_into(piece: Piece) -> dict[str, Any]:
        try:
            return dict(read(str(piece.file), lenient=True))
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except (
            BaseException
        ) as error:  # the reader may panic at what is nonsense, which isn't even an Exception
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
