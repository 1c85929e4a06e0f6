"""Writes a made night as its files: recording, sidecar, truth. Knows the native format, not its making.

`t_us` counts microseconds since the first sample; a gap is a jump of it. Faulty stamps exist only here. The
same night gives the same bytes, also compressed: no file name and no time of writing goes into the `.gz`.
"""

import contextlib
import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from sleepjerk.atomic import whole_files
from sleepjerk.simulate.faults import NO_FAULTS, stamps_us
from sleepjerk.simulate.night import ZONE, SimulatedNight
from sleepjerk.simulate.sensor import DECIMALS, MPU6050, Sensor

Bytes = NDArray[np.uint8]

HEADER = b"t_us,x_g,y_g,z_g\n"
GZIP_LEVEL = 6
_BLOCK = 200_000  # rows formatted at once


def write_night_files(night: SimulatedNight, path: Path) -> tuple[Path, ...]:
    """Write recording, `.json`, `.truth.csv` and `.truth.json` beside each other.

    Parameters
    ----------
    path
        The recording's path, ending in `.csv` or `.csv.gz`.

    Returns
    -------
    tuple of Path
        The files written, the recording first.

    Raises
    ------
    ValueError
        The path ends otherwise.
    """
    stem = path.name.removesuffix(".gz").removesuffix(".csv")
    if path.name not in (f"{stem}.csv", f"{stem}.csv.gz") or not stem:
        raise ValueError(f"{path} is no name for a recording; it must end in .csv or .csv.gz")
    names = path.name, f"{stem}.json", f"{stem}.truth.csv", f"{stem}.truth.json"
    with whole_files(path.parent) as aside:
        recording, sidecar, truth, facts = (aside / name for name in names)
        _write_recording(night, recording)
        _write_json(sidecar, sidecar_facts(night))
        night.truth.to_csv(truth, index=False, lineterminator="\n")
        _write_json(facts, truth_facts(night))
    return tuple(path.with_name(name) for name in names)


def _write_recording(night: SimulatedNight, path: Path) -> None:
    """The native CSV, compressed when the path ends in `.gz`."""
    with contextlib.ExitStack() as opened:
        file: IO[bytes] | gzip.GzipFile = opened.enter_context(path.open("wb"))
        if path.suffix == ".gz":
            file = opened.enter_context(gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0))
        file.writelines(_rows(night))


def _rows(night: SimulatedNight) -> Iterator[bytes]:
    """The file as text, block by block: digits side by side in a table of bytes, zeros taken out."""
    yield HEADER
    there = np.flatnonzero(np.isfinite(night.recording.acceleration_g[0]))
    stamps = stamps_us(there, night.recording.rate_hz, night.faults, night.seed)
    texts = _value_texts(night.sensor)
    for first in range(0, len(there), _BLOCK):
        index = there[first : first + _BLOCK]
        parts = [_integer_text(stamps[first : first + _BLOCK])]
        for axis in range(3):
            comma = np.full((len(index), 1), ord(","), dtype=np.uint8)
            parts += [comma, texts[night.counts[axis, index].astype(np.int32) + 2**15]]
        parts.append(np.full((len(index), 1), ord("\n"), dtype=np.uint8))
        table = np.concatenate(parts, axis=1).ravel()
        yield table[table != 0].tobytes()


def _value_texts(sensor: Sensor) -> Bytes:
    """(65536, w) the text of every reading the sensor can give, filled up with zero bytes."""
    values = np.arange(-(2**15), 2**15) * sensor.step_g
    texts = np.array([f"{value:.{DECIMALS}f}".encode() for value in values])
    texts[2**15] = f"{0:.{DECIMALS}f}".encode()
    return texts.view(np.uint8).reshape(len(values), -1)


def _integer_text(values: NDArray[np.int64]) -> Bytes:
    """(n, w) decimal digits of non-negative integers, zero bytes instead of leading zeros."""
    width = len(str(int(values.max())))
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    digits = np.empty((len(values), width), dtype=np.uint8)
    for place, power in enumerate(powers):
        shifted = values // power
        digits[:, place] = np.where((shifted > 0) | (power == 1), shifted % 10 + ord("0"), 0)
    return digits


def sidecar_facts(night: SimulatedNight) -> dict[str, Any]:
    """What stands beside a recording, as the recorder would write it; every field a maker can know."""
    start, marks = night.recording.start, night.recording.marks
    hours = night.plan.duration_s / 3600
    moments = asdict(marks)
    chip = "" if night.sensor.name == MPU6050.name else f" --sensor {night.sensor.name}"
    bare = "" if night.plan.twitches else " --without-twitches"
    return {
        "start_utc": None if start is None else start.astimezone(UTC).isoformat(),
        "zone": ZONE,
        "limb": night.recording.placement.limb,
        "rate_hz": night.recording.rate_hz,
        "range_g": night.sensor.range_g,
        "sensor": night.sensor.name,
        **{name: None if moment is None else moment.isoformat() for name, moment in moments.items()},
        "made_by": f"sleepjerk simulate --scenario {night.scenario}"
        f" --hours {hours:g} --seed {night.seed}{chip}{bare}",
    }


def truth_facts(night: SimulatedNight) -> dict[str, Any]:
    """What is true of the night as a whole; seconds since the first sample, by the recording's clock."""
    sleep_s, lights_s = night.sleep_s or (None, None), night.lights_s or (None, None)
    faults = {} if night.faults == NO_FAULTS else {"faults": asdict(night.faults)}
    return {
        "schema": "sleepjerk.truth/1",
        "scenario": night.scenario,
        "seed": night.seed,
        "hours": night.plan.duration_s / 3600,
        "sensor": night.sensor.name,
        "lights_off_s": lights_s[0],
        "sleep_onset_s": sleep_s[0],
        "sleep_end_s": sleep_s[1],
        "lights_up_s": lights_s[1],
        "wake_s": [list(span) for span in night.wake_s],
        "gaps_s": [list(span) for span in night.gaps_s],
        "apnoeas_s": [list(span) for span in night.plan.apnoeas_s],
        "off_body_s": [list(span) for span in night.plan.off_body_s],
        **faults,
        "events": {
            str(label): int(count)
            for label, count in night.truth["label"].value_counts().sort_index().items()
        },
    }


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8", newline="\n")
