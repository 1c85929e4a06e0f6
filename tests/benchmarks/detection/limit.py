"""How far is the detector from the physical limit? Jerks of known shape on sensor noise alone.

Reference is a matched filter that knows the main time course of each jerk (0.9 and more of its energy) and its
direction not at all, set to one false alarm in 8 h. A filter that knows wave and direction exactly is shown, too:
nobody can know those before. The detector counts as soon as it finds anything: which of it may be called a twitch is
a question of trust (that peak is told beside), not of noise. The intervals are those of the shapes drawn; the filters'
levels come from some nights of noise and are a hundredth uncertain themselves.
"""

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sleepjerk.detection.curves import make_curves, sensor_noise
from sleepjerk.detection.detect import detection_threshold, find_movements
from sleepjerk.recording import Samples, Spans
from sleepjerk.rules import Rules
from sleepjerk.simulate.kinds import make_motion
from sleepjerk.simulate.physics import band_peak, render, scaled_to_peak
from sleepjerk.simulate.plan import Kind, PlannedEvent
from sleepjerk.simulate.sensor import LSM6DS3, MPU6050, Sensor
from tests.benchmarks.detection import FIRST_SEED
from tests.benchmarks.detection.rows import Row, rate

FS = 100.0
NIGHT = round(8 * 3600 * FS)
APART = round(16 * FS)  # far enough that the planted jerks don't become what is ordinary
SHAPES, NIGHTS, PLANTED = 24, 8, 150
CURVE_MG = (4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0)

Finder = Callable[[Samples], NDArray[np.bool_]]


def jerk_shape(seed: int) -> NDArray[np.float64]:
    """(3, k) a jerk as the sensor sees it, with a 2-20 Hz peak of 1 g if it could be scaled so."""
    rng = np.random.default_rng(seed)
    up = rng.normal(size=3)
    up /= np.linalg.norm(up)
    event = PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=1.0 + rng.uniform(0, 0.01), peak_g=0.02)
    motion = scaled_to_peak(make_motion(rng, event, up), 0.02, event.onset_s, up, FS)
    wave = render(motion, event.onset_s, up, FS).change_g
    return np.asarray(wave / band_peak(wave, FS))


def noise(seed: int, count: int, sensor: Sensor) -> Samples:
    """(3, count) what a still sensor puts out, g."""
    sigma = sensor.noise_g_per_rthz * np.sqrt(FS / 2)
    samples = np.random.default_rng(seed).standard_normal((3, count), dtype=np.float32) * np.float32(sigma)
    samples[2] += 1
    return samples


def detector(samples: Samples) -> NDArray[np.bool_]:
    """(n,) samples inside a movement of any kind, faint ones included, that the detector finds."""
    inside = np.zeros(samples.shape[1], dtype=bool)
    for start, end in found_spans(samples):
        inside[start:end] = True
    return inside


def found_spans(samples: Samples) -> Spans:
    """(k, 2) what the detector finds."""
    rules = Rules()
    curves = make_curves(samples, FS, rules.movement)
    return find_movements(curves, None, rules.classification.twitch_max_s, rules.detection).spans


def matched(wave: NDArray[np.float64], *, direction: bool) -> Callable[[Samples], NDArray[np.float64]]:
    """A filter's output (n,) for one exact wave."""
    if direction:
        template = wave / np.linalg.norm(wave)
        return lambda samples: sum(
            signal.oaconvolve(samples[axis], template[axis, ::-1], mode="same") for axis in range(3)
        )
    course = np.linalg.svd(wave, full_matrices=False)[2][0]
    return lambda samples: np.linalg.norm(
        signal.oaconvolve(samples, course[None, ::-1], mode="same", axes=1), axis=0
    )


def threshold_of(output: Callable[[Samples], NDArray[np.float64]], sensor: Sensor) -> float:
    """The level that noise passes once in 8 h: in so many nights, the so-manieth highest peak."""
    peaks: list[float] = []
    for night in range(NIGHTS):
        values = output(noise(FIRST_SEED + night, NIGHT, sensor) - np.array([[0], [0], [1]], np.float32))
        at, _ = signal.find_peaks(values, distance=50, height=np.quantile(values[::7], 0.9999))
        peaks += list(values[at])
    return float(np.sort(peaks)[-NIGHTS])


def found_share(finder: Finder, wave: NDArray[np.float64], peak_g: float, seed: int, sensor: Sensor) -> float:
    """Share of planted jerks of one strength that are found."""
    samples = noise(seed, PLANTED * APART, sensor)
    first = np.arange(PLANTED) * APART + APART // 2
    for at in first:
        samples[:, at : at + wave.shape[1]] += (peak_g * wave).astype(np.float32)
    inside = finder(samples)
    return float(np.mean([inside[at : at + wave.shape[1]].any() for at in first]))


def half_found(finder: Finder, wave: NDArray[np.float64], seed: int, sensor: Sensor) -> float:
    """The peak found half the time, g, by bisection."""
    low, high = 0.0, 8 * 2.83e-3 * sensor.noise_g_per_rthz / 400e-6 + 0.006
    for _ in range(7):
        peak_g = (low + high) / 2
        if found_share(finder, wave, peak_g, seed, sensor) > 0.5:
            high = peak_g
        else:
            low = peak_g
    return (low + high) / 2


def _finder(output: Callable[[Samples], NDArray[np.float64]], sensor: Sensor) -> Finder:
    level = threshold_of(output, sensor)
    still = np.array([[0], [0], [1]], np.float32)
    return lambda samples: output(samples - still) >= level


def one_shape(task: tuple[int, Sensor]) -> tuple[list[float], list[list[float]]]:
    """Half-found peaks of detector, matched filter and all-knowing filter, g; and their curves (MPU-6050 only)."""
    number, sensor = task
    wave = jerk_shape(FIRST_SEED + number)
    finders = [
        detector,
        _finder(matched(wave, direction=False), sensor),
        _finder(matched(wave, direction=True), sensor),
    ]
    seed = FIRST_SEED + 100 + number
    halves = [half_found(finder, wave, seed, sensor) for finder in finders]
    curve = [
        [found_share(finder, wave, peak_mg / 1000, seed + 1000, sensor) for peak_mg in CURVE_MG]
        for finder in finders
        if sensor == MPU6050
    ]
    return halves, curve


def false_alarms(task: tuple[int, Sensor]) -> int:
    """What the detector finds in 8 h of noise."""
    seed, sensor = task
    return len(found_spans(noise(seed, NIGHT, sensor)))


def trusted(sensor: Sensor) -> float:
    """The peak from which a twitch may be told on this noise, g."""
    rules = Rules()
    curves = make_curves(noise(FIRST_SEED, NIGHT // 8, sensor), FS, rules.movement)
    noise_g = sensor_noise(curves.fast_norm_g, FS, curves.segments, Rules().movement)
    return detection_threshold(noise_g, None, FS, 0.0, rules.detection)[0]


def ratio_row(what: str, ours: list[float], theirs: list[float], most: float | None = None) -> Row:
    """Mean ratio over shapes with its bootstrap interval."""
    ratios = np.array(ours) / np.array(theirs)
    drawn = np.random.default_rng(1).choice(ratios, (2000, len(ratios))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    found = f"{ratios.mean():.3f} ({low:.3f}-{high:.3f})"
    return Row(what, found) if most is None else Row(what, found, f"<= {most:g}", ratios.mean() <= most)


def run(pool: Executor, scale: float) -> tuple[list[Row], str]:
    """The rows, and the curve as text."""
    number = max(2, round(scale * SHAPES))
    rows, curve = [], ""
    for sensor in (MPU6050, LSM6DS3):
        counts = list(pool.map(false_alarms, [(FIRST_SEED + 50 + n, sensor) for n in range(2 * number)]))
        halves, curves = zip(*pool.map(one_shape, [(n, sensor) for n in range(number)]), strict=True)
        ours, shape_known, all_known = np.array(halves).T.tolist()
        goal = 1.25 if sensor == MPU6050 else None
        rows += [
            rate(f"{sensor.name}: false alarms on noise alone, in 8 h", sum(counts), 8.0 * len(counts), 1.0),
            ratio_row(f"{sensor.name}: against a filter that knows the wave", ours, shape_known, goal),
            ratio_row(f"{sensor.name}: against one that knows its direction, too", ours, all_known),
            Row(
                f"{sensor.name}: peak found half the time",
                f"detector {1000 * np.mean(ours):.1f} mg, wave known {1000 * np.mean(shape_known):.1f} mg, "
                f"direction known {1000 * np.mean(all_known):.1f} mg; "
                f"called a twitch from {1000 * trusted(sensor):.0f} mg",
            ),
        ]
        if sensor == MPU6050:
            curve = _curve_text(np.mean(np.array(curves), axis=0))
    return rows, curve


def _curve_text(shares: NDArray[np.float64]) -> str:
    head = "| peak, mg | detector | wave known | direction known |\n|---|---|---|---|"
    lines = [
        f"| {peak:g} | {ours:.2f} | {shape:.2f} | {every:.2f} |"
        for peak, (ours, shape, every) in zip(CURVE_MG, shares.T, strict=True)
    ]
    return "\n".join(["Share found on MPU-6050 noise, by peak:\n", head, *lines, ""])
