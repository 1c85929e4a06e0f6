"""The filter by its response does what the textbook's filter does, wherever a piece begins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from sleepjerk.detection import bands
from sleepjerk.detection.bands import band_pass, matched, running_sums, window_rms
from sleepjerk.detection.level import Level
from tests.support.made_signals import FS, jerk, still


def textbook(values: np.ndarray, fs: float, low_hz: float, high_hz: float) -> np.ndarray:
    """A digital Butterworth filter, forwards and backwards."""
    sos = signal.butter(2, [low_hz, high_hz], btype="bandpass", fs=fs, output="sos")
    return signal.sosfiltfilt(sos, values.astype(np.float64), padlen=int(fs / low_hz))


@pytest.mark.parametrize(
    ("fs", "low_hz", "high_hz"), [(100, 2, 20), (100, 1, 8), (62.5, 2, 20), (104.2, 1, 8)]
)
def test_it_is_the_textbook_filter_run_both_ways(fs: float, low_hz: float, high_hz: float) -> None:
    moved = still(900, noise_g=0.003) + jerk(300, 0.5, 900) + jerk(450, 0.02, 900)
    count = moved.shape[1]
    ours = band_pass(moved, fs, low_hz, high_hz, np.array([[0, count]]))
    theirs = np.stack([textbook(axis, fs, low_hz, high_hz) for axis in moved])
    inside = slice(round(5 * fs), count - round(5 * fs))
    np.testing.assert_allclose(ours[:, inside], theirs[:, inside], atol=3e-7)


def test_an_upper_corner_beyond_the_rate_is_lowered() -> None:
    moved = still(60, noise_g=0.003, fs=25.0)
    whole = np.array([[0, moved.shape[1]]])
    np.testing.assert_array_equal(band_pass(moved, 25.0, 2, 20, whole), band_pass(moved, 25.0, 2, 10, whole))


@pytest.mark.parametrize("fs", [0.5, 3.0, 5.0])
def test_a_rate_too_low_for_any_of_the_band_lets_nothing_through(fs: float) -> None:
    moved = still(600, noise_g=0.003, fs=fs)
    assert not band_pass(moved, fs, 2, 20, np.array([[0, moved.shape[1]]])).any()


def test_no_value_depends_on_where_pieces_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = still(1200, noise_g=0.003) + jerk(300, 1.5, 1200)
    whole = np.array([[0, 50_000], [50_020, 120_000]])
    ours = band_pass(moved, FS, 1, 8, whole)
    monkeypatch.setattr(bands, "_BLOCKS", 3)
    np.testing.assert_allclose(band_pass(moved, FS, 1, 8, whole), ours, atol=2e-7)


def test_nothing_is_seen_outside_the_segments_and_in_those_too_short() -> None:
    moved = still(60, noise_g=0.003)
    ours = band_pass(moved, FS, 2, 20, np.array([[100, 3000], [3010, 3050]]))
    assert not ours[:, :100].any()
    assert not ours[:, 3000:].any()
    assert ours[:, 100:3000].any()


@pytest.mark.parametrize("length", [7, 8])
def test_a_wave_answers_at_its_own_middle(length: int) -> None:
    wave = np.arange(1, length + 1, dtype=np.float32)
    block = np.zeros(1 << 14, dtype=np.float32)
    block[5000 - length // 2 : 5000 - length // 2 + length] = wave
    answer = np.fft.irfft(np.fft.rfft(block) * matched(wave))
    assert int(np.argmax(answer)) == 5000
    assert answer.max() == pytest.approx(float(wave @ wave), rel=1e-5)


@given(st.lists(st.floats(0, 4, width=32), min_size=1, max_size=40), st.integers(1, 12))
def test_the_root_mean_square_of_windows_is_that_of_each(values: list[float], window: int) -> None:
    window = min(window, len(values))
    squares = np.square(np.array(values))
    expected = [np.sqrt(np.mean(squares[at : at + window])) for at in range(len(values) - window + 1)]
    sums, doubled = running_sums(squares, 2 * squares)
    np.testing.assert_allclose(window_rms(sums, window), expected, atol=1e-6)
    np.testing.assert_array_equal(doubled, 2 * sums)


@given(st.integers(1, 9), st.integers(1, 8), st.integers(0, 7), st.integers(0, 5), st.data())
def test_a_level_is_a_straight_line_between_its_knots(
    knots: int, step: int, first: int, start: int, data: st.DataObject
) -> None:
    half = data.draw(st.sampled_from([0.0, 0.5]))
    values = np.array(data.draw(st.lists(st.floats(0, 1), min_size=knots, max_size=knots)), dtype=np.float32)
    end = start + int(first + half) + step * (knots - 1) + 1 + data.draw(st.integers(0, 9))
    place = np.array([[start, end]]), np.array([first + half])
    level = Level(end + 3, *place, step, np.array([knots]), values)
    at = np.arange(start, end)
    expected = np.zeros(end + 3)
    expected[start:end] = np.interp(at, start + first + half + step * np.arange(knots), values)
    np.testing.assert_allclose(level.everywhere(), expected, atol=1e-6)
    np.testing.assert_allclose(level.at(np.arange(end + 3)), expected, atol=1e-6)


def test_a_segment_that_fits_a_shorter_block_is_filtered_as_in_a_long_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (3, 3000)).astype(np.float32)
    segments = np.array([[0, 700], [720, 731], [750, 3000]])
    short = band_pass(noise, 100.0, 1.0, 20.0, segments)
    monkeypatch.setattr(bands, "_blocks", lambda needed: np.full(len(needed), bands._BLOCK))
    np.testing.assert_allclose(short, band_pass(noise, 100.0, 1.0, 20.0, segments), atol=2e-7)
