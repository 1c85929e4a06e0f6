"""A made night as files: recording, sidecar, truth.

Knows the native layout. Must not know how the night was made.
"""

import gzip
import json
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Recording
from sleepjerk.simulate.made import ZONE, SimulatedNight
from sleepjerk.simulate.physics import NIGHT_HZ
from sleepjerk.simulate.sensor import Sensor, digits_of, step_values

HEADER = b"t_us,x_g,y_g,z_g\n"
ROWS_AT_ONCE = 200_000
GZIP_LEVEL = 9
SAMPLE_US = 1_000_000 // NIGHT_HZ


def write_night_files(made: SimulatedNight, path: Path | str) -> None:
    """Write `<stem>.csv` or `.csv.gz`, `<stem>.json`, `<stem>.truth.csv` and `<stem>.truth.json`.

    The same night makes the same bytes, packed or not.
    """
    path = Path(path)
    stem = path.parent / path.name.removesuffix(".gz").removesuffix(".csv")
    with path.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
                _write_rows(made, packed)
        else:
            _write_rows(made, file)
    _write_json(Path(f"{stem}.json"), _sidecar(made.recording, made.sensor))
    _write_json(Path(f"{stem}.truth.json"), _night_truth(made))
    made.truth.to_csv(Path(f"{stem}.truth.csv"), index=False, lineterminator="\n")


def _write_rows(made: SimulatedNight, file: Any) -> None:
    """The table; a gap is a jump in `t_us`."""
    table = _text_of_steps(made.sensor)
    half, step = 2 ** (made.sensor.bits - 1), np.float32(made.sensor.step_g)
    night = made.recording.acceleration_g
    file.write(HEADER)
    for start in range(0, night.shape[1], ROWS_AT_ONCE):
        part = night[:, start : start + ROWS_AT_ONCE]
        known = np.flatnonzero(np.isfinite(part[0]))
        index = np.rint(part[:, known] / step).astype(np.int32) + half
        time = _digits((start + known) * SAMPLE_US)
        line = np.concatenate([time, *(table[row] for row in index)], axis=1)
        line[:, -1] = ord("\n")
        file.write(line[line != 0].tobytes())


def _text_of_steps(sensor: Sensor) -> NDArray[np.uint8]:
    """(2**bits, w) the text of each step with a comma in the last place, 0 where there is no character."""
    digits = digits_of(sensor.step_g)
    texts = np.array([f"{value + 0.0:.{digits}f}".encode() for value in step_values(sensor)])
    width = texts.dtype.itemsize
    table = np.zeros((len(texts), width + 1), dtype=np.uint8)
    table[:, :width] = texts.view(np.uint8).reshape(len(texts), width)
    table[:, width] = ord(",")
    return table


def _digits(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(n, w) decimal digits of whole numbers with a comma behind, 0 instead of leading zeros."""
    width = max(len(str(int(numbers[-1]))), 1) if len(numbers) else 1
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    quotient = numbers[:, None] // powers
    text = (quotient % 10 + ord("0")).astype(np.uint8)
    text[:, :-1][quotient[:, :-1] == 0] = 0
    return np.concatenate((text, np.full((len(numbers), 1), ord(","), dtype=np.uint8)), axis=1)


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _sidecar(recording: Recording, sensor: Sensor) -> dict[str, Any]:
    """What a recorder would have written beside the night."""
    facts, start = recording.facts, recording.start
    assert start is not None
    return {
        "start_utc": start.astimezone(UTC).isoformat(timespec="milliseconds"),
        "zone": ZONE,
        "limb": facts.limb,
        "rate_hz": recording.rate_hz,
        "range_g": sensor.range_g,
        "sensor": sensor.chip,
        "lights_off": facts.lights_off.isoformat(timespec="milliseconds") if facts.lights_off else None,
        "lights_up": facts.lights_up.isoformat(timespec="milliseconds") if facts.lights_up else None,
        "subject": "nobody: made by sleepjerk simulate",
        "ended": "complete",
    }


def _night_truth(made: SimulatedNight) -> dict[str, Any]:
    """What is true of the night as a whole."""
    return {
        "scenario": made.scenario,
        "seed": made.seed,
        "seconds": made.recording.duration_s,
        "lights_off_s": made.lights_off_s,
        "lights_up_s": made.lights_up_s,
        "sleep_onset_s": made.sleep_onset_s,
        "sleep_end_s": made.sleep_end_s,
        "wake_s": made.wake_s.tolist(),
        "gaps_s": made.gaps_s.tolist(),
        "events": {str(label): int(count) for label, count in made.truth["label"].value_counts().sort_index().items()},
    }
