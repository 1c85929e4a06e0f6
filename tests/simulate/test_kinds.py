"""How the made kinds of movement look to an ideal sensor: rate, tilt, length, label."""

import numpy as np
import pytest
from scipy import signal

from sleepjerk.events import Label
from sleepjerk.simulate import Kind, Plan, PlannedEvent, Sensor, SimulatedNight, simulate_plan

SILENT = Sensor(name="ideal", noise_g_per_rthz=0.0, range_g=2.0)
ONSET_S = 20.0
SEEDS = range(6)


def one(kind: Kind, seed: int = 3, **facts: float) -> SimulatedNight:
    event = PlannedEvent(kind=kind, onset_s=ONSET_S, **facts)  # type: ignore[arg-type]
    return simulate_plan(Plan(duration_s=100.0, events=(event,), living=False), seed, sensor=SILENT)


def change(night: SimulatedNight) -> np.ndarray:
    """(3, n) g against the first still seconds."""
    rows = night.recording.acceleration_g.astype(np.float64)
    return rows - rows[:, 500:1500].mean(axis=1)[:, None]


def strongest_hz(rows: np.ndarray) -> float:
    """Frequency of the strongest line of all axes together."""
    power = (np.abs(np.fft.rfft(rows, 2**15, axis=1)) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(2**15, 0.01)
    return float(hz[np.argmax(np.where(hz > 0.2, power, 0))])


def turned_deg(night: SimulatedNight) -> float:
    """Angle between the still readings before and after the event."""
    rows = night.recording.acceleration_g.astype(np.float64)
    before, after = rows[:, 500:1500].mean(axis=1), rows[:, -1000:].mean(axis=1)
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(before, after)), before @ after)))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("kind", "facts", "low_hz", "high_hz"),
    [
        (Kind.SCRATCHING, {}, 2, 6),
        (Kind.SCRATCHING, {"rate_hz": 3.0}, 3, 3),
        (Kind.TREMOR, {"peak_g": 0.005}, 8, 12),
        (Kind.TREMOR, {"peak_g": 0.1, "rate_hz": 5.0}, 5, 5),
        (Kind.PARTNER, {"peak_g": 0.03}, 6, 20),  # the shortest rings are broad: the line moves down
    ],
)
def test_the_strongest_line_lies_in_the_band_of_the_kind(
    kind: Kind, facts: dict[str, float], low_hz: float, high_hz: float, seed: int
) -> None:
    # A rhythm gives way by a twentieth to either side.
    assert 0.95 * low_hz <= strongest_hz(change(one(kind, seed, **facts))) <= 1.05 * high_hz


@pytest.mark.parametrize("rate_hz", [0.4, 1.0, 2.0, 4.0])
def test_a_bed_rhythm_pushes_once_a_period(rate_hz: float) -> None:
    rows = change(one(Kind.BED_RHYTHM, peak_g=0.015, rate_hz=rate_hz, duration_s=12.0))
    along = np.linalg.svd(rows, full_matrices=False)[2][0]
    peaks, _ = signal.find_peaks(along, height=0.6 * along.max(), distance=round(60 / rate_hz))
    # Those within the first and last half second are faded.
    assert len(peaks) == pytest.approx(12 * rate_hz, abs=1 + rate_hz)
    assert np.median(np.diff(peaks)) / 100 == pytest.approx(1 / rate_hz, rel=0.06)


@pytest.mark.parametrize(("kind", "low_s", "high_s"), [(Kind.SCRATCHING, 3, 20), (Kind.TREMOR, 10, 60)])
def test_a_rhythm_lasts_as_long_as_the_literature_says(kind: Kind, low_s: float, high_s: float) -> None:
    for seed in SEEDS:
        row = one(kind, seed).truth.iloc[0]
        # The truth begins and ends at 15 % of the peak, within the fading of half a second.
        assert low_s - 1 <= row["offset_s"] - row["onset_s"] <= high_s


@pytest.mark.parametrize(
    "kind", [Kind.PARTNER, Kind.BED_RHYTHM, Kind.SCRATCHING, Kind.TREMOR, Kind.FAINT_TWITCHING]
)
def test_what_comes_through_the_bed_and_what_swings_leaves_no_tilt(kind: Kind) -> None:
    night = one(kind, peak_g=0.03)
    assert turned_deg(night) < 0.02
    assert night.truth["tilt_deg"].tolist() == [0.0]
    assert night.truth["peak_g"].iloc[0] == pytest.approx(0.03, rel=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mattress_rings_out_within_a_second(seed: int) -> None:
    energy = (change(one(Kind.PARTNER, seed, peak_g=0.03)) ** 2).sum(axis=0)
    assert energy[1990:2100].sum() > 0.999 * energy.sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_scratching_turns_the_arm_by_1_to_4_degrees(seed: int) -> None:
    night = one(Kind.SCRATCHING, seed, duration_s=10.0, rate_hz=2.0)
    # Strokes go from 0 to the full angle, so half of it remains in the mean: read on the middle seconds,
    # and gravity may lie along the axis of the joint, where a turn doesn't show.
    middle = night.recording.acceleration_g.astype(np.float64)[:, 2200:2800].mean(axis=1)
    before = night.recording.acceleration_g.astype(np.float64)[:, 500:1500].mean(axis=1)
    assert np.degrees(np.linalg.norm(middle - before)) < 4 / 2 + 0.1
    # Peak tangential part of r A/2 (1 - cos wt): r A w^2 / 2, and gravity adds at most A/2.
    low_g, high_g = (0.25 * np.radians(deg) / 2 * (4 * np.pi) ** 2 / 9.80665 for deg in (1, 4))
    assert 0.7 * low_g < np.linalg.norm(change(night), axis=0).max() < 1.05 * (high_g + np.radians(4))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pulled_cable_leaves_the_sensor_turned_by_2_to_10_degrees(seed: int) -> None:
    night = one(Kind.CABLE_TUG, seed)
    assert 2 <= turned_deg(night) <= 10
    assert night.truth["tilt_deg"].iloc[0] == pytest.approx(turned_deg(night), abs=0.05)


def test_a_pulled_cable_turns_by_the_angle_it_was_told() -> None:
    assert turned_deg(one(Kind.CABLE_TUG, tilt_deg=7.0)) == pytest.approx(7.0, abs=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_pull_itself_is_a_short_spike(seed: int) -> None:
    rows = change(one(Kind.CABLE_TUG, seed, tilt_deg=2.0))
    size = np.linalg.norm(rows - rows[:, -1:] * (np.arange(rows.shape[1]) > 2000), axis=0)
    # 0.1-0.5 g for 20-60 ms; the sensor's low-pass takes up to half of the shortest, the slip adds 0.035 g.
    assert 0.04 < size.max() < 0.56
    assert np.flatnonzero(size > 0.5 * size.max()).size <= 8


@pytest.mark.parametrize("seed", SEEDS)
def test_faint_twitches_last_150_ms_at_most(seed: int) -> None:
    row = one(Kind.FAINT_TWITCHING, seed, peak_g=0.03).truth.iloc[0]
    assert 0.05 < row["offset_s"] - row["onset_s"] <= 0.150


@pytest.mark.parametrize(("peak_g", "visible"), [(0.015, False), (0.03, True)])
def test_faint_twitches_are_twitches_and_asked_for_from_20_mg(peak_g: float, visible: bool) -> None:
    at = {100.0: Label.HYPNIC_JERK, 2000.0: Label.SLEEP_TWITCH}
    events = tuple(PlannedEvent(kind=Kind.FAINT_TWITCHING, onset_s=onset_s, peak_g=peak_g) for onset_s in at)
    plan = Plan(duration_s=2100.0, events=events, sleep_s=(300.0, 2100.0), lights_s=(60.0, 2100.0))
    truth = simulate_plan(plan, 1).truth
    assert truth["label"].tolist() == list(at.values())
    assert set(truth["kind"]) == {"faint_twitching"}
    assert truth["accel_truth"].tolist() == [visible, visible]


@pytest.mark.parametrize("kind", [Kind.SCRATCHING, Kind.TREMOR, Kind.BED_RHYTHM])
@pytest.mark.parametrize(("peak_g", "label"), [(0.012, Label.UNCLASSIFIED), (0.03, Label.RHYTHMIC_MOVEMENT)])
def test_a_rhythm_is_called_one_from_20_mg(kind: Kind, peak_g: float, label: Label) -> None:
    row = one(kind, peak_g=peak_g).truth.iloc[0]
    assert (row["label"], row["accel_truth"]) == (label, label is Label.RHYTHMIC_MOVEMENT)


@pytest.mark.parametrize("kind", [Kind.PARTNER, Kind.CABLE_TUG])
def test_nobody_is_asked_for_what_a_partner_or_a_cable_does(kind: Kind) -> None:
    row = one(kind).truth.iloc[0]
    assert (row["label"], row["accel_truth"], row["emg_truth"]) == (Label.UNCLASSIFIED, False, False)
    assert row["kind"] == kind


def test_a_movement_after_a_breathing_stop_is_a_limb_movement_told_by_its_kind() -> None:
    row = one(Kind.RESUMPTION, duration_s=2.0, tilt_deg=5.0).truth.iloc[0]
    assert (row["label"], row["kind"]) == (Label.LIMB_MOVEMENT, "resumption")
    assert row["tilt_deg"] == pytest.approx(5.0, abs=0.02)
    assert one(Kind.RESUMPTION, duration_s=6.0, tilt_deg=5.0).truth["label"].tolist() == [Label.BODY_MOVEMENT]


def test_a_rate_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="rate_hz is -1"):
        PlannedEvent(kind=Kind.TREMOR, onset_s=1.0, rate_hz=-1.0)
