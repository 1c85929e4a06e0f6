"""One made night through the detector: its events with their features, what they truly were, and the night's figures.

Knows the analysis as it is called by everybody, and listens to its stages on the way. Must not decide anything.
"""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal

from sleepjerk import analysis
from sleepjerk.judging.weeks import line_of
from sleepjerk.night.model import Night
from sleepjerk.night.verdict import NightLine
from sleepjerk.parts import Device, Provenance
from sleepjerk.reading.units import measure_step
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules
from sleepjerk.runtime import limit_threads
from sleepjerk.spans import Mask, find_runs
from tests.benchmarks.worlds.plan import Task, make
from tests.worlds import lab, score
from tests.worlds.made import MadeNight

EVENING = "2026-11-22"  # a line of the weeks needs some date
SIGNIFICANT = ("I1", "I2", "I3")
STAGES = ("find_rest", "measure_movements", "name_movements")


@dataclass(frozen=True)
class Looked:
    """What became of one night: judged events, judged truth, figures of the night, its line in a week, its waves."""

    events: pd.DataFrame
    truth: pd.DataFrame
    night: dict[str, Any]
    line: NightLine
    waves: NDArray[np.float16] | None = None


@dataclass(frozen=True)
class Options:
    """Where made nights are kept, how they are given to the detector (lights off, another rate), what is noted."""

    keep: Path | None = None
    lights: bool = False
    rate_hz: float | None = None
    features: bool = False
    waves: bool = False


def recording_of(made: MadeNight, rate_hz: float | None = None) -> Recording:
    """A made night as a reader would give it."""
    samples_g, made_hz = made.acceleration_g, made.rate_hz
    if rate_hz is not None and rate_hz != made_hz:
        up, down = round(rate_hz), round(made_hz)
        samples_g, made_hz = signal.resample_poly(samples_g, up, down, axis=0), rate_hz
    acceleration_g = np.array(samples_g.T, dtype=np.float32, order="C")
    missing: Mask = np.asarray(np.isnan(acceleration_g).any(axis=0))
    acceleration_g[:, missing] = np.nan
    return Recording(
        acceleration_g,
        made_hz,
        find_runs(missing) / made_hz,
        provenance=Provenance(name=f"{made.world}-{made.scenario}-{made.seed}"),
        device=Device(step_g=measure_step(acceleration_g, Rules().reading)),
    )


@contextmanager
def heard() -> Iterator[dict[str, Any]]:
    """What the stages of the analysis give on the way, by their names."""
    results: dict[str, Any] = {}

    def listening(name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            results[name] = stage(*given, **named)
            return results[name]

        return call

    with ExitStack() as stack:
        for name in STAGES:
            if hasattr(analysis, name):
                stage = listening(name, getattr(analysis, name))
                stack.enter_context(mock.patch.object(analysis, name, stage))
        yield results


def look(task: Task, options: Options | None = None) -> Looked:
    """Make, analyse and judge one night, in one thread."""
    limit_threads(1)
    options = options or Options()
    return look_at(make(task, options.keep), options)


def look_at(made: MadeNight, options: Options) -> Looked:
    """Analyse and judge a made night."""
    recording = recording_of(made, options.rate_hz)
    with heard() as stages:
        night = analysis.analyse(recording, lights_off_s=made.lights_off_s if options.lights else None)
    facts: dict[str, Any] = {
        "world": made.world,
        "scenario": made.scenario,
        "seed": made.seed,
        "name": name_of(made),
    }
    events = score.judge_events(made, night.events.drop(columns=["utc", "detected"]))
    if options.features:
        events = _with_features(events, stages)
    truth = score.judge_truth(made, night.events)
    return Looked(
        events=events.assign(**facts),
        truth=truth.assign(**facts),
        night={**facts, **figures(made, night, truth)},
        line=line_of(night, EVENING),
        waves=waves_of(recording, events) if options.waves else None,
    )


def name_of(made: MadeNight) -> str:
    """What must be left out together when constants are chosen on other nights."""
    return lab.night_name(made.seed) if made.world == lab.WORLD else f"{made.scenario}-{made.seed}"


def _with_features(events: pd.DataFrame, stages: dict[str, Any]) -> pd.DataFrame:
    """The events with every feature of `Shapes`, how near onset is, and what the night said of its noise."""
    movements = stages["measure_movements"]
    shapes = movements.shapes
    order = np.argsort(shapes.onset_s, kind="stable")
    if not np.array_equal(shapes.onset_s[order], events["onset_s"].to_numpy()):
        raise AssertionError("events and shapes are not the same movements")
    added: dict[str, Any] = {
        field.name: getattr(shapes, field.name)[order]
        for field in dataclasses.fields(shapes)
        if field.name not in events
    }
    added |= _neighbours(events)
    added["near_onset"] = stages["find_rest"].sleep.near_onset_at(events["onset_s"].to_numpy())
    added |= {name: getattr(movements, name) for name in ("noise_g", "threshold_g", "limited_by")}
    return pd.concat([events, pd.DataFrame(added, index=events.index)], axis=1)


def _neighbours(events: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """Seconds to the movement before and after, and how many others begin within 30 s, 1 min and 5 min."""
    spans = score.spans_of(events)
    onset_s = spans[:, 0]
    ended = np.concatenate(([-np.inf], np.maximum.accumulate(spans[:, 1])[:-1]))[: len(spans)]
    begins = np.concatenate((onset_s[1:], [np.inf]))[: len(spans)]
    around = {
        f"others_{reach:g}s": np.searchsorted(onset_s, onset_s + reach, side="right")
        - np.searchsorted(onset_s, onset_s - reach, side="left")
        - 1
        for reach in (30.0, 60.0, 300.0)
    }
    return {"since_s": onset_s - ended, "until_s": begins - spans[:, 1], **around}


WAVE_S, WAVE_HZ = (-1.0, 2.0), 50.0  # around the onset


def waves_of(recording: Recording, events: pd.DataFrame) -> NDArray[np.float16]:
    """(k, 3, 150) the samples around each event, mg against the first half second, 50 Hz; for features to come."""
    step = max(1, round(recording.rate_hz / WAVE_HZ))
    size = round((WAVE_S[1] - WAVE_S[0]) * WAVE_HZ)
    first = np.round((events["onset_s"].to_numpy() + WAVE_S[0]) * recording.rate_hz).astype(np.int64)
    index = np.clip(first[:, None] + step * np.arange(size), 0, recording.acceleration_g.shape[1] - 1)
    waves = np.swapaxes(recording.acceleration_g[:, index], 0, 1)
    still = waves[:, :, : round(0.5 * WAVE_HZ)].mean(axis=2, keepdims=True)
    return np.asarray(1000 * (waves - still), dtype=np.float16)


def figures(made: MadeNight, night: Night, truth: pd.DataFrame) -> dict[str, Any]:
    """The numbers of one night, found and true."""
    met = {line.id: line.met for line in night.verdict.criteria}
    sleep_h, wake_h, far_awake_h = (
        float(np.sum(spans[:, 1] - spans[:, 0])) / 3600
        for spans in (score.asleep_s(made), score.awake_s(made), score.far_awake_s(made))
    )
    true_s = made.sleep_s or (np.nan, np.nan)
    return {
        "hours": night.recording.hours,
        "sleep_h": sleep_h,
        "wake_h": wake_h,
        "far_awake_h": far_awake_h,
        "wake_bouts_h": float(np.sum(made.wake_s[:, 1] - made.wake_s[:, 0])) / 3600,
        "true_onset_s": true_s[0],
        "true_end_s": true_s[1],
        "onset_s": _known(night.sleep.onset_s),
        "end_s": _known(night.sleep.end_s),
        "onset_range_s": _range(night, "onset_range_s"),
        "end_range_s": _range(night, "end_range_s"),
        "found_wake_s": _known(night.sleep.wake_s),
        "r1_met": met.get("R1"),
        "significant": any(met.get(name) is True for name in SIGNIFICANT),
        **{f"{name.lower()}_met": met.get(name) for name in SIGNIFICANT},
        "said_periodic": night.periodic.said,
        "has_series": bool((truth["kind"] == "series").any()),
        "valid": all(met.get(name) is not False for name in ("V1", "V2", "V3", "V5", "V6")),
        "noise_g": _known(night.recording.noise_g),
        "visits": int((truth["kind"] == "visit").sum()),
        "slept_through_wake_h": asleep_while_awake_h(made, night),
    }


def _known(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _range(night: Night, name: str) -> tuple[float, float] | None:
    told = getattr(night.sleep, name, None)
    return None if told is None else (float(told[0]), float(told[1]))


def asleep_while_awake_h(made: MadeNight, night: Night) -> float:
    """Hours of true wake bouts inside sleep that the night calls sleep or falling asleep."""
    said_s = np.array([(a, b) for a, b, state in night.timeline.states if state in ("sleep", "onset")])
    if len(said_s) == 0 or len(made.wake_s) == 0:
        return 0.0
    shared = np.minimum(made.wake_s[:, None, 1], said_s[None, :, 1])
    shared -= np.maximum(made.wake_s[:, None, 0], said_s[None, :, 0])
    return float(np.maximum(shared, 0.0).sum()) / 3600
