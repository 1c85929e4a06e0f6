"""The nights at the bedside are what they say: repeatable, honest about what they contain, true to physics."""

from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.signal import butter, sosfiltfilt

from tests.support.marks import a_few
from tests.worlds import bedside
from tests.worlds.bedside import making, twitches
from tests.worlds.bedside.board import draw_board
from tests.worlds.bedside.motion import grown_to
from tests.worlds.bedside.people import Place, draw_bed, draw_person
from tests.worlds.bedside.turning import any_direction, turned
from tests.worlds.made import KINDS, STATES, TRUTH_COLUMNS, MadeNight

HOURS = 0.4
RETURNING = ("minimum_jerk", "damped_limb", "emg_envelope", "doublet")
MARKS = {
    "still": ("turn", "turn"),
    "ordinary": ("scratch", "scratch"),
    "partner_low": ("bed", "partner"),
    "partner_high": ("bed", "furniture"),
    "apnoea": ("breath", "resumed_breath"),
    "cough": ("cough", "bout"),
    "fidget": ("fidget", "finger"),
    "posture_flick": ("turn", "flick_before_turn"),
    "sensor": ("sensor", "burst"),
    "cable": ("cable", "tug"),
    "rem": ("twitch", "rem"),
    "jerky": ("onset_jerk", "doublet"),
    "periodic": ("series", "arm"),
    "awake": ("awake", "limb"),
    "sleepless_middle": ("awake", "turn"),
}


@cache
def short(scenario: str, rate_hz: float = 25.0) -> MadeNight:
    return bedside.night(scenario, 4, hours=HOURS, rate_hz=rate_hz)


def banded(values):
    return sosfiltfilt(butter(2, [2.0, 20.0], "bandpass", fs=100.0, output="sos"), values, axis=0)


def test_the_same_arguments_make_the_same_night_bit_for_bit():
    again = bedside.night("cable", 4, hours=HOURS, rate_hz=25.0)
    assert_array_equal(short("cable").acceleration_g, again.acceleration_g)
    assert short("cable").truth.equals(again.truth)
    other = bedside.night("cable", 5, hours=HOURS, rate_hz=25.0)
    assert not np.array_equal(other.acceleration_g, again.acceleration_g)


@pytest.mark.parametrize("scenario", a_few(bedside.SCENARIOS, of=3))
def test_truth_is_sorted_and_typed_and_its_states_agree_with_sleep(scenario):
    made = short(scenario)
    truth = made.truth
    assert made.acceleration_g.shape == (round(HOURS * 3600 * 25), 3)
    assert made.acceleration_g.dtype == np.float64
    assert np.isfinite(made.acceleration_g).all()
    assert tuple(truth.columns) == TRUTH_COLUMNS
    assert truth.onset_s.is_monotonic_increasing
    assert (truth.offset_s > truth.onset_s).all()
    assert set(truth.kind) <= set(KINDS)
    assert set(truth.state) <= set(STATES)
    assert (truth.peak_g.isna() == (truth.kind == "sensor")).all()
    for onset_s, state in zip(truth.onset_s, truth.state, strict=True):
        inside = made.sleep_s is not None and made.sleep_s[0] <= onset_s < made.sleep_s[1]
        awake = not inside or any(a <= onset_s < b for a, b in made.wake_s)
        assert state == "falling_asleep" or state == ("wake" if awake else "sleep")
        if state == "falling_asleep":
            assert made.sleep_s is not None
            assert made.sleep_s[0] - 600 <= onset_s <= made.sleep_s[0] + 120


@pytest.mark.parametrize("scenario", bedside.SCENARIOS)
def test_whole_nights_hold_what_their_scenario_promises(scenario):
    plans = [bedside.plan(scenario, seed) for seed in range(8)]
    happened = {(e.kind, e.family) for plan in plans for e in plan.events}
    assert MARKS[scenario] in happened
    families = {family for kind, family in happened if kind == "twitch"}
    assert families >= set(twitches.FAMILIES) if scenario != "still" else not families
    for plan in plans:
        slept = sum(stop - start for start, stop in plan.sleeping.spans()) / 3600
        assert slept > 4 or scenario in ("awake", "sleepless_middle")
        assert all(a[1] < b[0] for a, b in zip(plan.sleeping.wake_s, plan.sleeping.wake_s[1:], strict=False))


@pytest.mark.parametrize("device", ["good", "noisy", "coarse"])
def test_a_still_sensor_reads_one_g_but_for_its_own_errors(device):
    made = bedside.night("still", 2, hours=0.2, rate_hz=50.0, device=device)
    board = bedside.board_of(2, device)
    still = (
        made.acceleration_g[: int(made.truth.onset_s.min() * 50) if len(made.truth) else None]
        - board.offset_g
    )
    norm = np.linalg.norm(still.mean(axis=0))
    assert abs(norm - 1.0) < 0.045 + board.warming_c * np.abs(board.drift_g_c).max()
    steps = made.acceleration_g / board.step_g
    assert_allclose(steps, np.round(steps), atol=1e-6)


def test_a_board_that_is_better_is_quieter():
    noise = {d: draw_board(np.random.default_rng(1), d).noise_g(100.0) for d in ("good", "coarse", "noisy")}
    assert noise["good"] < noise["coarse"] < noise["noisy"]


@pytest.mark.parametrize("family", twitches.WAVES)
def test_a_twitch_is_as_strong_as_ordered_and_gravity_comes_back_when_it_should(family):
    for seed in range(5):
        rng = np.random.default_rng([seed, 7])
        up = any_direction(rng)
        place = Place(draw_person(rng), draw_bed(rng), up)
        motion = grown_to(twitches.WAVES[family](rng, place, {}), up, 0.1)
        force_g = motion.force_g(up)
        assert_allclose(np.linalg.norm(turned(up, motion.rotation_rad), axis=1), 1.0, atol=1e-9)
        assert_allclose(force_g[0], up, atol=0.003)
        assert_allclose(motion.pushes_g()[-1], 0.0, atol=0.001)
        left = np.linalg.norm(motion.rotation_rad[-1]) / np.linalg.norm(motion.rotation_rad, axis=1).max()
        if family in RETURNING:
            assert left < 0.01
        if family == "partial_return":
            assert 0.04 < left < 0.41


def test_between_events_nothing_leaps():
    made = short("ordinary", 100.0)
    board = bedside.board_of(4)
    quiet = np.ones(len(made.acceleration_g), bool)
    for row in made.truth.itertuples():
        quiet[int((row.onset_s - 0.2) * 100) : int((row.offset_s + 0.5) * 100)] = False
    leap = np.abs(np.diff(made.acceleration_g, axis=0)).max(axis=1)[quiet[1:] & quiet[:-1]]
    assert quiet.mean() > 0.3
    assert leap.max() < 6.0 * np.sqrt(2.0) * board.noise_g(100.0) + 2.0 * board.step_g


def test_what_is_not_in_the_truth_moves_the_wrist_by_less_than_five_milli_g():
    plan = bedside.plan("ordinary", 6, HOURS)
    stage, rests, ends = making.played(plan, None)
    strength = np.linalg.norm(banded(making.felt(plan, stage, rests)), axis=1)
    for event, (offset_s, _) in zip(plan.events, ends, strict=True):
        strength[int((event.onset_s - 0.5) * 100) : int((offset_s + 0.5) * 100)] = 0.0
    assert strength.max() < 0.005


def test_every_rate_has_the_same_truth():
    truths = [short("cough", rate_hz).truth for rate_hz in (25.0, 50.0, 100.0)]
    assert len(truths[0]) > 5
    assert truths[0].equals(truths[1])
    assert truths[0].equals(truths[2])
    odd = bedside.night("cough", 4, hours=0.1, rate_hz=31.25)
    assert len(odd.acceleration_g) == 11250


def test_the_strength_in_the_truth_is_what_leaving_the_event_out_takes_away():
    plan = bedside.plan("jerky", 3, HOURS)
    stage, rests, ends = making.played(plan, None)
    whole_g = making.felt(plan, stage, rests)
    chosen = [
        n for n, event in enumerate(plan.events) if event.kind in ("twitch", "onset_jerk", "limb", "bed")
    ][:8]
    assert len(chosen) >= 4
    for number in chosen:
        stage, rests, _ = making.played(plan, number)
        missing_g = whole_g - making.felt(plan, stage, rests)
        at, until = int(plan.events[number].onset_s * 100), int(ends[number][0] * 100)
        window = banded(missing_g[max(at - 500, 0) : until + 500])
        measured_g = np.linalg.norm(window, axis=1).max()
        assert measured_g == pytest.approx(ends[number][1], rel=0.03)


def test_a_night_without_an_event_differs_in_the_record_where_the_event_was():
    made = short("jerky", 100.0)
    row = made.truth.index[made.truth.kind == "onset_jerk"][0]
    without = bedside.night("jerky", 4, hours=HOURS, leave_out=int(row))
    others = made.truth.drop(index=row).reset_index(drop=True)
    assert without.truth[["onset_s", "kind", "family", "state"]].equals(
        others[["onset_s", "kind", "family", "state"]]
    )
    differs = np.linalg.norm(made.acceleration_g - without.acceleration_g, axis=1)
    onset_s, offset_s = made.truth.onset_s[row], made.truth.offset_s[row]
    assert differs[: int(onset_s * 100)].max() == 0.0
    assert differs[int(onset_s * 100) : int(offset_s * 100) + 5].max() > 0.3 * made.truth.peak_g[row]
