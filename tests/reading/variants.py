"""Files as apps, loggers and sketches write them, each with what is true of it, and a person who follows advice.

Knows only text, arithmetic and calendars. Nothing here comes from the code under test: `Truth` is how a file was made.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading import read_recording
from sleepjerk.recording import Recording

Array = NDArray[np.float64]
Random = np.random.Generator

PER_G = {
    "g": 1.0,
    "mg": 1000.0,
    "m/s2": 9.80665,
    "counts:16384": 16384.0,
    "counts:4096": 4096.0,
    "counts:256": 256.0,
}
OPTIONS = {
    "unit": "--unit",
    "time_unit": "--time-unit",
    "rate_hz": "--rate",
    "columns": "--columns",
    "rows": "--rows",
}


@dataclass(frozen=True)
class Variant:
    """A file, what a person says of it at first, what is true of it, and what they answer when they are asked.

    `time_s` and `g` are what was recorded; `start` is None where no file can tell it; `read` says whether it must be
    read without a question, `refused` whether nothing in it is a night.
    """

    kind: str
    text: str | bytes
    time_s: Array
    g: Array
    start: datetime | None = None
    said: dict[str, object] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)
    name: str = "night.csv"
    read: bool = True
    refused: bool = False
    missing_s: float = 0.0
    start_asked: bool = False
    told: str = ""


def signal(rng: Random, seconds: float, rate_hz: float) -> tuple[Array, Array]:
    """(n,) seconds and (3, n) g of an arm at rest that turns once and twitches."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    sides = rng.normal(size=(2, 3))
    sides /= np.linalg.norm(sides, axis=1)[:, None]
    g = np.where(time_s < 0.4 * seconds, sides[0][:, None], sides[1][:, None])
    wave = 0.2 * np.sin(2 * np.pi * 6 * time_s) * np.exp(-((((time_s % 5) - 2.5) / 0.08) ** 2))
    return time_s, g + sides[1][::-1][:, None] * wave + rng.normal(0, 0.004, g.shape)


def verdict(variant: Variant, folder: Path) -> str:
    """ "right", "asked" (refused, and the advice leads to what is right), "lost" (it does not) or "wrong", with why."""
    path = folder / variant.name
    path.write_bytes(variant.text.encode() if isinstance(variant.text, str) else variant.text)
    said, asked = dict(variant.said), ""
    for _ in range(4):
        try:
            found = read_recording(path, **said)  # type: ignore[arg-type]
        except InputError as error:
            sentence = str(error).replace(str(path), "")
            more = {
                key: answer
                for key, answer in variant.answers.items()
                if OPTIONS[key] in sentence and said.get(key) != answer
            }
            if variant.refused and not said.keys() - variant.said.keys():
                return "right"
            if not more:
                return f"lost: {sentence}"
            said, asked = said | more, f"asked: {sentence}"
            if "rate_hz" in more and "columns" in said:
                said["columns"] = ",".join(str(said["columns"]).split(",")[-3:])
            continue
        wrong = faults(variant, found)
        return f"wrong: {wrong} {said} {found.provenance.notes}" if wrong else asked or "right"
    return f"lost: asked again and again, {asked}"


def faults(variant: Variant, found: Recording) -> str:
    """What a recording has other than what was recorded; "" where nothing."""
    wrong = ["read, though it is no acceleration"] if variant.refused else []
    true_hz = 1 / float(np.median(np.diff(variant.time_s)))
    if abs(found.device.device_rate_hz / true_hz - 1) > 0.02:
        wrong.append(f"rate {found.device.device_rate_hz:.4g} for {true_hz:.4g}")
    length_s = found.acceleration_g.shape[1] / found.rate_hz
    true_s = float(variant.time_s[-1] - variant.time_s[0]) + 1 / true_hz
    if abs(length_s - true_s) > 0.02 * true_s + 0.5:
        wrong.append(f"{length_s:.4g} s for {true_s:.4g}")
    missing_s = float(np.diff(found.gaps_s, axis=1).sum()) if len(found.gaps_s) else 0.0
    if abs(missing_s - variant.missing_s) > 1:
        wrong.append(f"{missing_s:.3g} s missing for {variant.missing_s:.3g}")
    if not wrong:
        times = np.arange(found.acceleration_g.shape[1]) / found.rate_hz
        true_g = np.stack([np.interp(times, variant.time_s - variant.time_s[0], axis) for axis in variant.g])
        apart = np.nanquantile(np.abs(found.acceleration_g - true_g), 0.98, axis=1)
        if apart.max() > 0.05:
            wrong.append(f"axes are off by {apart.round(3)} g")
    if found.start is not None and variant.start is None:
        wrong.append(f"start {found.start} where none can be known")
    if found.start is not None and variant.start is not None:
        off_s = abs((found.start - variant.start).total_seconds())
        wrong += [f"start {found.start} for {variant.start}"] if off_s > 1.5 else []
    if found.start is None and variant.start is not None and not variant.start_asked:
        wrong.append("start unknown")
    if variant.told and not re.search(variant.told, " ".join(found.provenance.notes)):
        wrong.append(f"not told: {variant.told}")
    return "; ".join(wrong)
