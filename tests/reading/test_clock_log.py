"""A board's clock on the computer's: made clock logs whose truth is known, and logs that are no help."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_io.assemble.timeline import TimeLine
from sleepjerk.reading import read_recording
from sleepjerk.reading.device_clock import Pairs, fit_clock
from sleepjerk.rules import Rules
from tests.reading.made_files import put, table
from tests.support.marks import examples

Array = NDArray[np.float64]
RULES = Rules().reading
HOST_S, UTC_S = 5000.0, 1_764_000_000.0  # the computer's clocks at the first sample
BATCH_S = 0.1
TRANSPORT_S = 0.002
HEADER = "t_us,host_monotonic_s,host_utc_s,event"


@dataclass(frozen=True)
class Board:
    """How its clock goes: steadily fast, and faster by some at first; when it is reset, and how it is heard."""

    ppm: float = 0.0
    warm_ppm: float = 0.0
    warm_s: float = 1200.0
    resets_s: tuple[float, ...] = ()
    late_s: float = 0.02
    stalls: tuple[tuple[float, float], ...] = ()
    seed: int = 1


def own_time(board: Board, true_s: Array) -> Array:
    """What its clock says, had it never been reset."""
    warming = board.warm_ppm * board.warm_s * (1 - np.exp(-true_s / board.warm_s))
    return np.asarray(true_s + 1e-6 * (board.ppm * true_s + warming))


def heard(board: Board, hours: float) -> tuple[Pairs, Array, Array]:
    """The pairs that the recorder logs of it, and of each batch where its time line has it and when it was taken."""
    true_s = np.arange(BATCH_S, hours * 3600, BATCH_S / (1 + 1e-6 * board.ppm))
    ticks_s = own_time(board, true_s)
    came_s = true_s + TRANSPORT_S + np.random.default_rng(board.seed).exponential(board.late_s, len(true_s))
    came_s = np.ceil(came_s / 0.016) * 0.016
    for begin_s, lasting_s in board.stalls:
        came_s[(came_s >= begin_s) & (came_s < begin_s + lasting_s)] = begin_s + lasting_s
    came_s = HOST_S + np.maximum.accumulate(came_s)
    up, began = np.ones(len(true_s), dtype=bool), np.zeros(len(true_s), dtype=bool)
    for reset_s in board.resets_s:
        down, again = np.searchsorted(true_s, [reset_s, reset_s + 3]).tolist()
        up[down:again], began[again] = False, True
        ticks_s[again:] -= ticks_s[again] - 0.4
    line, place_s, resets = TimeLine(), [], []
    rows: list[tuple[float, float]] = []
    prompt: tuple[float, float, float] | None = None
    due_s = fresh_s = 0.0
    for place in np.flatnonzero(up).tolist():
        now_s = float(came_s[place])
        t_us, again = line.place(round(1e6 * ticks_s[place]), now_s, restart=bool(began[place]), wraps=False)
        line.advance(t_us, now_s)
        place_s.append(t_us / 1e6)
        resets += [t_us / 1e6] if again else []
        fresh_s = now_s + 30 if again or not fresh_s else fresh_s
        if now_s >= due_s or (now_s < fresh_s and now_s >= due_s - 9):
            rows += [] if prompt is None else [(prompt[2], prompt[1])]
            prompt, due_s = None, now_s + 10
        if prompt is None or now_s - t_us / 1e6 < prompt[0]:
            prompt = (now_s - t_us / 1e6, now_s, t_us / 1e6)
    device_s, host_s = np.array(rows).T
    return Pairs(device_s, host_s, np.array(resets), np.empty(0)), np.array(place_s), HOST_S + true_s[up]


def off_s(board: Board, hours: float = 4) -> Array:
    """(n,) how far from the truth batches are placed; the time on the wire is part of it."""
    pairs, place_s, true_s = heard(board, hours)
    return np.asarray(fit_clock(pairs, RULES).on_host(place_s) - true_s)


@given(
    ppm=st.floats(-10_000, 10_000),
    warm_ppm=st.floats(-100, 100),
    warm_s=st.floats(600, 3600),
    resets_s=st.lists(st.floats(600, 13_000), max_size=3),
    late_s=st.floats(0.001, 0.03),
    stalls=st.lists(st.tuples(st.floats(0, 14_000), st.floats(1, 180)), max_size=4),
    seed=st.integers(0, 1000),
)
@settings(max_examples=examples(12), deadline=None)
def test_every_sample_is_placed_within_10_ms_whatever_the_clock_and_the_computer_do(
    ppm: float,
    warm_ppm: float,
    warm_s: float,
    resets_s: list[float],
    late_s: float,
    stalls: list[tuple[float, float]],
    seed: int,
) -> None:
    board = Board(ppm, warm_ppm, warm_s, _apart(resets_s), late_s, tuple(stalls), seed)
    assert np.abs(off_s(board)).max() < 0.010


def _apart(times_s: list[float]) -> tuple[float, ...]:
    """Those that are minutes after the one before."""
    kept: list[float] = []
    for time_s in sorted(times_s):
        if not kept or time_s - kept[-1] > 300:
            kept.append(time_s)
    return tuple(kept)


def test_a_night_of_8_h_is_as_true_at_its_end_as_in_its_beginning() -> None:
    error_s = off_s(Board(2000, 100, 1200, (9_000, 9_500, 20_000), stalls=((15_000, 600),)), hours=8)
    assert np.abs(error_s).max() < 0.010


def test_a_board_that_brings_itself_up_again_and_again_is_placed_all_the_same() -> None:
    resets_s = tuple(5000.0 + 20 * number for number in range(10))
    error_s = off_s(Board(-3000, -80, resets_s=resets_s))
    assert np.abs(error_s).max() < 0.015  # in 17 s a resting clock and a late one are hard to tell apart
    assert np.quantile(np.abs(error_s), 0.99) < 0.008


def test_one_wrong_pair_moves_nothing() -> None:
    pairs, place_s, true_s = heard(Board(500), 2)
    for number, wrong_s in ((100, -3.0), (300, 7.0)):
        pairs.host_s[number] += wrong_s
    assert np.abs(fit_clock(pairs, RULES).on_host(place_s) - true_s).max() < 0.010


# Files.

SECONDS, HZ = 2400, 20


def write_night(
    folder: Path, *, ppm: float, wall_s: Array | None = None, events: dict[int, str] | None = None
) -> Path:
    """A still arm with a knock each 5 min of true time, by a clock that is fast, and its log."""
    true_s = np.arange(SECONDS * HZ) / HZ
    z_g = np.where(np.arange(len(true_s)) % (300 * HZ) == 100, 1.5, 1.0)
    wobble_g = np.random.default_rng(2).integers(-9, 9, (3, len(true_s))) / 1000
    device_us = np.rint(1e6 * true_s * (1 + 1e-6 * ppm)).astype(int)
    lines = [
        f"{t},{x:.3f},{y:.3f},{z:.3f}"
        for t, x, y, z in zip(device_us, wobble_g[0], wobble_g[1], z_g + wobble_g[2], strict=True)
    ]
    put(folder, "\n".join(["t_us,x_g,y_g,z_g", *lines, ""]))
    every = slice(None, None, 5 * HZ)
    late_s = np.random.default_rng(3).exponential(0.01, len(true_s))[every]
    wall_s = np.zeros(len(late_s)) if wall_s is None else wall_s
    log = [
        (t, f"{HOST_S + s + late:.6f}", f"{UTC_S + s + late + wall:.6f}", (events or {}).get(number, ""))
        for number, (t, s, late, wall) in enumerate(
            zip(device_us[every], true_s[every], late_s, wall_s, strict=True)
        )
    ]
    put(folder, table(HEADER, log), "night.clock.csv")
    start = datetime.fromtimestamp(UTC_S + wall_s[0], UTC).isoformat()
    put(folder, f'{{"start_utc": "{start}", "zone": "UTC", "lights_off": "{start}"}}', "night.json")
    return folder / "night.csv"


def knocks_s(path: Path) -> Array:
    """When the knocks were, as the recording is read."""
    recording = read_recording(path)
    return np.flatnonzero(recording.acceleration_g[2] > 1.25) / recording.rate_hz


TRUE_KNOCKS_S = np.arange(SECONDS // 300) * 300 + 5.0


@pytest.mark.parametrize("ppm", [2000.0, -8000.0])
def test_movements_are_where_they_were_by_the_computers_clock(ppm: float, tmp_path: Path) -> None:
    path = write_night(tmp_path, ppm=ppm)
    np.testing.assert_allclose(knocks_s(path), TRUE_KNOCKS_S, atol=0.01)
    device = read_recording(path).device
    assert device.clock_drift_ppm == pytest.approx(ppm, abs=5)
    assert device.clock_doubt is None
    assert device.host_start_s == pytest.approx(HOST_S, abs=0.01)
    ((from_s, applied_ppm),) = device.clock_rates or ()
    assert (from_s, applied_ppm) == (0.0, pytest.approx(ppm, abs=5))


def test_a_clock_no_board_has_is_told_and_not_believed(tmp_path: Path) -> None:
    path = write_night(tmp_path, ppm=50_000)
    device = read_recording(path).device
    assert (device.clock_doubt, device.clock_rates) == ("fast", None)
    assert device.clock_drift_ppm == pytest.approx(50_000, rel=0.01)
    assert knocks_s(path)[-1] == pytest.approx(TRUE_KNOCKS_S[-1] * 1.05, abs=0.1)


@pytest.mark.parametrize("step_s", [3600.0, -75.0])
def test_a_wall_clock_that_is_put_right_mends_the_start_and_marks_set_before(
    step_s: float, tmp_path: Path
) -> None:
    rows = SECONDS // 5
    wall_s = np.where(np.arange(rows) < 200, -step_s, 0.0)
    recording = read_recording(write_night(tmp_path, ppm=100, wall_s=wall_s))
    begun = datetime.fromtimestamp(UTC_S, UTC)
    assert recording.start is not None
    assert abs((recording.start - begun).total_seconds()) < 0.01
    assert recording.device.clock_step_s == pytest.approx(step_s, abs=0.01)
    assert recording.marks.lights_off is not None
    assert abs((recording.marks.lights_off - begun).total_seconds()) < 0.01


def test_a_step_where_the_computer_may_have_slept_mends_nothing(tmp_path: Path) -> None:
    wall_s = np.where(np.arange(SECONDS // 5) < 200, 0.0, 900.0)
    recording = read_recording(write_night(tmp_path, ppm=100, wall_s=wall_s, events={201: "reconnect"}))
    assert recording.device.clock_step_s is None
    assert recording.start is not None
    assert recording.start.timestamp() == pytest.approx(UTC_S, abs=0.1)


def test_a_log_that_ends_early_is_told_of_a_night_and_not_of_a_rehearsal(tmp_path: Path) -> None:
    path = write_night(tmp_path, ppm=2000)
    log = tmp_path / "night.clock.csv"
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:100]))
    assert read_recording(path).device.clock_doubt == "ended"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[: 1000 * HZ]))
    assert read_recording(path).device.clock_doubt == "short"


@pytest.mark.parametrize(
    ("damage", "doubt"),
    [
        (lambda lines: lines[:1], "ended"),
        (lambda lines: lines[:100], "ended"),
        (lambda lines: lines[:1] + lines[:0:-1], "wrong"),
        (lambda lines: [line.replace(",1764", ",1700") for line in lines], "other"),
        (lambda lines: [line[::-1] for line in lines], "wrong"),
        (lambda lines: [lines[0], *(f"{9 * n},{n},{UTC_S + n},\n" for n in range(400))], "ended"),
        (
            lambda lines: [
                lines[0],
                *(f"{n**3 * 100},{HOST_S + 5 * n},{UTC_S + 5 * n},\n" for n in range(480)),
            ],
            "wrong",
        ),
    ],
)
def test_a_log_that_is_no_help_changes_no_time_and_says_why(
    damage: object, doubt: str, tmp_path: Path
) -> None:
    path = write_night(tmp_path, ppm=2000)
    log = tmp_path / "night.clock.csv"
    log.write_text("".join(damage(log.read_text().splitlines(keepends=True))))  # type: ignore[operator]
    device = read_recording(path).device
    assert (device.clock_doubt, device.clock_rates, device.host_start_s) == (doubt, None, None)
    np.testing.assert_allclose(knocks_s(path), TRUE_KNOCKS_S * 1.002, atol=0.06)
