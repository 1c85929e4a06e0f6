"""Machines near the bed are told by their frequency, and nothing that a body does is taken for one."""

import dataclasses
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import signal

import sleepjerk as sj
from sleepjerk import Recording, Rules, find_vibrations
from sleepjerk.cli import check as verb
from sleepjerk.detection.curves import at_working_rate
from sleepjerk.detection.vibration import Vibration
from sleepjerk.events import make_events
from sleepjerk.night.model import SleepSummary, Surroundings
from sleepjerk.night.quality import measure_quality
from sleepjerk.night.summary import summarise_surroundings
from tests.report.made_nights import demo
from tests.support.made_recordings import made_recording
from tests.support.made_signals import FS, jerk, rotated, shake, still

RULES = Rules().vibration
RECORDING = dataclasses.replace(demo().recording, smallest_visible_g=0.020)
MINUTES_15, MINUTES_30 = 900.0, 1800.0


def tone(
    hz: float, amplitude_g: float, seconds: float, *, fs: float = FS, direction: tuple[float, ...] = (1, 0, 0)
) -> NDArray[np.float32]:
    """A sine along one direction of space: (3, n), g."""
    time = np.arange(round(seconds * fs)) / fs
    along = np.array(direction) / np.linalg.norm(direction)
    return (amplitude_g * np.outer(along, np.sin(2 * np.pi * hz * time))).astype(np.float32)


def pulse_wave(
    seconds: float, amplitude_g: float, *, spread: float, beats_hz: float = 1.0, seed: int = 1
) -> NDArray[np.float32]:
    """Heartbeats that ring at 6 Hz and die away with 0.12 s, intervals normal around 1 / beats_hz: (3, n), g."""
    rng = np.random.default_rng(seed)
    count = round(seconds * FS)
    beats_s = np.cumsum(rng.normal(1, spread, int(1.2 * seconds * beats_hz) + 5) / beats_hz)
    train = np.zeros(count)
    train[np.round(beats_s[beats_s * FS < count - 1] * FS).astype(int)] = 1.0
    time = np.arange(60) / FS
    ring = np.exp(-time / 0.12) * np.sin(2 * np.pi * 6 * time)
    wave = signal.oaconvolve(train, ring / np.abs(ring).max())[:count]
    return (amplitude_g * np.outer([0.6, 0.0, 0.8], wave)).astype(np.float32)


def found(acceleration_g: NDArray[np.float32], fs: float = FS) -> tuple[Vibration, ...]:
    lines = find_vibrations(acceleration_g, fs, RULES)
    assert lines is not None
    return lines


# Invariances.


def test_how_the_sensor_sits_on_the_arm_changes_nothing() -> None:
    night = still(MINUTES_30) + tone(13.3, 0.003, MINUTES_30, direction=(1, 2, 3))
    one, other = found(night)[0], found(rotated(night, 4))[0]
    assert other.frequency_hz == pytest.approx(one.frequency_hz, abs=1e-4)
    assert other.amplitude_g == pytest.approx(one.amplitude_g, rel=1e-3)
    assert other.direction_share == pytest.approx(one.direction_share, abs=1e-3)


def test_a_machine_twice_as_strong_has_twice_the_amplitude() -> None:
    quiet = still(MINUTES_30, noise_g=1e-4)
    weak, strong = (found(quiet + tone(21.0, size, MINUTES_30))[0] for size in (0.002, 0.004))
    assert strong.amplitude_g == pytest.approx(2 * weak.amplitude_g, rel=0.01)


# Known answers.


@pytest.mark.parametrize("hz", [2.5, 6.02, 12.3456, 24.97, 33.333, 46.5])
@pytest.mark.parametrize("amplitude_g", [0.0015, 0.02])
def test_a_fan_is_told_with_frequency_and_amplitude(hz: float, amplitude_g: float) -> None:
    (line,) = found(still(MINUTES_30) + tone(hz, amplitude_g, MINUTES_30, direction=(0, 1, 1)))
    assert line.frequency_hz == pytest.approx(hz, abs=0.01)
    assert line.amplitude_g == pytest.approx(amplitude_g, rel=0.05)
    assert line.time_share == 1.0
    assert line.direction_share > 0.9


@pytest.mark.parametrize("fs", [25.0, 31.25, 52.0, 104.0, 119.0])
def test_the_sampling_rate_doesnt_matter(fs: float) -> None:
    (line,) = found(still(MINUTES_30, fs=fs) + tone(9.4, 0.004, MINUTES_30, fs=fs), fs)
    assert line.frequency_hz == pytest.approx(9.4, abs=0.01)


def test_a_push_that_goes_round_has_half_its_power_in_one_direction() -> None:
    time = np.arange(round(MINUTES_30 * FS)) / FS
    night = still(MINUTES_30, noise_g=2e-4)
    night[0] += 0.005 * np.sin(2 * np.pi * 17 * time)
    night[1] += 0.005 * np.cos(2 * np.pi * 17 * time)
    assert found(night)[0].direction_share == pytest.approx(0.5, abs=0.02)


def test_a_motor_that_warms_up_is_one_machine() -> None:
    time = np.arange(round(2 * 3600 * FS)) / FS
    night = still(2 * 3600)
    night[1] += 0.003 * np.sin(2 * np.pi * np.cumsum(24.5 + 0.3 * np.exp(-time / 1800)) / FS)
    (line,) = found(night)
    assert 24.5 < line.frequency_hz < 24.8
    assert line.time_share == 1.0


def test_a_washing_machine_of_twelve_minutes_has_its_share_of_the_time() -> None:
    night = still(3600)
    night[:, 90000:162000] += tone(19.2, 0.01, 720)
    (line,) = found(night)
    assert line.frequency_hz == pytest.approx(19.2, abs=0.01)
    assert line.time_share == pytest.approx(720 / 3600, abs=180 / 3600)


def test_two_machines_at_different_times_are_two_the_longer_one_first() -> None:
    night = still(3600)
    night[:, :216000] += tone(11.0, 0.004, 2160)
    night[:, 216000:] += tone(29.0, 0.02, 1440)
    assert [round(line.frequency_hz) for line in found(night)] == [11, 29]


def test_movements_and_gaps_hide_no_machine() -> None:
    night = still(MINUTES_30) + tone(12.0, 0.003, MINUTES_30)
    for at_s in range(40, 1800, 120):
        night += shake(at_s, 8.0, 0.8, MINUTES_30)
    night[:, 30000:30500] = np.nan
    (line,) = found(night)
    assert line.frequency_hz == pytest.approx(12.0, abs=0.01)
    assert line.time_share > 0.8


@pytest.mark.parametrize(("fs", "hz"), [(5.0, 2.28), (7.5, 3.5), (100.0, 47.9)])
def test_a_line_at_the_upper_end_of_what_a_rate_shows_is_found(fs: float, hz: float) -> None:
    (line,) = found(still(MINUTES_30, fs=fs) + tone(hz, 0.01, MINUTES_30, fs=fs), fs)
    assert line.frequency_hz == pytest.approx(hz, abs=0.02)


def test_a_rate_that_shows_no_machine_leaves_it_unknown() -> None:
    assert find_vibrations(still(MINUTES_30, fs=4.0), 4.0, RULES) is None


def test_a_block_too_short_for_a_segment_leaves_it_unknown() -> None:
    night = still(MINUTES_30) + tone(13.3, 0.003, MINUTES_30)
    long = dataclasses.replace(RULES, segment_s=2 * RULES.block_s)
    assert find_vibrations(night, FS, long) is None


def test_doubles_say_what_singles_say() -> None:
    night = still(MINUTES_30) + tone(13.3, 0.003, MINUTES_30)
    single, double = found(night)[0], found(night.astype(np.float64))[0]
    assert double.frequency_hz == pytest.approx(single.frequency_hz, abs=1e-5)
    assert double.amplitude_g == pytest.approx(single.amplitude_g, rel=1e-4)


# What is no machine.


@pytest.mark.parametrize("noise_g", [0.0, 1e-4, 0.002, 0.02])
def test_a_sensor_by_itself_is_no_machine(noise_g: float) -> None:
    assert found(still(2 * 3600, noise_g=noise_g)) == ()


@pytest.mark.parametrize("step_g", [1 / 16384, 0.004, 1 / 32])
def test_a_coarse_sensor_that_breathes_is_no_machine(step_g: float) -> None:
    night = still(MINUTES_30)
    night[0] += 0.3 + 0.01 * np.sin(2 * np.pi * 0.25 * np.arange(night.shape[1]) / FS)
    assert found((np.rint(night / step_g) * step_g).astype(np.float32)) == ()


RATES = (20.0, 25.0, 100 / 3, 50.0, 62.5, 100.0)


@pytest.mark.parametrize("fs", RATES)
@pytest.mark.parametrize("step_g", [1e-6, 1 / 32])
def test_a_recordings_own_rate_is_no_machine(fs: float, step_g: float) -> None:
    night = still(MINUTES_15, fs=fs)
    night[0, night.shape[1] // 3 :] += 0.8  # lies otherwise from here on
    recording = made_recording((np.rint(night / step_g) * step_g).astype(np.float32), fs)
    assert sj.analyse(recording).surroundings.vibrations == ()
    assert measure_quality(recording, Rules()).vibrations == ()


@pytest.mark.parametrize("fs", RATES)
@pytest.mark.parametrize("paces", [1 / 3, 0.5, 0.97])
def test_a_sensor_read_more_often_than_it_measures_is_no_machine(fs: float, paces: float) -> None:
    night = still(MINUTES_15, fs=fs)
    assert found(night[:, (np.arange(night.shape[1]) * paces).astype(int)], fs) == ()


@pytest.mark.parametrize("fs", RATES)
def test_every_other_sample_a_little_higher_is_no_machine(fs: float) -> None:
    night = still(MINUTES_15, fs=fs)
    night[2, ::2] += 0.004
    assert found(night, fs) == ()


@pytest.mark.parametrize("every", [32, 50])
@pytest.mark.parametrize("fs", RATES[1:])
def test_the_pace_of_a_boards_packets_is_no_machine(fs: float, every: int) -> None:
    night = still(MINUTES_15, fs=fs)
    night[0, ::every] += 0.03
    assert found(night, fs) == ()


@pytest.mark.parametrize("fs", RATES)
def test_samples_filled_in_hold_gravity_as_still_as_it_was(fs: float) -> None:
    lying = np.tile(np.array([[0.6], [0.0], [0.8]], dtype=np.float32), 6000)
    lying[:, 3000:] = np.array([[-0.6], [0.8], [0.0]])
    filled, rate_hz = at_working_rate(lying, fs, Rules().movement)
    lies = slice(round(3100 * rate_hz / fs), round(5900 * rate_hz / fs))
    assert np.abs(filled[:, lies] - lying[:, -1:]).max() < 1e-6


@pytest.mark.parametrize("spread", [0.0, 0.01, 0.02, 0.05])
@pytest.mark.parametrize("beats_hz", [0.8, 1.0, 1.4])
def test_a_pulse_wave_is_no_machine_however_regular(spread: float, beats_hz: float) -> None:
    night = still(3600, noise_g=4e-4) + pulse_wave(3600, 0.005, spread=spread, beats_hz=beats_hz)
    assert found(night) == ()


def test_breathing_with_all_its_harmonics_is_no_machine() -> None:
    night = still(MINUTES_30, noise_g=2e-4)
    time = np.arange(night.shape[1]) / FS
    night[1] += 0.02 * signal.sawtooth(2 * np.pi * (0.25 * time + 0.3 * np.sin(2 * np.pi * time / 90)))
    assert found(night) == ()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_runs_of_tremor_are_no_machine(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seconds = 2 * 3600
    time = np.arange(round(seconds * FS)) / FS
    wander = np.convolve(rng.normal(size=seconds + 20), np.ones(10) / np.sqrt(10), "valid")
    hz = 5 + 0.3 * np.interp(time, np.arange(len(wander)), wander)
    night = still(seconds)
    night[0] += 0.05 * (time % 600 < 240) * np.sin(2 * np.pi * np.cumsum(hz) / FS)
    assert found(night) == ()


@pytest.mark.parametrize("seconds", [60, 340])
def test_some_minutes_of_a_tone_are_no_lasting_machine(seconds: int) -> None:
    night = still(MINUTES_30)
    night[:, 50000 : 50000 + seconds * 100] += tone(15.0, 0.05, seconds)
    assert found(night) == ()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_something_that_rings_at_its_own_frequency_when_pushed_at_random_is_no_machine(seed: int) -> None:
    night = still(2 * 3600)
    rung = signal.lfilter(
        *signal.iirpeak(20.0, 20.0 / 0.02, fs=FS), np.random.default_rng(seed).normal(size=night.shape[1])
    )
    night[0] += 0.005 * rung / rung[len(rung) // 2 :].std()
    assert found(night) == ()


def test_a_machine_that_hardly_moves_the_bed_is_left_out() -> None:
    quiet = still(MINUTES_30, noise_g=2e-5)
    assert found(quiet + tone(15.0, 0.0004, MINUTES_30)) == ()
    assert len(found(quiet + tone(15.0, 0.0006, MINUTES_30))) == 1


@pytest.mark.parametrize(("torn", "known"), [(4, True), (5, False)])
def test_where_gaps_leave_too_few_of_nine_segments_nothing_is_known(torn: int, known: bool) -> None:
    night = still(MINUTES_30) + tone(15.0, 0.01, MINUTES_30)
    for segment in range(torn):
        night[:, segment * 2000 + 1000 :: 18000] = np.nan
    lines = find_vibrations(night, FS, RULES)
    assert (lines is not None) == known
    assert not known or len(lines or ()) == 1


@pytest.mark.parametrize("night", [still(60), still(1000) * np.nan, np.zeros((3, 0), np.float32)])
def test_too_little_to_judge_is_unknown_and_not_none(night: NDArray[np.float32]) -> None:
    assert find_vibrations(night, FS, RULES) is None


def test_eight_hours_need_little_memory() -> None:
    night = still(8 * 3600)
    tracemalloc.start()
    find_vibrations(night, FS, RULES)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


# What the person is told.


def ringing(times_s: NDArray[np.float64], seconds: float, hz: float = 16.0) -> NDArray[np.float32]:
    """A mattress that rings at each time, 60 mg, gone after 0.2 s: (3, n), g."""
    signal_g = np.zeros((3, round(seconds * FS)), np.float32)
    time = np.arange(60) / FS
    wave = np.minimum(time / 0.01, 1) * np.exp(-time / 0.08) * np.sin(2 * np.pi * hz * time)
    for at in np.round(times_s * FS).astype(int):
        signal_g[1, at : at + 60] += 0.06 * wave / np.abs(wave).max()
    return signal_g


def sleeper(seconds: float) -> NDArray[np.float32]:
    """Somebody who lies still for hours and breathes."""
    night = still(seconds, noise_g=0.001)
    night[0] += 0.006 * np.sin(2 * np.pi * 0.25 * np.arange(night.shape[1]) / FS).astype(np.float32)
    return night


HOURS_5 = 5 * 3600.0
RINGS_S = np.arange(1800.0, HOURS_5 - 600, 240.0)  # 15 an hour


def analysed(night_g: NDArray[np.float32], **facts: object) -> sj.Night:
    return sj.analyse(made_recording(night_g, FS, **facts))


def test_a_fan_is_warned_about_in_the_night() -> None:
    night = analysed(sleeper(HOURS_5) + tone(12.34, 0.003, HOURS_5))
    assert night.surroundings.vibrations is not None
    assert night.surroundings.vibrations[0].frequency_hz == pytest.approx(12.34, abs=0.01)
    assert [text for text in night.warnings if "12.3 times a second (3.0 mg, 100 % of the time)" in text]


def test_rings_of_the_bed_are_counted_and_called_a_shared_bed() -> None:
    night = analysed(sleeper(HOURS_5) + ringing(RINGS_S, HOURS_5))
    around = night.surroundings
    hours = night.sleep.analysed_h
    assert hours is not None
    assert around.rings is not None
    assert abs(around.rings - len(RINGS_S)) <= 2
    assert around.rings_per_h == pytest.approx(around.rings / hours, abs=0.001)
    assert around.shared_bed is True
    assert any("another person" in text for text in night.warnings)
    assert night.counts["sleep_twitch"] + night.counts["hypnic_jerk"] == 0


def ring_table(**changes: list[object]) -> pd.DataFrame:
    """Eight rings of a bed in sleep, some of them changed."""
    columns: dict[str, list[object]] = {
        "onset_s": [float(value) for value in range(1000, 9000, 1000)],
        "duration_s": [0.2] * 8,
        "peak_g": [0.06] * 8,
        "tilt_deg": [0.1] * 8,
        "label": ["unclassified"] * 8,
        "series": [None] * 8,
        "state": ["sleep"] * 8,
        "utc": [""] * 8,
        "isolated": [True] * 8,
        "centroid_hz": [16.0] * 8,
        "confidence": [0.9] * 8,
    }
    for name, values in changes.items():
        columns[name][: len(values)] = values
    return make_events(**columns)


def around(events: pd.DataFrame, analysed_h: float | None = 5.0, **changes: float) -> Surroundings:
    recording = dataclasses.replace(RECORDING, **changes)
    return summarise_surroundings((), events, recording, SleepSummary(analysed_h=analysed_h), Rules())


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", "wake"), ("duration_s", 1.0), ("peak_g", 0.2), ("tilt_deg", 5.0), ("centroid_hz", 9.0)],
)
def test_only_short_weak_quick_shakes_in_sleep_that_turn_no_arm_are_rings(column: str, value: object) -> None:
    assert around(ring_table()).rings == 8
    assert around(ring_table(**{column: [value] * 3})).rings == 5


def test_one_ring_an_hour_is_a_shared_bed_and_less_is_not() -> None:
    assert around(ring_table(), 8.0).shared_bed is True
    assert around(ring_table(), 8.1).shared_bed is False


def test_a_short_night_or_a_slow_or_coarse_sensor_leaves_the_bed_unknown() -> None:
    assert (around(ring_table(), 3.9).rings, around(ring_table(), 3.9).shared_bed) == (8, None)
    for unknown in (
        around(ring_table(), None),
        around(ring_table(), rate_hz=25.0),
        around(ring_table(), smallest_visible_g=0.047),
    ):
        assert (unknown.rings, unknown.rings_per_h, unknown.shared_bed) == (None, None, None)


def test_somebody_who_twitches_alone_shares_no_bed() -> None:
    night = sleeper(HOURS_5)
    for at in (RINGS_S * FS).astype(int):
        night[:, at : at + 100] += jerk(0.5, 0.08, 1.0)
    alone = analysed(night)
    assert alone.surroundings.rings == 0
    assert alone.surroundings.shared_bed is False
    assert not any("another person" in text for text in alone.warnings)


def test_what_a_sensor_cant_show_is_unknown_and_not_none() -> None:
    coarse = analysed(sleeper(HOURS_5), step_g=1 / 32)
    assert (coarse.surroundings.rings, coarse.surroundings.shared_bed) == (None, None)
    awake_or_short = analysed(sleeper(900))
    assert awake_or_short.surroundings.rings is None


def test_what_shook_the_bed_reads_back_from_night_json(tmp_path: Path) -> None:
    night = analysed(sleeper(1800) + tone(12.34, 0.003, 1800))
    sj.write_night(night, tmp_path / "n.night.json")
    assert sj.read_night(tmp_path / "n.night.json").surroundings == night.surroundings
    line = json.loads((tmp_path / "n.night.json").read_text())["surroundings"]["vibrations"][0]
    assert set(line) == {"frequency_hz", "amplitude_g", "time_share", "direction_share"}


def test_check_has_a_line_on_vibration() -> None:
    quality = measure_quality(Recording(sleeper(1800) + tone(12.34, 0.008, 1800), FS), Rules())
    assert dict(verb.describe(quality))["vibration"] == "12.34 Hz, 8.0 mg, 100 % of the time"
    assert any("shakes the bed 12.3 times" in text for text in verb.say_doubts(quality, Rules()))
    quiet = measure_quality(Recording(sleeper(1800), FS), Rules())
    assert dict(verb.describe(quiet))["vibration"] == "none"
    short = measure_quality(Recording(sleeper(60), FS), Rules())
    assert dict(verb.describe(short))["vibration"].startswith("unknown")
