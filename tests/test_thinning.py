"""Every n-th sample after a low-pass, and samples filled in, held against sums, tones of known gain, and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from sleepjerk.thinning import fill_in, low_pass, thin


@given(seed=st.integers(0, 99), factor=st.integers(2, 9), half=st.integers(1, 30), size=st.integers(0, 400))
def test_each_sample_is_the_sum_of_taps_times_samples(seed: int, factor: int, half: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    taps = rng.normal(size=2 * half + 1)
    samples = rng.normal(size=(3, len(taps) + size)).astype(np.float32)
    made = thin(samples, taps, factor)
    assert made.shape == (3, size // factor + 1)
    for number in range(made.shape[1]):
        begin = number * factor
        expected = samples[:, begin : begin + len(taps)].astype(np.float64) @ taps[::-1]
        assert made[:, number] == pytest.approx(expected, abs=1e-4)


def test_parts_of_a_long_recording_leave_no_seam() -> None:
    time_s = np.arange(400 * 600) / 400
    tone = np.stack([np.sin(2 * np.pi * hz * time_s) for hz in (1.0, 5.0, 11.3)]).astype(np.float32)
    taps = low_pass(40, 0.25, 5.65)
    made = thin(tone, taps, 4)
    there = tone[:, 40 : tone.shape[1] - 40 : 4]
    assert np.abs(made - there).max() < 2e-3


@pytest.mark.parametrize(
    ("hz", "least", "most"), [(0.0, 0.9999, 1.0001), (50.0, 0.45, 0.55), (90.0, 0.0, 2e-3)]
)
def test_the_low_pass_keeps_what_the_slower_grid_can_hold(hz: float, least: float, most: float) -> None:
    taps = low_pass(40, 0.25, 5.65)  # of 400 Hz: half of the amplitude at 50 Hz
    gain = abs(np.sum(taps * np.exp(-2j * np.pi * hz / 400 * np.arange(len(taps)))))
    assert least <= gain <= most
    assert taps == pytest.approx(taps[::-1])


@pytest.mark.parametrize(("up", "down"), [(2, 1), (4, 1), (10, 3), (25, 8), (11, 7), (4, 3)])
@pytest.mark.parametrize("count", [2, 3, 37, 20_001])
def test_samples_are_filled_in_as_scipy_does_to_the_last_digit(up: int, down: int, count: int) -> None:
    samples = np.random.default_rng(count).normal(size=(3, count)).astype(np.float32)
    taps = low_pass(10 * max(up, down), 1 / max(up, down), 5.0)
    expected = signal.resample_poly(samples, up, down, axis=1, window=taps, padtype="line")
    assert np.array_equal(fill_in(samples, taps, up, down), expected.astype(np.float32))
